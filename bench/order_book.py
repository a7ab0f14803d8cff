"""The orders of `pull`: the same for every run and every reader, made from their numbers alone.

Each has three lines of three SKUs, two addresses and the fields that a shop's REST API gives besides. The
buyers are made up.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

LINES, PAGE, SKUS = 3, 250, 1000
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
SHIPPING = 490
_STREETS = ("Hafenstrasse", "Lindenweg", "Am Markt", "Rue du Port", "Kirkegata")
_CITIES = (
    ("Hamburg", "20095", "DE"),
    ("Leipzig", "04109", "DE"),
    ("Lyon", "69001", "FR"),
    ("Oslo", "0150", "NO"),
)


def sku(n: int) -> str:
    """The n-th SKU, from 1, as the catalogue of the benchmarks names it."""
    return f"S{n:07d}"


def lines(order: int) -> Iterator[tuple[int, int, int]]:
    """(SKU number, units, cents each) of the lines of an order."""
    for at in range(LINES):
        yield (order * 7 + at * 331) % SKUS + 1, (order + at) % 3 + 1, 900 + (order * 13 + at * 57) % 4000


def units(orders: int) -> int:
    """Units in all of them."""
    return sum(each for order in range(1, orders + 1) for _, each, _ in lines(order))


def cents(order: int) -> int:
    """What the buyer paid."""
    return SHIPPING + sum(count * each for _, count, each in lines(order))


def record(order: int, begun: datetime) -> dict[str, Any]:
    """One order as the shop's API gives it, placed after `begun`."""
    at = (begun + timedelta(milliseconds=order)).isoformat()
    city, postcode, country = _CITIES[order % len(_CITIES)]
    name = f"Buyer {order}"
    address = {
        "name": name,
        "company": None,
        "line1": f"{_STREETS[order % len(_STREETS)]} {order % 200 + 1}",
        "line2": None,
        "city": city,
        "region": None,
        "postcode": postcode,
        "country": country,
        "phone": f"+49 40 {order:07d}",
    }
    return {
        "id": f"{order:08d}",
        "number": f"B-{order:07d}",
        "status": "processing",
        "payment_status": "paid",
        "currency": "EUR",
        "created_at": at,
        "updated_at": at,
        "total": _money(cents(order)),
        "subtotal": _money(cents(order) - SHIPPING),
        "shipping_total": _money(SHIPPING),
        "discount_total": "0.00",
        "tax_total": _money((cents(order) * 19) // 119),
        "shipping_method": "standard",
        "source": {"channel": "web", "ip": "192.0.2.17", "user_agent": "Mozilla/5.0 (X11; Linux x86_64)"},
        "customer": {
            "id": f"c{order % 5000}",
            "first_name": "Buyer",
            "last_name": str(order),
            "email": f"buyer{order}@example.com",
            "phone": f"+49 40 {order:07d}",
            "orders_count": order % 9,
            "tags": ["newsletter"],
        },
        "billing_address": address,
        "shipping_address": address,
        "line_items": [_line(order, at, *line) for at, line in enumerate(lines(order), 1)],
        "payments": [
            {
                "id": f"p{order}",
                "method": "card",
                "amount": _money(cents(order)),
                "state": "captured",
                "at": at,
            }
        ],
        "note": "",
        "meta": {"cart": f"cart-{order:016x}", "campaign": "spring", "gift": False},
    }


def _line(order: int, at: int, number: int, count: int, each: int) -> dict[str, Any]:
    return {
        "id": f"{order:08d}-{at}",
        "product_id": str(number),
        "variant_id": str(number),
        "sku": sku(number),
        "title": f"Stoneware cup, glazed, number {number}",
        "quantity": count,
        "price": _money(each),
        "total": _money(count * each),
        "tax": {"rate": "19.00", "amount": _money((count * each * 19) // 119)},
        "weight_grams": 320,
        "requires_shipping": True,
        "properties": [{"name": "Colour", "value": "Sand"}, {"name": "Size", "value": "M"}],
    }


def _money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"
