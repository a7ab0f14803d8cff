"""The switch: products put up or taken down.

Medusa publishes products, not variants. Only `id` and `status` are sent: a list of some variants would
delete all others (trap 3).
"""

from collections.abc import Mapping, Sequence

import msgspec

from connectors.contract import Deadline, Done, Outcome, Rejected, Retry, SetPublished
from connectors.storefronts.medusa import payloads
from connectors.storefronts.medusa.batches import Item, write_all
from connectors.storefronts.medusa.client import get, put
from connectors.storefronts.medusa.offers import read_variants
from connectors.storefronts.medusa.shop import Shop
from connectors.storefronts.medusa.stocktaking import no_variant
from connectors.transport import decode

PRODUCT = "product:"
"""What an external id begins with that names a product rather than a variant."""
FIELDS = "id,product.id,product.status"
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
        known = await self._products([key for key in wanted if not key.startswith(PRODUCT)], deadline)
        outcomes: dict[str, Outcome[bool]] = {}
        named: dict[str, list[str]] = {}
        switch: dict[str, bool] = {}
        for key, published in wanted.items():
            product = key.removeprefix(PRODUCT) if key.startswith(PRODUCT) else known[key]
            if isinstance(product, str):
                named.setdefault(product, []).append(key)
                switch[product] = published
            else:
                outcomes[key] = product
        done = await self._write(switch, deadline)
        return outcomes | {
            key: Done(key, outcome.echo) if isinstance(outcome, Done) else outcome
            for product, outcome in done.items()
            for key in named[product]
        }

    async def _products(
        self, variants: Sequence[str], deadline: Deadline
    ) -> dict[str, str | Rejected | Retry]:
        """The product's id of each variant that is its only one, else the outcome."""
        found: dict[str, str | Rejected | Retry] = {variant: no_variant(variant) for variant in variants}
        for row in await read_variants(self._shop, variants, FIELDS, "published", deadline):
            head = decode(row, type=payloads.Id).id
            try:
                found[head] = decode(row, type=payloads.SoldVariant).product.id
            except msgspec.ValidationError as error:
                found[head] = Retry(f"the shop's answer about its product is not as described: {error}")
        several = await self._several({p for p in found.values() if isinstance(p, str)}, deadline)
        return {v: SEVERAL if isinstance(p, str) and p in several else p for v, p in found.items()}

    async def _several(self, products: set[str], deadline: Deadline) -> set[str]:
        """Those of the products that have other variants: a variant's own answer does not show them."""
        several: set[str] = set()
        for product in sorted(products):
            params = [("id[]", product), ("fields", "id,variants.id")]
            reply = await self._shop.client.send(get("siblings", "products", params=params), deadline)
            for row in reply.read(payloads.Products).products:
                listed = decode(row, type=payloads.ListedProduct)
                several |= {listed.id} if len(listed.variants or ()) != 1 else set()
        return several

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
