"""The sandbox's WooCommerce held to the real one: to the official index, and to what real shops answered.

Each answer must have the fields and the kinds of value that real answers of the same resource have. Recordings are
read where they lie (`ENTREPOT_SPECS`).
"""

import hashlib
import hmac
import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from woocommerce_shapes import SPECS, held_to, there

from sandbox.storefront.woocommerce.builder import Street, running
from sandbox.storefront.woocommerce.routes import places
from sandbox.storefront.woocommerce.rules import Generation, Rate, Rules

pytestmark = there
_NEWER = {"/wc/v3/variations", "/wc/v3/refunds"}
"""What came after the official index was written."""


# --- the official index ---------------------------------------------------------------------------------


def official() -> dict[str, Any]:
    routes: dict[str, Any] = json.loads((SPECS / "json" / "index-01.json").read_text())["json"]["routes"]
    return routes


@pytest.mark.parametrize("generation", list(Generation))
def test_every_address_is_an_official_one_with_the_same_verbs(generation: Generation) -> None:
    known = official()
    for place in places(Rules(generation=generation)):
        if place.pattern not in _NEWER:
            assert set(place.acts) <= set(known[place.pattern]["methods"]), place.pattern


def test_the_index_that_is_served_has_the_shape_of_the_official_one() -> None:
    with running() as street:
        served = street.staff.get(f"{street.url}/wp-json/wc/v3")
        assert served["namespace"] == "wc/v3"
        theirs = official()["/wc/v3/orders"]
        ours = served["routes"]["/wc/v3/orders"]
        assert set(ours) == set(theirs)
        assert sorted({verb for each in ours["endpoints"] for verb in each["methods"]}) == ["GET", "POST"]


def test_the_official_lists_filters_are_all_taken() -> None:
    asked = official()["/wc/v3/orders"]["endpoints"][0]["args"]
    enumerated = {name: spec["enum"] for name, spec in asked.items() if "enum" in spec}
    with running() as street:
        for name in ("order", "orderby"):
            for value in enumerated[name]:
                assert street.staff.get("orders", **{name: value, "include": "1"}) == []


# --- shapes ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=list(Generation), ids=lambda each: each.version)
def street(request: pytest.FixtureRequest) -> Iterator[Street]:
    rules = Rules(generation=request.param, rates=(Rate(1, Decimal("8.875"), "NY Tax", "US", "NY"),))
    with running(rules) as found:
        yield found


def version(street: Street) -> str:
    return street.shop.rules.generation.version


def test_products_have_the_shape_of_real_ones(street: Street) -> None:
    staff = street.staff
    staff.add_product("S-1")
    staff.add_product("S-2", units=None, sale_price="5", date_on_sale_from="2026-01-01T00:00:00")
    staff.add_product("S-3", meta_data=[{"key": "a", "value": "1"}], backorders="notify")
    staff.add_variable("S-4", {"S-4-A": "1", "S-4-B": "2"})
    for record in staff.get("products"):
        held_to(version(street), "product", record)
        held_to(version(street), "product", staff.get(f"products/{record['id']}"))
        held_to(version(street), "product", staff.put(f"products/{record['id']}", {"featured": False}))


def test_variations_have_the_shape_of_real_ones(street: Street) -> None:
    parent, made = street.staff.add_variable("V-1", {"V-1-A": "1"})
    shared, _ = street.staff.add_variable("V-2", {"V-2-A": "1"}, units=None)
    for id in (parent, shared):
        for record in street.staff.get(f"products/{id}/variations"):
            held_to(version(street), "variation", record)
    path = f"products/{parent}/variations/{made['V-1-A']}"
    held_to(version(street), "variation", street.staff.put(path, {"regular_price": "3"}))


