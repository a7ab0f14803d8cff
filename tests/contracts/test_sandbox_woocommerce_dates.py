"""Every recorded list of orders around the hours in which clocks change comes in the same order from the sandbox."""

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from woocommerce_cases import rules_of
from woocommerce_shapes import ZOO, there

from sandbox.storefront.woocommerce.builder import Street, running

pytestmark = there


def lists(case: dict[str, Any]) -> list[dict[str, Any]]:
    """The lists of named orders, of which only dates were asked for."""
    found = [each for each in case["requests"] if each["method"] == "GET" and "include=" in each["path"]]
    return [each for each in found if "date_" in each["path"] and each["status"] == 200]


def dated_cases() -> list[Any]:
    found = []
    for file in ZOO:
        case = json.loads(file.read_text())
        if "__tz_" in file.stem and lists(case):
            found.append(pytest.param(case, id=file.stem))
    return found


def furnish(street: Street, case: dict[str, Any]) -> dict[int, int]:
    """An order of ours for each that is named, made and changed when it was: ours by theirs."""
    ours: dict[int, int] = {}
    rows = [row for each in lists(case) for row in each["body"]]
    for id in sorted({row["id"] for row in rows}):
        ours[id] = street.staff.post("orders")["id"]
    for row in rows:
        purchase = street.shop.purchases[ours[row["id"]]]
        for name, field in (("date_created_gmt", "created"), ("date_modified_gmt", "modified")):
            if name in row:
                setattr(purchase, field, datetime.fromisoformat(row[name]).replace(tzinfo=UTC))
    return ours


@pytest.mark.parametrize("case", dated_cases())
def test_the_recorded_orders_come_in_the_recorded_sequence(case: dict[str, Any]) -> None:
    with running(rules_of({**case["store"], "packed": False})) as street:
        ours = furnish(street, case)
        for each in lists(case):
            asked = dict(parse_qsl(urlsplit(each["path"]).query))
            named = [ours[int(id)] for id in re.findall(r"\d+", asked["include"]) if int(id) in ours]
            asked["include"] = ",".join(str(id) for id in named)
            answer = street.staff.http.get("orders", params=asked)
            theirs = [ours[row["id"]] for row in each["body"]]
            assert [row["id"] for row in answer.json()] == theirs, each["path"]
            for row, real in zip(answer.json(), each["body"], strict=True):
                assert {**row, "id": 0} == {**real, "id": 0}
            told = {name.lower(): value for name, value in each["response_headers"].items()}
            assert answer.headers["x-wp-total"] == told["x-wp-total"]


def test_the_recorded_zones_are_there() -> None:
    assert len(dated_cases()) >= 8
