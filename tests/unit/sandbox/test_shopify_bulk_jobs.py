"""Bulk operations of the pretend Shopify: run a moment later, read as JSON lines, and not always whole."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from shopify_door import Door, opened

RUN = """mutation($q: String!, $g: Boolean!) { bulkOperationRunQuery(query: $q, groupObjects: $g) {
  bulkOperation { id status url } userErrors { field message code } } }"""
LOOK = """query($id: ID!) { bulkOperation(id: $id) {
  status errorCode url partialDataUrl objectCount rootObjectCount fileSize completedAt } }"""
PRODUCTS = "{ products { edges { node { id title variants { edges { node { id sku } } } } } } }"


@pytest.fixture
def door() -> Iterator[Door]:
    with opened() as made:
        for title in ("A", "B", "C", "D"):
            rows = [{"sku": f"{title}-{size}", "option": size} for size in ("S", "M")]
            made.street.walk("products", title=title, variants=rows)
        yield made


def _rows(door: Door, url: str) -> list[dict[str, Any]]:
    answer = door.street.http.get(url)
    assert answer.headers["content-type"].startswith("application/jsonl")
    return [json.loads(line) for line in answer.text.splitlines()]


def _run(door: Door, query: str = PRODUCTS, *, grouped: bool = True) -> str:
    made = door.data(RUN, q=query, g=grouped)
    assert made["userErrors"] == []
    return str(made["bulkOperation"]["id"])


def test_an_operation_is_created_runs_and_is_complete(door: Door) -> None:
    id = _run(door)
    assert door.data(LOOK, id=id)["status"] == "CREATED"
    door.clock.advance(0.3)
    assert door.data(LOOK, id=id)["status"] == "RUNNING"
    door.clock.advance(0.3)
    found = door.data(LOOK, id=id)
    assert (found["status"], found["objectCount"], found["rootObjectCount"]) == ("COMPLETED", "12", "4")
    assert int(found["fileSize"]) == len(door.street.http.get(found["url"]).content)


def test_rows_of_inner_connections_name_their_parent(door: Door) -> None:
    id = _run(door)
    door.clock.advance(1)
    rows = _rows(door, door.data(LOOK, id=id)["url"])
    assert rows[0] == {"id": "gid://shopify/Product/1", "title": "A"}
    assert rows[1] == {
        "id": "gid://shopify/ProductVariant/1",
        "sku": "A-S",
        "__parentId": "gid://shopify/Product/1",
    }


def test_ungrouped_rows_may_stand_far_below_their_parent(door: Door) -> None:
    id = _run(door, grouped=False)
    door.clock.advance(1)
    rows = _rows(door, door.data(LOOK, id=id)["url"])
    assert ["__parentId" in row for row in rows] == [False] * 4 + [True] * 8


def test_a_failed_operation_has_no_file(door: Door) -> None:
    door.street.walk("levers", bulk="fail")
    id = _run(door)
    door.clock.advance(1)
    found = door.data(LOOK, id=id)
    assert (found["status"], found["errorCode"], found["url"], found["partialDataUrl"]) == (
        "FAILED",
        "INTERNAL_SERVER_ERROR",
        None,
        None,
    )


def test_a_failed_operation_may_have_part_of_its_rows(door: Door) -> None:
    door.street.walk("levers", bulk="partial")
    id = _run(door)
    door.clock.advance(1)
    found = door.data(LOOK, id=id)
    assert (found["status"], found["url"]) == ("FAILED", None)
    assert len(_rows(door, found["partialDataUrl"])) == 6


def test_nothing_found_is_complete_without_a_file(door: Door) -> None:
    id = _run(door, "{ orders { edges { node { id } } } }")
    door.clock.advance(1)
    found = door.data(LOOK, id=id)
    assert (found["status"], found["objectCount"], found["url"]) == ("COMPLETED", "0", None)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ shop { name } }", "Bulk queries must contain at least one connection."),
        ("{ products { edges { node { colour } } } }", "Invalid bulk query"),
        ("{ products", "Invalid bulk query"),
        (f"{{ products {{ edges {{ node {{ id }} }} }} }} #{'x' * 65_600}", "Query is too large"),
    ],
)
def test_a_query_that_cannot_be_run_is_refused(door: Door, query: str, message: str) -> None:
    (error,) = door.data(RUN, q=query, g=False)["userErrors"]
    assert (error["field"], error["code"]) == (["query"], "INVALID")
    assert error["message"].startswith(message)


def test_five_operations_run_at_once_and_no_more(door: Door) -> None:
    for _ in range(5):
        _run(door)
    (error,) = door.data(RUN, q=PRODUCTS, g=False)["userErrors"]
    assert error["code"] == "OPERATION_IN_PROGRESS"
    running = '{ bulkOperations(first: 9, query: "status:created operation_type:query") { nodes { id } } }'
    assert len(door.data(running)["nodes"]) == 5
    door.clock.advance(1)
    _run(door)


def test_only_what_runs_can_be_cancelled(door: Door) -> None:
    cancel = """mutation($id: ID!) { bulkOperationCancel(id: $id) {
        bulkOperation { status } userErrors { field message } } }"""
    id = _run(door)
    assert door.data(cancel, id=id)["bulkOperation"] == {"status": "CANCELING"}
    door.clock.advance(1)
    assert door.data(LOOK, id=id)["status"] == "CANCELED"
    done = _run(door)
    door.clock.advance(1)
    assert door.data(cancel, id=done)["userErrors"] == [
        {"field": None, "message": "A bulk operation cannot be canceled when it is completed"}
    ]
    assert door.data("{ currentBulkOperation { id } }") == {"id": done}


def test_a_long_list_is_worked_on_by_and_by_and_every_row_comes_once(door: Door) -> None:
    for n in range(450):
        words = {"languageCode": "en", "name": f"P{n}", "slug": f"p-{n}", "description": ""}
        door.street.shop.catalogue.create_product({"translations": [words]})
    id = _run(door, "{ products { edges { node { id } } } }")
    door.clock.advance(1)
    states = []
    while (found := door.data(LOOK, id=id))["status"] != "COMPLETED":
        states.append(found["status"])
    assert set(states) <= {"RUNNING"}
    ids = [row["id"] for row in _rows(door, found["url"])]
    assert ids == [f"gid://shopify/Product/{n}" for n in range(1, 455)]
