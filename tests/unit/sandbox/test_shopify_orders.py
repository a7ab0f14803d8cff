"""Orders of the pretend Shopify: sums that add up in every currency, pages by time, notes, cancels, edits."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from shopify_door import BEGIN_EDIT, CANCEL_ORDER, COMMIT_EDIT, MAIN, SET_UNITS, Door, opened

from sandbox.storefront.books import Terms

_M = "{ shopMoney { amount currencyCode } }"
SUMS = f"""
  taxesIncluded totalPriceSet {_M} subtotalPriceSet {_M} totalTaxSet {_M} totalDiscountsSet {_M}
  totalShippingPriceSet {_M} currentTotalPriceSet {_M} totalOutstandingSet {_M} totalReceivedSet {_M}
  lineItems(first: 50) {{ nodes {{
    quantity currentQuantity originalTotalSet {_M} discountAllocations {{ allocatedAmountSet {_M} }}
    taxLines {{ priceSet {_M} }}
  }} }}
  shippingLines(first: 5) {{ nodes {{ originalPriceSet {_M} discountedPriceSet {_M} taxLines {{ priceSet {_M} }} }} }}
"""


@pytest.fixture
def door() -> Iterator[Door]:
    with opened() as made:
        yield made


def _amount(bag: dict[str, Any]) -> Decimal:
    return Decimal(bag["shopMoney"]["amount"])


def _total(rows: list[dict[str, Any]], *path: str) -> Decimal:
    found = list(rows)
    for step in path[:-1]:
        found = [each for row in found for each in row[step]]
    return sum((_amount(row[path[-1]]) for row in found), Decimal(0))


TERMS = [
    Terms("EUR", 2, prices_include_tax=True, tax_rate=19, shipping_prices=(490, 990)),
    Terms("USD", 2, prices_include_tax=False, tax_rate=8.25, shipping_prices=(533, 990)),
    Terms("JPY", 0, prices_include_tax=True, tax_rate=10, shipping_prices=(800, 1600)),
    Terms("KWD", 3, prices_include_tax=False, tax_rate=5, shipping_prices=(1501, 3000)),
    Terms("CHF", 2, prices_include_tax=False, tax_rate=0),
]


@pytest.mark.parametrize("terms", TERMS, ids=lambda terms: terms.currency)
@pytest.mark.parametrize("coupon", [None, "THIRD", "FREE"])
def test_lines_sending_and_taxes_add_up_to_the_total(terms: Terms, coupon: str | None) -> None:
    with opened(terms) as door:
        prices = {0: ("333", "1999"), 2: ("3.33", "19.99"), 3: ("3.333", "19.999")}[terms.precision]
        for sku, price in zip(("A", "B"), prices, strict=True):
            door.street.goods(sku, 50, price)
        door.street.walk("coupons", code="THIRD", percent=33)
        door.street.walk("coupons", code="FREE", percent=100, free_shipping=True)
        order = door.order(door.street.buy({"A": 7, "B": 3}, coupon=coupon), SUMS)
    lines, sent = order["lineItems"]["nodes"], order["shippingLines"]["nodes"]
    goods = _total(lines, "originalTotalSet") - _total(lines, "discountAllocations", "allocatedAmountSet")
    sending = _total(sent, "discountedPriceSet")
    tax = _total(lines, "taxLines", "priceSet") + _total(sent, "taxLines", "priceSet")
    assert goods == _amount(order["subtotalPriceSet"])
    assert tax == _amount(order["totalTaxSet"])
    assert goods + sending + (0 if terms.prices_include_tax else tax) == _amount(order["totalPriceSet"])
    off = _total(sent, "originalPriceSet") - sending
    assert _amount(order["totalDiscountsSet"]) == off + _total(
        lines, "discountAllocations", "allocatedAmountSet"
    )
    assert _amount(order["totalReceivedSet"]) == _amount(order["totalPriceSet"])
    assert _amount(order["totalOutstandingSet"]) == 0
    assert order["totalPriceSet"]["shopMoney"]["currencyCode"] == terms.currency


def test_amounts_have_no_more_zeros_than_one(door: Door) -> None:
    door.street.goods("A", 5, "20.00")
    door.street.goods("B", 5, "12.50")
    order = door.order(
        door.street.buy({"A": 1, "B": 1}), f"lineItems(first: 2) {{ nodes {{ originalUnitPriceSet {_M} }} }}"
    )
    amounts = [line["originalUnitPriceSet"]["shopMoney"]["amount"] for line in order["lineItems"]["nodes"]]
    assert amounts == ["20.0", "12.5"]


def test_orders_come_by_the_time_of_their_last_change_in_whole_seconds(door: Door) -> None:
    door.street.goods("A", 50)
    ids = []
    for _ in range(3):
        ids.append(door.street.buy({"A": 1}))
        door.clock.advance(60)
    door.data(
        "mutation($i: OrderInput!) { orderUpdate(input: $i) { userErrors { message } } }",
        i={"id": ids[0], "note": "x"},
    )
    query = """query($q: String, $after: String) { orders(first: 2, after: $after, query: $q, sortKey: UPDATED_AT) {
        nodes { id updatedAt } pageInfo { hasNextPage endCursor } } }"""
    first = door.data(query, q="updated_at:>='2026-03-02T09:01:00Z'")
    assert [node["id"] for node in first["nodes"]] == [ids[1], ids[2]]
    assert first["nodes"][0]["updatedAt"] == "2026-03-02T09:01:00Z"
    second = door.data(query, q="updated_at:>='2026-03-02T09:01:00Z'", after=first["pageInfo"]["endCursor"])
    assert [node["id"] for node in second["nodes"]] == [ids[0]]
    assert second["pageInfo"]["hasNextPage"] is False


def test_a_moment_that_cannot_be_read_is_refused(door: Door) -> None:
    door.street.goods("A")
    door.street.buy({"A": 1})
    (error,) = door.errors('{ orders(first: 1, query: "updated_at:>=yesterday") { nodes { id } } }')
    assert error["message"] == "Invalid timestamp for query filter `updated_at`."


def test_an_order_that_is_only_authorised_is_told_apart_and_captured_later(door: Door) -> None:
    door.street.goods("A")
    id = door.street.buy({"A": 1}, pay=False)
    look = "displayFinancialStatus transactions { kind status parentTransaction { kind } }"
    order = door.order(id, look)
    assert (order["displayFinancialStatus"], [t["kind"] for t in order["transactions"]]) == (
        "AUTHORIZED",
        ["AUTHORIZATION"],
    )
    door.street.walk("pay", order=id)
    order = door.order(id, look)
    assert order["displayFinancialStatus"] == "PAID"
    assert [t["kind"] for t in order["transactions"]] == ["AUTHORIZATION", "CAPTURE"]
    assert order["transactions"][1]["parentTransaction"] == {"kind": "AUTHORIZATION"}


def test_a_note_replaces_the_one_before(door: Door) -> None:
    door.street.goods("A")
    id = door.street.buy({"A": 1})
    note = (
        "mutation($i: OrderInput!) { orderUpdate(input: $i) { order { note } userErrors { field message } } }"
    )
    door.data(note, i={"id": id, "note": "first"})
    door.clock.advance(5)
    assert door.data(note, i={"id": id, "note": "second"})["order"] == {"note": "second"}
    assert door.order(id, "updatedAt")["updatedAt"] == "2026-03-02T09:00:05Z"
    missing = door.data(note, i={"id": "gid://shopify/Order/99", "note": "x"})
    assert missing["userErrors"] == [{"field": ["id"], "message": "Order does not exist"}]


def test_a_cancel_is_a_job_done_a_moment_later(door: Door) -> None:
    mug = door.street.goods("A", 10)
    id = door.street.buy({"A": 4})
    answer = door.data(CANCEL_ORDER, id=id, restock=True, refund={"originalPaymentMethodsRefund": True})
    assert answer["orderCancelUserErrors"] == []
    assert answer["job"]["done"] is False
    assert door.order(id, "cancelledAt")["cancelledAt"] is None
    again = door.data(CANCEL_ORDER, id=id, restock=True)
    assert again["orderCancelUserErrors"][0]["message"] == "Cancellation is already in progress"
    door.clock.advance(1)
    assert door.data("query($id: ID!) { job(id: $id) { done } }", id=answer["job"]["id"]) == {"done": True}
    order = door.order(
        id,
        f"cancelReason closed cancellation {{ staffNote }} displayFinancialStatus currentTotalPriceSet {_M} "
        f"totalOutstandingSet {_M} refunds {{ totalRefundedSet {_M} }} lineItems(first: 1) {{ nodes {{ quantity currentQuantity }} }}",
    )
    assert (order["cancelReason"], order["closed"], order["displayFinancialStatus"]) == (
        "CUSTOMER",
        True,
        "REFUNDED",
    )
    assert order["cancellation"] == {"staffNote": "asked"}
    assert _amount(order["currentTotalPriceSet"]) == _amount(order["totalOutstandingSet"]) == 0
    assert order["lineItems"]["nodes"] == [{"quantity": 4, "currentQuantity": 0}]
    assert door.levels(mug)[MAIN] == {"available": 10, "on_hand": 10, "committed": 0}
    assert [each["status"] for each in door.errands(id)] == ["CLOSED"]
    assert len(door.entries("order_cancelled")) == len(door.entries("refunded")) == 1


def test_a_cancel_without_restocking_leaves_what_is_available_alone(door: Door) -> None:
    mug = door.street.goods("A", 10)
    id = door.street.buy({"A": 4})
    door.data(CANCEL_ORDER, id=id, restock=False)
    door.clock.advance(1)
    assert door.levels(mug)[MAIN] == {"available": 6, "on_hand": 6, "committed": 0}
    assert door.order(id, "displayFinancialStatus")["displayFinancialStatus"] == "PAID"


def test_an_order_of_which_goods_left_cannot_be_cancelled(door: Door) -> None:
    door.street.goods("A", 10)
    id = door.street.buy({"A": 2})
    door.fulfil(id, 1)
    answer = door.data(CANCEL_ORDER, id=id, restock=True)
    assert answer["job"] is None
    assert answer["orderCancelUserErrors"] == [
        {
            "field": ["orderId"],
            "message": "Cannot cancel an order that has outstanding fulfillments",
            "code": "INVALID",
        }
    ]


def test_a_cancel_does_nothing_where_goods_left_before_the_job_began(door: Door) -> None:
    door.street.goods("A", 10)
    id = door.street.buy({"A": 2})
    job = door.data(CANCEL_ORDER, id=id, restock=True)["job"]["id"]
    door.fulfil(id)
    door.clock.advance(1)
    assert door.data("query($id: ID!) { job(id: $id) { done } }", id=job) == {"done": True}
    assert door.order(id, "cancelledAt")["cancelledAt"] is None


def test_an_edit_takes_units_out_that_have_not_left_when_it_is_committed(door: Door) -> None:
    mug = door.street.goods("A", 10, "10.00")
    id = door.street.buy({"A": 3})
    edit = door.data(BEGIN_EDIT, id=id)["calculatedOrder"]
    line = edit["lineItems"]["nodes"][0]
    assert (line["quantity"], line["editableQuantity"]) == (3, 3)
    changed = door.data(SET_UNITS, id=edit["id"], line=line["id"], n=1, restock=True)
    assert changed["calculatedLineItem"] == {"quantity": 1}
    assert changed["calculatedOrder"]["totalPriceSet"]["shopMoney"]["amount"] == "14.9"
    assert door.levels(mug)[MAIN]["committed"] == 3
    done = door.data(COMMIT_EDIT, id=edit["id"])
    assert (done["order"]["edited"], done["successMessages"]) == (True, ["Order updated"])
    order = door.order(
        id, f"lineItems(first: 1) {{ nodes {{ quantity currentQuantity }} }} totalOutstandingSet {_M}"
    )
    assert order["lineItems"]["nodes"] == [{"quantity": 3, "currentQuantity": 1}]
    assert _amount(order["totalOutstandingSet"]) == -20
    assert door.levels(mug)[MAIN] == {"available": 9, "on_hand": 10, "committed": 1}
    assert door.entries("order_cancelled")[0].facts["lines"] == {"A": 2}


def test_an_edit_cannot_go_below_what_left(door: Door) -> None:
    door.street.goods("A", 10)
    id = door.street.buy({"A": 3})
    door.fulfil(id, 2)
    edit = door.data(BEGIN_EDIT, id=id)["calculatedOrder"]
    line = edit["lineItems"]["nodes"][0]["id"]
    assert door.data(SET_UNITS, id=edit["id"], line=line, n=1)["userErrors"][0]["field"] == ["quantity"]
    assert door.data(SET_UNITS, id=edit["id"], line=line, n=2)["userErrors"] == []


def test_units_that_the_shop_s_own_staff_cancel_leave_what_must_be_sent(door: Door) -> None:
    mug = door.street.goods("A", {"1": 2, "2": 2})
    id = door.street.buy({"A": 4})
    door.street.walk("cancel", order=id, lines=[{"sku": "A", "quantity": 3}])
    left = [n["remainingQuantity"] for each in door.errands(id) for n in each["lineItems"]["nodes"]]
    assert sum(left) == 1
    assert sum(level["committed"] for level in door.levels(mug).values()) == 1
    assert sum(level["available"] for level in door.levels(mug).values()) == 3
    assert door.order(id, "edited cancelledAt") == {"edited": True, "cancelledAt": None}


def test_a_hidden_order_is_not_there(door: Door) -> None:
    door.street.goods("A", 10)
    id = door.street.buy({"A": 1})
    door.street.walk("hide", order=id)
    assert door.data("query($id: ID!) { order(id: $id) { id } }", id=id) is None
    assert door.data("{ orders(first: 5) { nodes { id } } }")["nodes"] == []
    door.street.walk("hide", order=id, back=True)
    assert door.data("query($id: ID!) { order(id: $id) { id } }", id=id) == {"id": id}


def test_a_buyer_may_have_no_name(door: Door) -> None:
    door.street.goods("A", 10)
    buyer = {"first": "", "last": "", "email": "x@example.com", "address1": "小路 1 🏠", "country": "CN"}
    order = door.order(
        door.street.buy({"A": 1}, buyer=buyer),
        "shippingAddress { name firstName lastName address1 countryCodeV2 } customer { displayName }",
    )
    assert order["shippingAddress"]["name"] == ""
    assert order["shippingAddress"]["address1"] == "小路 1 🏠"
    assert order["customer"] == {"displayName": "x@example.com"}


def test_orders_of_more_than_sixty_days_need_a_scope_of_their_own(door: Door) -> None:
    door.street.goods("A", 10)
    door.street.buy({"A": 1})
    door.clock.advance(61 * 86_400)
    recent = door.street.buy({"A": 1})
    everything = "{ orders(first: 5) { nodes { id } } }"
    assert len(door.data(everything)["nodes"]) == 2
    door.street.walk("levers", scopes=["read_orders"])
    assert door.data(everything)["nodes"] == [{"id": recent}]


def test_a_search_may_find_an_order_late(door: Door) -> None:
    door.street.goods("A", 10)
    door.street.walk("levers", search_seconds=30)
    id = door.street.buy({"A": 1})
    query = """{ orders(first: 5, query: "updated_at:>='2026-03-02T00:00:00Z'") { nodes { id } } }"""
    assert door.data(query)["nodes"] == []
    assert door.order(id, "id") == {"id": id}
    door.clock.advance(30)
    assert door.data(query)["nodes"] == [{"id": id}]


def test_a_gift_card_pays_first_and_is_a_transaction_of_its_own(door: Door) -> None:
    door.street.goods("A", 10, "10.00")
    look = "displayFinancialStatus paymentGatewayNames transactions { kind gateway amountSet { shopMoney { amount } } }"
    order = door.order(door.street.buy({"A": 1}, gift_card="5.00"), look)
    assert [(t["gateway"], t["amountSet"]["shopMoney"]["amount"]) for t in order["transactions"]] == [
        ("gift_card", "5.0"),
        ("dummy-payment", "9.9"),
    ]
    assert (order["displayFinancialStatus"], order["paymentGatewayNames"]) == (
        "PAID",
        ["gift_card", "dummy-payment"],
    )


def test_a_free_order_has_no_transaction(door: Door) -> None:
    door.street.goods("A", 10, "10.00")
    door.street.walk("coupons", code="FREE", percent=100, free_shipping=True)
    order = door.order(door.street.buy({"A": 1}, coupon="FREE"), "displayFinancialStatus transactions { id }")
    assert order == {"displayFinancialStatus": "PAID", "transactions": []}


def test_a_tax_that_the_channel_owes_is_marked(door: Door) -> None:
    door.street.goods("A", 10, "10.00")
    taxes = "taxLines { channelLiable } lineItems(first: 1) { nodes { taxLines { channelLiable } } }"
    order = door.order(door.street.buy({"A": 1}, channel_liable=True), taxes)
    assert order["taxLines"] == order["lineItems"]["nodes"][0]["taxLines"] == [{"channelLiable": True}]
