"""Content: products renamed, described and pictured; a variant beside others renamed.

Medusa keeps description and pictures with the product. A variant's id stands for its product where it is the only
one; where it has siblings it has a title of its own, and the rest is refused in words. Pictures are addresses that
the shop stores and buyers' browsers fetch; the first is the thumbnail too. Only what is to change is sent, never a
list of variants: one of some variants would delete all others (trap 3). Nothing is made: a new product needs
options, prices and a sales channel, which are the shop's own matter.
"""

from collections.abc import Mapping, Sequence

from connectors.contract import Deadline, Done, Outcome, PutListing, Rejected
from connectors.storefronts.medusa import payloads
from connectors.storefronts.medusa.batches import Item, write_all
from connectors.storefronts.medusa.client import put
from connectors.storefronts.medusa.owners import PRODUCT, Owner, owners_of
from connectors.storefronts.medusa.shop import Shop
from connectors.transport import web_link

WHAT = "writing the listing"
NOT_MADE = Rejected(
    "the Medusa connector makes no products: make it in the shop, and bind it by its SKU", code="UNSUPPORTED"
)
NO_TITLE = Rejected("a listing needs a title", code="NO_TITLE")
NO_LINK = Rejected(
    "Medusa stores the addresses of pictures: give each as a web address (https://…), not as a file",
    code="PICTURE",
)
OF_PRODUCT = Rejected(
    "description and pictures are the whole product's in Medusa, and this variant has siblings: keep only its title",
    code="SEVERAL_VARIANTS",
)


class Listings:
    """Writes the content of one shop's listings."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def put(self, batch: Sequence[PutListing], deadline: Deadline) -> Mapping[str, Outcome[str]]:
        """Keyed by `key`; `echo` is the external id. Of several requests for one product the last one counts."""
        requests = {request.key: request for request in batch}
        outcomes: dict[str, Outcome[str]] = {}
        fit: dict[str, str] = {}
        for key, request in requests.items():
            refused = objection(request)
            if refused is not None:
                outcomes[key] = refused
            elif request.external_id is not None:
                fit[key] = request.external_id
        variants = [id for id in fit.values() if not id.startswith(PRODUCT)]
        owners = await owners_of(self._shop, variants, "listings", deadline)
        products: dict[str, list[str]] = {}
        titles: dict[str, tuple[str, list[str]]] = {}
        for key, id in fit.items():
            owner = Owner(id.removeprefix(PRODUCT), True) if id.startswith(PRODUCT) else owners[id]
            if not isinstance(owner, Owner):
                outcomes[key] = owner
            elif owner.alone:
                products.setdefault(owner.product, []).append(key)
            elif "description" not in requests[key].kept or requests[key].pictures:
                outcomes[key] = OF_PRODUCT
            else:
                titles.setdefault(id, (owner.product, []))[1].append(key)
        inputs = [Item(id, {"id": id, **_texts(requests[keys[-1]])}) for id, keys in products.items()]
        outcomes |= _told(await self._products(inputs, deadline), products, requests)
        inputs = [
            Item(id, {"id": id, "title": requests[keys[-1]].title}, product)
            for id, (product, keys) in titles.items()
        ]
        named = {id: keys for id, (_, keys) in titles.items()}
        return outcomes | _told(await self._variants(inputs, deadline), named, requests)

    async def _products(self, inputs: Sequence[Item], deadline: Deadline) -> dict[str, Outcome[bool]]:
        async def send(portion: Sequence[Item]) -> dict[str, bool]:
            body = {"update": [item.body for item in portion]}
            asked = put("put_products", "products", "batch", body=body, params=[("fields", "id,status")])
            written = (await self._shop.client.send(asked, deadline)).read(payloads.ProductsWritten)
            return {product.id: True for product in written.updated or ()}

        size, items = self._shop.body_bytes, self._shop.batch_items
        return await write_all(inputs, send, items=items, size=size, what=WHAT)

    async def _variants(self, inputs: Sequence[Item], deadline: Deadline) -> dict[str, Outcome[bool]]:
        async def send(portion: Sequence[Item]) -> dict[str, bool]:
            body = {"update": [item.body for item in portion]}
            way = ("products", portion[0].group, "variants", "batch")
            asked = put("put_variants", *way, body=body, params=[("fields", "id")])
            written = (await self._shop.client.send(asked, deadline)).read(payloads.PricesWritten)
            return {variant.id: True for variant in written.updated or ()}

        ordered = sorted(inputs, key=lambda item: item.group)
        size, items = self._shop.body_bytes, self._shop.batch_items
        return await write_all(ordered, send, items=items, size=size, what=WHAT)


def objection(request: PutListing) -> Rejected | None:
    """Why the content cannot be written, where it cannot."""
    if request.external_id is None:
        return NOT_MADE
    if "title" not in request.kept and not request.title.strip():
        return NO_TITLE
    if not all(web_link(picture) for picture in request.pictures):
        return NO_LINK
    return None


def _texts(request: PutListing) -> dict[str, object]:
    """What is to change of a product. No pictures means that they stay."""
    body: dict[str, object] = {}
    if "title" not in request.kept:
        body["title"] = request.title
    if "description" not in request.kept:
        body["description"] = request.description
    if request.pictures:
        body["images"] = [{"url": picture} for picture in dict.fromkeys(request.pictures)]
        body["thumbnail"] = request.pictures[0]
    return body


def _told(
    done: Mapping[str, Outcome[bool]], keys: Mapping[str, Sequence[str]], requests: Mapping[str, PutListing]
) -> dict[str, Outcome[str]]:
    told: dict[str, Outcome[str]] = {}
    for id, outcome in done.items():
        for key in keys[id]:
            external = requests[key].external_id
            told[key] = Done(external, external) if isinstance(outcome, Done) else outcome
    return told
