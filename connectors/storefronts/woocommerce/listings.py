"""Content: products made, renamed, described and pictured; variations described and pictured.

A new listing becomes a simple product, a draft whose stock is counted. It is looked for by its SKU before it is
made, so that a repeat finds what is there. The shop compares SKUs without case and accents: one that differs only
by these is refused. `0` is no filter for it, so what is found is compared again here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from connectors.contract import (
    AuthRejected,
    Deadline,
    Done,
    Outcome,
    PutListing,
    Rejected,
    Retry,
    Throttled,
    Unavailable,
)
from connectors.storefronts.woocommerce import payloads, pictures, prices
from connectors.storefronts.woocommerce.batches import Bounds, Item, done, write_all
from connectors.storefronts.woocommerce.client import batch, get
from connectors.storefronts.woocommerce.naming import Name, parse
from connectors.storefronts.woocommerce.offers import read_named
from connectors.storefronts.woocommerce.reading import decode
from connectors.storefronts.woocommerce.refusals import no_variant
from connectors.storefronts.woocommerce.shop import Shop
from connectors.transport import Safety

FIELDS = "id,type,sku,parent_id,images,image,attributes"
VARIATION = "variation"
PICTURED = 20
"""Items a batch where pictures go with it: the shop fetches each before it answers."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a request writes to; `there` is the record as it stands."""

    name: Name
    there: payloads.Listed


