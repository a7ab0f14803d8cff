"""From an order as its shop tells it to the rows that keep it: sealed, blinded, and with a digest of what it says."""

import dataclasses
import hashlib
import operator
from dataclasses import dataclass
from typing import Any

import msgspec

from sync.domain.clock import to_micros
from sync.domain.ids import AccountId
from sync.domain.orders import RemoteOrder, RemoteOrderLine
from sync.domain.people import Address, Person
from sync.store.database import Tx
from sync.store.forgetting import indexes
from sync.store.sealing import Sealer

NOBODY: dict[str, None] = dict.fromkeys(
    (
        "person_sealed",
        "raw_sealed",
        "email_index",
        "phone_index",
        "to_email_index",
        "to_phone_index",
        "ship_to_index",
    )
)
"""The personal columns of an order whose person is not kept."""


@dataclass(frozen=True, slots=True, repr=False)
class Buyer:
    """The sealed part of an order, opened."""

    person: Person
    ship_to: Address
    note: str


def digest(sealer: Sealer, remote: RemoteOrder) -> str:
    """What an order says, in a form that tells nothing of it: another one only when something has changed.

    Neither the raw record nor the time of the shop's last touch counts, nor the order of its parts.
    """
    parts = (_sorted(remote.lines), _sorted(remote.shipments), _sorted(remote.payments))
    return sealer.digest("order", msgspec.json.encode((_SAID(remote), parts))).hex()


_SAID = operator.attrgetter(
    *(
        one.name
        for one in dataclasses.fields(RemoteOrder)
        if one.name not in ("raw", "updated_at", "lines", "shipments", "payments")
    )
)


def _sorted(parts: tuple[Any, ...]) -> tuple[Any, ...]:
    return parts if len(parts) < 2 else tuple(sorted(parts, key=_external_id))


def _external_id(part: Any) -> str:
    return str(part.external_id)


def fresh(
    tx: Tx, account_id: AccountId, remote: RemoteOrder, said: str, *, history: bool, masked: bool
) -> dict[str, Any]:
    """The row of an order that is not known yet; `said` is its digest."""
    order_id, now = tx.new_id(), tx.now()
    row = {
        "id": order_id,
        "account_id": account_id,
        "external_id": remote.external_id,
        "number": remote.number,
        "version": 1,
        "remote_hash": said,
        "state": "history" if history else "received",
        "placed_at": to_micros(remote.placed_at),
        "pulled_at": now,
        "closed_at": now if history else None,
        **columns(tx, order_id, remote, masked=masked),
    }
    if history:
        row["review_at"] = None
    return row


def ship_to_index(sealer: Sealer, ship_to: Address) -> bytes | None:
    """A keyed hash of who and where: the same for two orders that may go in one parcel. None: it may with none."""
    consignee = ship_to.consignee
    return None if consignee is None else sealer.digest("ship_to", consignee.encode())


def cart_hash(remote: RemoteOrder) -> str:
    """What two orders of the same goods for the same money share."""
    parts = sorted(
        (line.variant_external_id or line.sku or line.title, line.quantity) for line in remote.lines
    )
    return hashlib.sha256(repr((parts, remote.total.minor, remote.currency)).encode()).hexdigest()[:32]


def buyer(remote: RemoteOrder, *, masked: bool) -> Buyer:
    """The people of an order, as far as they are kept."""
    if masked:
        return Buyer(Person(token=remote.buyer.token), Address(country=remote.ship_to.country), "")
    return Buyer(remote.buyer, remote.ship_to, remote.note)


def columns(tx: Tx, order_id: str, remote: RemoteOrder, *, masked: bool) -> dict[str, Any]:
    """What a reading of an order sets, whether it is new or has changed."""
    kept = buyer(remote, masked=masked)
    secret = msgspec.json.encode(kept)
    ship_by = min((line.ship_by for line in remote.lines if line.ship_by), default=None)
    seal, now = tx.sealer.seal, tx.now()
    return {
        "status": remote.status.value,
        "payment": remote.payment.value,
        "currency": remote.currency,
        "total_minor": remote.total.minor,
        "shipping_minor": remote.shipping.minor,
        "adjustments_minor": remote.adjustments.minor,
        "service": remote.service,
        "country": kept.ship_to.country,
        "tags": msgspec.json.encode(remote.tags).decode(),
        "cancel_asked": int(remote.cancel_asked),
        "ship_by": to_micros(ship_by) if ship_by else None,
        "shipments": msgspec.json.encode(remote.shipments).decode(),
        "cart_hash": cart_hash(remote),
        "person_sealed": seal("customer_order", order_id, "person", secret),
        "raw_sealed": None if masked else seal("customer_order", order_id, "raw", remote.raw),
        "key_id": tx.sealer.key_id,
        **indexes(tx.sealer, kept.person, kept.ship_to),
        "ship_to_index": ship_to_index(tx.sealer, kept.ship_to),
        "reread_at": now,
        "review_at": now,
    }


def line(id: str, order_id: str, remote: RemoteOrderLine) -> dict[str, Any]:
    """The row of an order line that is not known yet."""
    return {
        "id": id,
        "order_id": order_id,
        "external_id": remote.external_id,
        "variant_external_id": remote.variant_external_id,
        "remote_sku": remote.sku,
        "title": remote.title,
        "ordered": remote.ordered,
        "quantity": remote.quantity,
        "unit_price": str(remote.unit_price),
        "total_minor": remote.total.minor,
        "charged": remote.charged,
        "ship_by": to_micros(remote.ship_by) if remote.ship_by else None,
        "bound": 0,
    }
