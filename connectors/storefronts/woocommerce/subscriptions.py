"""The webhooks that we keep at the shop: one for each topic, all to one address.

The secret is never shown, so it is written again each time; and the seventh failure in a row disables a webhook
without a word, so each is set active. Two of one topic and address (made by two at once) become one.
"""

from collections.abc import Sequence

from connectors.contract import BadAnswer, Deadline, Refused, Subscription, Unavailable
from connectors.storefronts.woocommerce import payloads
from connectors.storefronts.woocommerce.client import batch, get
from connectors.storefronts.woocommerce.reading import decode
from connectors.storefronts.woocommerce.shop import Shop
from connectors.storefronts.woocommerce.topics import TOPICS
from connectors.transport import Safety, Uncertain

PAGE = 100
ACTIVE = "active"


class WebhookKeeper:
    """Creates, checks and repairs the webhooks of one shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def all(self, deadline: Deadline) -> Sequence[Subscription]:
        """All webhooks of the shop, ours and others'."""
        found: dict[int, payloads.Webhook] = {}
        page = 1
        while True:
            params = [("per_page", str(PAGE)), ("page", str(page)), ("orderby", "id"), ("order", "asc")]
            reply = await self._shop.client.send(get("webhooks", "webhooks", params=params), deadline)
            some = reply.read(list[payloads.Webhook])
            found |= {webhook.id: webhook for webhook in some}
            if len(some) < PAGE:
                return [_shown(webhook) for webhook in found.values()]
            page += 1

    async def subscribe(self, url: str, secret: str, deadline: Deadline) -> Sequence[Subscription]:
        """One active webhook for each topic, signed with `secret`. Absolute."""
        own = await self._own(url, deadline)
        first = {webhook.topic: webhook for webhook in reversed(own)}
        create = [
            {
                "name": f"Entrepot {topic}",
                "topic": topic,
                "delivery_url": url,
                "secret": secret,
                "status": ACTIVE,
            }
            for topic in TOPICS
            if topic not in first
        ]
        update = [
            {"id": int(webhook.external_id), "status": ACTIVE, "secret": secret} for webhook in first.values()
        ]
        keep = {webhook.external_id for webhook in first.values()}
        surplus = [int(webhook.external_id) for webhook in own if webhook.external_id not in keep]
        await self._send(create=create, update=update, delete=surplus, deadline=deadline)
        return await self._own(url, deadline)

    async def unsubscribe(self, url: str, deadline: Deadline) -> int:
        """Remove ours of this address; returns how many there were."""
        own = await self._own(url, deadline)
        await self._send(delete=[int(webhook.external_id) for webhook in own], deadline=deadline)
        return len(own)

    async def _own(self, url: str, deadline: Deadline) -> list[Subscription]:
        return [one for one in await self.all(deadline) if one.url == url and one.topic in TOPICS]

    async def _send(
        self,
        *,
        create: Sequence[object] = (),
        update: Sequence[object] = (),
        delete: Sequence[int] = (),
        deadline: Deadline,
    ) -> None:
        """Raises Unavailable where it is not known what was done: asking again mends it. Raises Refused."""
        body = {"create": create, "update": update, "delete": delete}
        told = {name: items for name, items in body.items() if items}
        if not told:
            return
        safety = Safety.CREATING if create else Safety.ABSOLUTE
        try:
            reply = await self._shop.client.send(
                batch("keep_webhooks", "webhooks", body=told, safety=safety), deadline
            )
            answers = reply.read(payloads.Batch)
        except Uncertain as error:
            raise Unavailable(f"{error}: subscribe again") from None
        for answer in (*(answers.create or ()), *(answers.update or ())):
            said = decode(answer, type=payloads.Answered)
            if said.error is not None:
                raise Refused(f"the shop refuses a webhook ({said.error.code[:80]})", code=said.error.code)
        if create and not answers.create:
            raise BadAnswer("keep_webhooks: the shop's answer leaves the new webhooks out")


def _shown(webhook: payloads.Webhook) -> Subscription:
    return Subscription(
        external_id=str(webhook.id),
        topic=webhook.topic,
        url=webhook.delivery_url,
        active=webhook.status == ACTIVE,
    )
