"""After the sale at the pretend Shopify: refunds with and without goods, and returns that wait for an answer."""

from collections.abc import Iterator
from typing import Any

import pytest
from shopify_door import MAIN, REFUND, Door, opened

REQUEST = """mutation($i: ReturnRequestInput!) { returnRequest(input: $i) {
  return { id status } userErrors { field message code } } }"""
APPROVE = """mutation($id: ID!) { returnApproveRequest(input: {id: $id}) {
  return { status } userErrors { field message code } } }"""
DECLINE = """mutation($id: ID!) { returnDeclineRequest(input: {id: $id, declineReason: FINAL_SALE}) {
  return { status decline { reason } } userErrors { field message code } } }"""
RETURNS = """returnStatus returns(first: 5) { nodes { id status name totalQuantity
  returnLineItems(first: 5) { nodes { quantity returnReason customerNote
    ... on ReturnLineItem { fulfillmentLineItem { lineItem { sku } } } } } } }"""


@pytest.fixture
def door() -> Iterator[Door]:
    with opened() as made:
        yield made


def _bought(door: Door, units: int = 3) -> tuple[str, str, str]:
    """The variant, the order and its line."""
    mug = door.street.goods("A", 10, "10.00")
    made = door.street.walk("buy", lines=[{"sku": "A", "quantity": units}])
    return mug, made["order"], made["lines"][0]["line"]


def _sale(door: Door, order: str) -> str:
    return str(door.order(order, "transactions { id }")["transactions"][0]["id"])


def _money(door: Door, order: str, amount: str) -> dict[str, Any]:
    return {
        "orderId": order,
        "kind": "REFUND",
        "gateway": "dummy-payment",
        "amount": amount,
        "parentId": _sale(door, order),
    }


def test_units_that_left_are_refunded_and_back_on_the_shelf(door: Door) -> None:
    mug, order, line = _bought(door)
    door.fulfil(order)
    row = {"lineItemId": line, "quantity": 1, "restockType": "RETURN", "locationId": MAIN}
    given = {"orderId": order, "refundLineItems": [row], "transactions": [_money(door, order, "10.00")]}
    made = door.data(REFUND, i=given, k="r1")
    assert made["userErrors"] == []
    assert made["refund"]["totalRefundedSet"]["shopMoney"]["amount"] == "10.0"
    assert made["refund"]["refundLineItems"]["nodes"] == [
        {"quantity": 1, "restockType": "RETURN", "subtotalSet": {"shopMoney": {"amount": "10.0"}}}
    ]
    assert made["refund"]["transactions"]["nodes"][0]["kind"] == "REFUND"
    assert made["order"]["displayFinancialStatus"] == "PARTIALLY_REFUNDED"
    assert made["order"]["currentTotalPriceSet"]["shopMoney"]["amount"] == "24.9"
    assert door.levels(mug)[MAIN]["on_hand"] == 8
    assert door.entries("refunded")[0].facts["amount"] == 1000


def test_units_that_did_not_leave_are_taken_out_by_their_refund(door: Door) -> None:
    mug, order, line = _bought(door)
    row = {"lineItemId": line, "quantity": 2, "restockType": "CANCEL"}
    given = {"orderId": order, "refundLineItems": [row], "transactions": [_money(door, order, "20.00")]}
    assert door.data(REFUND, i=given, k="r1")["userErrors"] == []
    assert door.levels(mug)[MAIN] == {"available": 9, "on_hand": 10, "committed": 1}
    assert door.entries("order_cancelled")[0].facts["lines"] == {"A": 2}


def test_money_beside_goods_is_an_adjustment(door: Door) -> None:
    _, order, _ = _bought(door)
    given = {"orderId": order, "note": "sorry", "transactions": [_money(door, order, "5.00")]}
    made = door.data(REFUND, i=given, k="r1")
    assert made["refund"]["orderAdjustments"]["nodes"] == [{"amountSet": {"shopMoney": {"amount": "-5.0"}}}]
    assert made["order"]["currentTotalPriceSet"]["shopMoney"]["amount"] == "29.9"


def test_no_more_goes_back_than_was_paid(door: Door) -> None:
    _, order, _ = _bought(door)
    given = {"orderId": order, "transactions": [_money(door, order, "99.00")]}
    assert door.data(REFUND, i=given, k="r1")["userErrors"][0]["field"] == ["transactions"]
    assert door.entries("refunded") == []


