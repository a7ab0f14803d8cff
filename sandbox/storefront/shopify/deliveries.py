"""Webhook subscriptions, and the postman who delivers what happened to their addresses, at least once.

A delivery that fails is tried again, eight times in all, with the same id; after that its subscription is removed.
Levers let him deliver twice, last things first, or lose what he carries.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx

from sandbox.storefront.shopify.acts import Act, Args
from sandbox.storefront.shopify.answers import Made, Refusal, count_of, payload, stamp
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.shopify.doors import Door
from sandbox.storefront.shopify.lists import Connection, connection
from sandbox.storefront.shopify.names import gid, inside
from sandbox.storefront.shopify.tidings import tidings, topic_name
from sandbox.storefront.vendure.graphql.execution import Resolvers

VERSION = "2026-07"
PATIENCE = 5.0
"""Seconds that a receiver has to answer."""
_LOOPBACK = ("127.0.0.1", "localhost")
_TAKEN = "Address for this topic has already been taken"


@dataclass(slots=True)
class Subscription:
    """What is sent where."""

    id: str
    topic: str
    uri: str
    created_at: datetime
    updated_at: datetime
    format: str = "JSON"
    include_fields: list[str] = field(default_factory=list)
    filter: str | None = None
    name: str | None = None


@dataclass(slots=True)
class Delivery:
    """One thing to be told to one subscriber."""

    id: str
    event: str
    subscription: Subscription
    body: bytes
    triggered_at: datetime
    due: datetime
    attempts: int = 0


@dataclass(slots=True)
class Postman:
    """Delivers; `levers` are twice, backwards and lost."""

    shop: ShopifyShop
    door: Door
    domain: str
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    waiting: list[Delivery] = field(default_factory=list)
    levers: frozenset[str] = frozenset()
    delivered: int = 0
    failed: int = 0
    _walking: bool = False
    _task: "asyncio.Task[None] | None" = None

    def announce(self, topic: str, subject: Any) -> None:
        """Tell everyone who subscribed to a topic, in a moment."""
        wanted = [each for each in self.subscriptions.values() if each.topic == topic]
        if not wanted or "lost" in self.levers:
            return
        facts, now, event = tidings(self.shop, subject), self.shop.clock.now(), str(uuid.uuid4())
        for subscription in wanted:
            kept = subscription.include_fields
            body = json.dumps({k: v for k, v in facts.items() if not kept or k in kept}).encode()
            made = Delivery(str(uuid.uuid4()), event, subscription, body, now, now)
            self.waiting += [made] * (2 if "twice" in self.levers else 1)
        self.shop.agenda.later(0, self.ring)

    def ring(self) -> None:
        """Set out, where there is a loop to walk in."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if not self._walking:
            self._walking = True
            self._task = loop.create_task(self.walk())

    async def deliver(self) -> None:
        """Deliver everything that is due, what is on its way included."""
        if self._task is not None and not self._task.done():
            await self._task
        await self.walk()

    async def walk(self) -> None:
        """Deliver everything that is due."""
        try:
            async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as client:
                while due := self._due():
                    for delivery in due:
                        await self._deliver(client, delivery)
        finally:
            self._walking = False

    def _due(self) -> list[Delivery]:
        now = self.shop.clock.now()
        due = [each for each in self.waiting if each.due <= now]
        self.waiting = [each for each in self.waiting if each.due > now]
        return list(reversed(due)) if "backwards" in self.levers else due

    async def _deliver(self, client: httpx.AsyncClient, delivery: Delivery) -> None:
        if delivery.subscription.id not in self.subscriptions:
            return
        delivery.attempts += 1
        try:
            answer = await client.post(
                delivery.subscription.uri, content=delivery.body, headers=self._headers(delivery)
            )
            good = answer.is_success
        except httpx.HTTPError:
            good = False
        if good:
            self.delivered += 1
        else:
            self._failed(delivery)

    def _failed(self, delivery: Delivery) -> None:
        self.failed += 1
        pauses = self.shop.pace.retries
        if delivery.attempts > len(pauses):
            self.subscriptions.pop(delivery.subscription.id, None)
            return
        pause = pauses[delivery.attempts - 1]
        delivery.due = self.shop.clock.now() + timedelta(seconds=pause)
        self.waiting.append(delivery)
        self.shop.agenda.later(pause, self.ring)

    def _headers(self, delivery: Delivery) -> dict[str, str]:
        digest = hmac.new(self.door.client_secret.encode(), delivery.body, hashlib.sha256).digest()
        return {
            "content-type": "application/json",
            "x-shopify-topic": topic_name(delivery.subscription.topic),
            "x-shopify-hmac-sha256": base64.b64encode(digest).decode(),
            "x-shopify-shop-domain": self.domain,
            "x-shopify-api-version": VERSION,
            "x-shopify-webhook-id": delivery.id,
            "x-shopify-event-id": delivery.event,
            "x-shopify-triggered-at": delivery.triggered_at.isoformat().replace("+00:00", "Z"),
        }

    # --- the API ------------------------------------------------------------------------------------------

    def checked(self, uri: str | None) -> str:
        """An address that may be subscribed; raises Refusal."""
        where = ("webhookSubscription", "callbackUrl")
        if not uri:
            raise Refusal("Address can't be blank", *where)
        parts = urlsplit(uri)
        if not re.fullmatch(r"[a-z][a-z0-9+.-]*", parts.scheme) or not parts.hostname:
            raise Refusal("Address is invalid", *where)
        if parts.hostname in _LOOPBACK and parts.scheme in ("http", "https"):
            return uri
        if parts.scheme != "https":
            raise Refusal(f"Address protocol {parts.scheme}:// is not supported", *where)
        if re.search(r"(^|\.)(shopify\.com|myshopify\.com|internal|local)$", parts.hostname):
            raise Refusal("Address cannot be a Shopify or an internal domain", *where)
        return uri

    def find(self, given: str) -> Subscription | None:
        """A subscription by its global id."""
        return self.subscriptions.get(inside("WebhookSubscription", given))

    def taken(self, topic: str, uri: str, but: str | None = None) -> bool:
        """Whether a topic is sent to an address already."""
        return any((s.topic, s.uri) == (topic, uri) and s.id != but for s in self.subscriptions.values())


