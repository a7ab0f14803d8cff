"""Refunds: money back, and what goes on the shelf again."""

import pytest
from woocommerce_door import NY_TAX, OLD, Door, woo

from sandbox.storefront.woocommerce.rules import Rules

TAXED = Rules(rates=(NY_TAX,))


async def bought(door: Door, units: int = 4) -> tuple[int, int, str]:
    """A product with 20 in stock and an order of it: the product's id, the order's line and the refunds' path."""
    id = await door.product()
    order = await door.order((id, units))
    return id, order["line_items"][0]["id"], f"orders/{order['id']}/refunds"


@pytest.mark.parametrize("rules", [Rules(), OLD])
@pytest.mark.parametrize(
    ("body", "code", "data"),
    [
        ({"amount": "5000", "api_refund": False}, "cannot_create_order_refund", 500),
        ({"amount": "5.00"}, "cannot_create_order_refund", 500),
        ({"amount": "-1", "api_refund": False}, "invalid_order_refund", 400),
    ],
)
async def test_a_refund_that_cannot_be_is_a_500_with_an_integer_as_data(
    rules: Rules, body: dict[str, object], code: str, data: int
) -> None:
    async with woo(rules) as door:
        _, _, path = await bought(door)
        answer = await door.http.post(path, json=body)
        assert answer.status_code == 500
        assert (answer.json()["code"], answer.json()["data"]) == (f"woocommerce_rest_{code}", data)
        assert await door.get(path) == []


async def test_a_gateway_that_refunds_by_api_does_so_by_default() -> None:
    async with woo(Rules(gateways=frozenset({"bacs"}))) as door:
        _, _, path = await bought(door)
        assert (await door.post(path, amount="5.00"))["refunded_payment"] is True


async def test_an_amount_that_is_no_text_is_refused() -> None:
    async with woo() as door:
        _, _, path = await bought(door)
        assert await door.no("POST", path, {"amount": 5, "api_refund": False}) == (400, "rest_invalid_param")


async def test_lines_are_restocked_by_default_and_make_up_the_amount() -> None:
    async with woo(TAXED) as door:
        id, line, path = await bought(door)
        rows = [
            {"id": line, "quantity": 1, "refund_total": 10, "refund_tax": [{"id": 1, "refund_total": 0.89}]}
        ]
        made = await door.post(path, api_refund=False, line_items=rows)
        assert (made["amount"], await door.stock(id)) == ("10.89", 17)
        assert (made["line_items"][0]["quantity"], made["line_items"][0]["total"]) == (-1, "-10.00")


async def test_lines_stay_off_the_shelf_where_the_caller_says_so() -> None:
    async with woo() as door:
        id, line, path = await bought(door)
        rows = [{"id": line, "quantity": 1, "refund_total": 10}]
        await door.post(path, api_refund=False, api_restock=False, line_items=rows)
        assert await door.stock(id) == 16


async def test_a_refund_by_amount_has_no_lines_and_restocks_nothing() -> None:
    async with woo() as door:
        id, _, path = await bought(door)
        made = await door.post(path, amount="10.00", api_refund=False)
        assert (made["line_items"], await door.stock(id)) == ([], 16)


async def test_the_orders_own_lines_and_total_stay_and_its_date_moves() -> None:
    async with woo() as door:
        _, line, path = await bought(door)
        order = await door.get(path.removesuffix("/refunds"))
        door.clock.advance(5)
        rows = [{"id": line, "quantity": 1, "refund_total": 10}]
        await door.post(path, api_refund=False, line_items=rows)
        after = await door.get(path.removesuffix("/refunds"))
        assert after["total"] == order["total"]
        assert [each["quantity"] for each in after["line_items"]] == [4]
        assert after["date_modified"] != order["date_modified"]


async def test_the_amount_need_not_be_the_sum_of_its_lines() -> None:
    async with woo() as door:
        _, line, path = await bought(door)
        rows = [{"id": line, "quantity": 1, "refund_total": 10.89}]
        assert (await door.post(path, amount="7.77", api_refund=False, line_items=rows))["amount"] == "7.77"


