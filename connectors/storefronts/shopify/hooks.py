"""Webhook subscriptions: every topic that we use, to one address, with as little in it as can be.

Shopify signs with the app's client secret, whoever subscribes: the account's webhook secret must be that one.
It takes a subscription away when its deliveries fail for some days, and tells nothing of failures before.
Deliveries bring the record's id only, so that no buyer's data come unasked.
"""

from collections.abc import Sequence

from connectors.contract import Deadline, Refused, Subscription
from connectors.storefronts.shopify import documents, payloads
from connectors.storefronts.shopify.client import Reply
from connectors.storefronts.shopify.refusals import refused_by
from connectors.storefronts.shopify.shop import LARGEST_PAGE, Shop, going_on
from connectors.storefronts.shopify.topics import TOPICS

FIELDS = ["id", "admin_graphql_api_id"]


class Hooks:
    """Keeps one shop's subscriptions."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def webhooks(self, deadline: Deadline) -> Sequence[Subscription]:
        """All of this app in this shop; Shopify shows no others."""
        return [_shown(hook) for hook in await self._all(deadline)]

    async def subscribe(self, url: str, deadline: Deadline) -> Sequence[Subscription]:
        """Make what is missing, and mend what brings more than the id. Raises Refused."""
        there = {hook.topic: hook for hook in await self._all(deadline) if hook.uri == url}
        wanted = {"uri": url, "format": "JSON", "includeFields": FIELDS}
        for topic in TOPICS:
            hook = there.get(topic)
            if hook is None:
                variables = {"topic": topic, "subscription": wanted}
                reply = await self._shop.client.send(documents.SUBSCRIBE, variables, deadline)
                _allowed(reply, topic)
            elif hook.format != "JSON" or sorted(hook.include_fields) != sorted(FIELDS):
                variables = {"id": hook.id, "subscription": wanted}
                reply = await self._shop.client.send(documents.RENEW, variables, deadline)
                _allowed(reply, topic)
        return [
            _shown(hook) for hook in await self._all(deadline) if hook.uri == url and hook.topic in TOPICS
        ]

    async def unsubscribe(self, url: str, deadline: Deadline) -> int:
        """Remove ours of this address."""
        ours = [hook for hook in await self._all(deadline) if hook.uri == url]
        for hook in ours:
            reply = await self._shop.client.send(documents.UNSUBSCRIBE, {"id": hook.id}, deadline)
            result = reply.read(payloads.HookDeleted).webhook_subscription_delete
            refused = refused_by(
                result.user_errors if result else [], f"ending the subscription {hook.topic}"
            )
            if refused is not None and refused.code != "NOT_FOUND":
                raise Refused(refused.reason, code=refused.code)
        return len(ours)

    async def _all(self, deadline: Deadline) -> list[payloads.Hook]:
        found: list[payloads.Hook] = []
        after: str | None = None
        while True:
            variables = {"first": LARGEST_PAGE, "after": after}
            reply = await self._shop.client.send(documents.WEBHOOKS, variables, deadline)
            page = reply.read(payloads.HooksData).webhook_subscriptions
            found += page.nodes
            after = going_on(page.page_info, after)
            if after is None:
                return found


def _allowed(reply: Reply, topic: str) -> None:
    result = next(iter(reply.read(dict[str, payloads.HookResult | None]).values()), None)
    refused = refused_by(result.user_errors if result else [], f"subscribing to {topic}")
    if refused is not None and refused.code != "TAKEN":
        raise Refused(refused.reason, code=refused.code)


def _shown(hook: payloads.Hook) -> Subscription:
    return Subscription(hook.id, hook.topic, hook.uri, active=True)
