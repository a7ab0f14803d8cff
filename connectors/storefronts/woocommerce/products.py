"""The feed of products and their variations: a whole sweep by id, then rounds of what changed.

The shop lists products; the variations of each stand under it. A product that changed is told with all its
variations. A page takes as many products as there is time to read the variations of.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import msgspec

from connectors.contract import Broken, Deadline, Page, Refused, Unavailable
from connectors.storefronts.woocommerce import payloads, shelf
from connectors.storefronts.woocommerce.client import get
from connectors.storefronts.woocommerce.cursors import ProductsCursor, naive, seconds
from connectors.storefronts.woocommerce.orders import GMT, STALE_ANSWERS
from connectors.storefronts.woocommerce.reading import decode
from connectors.storefronts.woocommerce.refusals import MISSING
from connectors.storefronts.woocommerce.shop import Facts, Shop, shop_time
from connectors.storefronts.woocommerce.walking import Step, id_of, next_step, side_by_side
from connectors.transport import Answer
from sync.domain.listing import RemoteVariant

MOST = 100
"""Variations a page."""
AT_ONCE = 4
"""Products whose variations are read side by side."""


@dataclass(slots=True)
class _Found:
    variants: list[RemoteVariant] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)


class Products:
    """Reads the products of one shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def page(self, text: str | None, deadline: Deadline) -> Page[RemoteVariant]:
        """The next products of the sweep (`text` None begins one) or of the round of changes."""
        place = ProductsCursor.parse(text) if text else ProductsCursor()
        begun_with = deadline.left()
        step = await self._step(place, deadline)
        if not place.skip:  # the sweep or round begins with its first page
            place = replace(place, begun=seconds(shop_time(step.answer)))
        facts = await self._shop.facts(deadline, fresh=not place.skip)
        found = _Found()
        taken = 0
        while taken < len(step.rows):
            some = step.rows[taken : taken + AT_ONCE]
            await self._read(some, facts, found, deadline)
            taken += len(some)
            if deadline.left() < begun_with / 2:
                break
        whole = taken >= len(step.rows)
        after = _after(place, step, taken)
        complete = whole and step.ended
        return Page(
            records=tuple(found.variants),
            cursor=(after.ended() if complete else after).text(),
            complete=complete,
            begun_at=step.answer.begun_at,
            broken=tuple(found.broken),
        )

    async def _step(self, place: ProductsCursor, deadline: Deadline) -> Step:
        async def fetch(skip: int, take: int) -> tuple[Sequence[msgspec.Raw], Answer]:
            params = [("orderby", "id"), ("order", "asc"), ("offset", str(skip)), ("per_page", str(take))]
            if place.since is not None:
                since = place.since - self._shop.options.overlap_seconds
                params += [("modified_after", naive(since)), GMT]
            reply = await self._shop.client.send(get("products", "products", params=params), deadline)
            return reply.read(list[msgspec.Raw]), reply.answer

        return await next_step(place.skip, place.last, self._shop.options.page_items, fetch)

    async def _read(
        self, rows: Sequence[msgspec.Raw], facts: Facts, found: _Found, deadline: Deadline
    ) -> None:
        products: list[tuple[payloads.Product, msgspec.Raw]] = []
        for row in rows:
            try:
                products.append((decode(row, type=payloads.Product), row))
            except msgspec.ValidationError as error:
                found.broken.append(_broken(row, f"the product is not as described: {error}"))
        products = [(product, row) for product, row in products if shelf.is_sold(product)]
        many = [product for product, _ in products if shelf.has_variations(product)]
        told = await side_by_side(self._variations(product, deadline) for product in many)
        variations = {product.id: rows for product, rows in zip(many, told, strict=True)}
        for product, row in products:
            if product.id in variations:
                _take_variations(product, variations[product.id], facts, found)
            else:
                found.variants.append(
                    shelf.of_product(product, bytes(row), facts.currency, facts.includes_tax)
                )

    async def _variations(self, product: payloads.Product, deadline: Deadline) -> Sequence[msgspec.Raw]:
        """All of them; those that slipped between two pages are asked for by name."""
        rows: dict[int | None, msgspec.Raw] = {}
        unread: list[msgspec.Raw] = []
        page = 1
        while True:
            params = [("orderby", "id"), ("order", "asc"), ("per_page", str(MOST)), ("page", str(page))]
            some = await self._under(product, params, deadline)
            unread += [row for row in some if id_of(row) is None]
            rows |= {id: row for row in some if (id := id_of(row)) is not None}
            if len(some) < MOST:
                break
            page += 1
        slipped = [id for id in product.variations or () if id not in rows] if page > 1 and not unread else []
        for begin in range(0, len(slipped), MOST):
            named = ",".join(str(id) for id in slipped[begin : begin + MOST])
            some = await self._under(product, [("include", named), ("per_page", str(MOST))], deadline)
            rows |= {id: row for row in some if (id := id_of(row)) is not None}
        return [*rows.values(), *unread]

    async def _under(
        self, product: payloads.Product, params: Sequence[tuple[str, str]], deadline: Deadline
    ) -> Sequence[msgspec.Raw]:
        asked = get("variations", "products", str(product.id), "variations", params=params)
        try:
            for _ in range(STALE_ANSWERS):
                rows = (await self._shop.client.send(asked, deadline)).read(list[msgspec.Raw])
                if not any(_of_another(row, product) for row in rows):
                    return rows
            raise Unavailable("the shop answers with another product's variations: look for a cache in front")
        except Refused as error:
            if error.code in MISSING:  # deleted meanwhile
                return ()
            raise


def _of_another(row: msgspec.Raw, product: payloads.Product) -> bool:
    try:
        parent = decode(row, type=payloads.Child).parent_id
    except msgspec.ValidationError:
        return False
    return parent is not None and parent != product.id


def _after(place: ProductsCursor, step: Step, taken: int) -> ProductsCursor:
    """The place after the products that were read."""
    left = step.rows[taken:]
    if not left:
        return replace(place, skip=step.skip, last=step.last)
    ids = [id for row in step.rows[:taken] if (id := id_of(row)) is not None]
    return replace(place, skip=step.skip - len(left), last=max([place.last, *ids]))


def _take_variations(
    product: payloads.Product, rows: Sequence[msgspec.Raw], facts: Facts, found: _Found
) -> None:
    for row in rows:
        try:
            variation = decode(row, type=payloads.Variation)
        except msgspec.ValidationError as error:
            found.broken.append(_broken(row, f"the variation is not as described: {error}", product.id))
            continue
        found.variants.append(
            shelf.of_variation(variation, product, bytes(row), facts.currency, facts.includes_tax)
        )


def _broken(row: msgspec.Raw, why: str, product: int | None = None) -> Broken:
    id = id_of(row)
    name = f"{product}:{id}" if product is not None else str(id)
    return Broken(name if id is not None else None, why, bytes(row))