class Listings:
    """Writes the content of one shop's listings."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def put(self, batch: Sequence[PutListing], deadline: Deadline) -> Mapping[str, Outcome[str]]:
        """Keyed by `key`; `echo` is the external id."""
        requests = {request.key: request for request in batch}
        outcomes: dict[str, Outcome[str]] = {}
        targets: dict[str, Target | None] = {}
        currency = (await self._shop.facts(deadline)).currency
        for key, request in requests.items():
            refused = objection(request, currency)
            if refused is not None:
                outcomes[key] = refused
            elif request.external_id is None:
                found = await self._by_sku(request.sku or request.key, deadline)
                if isinstance(found, Rejected):
                    outcomes[key] = found
                else:
                    targets[key] = found
        wanted = {k: r for k, r in requests.items() if k not in outcomes and r.external_id is not None}
        named = await self._named(wanted, deadline)
        outcomes |= {key: found for key, found in named.items() if isinstance(found, Rejected | Retry)}
        targets |= {key: found for key, found in named.items() if isinstance(found, Target)}
        updates = [_update(requests[key], target) for key, target in targets.items() if target is not None]
        creates = [_create(requests[key]) for key, target in targets.items() if target is None]
        outcomes |= await self._write(updates, requests, deadline)
        try:
            return outcomes | await self._make(creates, deadline)
        except (AuthRejected, Throttled, Unavailable) as error:
            if not updates:
                raise
            return outcomes | {item.key: Retry(str(error)) for item in creates}

    async def _by_sku(self, sku: str, deadline: Deadline) -> Target | Rejected | None:
        """The product or variation with this SKU; None where there is none."""
        params = [("sku", sku), ("per_page", "10"), ("_fields", FIELDS)]
        reply = await self._shop.client.send(get("listing", "products", params=params), deadline)
        found = reply.read(list[payloads.Listed])
        same = [record for record in found if record.sku == sku]
        if len(same) > 1:
            return Rejected(
                f"the shop has {len(same)} products with the SKU {sku}: bind one", code="DUPLICATE"
            )
        if same:
            return Target(_name(same[0]), same[0])
        alike = [record.sku for record in found if (record.sku or "").casefold() == sku.casefold()]
        if alike:
            return Rejected(
                f"the shop has the SKU {alike[0]}, and takes {sku} for the same: bind it, or change one of them",
                code="DUPLICATE",
            )
        return None

    async def _named(
        self, requests: Mapping[str, PutListing], deadline: Deadline
    ) -> dict[str, Target | Rejected | Retry]:
        names = {key: parse(request.external_id or "") for key, request in requests.items()}
        known = [name for name in names.values() if name is not None]
        rows = await read_named(self._shop, known, FIELDS, "listing", deadline)
        found: dict[str, Target | Rejected | Retry] = {}
        for key, name in names.items():
            found[key] = no_variant(requests[key].external_id or "")
            if name is not None and name in rows:
                found[key] = _target(name, rows[name])
        return found

    async def _write(
        self, items: Sequence[Item], requests: Mapping[str, PutListing], deadline: Deadline
    ) -> dict[str, Outcome[str]]:
        async def send(group: tuple[str, ...], some: Sequence[Item]) -> Sequence[msgspec.Raw]:
            return await self._shop.update("put_listings", group, some, deadline)

        def judge(item: Item, answer: msgspec.Raw) -> Outcome[str]:
            decode(answer, type=payloads.Id)
            external = requests[item.key].external_id or str(_name_in(item))
            return Done(external, external)

        what = "writing the listing"
        return await write_all(items, send, judge, bounds=self._bounds(items), what=what)

    def _bounds(self, items: Sequence[Item]) -> Bounds:
        bounds = self._shop.bounds
        if not any(_pictured(item) for item in items):
            return bounds
        return Bounds(min(bounds.items, PICTURED), bounds.size)

    async def _make(self, items: Sequence[Item], deadline: Deadline) -> dict[str, Outcome[str]]:
        async def send(group: tuple[str, ...], some: Sequence[Item]) -> Sequence[msgspec.Raw]:
            body = {"create": [item.body for item in some]}
            asked = batch("make_listings", *group, body=body, safety=Safety.CREATING)
            return (await self._shop.client.send(asked, deadline)).read(payloads.Batch).create or ()

        def judge(item: Item, answer: msgspec.Raw) -> Outcome[str]:
            made = decode(answer, type=payloads.Listed)
            if made.sku != item.body["sku"]:
                return Retry("making the listing: the shop answered about another one")
            return done(item, str(made.id))

        what = "making the listing"
        outcomes = await write_all(items, send, judge, bounds=self._bounds(items), what=what)
        return {
            key: Done(outcome.echo, outcome.echo) if isinstance(outcome, Done) else outcome
            for key, outcome in outcomes.items()
        }


def _pictured(item: Item) -> bool:
    return "images" in item.body or "image" in item.body


def objection(request: PutListing, currency: str | None) -> Rejected | None:
    """Why the listing cannot be written, where it cannot."""
    if (
        "title" not in request.kept
        and not request.title.strip()
        and not (request.external_id or "").count(":")
    ):
        return Rejected("a listing needs a title", code="NO_TITLE")
    if request.external_id is None and request.price is not None:
        if not request.price.is_finite() or request.price < 0:
            return Rejected(f"a price of {request.price} is below 0 or no number", code="NEGATIVE")
        if currency is not None and request.currency not in (None, currency):
            return Rejected(f"the shop sells in {currency}, not in {request.currency}", code="CURRENCY")
    return pictures.objection(request.pictures)


def _name(record: payloads.Listed) -> Name:
    if record.type == VARIATION and record.parent_id:
        return Name(record.parent_id, record.id)
    return Name(record.id)


def _name_in(item: Item) -> Name:
    return Name(int(item.group[1]), item.id) if len(item.group) > 1 else Name(item.id)


def _target(name: Name, row: msgspec.Raw) -> Target | Retry:
    try:
        return Target(name, decode(row, type=payloads.Listed))
    except msgspec.ValidationError as error:
        return Retry(f"the shop's answer about the listing is not as described: {error}")


def _create(request: PutListing) -> Item:
    body: dict[str, object] = {
        "type": "simple",
        "status": "draft",
        "name": request.title,
        "description": request.description,
        "sku": request.sku or request.key,
        "manage_stock": True,
        "stock_quantity": 0,
    }
    if request.price is not None:
        body["regular_price"] = prices.plain(request.price)
    if request.pictures:
        body["images"] = pictures.written(request.pictures, ())
    if request.attributes:
        body["attributes"] = _attributes(request.attributes, ())
    return Item(request.key, 0, body)


def _update(request: PutListing, target: Target) -> Item:
    name, there = target.name, target.there
    body: dict[str, object] = {"id": name.id}
    if "description" not in request.kept:
        body["description"] = request.description
    if name.variation is not None:
        if request.pictures:
            own = [there.image] if there.image is not None else []
            body["image"] = pictures.written(request.pictures[:1], own)[0]
        return Item(request.key, name.id, body, name.group)
    if "title" not in request.kept:
        body["name"] = request.title
    if request.pictures:
        body["images"] = pictures.written(request.pictures, there.images or ())
    if request.attributes:
        body["attributes"] = _attributes(request.attributes, there.attributes or ())
    return Item(request.key, name.id, body, name.group)


def _attributes(wanted: Mapping[str, str], there: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those that are there stay (a list that lacks one deletes it), but for those of the same names."""
    kept = [one for one in there if one.get("name") not in wanted]
    return [*kept, *({"name": name, "options": [value], "visible": True} for name, value in wanted.items())]