def test_a_refund_with_the_same_key_counts_once(door: Door) -> None:
    _, order, _ = _bought(door)
    given = {"orderId": order, "transactions": [_money(door, order, "5.00")]}
    first = door.data(REFUND, i=given, k="r1")["refund"]["id"]
    assert door.data(REFUND, i=given, k="r1")["refund"]["id"] == first
    assert len(door.entries("refunded")) == 1


def _ask(door: Door, order: str, **more: Any) -> Any:
    parts = "fulfillments { fulfillmentLineItems(first: 5) { nodes { id } } }"
    part = door.order(order, parts)["fulfillments"][0]["fulfillmentLineItems"]["nodes"][0]["id"]
    row = {"fulfillmentLineItemId": part, "quantity": 1, "returnReason": "DEFECTIVE", "customerNote": "torn"}
    return door.data(REQUEST, i={"orderId": order, "returnLineItems": [row | more]})


def test_a_buyer_s_request_waits_for_an_answer(door: Door) -> None:
    _, order, _ = _bought(door)
    door.fulfil(order)
    assert door.order(order, "returnStatus") == {"returnStatus": "NO_RETURN"}
    asked = _ask(door, order, quantity=2)["return"]
    assert asked["status"] == "REQUESTED"
    found = door.order(order, RETURNS)
    assert found["returnStatus"] == "RETURN_REQUESTED"
    (back,) = found["returns"]["nodes"]
    assert (back["id"], back["totalQuantity"]) == (asked["id"], 2)
    assert back["returnLineItems"]["nodes"] == [
        {
            "quantity": 2,
            "returnReason": "DEFECTIVE",
            "customerNote": "torn",
            "fulfillmentLineItem": {"lineItem": {"sku": "A"}},
        }
    ]


def test_an_approved_return_is_open_and_cannot_be_answered_again(door: Door) -> None:
    _, order, _ = _bought(door)
    door.fulfil(order)
    asked = _ask(door, order)["return"]["id"]
    assert door.data(APPROVE, id=asked)["return"] == {"status": "OPEN"}
    assert door.order(order, "returnStatus") == {"returnStatus": "IN_PROGRESS"}
    assert door.data(DECLINE, id=asked)["userErrors"][0]["code"] == "INVALID_STATE"


def test_a_declined_return_says_why_and_frees_its_units(door: Door) -> None:
    _, order, _ = _bought(door, 1)
    door.fulfil(order)
    asked = _ask(door, order)["return"]["id"]
    assert _ask(door, order)["userErrors"][0]["code"] == "INVALID"
    assert door.data(DECLINE, id=asked)["return"] == {
        "status": "DECLINED",
        "decline": {"reason": "FINAL_SALE"},
    }
    assert _ask(door, order)["userErrors"] == []


def test_a_request_needs_a_reason(door: Door) -> None:
    _, order, _ = _bought(door)
    door.fulfil(order)
    assert _ask(door, order, returnReason=None)["userErrors"] == [
        {
            "field": ["input", "returnLineItems", "0", "returnReason"],
            "message": "Return reason can't be blank",
            "code": "BLANK",
        }
    ]


def test_what_did_not_leave_cannot_come_back(door: Door) -> None:
    _, order, _ = _bought(door)
    answer = door.street.http.post(
        "/street/return", json={"order": order, "lines": [{"sku": "A", "quantity": 1}]}
    )
    assert answer.status_code == 409


def test_money_goes_back_to_each_payment_that_it_came_from(door: Door) -> None:
    door.street.goods("A", 10, "10.00")
    order = door.street.buy({"A": 1}, gift_card="5.00")
    paid = door.order(order, "transactions { id }")["transactions"]
    rows = [
        {"orderId": order, "kind": "REFUND", "gateway": "x", "amount": amount, "parentId": each["id"]}
        for each, amount in zip(paid, ("5.00", "1.00"), strict=True)
    ]
    made = door.data(REFUND, i={"orderId": order, "transactions": rows}, k="r1")
    assert made["refund"]["totalRefundedSet"]["shopMoney"]["amount"] == "6.0"
    amounts = [each["amountSet"]["shopMoney"]["amount"] for each in made["refund"]["transactions"]["nodes"]]
    assert amounts == ["5.0", "1.0"]
    assert sum(entry.facts["amount"] for entry in door.entries("refunded")) == 600
