"""Orders as pulled: raw first, versioned, the buyer sealed. A record that has not changed writes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import sqlalchemy as sa

from sync.domain.clock import to_micros
from sync.domain.ids import AccountId, OrderId
from sync.domain.orders import OrderStatus, RemoteOrder, RemoteOrderLine
from sync.domain.people import Address, Person
from sync.store import order_rows
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.events import add_event
from sync.store.forgetting import indexes, was_forgotten
from sync.store.locking import lock_orders
from sync.store.order_rows import NOBODY, Buyer
from sync.store.tables import account, customer_order, hold, offer_quantity, order_line
from sync.store.tables.orders import open_order_hold

_BATCH = 500
_ENDED = frozenset({OrderStatus.COMPLETED, OrderStatus.CANCELLED})

OUR_LINE = "case:"
"""What the external id of an order line begins with that no shop knows: goods that go out by a case."""
GONE = "gone"
"""The status of an order that its shop no longer knows, beside what a shop can say itself (OrderStatus)."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What storing one order did."""

    id: OrderId
    created: bool
    changed: bool
    late: bool = False
    """Whether a known order has a line that waits for the requests to be read (`late_lines_wait`)."""


async def save(
    tx: Tx,
    account_id: AccountId,
    remote: RemoteOrder,
    *,
    history: bool,
    masked: bool,
    late_lines_wait: bool = False,
) -> Saved:
    """Store one order with its raw record; a change raises its version and asks for a review.

    `late_lines_wait`: a line that a known order has all of a sudden may be the other goods of an exchange, and is not
    sent before the shop's requests were read. Refunds that the shop shows may have put goods back into its stock.

    The person of an order that was erased stays out, whatever the shop tells of it later. So does the
    person of an ended order that a shop tells for the first time although that person was erased since.
    """
    c = customer_order.c
    await tx.alone("order", f"{account_id}:{remote.external_id}")
    row = await tx.one(
        sa.select(c.id, c.remote_hash, c.erased_at)
        .where(
            customer_order.c.account_id == account_id,
            customer_order.c.external_id == remote.external_id,
        )
        # an erasure beside it comes before or after, never in between
        .with_for_update(key_share=True)
    )
    digest = order_rows.digest(tx.sealer, remote)
    if row is not None and row.remote_hash == digest:
        await note_reread(tx, row.id)
        return Saved(OrderId(row.id), created=False, changed=False)
    if row is None:
        order_id = await _insert(tx, account_id, remote, digest, history=history, masked=masked)
        if ended(remote.status, history=history):
            await _leave_out_the_forgotten(tx, order_id, remote)
        await shop_moved(tx, account_id, {line.variant_external_id: 0 for line in remote.lines})
        await add_event(tx, order_id, "pulled", f"order {remote.number} pulled", status=remote.status.value)
        return Saved(order_id, created=True, changed=True)
    order_id = OrderId(row.id)
    await _update(tx, order_id, remote, digest, masked=masked, erased=row.erased_at is not None)
    late = await _update_lines(tx, account_id, order_id, remote.lines, late_lines_wait=late_lines_wait)
    if any(payment.refunds for payment in remote.payments):
        await shop_moved(tx, account_id, {line.variant_external_id: 0 for line in remote.lines})
    await add_event(
        tx,
        order_id,
        "changed",
        "the shop shows a change",
        status=remote.status.value,
        payment=remote.payment.value,
    )
    return Saved(order_id, created=False, changed=True, late=late)


def ended(status: str, *, history: bool) -> bool:
    """Whether nothing is left to be done for an order that is told for the first time."""
    return history or status in _ENDED


async def _leave_out_the_forgotten(tx: Tx, order_id: OrderId, remote: RemoteOrder) -> None:
    digests = {one for one in indexes(tx.sealer, remote.buyer, remote.ship_to).values() if one}
    if await was_forgotten(tx, digests, to_micros(remote.placed_at)):
        await tx.run(
            sa.update(customer_order)
            .where(customer_order.c.id == order_id)
            .values(erased_at=tx.now(), **NOBODY)
        )


async def open_ids(
    tx: Tx, account_id: AccountId, before: datetime, limit: int
) -> Sequence[tuple[OrderId, str]]:
    """Open orders (our id, the shop's) that were last read before a moment, the longest unread first."""
    unread = sa.func.coalesce(customer_order.c.reread_at, 0)
    rows = await tx.all(
        sa.select(customer_order.c.id, customer_order.c.external_id)
        .where(
            customer_order.c.account_id == account_id,
            customer_order.c.closed_at.is_(None),
            unread < to_micros(before),
        )
        .order_by(unread)
        .limit(limit)
    )
    return [(OrderId(row.id), row.external_id) for row in rows]


def called(number: str) -> sa.ColumnElement[bool]:
    """The orders that a person may mean by a number.

    Some shops put a sign before theirs (`#1001`). It may be left out: a shell takes what follows it for a comment.
    """
    return customer_order.c.number.in_((number, f"#{number}"))


