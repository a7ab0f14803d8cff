"""The feed of variants: a whole sweep by id, then rounds of what changed.

A price or a text of its own moves a variant's `updated_at`, a text or the switch of its product only the
product's: so a round asks for changed variants, then for changed products with all their variants.
Quantities and reservations move neither, and deleted variants do not show: only a sweep finds those.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import msgspec

from connectors.contract import Broken, Deadline, Page
from connectors.storefronts.medusa import payloads
from connectors.storefronts.medusa.client import get
from connectors.storefronts.medusa.cursors import ProductsCursor, iso, millis, unread
from connectors.storefronts.medusa.offers import FIELDS as STOCK
from connectors.storefronts.medusa.offers import read_variants
from connectors.storefronts.medusa.owners import PRODUCT
from connectors.storefronts.medusa.prices import PRICES
from connectors.storefronts.medusa.shop import Facts, Shop, shop_time
from connectors.storefronts.medusa.stocktaking import sellable
from connectors.transport import Answer, decode, web_link
from sync.domain.listing import RemoteVariant

FIELDS = (
    f"{STOCK},title,sku,barcode,ean,upc,updated_at,{PRICES}prices.price_rules.attribute,"
    "product.id,product.title,product.description,product.status,product.images.url,"
    "product.images.rank,product.sales_channels.id"
)
LOOK_BACK = 10
"""Rows read again with each page, to notice that rows moved forward."""
PRODUCTS_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class Part:
    """A page as it came: for each row its id and its record."""

    ids: Sequence[str]
    records: Sequence[msgspec.Raw]
    answer: Answer
    ended: bool = False


class Products:
    """Reads the variants of one shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def page(self, text: str | None, deadline: Deadline) -> Page[RemoteVariant]:
        """The next variants of the sweep (`text` None begins one) or of the round of changes."""
        place = ProductsCursor.parse(text) if text else ProductsCursor(begun=0)
        if place.stage == "products":
            part, after = await _next_part(place, PRODUCTS_A_PAGE, self._fetch("products", deadline))
            rows: Sequence[msgspec.Raw] = await self._variants_of(part.records, deadline)
        else:
            take = self._shop.options.page_items
            part, after = await _next_part(place, take, self._fetch("product-variants", deadline))
            rows = part.records
            if not place.skip:  # the sweep or round begins with its first page
                after = replace(after, begun=millis(shop_time(part.answer)))
        return await self._told(part, rows, after, deadline)

    def _fetch(self, what: str, deadline: Deadline) -> Callable[[ProductsCursor, int, int], Awaitable[Part]]:
        async def fetch(place: ProductsCursor, skip: int, take: int) -> Part:
            fields = FIELDS if what == "product-variants" else "id,variants.id"
            params = [("fields", fields), ("order", "id"), ("offset", str(skip)), ("limit", str(take))]
            if place.since is not None:
                since = place.since - self._shop.options.overlap_seconds * 1000
                params.append(("updated_at[$gte]", iso(since)))
            reply = await self._shop.client.send(get(what.replace("-", "_"), what, params=params), deadline)
            variants = what == "product-variants"
            rows = (
                reply.read(payloads.Variants).variants if variants else reply.read(payloads.Products).products
            )
            return Part([_id(row) for row in rows], rows, reply.answer)

        return fetch

    async def _variants_of(self, products: Sequence[msgspec.Raw], deadline: Deadline) -> list[msgspec.Raw]:
        ids = [
            variant.id
            for row in products
            for variant in decode(row, type=payloads.ListedProduct).variants or ()
        ]
        return await read_variants(self._shop, ids, FIELDS, "product_variants", deadline)

    async def _told(
        self, part: Part, rows: Sequence[msgspec.Raw], place: ProductsCursor, deadline: Deadline
    ) -> Page[RemoteVariant]:
        facts = await self._shop.facts(deadline)
        location = await self._shop.location(deadline)
        found: list[RemoteVariant] = []
        broken: list[Broken] = []
        for row in rows:
            try:
                record = decode(row, type=payloads.Variant)
                found.append(remote_variant(record, bytes(row), facts, location))
            except msgspec.ValidationError as error:
                broken.append(
                    Broken(_id(row) or None, f"the variant is not as described: {error}", bytes(row))
                )
        after = place.ended() if part.ended else place
        complete = part.ended and (place.since is None or place.stage == "products")
        return Page(tuple(found), after.text(), complete, part.answer.begun_at, tuple(broken))


async def _next_part(
    place: ProductsCursor, take: int, fetch: Callable[[ProductsCursor, int, int], Awaitable[Part]]
) -> tuple[Part, ProductsCursor]:
    """The rows after `place`, and the place after them; further back where rows have moved forward."""
    back = min(LOOK_BACK, take - 1, place.skip)
    while True:
        part = await fetch(place, place.skip - back, take)
        known = unread(part.ids, place.last) if part.ids else None
        if known is not None or back == place.skip:
            break
        back = min(back + take - 1, place.skip)
    last = part.ids[-1] if part.ids else place.last
    after = replace(place, skip=place.skip - back + len(part.ids), last=last)
    return replace(part, records=part.records[known or 0 :], ended=len(part.ids) < take), after


def remote_variant(record: payloads.Variant, raw: bytes, facts: Facts, location: str) -> RemoteVariant:
    """One variant as the store shows it. Its price is the plain one in the store's default currency."""
    product = record.product
    plain = [p.amount for p in record.prices or () if p.plain and p.currency_code == facts.currency]
    channels = {channel.id for channel in product.sales_channels or ()}
    return RemoteVariant(
        external_id=record.id,
        product_external_id=PRODUCT + product.id,
        sku=record.sku or None,
        title=record.title or product.title,
        gtin=record.ean or record.upc or record.barcode or None,
        published=product.status == "published" and (facts.channel is None or facts.channel in channels),
        price=plain[0] if plain else None,
        currency=facts.currency.upper() or None,
        price_includes_tax=facts.includes_tax,
        available=sellable(record, location),
        product_title=product.title,
        description=product.description or "",
        pictures=_pictures(product),
        updated_at=record.updated_at,
        raw=raw,
    )


def _pictures(product: payloads.Product) -> tuple[str, ...]:
    """In their own order: Medusa gives a product's pictures in any."""
    ranked = sorted(product.images or (), key=lambda picture: picture.rank)
    return tuple(link for picture in ranked if (link := web_link(picture.url)))


def _id(record: msgspec.Raw) -> str:
    try:
        return decode(record, type=payloads.Id).id
    except msgspec.ValidationError:
        return ""
