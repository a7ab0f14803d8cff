"""Webhooks of the pretend Shopify: signed, at least once, not in order, and given up after many failures."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from shopify_door import Door, opened

SUBSCRIBE = """mutation($t: WebhookSubscriptionTopic!, $s: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $t, webhookSubscription: $s) {
    webhookSubscription { id topic uri format includeFields } userErrors { field message } } }"""
UPDATE = """mutation($id: ID!, $s: WebhookSubscriptionInput!) {
  webhookSubscriptionUpdate(id: $id, webhookSubscription: $s) {
    webhookSubscription { id uri } userErrors { field message } } }"""
DELETE = """mutation($id: ID!) { webhookSubscriptionDelete(id: $id) {
  deletedWebhookSubscriptionId userErrors { field message } } }"""
ALL = "{ webhookSubscriptions(first: 50) { nodes { id topic uri } } }"


@dataclass
class Received:
    """One delivery as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Receiver:
    """A server that takes webhooks, or refuses them."""

    url: str = ""
    status: int = 200
    got: list[Received] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.got.append(Received({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(made.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}/hooks"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def door() -> Iterator[Door]:
    with opened() as made:
        made.street.goods("A", 50, "10.00")
        yield made


def _subscribe(door: Door, topic: str, uri: str, **more: Any) -> Any:
    return door.data(SUBSCRIBE, t=topic, s={"uri": uri, "format": "JSON"} | more)


def test_a_delivery_is_signed_over_its_raw_body_and_names_its_topic(door: Door, receiver: Receiver) -> None:
    _subscribe(door, "ORDERS_CREATE", receiver.url)
    order = door.street.buy({"A": 2})
    door.street.walk("post")
    (got,) = receiver.got
    digest = hmac.new(door.street.door.client_secret.encode(), got.body, hashlib.sha256).digest()
    assert got.headers["x-shopify-hmac-sha256"] == base64.b64encode(digest).decode()
    assert got.headers["x-shopify-topic"] == "orders/create"
    assert got.headers["x-shopify-api-version"] == "2026-07"
    assert got.headers["x-shopify-triggered-at"] == "2026-03-02T09:00:00Z"
    assert got.headers["x-shopify-webhook-id"]
    assert got.said["admin_graphql_api_id"] == order
    assert got.said["line_items"][0]["quantity"] == 2


def test_only_the_fields_that_were_asked_for_are_sent(door: Door, receiver: Receiver) -> None:
    _subscribe(door, "ORDERS_CREATE", receiver.url, includeFields=["id", "updated_at"])
    door.street.buy({"A": 1})
    door.street.walk("post")
    assert set(receiver.got[0].said) == {"id", "updated_at"}


def test_stock_that_changes_is_told_by_item_and_location(door: Door, receiver: Receiver) -> None:
    _subscribe(door, "INVENTORY_LEVELS_UPDATE", receiver.url)
    door.street.buy({"A": 3})
    door.street.walk("post")
    said = receiver.got[-1].said
    assert (said["inventory_item_id"], said["location_id"], said["available"]) == (1, 1, 47)
    assert receiver.got[-1].headers["x-shopify-topic"] == "inventory_levels/update"


def test_a_delivery_may_come_twice_with_the_same_id(door: Door, receiver: Receiver) -> None:
    _subscribe(door, "ORDERS_CREATE", receiver.url)
    door.street.walk("levers", webhooks=["twice"])
    door.street.buy({"A": 1})
    door.street.walk("post")
    assert len(receiver.got) == 2
    assert len({got.headers["x-shopify-webhook-id"] for got in receiver.got}) == 1


def test_deliveries_need_not_come_in_order(door: Door, receiver: Receiver) -> None:
    door.street.walk("levers", webhooks=["backwards"])
    shop, orders = door.street.shop, []
    _subscribe(door, "ORDERS_UPDATED", receiver.url)
    receiver.status = 503
    for _ in range(2):
        orders.append(door.street.buy({"A": 1}))
        door.fulfil(orders[-1])
        door.street.walk("post")
    receiver.got.clear()
    receiver.status = 200
    door.clock.advance(max(shop.pace.retries))
    door.street.walk("post")
    told = [got.said["admin_graphql_api_id"] for got in receiver.got]
    assert told[0] == orders[1]
    assert told[-1] == orders[0]


def test_a_delivery_that_fails_is_tried_again_with_the_same_id(door: Door, receiver: Receiver) -> None:
    _subscribe(door, "ORDERS_CREATE", receiver.url)
    receiver.status = 500
    door.street.buy({"A": 1})
    door.street.walk("post")
    receiver.status = 200
    door.clock.advance(5)
    door.street.walk("post")
    first, second = receiver.got[0], receiver.got[-1]
    assert len(receiver.got) == 2
    assert first.headers["x-shopify-webhook-id"] == second.headers["x-shopify-webhook-id"]
    assert first.body == second.body


def test_a_subscription_that_fails_eight_times_is_removed(door: Door, receiver: Receiver) -> None:
    _subscribe(door, "ORDERS_CREATE", receiver.url)
    receiver.status = 500
    door.street.buy({"A": 1})
    for _ in range(8):
        door.street.walk("post")
        door.clock.advance(100)
    assert len(receiver.got) == 8
    assert door.data(ALL)["nodes"] == []


def test_a_topic_is_sent_to_an_address_once(door: Door, receiver: Receiver) -> None:
    _subscribe(door, "ORDERS_CREATE", receiver.url)
    again = _subscribe(door, "ORDERS_CREATE", receiver.url)
    assert again["userErrors"] == [
        {
            "field": ["webhookSubscription", "callbackUrl"],
            "message": "Address for this topic has already been taken",
        }
    ]
    assert _subscribe(door, "ORDERS_UPDATED", receiver.url)["userErrors"] == []


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("http://example.com/hook", "Address protocol http:// is not supported"),
        ("ftp://example.com/hook", "Address protocol ftp:// is not supported"),
        ("https://one.myshopify.com/hook", "Address cannot be a Shopify or an internal domain"),
        ("nonsense", "Address is invalid"),
        ("", "Address can't be blank"),
    ],
)
def test_an_address_that_shopify_does_not_take_is_refused(door: Door, uri: str, message: str) -> None:
    assert _subscribe(door, "ORDERS_CREATE", uri)["userErrors"][0]["message"] == message


def test_a_subscription_is_moved_and_taken_away(door: Door, receiver: Receiver) -> None:
    made = _subscribe(door, "ORDERS_CREATE", "https://example.com/old")["webhookSubscription"]["id"]
    moved = door.data(UPDATE, id=made, s={"uri": receiver.url})
    assert moved["webhookSubscription"] == {"id": made, "uri": receiver.url}
    assert door.data(DELETE, id=made)["deletedWebhookSubscriptionId"] == made
    assert door.data(DELETE, id=made)["userErrors"][0]["message"] == "Webhook subscription does not exist"


def test_an_unknown_topic_is_no_topic(door: Door) -> None:
    query = """mutation { webhookSubscriptionCreate(topic: NOT_A_REAL_TOPIC, webhookSubscription: {uri: "https://e.example"}) {
        userErrors { message } } }"""
    (error,) = door.errors(query)
    assert error["extensions"]["code"] == "argumentLiteralsIncompatible"