def test_orders_refunds_and_notes_have_the_shape_of_real_ones(street: Street) -> None:
    staff, now = street.staff, version(street)
    staff.add_product("O-1", price="19.99")
    staff.add_variable("O-2", {"O-2-A": "5.55"})
    sent = [{"method_id": "flat_rate", "method_title": "Flat rate", "total": "7.50"}]
    fees = [{"name": "Gift wrap", "total": "2.00", "tax_status": "taxable"}]
    id = staff.buy({"O-1": 2, "O-2-A": 1}, shipping_lines=sent, fee_lines=fees, set_paid=True)
    made = staff.get(f"orders/{id}")
    held_to(now, "order", made)
    parts = [*made["line_items"], *made["shipping_lines"], *made["fee_lines"]]
    rows = [
        {
            "id": part["id"],
            "quantity": 1,
            "refund_total": 1,
            "refund_tax": [{"id": tax["id"], "refund_total": 0.09} for tax in part["taxes"]],
        }
        for part in parts
    ]
    refund = staff.post(f"orders/{id}/refunds", {"api_refund": False, "line_items": rows})
    held_to(now, "refund", refund)
    staff.post(f"orders/{id}/notes", {"note": "x"})
    staff.put(f"orders/{id}", {"status": "completed"})
    held_to(now, "order", staff.get(f"orders/{id}"))
    for record in staff.get(f"orders/{id}/refunds"):
        held_to(now, "refund", record)
    for record in staff.get(f"orders/{id}/notes"):
        held_to(now, "note", record)


def test_an_empty_order_and_one_of_an_unknown_product_have_the_shape_of_real_ones(street: Street) -> None:
    held_to(version(street), "order", street.staff.post("orders"))
    if street.shop.rules.new:
        rows = [{"product_id": 987654, "quantity": 1}]
        held_to("11.0.1", "order", street.staff.post("orders", {"line_items": rows}))


def test_coupons_have_the_shape_of_real_ones(street: Street) -> None:
    body = {"code": f"HALF-{version(street)}", "discount_type": "percent", "amount": "50"}
    made = street.staff.post("coupons", body)
    held_to(version(street), "coupon", made)
    held_to(version(street), "coupon", street.staff.get(f"coupons/{made['id']}"))
    assert made["amount"] == "50.00"


def test_webhooks_have_the_shape_of_real_ones() -> None:
    with running() as street:
        body = {"name": "n", "topic": "order.created", "delivery_url": "http://127.0.0.1:9/"}
        held_to("11.0.1", "webhook", street.staff.post("webhooks", body))


def test_each_recorded_topic_listens_to_what_the_real_one_does() -> None:
    real = json.loads((SPECS / "recorded" / "webhooks_list.json").read_text())["body"]
    with running() as street:
        for each in real:
            body = {"name": each["name"], "topic": each["topic"], "delivery_url": "http://127.0.0.1:9/"}
            made = street.staff.post("webhooks", body)
            assert {name: made[name] for name in ("hooks", "resource", "event")} == {
                name: each[name] for name in ("hooks", "resource", "event")
            }


# --- refusals -------------------------------------------------------------------------------------------

_REFUSALS = {
    "error_400_bad_date": ("GET", "orders?modified_after=yesterday", None),
    "error_400_invalid_param": ("PUT", "products/{product}", {"status": "bogus"}),
    "error_400_order_status": ("PUT", "orders/{order}", {"status": "shipped"}),
    "error_400_per_page": ("GET", "products?per_page=101", None),
    "error_404_order": ("GET", "orders/999999", None),
    "error_404_no_route": ("GET", "nope", None),
    "error_refund_too_much": ("POST", "orders/{order}/refunds", {"amount": "5000", "api_refund": False}),
    "error_variation_via_products": ("PUT", "products/{variation}", {"stock_quantity": 4}),
    "error_webhook_topic": (
        "POST",
        "webhooks",
        {"topic": "order.bogus", "delivery_url": "http://127.0.0.1:9"},
    ),
}


@pytest.mark.parametrize("name", sorted(_REFUSALS))
def test_a_refusal_reads_as_the_recorded_one(name: str) -> None:
    real = json.loads((SPECS / "recorded" / f"{name}.json").read_text())
    verb, path, body = _REFUSALS[name]
    with running() as street:
        product = street.staff.add_product("P")
        _, made = street.staff.add_variable("T", {"T-1": "1"})
        order = street.staff.buy({"P": 1})
        path = path.format(product=product, variation=made["T-1"], order=order)
        answer = street.staff.http.request(verb, path, json=body)
        assert (answer.status_code, answer.json()) == (real["status"], real["body"])


