"""What a variant's level means, and what to write so that the shop sells what we want. Pure.

Shopify's `available` is what it would still sell at a location: an order takes it down when it is placed. So
the figure that a decision rests on (`seen`) is compared by Shopify itself while it writes
(`changeFromQuantity`): an order that came since makes the write fail, and the item is read and decided again.
"""

from dataclasses import dataclass
from enum import Enum, auto

from connectors.contract import Outcome, Rejected, Retry, SetQuantity
from connectors.storefronts.shopify.payloads import Item
from sync.domain.listing import StockSeen

HIGHEST = 1_000_000_000
"""Shopify refuses more."""
NOT_TRACKED = Rejected(
    "the shop does not track stock for this variant, so no quantity counts: switch `Track quantity` on",
    code="NOT_TRACKED",
)


class Step(Enum):
    """What is to be sent for one item."""

    NOTHING = auto()
    """It is so already."""
    SET = auto()
    ACTIVATE = auto()
    """The location never had the item, or has it no more."""


@dataclass(frozen=True, slots=True)
class Stock:
    """One variant's stock in one location; `available` None where the location does not keep it."""

    item: str
    location: str
    available: int | None

    @property
    def seen(self) -> StockSeen:
        """For a decision, and the write that follows it."""
        return StockSeen(available=self.available or 0)


def stock_of(item: Item, location: str) -> Stock | Rejected:
    """The item's stock in `location`, or why no quantity counts."""
    if not item.tracked:
        return NOT_TRACKED
    level = item.inventory_level
    kept = level.named("available") if level is not None and level.is_active else None
    return Stock(item.id, location, kept)


def step_of(request: SetQuantity, stock: Stock) -> Step | Outcome[int]:
    """What to send, or the item's outcome without a write."""
    if request.quantity < 0:
        return Rejected(f"{request.quantity} cannot be sold: a quantity is 0 or more", code="NEGATIVE")
    if request.quantity > HIGHEST:
        return Rejected(f"{request.quantity} is more than the shop can hold", code="TOO_GREAT")
    if request.seen is not None and request.seen.available != (stock.available or 0):
        return stale(stock.available or 0)
    if stock.available is None:
        return Step.ACTIVATE
    return Step.NOTHING if stock.available == request.quantity else Step.SET


def stale(available: int | None = None) -> Retry:
    """The outcome where the shop's figure is not the one that the decision rests on."""
    now = "" if available is None else f" (it sells {available} now)"
    return Retry(f"the shop's figure moved since it was read{now}: read it again")