def create(arguments: Args, call: Call) -> Made:
    """`webhookSubscriptionCreate`: one for each topic and address."""
    post: Postman = call.desk.post
    given, now = arguments["webhookSubscription"], call.shop.second()
    uri = post.checked(given.get("uri"))
    if post.taken(arguments["topic"], uri):
        raise Refusal(_TAKEN, "webhookSubscription", "callbackUrl")
    made = Subscription(call.shop.numbers.next("webhook"), arguments["topic"], uri, now, now)
    _dress(made, given)
    post.subscriptions[made.id] = made
    return payload(webhook_subscription=made)


def _dress(made: Subscription, given: dict[str, Any]) -> None:
    made.format = given.get("format") or made.format
    if given.get("includeFields") is not None:
        made.include_fields = list(given["includeFields"])
    made.filter = given.get("filter", made.filter)
    made.name = given.get("name", made.name)


def update(arguments: Args, call: Call) -> Made:
    """`webhookSubscriptionUpdate`: another address, or other fields."""
    post: Postman = call.desk.post
    found, given = post.find(arguments["id"]), arguments["webhookSubscription"]
    if found is None:
        raise Refusal("Webhook subscription does not exist", "id")
    if given.get("uri") is not None:
        uri = post.checked(given["uri"])
        if post.taken(found.topic, uri, but=found.id):
            raise Refusal(_TAKEN, "webhookSubscription", "callbackUrl")
        found.uri = uri
    _dress(found, given)
    found.updated_at = call.shop.second()
    return payload(webhook_subscription=found)


def delete(arguments: Args, call: Call) -> Made:
    """`webhookSubscriptionDelete`."""
    post: Postman = call.desk.post
    found = post.find(arguments["id"])
    if found is None:
        raise Refusal("Webhook subscription does not exist", "id")
    del post.subscriptions[found.id]
    return payload(deleted_webhook_subscription_id=arguments["id"])


def _all(_: Any, arguments: Args, call: Call) -> Connection:
    post: Postman = call.desk.post
    found = list(post.subscriptions.values())
    for name, pick in (("uri", "uri"), ("format", "format")):
        if arguments.get(name) is not None:
            found = [each for each in found if getattr(each, pick) == arguments[name]]
    if arguments.get("topics") is not None:
        found = [each for each in found if each.topic in arguments["topics"]]
    return connection(call, found, arguments, by=lambda each: each.created_at)


_VERSION = {"handle": VERSION, "display_name": VERSION, "supported": True}

ACTS: dict[str, Act] = {
    "webhookSubscriptionCreate": create,
    "webhookSubscriptionUpdate": update,
    "webhookSubscriptionDelete": delete,
}
VIEW: Resolvers = {
    ("QueryRoot", "webhookSubscription"): lambda _, a, call: call.desk.post.find(a["id"]),
    ("QueryRoot", "webhookSubscriptions"): _all,
    ("QueryRoot", "webhookSubscriptionsCount"): lambda _, a, call: count_of(
        len(call.desk.post.subscriptions), a.get("limit")
    ),
    ("WebhookSubscription", "apiVersion"): lambda _, __, ___: Made("ApiVersion", _VERSION),
    ("WebhookSubscription", "callbackUrl"): lambda s, _, __: s.uri,
    ("WebhookSubscription", "createdAt"): lambda s, _, __: stamp(s.created_at),
    ("WebhookSubscription", "endpoint"): lambda s, _, __: Made(
        "WebhookHttpEndpoint", {"callback_url": s.uri}
    ),
    ("WebhookSubscription", "id"): lambda s, _, __: gid("WebhookSubscription", s.id),
    ("WebhookSubscription", "legacyResourceId"): lambda s, _, __: s.id,
    ("WebhookSubscription", "updatedAt"): lambda s, _, __: stamp(s.updated_at),
}
