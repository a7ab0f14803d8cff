"""Quantities: read and written many at a time, per location.

Shopify refuses a whole write for one bad item and names the items by their number, so these get their outcome
and the others are sent again. Each write bears a key of its own: sent twice for want of an answer, it is done
once; and another write of the same figure, later, is never taken for it.
"""

import secrets
from collections.abc import Mapping, Sequence

import msgspec

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    Deadline,
    Done,
    Outcome,
    Refused,
    Rejected,
    Retry,
    SetQuantity,
    Throttled,
    Unavailable,
    Unknown,
)
from connectors.storefronts.shopify import documents, payloads
from connectors.storefronts.shopify.batches import in_portions
from connectors.storefronts.shopify.ids import is_gid
from connectors.storefronts.shopify.refusals import code_of, no_variant, refusal
from connectors.storefronts.shopify.shop import Shop
from connectors.storefronts.shopify.stocktaking import Step, Stock, stale, step_of, stock_of
from connectors.transport import decode
from sync.domain.listing import StockSeen

Known = Stock | Rejected | Retry
WHAT = "setting the quantity"
_STALE = frozenset(
    {
        "CHANGE_FROM_QUANTITY_STALE", "COMPARE_QUANTITY_STALE", "ITEM_NOT_STOCKED_AT_LOCATION", "ALREADY_STOCKED",
    }
)  # fmt: skip
_LATER = frozenset({"IDEMPOTENCY_CONCURRENT_REQUEST", "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"})


class Offers:
    """Reads and writes what one shop's variants have to sell."""

    def __init__(self, shop: Shop, batch_items: int) -> None:
        self._shop = shop
        self._batch_items = batch_items

    async def quantities(
        self, variants: Sequence[str], deadline: Deadline
    ) -> Mapping[str, Outcome[StockSeen]]:
        """What the shop would sell of each variant now, in the location that is written."""
        location = await self._shop.location(deadline)
        stocks = await self._stocks(dict.fromkeys(variants, location), deadline)
        return {
            variant: Done(variant, stock.seen) if isinstance(stock, Stock) else stock
            for variant, stock in stocks.items()
        }

    async def set_quantities(
        self, batch: Sequence[SetQuantity], deadline: Deadline
    ) -> Mapping[str, Outcome[int]]:
        """Read, compare and write; the last of several requests for one variant counts."""
        requests = {request.variant: request for request in batch}
        places = {r.location: await self._shop.location(deadline, r.location) for r in requests.values()}
        stocks = await self._stocks({v: places[r.location] for v, r in requests.items()}, deadline)
        outcomes: dict[str, Outcome[int]] = {}
        to_set: dict[str, Stock] = {}
        to_activate: dict[str, Stock] = {}
        for variant, request in requests.items():
            stock = stocks[variant]
            step = step_of(request, stock) if isinstance(stock, Stock) else stock
            if not isinstance(stock, Stock) or not isinstance(step, Step):
                outcomes[variant] = step if not isinstance(step, Step) else Retry(WHAT)
            elif step is Step.NOTHING:
                outcomes[variant] = Done(variant, request.quantity)
            else:
                (to_set if step is Step.SET else to_activate)[variant] = stock
        wanted = {variant: request.quantity for variant, request in requests.items()}
        outcomes |= await self._set(to_set, wanted, deadline)
        return outcomes | await self._activate(to_activate, wanted, deadline, begun=bool(to_set))

    async def _stocks(self, where: Mapping[str, str], deadline: Deadline) -> dict[str, Known]:
        """The stock of each variant in its location of `where`."""
        found: dict[str, Known] = {variant: no_variant(variant) for variant in where}
        for location in sorted(set(where.values())):
            named = [v for v, place in where.items() if place == location and is_gid(v, "ProductVariant")]
            for some in in_portions(named, self._batch_items):
                variables = {"ids": some, "location": location}
                reply = await self._shop.client.send(documents.STOCK, variables, deadline, size=len(some))
                for variant, row in zip(some, reply.read(payloads.NodesData).nodes, strict=False):
                    if bytes(row) not in (b"null", b"{}"):
                        found[variant] = _stock(row, location)
        return found

    async def _set(
        self, stocks: Mapping[str, Stock], wanted: Mapping[str, int], deadline: Deadline
    ) -> dict[str, Outcome[int]]:
        """Write them in portions. Raises only where nothing of it was sent."""
        done: dict[str, Outcome[int]] = {}
        queue = in_portions(list(stocks), self._batch_items)
        while queue:
            portion = queue.pop(0)
            try:
                told = await self._write(portion, stocks, wanted, deadline)
            except (AuthRejected, Throttled) as error:
                if not done:
                    raise
                return done | _all([portion, *queue], Retry(str(error), getattr(error, "retry_after", None)))
            except (Unavailable, BadAnswer) as error:
                return done | _all([portion], Unknown(str(error))) | _all(queue, Retry(str(error)))
            except Refused as error:
                told = _all([portion], _complaint(error.code))
            done |= told
            left = [variant for variant in portion if variant not in told]
            queue[:0] = [left] if left else []
        return done

    async def _write(
        self,
        portion: Sequence[str],
        stocks: Mapping[str, Stock],
        wanted: Mapping[str, int],
        deadline: Deadline,
    ) -> dict[str, Outcome[int]]:
        """The outcomes of one write; those that it leaves out were not bad themselves, and are to be sent again."""
        quantities = [
            {
                "inventoryItemId": stocks[variant].item,
                "locationId": stocks[variant].location,
                "quantity": wanted[variant],
                "changeFromQuantity": stocks[variant].available,
            }
            for variant in portion
        ]
        body = {"name": "available", "reason": "correction", "quantities": quantities}
        variables = {"input": body, "key": new_key()}
        reply = await self._shop.client.send(documents.SET_STOCK, variables, deadline, size=len(portion))
        result = reply.read(payloads.StockWritten).inventory_set_quantities
        if result is None:
            raise reply.unlike("inventorySetQuantities is null")
        if not result.user_errors:
            group = result.inventory_adjustment_group
            changes = group.changes if group else []
            return {v: Done(v, _echo(stocks[v], wanted[v], changes)) for v in portion}
        return _complaints(portion, result.user_errors)

    async def _activate(
        self, stocks: Mapping[str, Stock], wanted: Mapping[str, int], deadline: Deadline, *, begun: bool
    ) -> dict[str, Outcome[int]]:
        done: dict[str, Outcome[int]] = {}
        for variant, stock in stocks.items():
            variables = {
                "item": stock.item, "location": stock.location, "available": wanted[variant], "key": new_key()
            }  # fmt: skip
            try:
                reply = await self._shop.client.send(documents.ACTIVATE, variables, deadline)
                result = reply.read(payloads.Activated).inventory_activate
            except (AuthRejected, Throttled) as error:
                if not done and not begun:
                    raise
                rest = [[each for each in stocks if each not in done]]
                return done | _all(rest, Retry(str(error), getattr(error, "retry_after", None)))
            except (Unavailable, BadAnswer) as error:
                done[variant] = Unknown(str(error))
                continue
            except Refused as error:
                done[variant] = _complaint(error.code)
                continue
            level = result.inventory_level if result else None
            if result is not None and result.user_errors:
                code = code_of(result.user_errors)
                done[variant] = (
                    stale() if code in _STALE else refusal(code, "putting the variant into the location")
                )
            elif level is None:
                done[variant] = Unknown("the shop's answer leaves the level out")
            else:
                done[variant] = Done(variant, level.named("available"))
        return done


