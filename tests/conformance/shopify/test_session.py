"""Tokens, the rate limit and webhooks at a shop."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.contract import AuthRejected, Deadline, Feed, Refused, Rejected, SetQuantity
from connectors.storefronts.shopify import OPTIONS, Options, code_grant, webhook_reader
from connectors.storefronts.shopify.connector import ShopifyStorefront
from connectors.storefronts.shopify.topics import TOPICS
from connectors.transport import Secret, Setup
from connectors.transport.tokens import Memory
from sandbox.storefront.shopify.builder import Street
from sync.domain.clock import SystemClock
from tests.conformance.shopify.conftest import Staff, new_sku, opened
from tests.conformance.shopify.line import Line


def app_shop(street: Street, line: Line, **changes: object) -> ShopifyStorefront:
    facts = {"client_id": street.door.client_id, "secret": street.door.client_secret} | changes
    return opened(street, line, **facts)  # type: ignore[arg-type]


async def test_an_app_s_token_is_fetched_once_for_all_calls(street: Street, line: Line) -> None:
    before = street.door.grants
    shop = app_shop(street, line)
    await asyncio.gather(*(shop.identity(Deadline.after(30)) for _ in range(6)))
    assert street.door.grants == before + 1
    await shop.close()


async def test_a_token_that_the_shop_forgot_is_fetched_again(
    street: Street, line: Line, soon: Deadline
) -> None:
    shop = app_shop(street, line)
    first = await shop.identity(soon)
    street.walk("levers", expire_tokens=True)
    assert await shop.identity(soon) == first
    await shop.close()


async def test_refused_credentials_are_told(street: Street, line: Line, soon: Deadline) -> None:
    shop = app_shop(street, line, secret="shpss_wrong")
    with pytest.raises(AuthRejected):
        await shop.identity(soon)
    await shop.close()


async def test_a_scope_that_was_taken_from_the_app_is_named_and_nothing_is_written(
    street: Street, soon: Deadline
) -> None:
    variant = street.goods(new_sku(), {"1": 10})
    had, shop = list(street.door.scopes), opened(street)
    street.walk("levers", scopes=[each for each in had if each not in ("write_inventory", "read_orders")])
    try:
        outcome = (await shop.set_quantities([SetQuantity(variant, 4)], soon))[variant]
        with pytest.raises(Refused, match="lacks an access scope: read_orders"):
            await shop.orders(None, soon)
    finally:
        street.walk("levers", scopes=had)
        await shop.close()
    assert isinstance(outcome, Rejected)
    assert outcome.code == "ACCESS_DENIED"
    assert Staff(street).available(variant) == 10


async def test_the_identity_stays_and_another_shop_s_is_another(street: Street, soon: Deadline) -> None:
    first, second = opened(street), opened(street)
    assert await first.identity(soon) == await second.identity(soon)
    await first.close()
    await second.close()


async def test_a_token_by_the_owner_s_yes_works(street: Street, soon: Deadline) -> None:
    options = Options(url=street.url, client_id=street.door.client_id)
    setup = Setup(
        "shop", options, Secret(street.door.client_secret), SystemClock(), ZoneInfo("UTC"), tokens=Memory()
    )
    grant = code_grant(setup)
    redirect = "http://127.0.0.1:9/callback"
    address = grant.address(redirect, "state-1")
    answer = await asyncio.to_thread(httpx.get, address, trust_env=False)
    told = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    token = await grant.exchange(told, redirect, soon)
    await grant.close()
    assert token.refresh is not None
    shop = ShopifyStorefront(
        Setup(
            "shop",
            options,
            Secret(street.door.client_secret),
            SystemClock(),
            ZoneInfo("UTC"),
            tokens=Memory(token),
            connector="shopify",
        )
    )
    assert await shop.identity(soon)
    await shop.close()


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """An address of ours, and what came to it."""
    heard: list[tuple[dict[str, str], bytes]] = []

    async def take(request: Request) -> Response:
        heard.append((dict(request.headers), await request.body()))
        return Response("")

    app = Starlette(routes=[Route("/hook", take, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off", ws="none"))
    socket = server.config.bind_socket()
    port = socket.getsockname()[1]
    serving = asyncio.create_task(server.serve(sockets=[socket]))
    try:
        yield f"http://127.0.0.1:{port}/hook", heard
    finally:
        server.should_exit = True
        await serving


async def test_every_topic_is_subscribed_to_once_and_a_lost_one_is_made_again(
    street: Street, shop: ShopifyStorefront, soon: Deadline
) -> None:
    url = "https://hooks.example.com/shopify"
    for _ in range(2):
        assert {each.topic for each in await shop.subscribe(url, "unused", soon)} == set(TOPICS)
    assert len([each for each in await shop.webhooks(soon) if each.url == url]) == len(TOPICS)
    lost = (await shop.webhooks(soon))[0]
    street.ask(
        "mutation($id: ID!) { webhookSubscriptionDelete(id: $id) { userErrors { message } } }",
        id=lost.external_id,
    )
    assert {each.topic for each in await shop.subscribe(url, "unused", soon)} == set(TOPICS)
    assert await shop.unsubscribe(url, soon) == len(TOPICS)
    assert [each for each in await shop.webhooks(soon) if each.url == url] == []


async def test_an_address_that_shopify_does_not_take_is_refused_in_words(
    shop: ShopifyStorefront, soon: Deadline
) -> None:
    with pytest.raises(Refused, match="https"):
        await shop.subscribe("http://hooks.example.com/shopify", "unused", soon)


async def test_a_delivery_is_read_with_the_app_s_client_secret(
    street: Street, shop: ShopifyStorefront, soon: Deadline
) -> None:
    reader = webhook_reader(Secret(street.door.client_secret), OPTIONS(url=street.url))
    async with listening() as (url, heard):
        await shop.subscribe(url, "unused", soon)
        sku = new_sku()
        street.goods(sku)
        order = street.buy({sku: 1})
        for _ in range(50):
            await asyncio.to_thread(street.walk, "post")
            if any(reader.read(headers, body).subject == order for headers, body in heard):
                break
            await asyncio.sleep(0.05)
        found = [reader.read(headers, body) for headers, body in heard]
        await shop.unsubscribe(url, soon)
    (told, *_) = [each for each in found if each.subject == order]
    assert Feed.ORDERS in told.feeds
    assert told.id
    assert told.sent_at is not None
    assert all(b"@" not in body for _, body in heard)
    headers, body = heard[0]
    digest = hmac.new(street.door.client_secret.encode(), body, hashlib.sha256).digest()
    assert headers["x-shopify-hmac-sha256"] == base64.b64encode(digest).decode()
