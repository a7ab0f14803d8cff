"""The money of one order, read into a ledger and written back: what was paid, what people gave back, what we give.

Our refunds are rows of the outbox, one queue an order, so that one is sent at a time and each exactly once. The
ledger's states are theirs:

    planned   queued                          refused     rejected, until a person lets it go
    unknown   sending, unknown, held          withdrawn   withdrawn; rejected and let go
    done      done; refused where it failed afterwards by the shop's books
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from sync.domain.clock import from_micros, to_micros
from sync.domain.ids import AccountId, OrderId
from sync.domain.ledger import Ledger, Meant, Refund, RefundState, ShopRefund
from sync.domain.money import Money
from sync.domain.orders import RemoteOrder
from sync.domain.outbox import IllegalMove, OutboxState
from sync.domain.prorating import PaidLine, paid_lines
from sync.store import orders, outbox
from sync.store.back import cases, requests
from sync.store.back.cases import BackCase
from sync.store.back.requests import sending_again
from sync.store.cases import StoredCase
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.outbox import OutboxRow
from sync.store.tables import order_paid, shop_refund
from sync.store.tables import outbox as rows

REFUND = "refund"
"""The outbox operation."""
READ_FIRST = "the order's money is read from the shop first"
"""Why a refund waits for a look at its case."""
_STATES = {
    OutboxState.QUEUED: RefundState.PLANNED,
    OutboxState.SENDING: RefundState.UNKNOWN,
    OutboxState.UNKNOWN: RefundState.UNKNOWN,
    OutboxState.HELD: RefundState.UNKNOWN,
    OutboxState.DONE: RefundState.DONE,
    OutboxState.REJECTED: RefundState.REFUSED,
    OutboxState.WITHDRAWN: RefundState.WITHDRAWN,
}


def aggregate(order_id: str) -> str:
    """The outbox queue of one order's refunds."""
    return f"money:{order_id}"


@dataclass(frozen=True, slots=True)
class Seen:
    """The order's money as the shop's books show it in one reading, begun at `as_of` (microseconds)."""

    paid: int
    """Captured, in minor units of the order's currency."""
    refunds: tuple[tuple[str, int, str, int | None], ...]
    """(the shop's id, minor units or 0 where it failed, our key where it bears one, when in microseconds)"""
    as_of: int


class Charged(msgspec.Struct, frozen=True):
    """What an order was charged with, at most: by our line (pieces, minor units), and what is on the whole."""

    lines: dict[str, tuple[int, int]] = {}
    shipping: int = 0
    discount: int = 0

    def joined(self, other: "Charged") -> "Charged":
        """The most of both: what is cancelled later was paid for all the same."""
        lines = dict(self.lines)
        for line, whole in other.lines.items():
            lines[line] = max(lines.get(line, whole), whole, key=lambda one: (one[1], one[0]))
        return Charged(lines, max(self.shipping, other.shipping), max(self.discount, other.discount))


def charged_now(order: StoredCase) -> Charged:
    """What the order's rows say; a line of which no piece is wanted any more too, for goods of it may be out."""
    row = order.row
    beside = row.adjustments_minor
    return Charged(
        {
            line.id: (line.charged or line.ordered, line.total_minor)
            for line in order.lines
            if line.ordered > 0
        },
        max(0, row.shipping_minor) + max(0, beside),
        max(0, -beside),
    )


async def see(tx: Tx, order: StoredCase, seen: Seen) -> bool:
    """Store what the shop's books show; of two readings the later stands. Whether something was new.

    A refund that is no longer shown stays as it was: it is not seen to have failed.
    """
    p = order_paid.c
    order_id = OrderId(order.row.id)
    before = await tx.one(sa.select(order_paid).where(p.order_id == order_id))
    charged = charged_now(order)
    if before is not None:
        charged = _charged(before.charged).joined(charged)
    values = {
        "paid_minor": seen.paid,
        "charged": msgspec.json.encode(charged).decode(),
        "as_of": seen.as_of,
    }
    insert = upsert(order_paid).values(order_id=order_id, **values)
    fresh = insert.on_conflict_do_update(index_elements=[p.order_id], set_=values, where=p.as_of < seen.as_of)
    newer = await tx.run(fresh)
    changed = int(bool(newer) and (before is None or before.paid_minor != seen.paid))
    r = shop_refund.c
    for external_id, amount, key, at in seen.refunds:
        values = {"amount_minor": amount, "as_of": seen.as_of, "ours": key or None, "at": at}
        one = upsert(shop_refund).values(
            order_id=order_id, external_id=external_id, seen_at=tx.now(), **values
        )
        changed += await tx.run(
            one.on_conflict_do_update(
                index_elements=[r.order_id, r.external_id],
                set_=values,
                where=sa.and_(r.as_of < seen.as_of, r.amount_minor != amount),
            )
        )
    return changed > 0


