"""Stock of the pretend Shopify: compare-and-set at several locations, counted once for each key."""

from collections.abc import Iterator

import pytest
from shopify_door import MAIN, SECOND, SET, Door, opened

ITEM = "gid://shopify/InventoryItem/1"


@pytest.fixture
def door() -> Iterator[Door]:
    with opened() as made:
        yield made


def test_available_is_on_hand_less_what_orders_wait_for(door: Door) -> None:
    mug = door.street.goods("MUG", {"1": 10, "2": 3})
    door.street.buy({"MUG": 4})
    assert door.levels(mug) == {
        MAIN: {"available": 6, "on_hand": 10, "committed": 4},
        SECOND: {"available": 3, "on_hand": 3, "committed": 0},
    }


def test_a_figure_is_set_where_it_is_still_what_was_seen(door: Door) -> None:
    mug = door.street.goods("MUG", 10)
    door.street.buy({"MUG": 4})
    found = door.set(mug, 20, 6)
    assert found["userErrors"] == []
    assert found["inventoryAdjustmentGroup"]["changes"] == [
        {"name": "available", "delta": 14, "quantityAfterChange": None},
        {"name": "on_hand", "delta": 14, "quantityAfterChange": None},
    ]
    assert door.levels(mug)[MAIN] == {"available": 20, "on_hand": 24, "committed": 4}
    assert door.entries("stock_set")[-1].facts["value"] == 24


def test_a_figure_that_changed_meanwhile_is_stale_and_the_whole_batch_stays_undone(door: Door) -> None:
    mug, cup = door.street.goods("MUG", 10), door.street.goods("CUP", 10)
    door.street.buy({"MUG": 1})
    rows = [
        {"inventoryItemId": v.replace("ProductVariant", "InventoryItem"), "locationId": MAIN, "quantity": 5}
        | {"changeFromQuantity": 10}
        for v in (cup, mug)
    ]
    given = {"name": "available", "reason": "correction", "quantities": rows}
    found = door.data(SET, input=given, key="k")
    assert found["inventoryAdjustmentGroup"] is None
    assert [(e["field"], e["code"]) for e in found["userErrors"]] == [
        (["input", "quantities", "1", "changeFromQuantity"], "CHANGE_FROM_QUANTITY_STALE")
    ]
    assert door.levels(cup)[MAIN]["available"] == 10


def test_null_for_what_was_seen_sets_without_comparing(door: Door) -> None:
    mug = door.street.goods("MUG", 10)
    assert door.set(mug, 3, None)["userErrors"] == []
    assert door.levels(mug)[MAIN]["available"] == 3


def test_what_was_seen_must_be_told(door: Door) -> None:
    door.street.goods("MUG", 10)
    row = {"inventoryItemId": ITEM, "locationId": MAIN, "quantity": 5}
    given = {"name": "available", "reason": "correction", "quantities": [row]}
    (error,) = door.errors(SET, input=given, key="k")
    assert (
        error["message"] == "InventoryQuantityInput must include the following argument: changeFromQuantity."
    )
    assert error["extensions"]["code"] == "INVALID_FIELD_ARGUMENTS"


def test_names_of_older_versions_are_not_known(door: Door) -> None:
    door.street.goods("MUG", 10)
    row = {"inventoryItemId": ITEM, "locationId": MAIN, "quantity": 5, "changeFromQuantity": 10}
    given = {"name": "available", "reason": "correction", "ignoreCompareQuantity": True, "quantities": [row]}
    (error,) = door.errors(SET, input=given, key="k")
    assert error["message"] == (
        "Variable $input of type InventorySetQuantitiesInput! was provided invalid value for ignoreCompareQuantity "
        "(Field is not defined on InventorySetQuantitiesInput)"
    )


def test_a_mutation_without_its_key_is_refused(door: Door) -> None:
    mutation = """mutation($i: InventorySetQuantitiesInput!) {
        inventorySetQuantities(input: $i) { userErrors { message } } }"""
    given = {"name": "available", "reason": "correction", "quantities": []}
    (error,) = door.errors(mutation, i=given)
    assert error["message"] == "The @idempotent directive is required for this mutation but was not provided."
    assert (error["path"], error["extensions"]) == (["inventorySetQuantities"], {"code": "BAD_REQUEST"})


