"""The content of listings: texts, pictures, and new products.

A new product is written under a handle made of our key, by `productSet`: so a repeat finds it and makes no
second one. It becomes a draft of one variant. A SKU that the shop has already, in a product that is not ours,
is refused: it is to be bound. Texts belong to the product; those of a variant that has siblings are refused.
Pictures are addresses that Shopify fetches; each gets a name made of its address, by which it is known again,
and those that are there stay as they are.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    Deadline,
    Done,
    Outcome,
    PutListing,
    Refused,
    Rejected,
    Retry,
    SetPrice,
    Throttled,
    Unavailable,
    Unknown,
)
from connectors.storefronts.shopify import documents, payloads
from connectors.storefronts.shopify.client import Reply
from connectors.storefronts.shopify.owners import Owned, Owners
from connectors.storefronts.shopify.pictures import Picture, Pictures, known_in, pictures_of
from connectors.storefronts.shopify.prices import objection
from connectors.storefronts.shopify.publishing import SEVERAL
from connectors.storefronts.shopify.refusals import refusal, refused_by
from connectors.storefronts.shopify.shop import Shop

WHAT = "writing the listing"
MOST_OPTIONS = 3
PICTURES_TAKE = timedelta(seconds=10)


class Listings:
    """Writes one shop's content."""

    def __init__(self, shop: Shop, owners: Owners, pictures: Pictures) -> None:
        self._shop = shop
        self._owners = owners
        self._pictures = pictures

    async def put(self, batch: Sequence[PutListing], deadline: Deadline) -> Mapping[str, Outcome[str]]:
        """Keyed by `key`; one product after the other. Raises only where nothing was sent."""
        done: dict[str, Outcome[str]] = {}
        for request in batch:
            try:
                done[request.key] = await self._one(request, deadline)
            except (AuthRejected, Throttled, Unavailable) as error:
                if not done:
                    raise
                retry = Retry(str(error), getattr(error, "retry_after", None))
                return {each.key: done.get(each.key, retry) for each in batch}
            except BadAnswer as error:
                done[request.key] = Unknown(str(error))
            except Refused as error:
                done[request.key] = refusal(error.code, WHAT)
        return done

    async def _one(self, request: PutListing, deadline: Deadline) -> Outcome[str]:
        pictures = pictures_of(request.pictures)
        if isinstance(pictures, Rejected):
            return pictures
        if request.external_id is None:
            return await self._create(request, pictures, deadline)
        owner = (await self._owners.of([request.external_id], deadline))[request.external_id]
        if not isinstance(owner, Owned):
            return owner
        if owner.by_variant and not owner.is_only:
            return SEVERAL
        return await self._change(request, owner.product.id, pictures, deadline)

    async def _create(
        self, request: PutListing, pictures: Sequence[Picture], deadline: Deadline
    ) -> Outcome[str]:
        currency = (await self._shop.facts(deadline)).currency_code
        refused = _unfit(request, currency)
        if refused is not None:
            return refused
        handle = handle_of(request.key)
        sku = request.sku or request.key
        found = await self._found(sku, deadline)
        if found is not None and found.product.handle == handle:
            return await self._change(
                replace(request, external_id=found.id), found.product.id, pictures, deadline
            )
        if found is not None:
            return Rejected(f"the shop has SKU {sku} already, as {found.id}: bind it", code="SKU_TAKEN")
        body = {
            "title": request.title,
            "descriptionHtml": request.description,
            "handle": handle,
            "status": "DRAFT",
            **_options(request, sku),
        }
        if pictures:
            files = await self._pictures.files(pictures, {}, request.title, deadline)
            if isinstance(files, Rejected):
                return files
            body["files"] = files
        return await self._write({"handle": handle}, body, None, deadline)

    async def _found(self, sku: str, deadline: Deadline) -> payloads.FoundVariant | None:
        """The variant that has this very SKU: the search takes no notice of case."""
        variables = {"query": f"sku:{quoted(sku)}"}
        reply = await self._shop.client.send(documents.FIND_SKU, variables, deadline)
        found = reply.read(payloads.FoundData).product_variants.nodes
        return next((each for each in found if each.sku == sku), None)

    async def _change(
        self, request: PutListing, product: str, pictures: Sequence[Picture], deadline: Deadline
    ) -> Outcome[str]:
        texts = {"title": request.title, "descriptionHtml": request.description}
        names = {"title": "title", "descriptionHtml": "description"}
        body: dict[str, object] = {key: text for key, text in texts.items() if names[key] not in request.kept}
        if pictures:
            reply = await self._shop.client.send(documents.LISTED, {"id": product}, deadline)
            found = reply.read(payloads.ListedData).product
            media = found.media.nodes if found else []
            if any(medium.in_work for medium in media):
                return Retry("the shop still works on pictures of this product", PICTURES_TAKE)
            there = known_in(media, pictures)
            files = await self._pictures.files(pictures, there, request.title, deadline)
            if isinstance(files, Rejected):
                return files
            body["files"] = files
        return await self._write({"id": product}, body, request.external_id, deadline)

    async def _write(
        self, identifier: Mapping[str, object], body: Mapping[str, object], id: str | None, deadline: Deadline
    ) -> Outcome[str]:
        variables = {"identifier": identifier, "input": body}
        try:
            reply = await self._shop.client.send(documents.PUT_PRODUCT, variables, deadline)
        except Unavailable as error:
            return Unknown(str(error))
        return _written(reply, id)


def _written(reply: Reply, id: str | None) -> Outcome[str]:
    result = reply.read(payloads.PutProduct).product_set
    if result is None:
        raise reply.unlike("productSet is null")
    refused = refused_by(result.user_errors, WHAT)
    if refused is not None:
        return refused
    if result.product is None:
        return Unknown(f"{WHAT}: the shop's answer leaves the product out")
    variants = result.product.variants.nodes
    external = id or (variants[0].id if variants else result.product.id)
    return Done(external_id=external, echo=external)


def _unfit(request: PutListing, currency: str) -> Rejected | None:
    if len(request.attributes) > MOST_OPTIONS:
        return Rejected(f"Shopify has no more than {MOST_OPTIONS} options for a product", code="TOO_MANY")
    if request.price is None:
        return None
    return objection(SetPrice("", request.price, request.currency or currency), currency)


def _options(request: PutListing, sku: str) -> dict[str, object]:
    """The product's options and its one variant."""
    attributes = dict(request.attributes) or {"Title": "Default Title"}
    variant: dict[str, object] = {
        "optionValues": [{"optionName": name, "name": value} for name, value in attributes.items()],
        "inventoryItem": {"sku": sku, "tracked": True},
    }
    if request.price is not None:
        variant["price"] = f"{request.price:f}"
    options = [{"name": name, "values": [{"name": value}]} for name, value in attributes.items()]
    return {"productOptions": options, "variants": [variant]}


def handle_of(key: str) -> str:
    """The product's handle: letters of the key for people, and a hash that makes it ours alone."""
    plain = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60]
    return f"{words}-{sha256(key.encode()).hexdigest()[:12]}".strip("-")


def quoted(text: str) -> str:
    """A text in the shop's search language, whole."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
