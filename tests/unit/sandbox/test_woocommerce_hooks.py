"""Webhooks: what they tell, how they are signed, and what becomes of those that nobody takes."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from woocommerce_door import OLD, Door, woo

from sandbox.serving import listening
from sandbox.storefront.woocommerce.rules import Rules

SECRET = "sec-1"


@dataclass
class Receiver:
    """Whoever is told: it answers `status` and keeps what it got."""

    url: str = ""
    status: int = 200
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        self.got.append((dict(request.headers), await request.body()))
        return Response(status_code=self.status, headers={"location": "/elsewhere"})

    @property
    def topics(self) -> list[str]:
        return [head.get("x-wc-webhook-topic", "ping") for head, _ in self.got]

    def told(self, topic: str) -> list[Any]:
        return [json.loads(body) for head, body in self.got if head.get("x-wc-webhook-topic") == topic]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with listening(Starlette(routes=[Route("/hook", receiver.take, methods=["POST"])])) as port:
        receiver.url = f"http://127.0.0.1:{port}/hook"
        yield receiver


async def hook(door: Door, receiver: Receiver, topic: str, *, announced: bool = True) -> int:
    made = await door.post("webhooks", topic=topic, delivery_url=receiver.url, secret=SECRET)
    if announced:
        await door.opened.postman.deliver()
        receiver.got.clear()
    return int(made["id"])


async def deliver(door: Door) -> int:
    return await door.opened.postman.deliver()


async def test_a_new_hook_is_announced_by_an_unsigned_form() -> None:
    async with woo() as door, receiving() as receiver:
        id = await hook(door, receiver, "order.created", announced=False)
        await deliver(door)
        ((head, body),) = receiver.got
        assert body == f"webhook_id={id}".encode()
        assert head["content-type"] == "application/x-www-form-urlencoded"
        assert "x-wc-webhook-signature" not in head


async def test_a_hook_whose_announcement_fails_is_active_all_the_same() -> None:
    async with woo() as door, receiving() as receiver:
        receiver.status = 500
        id = await hook(door, receiver, "order.created", announced=False)
        await deliver(door)
        assert (await door.get(f"webhooks/{id}"))["status"] == "active"


async def test_the_secret_is_never_returned() -> None:
    async with woo() as door, receiving() as receiver:
        id = await hook(door, receiver, "order.created")
        for answer in (await door.get(f"webhooks/{id}"), await door.get("webhooks")):
            assert SECRET not in json.dumps(answer)
        assert SECRET not in repr(door.opened.shop.hooks)


async def test_a_delivery_is_signed_over_its_very_bytes() -> None:
    async with woo() as door, receiving() as receiver:
        id = await hook(door, receiver, "order.created")
        order = await door.order(status="pending")
        assert receiver.got == []
        await deliver(door)
        ((head, body),) = receiver.got
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).digest()
        assert head["x-wc-webhook-signature"] == base64.b64encode(digest).decode()
        assert head["x-wc-webhook-id"] == str(id)
        assert head["x-wc-webhook-source"] == f"{door.url}/"
        assert (head["x-wc-webhook-resource"], head["x-wc-webhook-event"]) == ("order", "created")
        assert json.loads(body)["id"] == order["id"]


async def test_changes_of_one_order_are_told_once_as_it_stands_then() -> None:
    async with woo() as door, receiving() as receiver:
        await hook(door, receiver, "order.updated")
        order = await door.order(status="pending")
        await deliver(door)
        receiver.got.clear()
        for text in ("a", "b", "c"):
            await door.put(f"orders/{order['id']}", customer_note=text)
        assert await deliver(door) == 1
        assert [each["customer_note"] for each in receiver.told("order.updated")] == ["c"]


async def test_a_new_order_is_told_as_changed_too() -> None:
    async with woo() as door, receiving() as receiver:
        await hook(door, receiver, "order.created")
        await hook(door, receiver, "order.updated")
        await door.order(status="pending")
        await deliver(door)
        assert receiver.topics == ["order.created", "order.updated"]


async def test_an_order_that_takes_stock_tells_of_its_products() -> None:
    async with woo() as door, receiving() as receiver:
        id = await door.product()
        await hook(door, receiver, "product.updated")
        await door.order((id, 3))
        await deliver(door)
        assert [each["stock_quantity"] for each in receiver.told("product.updated")] == [17]


@pytest.mark.parametrize("rules", [Rules(), OLD])
async def test_an_order_deleted_before_it_is_told_arrives_as_a_signed_error(rules: Rules) -> None:
    async with woo(rules) as door, receiving() as receiver:
        await hook(door, receiver, "order.created")
        order = await door.order(status="pending")
        await door.delete(f"orders/{order['id']}", force="true")
        await deliver(door)
        ((head, body),) = receiver.got
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).digest()
        assert head["x-wc-webhook-signature"] == base64.b64encode(digest).decode()
        assert json.loads(body)["code"] == "woocommerce_rest_shop_order_invalid_id"


@pytest.mark.parametrize("rules", [Rules(), OLD])
async def test_the_trash_is_told_with_the_id_alone_and_the_end_is_not_told(rules: Rules) -> None:
    async with woo(rules) as door, receiving() as receiver:
        await hook(door, receiver, "order.deleted")
        trashed, ended = await door.order(status="pending"), await door.order(status="pending")
        await door.delete(f"orders/{trashed['id']}")
        await door.delete(f"orders/{ended['id']}", force="true")
        await deliver(door)
        assert receiver.told("order.deleted") == [{"id": trashed["id"]}]


async def test_a_failed_delivery_is_not_sent_again_and_a_ping_follows_it() -> None:
    async with woo() as door, receiving() as receiver:
        await hook(door, receiver, "order.created")
        receiver.status = 500
        await door.order(status="pending")
        await deliver(door)
        assert receiver.topics == ["order.created", "ping"]
        receiver.status = 200
        assert await deliver(door) == 0


async def test_the_seventh_failure_in_a_row_disables_a_hook() -> None:
    async with woo() as door, receiving() as receiver:
        id = await hook(door, receiver, "order.created")
        receiver.status = 503
        seen = []
        for _ in range(7):
            await door.order(status="pending")
            await deliver(door)
            seen.append((await door.get(f"webhooks/{id}"))["status"])
        assert seen == ["active"] * 6 + ["disabled"]
        receiver.got.clear()
        await door.order(status="pending")
        await deliver(door)
        assert receiver.got == []


async def test_a_success_between_failures_begins_the_count_anew() -> None:
    async with woo() as door, receiving() as receiver:
        id = await hook(door, receiver, "order.created")
        for status in (500, 500, 500, 500, 500, 500, 200, 500):
            receiver.status = status
            await door.order(status="pending")
            await deliver(door)
        assert (await door.get(f"webhooks/{id}"))["status"] == "active"


async def test_a_redirect_counts_as_success_and_is_not_followed() -> None:
    async with woo() as door, receiving() as receiver:
        await hook(door, receiver, "order.created")
        receiver.status = 302
        await door.order(status="pending")
        assert await deliver(door) == 1
        assert receiver.topics == ["order.created"]


async def test_a_receiver_that_is_not_there_is_a_failure() -> None:
    async with woo() as door:
        await door.post("webhooks", topic="order.created", delivery_url="http://127.0.0.1:9/", secret=SECRET)
        await deliver(door)
        await door.order(status="pending")
        await deliver(door)
        (known,) = door.opened.shop.hooks.values()
        assert known.failures == 1


async def test_a_hook_that_was_disabled_begins_anew_when_it_is_made_active() -> None:
    async with woo() as door, receiving() as receiver:
        id = await hook(door, receiver, "order.created")
        door.opened.shop.hooks[id].failures = 6
        made = await door.put(f"webhooks/{id}", status="active")
        assert (made["status"], door.opened.shop.hooks[id].failures) == ("active", 0)


async def test_a_topic_that_nobody_knows_is_refused() -> None:
    async with woo() as door:
        body = {"topic": "order.bogus", "delivery_url": "http://127.0.0.1:9/"}
        refused = await door.no("POST", "webhooks", body)
        assert refused == (400, "woocommerce_rest_shop_webhook_invalid_topic")


async def test_a_hook_is_deleted_for_good_or_not_at_all() -> None:
    async with woo() as door, receiving() as receiver:
        id = await hook(door, receiver, "order.created")
        assert await door.no("DELETE", f"webhooks/{id}") == (501, "woocommerce_rest_trash_not_supported")
        await door.delete(f"webhooks/{id}", force="true")
        assert await door.get("webhooks") == []


async def test_a_paused_hook_is_told_nothing() -> None:
    async with woo() as door, receiving() as receiver:
        id = await hook(door, receiver, "order.created")
        await door.put(f"webhooks/{id}", status="paused")
        await door.order(status="pending")
        assert await deliver(door) == 0