async def say(tx: Tx, order_id: OrderId, external_id: str, meant: Meant) -> bool:
    """A person says what a refund in the shop is for. False where there is none such."""
    r = shop_refund.c
    here = sa.and_(r.order_id == order_id, r.external_id == external_id)
    return bool(await tx.run(sa.update(shop_refund).where(here).values(meant=meant.value)))


async def shown(tx: Tx, order_id: OrderId) -> Sequence[sa.Row[Any]]:
    """The refunds that the shop's books show, the oldest first."""
    r = shop_refund.c
    return await tx.all(
        sa.select(shop_refund).where(r.order_id == order_id).order_by(r.at.is_(None), r.at, r.external_id)
    )


async def came_before(tx: Tx, order_id: OrderId, asked: datetime, opened: datetime) -> frozenset[str]:
    """The refunds that the shop had made when a request was asked for; of one without a moment, by when we saw each.

    `asked` is by the shop's clock, as its refunds are; `opened`, by ours, is when the request's case was.
    """
    r = shop_refund.c
    before = sa.or_(r.at < to_micros(asked), sa.and_(r.at.is_(None), r.seen_at < to_micros(opened)))
    rows = await tx.all(sa.select(r.external_id).where(r.order_id == order_id, before))
    return frozenset(row.external_id for row in rows)


async def ledger(tx: Tx, name: str, order: StoredCase, cases: Iterable[BackCase]) -> Ledger | None:
    """The order's money as it stands. None where nothing of it was read yet. `name`: `shop/10042`."""
    order_id = OrderId(order.row.id)
    paid = await tx.one(sa.select(order_paid).where(order_paid.c.order_id == order_id))
    if paid is None:
        return None
    known = list(cases)
    let_go = {rule for case in known for rule in case.standing.decided}
    books = await shown(tx, order_id)
    failed = {row.external_id for row in books if not row.amount_minor}
    ours = [_refund(row, let_go, failed) for row in await _ours(tx, order_id)]
    begun = {one.key for one in ours if _begun(one)}
    shop = {
        row.external_id: ShopRefund(row.external_id, row.amount_minor, row.as_of, _meant(row))
        for row in books
        if row.ours not in begun  # our own write, made and not finished, is nothing that people gave
    }
    return Ledger(
        order=name,
        currency=order.row.currency,
        paid=paid.paid_minor,
        lines=lines_of(order, _charged(paid.charged), await _sent_instead(tx, order)),
        paid_as_of=paid.as_of,
        shop=shop,
        dues={case.due.case: case.due for case in known if case.due is not None},
        refunds={refund.key: refund for refund in ours},
    )


def _meant(row: sa.Row[Any]) -> Meant:
    """One that bears a key of ours and that we do not know was made before a backup was put back: it counts."""
    meant = Meant(row.meant)
    return Meant.COUNTS if meant == Meant.UNSAID and row.ours else meant


async def still(tx: Tx, order_id: OrderId, as_of: int) -> None:
    """The shop has the order no longer: what its books showed last stands, as of this reading."""
    p = order_paid.c
    older = sa.and_(p.order_id == order_id, p.as_of < as_of)
    await tx.run(sa.update(order_paid).where(older).values(as_of=as_of))


async def read_since_written(tx: Tx, order_id: OrderId, oldest: int) -> bool:
    """Whether the order's money was read from the shop since `oldest` (microseconds) and since our last write there.

    That is, in a reading which began after that write was answered.
    """
    answered = await tx.scalar(
        sa.select(sa.func.max(rows.c.closed_at)).where(rows.c.aggregate == aggregate(order_id))
    )
    as_of = await tx.scalar(sa.select(order_paid.c.as_of).where(order_paid.c.order_id == order_id))
    return as_of is not None and as_of >= oldest and as_of > (answered or 0)


