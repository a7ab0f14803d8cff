"""Known answers: what WooCommerce itself signs, for every kind of character that a parameter can hold.

Its algorithm (8.6 to 11.0, class-wc-rest-authentication.php): parameters as PHP unpacks them from the address, decoded
once; sorted by name; name and value each through rawurlencode; "name=value" through rawurlencode once more, and these
joined by `%26`. The digests were made with openssl: printf %s BASE | openssl dgst -sha256 -hmac 'cs_two&' -binary | base64.
"""

import hmac
from base64 import b64encode
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote

import httpx
import pytest

from connectors.storefronts.woocommerce.signing import Credentials, signature
from connectors.transport import Secret
from sync.domain.clock import SetClock

ADDRESS = "http://shop.example/wp-json/wc/v3/products"
BEGIN = "GET&http%3A%2F%2Fshop.example%2Fwp-json%2Fwc%2Fv3%2Fproducts&"
OAUTH = {
    "oauth_consumer_key": "ck_one",
    "oauth_nonce": "n",
    "oauth_signature_method": "HMAC-SHA256",
    "oauth_timestamp": "1",
}
SAID = "oauth_consumer_key%3Dck_one%26oauth_nonce%3Dn%26oauth_signature_method%3DHMAC-SHA256%26oauth_timestamp%3D1"
KNOWN = [
    pytest.param("50%", "50%2525", "z+0PBv642ykWO6XriDKOGgPvwe795zNz41VMFzAQVUo=", id="a percent sign"),
    pytest.param("a+b", "a%252Bb", "TTxiWzrO2Ndh2A/mLv0dNBCHYD2Zy7MogLcUvUvKbVM=", id="a plus"),
    pytest.param("a b", "a%2520b", "SsQWrdHT0B8XYam9vKbRkKMzUd9ZMbMPzNZ8NBe/x6s=", id="a space"),
    pytest.param(
        "红-1", "%25E7%25BA%25A2-1", "I7ZlULVRNSe0Rb6MDa5iJYrY7cQcC5fxUBrGeNi74Cw=", id="a Chinese name"
    ),
    pytest.param("%41", "%252541", "wbOQd7i2zenliRr+2qJQsvaihwM6wR1uGjGdPIH0HMY=", id="an encoded text"),
    pytest.param(
        "a~b*c'd!", "a~b%252Ac%2527d%2521", "5Lgvmkptwxz/Cb8QUH1KAPZ24+LX4svdCXHfqBTHUCc=", id="marks"
    ),
    pytest.param(
        "A&B=C/D", "A%2526B%253DC%252FD", "ycIAtgzGDe5gKlAOkgNFerp/YEKBqLUgAfNr4fwOgYw=", id="delimiters"
    ),
    pytest.param("1,2", "1%252C2", "9qMKxinU/C62gy+okvszkiEV317OUjj6Suhg7RHYufk=", id="a list with commas"),
    pytest.param(
        'a\\b"', "a%255Cb%2522", "/azGVSidaVBl1lVTqRTmgvjH8qMUasmuufsX0d+Wk+U=", id="backslash and quote"
    ),
    pytest.param("", "", "0HKDmxTUgPT24dZYy041vXSbGgmEC614qv14yzo7Xc0=", id="nothing"),
]


def digest(base: str) -> str:
    return b64encode(hmac.digest(b"cs_two&", base.encode(), "sha256")).decode()


@pytest.mark.parametrize(("value", "quoted_twice", "known"), KNOWN)
def test_the_signature_is_the_one_that_woocommerce_reckons(value: str, quoted_twice: str, known: str) -> None:
    assert digest(f"{BEGIN}{SAID}%26sku%3D{quoted_twice}") == known
    assert signature("get", ADDRESS, [*OAUTH.items(), ("sku", value)], Secret("cs_two")) == known


def test_a_list_in_brackets_is_signed_by_the_numbers_that_php_gives_its_items() -> None:
    known = "bjq3HLy2VJ4m5s84aXI9dUZfDwUV6NYL0nUvFiFXFCo="
    assert digest(f"{BEGIN}include%255B0%255D%3D7%26include%255B1%255D%3D8%26{SAID}") == known
    numbered = [*OAUTH.items(), ("include[0]", "7"), ("include[1]", "8")]
    assert signature("get", ADDRESS, numbered, Secret("cs_two")) == known
    repeated = [*OAUTH.items(), ("include[]", "7"), ("include[]", "8")]
    assert signature("get", ADDRESS, repeated, Secret("cs_two")) != known


def by_woocommerce(url: httpx.URL) -> str:
    """What the shop reckons of the address that came over the line, step by step as its PHP does."""
    told = dict(parse_qsl(url.query.decode("ascii"), keep_blank_values=True))
    told.pop("oauth_signature")
    pairs = [f"{rawurlencode(name)}={rawurlencode(told[name])}" for name in sorted(told)]
    return digest(f"GET&{rawurlencode(ADDRESS)}&{'%26'.join(rawurlencode(pair) for pair in pairs)}")


def rawurlencode(text: str) -> str:
    return quote(text, safe="-_.~")


@pytest.mark.parametrize("value", [each.values[0] for each in KNOWN])
def test_what_php_unpacks_of_the_address_is_what_was_signed(value: str) -> None:
    """Nothing on the way decodes a parameter once more, or once less, than the shop."""
    credentials = Credentials(
        Secret("ck_one:cs_two"), "http://shop.example", SetClock(datetime(2026, 11, 25, tzinfo=UTC))
    )
    url = httpx.URL(ADDRESS).copy_merge_params(
        [("sku", str(value)), ("_fields", "id,sku"), ("per_page", "10")]
    )
    sent = next(credentials.auth_flow(httpx.Request("GET", url))).url
    told = dict(parse_qsl(sent.query.decode("ascii"), keep_blank_values=True))
    assert told["sku"] == value
    assert told["oauth_signature"] == by_woocommerce(sent)
