"""Content: products and variants made, renamed, described and pictured.

A new listing becomes a product of one variant; its attributes become option groups of one option each. It
is looked for by SKU, then by slug, before it is made, so a repeat (also one after half of it was made)
finds what is there: Vendure itself would accept the same SKU twice (trap 5). Pictures are files on this
machine; each is uploaded under a name that holds its content's hash, so the same picture is not sent twice.
"""

import asyncio
import mimetypes
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256

import msgspec

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
    Throttled,
    Unavailable,
    Unknown,
)
from connectors.storefronts.vendure import documents, payloads, translate
from connectors.storefronts.vendure.offers import PRODUCT
from connectors.storefronts.vendure.pictures import read_pictures
from connectors.storefronts.vendure.refusals import refusal, refused_by
from connectors.storefronts.vendure.shop import Shop
from connectors.transport import Uncertain, decode

OF_PRODUCT = Rejected(
    "a description is the whole product's in Vendure, and this variant has siblings: give only title and pictures",
    code="SEVERAL_VARIANTS",
)


class Listings:
    """Writes the content of one shop's listings."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def put(self, batch: Sequence[PutListing], deadline: Deadline) -> Mapping[str, Outcome[str]]:
        """One after the other, keyed by `key`; `echo` is the external id (`product:ID`, or a variant's)."""
        outcomes: dict[str, Outcome[str]] = {}
        for request in batch:
            try:
                outcomes[request.key] = await self._put(request, deadline)
            except Uncertain as error:
                outcomes[request.key] = Unknown(str(error))
            except Refused as error:
                outcomes[request.key] = refusal(error.code, f"listing {request.key}")
            except BadAnswer as error:
                outcomes[request.key] = Unknown(str(error))
            except (AuthRejected, Throttled, Unavailable) as error:
                if not outcomes:
                    raise
                after = getattr(error, "retry_after", None)
                outcomes |= {r.key: Retry(str(error), after) for r in batch if r.key not in outcomes}
                break
        return outcomes

    async def _put(self, request: PutListing, deadline: Deadline) -> Outcome[str]:
        pictures = await asyncio.to_thread(read_pictures, request.pictures)
        if isinstance(pictures, Rejected):
            return pictures
        found = await self._find(request, deadline)
        if isinstance(found, Rejected):
            return found
        product, variant = found
        if product is None:
            product = await self._create_product(request, deadline)
        if variant is None and not (request.external_id or "").startswith(PRODUCT):
            made = await self._create_variant(request, product, deadline)
            if isinstance(made, Rejected):
                return made
            variant = made
        return await self._write(request, product, variant, pictures, deadline)

    async def _find(
        self, request: PutListing, deadline: Deadline
    ) -> "tuple[payloads.ListedProduct | None, str | None] | Rejected":
        """The product and the variant's id, each None where it is to be made."""
        external = request.external_id
        if external is None:
            return await self._find_new(request, deadline)
        if external.startswith(PRODUCT):
            product = await self._product({"id": external.removeprefix(PRODUCT)}, deadline)
            missing = product is None
            return (
                Rejected(f"the shop has no {external}", code="ENTITY_NOT_FOUND")
                if missing
                else (product, None)
            )
        items = await self._variants({"id": {"eq": external}}, deadline)
        if not items:
            return Rejected(f"the shop has no variant {external}", code="ENTITY_NOT_FOUND")
        return items[0].product, items[0].id

    async def _find_new(
        self, request: PutListing, deadline: Deadline
    ) -> "tuple[payloads.ListedProduct | None, str | None] | Rejected":
        sku = request.sku or request.key
        items = await self._variants({"sku": {"eq": sku}}, deadline)
        if len(items) > 1:
            return Rejected(
                f"the shop has {len(items)} variants with the SKU {sku}: bind one", code="DUPLICATE"
            )
        if items:
            return items[0].product, items[0].id
        product = await self._product({"slug": slug(request.key)}, deadline)
        if product is not None and product.variants:
            return Rejected(
                f"the shop's product {product.slug!r} has variants, and none with the SKU {sku}",
                code="DUPLICATE",
            )
        return product, None

    async def _product(self, key: Mapping[str, str], deadline: Deadline) -> payloads.ListedProduct | None:
        reply = await self._shop.client.send(documents.LISTED_PRODUCT, key, deadline)
        return reply.read(payloads.ListedProductData).product

    async def _variants(self, filters: Mapping[str, object], deadline: Deadline) -> list[payloads.ListedItem]:
        options: dict[str, object] = {"filter": filters, "sort": {"id": "ASC"}, "take": 10}
        data, _ = await self._shop.page(documents.LISTED_VARIANTS, options, deadline)
        try:
            return [decode(row, type=payloads.ListedItem) for row in data.product_variants.items]
        except msgspec.ValidationError as error:
            raise BadAnswer(f"the listing is not as described: {error}") from None

    async def _create_product(self, request: PutListing, deadline: Deadline) -> payloads.ListedProduct:
        texts = await self._texts(request, deadline) | {"slug": slug(request.key)}
        variables = {"input": {"enabled": False, "translations": [texts]}}
        reply = await self._shop.client.send(documents.CREATE_PRODUCT, variables, deadline)
        return reply.read(payloads.ProductMade).create_product

    async def _create_variant(
        self, request: PutListing, product: payloads.ListedProduct, deadline: Deadline
    ) -> str | Rejected:
        price = await self._price(request, deadline)
        if isinstance(price, Rejected):
            return price
        language = await self._language(deadline)
        item: dict[str, object] = {
            "productId": product.id,
            "sku": request.sku or request.key,
            "translations": [{"languageCode": language, "name": request.title}],
            "optionIds": await self._options(request, product, language, deadline),
            "trackInventory": "TRUE",
            "stockOnHand": 0,
        }
        if price is not None:
            item["price"] = price
        reply = await self._shop.client.send(documents.CREATE_VARIANTS, {"input": [item]}, deadline)
        made = [variant for variant in reply.read(payloads.VariantsMade).create_product_variants if variant]
        if not made:
            raise Uncertain("the shop does not say which variant it made")
        return made[0].id

    async def _price(self, request: PutListing, deadline: Deadline) -> int | Rejected | None:
        if request.price is None:
            return None
        currency = (await self._shop.facts(deadline)).active_channel.default_currency_code
        if request.currency not in (None, currency):
            return Rejected(
                f"the channel's prices are in {currency}, not in {request.currency}", code="CURRENCY"
            )
        try:
            return translate.units(request.price, (await self._shop.settings(deadline)).precision)
        except ValueError as error:
            return Rejected(str(error), code="PRECISION")

    async def _options(
        self, request: PutListing, product: payloads.ListedProduct, language: str, deadline: Deadline
    ) -> list[str]:
        """The ids of one option in each of the product's groups, which are made where they are missing."""
        groups = {group.code: group for group in product.option_groups}
        chosen: list[str] = []
        for name, value in sorted(request.attributes.items()):
            code = f"{product.slug}-{slug(name)}"
            group = groups.get(code)
            if group is None:
                group = await self._create_group(code, name, value, language, deadline)
                variables = {"product": product.id, "group": group.id}
                await self._shop.client.send(documents.ADD_OPTION_GROUP, variables, deadline)
            chosen += [option.id for option in group.options if option.code == slug(value)]
        return chosen

    async def _create_group(
        self, code: str, name: str, value: str, language: str, deadline: Deadline
    ) -> payloads.OptionGroup:
        def named(text: str) -> list[dict[str, str]]:
            return [{"languageCode": language, "name": text}]

        option = {"code": slug(value), "translations": named(value)}
        variables = {"input": {"code": code, "translations": named(name), "options": [option]}}
        reply = await self._shop.client.send(documents.CREATE_OPTION_GROUP, variables, deadline)
        return reply.read(payloads.OptionsMade).create_product_option_group

    async def _write(
        self,
        request: PutListing,
        product: payloads.ListedProduct,
        variant: str | None,
        pictures: Mapping[str, bytes],
        deadline: Deadline,
    ) -> Outcome[str]:
        """Texts and pictures: the product's where it is named or has one variant, else the variant's."""
        listed = next((v for v in product.variants if v.id == variant), None)
        if listed is not None and (differing := _other_attributes(request, listed)):
            return Rejected(
                f"attributes are options in Vendure, and those of this variant differ ({differing}): change "
                "them in the shop",
                code="ATTRIBUTES",
            )
        siblings = len(product.variants) > 1
        if variant is not None and siblings and request.description and "description" not in request.kept:
            return OF_PRODUCT
        there = {asset.name: asset.id for asset in [*product.assets, *(listed.assets if listed else ())]}
        assets = await self._upload(pictures, there, deadline)
        if isinstance(assets, Rejected):
            return assets
        content: dict[str, object] = {"assetIds": assets, "featuredAssetId": assets[0]} if assets else {}
        texts = await self._texts(request, deadline)
        if variant is None or not siblings:
            item = {"id": product.id, **_translated(texts, request.kept), **content}
            await self._shop.client.send(documents.SET_PRODUCTS, {"input": [item]}, deadline)
            content = {}
        if variant is not None:
            name = {key: texts[key] for key in ("languageCode", "name")}
            item = {"id": variant, **_translated(name, request.kept), **content}
            await self._shop.client.send(documents.SET_VARIANTS, {"input": [item]}, deadline)
        external = variant if variant is not None else PRODUCT + product.id
        return Done(external_id=external, echo=external)

    async def _texts(self, request: PutListing, deadline: Deadline) -> dict[str, str]:
        language = await self._language(deadline)
        return {"languageCode": language, "name": request.title, "description": request.description}

    async def _language(self, deadline: Deadline) -> str:
        channel = (await self._shop.facts(deadline)).active_channel
        return self._shop.options.language or channel.default_language_code

    async def _upload(
        self, pictures: Mapping[str, bytes], there: Mapping[str, str], deadline: Deadline
    ) -> list[str] | Rejected:
        """The assets' ids in the pictures' order; those that the listing has already are not sent again."""
        ids: list[str] = []
        for name, content in pictures.items():
            if name in there:
                ids.append(there[name])
                continue
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            reply = await self._shop.client.send(
                documents.CREATE_ASSETS, {"input": [{"file": None}]}, deadline, files=[(name, content, kind)]
            )
            made = reply.read(payloads.Uploaded).create_assets[0]
            refused = refused_by(made, f"picture {name}")
            if refused is not None:
                return refused
            ids.append(made.id)
        return ids


def _translated(texts: Mapping[str, str], kept: Collection[str]) -> dict[str, object]:
    """The texts that are to change. A text that is left out stays, and so do all where none is named."""
    names = {"name": "title", "description": "description"}
    changed = {key: text for key, text in texts.items() if names.get(key) not in kept}
    return {"translations": [changed]} if len(changed) > 1 else {}


def slug(text: str) -> str:
    """Lower-case letters, digits and hyphens; other scripts keep their letters, as Vendure's own slugs do."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[^\w]+", "-", plain).strip("-_") or sha256(text.encode()).hexdigest()[:12]


def _other_attributes(request: PutListing, variant: payloads.ListedVariant) -> str:
    """The names of attributes that the variant has not, or has otherwise."""
    has = {(option.group.code.rpartition("-")[2], option.code) for option in variant.options}
    codes = {(slug(name), slug(value)): name for name, value in request.attributes.items()}
    return ", ".join(
        sorted(name for pair, name in codes.items() if (pair[0].rpartition("-")[2], pair[1]) not in has)
    )
