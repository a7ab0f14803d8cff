"""The shop in the pretend world: the sandbox's own shoppers and staff, the ledger and the judge."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from woocommerce_door import Door, woo

from sandbox.judge import judge
from sandbox.shoppers import ONE_NAME, Purchase, fill, settle
from sandbox.storefront import cancelling
from sandbox.storefront.goods import Variant
from sandbox.storefront.orders import Order
from sandbox.storefront.woocommerce.books import FIRST_ORDER
from sandbox.storefront.woocommerce.opening import WORLD
from sandbox.world import World


@asynccontextmanager
async def street() -> AsyncIterator[tuple[Door, dict[tuple[str, str], Variant]]]:
    """A shop of the world that lists a mug, 10 of them."""
    async with woo(WORLD) as door:
        world = World(1, ledger=door.ledger)
        shop = door.opened.shop
        world.shops[shop.name] = shop
        shop.watching = False
        world.list_good(shop, "MUG", "Mug", 1530, physical="MUG-1", units=10)
        shop.watching = True
        world.warehouse.add_product("MUG-1", "Mug")
        world.warehouse.receive("MUG-1", 10)
        yield door, world.listings


def buy(door: Door, listings: dict[tuple[str, str], Variant], units: int = 2, **more: Any) -> Order:
    shop = door.opened.shop
    cart = fill(shop, listings, Purchase(shop.name, (("MUG", units),), ONE_NAME, **more))
    assert cart is not None
    return settle(shop, cart)


async def test_a_listing_of_the_world_is_a_simple_product_whose_id_is_its_variants() -> None:
    async with street() as (door, listings):
        (variant,) = listings.values()
        found = await door.get(f"products/{variant.id}")
        assert (found["sku"], found["type"], found["regular_price"]) == ("MUG", "simple", "15.3")
        assert (found["manage_stock"], found["stock_quantity"]) == (True, 10)


async def test_a_shoppers_order_is_paid_processed_and_taxed_as_the_shop_taxes() -> None:
    async with street() as (door, listings):
        code = buy(door, listings).code
        order = await door.get(f"orders/{code}")
        assert (order["status"], order["number"], order["total"]) == ("processing", code, "41.72")
        assert (order["total_tax"], order["shipping_total"]) == ("6.12", "5.00")
        assert order["billing"]["first_name"] == "Pelé"
        (placed,) = door.told("order_placed")
        assert (placed["paid"], placed["lines"], placed["code"]) == (4172, {"MUG-1": 2}, code)


async def test_an_order_number_is_one_that_the_judge_knows() -> None:
    async with street() as (door, listings):
        assert len(str(FIRST_ORDER)) == 16
        buy(door, listings)
        assert judge(door.ledger.entries()).orders_placed == 1


async def test_a_shopper_takes_from_the_quantity_that_is_shown() -> None:
    async with street() as (door, listings):
        (variant,) = listings.values()
        buy(door, listings, 2)
        assert await door.stock(int(variant.id)) == 8
        await door.put(f"products/{variant.id}", stock_quantity=3)
        buy(door, listings, 5)
        assert await door.stock(int(variant.id)) == 0


async def test_a_free_order_costs_nothing_and_names_its_coupon() -> None:
    async with street() as (door, listings):
        door.opened.shop.add_coupon("FREE", "everything free", 100, free_shipping=True)
        order = await door.get(f"orders/{buy(door, listings, coupon='FREE').code}")
        assert (order["total"], order["discount_total"]) == ("0.00", "30.60")
        assert [each["code"] for each in order["coupon_lines"]] == ["free"]
        assert [line["subtotal"] for line in order["line_items"]] == ["30.60"]


async def test_a_whole_cancel_by_staff_is_the_status_and_restores_the_stock() -> None:
    async with street() as (door, listings):
        order = buy(door, listings)
        door.clock.advance(5)
        cancelling.cancel(door.opened.shop, order.id, None, shipping=True, reason="changed their mind")
        shown = await door.get(f"orders/{order.code}")
        assert shown["status"] == "cancelled"
        assert shown["date_modified"] != shown["date_created"]
        (variant,) = listings.values()
        assert await door.stock(int(variant.id)) == 10
        assert judge(door.ledger.entries()).orders_cancelled == 1


async def test_a_part_cancelled_by_staff_is_a_refund_of_its_line() -> None:
    async with street() as (door, listings):
        order = buy(door, listings)
        line = order.lines[0].id
        wanted = [{"orderLineId": line, "quantity": 1}]
        cancelling.cancel(door.opened.shop, order.id, wanted, reason="one too many")
        (refund,) = await door.get(f"orders/{order.code}/refunds")
        assert (refund["amount"], refund["line_items"][0]["quantity"]) == ("18.36", -1)
        (variant,) = listings.values()
        assert await door.stock(int(variant.id)) == 9
        assert [told["lines"] for told in door.told("order_cancelled")] == [{"MUG-1": 1}]


async def test_an_order_cancelled_over_the_api_is_cancelled_in_the_worlds_books_too() -> None:
    async with street() as (door, listings):
        order = buy(door, listings)
        await door.put(f"orders/{order.code}", status="cancelled")
        assert order.total_quantity == 0
        (variant,) = listings.values()
        assert await door.stock(int(variant.id)) == 10
        assert judge(door.ledger.entries()).orders_cancelled == 1


async def test_a_hidden_order_is_not_there() -> None:
    async with street() as (door, listings):
        code = buy(door, listings).code
        door.opened.shop.hide(code)
        assert await door.no("GET", f"orders/{code}") == (404, "woocommerce_rest_shop_order_invalid_id")
        assert await door.get("orders") == []
        door.opened.shop.show(code)
        assert await door.ids("orders") == [int(code)]


async def test_the_state_of_the_books_names_no_person() -> None:
    async with street() as (door, listings):
        code = buy(door, listings).code
        (order,) = door.opened.shop.state()["orders"]
        assert (order["code"], order["state"], order["paid"]) == (code, "processing", 4172)
        assert "Pelé" not in str(door.opened.shop.state())


async def test_every_purchase_of_a_script_is_placed_as_the_shop_sums_it_up() -> None:
    async with street() as (door, listings):
        for seed in range(4):
            buy(door, listings, Random(seed).randint(1, 2))
        for placed in door.told("order_placed"):
            order = await door.get(f"orders/{placed['code']}")
            assert order["total"] == f"{placed['total'] / 100:.2f}"