async def test_more_units_than_were_bought_can_be_refunded_and_are_restocked() -> None:
    async with woo() as door:
        id, line, path = await bought(door)
        rows = [{"id": line, "quantity": 9, "refund_total": 10}]
        await door.post(path, amount="10.00", api_refund=False, line_items=rows)
        assert await door.stock(id) == 25


async def test_an_amount_of_nothing_is_accepted() -> None:
    async with woo() as door:
        _, _, path = await bought(door)
        made = await door.post(path, amount="0", api_refund=False)
        order = await door.get(path.removesuffix("/refunds"))
        assert (made["amount"], order["refunds"][0]["total"]) == ("0.00", "-0.00")


async def test_the_same_refund_sent_twice_makes_two() -> None:
    async with woo() as door:
        _, _, path = await bought(door)
        for _ in range(2):
            answer = await door.http.post(
                path, json={"amount": "5.00", "api_refund": False}, headers={"idempotency-key": "one"}
            )
            assert answer.status_code == 201
        assert len(await door.get(path)) == 2


async def test_refunding_the_rest_makes_the_order_refunded() -> None:
    async with woo() as door:
        _, _, path = await bought(door)
        await door.post(path, amount="10.00", api_refund=False)
        assert (await door.get(path.removesuffix("/refunds")))["status"] == "processing"
        await door.post(path, amount="30.00", api_refund=False)
        assert (await door.get(path.removesuffix("/refunds")))["status"] == "refunded"


async def test_the_status_alone_refunds_the_rest_without_lines() -> None:
    async with woo() as door:
        id, _, path = await bought(door)
        order = await door.put(path.removesuffix("/refunds"), status="refunded")
        assert [each["total"] for each in order["refunds"]] == ["-40.00"]
        (made,) = await door.get(path)
        assert (made["line_items"], await door.stock(id)) == ([], 16)


async def test_a_refunded_order_that_is_edited_stays_refunded_although_its_total_is_another() -> None:
    async with woo() as door:
        id, _, path = await bought(door)
        place = path.removesuffix("/refunds")
        await door.put(place, status="refunded")
        after = await door.put(place, line_items=[{"product_id": id, "quantity": 1}])
        assert (after["status"], after["total"]) == ("refunded", "50.00")


async def test_deleting_a_refund_does_not_undo_the_restock() -> None:
    async with woo() as door:
        id, line, path = await bought(door)
        rows = [{"id": line, "quantity": 1, "refund_total": 10}]
        made = await door.post(path, api_refund=False, line_items=rows)
        await door.delete(f"{path}/{made['id']}", force="true")
        assert (await door.get(path), await door.stock(id)) == ([], 17)


async def test_an_order_that_is_gone_has_an_empty_list_of_refunds() -> None:
    async with woo() as door:
        assert await door.get("orders/4711/refunds") == []


async def test_the_newer_generation_shows_the_tax_of_refunds_in_the_order() -> None:
    for rules, shown in ((Rules(), True), (OLD, False)):
        async with woo(rules) as door:
            _, _, path = await bought(door)
            await door.post(path, amount="5.00", api_refund=False)
            (brief,) = (await door.get(path.removesuffix("/refunds")))["refunds"]
            assert ("total_tax" in brief) is shown


async def test_units_refunded_before_they_left_are_told_as_called_off() -> None:
    async with woo() as door:
        _, line, path = await bought(door)
        rows = [{"id": line, "quantity": 1, "refund_total": 10}]
        await door.post(path, api_refund=False, line_items=rows)
        assert [told["lines"] for told in door.told("order_cancelled")] == [{"MUG": 1}]
        assert [told["amount"] for told in door.told("refunded")] == [1000]


async def test_units_refunded_after_they_left_are_not_called_off() -> None:
    async with woo() as door:
        _, line, path = await bought(door)
        await door.put(path.removesuffix("/refunds"), status="completed")
        rows = [{"id": line, "quantity": 1, "refund_total": 10}]
        await door.post(path, api_refund=False, line_items=rows)
        assert door.told("order_cancelled") == []
