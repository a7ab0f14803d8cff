"""The switch: products and single variations put up or taken down.

A product that is taken down becomes a draft, a variation private: it stays, and keeps its SKU. Nothing is put
into the trash, which would keep the SKU from being used again.
"""

from collections.abc import Mapping, Sequence

import msgspec

from connectors.contract import Deadline, Outcome, SetPublished
from connectors.storefronts.woocommerce import payloads
from connectors.storefronts.woocommerce.batches import Item, done, write_all
from connectors.storefronts.woocommerce.naming import Name, parse
from connectors.storefronts.woocommerce.reading import decode
from connectors.storefronts.woocommerce.refusals import no_variant
from connectors.storefronts.woocommerce.shop import Shop


class Publishing:
    """Switches one shop's products and variations."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def set_published(
        self, batch: Sequence[SetPublished], deadline: Deadline
    ) -> Mapping[str, Outcome[bool]]:
        """`product:ID` names a whole product, `ID` one that has no variations, `ID:ID` a variation."""
        outcomes: dict[str, Outcome[bool]] = {}
        items: dict[str, Item] = {}
        for key, published in {request.external_id: request.published for request in batch}.items():
            name = parse(key)
            if name is None:
                outcomes[key] = no_variant(key)
            else:
                body = {"id": name.id, "status": status_of(name, published)}
                items[key] = Item(key, name.id, body, name.group)

        async def send(group: tuple[str, ...], some: Sequence[Item]) -> Sequence[msgspec.Raw]:
            return await self._shop.update("set_published", group, some, deadline)

        what = "switching the listing"
        written = await write_all(list(items.values()), send, _written, bounds=self._shop.bounds, what=what)
        return outcomes | written


def status_of(name: Name, published: bool) -> str:
    """The shop's word for up or down."""
    if published:
        return "publish"
    return "draft" if name.variation is None else "private"


def _written(item: Item, answer: msgspec.Raw) -> Outcome[bool]:
    return done(item, decode(answer, type=payloads.Switched).status == "publish")
