"""What leaves the pretend Shopify: fulfilment orders by location, several parcels, events, cancels and moves."""

from collections.abc import Iterator

import pytest
from shopify_door import ADD_EVENT, CANCEL_FULFILMENT, FULFIL, MAIN, MOVE, SECOND, Door, opened


@pytest.fixture
def door() -> Iterator[Door]:
    with opened() as made:
        yield made


def test_a_fulfilment_can_have_several_parcels(door: Door) -> None:
    mug = door.street.goods("A", 10)
    order = door.street.buy({"A": 3})
    urls = ["https://t.example/1", "https://t.example/2"]
    made = door.fulfil(order, numbers=["T1", "T2"], urls=urls, company="DHL")["fulfillment"]
    assert (made["status"], made["displayStatus"]) == ("SUCCESS", "FULFILLED")
    assert made["trackingInfo"] == [
        {"number": "T1", "company": "DHL", "url": "https://t.example/1"},
        {"number": "T2", "company": "DHL", "url": "https://t.example/2"},
    ]
    assert door.levels(mug)[MAIN] == {"available": 7, "on_hand": 7, "committed": 0}
    (told,) = door.entries("fulfilment_created")
    assert (told.facts["tracking"], told.facts["lines"]) == ("T1,T2", {"A": 3})
    assert door.order(order, "displayFulfillmentStatus") == {"displayFulfillmentStatus": "FULFILLED"}


def test_a_part_leaves_and_the_rest_stays_open(door: Door) -> None:
    door.street.goods("A", 10)
    order = door.street.buy({"A": 3})
    door.fulfil(order, 1, number="T1")
    (errand,) = door.errands(order)
    assert (errand["status"], errand["lineItems"]["nodes"][0]["remainingQuantity"]) == ("IN_PROGRESS", 2)
    status = door.order(order, "displayFulfillmentStatus")["displayFulfillmentStatus"]
    assert status == "PARTIALLY_FULFILLED"


def _refused(door: Door, *groups: dict[str, object]) -> str:
    found = door.data(FULFIL, f={"lineItemsByFulfillmentOrder": list(groups)})
    assert found["fulfillment"] is None
    (error,) = found["userErrors"]
    return str(error["message"])


def test_one_fulfilment_is_of_one_order_and_one_location(door: Door) -> None:
    door.street.goods("A", {"1": 3, "2": 4})
    split, other = door.street.buy({"A": 5}), door.street.buy({"A": 1})
    ids = [{"fulfillmentOrderId": each["id"]} for each in door.errands(split)]
    assert _refused(door, *ids) == (
        "All fulfillment orders must be assigned to a single location. Multiple locations with ids [1, 2] were found."
    )
    strange = {"fulfillmentOrderId": door.errands(other)[0]["id"]}
    assert _refused(door, ids[1], strange).startswith("All fulfillment orders must belong to the same order.")
    unknown = {"fulfillmentOrderId": "gid://shopify/FulfillmentOrder/99"}
    assert _refused(door, unknown) == "Fulfillment order does not exist."


def test_no_more_leaves_than_is_left(door: Door) -> None:
    door.street.goods("A", 10)
    order = door.street.buy({"A": 2})
    (errand,) = door.errands(order)
    line = errand["lineItems"]["nodes"][0]["id"]
    group = {"fulfillmentOrderId": errand["id"]}
    too_many = group | {"fulfillmentOrderLineItems": [{"id": line, "quantity": 3}]}
    assert _refused(door, too_many) == "Invalid fulfillment order line item quantity requested."
    none = group | {"fulfillmentOrderLineItems": [{"id": line, "quantity": 0}]}
    assert _refused(door, none) == "Quantity must be greater than 0"
    door.fulfil(order)
    assert (
        _refused(door, group)
        == f"Fulfillment order {errand['id'].rsplit('/')[-1]} has an unfulfillable status= closed."
    )


def test_what_is_held_does_not_leave(door: Door) -> None:
    door.street.goods("A", 10)
    order = door.street.buy({"A": 2})
    door.street.walk("hold", order=order, reason="HIGH_RISK_OF_FRAUD")
    (errand,) = door.errands(order)
    assert errand["status"] == "ON_HOLD"
    assert "unfulfillable status= on_hold" in _refused(door, {"fulfillmentOrderId": errand["id"]})
    door.street.walk("hold", order=order)
    assert door.fulfil(order)["userErrors"] == []


