"""Desired and acknowledged prices, side by side: what differs is unsent.

`acked` is what the shop shows: as it was read, or as it echoed a write. A struck-out price cannot be read from
shops, so of that one it is what was sent last. All amounts are canonical text (sync.domain.money.price_text).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from sync.domain.clock import to_micros
from sync.domain.ids import AccountId
from sync.domain.price_push import NONE, promotions_of
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.locking import lock_prices
from sync.store.tables import offer_price

_BATCH = 500
_C = offer_price.c
NOT_MANAGED: dict[str, Any] = {
    "desired": None,
    "desired_compare_at": None,
    "acked_compare_at": None,
    "terms": "{}",
    "missing": "",
    "capped": None,
    "next_at": None,
    "retry_at": None,
    "rejected": None,
    "rejected_reason": None,
}
"""The columns of a price that no rule makes: the shop keeps what it has."""


@dataclass(frozen=True, slots=True)
class DesiredPrice:
    """What a listing shall cost, with its terms; no `price` where `missing` says what is not known."""

    listing_id: str
    account_id: AccountId
    external_id: str
    currency: str
    price: str | None
    compare_at: str | None
    """"" for none; None where it is not ours."""
    shown: str | None
    """What the shop showed when the listing was read."""
    terms: Mapping[str, object] = field(default_factory=dict)
    missing: str = ""
    next_at: datetime | None = None
    capped: str | None = None
    """The promotions with a limit that are for this listing now, a line each."""


@dataclass(frozen=True, slots=True)
class PricesStored:
    """What storing moved."""

    accounts: frozenset[AccountId] = frozenset()
    """Those with an unsent price, or one that will change by time."""
    freed: tuple[str, ...] = ()
    """Listings that have another price now than the one that their shop refused."""


async def want(tx: Tx, desired: Sequence[DesiredPrice], *, cause: str, config_version: str) -> PricesStored:
    """Store what listings shall cost. Only what differs is written."""
    desired = sorted(desired, key=lambda item: item.listing_id)
    present = await _of_listings(tx, [item.listing_id for item in desired])
    accounts: set[AccountId] = set()
    fresh, changed, explained = [], [], []
    freed: list[str] = []
    for item in desired:
        row = present.get(item.listing_id)
        values = _values(item)
        if row is not None and item.price is not None and item.compare_at is None and _struck_by_us(row):
            values["desired_compare_at"] = NONE
        if row is None:
            fresh.append(_new(tx, item, values, cause, config_version))
        elif any(getattr(row, name) != values[name] for name in _DECIDES):
            why = _cause(row, item, cause, config_version)
            changed.append(_change(tx, row, item, values, why, config_version))
            if row.rejected is not None:
                freed.append(item.listing_id)
        elif any(getattr(row, name) != values[name] for name in _EXPLAINS):
            explained.append({"offer": row.id} | {f"new_{name}": values[name] for name in _EXPLAINS})
        if _wakes(row, item, values):
            accounts.add(item.account_id)
    await tx.run(upsert(offer_price).on_conflict_do_nothing(), fresh)
    await tx.run(_CHANGE, changed)
    await tx.run(_EXPLAIN, explained)
    return PricesStored(frozenset(accounts), tuple(freed))


def _struck_by_us(row: sa.Row[Any]) -> bool:
    """Whether the shop shows, or may show, a struck-out price of ours: we take back what we have set."""
    return bool(row.acked_compare_at or row.desired_compare_at)


def _wakes(row: sa.Row[Any] | None, item: DesiredPrice, values: Mapping[str, Any]) -> bool:
    """Whether there is something to send, or to do at another time than before."""
    if values["next_at"] is not None and (row is None or row.next_at != values["next_at"]):
        return True
    if item.price is None:
        return False
    acked, struck = (item.shown, None) if row is None else (row.acked, row.acked_compare_at)
    wanted = values["desired_compare_at"]
    return item.price != acked or (wanted is not None and wanted != struck)


_DECIDES = ("desired", "desired_compare_at", "currency")
_EXPLAINS = ("terms", "missing", "next_at", "capped")


def bound(*names: str) -> dict[str, sa.BindParameter[Any]]:
    """Columns of a price, each set to the parameter `new_` and its name."""
    return {name: sa.bindparam(f"new_{name}", type_=_C[name].type) for name in names}


_CHANGE = (
    sa.update(offer_price)
    .where(_C.id == sa.bindparam("offer"))
    .values(
        **bound(*_DECIDES, *_EXPLAINS, "acked", "acked_compare_at", "cause", "changed_at", "config_version"),
        retry_at=None,
        rejected=None,
        rejected_reason=None,
    )
)
_EXPLAIN = sa.update(offer_price).where(_C.id == sa.bindparam("offer")).values(**bound(*_EXPLAINS))


def _values(item: DesiredPrice) -> dict[str, Any]:
    return {
        "desired": item.price,
        "desired_compare_at": None if item.price is None else item.compare_at,
        "currency": item.currency,
        "terms": msgspec.json.encode(item.terms, order="deterministic").decode(),
        "missing": item.missing,
        "next_at": None if item.next_at is None else to_micros(item.next_at),
        "capped": item.capped,
    }


def _new(
    tx: Tx, item: DesiredPrice, values: dict[str, Any], cause: str, config_version: str
) -> dict[str, Any]:
    return values | {
        "id": tx.new_id(),
        "account_id": item.account_id,
        "listing_id": item.listing_id,
        "external_id": item.external_id,
        "acked": item.shown,
        "cause": cause,
        "changed_at": tx.now(),
        "config_version": config_version,
    }


def _change(
    tx: Tx, row: sa.Row[Any], item: DesiredPrice, values: dict[str, Any], cause: str, config_version: str
) -> dict[str, Any]:
    struck_known = values["desired_compare_at"] is not None and row.currency == item.currency
    new = values | {
        "acked": row.acked if row.currency == item.currency else item.shown,
        "acked_compare_at": row.acked_compare_at if struck_known else None,
        "cause": cause,
        "changed_at": row.changed_at if waits(row) else tx.now(),
        "config_version": config_version,
    }
    return {"offer": row.id} | {f"new_{name}": value for name, value in new.items()}


def _cause(row: sa.Row[Any], item: DesiredPrice, cause: str, config_version: str) -> str:
    """Time, or the very rules that ruled before: what made the change then is a promotion that began or ended."""
    by_itself = cause == "time" or (cause == "config" and row.config_version == config_version)
    if by_itself and promotions_of(msgspec.json.decode(row.terms or "{}")) != promotions_of(item.terms):
        return "promotion"
    return cause


def waits(row: sa.Row[Any]) -> bool:
    """Whether what it should be has not reached the shop yet."""
    struck = row.desired_compare_at is not None and row.desired_compare_at != row.acked_compare_at
    return row.desired is not None and row.changed_at is not None and (row.desired != row.acked or struck)


async def release(tx: Tx, listing_ids: Sequence[str]) -> tuple[str, ...]:
    """No rule makes these listings' prices now. Returns those where one did."""
    present = await _of_listings(tx, listing_ids)
    had = [row for row in present.values() if row.desired is not None or row.missing or row.next_at]
    await tx.run(_RELEASE, [{"offer": row.id} for row in had])
    return tuple(row.listing_id for row in had)


_RELEASE = sa.update(offer_price).where(_C.id == sa.bindparam("offer")).values(**NOT_MANAGED)


async def _of_listings(tx: Tx, listing_ids: Sequence[str]) -> dict[str, sa.Row[Any]]:
    """The stored prices by listing; a writer holds them."""
    await lock_prices(tx, _C.listing_id, listing_ids)
    found: dict[str, sa.Row[Any]] = {}
    for start in range(0, len(listing_ids), _BATCH):
        part = listing_ids[start : start + _BATCH]
        rows = await tx.all(sa.select(offer_price).where(_C.listing_id.in_(part)))
        found |= {row.listing_id: row for row in rows}
    return found