def test_skus_that_are_taken_or_held_by_the_trash_are_refused_as_recorded() -> None:
    with running() as street:
        staff = street.staff
        first, second = staff.add_product("W-1"), staff.add_product("CL-1")
        staff.delete(f"products/{second}")
        for name, sku in (("error_400_duplicate_sku", "W-1"), ("error_400_sku_held_by_trash", "CL-1")):
            real = json.loads((SPECS / "recorded" / f"{name}.json").read_text())
            body = staff.http.post("products", json={"name": "x", "sku": sku}).json()
            body["data"].pop("resource_id", None)
            real["body"]["data"].pop("resource_id", None)
            assert body == real["body"]
        assert first


def test_a_batch_has_the_shape_of_the_recorded_one() -> None:
    real = json.loads((SPECS / "recorded" / "batch_mixed.json").read_text())
    with running() as street:
        taken, own = street.staff.add_product("W-1"), street.staff.add_product("W-2")
        asked = real["request"]["json"]
        asked["update"][0]["id"] = own
        made = street.staff.post("products/batch", asked)
        for verb, rows in real["body"].items():
            for ours, theirs in zip(made[verb], rows, strict=True):
                assert ("error" in ours) is ("error" in theirs)
                if "error" in ours:
                    ours["error"]["data"].pop("resource_id", None)
                    theirs["error"]["data"].pop("resource_id", None)
                    assert ours == theirs
                else:
                    held_to("11.0.1", "product", ours)
        assert taken


# --- deliveries -----------------------------------------------------------------------------------------


def delivery(name: str) -> dict[str, Any]:
    found = json.loads((SPECS / "recorded" / f"{name}.json").read_text())
    one: dict[str, Any] = found[0] if isinstance(found, list) else found
    return one


class Inbox:
    """Whoever is told, in a thread of its own."""

    def __init__(self) -> None:
        got: list[tuple[dict[str, str], bytes]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                got.append((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.got = got
        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    found = Inbox()
    yield found
    found.close()


def test_a_delivery_has_the_headers_and_the_signature_of_the_recorded_one(inbox: Inbox) -> None:
    real = delivery("webhook_delivery_order.created")
    theirs = {name.lower(): value for name, value in real["headers"]}
    digest = hmac.new(b"sec-order.created", real["body"].encode(), hashlib.sha256).digest()
    assert theirs["x-wc-webhook-signature"] == b64encode(digest).decode()
    with running() as street:
        body = {"topic": "order.created", "delivery_url": inbox.url, "secret": "sec-order.created"}
        street.staff.post("webhooks", body)
        street.staff.post("orders")
        street.deliver()
        ping, told = inbox.got
        ours = {name.lower(): value for name, value in told[0].items()}
        digest = hmac.new(b"sec-order.created", told[1], hashlib.sha256).digest()
        assert ours["x-wc-webhook-signature"] == b64encode(digest).decode()
        named = {name for name in theirs if name.startswith(("x-wc-", "content-type", "user-agent"))}
        assert named <= set(ours)
        for name in ("x-wc-webhook-topic", "x-wc-webhook-resource", "x-wc-webhook-event", "user-agent"):
            assert ours[name] == theirs[name]
        held_to("11.0.1", "order", json.loads(told[1]))
        recorded = delivery("webhook_ping_delivery")
        assert ping[1].decode().split("=")[0] == recorded["body"].split("=")[0]


def test_the_bytes_of_a_delivery_are_escaped_as_the_recorded_ones(inbox: Inbox) -> None:
    real = delivery("webhook_delivery_order.created")["body"]
    with running() as street:
        street.staff.post("webhooks", {"topic": "order.created", "delivery_url": inbox.url, "secret": "s"})
        street.staff.post("orders", {"billing": {"first_name": "Zoë 日本"}})
        street.deliver()
        ours = inbox.got[1][1].decode()
        for piece in ("Zo\\u00eb \\u65e5\\u672c", "\\/wp-json\\/wc\\/v3\\/orders"):
            assert piece in real
            assert piece in ours
        assert ours.isascii()


def test_a_trashed_order_is_told_as_recorded(inbox: Inbox) -> None:
    real = json.loads(delivery("webhook_delivery_order_trashed")["body"])
    with running() as street:
        street.staff.post("webhooks", {"topic": "order.deleted", "delivery_url": inbox.url, "secret": "s"})
        order = street.staff.post("orders")["id"]
        street.staff.delete(f"orders/{order}")
        street.deliver()
        assert set(json.loads(inbox.got[1][1])) == set(real) == {"id"}