async def let_go(tx: Tx, order_id: OrderId) -> bool:
    """The money was read: what waited for that is due now, before the reading is old again. Whether anything was."""
    if not await read_since_written(tx, order_id, 0):
        return False
    here = sa.and_(
        rows.c.aggregate == aggregate(order_id),
        rows.c.state == OutboxState.QUEUED,
        rows.c.last_error == READ_FIRST,
    )
    return bool(await tx.run(sa.update(rows).where(here).values(next_at=tx.now())))


async def _sent_instead(tx: Tx, order: StoredCase) -> frozenset[str]:
    """Our ids of the lines that left instead of others, or once more: the order was shipped without them."""
    told = {one.line for again in await sending_again(tx, OrderId(order.row.id)) for one in again.instead}
    return frozenset(
        line.id
        for line in order.lines
        if line.external_id in told or line.external_id.startswith(orders.OUR_LINE)
    )


def lines_of(
    order: StoredCase, charged: Charged | None = None, instead: frozenset[str] = frozenset()
) -> Mapping[str, PaidLine]:
    """The order's lines as they were charged, with their shares of shipping and of what is on the whole.

    Lines that went out `instead` of others have no share of either: both were paid for what the order began with.
    """
    whole = charged_now(order) if charged is None else charged.joined(charged_now(order))
    lines = {line: (units, minor, 0) for line, (units, minor) in sorted(whole.lines.items())}
    first = {line: one for line, one in lines.items() if line not in instead}
    later = {line: one for line, one in lines.items() if line in instead}
    currency = order.row.currency
    shared = paid_lines(currency, first, shipping=whole.shipping, discount=whole.discount)
    return {**shared, **paid_lines(currency, later)}


def _charged(text: str) -> Charged:
    return msgspec.json.decode(text, type=Charged) if text else Charged()


async def _ours(tx: Tx, order_id: OrderId) -> list[OutboxRow]:
    return [row for row in await outbox.of_order(tx, order_id) if row.operation == REFUND]


@dataclass(frozen=True, slots=True)
class Given:
    """A refund of ours that was done: minor units of the order's currency, and when."""

    key: str
    amount: int
    at: datetime


async def given(tx: Tx, order_id: OrderId, order: str, case: str) -> list[Given]:
    """What we gave back for a case, also what only the shop's books know of. `order`: `shop/10042`."""
    books = await shown(tx, order_id)
    failed = {row.external_id for row in books if not row.amount_minor}
    found = {
        row.ours: Given(row.ours, row.amount_minor, from_micros(row.seen_at if row.at is None else row.at))
        for row in books
        if row.ours and row.ours.startswith(f"{order}/{case}/refund/") and row.amount_minor
    }
    for row in await _ours(tx, order_id):
        if _begun(_refund(row, set(), failed)):
            found.pop(row.key, None)
        if row.payload["case"] == case and row.state is OutboxState.DONE and row.closed_at is not None:
            result = row.result or {}
            if result.get("refund") in failed:
                continue
            amount = result.get("amount", row.payload["amount"])
            found[row.key] = Given(row.key, amount, row.closed_at)
    return [found[key] for key in sorted(found)]


async def reopen_failed(tx: Tx, account_id: AccountId, remote: RemoteOrder) -> None:
    """Cases whose refund was made, and fails afterwards by the shop's books, are looked at again, done or not."""
    refunds = (refund for payment in remote.payments for refund in payment.refunds)
    for key in sorted({key_in(refund.reason) for refund in refunds if not refund.amount.minor} - {""}):
        row = await outbox.by_key(tx, key)
        if row is None or row.account_id != account_id or row.state is not OutboxState.DONE:
            continue
        request = await requests.of_account(tx, account_id, row.payload["case"])
        case = await cases.of_request(tx, request.id) if request is not None else None
        if case is not None:
            await cases.reopen(tx, case.id)


def _refund(row: OutboxRow, let_go: set[str], failed: set[str]) -> Refund:
    """`failed`: the shop's refunds that came to nothing, however they were answered."""
    state, result = _STATES[row.state], row.result or {}
    reason = row.last_error or ""
    if state == RefundState.DONE and result.get("refund") in failed:
        state, reason = RefundState.REFUSED, "the shop made it, and it failed afterwards"
    if state == RefundState.REFUSED and refused_rule(row.key) in let_go:
        state = RefundState.WITHDRAWN
    return Refund(
        key=row.key,
        case=row.payload["case"],
        n=row.payload["n"],
        amount=result.get("amount", row.payload["amount"]),
        state=state,
        sent=row.attempts > 0,
        external_id=result.get("refund"),
        reason=reason,
    )


