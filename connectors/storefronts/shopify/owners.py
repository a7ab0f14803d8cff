"""Which product a variant belongs to, and how that product is switched: read for many ids at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from connectors.contract import Deadline, Rejected, Retry
from connectors.storefronts.shopify import documents, payloads
from connectors.storefronts.shopify.batches import in_portions
from connectors.storefronts.shopify.ids import is_gid
from connectors.storefronts.shopify.shop import Shop
from connectors.transport import decode


@dataclass(frozen=True, slots=True)
class Owned:
    """A product by its own id, or by a variant's."""

    product: payloads.Owner
    by_variant: bool

    @property
    def is_only(self) -> bool:
        """Whether the variant stands for the whole product."""
        counted = self.product.variants_count
        return self.product.has_only_default_variant or (counted is not None and counted.count == 1)


class Owners:
    """Looks up products in one shop."""

    def __init__(self, shop: Shop, batch_items: int) -> None:
        self._shop = shop
        self._batch_items = batch_items

    async def of(self, ids: Sequence[str], deadline: Deadline) -> dict[str, Owned | Rejected | Retry]:
        """By the id that was given, a variant's or a product's."""
        found: dict[str, Owned | Rejected | Retry] = {id: _missing(id) for id in ids}
        named = [id for id in ids if is_gid(id, "ProductVariant") or is_gid(id, "Product")]
        if not named:
            return found
        variables = (await self._shop.places(deadline)).variables()
        asked = {name: variables[name] for name in ("publication", "byPublication")}
        for some in in_portions(named, self._batch_items):
            reply = await self._shop.client.send(
                documents.OWNERS, {"ids": some, **asked}, deadline, size=len(some)
            )
            for id, row in zip(some, reply.read(payloads.NodesData).nodes, strict=False):
                if bytes(row) not in (b"null", b"{}"):
                    found[id] = _owned(id, row)
        return found


def _missing(id: str) -> Rejected:
    what = "product" if is_gid(id, "Product") else "variant"
    return Rejected(f"the shop has no {what} {id}", code="NOT_FOUND")


def _owned(id: str, row: msgspec.Raw) -> Owned | Retry:
    try:
        if is_gid(id, "Product"):
            return Owned(decode(row, type=payloads.Owner), by_variant=False)
        return Owned(decode(row, type=payloads.OwnedVariant).product, by_variant=True)
    except msgspec.ValidationError as error:
        return Retry(f"the shop's answer about the product is not as described: {error}")
