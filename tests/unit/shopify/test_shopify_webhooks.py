"""Deliveries are believed by their signature, and a token's code only where the shop signed it."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from connectors.contract import AuthRejected, Deadline, Feed, Forged, Unreadable
from connectors.storefronts.shopify import MANIFEST, OPTIONS, code_grant, webhook_reader
from connectors.storefronts.shopify.topics import TOPICS
from connectors.transport import Secret
from tests.unit.shopify.scripted import Scripted, setup

SECRET = Secret("shpss_unit")
READER = webhook_reader(SECRET, OPTIONS(url="canary.myshopify.com"))
BODY = json.dumps({"id": 7, "admin_graphql_api_id": "gid://shopify/Order/7"}).encode()


def headers(body: bytes = BODY, **changes: str) -> dict[str, str]:
    signature = base64.b64encode(hmac.digest(b"shpss_unit", body, "sha256")).decode()
    return {
        "x-shopify-hmac-sha256": signature,
        "x-shopify-topic": "orders/updated",
        "x-shopify-webhook-id": "b54557e4",
        "x-shopify-shop-domain": "canary.myshopify.com",
        "x-shopify-triggered-at": "2026-03-01T10:00:00.123456789Z",
    } | {name.replace("_", "-"): value for name, value in changes.items()}


def test_a_signed_delivery_says_where_to_look() -> None:
    found = READER.read(headers(), BODY)
    assert (found.id, found.topic, found.subject) == ("b54557e4", "orders/updated", "gid://shopify/Order/7")
    assert Feed.ORDERS in found.feeds
    assert found.sent_at == datetime(2026, 3, 1, 10, 0, 0, 123456, tzinfo=UTC)
    assert not found.carries


@pytest.mark.parametrize("signature", ["", "AAAA", "not base64!", base64.b64encode(b"x" * 32).decode()])
def test_an_unsigned_or_forged_delivery_is_not_believed(signature: str) -> None:
    with pytest.raises(Forged):
        READER.read(headers(x_shopify_hmac_sha256=signature), BODY)


def test_a_changed_body_is_forged() -> None:
    with pytest.raises(Forged):
        READER.read(headers(), BODY + b" ")


def test_a_delivery_of_another_shop_of_the_same_app_is_refused() -> None:
    with pytest.raises(Unreadable, match="another shop"):
        READER.read(headers(x_shopify_shop_domain="other.myshopify.com"), BODY)


@pytest.mark.parametrize("body", [b"", b"[]", b"id=7", b'{"id":'])
def test_a_signed_body_that_is_no_record_is_told(body: bytes) -> None:
    with pytest.raises(Unreadable):
        READER.read(headers(body), body)


def test_a_record_without_its_global_id_is_named_by_its_number() -> None:
    body = b'{"id": 9}'
    assert (
        READER.read(headers(body, x_shopify_topic="products/delete"), body).subject
        == "gid://shopify/Product/9"
    )


def test_a_topic_that_is_not_used_looks_nowhere() -> None:
    assert READER.read(headers(x_shopify_topic="shop/update"), BODY).feeds == frozenset()


def test_a_moment_that_is_none_is_left_out() -> None:
    assert READER.read(headers(x_shopify_triggered_at="yesterday"), BODY).sent_at is None


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_that_is_subscribed_to_leads_to_a_feed(topic: str) -> None:
    words = topic.lower().split("_")
    named = f"{'_'.join(words[:-1])}/{words[-1]}"
    assert READER.read(headers(x_shopify_topic=named), BODY).feeds


def test_the_manifest_names_the_topics() -> None:
    assert MANIFEST.webhook_topics == TOPICS


def signed(**told: str) -> dict[str, str]:
    text = urlencode(sorted(told.items())).encode()
    return told | {"hmac": hmac.new(b"shpss_unit", text, hashlib.sha256).hexdigest()}


async def test_the_owner_is_sent_to_the_shop_s_own_page_of_consent() -> None:
    grant = code_grant(setup(Scripted([{}]), client_id="app", secret="shpss_unit"))
    url = urlsplit(grant.address("http://127.0.0.1:9/callback", "state-1"))
    asked = dict(parse_qsl(url.query))
    assert (url.netloc, url.path) == ("canary.myshopify.com", "/admin/oauth/authorize")
    assert (asked["client_id"], asked["state"]) == ("app", "state-1")
    assert "write_orders" in asked["scope"].split(",")
    await grant.close()


async def test_a_signed_code_is_exchanged_for_a_token_that_ends() -> None:
    token = {
        "access_token": "shpat_1",
        "refresh_token": "shprt_1",
        "expires_in": 3600,
        "scope": "read_orders",
    }
    line = Scripted([httpx.Response(200, json=token)])
    grant = code_grant(setup(line, client_id="app", secret="shpss_unit"))
    answer = signed(code="c1", shop="canary.myshopify.com", state="s", timestamp="1")
    found = await grant.exchange(answer, "http://127.0.0.1:9/callback", Deadline.after(5))
    assert found.refresh is not None
    assert (found.access.reveal(), found.refresh.reveal(), found.scopes) == (
        "shpat_1",
        "shprt_1",
        "read_orders",
    )
    assert found.ends_at is not None
    await grant.close()


@pytest.mark.parametrize(
    "answer",
    [
        {"code": "c1", "shop": "canary.myshopify.com", "hmac": "00"},
        signed(code="c1", shop="other.myshopify.com"),
        signed(shop="canary.myshopify.com"),
    ],
)
async def test_a_code_that_is_not_the_shop_s_is_never_exchanged(answer: dict[str, str]) -> None:
    line = Scripted([{}])
    grant = code_grant(setup(line, client_id="app", secret="shpss_unit"))
    with pytest.raises(AuthRejected):
        await grant.exchange(answer, "http://127.0.0.1:9/callback", Deadline.after(5))
    assert line.requests == []
    await grant.close()
