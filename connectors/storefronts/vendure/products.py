"""The feed of variants: a whole sweep by id, then rounds of what changed.

A price, a quantity or a text that is set moves the variant's `updatedAt`, a product's text or switch only
the product's: so a round asks for changed variants, then for changed products with all their variants. An
order allocates stock without moving either, and deleted variants do not show: only a sweep finds those.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import msgspec

from connectors.contract import Broken, Deadline, Page
from connectors.storefronts.vendure import documents, payloads, translate
from connectors.storefronts.vendure.cursors import ProductsCursor, iso, millis, unread
from connectors.storefronts.vendure.shop import Shop, shop_time
from connectors.storefronts.vendure.stocktaking import stock_of
from connectors.transport import Answer, decode, web_link
from sync.domain.listing import RemoteVariant

LOOK_BACK = 10
"""Rows read again with each page, to notice that rows moved forward."""


@dataclass(frozen=True, slots=True)
class Part:
    """A page as it came: for each row its id and its variants."""

    ids: Sequence[str]
    records: Sequence[Sequence[msgspec.Raw]]
    settings: payloads.Settings
    answer: Answer
    ended: bool = False


class Products:
    """Reads the variants of one shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def page(self, text: str | None, deadline: Deadline) -> Page[RemoteVariant]:
        """The next variants of the sweep (`text` None begins one) or of the round of changes."""
        cursor = ProductsCursor.parse(text) if text else None
        if cursor and cursor.stage == "products":
            return await self._products(cursor, deadline)
        return await self._variants(cursor, deadline)

    async def _variants(self, cursor: ProductsCursor | None, deadline: Deadline) -> Page[RemoteVariant]:
        async def fetch(place: ProductsCursor, skip: int, take: int) -> Part:
            options = self._options(place, skip, take)
            data, answer = await self._shop.page(documents.VARIANTS, options, deadline)
            rows = data.product_variants.items
            return Part([_id(row) for row in rows], [[row] for row in rows], data.global_settings, answer)

        place, take = cursor or ProductsCursor(begun=0), self._shop.options.page_items
        part, after = await _next_part(place, take, fetch)
        if not place.skip:  # the sweep or round begins with its first page
            after = replace(after, begun=millis(shop_time(part.answer)))
        return await self._told(part, after, deadline)

    async def _products(self, cursor: ProductsCursor, deadline: Deadline) -> Page[RemoteVariant]:
        async def fetch(place: ProductsCursor, skip: int, take: int) -> Part:
            variables = {"options": self._options(place, skip, take)}
            reply = await self._shop.client.send(documents.PRODUCTS, variables, deadline)
            data = reply.read(payloads.ProductsData)
            rows = data.products.items
            return Part([p.id for p in rows], [p.variants for p in rows], data.global_settings, reply.answer)

        part, after = await _next_part(cursor, min(20, self._shop.options.page_items), fetch)
        return await self._told(part, after, deadline)

    def _options(self, place: ProductsCursor, skip: int, take: int) -> dict[str, object]:
        options: dict[str, object] = {"sort": {"id": "ASC"}, "skip": skip, "take": take}
        if place.since is not None:
            since = place.since - self._shop.options.overlap_seconds * 1000
            options["filter"] = {"updatedAt": {"after": iso(max(0, since))}}
        return options

    async def _told(self, part: "Part", place: ProductsCursor, deadline: Deadline) -> Page[RemoteVariant]:
        facts = await self._shop.facts(deadline)
        location = await self._shop.location(deadline)
        found: list[RemoteVariant] = []
        broken: list[Broken] = []
        for row in (variant for variants in part.records for variant in variants):
            try:
                record = decode(row, type=payloads.Variant)
                found.append(
                    remote_variant(record, bytes(row), part.settings, facts.active_channel, location)
                )
            except msgspec.ValidationError as error:
                why = f"the variant is not as described: {error}"
                broken.append(Broken(_id(row) or None, why, bytes(row)))
        after = place.ended() if part.ended else place
        complete = part.ended and (place.since is None or place.stage == "products")
        return Page(tuple(found), after.text(), complete, part.answer.begun_at, tuple(broken))


async def _next_part(
    place: ProductsCursor, take: int, fetch: Callable[[ProductsCursor, int, int], Awaitable["Part"]]
) -> tuple["Part", ProductsCursor]:
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
    part = replace(part, records=part.records[known or 0 :], ended=len(part.ids) < take)
    return part, after


def remote_variant(
    record: payloads.Variant,
    raw: bytes,
    settings: payloads.Settings,
    channel: payloads.Channel,
    location: str,
) -> RemoteVariant:
    """One variant as the channel shows it. Its price is the one entered, by the channel's tax setting."""
    stock = stock_of(record, settings, location)
    currency = channel.default_currency_code
    price = next((p.price for p in record.prices if p.currency_code == currency), None)
    pictures = record.assets or record.product.assets
    return RemoteVariant(
        external_id=record.id,
        product_external_id=f"product:{record.product.id}",
        sku=record.sku or None,
        title=record.name,
        published=record.enabled and record.product.enabled,
        price=None if price is None else translate.major(price, settings.precision),
        currency=currency,
        price_includes_tax=channel.prices_include_tax,
        available=stock.available if stock.tracked else None,
        product_title=record.product.name,
        description=record.product.description,
        pictures=tuple(link for picture in pictures if (link := web_link(picture.source))),
        updated_at=record.updated_at,
        raw=raw,
    )


def _id(record: msgspec.Raw) -> str:
    try:
        return decode(record, type=payloads.VariantHead).id
    except msgspec.ValidationError:
        return ""
