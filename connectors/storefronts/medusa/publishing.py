"""The switch: products put up or taken down.

Medusa publishes products, not variants. Only `id` and `status` are sent: a list of some variants would
delete all others (trap 3).
"""

from collections.abc import Mapping, Sequence

from connectors.contract import Deadline, Done, Outcome, Rejected, SetPublished
from connectors.storefronts.medusa import payloads
from connectors.storefronts.medusa.batches import Item, write_all
from connectors.storefronts.medusa.client import put
from connectors.storefronts.medusa.owners import PRODUCT, Owner, owners_of
from connectors.storefronts.medusa.shop import Shop

SEVERAL = Rejected(
    "Medusa puts up and takes down whole products, and this one has other variants: name the product",
    code="SEVERAL_VARIANTS",
)


class Publishing:
    """Switches one shop's products."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def set_published(
        self, batch: Sequence[SetPublished], deadline: Deadline
    ) -> Mapping[str, Outcome[bool]]:
        """`product:ID` names a product; a variant's id stands for its product where it is the only one."""
        wanted = {request.external_id: request.published for request in batch}
        variants = [key for key in wanted if not key.startswith(PRODUCT)]
        owners = await owners_of(self._shop, variants, "published", deadline)
        outcomes: dict[str, Outcome[bool]] = {}
        named: dict[str, list[str]] = {}
        switch: dict[str, bool] = {}
        for key, published in wanted.items():
            owner = Owner(key.removeprefix(PRODUCT), True) if key.startswith(PRODUCT) else owners[key]
            if not isinstance(owner, Owner):
                outcomes[key] = owner
            elif not owner.alone:
                outcomes[key] = SEVERAL
            else:
                named.setdefault(owner.product, []).append(key)
                switch[owner.product] = published
        done = await self._write(switch, deadline)
        return outcomes | {
            key: Done(key, outcome.echo) if isinstance(outcome, Done) else outcome
            for product, outcome in done.items()
            for key in named[product]
        }

    async def _write(self, switch: Mapping[str, bool], deadline: Deadline) -> dict[str, Outcome[bool]]:
        async def send(portion: Sequence[Item]) -> dict[str, bool]:
            body = {"update": [item.body for item in portion]}
            asked = put("set_products", "products", "batch", body=body, params=[("fields", "id,status")])
            written = (await self._shop.client.send(asked, deadline)).read(payloads.ProductsWritten)
            return {product.id: product.status == "published" for product in written.updated or ()}

        inputs = [
            Item(product, {"id": product, "status": "published" if on else "draft"})
            for product, on in switch.items()
        ]
        size, items = self._shop.body_bytes, self._shop.batch_items
        return await write_all(inputs, send, items=items, size=size, what="switching the listing")
