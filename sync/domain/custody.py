"""Custody of goods on the way back: who announced what, what came, what state it was in, where it went.

    advised ──► approved ··► received ──► inspected ──► restocked · scrapped · to supplier · back to customer
                   │            ▲         good · damaged · wrong
                   │            └ beyond what was advised: surplus, kept apart
                   └ not come when the warehouse expects no more: missing

Observations are levels (sync.domain.receipts). The figures are derived from them, so that at every moment,
whatever was told and in whatever order,

    advised ≥ received ≥ restocked + scrapped + to supplier + back to customer
    received + surplus = arrived

What contradicts itself is counted so that nothing is lost, and told in `doubts`. A request that brings no
goods back (refund only, price protection) has no custody: there is no case of it here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from sync.domain.receipts import NOTHING, Condition, Disposal, Level, Receipt, Tally
from sync.domain.routing import LineKey

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """What was said of one order line's SKU: by the customer or the shop, and by policy or a person."""

    key: LineKey
    advised: Level = NOTHING
    approved: Level = NOTHING


@dataclass(frozen=True, slots=True)
class Case:
    """A return case. Without a `request` it is a parcel that nobody announced, in quarantine."""

    id: str
    request: str | None
    lines: tuple[ReturnLine, ...] = ()
    """The order in which goods of one SKU are laid on them."""
    receipts: Mapping[str, Receipt] = field(default_factory=dict)
    tracking: frozenset[str] = frozenset()
    """The numbers that its parcels were announced with."""

    @property
    def quarantined(self) -> bool:
        """Whether nobody asked for what came."""
        return self.request is None

    @property
    def complete(self) -> bool:
        """Whether something came, and the warehouse expects no more; or a person says that no more will come."""
        told = self.receipts.values()
        said = any(receipt.by_hand and receipt.complete for receipt in told)
        return said or (bool(told) and all(receipt.complete for receipt in told))


@dataclass(frozen=True, slots=True)
class LineCustody:
    """Where the units of one line are now. Laid out so that the laws of this module hold."""

    key: LineKey
    advised: int
    approved: int
    received: int
    conditions: Mapping[Condition, int]
    disposed: Mapping[Disposal, int]
    missing: int
    """Advised and not come, once the warehouse expects no more."""

    @property
    def inspected(self) -> int:
        """Units that were looked at."""
        return sum(self.conditions.values())

    @property
    def gone(self) -> int:
        """Units that were disposed of, anyhow."""
        return sum(self.disposed.values())


@dataclass(frozen=True, slots=True)
class Surplus:
    """Units of one SKU beyond what was advised: kept apart, never lost."""

    sku: str
    units: int
    conditions: Mapping[Condition, int]
    disposed: Mapping[Disposal, int]


@dataclass(frozen=True, slots=True)
class Custody:
    """A case as figures. `doubts` say in words what the warehouse told that cannot be."""

    lines: tuple[LineCustody, ...]
    surplus: tuple[Surplus, ...]
    doubts: tuple[str, ...]

    def line(self, key: LineKey) -> LineCustody:
        """The figures of one line. KeyError where the case has none such."""
        for line in self.lines:
            if line.key == key:
                return line
        raise KeyError(key)


def advise(case: Case, key: LineKey, units: int, as_of: int) -> Case:
    """The customer or the shop announces so many units of a line in all."""
    return _said(case, ReturnLine(key, advised=Level.of(units, as_of)))


def approve(case: Case, key: LineKey, units: int, as_of: int) -> Case:
    """Policy or a person lets so many units of a line come back in all."""
    return _said(case, ReturnLine(key, approved=Level.of(units, as_of)))


def _said(case: Case, new: ReturnLine) -> Case:
    lines = {line.key: line for line in case.lines}
    old = lines.get(new.key, ReturnLine(new.key))
    lines[new.key] = ReturnLine(new.key, old.advised.joined(new.advised), old.approved.joined(new.approved))
    return replace(case, lines=tuple(lines[key] for key in sorted(lines)))


def expect(case: Case, tracking: str) -> Case:
    """The case's goods travel under this number too."""
    number = plain_number(tracking)
    return replace(case, tracking=case.tracking | {number}) if number else case


def count(case: Case, receipt: Receipt) -> Case:
    """The warehouse's totals so far under one of the case's documents."""
    known = case.receipts.get(receipt.id)
    return replace(case, receipts={**case.receipts, receipt.id: known.joined(receipt) if known else receipt})


def plain_number(tracking: str) -> str:
    """A tracking number as it is compared: without blanks and hyphens, in capitals."""
    return "".join(tracking.split()).replace("-", "").upper()


def take_in(cases: Sequence[Case], receipt: Receipt) -> tuple[Case, ...]:
    """All cases after a receipt: it goes to the case that has it, whose reference or tracking number it bears.

    Last, its reference is tried as a tracking number: `cases` must be open then, and of the receipt's warehouse.

    Where there is none it becomes a case without request, in quarantine. Then what is in quarantine and
    bears the number of a request joins it.
    """
    at = _home(cases, receipt)
    if at is None:
        stray = Case(id=f"unannounced/{receipt.id}", request=None, receipts={receipt.id: receipt})
        return joined((*cases, stray))
    return joined([count(case, receipt) if place == at else case for place, case in enumerate(cases)])