async def due_reviews(tx: Tx, account_id: AccountId, limit: int) -> Sequence[OrderId]:
    """Orders about which something changed, the oldest change first."""
    rows = await tx.all(
        sa.select(customer_order.c.id)
        .where(customer_order.c.account_id == account_id, customer_order.c.review_at.is_not(None))
        .order_by(customer_order.c.review_at)
        .limit(limit)
    )
    return [OrderId(row.id) for row in rows]


async def hold_rows(tx: Tx, order_ids: Iterable[str]) -> None:
    """Hold these orders before anything that belongs to them is written (sync.store.locking: they come first)."""
    await lock_orders(tx, customer_order.c.id.in_(sorted(set(order_ids))))


async def hold_named(tx: Tx, account_id: AccountId, external_ids: Iterable[str]) -> None:
    """The same by the shop's ids, as far as the orders are known."""
    named = customer_order.c.external_id.in_(sorted(set(external_ids)))
    await lock_orders(tx, named & (customer_order.c.account_id == account_id))


async def ask_review(tx: Tx, order_ids: Sequence[str]) -> None:
    """Something about these orders changed: look at them again.

    Every row is written, also where a review is asked for already: whoever reviews it just now is waited for, since
    he may not have seen what we have changed, and ends with having nothing more asked for.
    """
    await tx.run(
        sa.update(customer_order)
        .where(customer_order.c.id == sa.bindparam("order"))
        .values(review_at=_asked(sa.bindparam("at", type_=sa.BigInteger))),
        [{"order": order, "at": tx.now()} for order in sorted(set(order_ids))],
    )


async def ask_review_of_held(tx: Tx) -> int:
    """A SKU, a rule or a figure is new: every held order gets another look. Returns how many."""
    held = sa.update(customer_order).where(customer_order.c.state == "held")
    return await tx.run(held.values(review_at=_asked(sa.literal(tx.now(), sa.BigInteger))))


async def ask_review_of_refused(tx: Tx) -> list[str]:
    """Goods came in: orders that wait since a supplier refused them get another look. Returns their shops."""
    waits = sa.and_(hold.c.rule.startswith("supplier refused "), open_order_hold)
    here = customer_order.c.id.in_(sa.select(hold.c.order_id).where(waits))
    shops = await tx.all(sa.select(customer_order.c.account_id).where(here).distinct())
    if shops:
        asked = _asked(sa.literal(tx.now(), sa.BigInteger))
        await tx.run(sa.update(customer_order).where(here).values(review_at=asked))
    return [row.account_id for row in shops]


