"""What a listing shall cost, with every term that made it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class BeyondLimit(StrEnum):
    """What becomes of a price that moves more than its largest move: a person is asked, or it moves so far only."""

    ASK = "ask"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class PriceWanted:
    """What one listing shall cost now. All amounts are in major units of `currency`, as the shop shows them."""

    price: Decimal | None
    """None: the rule cannot be worked out (`missing` says what is not known), and the shop keeps what it has."""
    currency: str
    compare_at: Decimal | None = None
    """The struck-out price; None: none. It counts only where `sets_compare_at`."""
    sets_compare_at: bool = False
    """Whether the struck-out price is ours; otherwise the shop keeps its own."""
    terms: Mapping[str, object] = field(default_factory=dict)
    """For `explain`, as JSON values; rules by their names.

    `rule`: the price rule. `steps`: one mapping each, in order, with `step`, what it `gives` in `currency`, and
    what it `adds` in the shop's currency: the sum of all `adds` is the price. `floor`, `map`, `compare_at` and
    `promotions`, where there are such, say what they were made of.
    """
    missing: str = ""
    next_at: datetime | None = None
    """When it may change by time alone: a promotion begins or ends, or a rate gets old."""
    capped: str | None = None
    """The promotion in force whose units are limited."""
    floor: Decimal | None = None
    """What the price may not pass below, coupons of the merchant counted; None: there is no floor."""
    least: Decimal | None = None
    """The lowest advertised price (MAP); None: there is none."""
    largest_move: Decimal | None = None
    """The largest change a day that needs no person, as a share of the price a day ago; None: the guard's own."""
    beyond_limit: BeyondLimit = BeyondLimit.ASK
    """What the rule wants done with a larger change than `largest_move`."""
