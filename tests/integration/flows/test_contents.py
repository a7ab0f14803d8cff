"""What the catalogue owns of listings is what real servers show; the rest stays the shops' own."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.contract import Capability
from sync.flows.flow import FlowName as F
from sync.flows.selling.push_listings import PushListingsFlow
from sync.store import leases
from tests.databases.fixtures import Place
from tests.integration.flows.listing_shops import PAIR, Shops, opened

CONTENT = "content: {table: content.csv, accounts: [main, medusa], fields: [title, description]}\n"
PICTURES = "content: {table: content.csv, accounts: [main, medusa], fields: [pictures]}\n"
SKU = "TEE-01"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


@pytest.fixture
async def shops(tmp_path: Path, database: Place) -> AsyncIterator[Shops]:
    async with opened(tmp_path, database.address) as found:
        yield found


def said(shops: Shops, shop: str, sku: str = SKU) -> tuple[str, str]:
    product = shops.variant(shop, sku).product
    return product.name, product.description


async def stored(shops: Shops, shop: str, sku: str = SKU) -> Any:
    async with shops.daemon.store.read() as tx:
        return await tx.one(
            sa.text(
                "SELECT c.* FROM offer_content c JOIN listing ON listing.id = c.listing_id "
                "JOIN account ON account.id = c.account_id "
                "WHERE listing.remote_sku = :sku AND account.name = :shop"
            ),
            {"sku": sku, "shop": shop},
        )


async def test_listings_say_what_the_table_says_where_it_is_kept_in_step(shops: Shops) -> None:
    table = f"sku,account,title,description\n{SKU},,Soft shirt,All of cotton.\n{SKU},medusa,Chemise,\n"
    await shops.rules(CONTENT, content=table)
    await shops.push()
    assert said(shops, "main") == ("Soft shirt", "All of cotton.")
    assert said(shops, "medusa") == ("Chemise", "All of cotton.")
    assert said(shops, "yen") == ("T-shirt TEE-01", "T-shirt TEE-01")
    assert said(shops, "main", "TEE-02") == ("T-shirt TEE-02", "T-shirt TEE-02")


async def test_what_the_table_does_not_own_stays_the_shops(shops: Shops) -> None:
    only = CONTENT.replace("title, description", "title")
    await shops.rules(only, content=f"sku,title\n{SKU},Soft shirt\n")
    variant = shops.variant("main", SKU)
    variant.product.description = "What staff wrote a minute ago."
    await shops.push()
    assert said(shops, "main") == ("Soft shirt", "What staff wrote a minute ago.")
    assert said(shops, "medusa") == ("Soft shirt", "T-shirt TEE-01")


async def test_what_is_in_step_is_not_sent_again_and_what_people_change_is(shops: Shops) -> None:
    await shops.rules(CONTENT, content=f"sku,title,description\n{SKU},Soft shirt,Cotton.\n")
    await shops.push()
    for _ in range(2):
        await shops.later(1)
        await shops.read("main")
    assert (await stored(shops, "main")).shown is not None
    await shops.daemon.run("main", F.CATALOGUE)
    calls = await _calls(shops, "main")
    await shops.push("main")
    assert await _calls(shops, "main") == calls
    shops.variant("main", SKU).product.name = "Hard shirt"
    await shops.later(1)
    await shops.read("main")
    assert said(shops, "main") == ("Soft shirt", "Cotton.")


async def test_a_row_that_changes_is_sent_and_one_that_goes_leaves_the_listing_as_it_is(shops: Shops) -> None:
    await shops.rules(CONTENT, content=f"sku,title,description\n{SKU},Soft shirt,Cotton.\n")
    await shops.push()
    await shops.rules(CONTENT, content=f"sku,title,description\n{SKU},Softer shirt,Cotton.\n")
    await shops.push()
    assert said(shops, "main")[0] == "Softer shirt"
    await shops.rules(CONTENT, content="sku,title,description\nTEE-02,Other,Other.\n")
    shops.variant("main", SKU).product.name = "Theirs now"
    await shops.later(1)
    await shops.read("main")
    assert said(shops, "main")[0] == "Theirs now"
    assert (await stored(shops, "main")).desired is None


async def test_pictures_go_as_each_shop_takes_them(shops: Shops) -> None:
    (shops.folder / "mappings" / "pictures").mkdir(parents=True)
    (shops.folder / "mappings" / "pictures" / "shirt.png").write_bytes(PNG)
    table = f"sku,account,pictures\n{SKU},main,shirt.png\n{SKU},medusa,https://pictures.example/shirt.png\n"
    await shops.rules(PICTURES, content=table)
    await shops.push()
    assert [asset.name[-9:] for asset in shops.variant("main", SKU).product.assets] == ["shirt.png"]
    named = [asset.name for asset in shops.variant("medusa", SKU).product.assets]
    assert named == ["https://pictures.example/shirt.png"]
    assert said(shops, "main") == ("T-shirt TEE-01", "T-shirt TEE-01")


async def test_what_a_shop_refuses_is_told_and_not_sent_again_unchanged(shops: Shops) -> None:
    address = "https://pictures.example/shirt.png"
    await shops.rules(PICTURES, content=f"sku,pictures\n{SKU},{address}\nTEE-02,{address}\n")
    await shops.push()
    refused = await shops.issues("content.refused")
    assert [issue.subject for issue in refused] == [
        f"main:{shops.variant('main', sku).id}" for sku in (SKU, "TEE-02")
    ]
    assert "must be files on this machine" in refused[0].why
    row = await stored(shops, "main")
    assert (row.rejected, row.rejected_reason) == (row.desired, refused[0].why)
    calls = await _calls(shops, "main")
    await shops.push("main")
    assert await _calls(shops, "main") == calls
    await shops.rules(PICTURES, content=f"sku,account,pictures\nTEE-02,medusa,{address}\n")
    assert await shops.issues("content.refused") == []


async def test_what_belongs_to_a_product_is_refused_for_one_of_its_variants(shops: Shops) -> None:
    await shops.rules(CONTENT, content=f"sku,account,title,description\n{PAIR[0]},medusa,Blue,Blue one.\n")
    await shops.push("medusa")
    (issue,) = await shops.issues("content.refused")
    assert "this variant has siblings" in issue.why
    await shops.rules(CONTENT, content=f"sku,account,title,description\n{PAIR[0]},medusa,Blue,\n")
    await shops.push("medusa")
    assert await shops.issues("content.refused") == []
    assert [shops.variant("medusa", sku).name for sku in PAIR] == ["Blue", PAIR[1]]


async def test_a_pack_does_not_say_what_one_piece_says(shops: Shops) -> None:
    pack = (
        f'skus: {{overrides: [{{listing: "main:{shops.variant("main", SKU).id}", sku: {SKU}, pack: 2}}]}}\n'
    )
    await shops.rules(pack + CONTENT, content=f"sku,title,description\n{SKU},Soft shirt,Cotton.\n")
    await shops.push()
    assert said(shops, "main")[0] == "T-shirt TEE-01"
    assert said(shops, "medusa")[0] == "Soft shirt"


async def test_a_connector_that_cannot_write_content_has_one_issue(shops: Shops) -> None:
    await shops.rules(CONTENT, content=f"sku,title,description\n{SKU},Soft shirt,Cotton.\nTEE-02,Two,Two.\n")
    daemon = shops.daemon
    async with daemon.store.write() as tx:
        fence = await leases.take_flow(tx, daemon.leases["main"], F.PUSH_LISTINGS, 120)
    assert fence is not None
    ctx = daemon.context("main", fence)
    lacking = replace(ctx.manifest, capabilities=ctx.manifest.capabilities - {Capability.PUT_LISTINGS})
    await PushListingsFlow().run(replace(ctx, manifest=lacking))
    (issue,) = await shops.issues("content.cannot")
    assert issue.why == "2 listing(s) do not say what the table of content says"
    assert said(shops, "main")[0] == "T-shirt TEE-01"
    await PushListingsFlow().run(ctx)
    assert await shops.issues("content.cannot") == []
    assert said(shops, "main")[0] == "Soft shirt"


async def test_a_picture_that_becomes_another_one_is_sent_again(shops: Shops) -> None:
    folder = shops.folder / "mappings" / "pictures"
    folder.mkdir(parents=True)
    (folder / "shirt.png").write_bytes(PNG)
    table = f"sku,account,pictures\n{SKU},main,shirt.png\n"
    await shops.rules(PICTURES, content=table)
    await shops.push()
    before = shops.variant("main", SKU).product.assets[0].name
    await shops.daemon.later(timedelta(minutes=1))
    (folder / "shirt.png").write_bytes(PNG + b"another")
    await shops.rules(PICTURES, content=table)
    await shops.push()
    assert shops.variant("main", SKU).product.assets[0].name != before


async def _calls(shops: Shops, shop: str) -> int:
    """So many requests the shop has had."""
    answer = (await shops.daemon.control.get("/ledger")).json()
    return sum(each["number"] for each in answer["calls"] if each["system"] == f"shop:{shop}")