def _asked(now: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """Since when a review is asked for: as before, or from now on."""
    return sa.func.coalesce(customer_order.c.review_at, now)


async def revive_history(tx: Tx, account_id: AccountId, live_from: datetime) -> int:
    """At the cut-over: orders pulled while observing are worked on, if placed since (by the shop's clock)."""
    return await tx.run(
        sa.update(customer_order)
        .where(
            customer_order.c.account_id == account_id,
            customer_order.c.state == "history",
            customer_order.c.placed_at >= to_micros(live_from),
        )
        .values(state="received", closed_at=None, review_at=tx.now())
    )


async def mark_gone(tx: Tx, order_id: OrderId) -> None:
    """The shop says that this order does not exist any more. Should it show it again, that is a change."""
    known = (customer_order.c.id == order_id) & (customer_order.c.status != GONE)
    values = {"status": GONE, "remote_hash": "", "review_at": tx.now()}
    if await tx.run(sa.update(customer_order).where(known).values(**values)):
        await add_event(tx, order_id, "gone", "the shop no longer knows this order")
    await note_reread(tx, order_id)


async def buyer(tx: Tx, order_id: str) -> Buyer:
    """Open the sealed part of an order. Nothing of it may reach a log."""
    sealed = await tx.scalar(sa.select(customer_order.c.person_sealed).where(customer_order.c.id == order_id))
    if sealed is None:
        return Buyer(Person(), Address(), "")
    plain = tx.sealer.open("customer_order", order_id, "person", sealed)
    return msgspec.json.decode(plain, type=Buyer)


async def _insert(
    tx: Tx, account_id: AccountId, remote: RemoteOrder, digest: str, *, history: bool, masked: bool
) -> OrderId:
    row = order_rows.fresh(tx, account_id, remote, digest, history=history, masked=masked)
    await tx.run(sa.insert(customer_order).values(row))
    await _put_lines(tx, row["id"], remote.lines)
    return OrderId(row["id"])


async def _update(
    tx: Tx, order_id: OrderId, remote: RemoteOrder, digest: str, *, masked: bool, erased: bool
) -> None:
    await tx.run(
        sa.update(customer_order)
        .where(customer_order.c.id == order_id)
        .values(
            version=customer_order.c.version + 1,
            remote_hash=digest,
            **order_rows.columns(tx, order_id, remote, masked=masked) | (NOBODY if erased else {}),
        )
    )


async def _put_lines(tx: Tx, order_id: str, lines: Sequence[RemoteOrderLine]) -> None:
    insert = upsert(order_line)
    taken = {
        name: insert.excluded[name]
        for name in ("quantity", "ordered", "unit_price", "total_minor", "charged", "ship_by")
    }
    statement = insert.on_conflict_do_update(index_elements=["order_id", "external_id"], set_=taken)
    await tx.run(statement, [order_rows.line(tx.new_id(), order_id, line) for line in lines])


async def _update_lines(
    tx: Tx,
    account_id: AccountId,
    order_id: str,
    lines: Sequence[RemoteOrderLine],
    *,
    late_lines_wait: bool,
) -> bool:
    rows = await tx.all(
        sa.select(order_line.c.external_id, order_line.c.quantity, order_line.c.variant_external_id).where(
            order_line.c.order_id == order_id
        )
    )
    before = {row.external_id: row for row in rows}
    present = {line.external_id: line for line in lines}
    returned: dict[str | None, int] = {}
    for external_id, row in before.items():
        now = present[external_id].quantity if external_id in present else 0
        if now != row.quantity:
            back = returned.get(row.variant_external_id, 0)
            returned[row.variant_external_id] = back + max(0, row.quantity - now)
    for line in lines:
        if line.external_id not in before:
            returned.setdefault(line.variant_external_id, 0)
    await _put_lines(tx, order_id, lines)
    late = [name for name in present if name not in before] if late_lines_wait else []
    if late:
        here = sa.and_(order_line.c.order_id == order_id, order_line.c.external_id.in_(late))
        await tx.run(sa.update(order_line).where(here).values(waits_since=tx.now()))
    dropped = [
        {"line": name, "order": order_id}
        for name in before
        if name not in present and not name.startswith(OUR_LINE)
    ]
    await tx.run(
        sa.update(order_line)
        .where(
            order_line.c.order_id == sa.bindparam("order"), order_line.c.external_id == sa.bindparam("line")
        )
        .values(quantity=0),
        dropped,
    )
    await shop_moved(tx, account_id, returned)
    return bool(late)


_moves_otherwise = sa.and_(
    offer_quantity.c.desired.is_not(None),
    offer_quantity.c.desired.is_distinct_from(offer_quantity.c.acked),
)
"""What is unsent keeps its cause: a sale lets nothing through that waits for a person."""


async def shop_moved(tx: Tx, account_id: AccountId, returned: Mapping[str | None, int]) -> None:
    """The shop's own figure of these variants has moved: we no longer know it.

    Units that a cancellation gave back to the shop raise the most that it may be selling.
    """
    by_units: dict[int, list[str]] = {}
    for variant in sorted(variant for variant in returned if variant is not None):
        by_units.setdefault(returned[variant], []).append(variant)
    c = offer_quantity.c
    for units, variants in sorted(by_units.items()):
        for start in range(0, len(variants), _BATCH):
            part = c.external_id.in_(variants[start : start + _BATCH])
            await tx.run(
                sa.update(offer_quantity)
                .where(c.account_id == account_id, part)
                .values(
                    acked=None,
                    ceiling=c.ceiling + units,
                    ceiling_before=c.ceiling_before + units,
                    changed_at=sa.func.coalesce(
                        sa.case((c.acked.is_(None), c.changed_at)), sa.literal(tx.now(), sa.BigInteger)
                    ),
                    cause=sa.case((_moves_otherwise, c.cause), else_="order"),
                    retry_at=None,
                )
            )


async def note_reread(tx: Tx, *order_ids: str) -> None:
    """These were read again now, changed or not."""
    for start in range(0, len(order_ids), _BATCH):
        part = customer_order.c.id.in_(order_ids[start : start + _BATCH])
        await tx.run(sa.update(customer_order).where(part).values(reread_at=tx.now()))


async def shop_of(tx: Tx, order_id: str) -> AccountId | None:
    """The account that an order came from."""
    found = await tx.scalar(sa.select(customer_order.c.account_id).where(customer_order.c.id == order_id))
    return None if found is None else AccountId(found)


async def shop_name(tx: Tx, account_id: str) -> str:
    """What a shop's account is called."""
    return str(await tx.scalar(sa.select(account.c.name).where(account.c.id == account_id)) or "")


async def number_of(tx: Tx, order_id: str) -> str:
    """The shop's number of an order, for logs and messages."""
    found = await tx.scalar(sa.select(customer_order.c.number).where(customer_order.c.id == order_id))
    return "" if found is None else str(found)


async def postpone_review(tx: Tx, order_id: OrderId) -> None:
    """Put a review behind the others that are due."""
    await tx.run(sa.update(customer_order).where(customer_order.c.id == order_id).values(review_at=tx.now()))


async def named(tx: Tx, order_id: str) -> str:
    """An order as people name it: shop/number."""
    row = await tx.one(
        sa.select(account.c.name, customer_order.c.number)
        .join(account, account.c.id == customer_order.c.account_id)
        .where(customer_order.c.id == order_id)
    )
    return "" if row is None else f"{row.name}/{row.number}"
