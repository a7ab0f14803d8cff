"""Dated rates of exchange: how one currency's amount becomes another's on a day, and until when.

A rate holds from the first moment of its date in the shop's zone until the next one of its pair, and no
longer than `longest`. Where a pair has none, the other direction serves, else one step through a third
currency, whose older rate is the youngest.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal

from sync.domain.rules import RuleRef
from sync.domain.windows import day_begins

Pair = tuple[str, str]
_KEPT = 512


@dataclass(frozen=True, slots=True)
class Leg:
    """One rate: how many `target` one `source` is; `inverse`: how many `source` one `target` is."""

    source: str
    target: str
    rate: Decimal
    day: date
    inverse: bool = False

    def convert(self, amount: Decimal) -> Decimal:
        """The amount in the target's currency, in the precision of the context."""
        return amount / self.rate if self.inverse else amount * self.rate

    @property
    def term(self) -> dict[str, object]:
        """As JSON."""
        asked = (self.target, self.source) if self.inverse else (self.source, self.target)
        return {
            "from": asked[0],
            "to": asked[1],
            "rate": format(self.rate, "f"),
            "date": self.day.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Exchange:
    """The rates to use now, one or two, or what is missing; and when that may change by time alone."""

    legs: tuple[Leg, ...] = ()
    missing: str = ""
    next_at: datetime | None = None

    def convert(self, amount: Decimal) -> Decimal:
        """The amount in the other currency."""
        for leg in self.legs:
            amount = leg.convert(amount)
        return amount


@dataclass(frozen=True, slots=True)
class Rates:
    """`rates:` as it is asked for."""

    file: str = ""
    """The table's file; empty without one."""
    longest: timedelta = timedelta(days=7)
    by_pair: Mapping[Pair, tuple[tuple[date, ...], tuple[Decimal, ...]]] = field(
        default_factory=dict, repr=False
    )
    days: Mapping[str, tuple[date, ...]] = field(default_factory=dict, repr=False)
    """By currency: all days on which one of its rates begins, sorted."""
    shown: str = ""
    """The file as messages name it."""
    lines: Mapping[Pair, Sequence[int]] = field(default_factory=dict, repr=False, compare=False)
    """Of each pair's rates, in the order of their days."""
    _found: dict[tuple[str, str, str, datetime], Exchange] = field(
        default_factory=dict, repr=False, compare=False
    )

    def between(self, source: str, target: str, zone: tzinfo, now: datetime) -> Exchange:
        """The exchange that holds at a moment in a zone. `now` is aware; a pass asks with one and the same."""
        key = (source, target, str(zone), now)
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= _KEPT:
                self._found.clear()
            found = self._found[key] = self._exchange(source, target, zone, now)
        return found

    def place(self, source: str, target: str, day: str) -> RuleRef | None:
        """The row of the rate from that day on (YYYY-MM-DD), as the table has it; None where it does not."""
        days, _ = self.by_pair.get((source, target), ((), ()))
        at = zip(days, self.lines.get((source, target), ()), strict=False)
        line = next((line for one, line in at if one.isoformat() == day), None)
        return None if line is None else RuleRef(f"{source} {target} {day}", self.shown, line)

    def _exchange(self, source: str, target: str, zone: tzinfo, now: datetime) -> Exchange:
        today = now.astimezone(zone).date()
        changes = [day_begins(day, zone) for day in self._next_days((source, target), today)]
        routes = [legs for legs in self._routes(source, target, today) if self._fresh(legs, zone, now)]
        if not routes:
            return Exchange(missing=self._missing(source, target, today), next_at=min(changes, default=None))
        legs = (
            routes[0] if len(routes[0]) == 1 else max(routes, key=lambda legs: min(leg.day for leg in legs))
        )
        changes += [day_begins(leg.day, zone) + self.longest for leg in legs]
        return Exchange(legs, next_at=min(changes))

    def _routes(self, source: str, target: str, today: date) -> Iterator[tuple[Leg, ...]]:
        """Direct and inverse first; then through each third currency, by name."""
        for found in (self._leg(source, target, today), self._inverse(source, target, today)):
            if found is not None:
                yield (found,)
        for third in sorted(self.days.keys() - {source, target}):
            first = self._leg(source, third, today) or self._inverse(source, third, today)
            second = self._leg(third, target, today) or self._inverse(third, target, today)
            if first is not None and second is not None:
                yield first, second

    def _leg(self, source: str, target: str, today: date) -> Leg | None:
        days, rates = self.by_pair.get((source, target), ((), ()))
        index = bisect_right(days, today) - 1
        return Leg(source, target, rates[index], days[index]) if index >= 0 else None

    def _inverse(self, source: str, target: str, today: date) -> Leg | None:
        found = self._leg(target, source, today)
        return None if found is None else Leg(source, target, found.rate, found.day, inverse=True)

    def _fresh(self, legs: tuple[Leg, ...], zone: tzinfo, now: datetime) -> bool:
        return all(now < day_begins(leg.day, zone) + self.longest for leg in legs)

    def _next_days(self, currencies: Pair, today: date) -> Iterator[date]:
        for currency in currencies:
            days = self.days.get(currency, ())
            index = bisect_right(days, today)
            if index < len(days):
                yield days[index]

    def _missing(self, source: str, target: str, today: date) -> str:
        pair = f"{source} to {target}"
        if not self.file:
            return f"no rate from {pair} is known: `rates` names no table"
        last = max((leg.day for legs in self._routes(source, target, today) for leg in legs), default=None)
        if last is None:
            return f"no rate from {pair} is known: {self.file} has none up to today"
        return f"no rate from {pair} is young enough: the last one in {self.file} is of {last}"


def rates_of(
    file: str,
    longest: timedelta,
    rows: Mapping[tuple[str, str, date], Decimal],
    shown: str,
    lines: Sequence[int],
) -> Rates:
    """From the table's rows: by (from, to, date), how many `to` one `from` is; `lines` are theirs, in that order."""
    pairs: dict[Pair, list[tuple[date, Decimal, int]]] = {}
    days: dict[str, set[date]] = {}
    for ((source, target, day), rate), line in zip(rows.items(), lines, strict=True):
        pairs.setdefault((source, target), []).append((day, rate, line))
        for currency in (source, target):
            days.setdefault(currency, set()).add(day)
    return Rates(
        file,
        longest,
        {pair: _columns(dated) for pair, dated in pairs.items()},
        {currency: tuple(sorted(found)) for currency, found in days.items()},
        shown,
        {pair: array("I", (line for _, _, line in sorted(dated))) for pair, dated in pairs.items()},
    )


def _columns(dated: Iterable[tuple[date, Decimal, int]]) -> tuple[tuple[date, ...], tuple[Decimal, ...]]:
    days, rates, _ = zip(*sorted(dated), strict=True)
    return days, rates
