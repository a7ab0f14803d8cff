"""A listing that an admin wants nothing to do with: it keeps what its shop shows, and nobody is asked about it."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from sync.flows.flow import FlowName as F
from sync.store.tables import listing, offer_quantity
from tests.integration.flows.conductor import Conductor

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SKU = "TEE-02"


async def _of_main(daemon: Conductor) -> Any:
    """What we know of the listing, and want of it."""
    async with daemon.store.read() as tx:
        rows = await tx.all(
            sa.select(listing.c.external_id, listing.c.bound, offer_quantity.c.desired)
            .join(offer_quantity, offer_quantity.c.listing_id == listing.c.id)
            .where(listing.c.account_id == daemon.view("main").id, listing.c.remote_sku == SKU)
        )
    (row,) = rows
    return row


async def _in_shop(daemon: Conductor) -> int:
    variants = (await daemon.books())["shops"]["main"]["variants"]
    return sum(one["saleable"] for one in variants if one["sku"] == SKU)


async def test_an_ignored_listing_keeps_what_its_shop_shows_and_asks_nobody(daemon: Conductor) -> None:
    before, shown = await _of_main(daemon), await _in_shop(daemon)
    assert before.bound and before.desired is not None and shown > 0
    rule = f'skus: {{match: [sku], overrides: [{{listing: "main:{before.external_id}", ignore: true}}]}}\n'
    await daemon.change_rules("skus.yaml", rule)
    for shop in ("yen", "dinar", "main"):
        await daemon.later(timedelta(seconds=2))
        await daemon.run(shop, F.ORDERS, F.PUSH_STOCK)
    now = await _of_main(daemon)
    assert (now.bound, now.desired) == (0, None)
    assert await _in_shop(daemon) == shown
    async with daemon.store.read() as tx:
        asked = await tx.all(
            sa.text(
                "SELECT subject FROM issue WHERE kind = 'listing.unbound' AND closed_at IS NULL "
                f"AND subject = 'main:{now.external_id}'"
            )
        )
    assert asked == []
