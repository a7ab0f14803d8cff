"""Requests after the sale as their shops show them: a level each, and of two readings the later one stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from sync.domain.aftersales import RequestKind
from sync.domain.clock import from_micros, to_micros
from sync.domain.ids import AccountId, OrderId
from sync.domain.money import Money
from sync.domain.requests import InsteadLine, RemoteRequest, RequestLine, RequestState
from sync.store.database import Tx
from sync.store.forgetting import names_the_forgotten
from sync.store.tables import back_case, customer_order, sale_request

_TABLE, _FIELD = "sale_request", "raw"
_BATCH = 500


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """One request. `order_id` is None while its order is not known here."""

    id: str
    account_id: AccountId
    order_id: OrderId | None
    remote: RemoteRequest = field(repr=False)
    as_of: int
    """When the reading began that it comes from (microseconds)."""
    entered_by: str | None = None
    """Who entered it here; None: the shop told of it."""


async def save(
    tx: Tx, account_id: AccountId, remote: RemoteRequest, as_of: int, *, entered_by: str | None = None
) -> str | None:
    """Store what a reading that began at `as_of` (microseconds) showed. Our id where that changed something.

    Of a raw record that names an erased person, or is about their order, only what it asks for is kept.
    """
    await tx.alone("request", f"{account_id}:{remote.external_id}")
    c = sale_request.c
    here = sa.and_(c.account_id == account_id, c.external_id == remote.external_id)
    row = await tx.one(
        sa.select(c.id, c.as_of, c.remote_hash, c.order_id).where(here).with_for_update(key_share=True)
    )
    if row is not None and row.as_of > as_of:
        return None
    order_id, erased = await _order(tx, account_id, remote.order)
    digest = _digest(tx, remote)
    if row is not None and row.remote_hash == digest and row.order_id == order_id:
        await tx.run(sa.update(sale_request).where(c.id == row.id).values(as_of=as_of, seen_at=tx.now()))
        return None
    id = tx.new_id() if row is None else row.id
    values = {
        "order_external_id": remote.order,
        "order_id": order_id,
        "as_of": as_of,
        "remote_hash": digest,
        "seen_at": tx.now(),
        **_columns(remote),
        **await _sealed(tx, id, b"" if erased else remote.raw),
    }
    if row is None:
        values |= {
            "id": id,
            "account_id": account_id,
            "external_id": remote.external_id,
            "entered_by": entered_by,
        }
        await tx.run(sa.insert(sale_request).values(**values))
    else:
        await tx.run(sa.update(sale_request).where(c.id == id).values(**values))
    return str(id)


async def _order(tx: Tx, account_id: AccountId, external_id: str) -> tuple[str | None, bool]:
    """Our id of an order, and whether its buyer was erased."""
    c = customer_order.c
    found = await tx.one(
        sa.select(c.id, c.erased_at).where(c.account_id == account_id, c.external_id == external_id)
    )
    return (None, False) if found is None else (str(found.id), found.erased_at is not None)


async def erase(tx: Tx, order_id: str) -> None:
    """The raw records of an order's requests go."""
    await tx.run(sa.update(sale_request).where(sale_request.c.order_id == order_id).values(raw_sealed=None))


def _digest(tx: Tx, remote: RemoteRequest) -> str:
    """What it says, in a form that tells nothing of it. Neither the raw record nor its last touch counts."""
    plain = replace(remote, raw=b"", updated_at=None)
    return tx.sealer.digest("request", msgspec.json.encode(plain)).hex()


def _columns(remote: RemoteRequest) -> dict[str, Any]:
    return {
        "kind": remote.kind.value,
        "state": remote.state.value,
        "number": remote.number,
        "lines": msgspec.json.encode(remote.lines).decode(),
        "instead": msgspec.json.encode(remote.instead).decode(),
        "price_minor": None if remote.price is None else remote.price.minor,
        "price_currency": None if remote.price is None else remote.price.currency,
        "tracking": msgspec.json.encode(remote.tracking).decode(),
        "asked_at": to_micros(remote.asked_at),
        "answer_by": None if remote.answer_by is None else to_micros(remote.answer_by),
    }


async def _sealed(tx: Tx, id: str, raw: bytes) -> dict[str, Any]:
    kept = raw if raw and not await names_the_forgotten(tx, raw) else b""
    sealed = tx.sealer.seal(_TABLE, id, _FIELD, kept) if kept else None
    return {"raw_sealed": sealed, "key_id": tx.sealer.key_id}


async def get(tx: Tx, id: str) -> StoredRequest | None:
    """One request by our id."""
    row = await tx.one(sa.select(sale_request).where(sale_request.c.id == id))
    return None if row is None else _stored(row)


