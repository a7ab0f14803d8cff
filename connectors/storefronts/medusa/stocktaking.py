"""What a variant's stock records mean, and what to write so that the shop sells what we want. Pure.

Medusa sells stocked_quantity - reserved_quantity, location by location. An order reserves its units; a
fulfilment takes them off both figures; a cancelled order off the reserved ones. So to sell N, the stocked
quantity must be N + reserved. The shop itself accepts less than is reserved (trap 6).

Which `reserved`? The one of the moment on which N was decided (`seen`): an order that came since has raised
the present one, and added to N its units would be sold twice. What this connector itself took off since, by
fulfilling or cancelling, is known from the mark and comes off; and never is more added than is reserved
now. Orders do not move the stocked quantity, but staff do, and their fulfilments: where it is not what
`seen` implies, the arithmetic does not hold, and the item is read and decided again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.contract import Outcome, Rejected, Retry, SetQuantity
from connectors.storefronts.medusa import payloads
from sync.domain.listing import StockSeen


@dataclass(frozen=True, slots=True)
class Moves:
    """What this opening of the connector did to one variant so far, in units.

    Those fulfilled are off the stock and no longer reserved, those released (cancelled) are only the latter.
    `opening` tells apart the figures of an earlier process.
    """

    opening: str
    fulfilled: int = 0
    released: int = 0

    def mark(self) -> str:
        """To be carried in what was seen."""
        return f"{self.opening}:{self.fulfilled}:{self.released}"

    def since(self, mark: str) -> "Moves":
        """What was done after `mark`; nothing that is known of, where it is another opening's."""
        parts = mark.split(":")
        if len(parts) != 3 or parts[0] != self.opening:
            return Moves(self.opening)
        return Moves(self.opening, self.fulfilled - int(parts[1]), self.released - int(parts[2]))


HIGHEST = 2**53 - 1
"""The last whole number that the shop's own language keeps exactly."""

NOT_TRACKED = Rejected(
    "the shop does not manage this variant's stock, so no quantity counts: switch `Manage inventory` on",
    code="NOT_TRACKED",
)
KIT = Rejected(
    "the variant is a kit of several stock items (or several units of one): set the quantities of its parts",
    code="KIT",
)
NO_ITEM = Rejected("the variant has no stock item: attach one to it in the shop", code="NO_ITEM")


def no_variant(variant: str) -> Rejected:
    """The item's outcome where the shop has no such variant."""
    return Rejected(f"the shop has no variant {variant}", code="not_found")


@dataclass(frozen=True, slots=True)
class Stock:
    """One stock item in one location; `exists` says whether it has a level there at all."""

    item: str
    location: str
    stocked: int
    reserved: int
    exists: bool

    @property
    def available(self) -> int:
        """What the shop would still sell of it; may be negative."""
        return self.stocked - self.reserved

    def seen(self, moves: Moves) -> StockSeen:
        """For a decision, and the write that follows it."""
        return StockSeen(available=self.available, committed=self.reserved, mark=moves.mark())


def stock_of(variant: payloads.StockVariant | payloads.Variant, location: str) -> Stock | Rejected:
    """The variant's one stock item in `location`; one that was never there holds 0."""
    if not variant.manage_inventory:
        return NOT_TRACKED
    items = variant.inventory_items or []
    if not items:
        return NO_ITEM
    if len(items) > 1 or items[0].required_quantity != 1:
        return KIT
    return _level(items[0], location)


def sellable(variant: payloads.Variant, location: str) -> int | None:
    """How many the shop would sell from `location`; of a kit as many as its scarcest part allows."""
    items = variant.inventory_items or []
    if not variant.manage_inventory:
        return None
    return min((_level(i, location).available // max(1, i.required_quantity) for i in items), default=0)


def _level(item: payloads.InventoryItem, location: str) -> Stock:
    levels: Sequence[payloads.Level] = (item.inventory.location_levels if item.inventory else None) or ()
    level = next((x for x in levels if x.location_id == location), None)
    stocked, reserved = (level.stocked_quantity, level.reserved_quantity) if level else (0, 0)
    return Stock(item.inventory_item_id, location, stocked, reserved, level is not None)


def stock_to_write(request: SetQuantity, stock: Stock, moves: Moves) -> int | Outcome[int]:
    """The stocked quantity that makes the shop sell `request.quantity`, or the outcome without a write."""
    if request.quantity < 0:
        return Rejected(f"{request.quantity} cannot be sold: a quantity is 0 or more", code="NEGATIVE")
    committed = _committed(request.seen, stock, moves)
    if committed is None:
        return Retry("the shop's stock moved since it was read: read it again")
    wanted = request.quantity + committed
    if wanted > HIGHEST:
        return Rejected(f"{request.quantity} is more than the shop can hold", code="TOO_GREAT")
    return max(0, wanted)


def _committed(seen: StockSeen | None, stock: Stock, moves: Moves) -> int | None:
    """The units to add for orders that N knows of; None where others moved the stock since."""
    if seen is None or seen.committed is None:
        return stock.reserved
    own = moves.since(seen.mark)
    if seen.available + seen.committed - own.fulfilled != stock.stocked:
        return None
    return min(seen.committed - own.fulfilled - own.released, stock.reserved)
