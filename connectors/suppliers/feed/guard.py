"""Whether a list may be believed: what it lost since the last one, and how old it is. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from connectors.contract import BadAnswer
from connectors.suppliers.feed.formats import Guard
from connectors.suppliers.feed.payloads import Read
from sync.domain.clock import from_micros


class ListHeld(BadAnswer):
    """A list is held until a person accepts it; the last figures stay."""


@dataclass(slots=True)
class Tally:
    """What a list holds. `dated` is the latest of its date column, `first` the first problem."""

    rows: int = 0
    stocked: int = 0
    broken: int = 0
    dated: datetime | None = None
    first: str = ""


def objections(tally: Tally, dated: datetime | None, last: Read | None, guard: Guard) -> list[str]:
    """Why a list that has been read through should not be used, in the operator's words."""
    found = []
    if not tally.rows and not tally.broken:
        found.append("it has no rows below its header")
    if last is not None:
        found += _losses(tally, last, guard)
        if dated is not None and last.dated is not None and dated < from_micros(last.dated):
            found.append(
                f"it is of {_day(dated)}, older than the last list, of {_day(from_micros(last.dated))}"
            )
    return found


def too_old(dated: datetime | None, guard: Guard, now: datetime) -> list[str]:
    """Why the newest list is too old to be believed."""
    if dated is None or guard.max_age is None or now - dated <= guard.max_age:
        return []
    return [f"it is of {_day(dated)}, older than max_age allows ({_span(guard.max_age)})"]


def _losses(tally: Tally, last: Read, guard: Guard) -> list[str]:
    found = []
    if tally.rows and _lost(tally.rows, last.rows) > guard.fewer_rows:
        share = _percent(_lost(tally.rows, last.rows))
        found.append(f"it has {tally.rows} usable rows, {share} fewer than the {last.rows} of the last list")
    if _lost(tally.stocked, last.stocked) > guard.less_stock:
        share = _percent(_lost(tally.stocked, last.stocked))
        found.append(
            f"{tally.stocked} codes have stock, {share} fewer than the {last.stocked} of the last list"
        )
    return found


def _lost(now: int, before: int) -> Decimal:
    return Decimal(before - now) / before if before > now else Decimal(0)


def _percent(share: Decimal) -> str:
    return f"{share * 100:.0f} %"


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _span(span: timedelta) -> str:
    return f"{span.days} days" if span >= timedelta(days=2) else f"{span.total_seconds() / 3600:.4g} hours"
