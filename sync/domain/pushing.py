"""Which quantities may be written to a shop now, given what it shows now.

Lowering is always safe and goes first. Raising waits: for order intake that began after the shop's figure
was read, for a warehouse figure that is fresh, and until the other channels have come down.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sync.domain.listing import StockSeen


@dataclass(frozen=True, slots=True)
class Wanted:
    """An unsent quantity of one listing, with what the shop was seen to sell (None where it cannot say)."""

    offer: str
    external_id: str
    location: str
    desired: int
    seen: StockSeen | None


@dataclass(frozen=True, slots=True)
class PushPlan:
    """`settled` need no write: the shop shows it already."""

    settled: tuple[Wanted, ...]
    lower: tuple[Wanted, ...]
    higher: tuple[Wanted, ...]


def plan_push(wanted: Sequence[Wanted]) -> PushPlan:
    """Sort unsent quantities by what they do to the shop's figure.

    Where the shop's figure was not seen, any quantity but 0 counts as a raise.
    """
    settled, lower, higher = [], [], []
    for item in wanted:
        if item.seen is not None and item.seen.available == item.desired:
            settled.append(item)
        elif item.desired == 0 or (item.seen is not None and item.desired < item.seen.available):
            lower.append(item)
        else:
            higher.append(item)
    return PushPlan(tuple(settled), tuple(lower), tuple(higher))
