"""Sends what the shop's webhooks are to tell, when the world says so: nothing is sent before `deliver` is called.

What happened is queued, and what happens again to the same record before it is told is told once, as it stands then.
A failed delivery is never sent again: it is followed by a ping, and the seventh in a row disables its hook. A new
hook is announced by a ping, a form without signature; whatever answers it changes nothing.
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
from typing import Any

import httpx

from sandbox.storefront.woocommerce import goods_view, orders_view
from sandbox.storefront.woocommerce.answers import invalid_id
from sandbox.storefront.woocommerce.books import WooShop
from sandbox.storefront.woocommerce.hooks import Hook, HookStatus
from sandbox.storefront.woocommerce.written import written

PATIENCE = 5.0
"""Seconds that a receiver has."""
PING = 0
"""Stands for a record in the queue: an announcement of the hook itself."""


class Postman:
    """Delivers for one shop."""

    def __init__(self, shop: WooShop) -> None:
        self.shop = shop
        self.queue: dict[tuple[int, int], str] = {}
        """Topics by (hook, record), in the order of what happened first."""
        shop.heard = self._heard
        shop.opened_hook = self._opened

    def _heard(self, topic: str, id: int) -> None:
        for hook in self.shop.hooks.values():
            if hook.topic == topic and hook.status is HookStatus.ACTIVE:
                self.queue[hook.id, id] = topic

    def _opened(self, id: int) -> None:
        self.queue[id, PING] = "ping"

    async def deliver(self) -> int:
        """Send all that is queued; how many requests were made."""
        jobs, self.queue = self.queue, {}
        sent = 0
        async with httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False) as http:
            for hook_id, record in jobs:
                hook = self.shop.hooks.get(hook_id)
                if hook is None:
                    continue
                if record == PING:
                    sent += await self._ping(http, hook)
                elif hook.status is HookStatus.ACTIVE:
                    sent += await self._tell(http, hook, record)
        return sent

    async def keep_delivering(self, seconds: float = 0.2) -> None:
        """Deliver again and again until cancelled."""
        while True:
            await self.deliver()
            await asyncio.sleep(seconds)

    async def _ping(self, http: httpx.AsyncClient, hook: Hook) -> int:
        head = {"user-agent": self._agent(), "content-type": "application/x-www-form-urlencoded"}
        await _send(http, hook.url, f"webhook_id={hook.id}".encode(), head)
        return 1

    async def _tell(self, http: httpx.AsyncClient, hook: Hook, record: int) -> int:
        body = written(self._payload(hook.topic, record))
        status = await _send(http, hook.url, body, self._headers(hook, body))
        if 200 <= status < 303:
            hook.succeeded(self.shop.second())
            return 1
        hook.failed(self.shop.second())
        return 1 + await self._ping(http, hook)

    def _headers(self, hook: Hook, body: bytes) -> dict[str, str]:
        resource, _, event = hook.topic.partition(".")
        digest = hmac.new(hook.secret.encode(), body, hashlib.sha256).digest()
        return {
            "user-agent": self._agent(),
            "content-type": "application/json",
            "x-wc-webhook-source": f"{self.shop.address}/",
            "x-wc-webhook-topic": hook.topic,
            "x-wc-webhook-resource": resource,
            "x-wc-webhook-event": event,
            "x-wc-webhook-signature": base64.b64encode(digest).decode(),
            "x-wc-webhook-id": str(hook.id),
            "x-wc-webhook-delivery-id": secrets.token_hex(16),
        }

    def _agent(self) -> str:
        return f"WooCommerce/{self.shop.rules.generation.version} Hookshot (WordPress/7.0.4)"

    def _payload(self, topic: str, record: int) -> Any:
        """The record as it stands now; of a deleted one the id, or what the API says of it by now."""
        resource, _, event = topic.partition(".")
        if event == "deleted":
            return {"id": record}
        api = f"{self.shop.address}/wp-json/wc/v3"
        if resource == "order":
            purchase = self.shop.purchases.get(record)
            if purchase is None or self.shop.hidden_order(purchase):
                return invalid_id("shop_order", 404).body
            return orders_view.order(self.shop, purchase, api, self.shop.rules.decimals)
        post = self.shop.posts.get(record)
        if post is None:
            return invalid_id("product", 404).body
        if post.parent is not None:
            return goods_view.variation(self.shop, post, api)
        return goods_view.product(self.shop, post, api)


async def _send(http: httpx.AsyncClient, url: str, body: bytes, head: dict[str, str]) -> int:
    """The status of the answer, 0 where there was none."""
    try:
        answer = await http.post(url, content=body, headers=head)
    except (httpx.HTTPError, httpx.InvalidURL):
        return 0
    return answer.status_code
