"""Requests over http are signed over the shop's own address; over https they bear the key pair."""

from datetime import UTC, datetime

import httpx
import pytest

from connectors.contract import AuthRejected
from connectors.storefronts.woocommerce.options import Options
from connectors.storefronts.woocommerce.signing import Credentials, pair, signature, signed_address
from connectors.transport import Secret
from sync.domain.clock import SetClock

KEYS = Secret("ck_one:cs_two")


def signed(home: str | None, url: str) -> httpx.Request:
    credentials = Credentials(KEYS, home, SetClock(datetime(2026, 11, 25, tzinfo=UTC)))
    return next(credentials.auth_flow(httpx.Request("GET", url)))


def test_over_https_the_pair_goes_as_basic() -> None:
    request = signed(None, "https://shop.example/wp-json/wc/v3/orders")
    assert httpx.BasicAuth("ck_one", "cs_two")._auth_header == request.headers["authorization"]


def test_over_http_the_request_is_signed_and_bears_no_secret() -> None:
    request = signed("http://shop.example", "http://shop.example/wp-json/wc/v3/orders?page=2")
    assert "authorization" not in request.headers
    assert "cs_two" not in str(request.url)
    assert request.url.params["oauth_consumer_key"] == "ck_one"
    assert request.url.params["page"] == "2"


def test_each_request_has_a_nonce_of_its_own() -> None:
    url = "http://shop.example/wp-json/wc/v3/orders"
    nonces = {signed("http://shop.example", url).url.params["oauth_nonce"] for _ in range(3)}
    assert len(nonces) == 3


@pytest.mark.parametrize(
    ("home", "path", "address"),
    [
        ("http://shop.example", "/wp-json/wc/v3/orders", "http://shop.example/wp-json/wc/v3/orders"),
        (
            "http://shop.example:8080",
            "/wp-json/wc/v3/orders",
            "http://shop.example:8080/wp-json/wc/v3/orders",
        ),
        ("http://shop.example/blog", "/blog/wp-json/wc/v3/x", "http://shop.example/blog/wp-json/wc/v3/x"),
        ("http://inside/shop", "/proxied/wp-json/wc/v3/x", "http://inside/shop/wp-json/wc/v3/x"),
    ],
)
def test_the_signature_is_made_over_the_home_address_that_the_shop_knows(
    home: str, path: str, address: str
) -> None:
    assert signed_address(home, path) == address


def test_the_signature_is_that_of_rfc_5849_with_sha256() -> None:
    """Reckoned by hand with openssl: printf %s BASE | openssl dgst -sha256 -hmac 'cs_two&' -binary | base64."""
    params = [
        ("oauth_consumer_key", "ck_one"),
        ("oauth_nonce", "n"),
        ("oauth_signature_method", "HMAC-SHA256"),
        ("oauth_timestamp", "1"),
        ("search", "a b~c&d"),
    ]
    told = signature("get", "http://shop.example/wp-json/wc/v3/orders", params, Secret("cs_two"))
    assert told == "Mcy6agOpKPL6Bomv7Soa+XtyVk8n8AHn/YjlUyMWTK0="


@pytest.mark.parametrize("secret", ["", "ck_one", "ck_one:", ":cs_two", "ck_o\nne:cs_two"])
def test_a_secret_that_is_no_pair_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(AuthRejected) as refused:
        pair(Secret(secret))
    assert "cs_two" not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "signs"),
    [
        ({"url": "https://shop.example"}, False),
        ({"url": "http://shop.example"}, True),
        ({"url": "https://shop.example", "oauth": True}, True),
    ],
)
def test_whether_requests_are_signed(given: dict[str, object], signs: bool) -> None:
    assert Options.model_validate(given).signed is signs


def test_an_address_may_be_given_with_the_api_s_path() -> None:
    assert Options(url="https://shop.example/blog/wp-json/wc/v3/").url == "https://shop.example/blog"
