"""The recorded cases of money: the shops' settings, what was asked of them, and what is compared of an answer."""

import json
import re
from datetime import timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from woocommerce_shapes import ZOO

from sandbox.storefront.woocommerce.rules import Generation, Rate, Rules

PRICED = re.compile(r"Widget ([\d.]+)")
_SUMS = (
    *("total", "total_tax", "cart_tax", "shipping_total", "shipping_tax", "discount_total", "discount_tax"),
    "prices_include_tax",
)
_MOVED = "currency_switch_usd_order_seen_in_jpy_store"
"""A case whose shop took another currency on the way."""


def zone(name: str) -> tzinfo:
    if match := re.fullmatch(r"UTC([+-])(\d+)(?::(\d+))?", name):
        offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        return timezone(-offset if match[1] == "-" else offset)
    return ZoneInfo(name)


def rules_of(store: dict[str, Any]) -> Rules:
    rates = tuple(
        Rate(
            1 + place,
            Decimal(each["rate"]),
            each["name"],
            each["country"],
            each["state"],
            each["shipping"],
            each["class"],
            each["priority"],
        )
        for place, each in enumerate(store["tax_rates"])
    )
    return Rules(
        generation=Generation(store["version"].rsplit(".", 1)[0]),
        currency=store["currency"],
        decimals=store["decimals"],
        zone=zone(store["timezone"]),
        prices_include_tax=store["prices_include_tax"],
        rates=rates if store["taxes"] else (),
        round_at_subtotal=store["tax_round_at_subtotal"],
        base=(rates[0].country, rates[0].state) if rates else ("US", "NY"),
        statuses=("packed",) if store["packed"] else (),
    )


def _placed(request: dict[str, Any]) -> bool:
    return (request["method"], request["path"], request["status"]) == ("POST", "/wp-json/wc/v3/orders", 201)


def _tellable(request: dict[str, Any]) -> bool:
    """An order whose lines name their price; other answers do not matter."""
    body = request["body"]
    if not isinstance(body, dict) or "line_items" not in body:
        return True
    return all(PRICED.fullmatch(line["name"]) for line in body["line_items"])


def cases() -> list[Any]:
    """The recorded cases in which orders were placed that can be placed again."""
    found = []
    for file in ZOO:
        case = json.loads(file.read_text())
        requests = case["requests"]
        if file.stem.endswith(_MOVED):
            continue
        if any(_placed(each) for each in requests) and all(_tellable(each) for each in requests):
            store = {**case["store"], "packed": "packed" in file.stem}
            found.append(pytest.param(store, requests, id=file.stem))
    return found


def sums_of(order: dict[str, Any]) -> dict[str, Any]:
    """What an order comes to, item by item, without ids."""

    def items(name: str, *fields: str) -> list[dict[str, Any]]:
        return [
            {
                **{field: item[field] for field in fields},
                "taxes": [_tax(tax) for tax in item.get("taxes", ())],
            }
            for item in order[name]
        ]

    return {
        **{name: order[name] for name in _SUMS},
        "lines": items(
            "line_items", "quantity", "subtotal", "subtotal_tax", "total", "total_tax", "price", "tax_class"
        ),
        "shipping": items("shipping_lines", "total", "total_tax"),
        "fees": items("fee_lines", "total", "total_tax", "name"),
        "taxes": items("tax_lines", "rate_code", "tax_total", "shipping_tax_total", "rate_percent"),
        "coupons": items("coupon_lines", "code", "discount", "discount_tax"),
    }


def _tax(tax: dict[str, Any]) -> tuple[str, str]:
    return tax["total"], tax["subtotal"]


def outcome(kind: str, body: Any) -> Any:
    """What is compared of an answer."""
    if "data" in body:
        return body["code"], body["data"] if isinstance(body["data"], int) else body["data"]["status"]
    if kind == "coupon":
        return body["code"], body["amount"], body["discount_type"]
    if kind == "stock":
        return body["stock_quantity"]
    if kind == "refund":
        return _refund(body)
    if kind == "refunds":
        return sorted((_refund(each) for each in body), key=str)
    if kind == "order":
        return {**sums_of(body), **_standing(body)}
    return None


def _standing(order: dict[str, Any]) -> dict[str, Any]:
    """Where an order stands: its status, dates, products, what they hold, and what went back."""
    return {
        "status": order["status"],
        "paid": order["date_paid"] is not None,
        "completed": order["date_completed"] is not None,
        "needs_payment": order["needs_payment"],
        "is_editable": order["is_editable"],
        "products": [(line["product_id"] == 0, line["sku"] is None) for line in order["line_items"]],
        "own": [
            {each["key"]: each["value"] for each in line["meta_data"] if each["key"].startswith("_re")}
            for line in order["line_items"]
        ],
        "refunds": sorted(
            (each["total"], each.get("total_tax", ""), each["reason"]) for each in order["refunds"]
        ),
    }


def _refund(refund: dict[str, Any]) -> dict[str, Any]:
    def items(name: str, *fields: str) -> list[Any]:
        return [
            (*(item[field] for field in fields), [_tax(tax) for tax in item.get("taxes", ())])
            for item in refund[name]
        ]

    return {
        "amount": refund["amount"],
        "reason": refund["reason"],
        "own": sorted(str(each["value"]) for each in refund["meta_data"]),
        "lines": items("line_items", "quantity", "subtotal", "total", "total_tax", "price"),
        "shipping": items("shipping_lines", "total", "total_tax"),
        "fees": items("fee_lines", "total", "total_tax"),
        "taxes": items("tax_lines", "rate_code", "tax_total", "shipping_tax_total"),
    }