def _begun(refund: Refund) -> bool:
    """Whether it may be made and is not finished. What the shop shows under the key of one never sent is older."""
    ended = refund.state in (RefundState.DONE, RefundState.WITHDRAWN)
    return not ended and (refund.sent or refund.state != RefundState.PLANNED)


_KEY = re.compile(r"\[([^\[\]]+/refund/[0-9]+)\]\s*$")


def key_in(reason: str) -> str:
    """The key that a refund of ours bears at the end of its reason; empty where there is none."""
    found = _KEY.search(reason)
    return found[1] if found else ""


def refused_rule(key: str) -> str:
    """The question that a refused refund asks (sync.domain.way_back); a person's yes lets it go."""
    return f"refund refused {key}"


async def write(
    tx: Tx, account_id: AccountId, order_id: OrderId, before: Ledger, after: Ledger, *, config_version: str
) -> bool:
    """Queue, change and take back refunds as the ledger now plans them. Whether anything was written.

    The order must be held. IllegalMove where one was sent meanwhile: nothing of this is written then.
    """
    changed = False
    for key, refund in after.refunds.items():
        old = before.refunds.get(key)
        if old == refund:
            continue
        changed = True
        if old is None:
            await outbox.enqueue(
                tx,
                account_id=account_id,
                operation=REFUND,
                key=key,
                aggregate=aggregate(order_id),
                payload={
                    "case": refund.case,
                    "n": refund.n,
                    "amount": refund.amount,
                    "currency": after.currency,
                },
                order_id=order_id,
                config_version=config_version,
            )
        elif old.state == RefundState.PLANNED:
            await _change(tx, refund)
    return changed


async def _change(tx: Tx, refund: Refund) -> None:
    row = await outbox.by_key(tx, refund.key)
    if row is None:
        raise LookupError(f"there is no refund {refund.key}")
    if refund.state == RefundState.WITHDRAWN:
        await outbox.withdraw(tx, row.id, refund.reason)
        return
    payload = json.dumps({**row.payload, "amount": refund.amount}, separators=(",", ":"))
    unsent = sa.and_(rows.c.id == row.id, rows.c.state == OutboxState.QUEUED.value, rows.c.attempts == 0)
    if await tx.run(sa.update(rows).where(unsent).values(payload=payload)) != 1:
        raise IllegalMove(row.state, OutboxState.QUEUED)


async def waits(tx: Tx, account_id: AccountId, until: int) -> bool:
    """Whether a refund of the account that was queued until then (microseconds) is still to be sent."""
    here = (rows.c.account_id == account_id, rows.c.operation == REFUND)
    still = (rows.c.state == OutboxState.QUEUED.value, rows.c.created_at <= until, rows.c.closed_at.is_(None))
    return await tx.scalar(sa.select(rows.c.id).where(*here, *still).limit(1)) is not None


async def waiting(tx: Tx, account_id: AccountId) -> Money | None:
    """What the account's refunds that are still to be sent come to; None where they are in several currencies."""
    found = await tx.all(
        sa.select(rows.c.payload).where(
            rows.c.account_id == account_id,
            rows.c.operation == REFUND,
            rows.c.state == OutboxState.QUEUED.value,
            rows.c.closed_at.is_(None),
        )
    )
    refunds = [json.loads(row.payload) for row in found]
    currencies = {one["currency"] for one in refunds}
    if len(currencies) != 1:
        return None
    return Money(sum(one["amount"] for one in refunds), currencies.pop())


async def sent_since(tx: Tx, account_id: AccountId, since: int) -> list[int]:
    """The amounts (minor units) of an account's refunds sent since then (microseconds); refused ones are left out."""
    found = await tx.all(
        sa.select(rows.c.payload).where(
            rows.c.account_id == account_id,
            rows.c.operation == REFUND,
            rows.c.sent_at >= since,
            rows.c.state != OutboxState.REJECTED.value,
        )
    )
    return [json.loads(row.payload)["amount"] for row in found]
