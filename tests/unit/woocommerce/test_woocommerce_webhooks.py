"""Deliveries say where to look, whatever their body; what is not signed says nothing."""

import hmac
from base64 import b64encode

import pytest

from connectors.contract import Feed, Forged, Unreadable
from connectors.storefronts.woocommerce import webhook_reader
from connectors.storefronts.woocommerce.options import Options
from connectors.transport import Secret

SECRET = "whsec-one"
OPTIONS = Options(url="https://shop.example")


def signed(body: bytes, topic: str = "order.updated", secret: str = SECRET) -> dict[str, str]:
    return {
        "content-type": "application/json",
        "x-wc-webhook-topic": topic,
        "x-wc-webhook-delivery-id": "d1",
        "x-wc-webhook-signature": b64encode(hmac.digest(secret.encode(), body, "sha256")).decode(),
    }


@pytest.mark.parametrize(
    ("topic", "feed"),
    [
        ("order.created", Feed.ORDERS),
        ("order.deleted", Feed.ORDERS),
        ("product.updated", Feed.PRODUCTS),
        ("product.restored", Feed.PRODUCTS),
    ],
)
def test_a_delivery_says_which_feed_to_look_at(topic: str, feed: Feed) -> None:
    body = b'{"id":2038}'
    told = webhook_reader(Secret(SECRET), OPTIONS).read(signed(body, topic), body)
    assert (told.id, told.topic, told.feeds, told.subject) == ("d1", topic, frozenset({feed}), "2038")


def test_a_variation_is_named_by_way_of_its_product() -> None:
    body = b'{"id":14,"type":"variation","parent_id":13}'
    assert (
        webhook_reader(Secret(SECRET), OPTIONS).read(signed(body, "product.updated"), body).subject == "13:14"
    )


def test_an_error_body_with_a_valid_signature_is_still_a_hint() -> None:
    body = b'{"code":"woocommerce_rest_shop_order_invalid_id","message":"Invalid ID.","data":{"status":404}}'
    told = webhook_reader(Secret(SECRET), OPTIONS).read(signed(body, "order.created"), body)
    assert (told.feeds, told.subject) == (frozenset({Feed.ORDERS}), "")


def test_the_unsigned_ping_asks_for_no_look() -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert not webhook_reader(Secret(SECRET), OPTIONS).read(headers, b"webhook_id=2").feeds


@pytest.mark.parametrize("body", [b"webhook_id=2&x=1", b"webhook_id=x", b'{"id":1}', b""])
def test_nothing_else_passes_without_a_signature(body: bytes) -> None:
    with pytest.raises(Forged):
        webhook_reader(Secret(SECRET), OPTIONS).read({"x-wc-webhook-topic": "order.created"}, body)


def test_a_delivery_signed_with_another_secret_is_forged() -> None:
    with pytest.raises(Forged):
        webhook_reader(Secret(SECRET), OPTIONS).read(signed(b"{}", secret="other"), b"{}")


def test_a_delivery_changed_on_the_way_is_forged() -> None:
    with pytest.raises(Forged):
        webhook_reader(Secret(SECRET), OPTIONS).read(signed(b'{"id":1}'), b'{"id":2}')


def test_a_topic_that_we_do_not_use_asks_for_no_look() -> None:
    assert not webhook_reader(Secret(SECRET), OPTIONS).read(signed(b"{}", "coupon.created"), b"{}").feeds


@pytest.mark.parametrize("body", [b"<html>", b"[1]"])
def test_a_signed_body_that_is_no_record_is_told(body: bytes) -> None:
    with pytest.raises(Unreadable, match="no record"):
        webhook_reader(Secret(SECRET), OPTIONS).read(signed(body), body)


def test_a_signed_delivery_without_a_topic_is_told() -> None:
    headers = signed(b"{}")
    del headers["x-wc-webhook-topic"]
    with pytest.raises(Unreadable, match="no topic"):
        webhook_reader(Secret(SECRET), OPTIONS).read(headers, b"{}")