async def of_account(tx: Tx, account_id: AccountId, external_id: str) -> StoredRequest | None:
    """One request by the shop's id."""
    c = sale_request.c
    row = await tx.one(
        sa.select(sale_request).where(c.account_id == account_id, c.external_id == external_id)
    )
    return None if row is None else _stored(row)


async def join_orders(tx: Tx, account_id: AccountId, limit: int = _BATCH) -> list[str]:
    """Requests whose order was not known when they came, and is now. Returns their ids."""
    c, o = sale_request.c, customer_order.c
    rows = await tx.all(
        sa.select(c.id, o.id.label("order"))
        .join(customer_order, sa.and_(o.account_id == c.account_id, o.external_id == c.order_external_id))
        .where(c.account_id == account_id, c.order_id.is_(None))
        .order_by(c.id)
        .limit(limit)
    )
    for row in rows:
        await tx.run(sa.update(sale_request).where(c.id == row.id).values(order_id=row.order))
    return [row.id for row in rows]


async def without_case(
    tx: Tx, account_id: AccountId, since: int, limit: int = _BATCH
) -> Sequence[StoredRequest]:
    """Requests whose order is known and that no case follows from yet, the longest asked first.

    What was asked in the shop before `since` (microseconds of its clock) is history: its people have it in hand.
    """
    c = sale_request.c
    taken = sa.exists().where(back_case.c.request_id == c.id)
    ours = sa.or_(c.asked_at >= since, c.entered_by.is_not(None))
    rows = await tx.all(
        sa.select(sale_request)
        .where(c.account_id == account_id, c.order_id.is_not(None), ours, ~taken)
        .order_by(c.asked_at, c.id)
        .limit(limit)
    )
    return [_stored(row) for row in rows]


async def entered(tx: Tx, order_id: str) -> int:
    """How many requests of an order people entered here."""
    c = sale_request.c
    here = sa.and_(c.order_id == order_id, c.entered_by.is_not(None))
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(sale_request).where(here)) or 0)


async def count_of_buyer(tx: Tx, order_id: OrderId, since: int) -> tuple[int | None, int | None]:
    """(requests of this order's buyer asked since then, orders of that buyer); None where nobody is known."""
    c = customer_order.c
    index = await tx.scalar(sa.select(c.email_index).where(c.id == order_id))
    if index is None:
        return None, None
    theirs = sa.select(c.id).where(c.email_index == index)
    asked = await tx.scalar(
        sa.select(sa.func.count())
        .select_from(sale_request)
        .where(sale_request.c.order_id.in_(theirs), sale_request.c.asked_at >= since)
    )
    orders = await tx.scalar(
        sa.select(sa.func.count()).select_from(customer_order).where(c.email_index == index)
    )
    return int(asked or 0), int(orders or 0)


@dataclass(frozen=True, slots=True)
class SendingAgain:
    """A request by which goods leave instead of others, or once more, and its case's reference."""

    kind: RequestKind
    reference: str
    n: int
    number: str
    instead: tuple[InsteadLine, ...]


# Every review of an order of which a parcel has left asks this: it is built once.
_AGAIN = (
    sa.select(
        back_case.c.kind, back_case.c.reference, back_case.c.n, sale_request.c.number, sale_request.c.instead
    )
    .join(sale_request, sale_request.c.id == back_case.c.request_id)
    .where(
        back_case.c.order_id == sa.bindparam("order"),
        back_case.c.kind.in_([RequestKind.EXCHANGE.value, RequestKind.RESEND.value]),
    )
    .order_by(back_case.c.n)
)


async def sending_again(tx: Tx, order_id: OrderId) -> list[SendingAgain]:
    """The order's exchanges, and what is sent once more."""
    return [
        SendingAgain(
            RequestKind(row.kind),
            row.reference,
            row.n,
            row.number,
            msgspec.json.decode(row.instead or "[]", type=tuple[InsteadLine, ...]),
        )
        for row in await tx.all(_AGAIN, {"order": order_id})
    ]


def _stored(row: sa.Row[Any]) -> StoredRequest:
    return StoredRequest(
        id=row.id,
        account_id=AccountId(row.account_id),
        order_id=None if row.order_id is None else OrderId(row.order_id),
        entered_by=row.entered_by,
        as_of=row.as_of,
        remote=RemoteRequest(
            external_id=row.external_id,
            order=row.order_external_id,
            kind=RequestKind(row.kind),
            state=RequestState(row.state),
            lines=msgspec.json.decode(row.lines or "[]", type=tuple[RequestLine, ...]),
            asked_at=from_micros(row.asked_at),
            number=row.number,
            instead=msgspec.json.decode(row.instead or "[]", type=tuple[InsteadLine, ...]),
            price=None if row.price_minor is None else Money(row.price_minor, row.price_currency),
            tracking=msgspec.json.decode(row.tracking or "[]", type=tuple[str, ...]),
            answer_by=_moment(row.answer_by),
            updated_at=None,
        ),
    )


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