def _home(cases: Sequence[Case], receipt: Receipt) -> int | None:
    """The place of the case that a receipt belongs to: what has it already, then what asked for it."""
    scanned = [_scanned(case, receipt) for case in cases]
    tests: Iterable[Sequence[bool]] = (
        [receipt.id in case.receipts for case in cases],
        [_named(case, receipt) for case in cases],
        [_awaited(case, receipt) for case in cases],
        scanned if scanned.count(True) == 1 else (),
    )
    return next((found.index(True) for found in tests if True in found), None)


def _named(case: Case, receipt: Receipt) -> bool:
    return case.request is not None and case.request == receipt.reference


def _awaited(case: Case, receipt: Receipt) -> bool:
    return plain_number(receipt.tracking or "") in case.tracking


def scanned_number(reference: str | None) -> str:
    """A reference read as a tracking number, as it is compared: people scan the label where our reference belongs.

    Empty where it is too short, or has too few digits, to be one for sure.
    """
    number = plain_number(reference or "")
    digits = sum(sign.isdigit() for sign in number)
    return number if len(number) >= _SHORTEST_NUMBER and digits >= _FEWEST_DIGITS else ""


def _scanned(case: Case, receipt: Receipt) -> bool:
    """Only a request takes goods in by this: and only one, else they wait for a person."""
    return case.request is not None and scanned_number(receipt.reference) in case.tracking


_SHORTEST_NUMBER, _FEWEST_DIGITS = 8, 4


def joined(cases: Sequence[Case]) -> tuple[Case, ...]:
    """All cases, each parcel in quarantine in the first request that it names or whose number it bears.

    Run twice, it changes nothing the second time.
    """
    requests = {case.id: case for case in cases if not case.quarantined}
    left = []
    for stray in (case for case in cases if case.quarantined):
        receipts = tuple(stray.receipts.values())
        named = [case for case in requests.values() if any(_named(case, one) for one in receipts)]
        awaited = [case for case in requests.values() if any(_awaited(case, one) for one in receipts)]
        scanned = [case for case in requests.values() if any(_scanned(case, one) for one in receipts)]
        home = next(iter((*named, *awaited, *(scanned if len(scanned) == 1 else ()))), None)
        if home is None:
            left.append(stray)
            continue
        for receipt in receipts:
            home = count(home, receipt)
        requests[home.id] = home
    return (*requests.values(), *left)


def figures(case: Case) -> Custody:
    """Where everything is now: the warehouse's totals laid on the lines, the rest apart.

    Units of one SKU go to its lines in order, as far as they are announced; good ones first. An announcement
    that was lowered below what has come by then counts as what has come: it was sent, and must be dealt with.
    """
    by_sku: dict[str, list[Tally]] = {}
    for receipt in case.receipts.values():
        for sku, tally in receipt.tallies.items():
            by_sku.setdefault(sku, []).append(tally)
    skus = sorted({line.key[1] for line in case.lines} | set(by_sku))
    lines: list[LineCustody] = []
    surplus: list[Surplus] = []
    for sku in skus:
        laid, beyond = _laid(case, sku, by_sku.get(sku, []))
        lines += laid
        if beyond.units:
            surplus.append(beyond)
    order = {line.key: place for place, line in enumerate(case.lines)}
    doubts = tuple(text for sku in sorted(by_sku) for tally in by_sku[sku] for text in _doubts(sku, tally))
    return Custody(tuple(sorted(lines, key=lambda line: order[line.key])), tuple(surplus), doubts)


def _laid(case: Case, sku: str, tallies: Sequence[Tally]) -> tuple[list[LineCustody], Surplus]:
    lines = [line for line in case.lines if line.key[1] == sku]
    left = sum(tally.arrived for tally in tallies)
    received = dict.fromkeys((line.key for line in lines), 0)
    for line in lines:
        received[line.key] = min(left, line.advised.units)
        left -= received[line.key]
    for line in lines:
        more = min(left, max(0, line.advised.highest - received[line.key]))
        received[line.key] += more
        left -= more
    conditions = {one: sum(tally.conditions.get(one, 0) for tally in tallies) for one in Condition}
    disposed = {one: sum(tally.disposed.get(one, 0) for tally in tallies) for one in Disposal}
    laid = []
    for line in lines:
        here = received[line.key]
        advised = max(line.advised.units, here)
        approved = min(line.approved.units, advised)
        missing = max(0, approved - here) if case.complete else 0
        laid.append(
            LineCustody(
                line.key, advised, approved, here, _taken(conditions, here), _taken(disposed, here), missing
            )
        )
    return laid, Surplus(sku, left, _said_only(conditions), _said_only(disposed))


def _taken(pool: dict[K, int], limit: int) -> dict[K, int]:
    """Up to `limit` units out of a pool, in its order; the pool keeps the rest."""
    taken = {}
    for kind, there in pool.items():
        units = min(there, limit)
        pool[kind] = there - units
        limit -= units
        if units:
            taken[kind] = units
    return taken


def _said_only(pool: Mapping[K, int]) -> dict[K, int]:
    return {kind: units for kind, units in pool.items() if units}


def _doubts(sku: str, tally: Tally) -> Iterable[str]:
    if tally.inspected > tally.received:
        yield f"{sku}: {tally.inspected} units were inspected, {tally.received} received"
    if tally.gone > tally.received:
        yield f"{sku}: {tally.gone} units were disposed of, {tally.received} received"
