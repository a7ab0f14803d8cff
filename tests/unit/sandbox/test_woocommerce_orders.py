"""Orders: their lines, statuses, sums and stock."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from test_woocommerce_goods import tee
from woocommerce_door import NY_TAX, OLD, VAT, woo

from sandbox.storefront.woocommerce.rules import Rules


async def test_an_unknown_product_makes_a_line_that_costs_nothing() -> None:
    async with woo() as door:
        made = await door.order((987_654, 1), status="pending")
        (line,) = made["line_items"]
        assert (line["product_id"], line["sku"], line["total"], line["price"]) == (0, None, "0.00", 0)


async def test_overselling_is_accepted_and_the_stock_falls_below_zero() -> None:
    async with woo() as door:
        id = await door.product(units=2)
        await door.order((id, 455))
        assert await door.stock(id) == -453
        assert (await door.get(f"products/{id}"))["stock_status"] == "outofstock"


async def test_twelve_orders_at_once_take_twelve() -> None:
    async with woo() as door:
        id = await door.product(units=20)
        await asyncio.gather(*(door.order((id, 1)) for _ in range(12)))
        assert await door.stock(id) == 8


async def test_prices_of_lines_are_numbers_and_totals_are_texts() -> None:
    async with woo() as door:
        id = await door.product(price="19.99")
        (line,) = (await door.order((id, 2)))["line_items"]
        assert (line["price"], line["total"]) == (19.99, "39.98")


async def test_the_same_order_sent_twice_makes_two() -> None:
    async with woo() as door:
        body = {"line_items": []}
        head = {"idempotency-key": "one"}
        first = await door.http.post("orders", json=body, headers=head)
        second = await door.http.post("orders", json=body, headers=head)
        assert first.json()["id"] != second.json()["id"]


async def test_stock_follows_the_status_back_and_forth() -> None:
    async with woo() as door:
        id = await door.product(units=20)
        order = (await door.order((id, 2), status="pending"))["id"]
        seen = []
        for status in (
            "processing",
            "on-hold",
            "completed",
            "processing",
            "cancelled",
            "pending",
            "completed",
        ):
            await door.put(f"orders/{order}", status=status)
            seen.append(await door.stock(id))
        assert seen == [18, 18, 18, 18, 20, 20, 18]


async def test_completed_to_pending_is_allowed_and_restores_the_stock() -> None:
    async with woo() as door:
        id = await door.product(units=6)
        order = await door.order((id, 1), status="completed")
        back = await door.put(f"orders/{order['id']}", status="pending")
        assert (back["status"], await door.stock(id)) == ("pending", 6)


async def test_a_status_that_nobody_knows_is_refused() -> None:
    async with woo() as door:
        order = await door.order(status="pending")
        assert await door.no("PUT", f"orders/{order['id']}", {"status": "shipped"}) == (
            400,
            "rest_invalid_param",
        )


async def test_cash_on_delivery_is_processed_unpaid_and_paid_when_completed() -> None:
    async with woo() as door:
        order = await door.order(payment_method="cod")
        assert (order["status"], order["date_paid"]) == ("processing", None)
        assert (await door.put(f"orders/{order['id']}", status="completed"))["date_paid"] is not None


async def test_a_paid_order_is_processed_and_its_transaction_is_found_by_search() -> None:
    async with woo() as door:
        order = await door.order(status="pending", set_paid=True, transaction_id="TX-77")
        assert order["status"] == "processing"
        await door.order(status="pending")
        assert await door.ids("orders", search="tx-77") == [order["id"]]


async def test_a_filter_by_meta_is_ignored() -> None:
    async with woo() as door:
        order = await door.order(status="pending")
        assert await door.ids("orders", meta_key="x", meta_value="y") == [order["id"]]


async def test_lines_without_ids_are_added_to_those_that_are_there() -> None:
    async with woo() as door:
        first, second = await door.product("A"), await door.product("B", "7.77")
        order = await door.order((first, 2))
        added = await door.put(f"orders/{order['id']}", line_items=[{"product_id": second, "quantity": 1}])
        assert [line["sku"] for line in added["line_items"]] == ["A", "B"]
        assert (added["total"], await door.stock(second)) == ("27.77", 19)


async def test_another_quantity_leaves_the_lines_total_and_lowers_its_price() -> None:
    async with woo() as door:
        id = await door.product()
        order = await door.order((id, 2))
        line = order["line_items"][0]["id"]
        changed = await door.put(f"orders/{order['id']}", line_items=[{"id": line, "quantity": 5}])
        assert changed["line_items"][0]["total"] == "20.00"
        assert (changed["line_items"][0]["price"], changed["total"]) == (4, "20.00")
        assert await door.stock(id) == 15


async def test_a_line_whose_product_is_null_is_taken_out_and_its_units_are_there_again() -> None:
    async with woo() as door:
        id = await door.product()
        order = await door.order((id, 2))
        line = order["line_items"][0]["id"]
        emptied = await door.put(f"orders/{order['id']}", line_items=[{"id": line, "product_id": None}])
        assert (emptied["line_items"], emptied["total"], await door.stock(id)) == ([], "0.00", 20)


async def test_the_older_generation_leaves_the_stock_alone_when_lines_are_edited() -> None:
    async with woo(OLD) as door:
        first, second = await door.product("A"), await door.product("B")
        order = await door.order((first, 2))
        path, line = f"orders/{order['id']}", order["line_items"][0]["id"]
        await door.put(path, line_items=[{"product_id": second, "quantity": 1}])
        await door.put(path, line_items=[{"id": line, "quantity": 5}])
        await door.put(path, line_items=[{"id": line, "product_id": None}])
        assert (await door.stock(first), await door.stock(second)) == (18, 20)


async def test_a_line_of_another_order_is_refused() -> None:
    async with woo() as door:
        order = await door.order(status="pending")
        rows = {"line_items": [{"id": 4711, "quantity": 1}]}
        assert await door.no("PUT", f"orders/{order['id']}", rows) == (
            400,
            "woocommerce_rest_invalid_item_id",
        )


async def test_a_fraction_of_a_unit_is_refused() -> None:
    async with woo() as door:
        id = await door.product()
        rows = {"line_items": [{"product_id": id, "quantity": 1.5}]}
        assert await door.no("POST", "orders", rows) == (400, "rest_invalid_param")


async def test_a_reduction_beyond_the_order_is_cut_without_a_word() -> None:
    async with woo(Rules(rates=(NY_TAX,))) as door:
        id = await door.product(price="5.00")
        order = await door.order((id, 1), fee_lines=[{"name": "Voucher", "total": "-20.00"}])
        (fee,) = order["fee_lines"]
        assert (fee["total"], fee["total_tax"], order["total"]) == ("-5.00", "-0.44", "0.00")


async def test_with_six_digits_the_total_stays_rounded() -> None:
    async with woo(Rules(rates=(VAT,), prices_include_tax=True)) as door:
        id = await door.product(price="19.99")
        order = await door.order((id, 2))
        exact = await door.get(f"orders/{order['id']}", dp=6)
        assert exact["line_items"][0]["total"] == "33.596639"
        assert exact["total"] == "39.980000"


async def test_taxes_of_lines_show_more_digits_than_the_currency_in_the_older_generation() -> None:
    rate = replace(VAT, percent=Decimal(10))
    for rules, tax in ((Rules(), "56"), (OLD, "55.5")):
        async with woo(replace(rules, currency="JPY", decimals=0, rates=(rate,))) as door:
            id = await door.product(price="555")
            (line,) = (await door.order((id, 1)))["line_items"]
            assert line["taxes"][0]["total"] == tax


async def test_a_deleted_product_leaves_a_line_with_its_name_alone() -> None:
    async with woo() as door:
        id = await door.product("GONE")
        order = await door.order((id, 1))
        await door.delete(f"products/{id}", force="true")
        (line,) = (await door.get(f"orders/{order['id']}"))["line_items"]
        assert (line["product_id"], line["sku"], line["name"]) == (0, None, "Goods GONE")


async def test_a_deleted_variation_leaves_its_parents_sku() -> None:
    async with woo() as door:
        parent, child = await tee(door)
        order = await door.post("orders", line_items=[{"product_id": parent, "variation_id": child}])
        assert order["line_items"][0]["sku"] == "TEE-S"
        await door.delete(f"products/{parent}/variations/{child}", force="true")
        assert (await door.get(f"orders/{order['id']}"))["line_items"][0]["sku"] == "TEE"


async def test_a_lines_sku_is_the_present_one_and_its_name_the_one_then() -> None:
    async with woo() as door:
        id = await door.product("OLD-1")
        order = await door.order((id, 1))
        await door.put(f"products/{id}", sku="NEW-1", name="New")
        (line,) = (await door.get(f"orders/{order['id']}"))["line_items"]
        assert (line["sku"], line["name"]) == ("NEW-1", "Goods OLD-1")


async def test_own_data_become_texts_and_a_repeated_key_keeps_the_last() -> None:
    async with woo() as door:
        rows = [("n", 3), ("t", True), ("f", False), ("nul", None), ("twice", "1"), ("twice", "2")]
        order = await door.order(status="pending", meta_data=[{"key": k, "value": v} for k, v in rows])
        found = {each["key"]: each["value"] for each in order["meta_data"]}
        assert found == {"n": "3", "t": "1", "f": "", "twice": "2"}


async def test_own_data_with_null_are_taken_out() -> None:
    async with woo() as door:
        order = await door.order(status="pending", meta_data=[{"key": "a", "value": "1"}])
        (entry,) = order["meta_data"]
        after = await door.put(
            f"orders/{order['id']}", meta_data=[{"id": entry["id"], "key": "a", "value": None}]
        )
        assert after["meta_data"] == []


async def test_the_date_of_an_order_cannot_be_set() -> None:
    async with woo(at=datetime(2026, 3, 2, 12, tzinfo=UTC)) as door:
        order = await door.order(status="pending", date_created="2020-01-01T00:00:00")
        assert order["date_created_gmt"] == "2026-03-02T12:00:00"


async def test_the_older_generation_drops_backslashes_from_the_buyers_note() -> None:
    for rules, kept in ((Rules(), "a\\b"), (OLD, "ab")):
        async with woo(rules) as door:
            assert (await door.order(status="pending", customer_note="a\\b"))["customer_note"] == kept


async def test_deleting_shows_the_status_before_and_the_trash_can_be_read_by_id() -> None:
    async with woo() as door:
        order = await door.order(status="pending")
        assert (await door.delete(f"orders/{order['id']}"))["status"] == "pending"
        assert (await door.get(f"orders/{order['id']}"))["status"] == "trash"
        await door.delete(f"orders/{order['id']}", force="true")
        assert await door.no("GET", f"orders/{order['id']}") == (
            404,
            "woocommerce_rest_shop_order_invalid_id",
        )
