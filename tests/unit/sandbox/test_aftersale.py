"""Buyers who ask after the sale, and staff who give money back, at shops of every make."""

import asyncio

import pytest

from sandbox import mixed
from sandbox.aftersale import NoOrder, Wish, ask, give_back
from sandbox.control import Control
from sandbox.deeds import OrderDeeds, read
from sandbox.people import People
from sandbox.settling import open_matters
from sandbox.shoppers import ONE_NAME, Plot, Purchase
from sandbox.storefront import fulfilling
from sandbox.storefront.medusa import deeds as medusa_deeds
from sandbox.storefront.medusa.books import MedusaShop
from sandbox.storefront.medusa.names import outside
from sandbox.storefront.refusals import Refused
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.warehouse.dock import Found

SKU, OTHER = "TEE-01", "TEE-04"


@pytest.fixture
def control() -> Control:
    world = mixed.build(3, stocked=True)
    return Control(world, People(world))


def sent(control: Control, shop: str, units: int = 2) -> str:
    """An order that left whole: its code."""
    code = str(control.buy({"shop": shop, "lines": [{"sku": SKU, "quantity": units}]})["order"])
    leaves(control, shop, code)
    return code


def leaves(control: Control, shop: str, code: str) -> None:
    """All of an order leaves, and its shop knows."""
    books = control.world.shops[shop]
    order = books.by_code[code]
    if isinstance(books, MedusaShop):
        lines = [{"id": outside("line", line.id), "quantity": line.quantity} for line in order.lines]
        medusa_deeds.fulfil(books, order, None, lines)
    else:
        wanted = [{"orderLineId": line.id, "quantity": line.quantity} for line in order.lines]
        fulfilling.fulfil(books, wanted, "manual-fulfillment", {"trackingCode": "T1"})


def deeds(control: Control, code: str) -> OrderDeeds:
    return read(control.world.ledger.entries()).orders[code]


@pytest.mark.parametrize("shop", ["main", "medusa", "shopify"])
def test_half_of_an_order_is_asked_back_and_half_of_what_was_paid_is_its_worth(
    control: Control, shop: str
) -> None:
    code = sent(control, shop)
    name = ask(control.world, Wish(shop, code, {SKU: 1}, {}))
    assert bool(name) is (shop != "main"), "elsewhere it came by mail"
    order = deeds(control, code)
    assert list(order.asked.values()) == [order.paid // 2]
    assert (order.asked_back, order.instead) == ({SKU: 1}, {})


@pytest.mark.parametrize("shop", ["medusa", "shopify"])
def test_no_more_is_asked_back_than_was_sent(control: Control, shop: str) -> None:
    code = sent(control, shop)
    ask(control.world, Wish(shop, code, {SKU: 1}, {}))
    with pytest.raises(Refused):
        ask(control.world, Wish(shop, code, {SKU: 2}, {}))
    with pytest.raises(NoOrder):
        ask(control.world, Wish(shop, code, {OTHER: 1}, {}))


def test_an_exchange_stands_in_the_books_of_either_shop(control: Control) -> None:
    world = control.world
    for shop in ("medusa", "shopify"):
        code = sent(control, shop)
        ask(world, Wish(shop, code, {SKU: 1}, {OTHER: 1}))
        assert deeds(control, code).instead == {OTHER: 1}
    medusa, shopify = world.shops["medusa"], world.shops["shopify"]
    assert isinstance(medusa, MedusaShop)
    assert isinstance(shopify, ShopifyShop)
    (swap,) = medusa.swaps.values()
    assert [(item.line.product_variant.sku, item.units) for item in swap.items] == [(OTHER, 1)]
    (wish,) = shopify.returns.values()
    assert [each.units for each in wish.instead] == [1]


@pytest.mark.parametrize("shop", ["main", "medusa", "shopify"])
def test_what_staff_give_back_is_theirs_and_never_more_than_was_paid(control: Control, shop: str) -> None:
    code = sent(control, shop)
    give_back(control.world, shop, code, 700, "sorry")
    assert (deeds(control, code).refunded, deeds(control, code).by_staff) == (700, 700)
    with pytest.raises(Exception, match=r"more|exceeds"):
        give_back(control.world, shop, code, deeds(control, code).paid, "again")
    assert deeds(control, code).by_staff == 700


@pytest.mark.parametrize(
    ("shop", "plot", "kinds"),
    [
        ("medusa", Plot.SEND_BACK, ["back_asked"]),
        ("shopify", Plot.SEND_BACK, ["return_requested", "back_asked"]),
        ("medusa", Plot.SWAP, ["back_asked"]),
        ("shopify", Plot.AMENDS, ["refunded", "refunded_by_staff"]),
        ("woo", Plot.NOTHING, []),
    ],
)
async def test_what_a_buyer_regrets_is_asked_for_once_when_the_parcel_has_arrived(
    control: Control, shop: str, plot: Plot, kinds: list[str]
) -> None:
    people, world = control.people, control.world
    people.buy(Purchase(shop, ((SKU, 2),), ONE_NAME, plot=plot))
    code = next(entry.facts["code"] for entry in world.ledger.entries() if entry.kind == "order_placed")
    if kinds:
        leaves(control, shop, code)
    reference = {"reference": f"{shop}/{code}/1", "lines": {SKU: 2}, "tracking": ["T1"], "shipment": 1}
    world.ledger.record("warehouse", "shipment_shipped", **reference)
    seen = len(world.ledger.entries())
    for _ in range(2):
        world.ledger.record("courier", "delivered", tracking="T1")
    people.start("shoppers")
    people.stop_shopping()
    try:
        async with asyncio.timeout(20):
            while len(world.ledger.entries(seen)) < 2 + len(kinds):  # noqa: ASYNC110 (it tells nobody)
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.3)
    finally:
        people.stop("shoppers")
    told = [entry.kind for entry in world.ledger.entries(seen) if entry.kind != "delivered"]
    assert told == kinds
    open_now = open_matters(world.ledger.entries())
    assert (f"money {shop}/{code}" in open_now) is ("back_asked" in kinds)


async def test_the_warehouse_opens_what_was_announced_and_puts_it_on_sale_again(control: Control) -> None:
    books = control.world.warehouse
    row = books.dock.unannounced("medusa/1/R1", [Found(SKU, good=2)])
    books.dock._count(row, [Found(SKU, good=2)])
    control.people.start("warehouse")
    try:
        async with asyncio.timeout(20):
            while not any(e.kind == "restocked" for e in control.world.ledger.entries()):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    finally:
        control.people.stop("warehouse")
    assert sum(e.facts["quantity"] for e in control.world.ledger.entries() if e.kind == "restocked") == 2