def new_key() -> str:
    """An idempotency key that nobody had before."""
    return secrets.token_hex(16)


def _stock(row: msgspec.Raw, location: str) -> Known:
    try:
        return stock_of(decode(row, type=payloads.StockVariant).inventory_item, location)
    except msgspec.ValidationError as error:
        return Retry(f"the shop's answer about its stock is not as described: {error}")


def _echo(stock: Stock, wanted: int, changes: Sequence[payloads.Change]) -> int:
    """What the shop says that it sells now; it often tells only by how much it changed."""
    for change in changes:
        item, place = change.item, change.location
        if change.name != "available" or item is None or item.id != stock.item:
            continue
        if place is not None and place.id != stock.location:
            continue
        after = change.quantity_after_change
        return after if after is not None else (stock.available or 0) + change.delta
    return wanted


def _complaints(portion: Sequence[str], errors: Sequence[payloads.UserError]) -> dict[str, Outcome[int]]:
    """An outcome for each item that is named; where none is, for all."""
    told: dict[str, Outcome[int]] = {}
    for error in errors:
        index = error.index("quantities")
        named = [portion[index]] if index is not None and index < len(portion) else list(portion)
        for variant in named:
            told.setdefault(variant, _complaint(code_of([error])))
    return told


def _complaint(code: str) -> Rejected | Retry:
    if code in _STALE:
        return stale()
    if code in _LATER:
        return Retry("the shop is at work on the same item")
    return refusal(code, WHAT)


def _all(portions: Sequence[Sequence[str]], outcome: Rejected | Retry | Unknown) -> dict[str, Outcome[int]]:
    return {variant: outcome for portion in portions for variant in portion}
