"""What a variant's stock records mean, and what to write so that the shop sells what we want. Pure.

Vendure sells stockOnHand - stockAllocated - outOfStockThreshold. On hand includes the units that orders have
allocated, and drops when a fulfilment is made, not when an order is placed. So to sell N, on hand must be
N + allocated + threshold.

Which `allocated`? The one of the moment on which N was decided (`seen`): an order that came since has raised
the present one, and added to N its units would be sold twice. What this connector itself took off since, by
fulfilling or cancelling, is known from the mark and comes off; and never is more added than is allocated
now. Orders do not move on hand, but staff do, and their shipments: where it is not what `seen` implies, the
arithmetic does not hold, and the item is read and decided again.
"""

from dataclasses import dataclass

from connectors.contract import Outcome, Rejected, Retry, SetQuantity
from connectors.storefronts.vendure import payloads
from sync.domain.listing import StockSeen


@dataclass(frozen=True, slots=True)
class Moves:
    """What this opening of the connector did to one variant so far, in units.

    Those fulfilled are off hand and no longer allocated, those released (cancelled) are only the latter.
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


HIGHEST = 2**31 - 1
"""GraphQL's Int."""

NOT_TRACKED = Rejected(
    "the shop does not track stock for this variant, so no quantity counts: switch `Track inventory` on",
    code="NOT_TRACKED",
)


def no_variant(variant: str) -> Rejected:
    """The item's outcome where the shop has no such variant."""
    return Rejected(f"the shop has no variant {variant} (in this channel)", code="ENTITY_NOT_FOUND")


@dataclass(frozen=True, slots=True)
class Stock:
    """One variant's stock in one location; `tracked` says whether it limits sales at all."""

    on_hand: int
    allocated: int
    threshold: int
    tracked: bool

    @property
    def available(self) -> int:
        """What the shop would still sell of it; may be negative."""
        return self.on_hand - self.allocated - self.threshold

    def seen(self, moves: Moves) -> StockSeen:
        """For a decision, and the write that follows it."""
        return StockSeen(available=self.available, committed=self.allocated, mark=moves.mark())


def stock_of(variant: payloads.StockVariant, settings: payloads.Settings, location: str) -> Stock:
    """The variant's stock in `location`; a location that it never was in holds 0."""
    level = next((x for x in variant.stock_levels if x.stock_location_id == location), None)
    inherits = variant.use_global_out_of_stock_threshold
    tracked = {"TRUE": True, "FALSE": False}.get(variant.track_inventory, settings.track_inventory)
    return Stock(
        on_hand=level.stock_on_hand if level else 0,
        allocated=level.stock_allocated if level else 0,
        threshold=settings.out_of_stock_threshold if inherits else variant.out_of_stock_threshold,
        tracked=tracked,
    )


def on_hand_to_write(request: SetQuantity, stock: Stock, moves: Moves) -> int | Outcome[int]:
    """The stockOnHand that makes the shop sell `request.quantity`, or the item's outcome without a write."""
    if not stock.tracked:
        return NOT_TRACKED
    if request.quantity < 0:
        return Rejected(f"{request.quantity} cannot be sold: a quantity is 0 or more", code="NEGATIVE")
    committed = _committed(request.seen, stock, moves)
    if committed is None:
        return Retry("the shop's stock moved since it was read: read it again")
    wanted = request.quantity + committed + stock.threshold
    if wanted > HIGHEST:
        return Rejected(f"{request.quantity} is more than the shop can hold", code="TOO_GREAT")
    return max(0, wanted)


def _committed(seen: StockSeen | None, stock: Stock, moves: Moves) -> int | None:
    """The units to add for orders that N knows of; None where others moved the stock since."""
    if seen is None or seen.committed is None:
        return stock.allocated
    own = moves.since(seen.mark)
    if seen.available + seen.committed + stock.threshold - own.fulfilled != stock.on_hand:
        return None
    return min(seen.committed - own.fulfilled - own.released, stock.allocated)
