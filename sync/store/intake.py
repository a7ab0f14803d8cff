"""A page of orders in the store: held before it is written, compared with what is known, stored at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from sync.domain.ids import AccountId
from sync.domain.orders import RemoteOrder
from sync.store.database import Tx
from sync.store.locking import lock_offers_of_variants, lock_orders, lock_skus
from sync.store.tables import (
    customer_order,
    listing,
    listing_component,
    order_event,
    order_line,
    order_line_component,
    reservation,
)

_BATCH = 500


async def hold_page(tx: Tx, account_id: AccountId, page: Sequence[RemoteOrder]) -> None:
    """Hold the page's orders, the figures that they reserve of, and the offers that they change."""
    if not tx.beside_others:
        return
    names = sorted({remote.external_id for remote in page})
    await tx.alone("order", *(f"{account_id}:{name}" for name in names))
    for start in range(0, len(names), _BATCH):
        part = customer_order.c.external_id.in_(names[start : start + _BATCH])
        await lock_orders(tx, part & (customer_order.c.account_id == account_id))
    variants = sorted({line.variant_external_id for one in page for line in one.lines} - {None}, key=str)
    await lock_skus(tx, await _skus(tx, account_id, variants))
    await lock_offers_of_variants(tx, account_id, [str(variant) for variant in variants])


async def _skus(tx: Tx, account_id: AccountId, variants: Sequence[str | None]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(variants), _BATCH):
        rows = await tx.all(
            sa.select(listing_component.c.sku)
            .join(listing, listing.c.id == listing_component.c.listing_id)
            .where(
                listing.c.account_id == account_id,
                listing.c.external_id.in_(variants[start : start + _BATCH]),
            )
        )
        found |= {row.sku for row in rows}
    return found


async def known(tx: Tx, account_id: AccountId, names: Sequence[str]) -> dict[str, sa.Row[Any]]:
    """Our id and the digest of the orders that are known, by the shop's id."""
    c = customer_order.c
    found: dict[str, sa.Row[Any]] = {}
    for start in range(0, len(names), _BATCH):
        part = c.external_id.in_(names[start : start + _BATCH])
        rows = await tx.all(
            sa.select(c.external_id, c.id, c.remote_hash).where(c.account_id == account_id, part)
        )
        found |= {row.external_id: row for row in rows}
    return found


async def buyers_since(
    tx: Tx, account_id: AccountId, people: Iterable[bytes], since: int
) -> frozenset[bytes]:
    """Those of these buyers (by the index of their mail) who have placed an order since then (microseconds)."""
    found: set[bytes] = set()
    wanted = sorted(set(people))
    for start in range(0, len(wanted), _BATCH):
        rows = await tx.all(PLACED_BY, {"people": wanted[start : start + _BATCH], "since": since})
        found |= {row.email_index for row in rows if row.account_id == account_id}
    return frozenset(found)


# The account is compared here, not in the query: SQLite would read all orders of the account instead.
PLACED_BY = sa.select(customer_order.c.email_index, customer_order.c.account_id).where(
    customer_order.c.email_index.in_(sa.bindparam("people", expanding=True)),
    customer_order.c.placed_at >= sa.bindparam("since"),
)


@dataclass(slots=True)
class NewRows:
    """The rows of a page's new orders, gathered to be written in as many statements as there are tables."""

    new_id: Callable[[], str]
    now: int
    """Microseconds."""
    orders: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    reservations: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    taken: dict[tuple[str, str], int] = field(default_factory=dict)
    """Units by account and SKU: the sum of the reservations."""

    def reserve(self, order_id: str, line_id: str, account: str, sku: str, units: int) -> None:
        """Hold units that are there."""
        self.reservations.append(
            {
                "id": self.new_id(),
                "order_id": order_id,
                "order_line_id": line_id,
                "account_id": account,
                "sku": sku,
                "quantity": units,
                "created_at": self.now,
            }
        )
        self.taken[account, sku] = self.taken.get((account, sku), 0) + units

    async def store(self, tx: Tx) -> None:
        """Write all of them. The figures that are taken from must be held."""
        await tx.insert(customer_order, self.orders)
        await tx.insert(order_line, self.lines)
        await tx.insert(order_line_component, self.components)
        await tx.insert(reservation, self.reservations)
        await tx.insert(order_event, self.events)
        if self.taken:
            await _take(tx, self.taken)


async def _take(tx: Tx, taken: Mapping[tuple[str, str], int]) -> None:
    """Take units off what is free, by account and SKU."""
    rows = [(units, account, sku) for (account, sku), units in sorted(taken.items())]
    if tx.dialect == "sqlite":
        await tx.exec(_TAKE, rows)
        return
    units, accounts, skus = (list(column) for column in zip(*rows, strict=True))
    await tx.run(_TAKE_AT_ONCE, {"units": units, "accounts": accounts, "skus": skus})


_TAKE = (
    "UPDATE stock_level SET reserved = reserved + ? "
    "WHERE account_id = ? AND sku = ? AND location = '' AND quality = 'good'"
)
_TAKE_AT_ONCE = sa.text(
    "UPDATE stock_level AS level SET reserved = level.reserved + taken.units "
    "FROM unnest(CAST(:units AS bigint[]), CAST(:accounts AS text[]), CAST(:skus AS text[])) "
    "AS taken (units, account_id, sku) WHERE level.account_id = taken.account_id AND level.sku = taken.sku "
    "AND level.location = '' AND level.quality = 'good'"
)
