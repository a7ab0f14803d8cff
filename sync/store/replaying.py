"""Stored orders of the last days, in slices, for rules that are tried on them. Reads only."""

from collections.abc import Sequence

import sqlalchemy as sa

from sync.domain.ids import AccountId
from sync.domain.listing import RemoteVariant
from sync.store.database import Tx
from sync.store.tables import customer_order, listing

_BATCH = 500
_C = customer_order.c


def _mine(accounts: Sequence[AccountId], since: int) -> sa.ColumnElement[bool]:
    """Orders of these shops placed since a moment (microseconds); history was never decided on."""
    return sa.and_(_C.account_id.in_(accounts), _C.placed_at >= since, _C.state != "history")


async def count_orders(tx: Tx, accounts: Sequence[AccountId], since: int) -> int:
    """How many there are."""
    query = sa.select(sa.func.count()).select_from(customer_order).where(_mine(accounts, since))
    return int(await tx.scalar(query) or 0)


async def order_ids(tx: Tx, accounts: Sequence[AccountId], since: int, after: str, limit: int) -> list[str]:
    """A slice of them by our ids, behind `after`."""
    query = sa.select(_C.id).where(_mine(accounts, since), _C.id > after).order_by(_C.id).limit(limit)
    return [row.id for row in await tx.all(query)]


async def as_listed(tx: Tx, account: AccountId, variants: Sequence[str]) -> dict[str, RemoteVariant]:
    """The listings of these variants (the shop's ids), as far as binding looks at them."""
    c, found = listing.c, dict[str, RemoteVariant]()
    for start in range(0, len(variants), _BATCH):
        part = c.external_id.in_(variants[start : start + _BATCH])
        for row in await tx.all(sa.select(listing).where(c.account_id == account, part, c.gone_at.is_(None))):
            found[row.external_id] = RemoteVariant(
                external_id=row.external_id,
                product_external_id=row.product_external_id,
                sku=row.remote_sku,
                title=row.title,
                gtin=row.gtin,
            )
    return found
