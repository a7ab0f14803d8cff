"""A line that answers the connector with recorded records, and keeps what it asked."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from woocommerce_exchanges import exchanges

from connectors.storefronts.woocommerce.connector import WooCommerceStorefront
from connectors.storefronts.woocommerce.options import Options
from connectors.transport import Secret, Setup
from sync.domain.clock import SystemClock

BASE = "https://shop.example"


@dataclass
class Line(httpx.AsyncBaseTransport):
    """Answers with recorded records, and keeps what was asked."""

    answers: list[tuple[str, str, Any]]
    sent: list[httpx.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.sent.append(request)
        for method, pattern, answer in self.answers:
            if request.method == method and re.fullmatch(pattern, request.url.path):
                body = answer(json.loads(request.content)) if callable(answer) else answer
                status, body = body if isinstance(body, tuple) else (200, body)
                return httpx.Response(status, stream=httpx.ByteStream(json.dumps(body).encode()))
        error = {"code": "rest_no_route", "message": "No route", "data": {"status": 404}}
        return httpx.Response(404, stream=httpx.ByteStream(json.dumps(error).encode()))


def recorded(case: str, place: str, method: str = "GET") -> Any:
    for one in exchanges():
        if (one.case, one.method) == (case, method) and re.fullmatch(place, one.place) and one.status < 300:
            return one.body
    raise LookupError(case)


ORDER = recorded("order_with_refunds", r"orders/\d+")
REFUNDS = recorded("refunds_list", r"orders/\d+/refunds")
SIMPLE = recorded("product_simple", r"products/\d+")
VARIABLE = recorded("product_variable", r"products/\d+")
VARIATION = recorded("variation", r"products/\d+/variations/\d+")
OPEN = {**ORDER, "status": "processing", "refunds": [], "meta_data": [], "date_completed_gmt": None}
V3 = "/wp-json/wc/v3"


def echoed(told: dict[str, Any]) -> dict[str, Any]:
    """What the shop answers to a batch."""
    made = [{"id": 900 + n, "type": "simple", **item} for n, item in enumerate(told.get("create", ()))]
    return {"create": made, "update": [{**SIMPLE, **item} for item in told.get("update", ())]}


def written(told: dict[str, Any]) -> dict[str, Any]:
    return {**OPEN, **told}


def answers() -> list[tuple[str, str, Any]]:
    return [
        ("GET", "/wp-json/", {"namespaces": ["wc/v3"], "home": BASE}),
        (
            "GET",
            f"{V3}/settings/general/woocommerce_currency",
            {"id": "woocommerce_currency", "value": "USD"},
        ),
        ("GET", f"{V3}/settings/tax/woocommerce_prices_include_tax", {"id": "x", "value": "no"}),
        ("GET", f"{V3}/system_status", {"environment": {"store_id": "9f", "home_url": BASE}}),
        ("GET", f"{V3}/orders", [ORDER]),
        ("GET", rf"{V3}/orders/\d+", OPEN),
        ("PUT", rf"{V3}/orders/\d+", written),
        ("GET", rf"{V3}/orders/\d+/refunds", REFUNDS),
        ("POST", rf"{V3}/orders/\d+/refunds", (201, REFUNDS[-1])),
        ("GET", rf"{V3}/orders/\d+/notes", []),
        ("POST", rf"{V3}/orders/\d+/notes", lambda told: (201, {"id": 5, **told})),
        ("GET", f"{V3}/products", [SIMPLE, VARIABLE]),
        ("GET", rf"{V3}/products/\d+/variations", [VARIATION]),
        ("POST", f"{V3}/products/batch", echoed),
        ("POST", rf"{V3}/products/\d+/variations/batch", echoed),
        ("GET", f"{V3}/webhooks", recorded("webhooks_list", "webhooks")),
        ("POST", f"{V3}/webhooks/batch", echoed),
    ]


def opened(line: Line, **options: object) -> WooCommerceStorefront:
    setup = Setup(
        account="shop",
        options=Options.model_validate({"url": BASE, **options}),
        secret=Secret("ck_contract:cs_contract"),
        clock=SystemClock(),
        zone=ZoneInfo("UTC"),
        http=line,
        connector="woocommerce",
    )
    return WooCommerceStorefront(setup)
