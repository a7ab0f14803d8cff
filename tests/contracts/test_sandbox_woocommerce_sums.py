"""Every recorded case of money is told again to the sandbox's WooCommerce, which must come to the same sums.

Each recorded order is placed in a pretend shop of the same settings; what was done with it afterwards (edits, refunds,
statuses) is done again, and each answer's money, quantities and statuses are compared.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any

import pytest
from woocommerce_cases import PRICED, cases, outcome, rules_of
from woocommerce_shapes import there

from sandbox.storefront.woocommerce.builder import Street, running

pytestmark = there
_SOMETHING = {"name": "Widget 10.00", "tax_class": "", "taxes": []}
"""A product of an order that was refused."""
_SKUS = count(1)
_STOCK = 20
"""What the recorded shop had of each product whose stock it counted."""


@pytest.fixture(scope="module")
def streets() -> Iterator[Callable[[dict[str, Any]], Street]]:
    """A shop for each set of settings that was recorded."""
    known: dict[str, Street] = {}
    with ExitStack() as stack:

        def of(store: dict[str, Any]) -> Street:
            name = json.dumps(store, sort_keys=True)
            if name not in known:
                known[name] = stack.enter_context(running(rules_of(store)))
            return known[name]

        yield of


class Retelling:
    """One case, told to our shop: ids there are others than those that were recorded."""

    def __init__(self, street: Street, requests: list[dict[str, Any]]) -> None:
        self.street = street
        self.requests = requests
        self.ids: dict[str, dict[int, int]] = {
            name: {} for name in ("orders", "items", "refunds", "products", "rates")
        }
        self.compared = 0

    def tell(self, request: dict[str, Any]) -> None:
        """Do again what was done, and compare the answers; what has no bearing on sums is passed over."""
        told = self._translated(request)
        if told is None:
            return
        kind, path, body = told
        answer = self.street.staff.http.request(request["method"], path, json=body)
        assert answer.status_code == request["status"], (path, answer.text)
        ours, theirs = answer.json(), request["body"]
        self._learn(kind, ours, theirs)
        assert outcome(kind, ours) == outcome(kind, theirs), (request["method"], request["path"])
        self.compared += 1

    def _translated(self, request: dict[str, Any]) -> tuple[str, str, Any] | None:
        path, _, query = request["path"].removeprefix("/wp-json/wc/v3/").partition("?")
        parts = path.split("/")
        asked = f"?{query}" if query else ""
        body = request.get("request_body")
        if parts == ["coupons"]:
            return "coupon", "coupons", body
        if parts == ["orders"] and request["method"] == "POST":
            return "order", "orders", self._order(body, request["body"])
        if parts[0] == "products" and len(parts) == 2 and ("force" in query or "stock" in query):
            ours = self.ids["products"].get(int(parts[1]))
            return ours and ("stock" if "stock" in query else "", f"products/{ours}{asked}", None)
        if parts[0] != "orders" or len(parts) < 2 or "meta_data" in (body or {}) or "_fields" in query:
            return None
        order = self.ids["orders"].get(int(parts[1]))
        if order is None or (len(parts) > 2 and parts[2] != "refunds"):
            return None
        if len(parts) == 2:
            return "order", f"orders/{order}{asked}", body and self._order(body, request["body"])
        if len(parts) == 4:
            known = self.ids["refunds"].get(int(parts[3]))
            return known and ("refund", f"orders/{order}/refunds/{known}{asked}", None)
        if request["method"] == "GET":
            return "refunds", f"orders/{order}/refunds", None
        return "refund", f"orders/{order}/refunds", self._refunding(body)

    def _order(self, given: dict[str, Any] | None, shown: dict[str, Any]) -> dict[str, Any]:
        body = dict(given or {})
        for coupon in shown.get("coupon_lines", ()):
            self._coupon(coupon)
        if "line_items" in body:
            body["line_items"] = [self._line(row, shown) for row in body["line_items"]]
        return body

    def _coupon(self, shown: dict[str, Any]) -> None:
        """A coupon that the recorded shop had before."""
        staff = self.street.staff
        if staff.get("coupons", code=shown["code"]):
            return
        kept = shown["meta_data"][0]["value"]
        kind, amount = (
            (kept["discount_type"], kept["amount"])
            if isinstance(kept, dict)
            else (shown["discount_type"], str(shown["nominal_amount"]))
        )
        staff.post("coupons", {"code": shown["code"], "discount_type": kind, "amount": amount})

    def _line(self, row: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
        row = dict(row)
        if "id" in row:
            row["id"] = self.ids["items"][row["id"]]
        if row.get("product_id"):
            row["product_id"] = self._product(row["product_id"], shown)
        return row

    def _product(self, real: int, shown: dict[str, Any]) -> int:
        """A product as its line names it; beside taxed lines one without tax is of a product that is never taxed."""
        known = self.ids["products"]
        if real not in known:
            lines = shown.get("line_items", [])
            line = next((each for each in lines if each["product_id"] == real), _SOMETHING)
            price = PRICED.fullmatch(line["name"])
            assert price is not None
            never = any(each["taxes"] for each in lines) and not line["taxes"]
            known[real] = self.street.staff.add_product(
                f"P-{next(_SKUS)}",
                price=price[1],
                units=_STOCK if self._counted(real) else None,
                name=line["name"],
                tax_class=line["tax_class"],
                **({"tax_status": "none"} if never else {}),
            )
        return known[real]

    def _counted(self, real: int) -> bool:
        """Whether the recorded shop counted its stock."""
        for each in self.requests:
            body = each["body"]
            if not isinstance(body, dict):
                continue
            if body.get("id") == real and body.get("stock_quantity") is not None:
                return True
            for line in body.get("line_items", ()):
                keys = {meta["key"] for meta in line["meta_data"]}
                if line["product_id"] == real and "_reduced_stock" in keys:
                    return True
        return False

    def _refunding(self, given: dict[str, Any]) -> dict[str, Any]:
        body = dict(given)
        if "line_items" in body:
            body["line_items"] = [
                {
                    **row,
                    "id": self.ids["items"][row["id"]],
                    **(
                        {
                            "refund_tax": [
                                {**tax, "id": self.ids["rates"][tax["id"]]} for tax in row["refund_tax"]
                            ]
                        }
                        if "refund_tax" in row
                        else {}
                    ),
                }
                for row in body["line_items"]
            ]
        return body

    def _learn(self, kind: str, ours: Any, theirs: Any) -> None:
        if kind not in ("order", "refund") or "data" in theirs:
            return
        self.ids["orders" if kind == "order" else "refunds"][theirs["id"]] = ours["id"]
        for name in ("line_items", "shipping_lines", "fee_lines"):
            for mine, real in zip(ours[name], theirs[name], strict=True):
                self.ids["items"][real["id"]] = mine["id"]
        for mine, real in zip(ours["tax_lines"], theirs["tax_lines"], strict=True):
            self.ids["rates"][real["rate_id"]] = mine["rate_id"]


@pytest.mark.parametrize(("store", "requests"), cases())
def test_a_recorded_case_comes_to_the_same_sums(
    streets: Callable[[dict[str, Any]], Street], store: dict[str, Any], requests: list[dict[str, Any]]
) -> None:
    retelling = Retelling(streets(store), requests)
    for request in requests:
        retelling.tell(request)
    assert retelling.compared


def test_nearly_all_recorded_cases_of_orders_are_told_again() -> None:
    assert len(cases()) >= 190
