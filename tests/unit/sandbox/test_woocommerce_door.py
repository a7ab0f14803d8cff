"""Who is let in, and how the shop says that somebody is not."""

import dataclasses
from urllib.parse import parse_qsl

import httpx
import pytest
from woocommerce_door import Door, woo

from sandbox.storefront.woocommerce.clerk import OAuth
from sandbox.storefront.woocommerce.door import Key, signature
from sandbox.storefront.woocommerce.rules import Rules

AUTH, VIEW = "woocommerce_rest_authentication_error", "woocommerce_rest_cannot_view"


async def ask(
    door: Door, path: str = "products", *, auth: httpx.Auth | None = None, verb: str = "GET", **more: str
) -> tuple[int, str, str]:
    async with httpx.AsyncClient(base_url=f"{door.url}/wp-json/wc/v3/") as http:
        answer = await http.request(verb, path, auth=auth, params=more)
    assert "www-authenticate" not in answer.headers
    body = answer.json()
    return answer.status_code, body["code"], body["message"]


async def test_basic_auth_over_plain_http_is_ignored() -> None:
    async with woo() as door:
        key = door.opened.door.keys.full
        assert (await ask(door, auth=httpx.BasicAuth(key.key, key.secret)))[:2] == (401, VIEW)
        assert (await ask(door, consumer_key=key.key, consumer_secret=key.secret))[:2] == (401, VIEW)
        assert (await ask(door))[:2] == (401, VIEW)


async def test_behind_tls_basic_auth_and_keys_in_the_address_are_taken() -> None:
    async with woo(Rules(tls=True)) as door:
        key = door.opened.door.keys.full
        async with httpx.AsyncClient(base_url=f"{door.url}/wp-json/wc/v3/") as http:
            assert (await http.get("products", auth=(key.key, key.secret))).status_code == 200
            asked = {"consumer_key": key.key, "consumer_secret": key.secret}
            assert (await http.get("products", params=asked)).status_code == 200


async def test_an_unknown_key_is_nobody_and_a_wrong_secret_is_an_error() -> None:
    async with woo(Rules(tls=True)) as door:
        key = door.opened.door.keys.full
        assert (await ask(door, auth=httpx.BasicAuth("ck_strange", "cs_1")))[:2] == (401, VIEW)
        wrong = await ask(door, auth=httpx.BasicAuth(key.key, "cs_wrong"))
        assert wrong == (401, AUTH, "Consumer secret is invalid.")


@pytest.mark.parametrize("method", ["HMAC-SHA1", "HMAC-SHA256"])
async def test_a_signed_call_is_let_in_over_plain_http(method: str) -> None:
    async with woo() as door:
        answer = await door.http.get("products", auth=door.signed(method=method))
        assert answer.status_code == 200


async def test_a_signature_with_another_secret_does_not_match() -> None:
    async with woo() as door:
        wrong = dataclasses.replace(door.opened.door.keys.full, secret="cs_wrong")
        found = await ask(door, auth=OAuth(wrong, now=door.clock.seconds))
        assert found == (401, AUTH, "Invalid signature - provided signature does not match.")


async def test_a_signed_call_by_an_unknown_key_is_refused() -> None:
    async with woo() as door:
        found = await ask(door, auth=OAuth(Key("ck_1", "cs_1"), now=door.clock.seconds))
        assert found == (401, AUTH, "Consumer key is invalid.")


async def test_a_signed_call_is_taken_once() -> None:
    async with woo() as door:
        answer = await door.http.get("products")
        words = dict(parse_qsl(answer.request.url.query.decode()))
        found = await ask(door, **words)
        assert found == (401, AUTH, "Invalid nonce - nonce has already been used.")


async def test_a_signed_call_from_a_clock_that_is_far_off_is_refused() -> None:
    async with woo() as door:
        key = door.opened.door.keys.full
        found = await ask(door, auth=OAuth(key, now=lambda: door.clock.seconds() - 901))
        assert found == (401, AUTH, "Invalid timestamp.")
        assert (
            await door.http.get("products", auth=OAuth(key, now=lambda: door.clock.seconds() - 899))
        ).is_success


