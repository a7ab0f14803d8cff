"""Which SKUs no listing ever had: asked of all listings at once, however many there are."""

from typing import Any

from sync.domain.ids import AccountId
from sync.store import knowledge
from sync.store.database import Store, Tx
from sync.store.tables import listing, variant

MANY = 5_003
"""More than one slice."""


async def put_up(tx: Tx, shop: AccountId, *skus: str | None, gone_at: int | None = None) -> None:
    """Listings with these SKUs of the shop's own."""
    rows: list[dict[str, Any]] = [
        {
            "id": (own := tx.new_id()),
            "account_id": shop,
            "external_id": own,
            "product_external_id": "p",
            "remote_sku": sku,
            "content_hash": "",
            "seen_at": tx.now(),
            "gone_at": gone_at,
        }
        for sku in skus
    ]
    await tx.insert(listing, rows)


async def test_a_sku_of_a_listing_that_is_there_or_was_is_not_told(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        await put_up(tx, shop, "HERE", " two  words ", None, "")
        await put_up(tx, shop, "WAS", gone_at=1)
    async with store.read() as tx:
        asked = {"HERE", "two words", "WAS", "here", "NEVER"}
        assert await knowledge.never_listed(tx, asked) == {"here", "NEVER"}
        assert await knowledge.never_listed(tx, set()) == set()


async def test_the_last_of_many_listings_counts(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        await tx.insert(variant, [{"sku": "CARRIED", "title": "", "created_at": 1}])
        await put_up(tx, shop, "CARRIED", *(f"S-{number}" for number in range(MANY)))
    async with store.read() as tx:
        asked = {"S-0", f"S-{MANY - 1}", f"S-{MANY}"}
        assert await knowledge.never_listed(tx, asked) == {f"S-{MANY}"}
