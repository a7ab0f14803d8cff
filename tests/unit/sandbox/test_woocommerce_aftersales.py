"""What comes with orders: coupons, notes and parcels."""

from decimal import Decimal

import pytest
from woocommerce_door import OLD, VAT, woo

from sandbox.storefront.woocommerce.rules import Rules

TRACKED = Rules(tracking=True)


# --- coupons --------------------------------------------------------------------------------------------


async def test_what_coupons_say_they_took_need_not_be_the_orders_discount() -> None:
    async with woo(Rules(rates=(VAT,), prices_include_tax=True)) as door:
        ids = [await door.product(f"C-{n}", price) for n, price in enumerate(("19.99", "9.99", "0.50"))]
        await door.post("coupons", code="Third", discount_type="percent", amount="33.33")
        lines = ((ids[0], 2), (ids[1], 1), (ids[2], 3))
        order = await door.order(*lines, coupon_lines=[{"code": "third"}])
        (coupon,) = order["coupon_lines"]
        taken = sum(Decimal(line["subtotal"]) - Decimal(line["total"]) for line in order["line_items"])
        assert Decimal(order["discount_total"]) == taken
        assert (order["discount_total"], coupon["discount"]) == ("14.40", "14.41")


async def test_each_generation_keeps_a_coupon_in_its_own_way() -> None:
    for rules, key in ((Rules(), "coupon_info"), (OLD, "coupon_data")):
        async with woo(rules) as door:
            id = await door.product()
            await door.post("coupons", code="half", discount_type="percent", amount="50")
            order = await door.order((id, 1), coupon_lines=[{"code": "HALF"}])
            (coupon,) = order["coupon_lines"]
            assert coupon["meta_data"][0]["key"] == key
            assert ("nominal_amount" in coupon) is rules.new


async def test_a_code_that_nobody_knows_is_refused_and_nothing_is_made() -> None:
    async with woo() as door:
        refused = await door.no("POST", "orders", {"coupon_lines": [{"code": "none"}]})
        assert refused == (400, "woocommerce_rest_invalid_coupon")
        assert await door.get("orders") == []


async def test_an_empty_list_of_codes_takes_them_off() -> None:
    async with woo() as door:
        id = await door.product()
        await door.post("coupons", code="half", discount_type="percent", amount="50")
        order = await door.order((id, 2), coupon_lines=[{"code": "half"}])
        after = await door.put(f"orders/{order['id']}", coupon_lines=[])
        assert (order["total"], after["total"], after["coupon_lines"]) == ("10.00", "20.00", [])


# --- notes ----------------------------------------------------------------------------------------------


async def test_a_note_leaves_the_orders_date_and_its_list_is_not_counted() -> None:
    async with woo() as door:
        order = await door.order(status="pending")
        door.clock.advance(5)
        await door.post(f"orders/{order['id']}/notes", note="On its way", customer_note=True)
        assert (await door.get(f"orders/{order['id']}"))["date_modified"] == order["date_modified"]
        answer = await door.http.get(f"orders/{order['id']}/notes", params={"type": "customer"})
        assert [each["note"] for each in answer.json()] == ["On its way"]
        assert "x-wp-total" not in answer.headers


async def test_the_newer_generation_notes_its_e_mails() -> None:
    for rules, mails in ((Rules(), True), (OLD, False)):
        async with woo(rules) as door:
            order = await door.order()
            notes = [each["note"] for each in await door.get(f"orders/{order['id']}/notes")]
            assert "Order status changed from Pending payment to Processing." in notes
            assert ('Email "Processing order" sent.' in notes) is mails


# --- parcels --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("space", ["wc/v3", "wc-shipment-tracking/v3"])
async def test_a_parcel_is_told_by_the_extensions_route_where_it_is_installed(space: str) -> None:
    async with woo(TRACKED) as door:
        id = await door.product()
        order = (await door.order((id, 1)))["id"]
        path = f"{door.url}/wp-json/{space}/orders/{order}/shipment-trackings"
        given = {"tracking_provider": "DHL", "tracking_number": "JJD1", "date_shipped": "2026-03-02"}
        made = await door.post(path, **given)
        assert (made["tracking_number"], made["date_shipped"]) == ("JJD1", "2026-03-02")
        assert made["tracking_link"] == "https://www.dhl.com/track?id=JJD1"
        assert [each["tracking_id"] for each in await door.get(path)] == [made["tracking_id"]]
        (told,) = door.told("fulfilment_created")
        assert (told["code"], told["tracking"]) == (str(order), "JJD1")
        await door.delete(f"{path}/{made['tracking_id']}")
        assert await door.get(path) == []
        assert door.told("fulfilment_moved")[0]["state"] == "Cancelled"


async def test_without_the_extension_there_is_no_such_route() -> None:
    async with woo() as door:
        order = await door.order(status="pending")
        assert await door.no("GET", f"orders/{order['id']}/shipment-trackings") == (404, "rest_no_route")


async def test_a_parcel_may_be_told_in_the_orders_own_data() -> None:
    async with woo() as door:
        id = await door.product()
        order = await door.order((id, 1))
        entry = {"tracking_provider": "ups", "tracking_number": "1Z"}
        await door.put(
            f"orders/{order['id']}", meta_data=[{"key": "_wc_shipment_tracking_items", "value": [entry]}]
        )
        assert [told["tracking"] for told in door.told("fulfilment_created")] == ["1Z"]


async def test_a_completed_order_has_left_whole_and_only_once() -> None:
    async with woo(TRACKED) as door:
        id = await door.product("MUG")
        order = await door.order((id, 2))
        path = f"orders/{order['id']}"
        contents = [{"item_id": order["line_items"][0]["id"], "qty": 1}]
        await door.post(f"{path}/shipment-trackings", tracking_number="T1", products_list=contents)
        await door.put(path, status="completed")
        await door.put(path, status="completed")
        told = [(each["tracking"], each["lines"]) for each in door.told("fulfilment_created")]
        assert told == [("T1", {"MUG": 1}), ("", {"MUG": 1})]
