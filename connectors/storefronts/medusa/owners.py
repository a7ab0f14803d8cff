"""To which product a variant belongs, and whether it is the only one there: Medusa keeps much of a listing with the
product, and a variant's own answer does not show its siblings."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec

from connectors.contract import Deadline, Rejected, Retry
from connectors.storefronts.medusa import payloads
from connectors.storefronts.medusa.client import get
from connectors.storefronts.medusa.offers import read_variants
from connectors.storefronts.medusa.shop import Shop
from connectors.storefronts.medusa.stocktaking import no_variant
from connectors.transport import decode

PRODUCT = "product:"
"""What an external id begins with that names a product rather than a variant."""
FIELDS = "id,product.id,product.status"
_NAMED = 20
"""Products that one request names: all their variants come with them."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A variant's product; `alone`: it has no other variant."""

    product: str
    alone: bool


async def owners_of(
    shop: Shop, variants: Sequence[str], what: str, deadline: Deadline
) -> dict[str, Owner | Rejected | Retry]:
    """The owner of each variant, or its outcome where there is none. `what` names the reading in metrics."""
    found: dict[str, str | Rejected | Retry] = {variant: no_variant(variant) for variant in variants}
    for row in await read_variants(shop, variants, FIELDS, what, deadline):
        head = decode(row, type=payloads.Id).id
        try:
            found[head] = decode(row, type=payloads.SoldVariant).product.id
        except msgspec.ValidationError as error:
            found[head] = Retry(f"the shop's answer about its product is not as described: {error}")
    several = await _several(shop, {p for p in found.values() if isinstance(p, str)}, deadline)
    return {v: Owner(p, p not in several) if isinstance(p, str) else p for v, p in found.items()}


async def _several(shop: Shop, products: Collection[str], deadline: Deadline) -> set[str]:
    """Those of the products that do not have exactly one variant."""
    several: set[str] = set()
    ordered = sorted(products)
    for begin in range(0, len(ordered), _NAMED):
        some = ordered[begin : begin + _NAMED]
        params = [("fields", "id,variants.id"), ("limit", str(_NAMED)), *(("id[]", each) for each in some)]
        reply = await shop.client.send(get("siblings", "products", params=params), deadline)
        for row in reply.read(payloads.Products).products:
            listed = decode(row, type=payloads.ListedProduct)
            several |= {listed.id} if len(listed.variants or ()) != 1 else set()
    return several