async def test_the_signature_is_made_over_the_homes_address_not_the_one_called() -> None:
    async with woo(Rules(home="http://shop.example:8480")) as door:
        found = await ask(door, auth=door.signed())
        assert found[:2] == (401, AUTH)


@pytest.mark.parametrize("tls", [True, False])
async def test_whether_the_home_is_signed_as_https_goes_by_the_call_and_not_by_the_home(tls: bool) -> None:
    async with woo(Rules(tls=tls, home="https://shop.example")) as door:
        async with httpx.AsyncClient(base_url=door.url) as http:
            index = (await http.get("/wp-json/")).json()
        assert index["home"] == ("https" if tls else "http") + "://shop.example"
        key = door.opened.door.keys.full
        words = {
            "oauth_consumer_key": key.key,
            "oauth_timestamp": str(int(door.clock.seconds())),
            "oauth_nonce": "n",
            "oauth_signature_method": "HMAC-SHA256",
        }
        path = f"{index['home']}/wp-json/wc/v3/products"
        words["oauth_signature"] = signature("GET", path, words.items(), key.secret)
        async with httpx.AsyncClient(base_url=f"{door.url}/wp-json/wc/v3/") as http:
            assert (await http.get("products", params=words)).status_code == 200


async def test_a_list_that_is_repeated_breaks_the_signature_and_commas_do_not() -> None:
    async with woo() as door:
        assert await door.no("GET", "products", **{"include[]": ["1", "2"]}) == (401, AUTH)
        assert await door.get("products", include="1,2") == []


async def test_a_missing_oauth_parameter_is_named() -> None:
    async with woo() as door:
        found = await ask(
            door, oauth_consumer_key="ck_1", oauth_timestamp="1", oauth_nonce="1", oauth_signature="1"
        )
        assert found == (401, AUTH, "Missing OAuth parameter oauth_signature_method")


async def test_a_key_that_may_only_read_cannot_write_and_the_other_way_round() -> None:
    async with woo() as door:
        keys, now = door.opened.door.keys, door.clock.seconds
        written = await ask(door, auth=OAuth(keys.reader, now=now), verb="POST")
        assert written == (401, AUTH, "The API key provided does not have write permissions.")
        read = await ask(door, auth=OAuth(keys.writer, now=now))
        assert read == (401, AUTH, "The API key provided does not have read permissions.")


async def test_rest_route_in_the_address_never_authenticates() -> None:
    async with woo() as door:
        async with httpx.AsyncClient(base_url=door.url, auth=door.signed()) as http:
            answer = await http.get("/", params={"rest_route": "/wc/v3/products"})
        assert (answer.status_code, answer.json()["code"]) == (401, VIEW)


async def test_an_unknown_route_is_not_found_even_without_a_key() -> None:
    async with woo() as door:
        assert (await ask(door, "nope"))[:2] == (404, "rest_no_route")
        assert await door.no("GET", "nope") == (404, "rest_no_route")


async def test_the_secret_is_in_no_text_of_a_key() -> None:
    async with woo() as door:
        assert door.opened.door.keys.full.secret not in repr(door.opened.door.keys)


async def test_the_shop_tells_its_currency_its_taxes_and_where_it_is() -> None:
    async with woo(Rules(currency="JPY", prices_include_tax=True, tracking=True)) as door:
        assert (await door.get("settings/general/woocommerce_currency"))["value"] == "JPY"
        assert (await door.get("settings/tax/woocommerce_prices_include_tax"))["value"] == "yes"
        assert await door.no("GET", "settings/general/nothing") == (404, "rest_setting_setting_invalid")
        environment = (await door.get("system_status", _fields="environment.home_url"))["environment"]
        assert environment["home_url"] == door.url
        index = await door.get(f"{door.url}/wp-json/")
        assert "wc-shipment-tracking/v3" in index["namespaces"]
        assert (index["home"], index["timezone_string"]) == (door.url, "America/New_York")