def test_an_arrival_is_told_by_an_event(door: Door) -> None:
    door.street.goods("A", 10)
    order = door.street.buy({"A": 2})
    made = door.fulfil(order, number="T1")["fulfillment"]["id"]
    moment = "2026-03-03T10:00:00Z"
    told = {"fulfillmentId": made, "status": "DELIVERED", "happenedAt": moment}
    assert door.data(ADD_EVENT, e=told)["fulfillmentEvent"]["status"] == "DELIVERED"
    found = door.data("query($id: ID!) { fulfillment(id: $id) { displayStatus deliveredAt } }", id=made)
    assert found == {"displayStatus": "DELIVERED", "deliveredAt": moment}
    assert door.entries("fulfilment_moved")[-1].facts["state"] == "Delivered"
    unknown = door.data(ADD_EVENT, e=told | {"fulfillmentId": "gid://shopify/Fulfillment/99"})
    assert unknown["userErrors"] == [
        {"field": ["fulfillmentEvent", "fulfillmentId"], "message": "Fulfillment does not exist."}
    ]


def test_a_cancelled_fulfilment_leaves_a_new_fulfilment_order(door: Door) -> None:
    mug = door.street.goods("A", 10)
    order = door.street.buy({"A": 2})
    made = door.fulfil(order, number="T1")["fulfillment"]["id"]
    answer = door.data(CANCEL_FULFILMENT, id=made)
    assert answer["fulfillment"] == {"status": "CANCELLED", "displayStatus": "CANCELED"}
    assert [(e["status"], e["lineItems"]["nodes"][0]["remainingQuantity"]) for e in door.errands(order)] == [
        ("CLOSED", 0),
        ("OPEN", 2),
    ]
    assert door.levels(mug)[MAIN] == {"available": 8, "on_hand": 10, "committed": 2}
    assert door.fulfil(order, number="T2")["userErrors"] == []


def test_a_fulfilment_order_that_is_still_open_takes_cancelled_units_back(door: Door) -> None:
    mug = door.street.goods("A", 10)
    order = door.street.buy({"A": 3})
    made = door.fulfil(order, 1, number="T1")["fulfillment"]["id"]
    door.data(CANCEL_FULFILMENT, id=made)
    (errand,) = door.errands(order)
    assert (errand["status"], errand["lineItems"]["nodes"][0]["remainingQuantity"]) == ("OPEN", 3)
    assert door.levels(mug)[MAIN]["committed"] == 3


def test_another_location_takes_all_or_some_over(door: Door) -> None:
    mug = door.street.goods("A", {"1": 10, "2": 10})
    order = door.street.buy({"A": 5})
    (errand,) = door.errands(order)
    line = errand["lineItems"]["nodes"][0]["id"]
    some = door.data(MOVE, id=errand["id"], to=SECOND, lines=[{"id": line, "quantity": 2}])
    assert some["movedFulfillmentOrder"]["lineItems"]["nodes"] == [{"remainingQuantity": 2}]
    assert some["remainingFulfillmentOrder"]["lineItems"]["nodes"] == [{"remainingQuantity": 3}]
    assert {place: level["committed"] for place, level in door.levels(mug).items()} == {MAIN: 3, SECOND: 2}
    all_of_it = door.data(MOVE, id=errand["id"], to=SECOND)
    assert all_of_it["movedFulfillmentOrder"]["id"] == errand["id"]
    assert door.levels(mug)[MAIN]["committed"] == 0
    same = door.data(MOVE, id=errand["id"], to=SECOND)
    assert same["userErrors"] == [{"field": None, "message": "Cannot change location.", "code": None}]


def test_an_unknown_fulfilment_order_cannot_be_moved(door: Door) -> None:
    (error,) = door.errors(MOVE, id="gid://shopify/FulfillmentOrder/0", to=SECOND)
    assert error["message"] == "Invalid id: gid://shopify/FulfillmentOrder/0"
    assert error["extensions"] == {"code": "RESOURCE_NOT_FOUND"}
