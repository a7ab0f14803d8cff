"""Every recorded case of products is told again to the sandbox's WooCommerce, which must answer the same."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from woocommerce_cases import rules_of
from woocommerce_shapes import ZOO, there

from sandbox.clock import SetClock
from sandbox.storefront.woocommerce.builder import Street, running

pytestmark = there
_OWN = {
    *("id", "slug", "permalink", "permalink_template", "generated_slug", "related_ids", "parent_id"),
    *("_links", "grouped_products", "date_modified", "date_modified_gmt", "price_html"),
}
"""What depends on the shop's other goods, or on its address and its theme."""
_MANY = re.compile(r"products\?sku=0$")
"""Lists that show the recorded shop's other goods."""


def goods_cases() -> list[Any]:
    found = []
    for file in ZOO:
        case = json.loads(file.read_text())
        requests = case["requests"]
        if (
            "__product_" in file.stem
            and "grouped" not in file.stem
            and (requests[0]["method"], _place(requests[0])) == ("POST", "products")
        ):
            found.append(pytest.param(case["store"], requests, id=file.stem))
    return found


def _place(request: dict[str, Any]) -> str:
    path: str = request["path"]
    return path.removeprefix("/wp-json/wc/v3/")


def told(answer: Any) -> Any:
    """An answer without what is its shop's own."""
    if isinstance(answer, list):
        return sorted((told(each) for each in answer), key=lambda each: each["sku"])
    if "code" in answer:
        data = {name: value for name, value in answer["data"].items() if name != "resource_id"}
        return {**answer, "data": data}
    shown = {name: value for name, value in answer.items() if name not in _OWN}
    if "variations" in shown:
        shown["variations"] = len(shown["variations"])
    return shown


class Retelling:
    """One case; ids are ours."""

    def __init__(self, street: Street) -> None:
        self.street = street
        self.ids: dict[str, str] = {}

    def tell(self, request: dict[str, Any]) -> None:
        path = re.sub(
            r"(?<=/)\d+|(?<=include=)\d+", lambda match: self.ids.get(match[0], "0"), _place(request)
        )
        if "orders" in path or _MANY.search(path):
            return
        answer = self.street.staff.http.request(request["method"], path, json=request.get("request_body"))
        assert answer.status_code == request["status"], answer.text
        ours, theirs = answer.json(), request["body"]
        if isinstance(theirs, dict) and "id" in theirs:
            self.ids[str(theirs["id"])] = str(ours["id"])
        assert told(ours) == told(theirs), (request["method"], request["path"])


@pytest.mark.parametrize(("store", "requests"), goods_cases())
def test_a_recorded_case_of_products_is_answered_the_same(
    store: dict[str, Any], requests: list[dict[str, Any]]
) -> None:
    made = [each["body"]["date_created_gmt"] for each in requests if "date_created_gmt" in each["body"]]
    moment = datetime.fromisoformat(made[0] if made else "2026-11-25T09:00:00").replace(tzinfo=UTC)
    with running(rules_of({**store, "packed": False}), clock=SetClock(moment)) as street:
        retelling = Retelling(street)
        for request in requests:
            shown = request["body"]
            if isinstance(shown, dict) and request["method"] == "POST" and "date_created_gmt" in shown:
                later = datetime.fromisoformat(shown["date_created_gmt"]).replace(tzinfo=UTC)
                now = street.shop.clock.now()
                street.shop.clock.offset += max(later - now, now - now)
            retelling.tell(request)


def test_nearly_all_recorded_cases_of_products_are_told_again() -> None:
    assert len(goods_cases()) >= 40