def test_a_repeat_with_the_same_key_counts_once(door: Door) -> None:
    mug = door.street.goods("MUG", 10)
    first = door.set(mug, 20, 10, key="once")
    door.street.buy({"MUG": 5})
    assert door.set(mug, 20, 10, key="once") == first
    assert door.levels(mug)[MAIN]["available"] == 15


def test_a_key_that_was_forgotten_is_a_new_one_and_what_was_seen_is_compared_again(door: Door) -> None:
    mug = door.street.goods("MUG", 10)
    door.set(mug, 20, 10, key="once")
    door.street.walk("levers", forget_keys=True)
    (error,) = door.set(mug, 20, 10, key="once")["userErrors"]
    assert error["code"] == "CHANGE_FROM_QUANTITY_STALE"


def test_a_key_cannot_be_used_for_something_else(door: Door) -> None:
    mug = door.street.goods("MUG", 10)
    door.set(mug, 20, 10, key="once")
    (error,) = door.set(mug, 30, 20, key="once")["userErrors"]
    assert error["code"] == "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"


def test_setting_what_is_there_already_changes_nothing_and_has_no_group(door: Door) -> None:
    mug = door.street.goods("MUG", 10)
    found = door.set(mug, 10, 10)
    assert found == {"inventoryAdjustmentGroup": None, "userErrors": []}


@pytest.mark.parametrize(
    ("row", "code", "message"),
    [
        ({"quantity": -1}, "INVALID_QUANTITY_NEGATIVE", "The quantity can't be negative."),
        (
            {"quantity": 1_000_000_001},
            "INVALID_QUANTITY_TOO_HIGH",
            "The quantity can't be higher than 1,000,000,000.",
        ),
        (
            {"quantity": -1_000_000_001},
            "INVALID_QUANTITY_TOO_LOW",
            "The quantity can't be lower than -1,000,000,000.",
        ),
        (
            {"inventoryItemId": "gid://shopify/InventoryItem/99"},
            "INVALID_INVENTORY_ITEM",
            "The specified inventory item could not be found.",
        ),
        (
            {"locationId": "gid://shopify/Location/99"},
            "INVALID_LOCATION",
            "The specified location could not be found.",
        ),
        (
            {"locationId": SECOND},
            "ITEM_NOT_STOCKED_AT_LOCATION",
            "The specified inventory item is not stocked at the location.",
        ),
    ],
)
def test_a_row_that_cannot_be_is_named(door: Door, row: dict[str, object], code: str, message: str) -> None:
    mug = door.street.goods("MUG", 10)
    (error,) = door.set(mug, 5, None, row=row)["userErrors"]
    assert (error["code"], error["message"]) == (code, message)
    assert error["field"] == ["input", "quantities", "0", next(iter(row))]


def test_the_name_and_the_reason_are_of_fixed_words(door: Door) -> None:
    mug = door.street.goods("MUG", 10)
    (error,) = door.set(mug, 5, None, input={"name": "committed"})["userErrors"]
    assert error["message"] == "The quantity name must be either 'available' or 'on_hand'."
    (error,) = door.set(mug, 5, None, input={"reason": "because"})["userErrors"]
    assert error["code"] == "INVALID_REASON"


def test_an_item_is_stocked_at_a_location_once(door: Door) -> None:
    mug = door.street.goods("MUG", 10)
    activate = """mutation($i: ID!, $l: ID!, $n: Int, $k: String!) {
        inventoryActivate(inventoryItemId: $i, locationId: $l, available: $n) @idempotent(key: $k) {
        inventoryLevel { id isActive quantities(names: ["available"]) { quantity } } userErrors { field message } } }"""
    made = door.data(activate, i=ITEM, l=SECOND, n=4, k="a")["inventoryLevel"]
    assert made["quantities"] == [{"quantity": 4}]
    assert door.levels(mug)[SECOND]["available"] == 4
    again = door.data(activate, i=ITEM, l=SECOND, n=5, k="b")
    assert again["userErrors"][0]["field"] == ["available"]


def test_an_order_that_no_location_has_whole_is_split(door: Door) -> None:
    mug = door.street.goods("MUG", {"1": 2, "2": 3})
    order = door.street.buy({"MUG": 5})
    parts = [
        (each["assignedLocation"]["location"]["id"], each["lineItems"]["nodes"][0]["totalQuantity"])
        for each in door.errands(order)
    ]
    assert parts == [(MAIN, 2), (SECOND, 3)]
    assert {place: level["available"] for place, level in door.levels(mug).items()} == {MAIN: 0, SECOND: 0}
