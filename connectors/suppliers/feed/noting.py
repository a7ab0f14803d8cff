"""One document of acknowledgements or despatches: its rows, gathered into reports."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from config.errors import shown
from connectors.contract import Broken
from connectors.contract.supplier import SupplierReport
from connectors.suppliers.feed.formats import Measure, ReportOptions, Verdict
from connectors.suppliers.feed.listing import Most, file_rows, mapped
from connectors.suppliers.feed.marks import Marks
from connectors.suppliers.feed.payloads import Row
from connectors.suppliers.feed.translate import BadRow, Reported, report_id, reported
from connectors.suppliers.feed.writing import asked_mark

_NOT_COMING = frozenset({Verdict.REFUSED, Verdict.CANCELLED})


@dataclass(slots=True)
class Answer:
    """What is said of one order as a whole, and pieces of it that were cancelled, by code.

    `named` says that it is spoken of at all.
    """

    verdicts: set[Verdict] = field(default_factory=set)
    cancelled: dict[str, int] = field(default_factory=dict)
    named: bool = False

    def add(self, other: "Answer") -> None:
        """Take another document in. What is said twice counts once, so the larger figure stands."""
        self.named |= other.named
        self.verdicts |= other.verdicts
        for code, pieces in other.cancelled.items():
            self.cancelled[code] = max(self.cancelled.get(code, 0), pieces)

    def has_all(self, lines: Mapping[str, int]) -> bool:
        """Whether every piece of the order was cancelled."""
        return bool(lines) and all(self.cancelled.get(code, 0) >= pieces for code, pieces in lines.items())


@dataclass(frozen=True, slots=True)
class Note:
    """What a document says. `answers` are those to cancellations, by order."""

    reports: tuple[SupplierReport, ...]
    broken: tuple[Broken, ...]
    answers: dict[str, Answer]


@dataclass(frozen=True, slots=True)
class _Line:
    row: Row
    said: Reported


@dataclass(slots=True)
class _Reading:
    """The good lines of a document, and the bad ones with what is wrong and the order where it is known."""

    lines: list[_Line]
    bad: list[tuple[Row, str, str | None]]

    def keep(self, line: _Line, why: str | None) -> bool:
        """Whether the line is good; a bad one is put aside."""
        if why is not None:
            self.bad.append((line.row, why, line.said.reference))
        return why is None


@dataclass(frozen=True, slots=True)
class Desk:
    """What documents of one kind are read with. `kind` goes into the ids of the reports."""

    kind: str
    options: ReportOptions
    marks: Marks
    zone: ZoneInfo
    most: Most

    def note(self, path: Path, name: str, at: datetime) -> Note:
        """Read a document; `at` is its own time, for rows without a date. Raises BadAnswer."""
        found = _Reading([], [])
        for row in file_rows(path, name, self.options, mapped(self.options.columns), self.most):
            try:
                found.lines.append(_Line(row, reported(row, self.options, self.zone)))
            except BadRow as error:
                found.bad.append((row, str(error), error.code))
        if self.options.quantity_in is Measure.PACKS:
            self._into_pieces(found)
        answers = _answers(found.lines)
        found.lines = [line for line in found.lines if found.keep(line, self._unasked(line.said))]
        found.lines = [line for line in found.lines if not _is_answer(line.said)]
        _refuse_twice(found)
        _hold_back(found)
        bad = sorted(found.bad, key=lambda one: one[0].line)
        broken = tuple(
            Broken(f"{name}:{row.line}", f"{name} line {row.line}: {why}", row.raw) for row, why, _ in bad
        )
        return Note(tuple(_reports(self.kind, found.lines, at)), broken, answers)

    def _into_pieces(self, found: _Reading) -> None:
        packs = self.marks.packs(line.said.code for line in found.lines if line.said.code)

        def why(said: Reported) -> str | None:
            if not said.code or said.code in packs:
                return None
            return f"quantity: counts packs, and the list has no pack size of {shown(said.code)}"

        lines = [line for line in found.lines if found.keep(line, why(line.said))]
        found.lines = [
            _Line(line.row, replace(line.said, quantity=line.said.quantity * packs.get(line.said.code, 1)))
            for line in lines
        ]

    def _unasked(self, said: Reported) -> str | None:
        """What is wrong with a cancelled order of which no line is named, and that nobody asked to cancel."""
        if said.code or said.verdict is not Verdict.CANCELLED:
            return None
        if self.marks.intended(asked_mark(said.reference)):
            return None
        return "code: the cell is empty, and this order was not asked to be cancelled"


def _is_answer(said: Reported) -> bool:
    return said.verdict is Verdict.CANCEL_REFUSED or not said.code


def _answers(lines: list[_Line]) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for line in lines:
        said = line.said
        answer = found.setdefault(said.reference, Answer(named=True))
        if _is_answer(said):
            answer.verdicts.add(said.verdict)
        elif said.verdict is Verdict.CANCELLED:
            answer.cancelled[said.code] = answer.cancelled.get(said.code, 0) + said.quantity
    return found


def _group(said: Reported) -> tuple[object, ...]:
    """What makes rows one report: a parcel is one whatever the times on its rows."""
    at = said.at if said.tracking is None else None
    return (said.reference, said.verdict, said.reason, said.tracking, said.carrier, at, said.id)


def _refuse_twice(found: _Reading) -> None:
    """A second row that says the same of a code, where nobody can know whether it counts."""
    lines: dict[tuple[object, ...], int] = {}

    def why(line: _Line) -> str | None:
        first = lines.setdefault((*_group(line.said), line.said.code), line.row.line)
        if first == line.row.line:
            return None
        return f"code: {shown(line.said.code)} stands in line {first} already, for the same order and parcel"

    found.lines = [line for line in found.lines if found.keep(line, why(line))]


def _hold_back(found: _Reading) -> None:
    """Leave out the other rows of an order of which one cannot be used: they come with the mended file."""
    spoilt = {reference for _, _, reference in found.bad if reference is not None}

    def why(line: _Line) -> str | None:
        reference = line.said.reference
        return (
            f"waits with another row of order {shown(reference)} that cannot be used"
            if reference in spoilt
            else None
        )

    found.lines = [line for line in found.lines if found.keep(line, why(line))]


def _reports(kind: str, lines: list[_Line], at: datetime) -> Iterator[SupplierReport]:
    groups: dict[tuple[object, ...], list[_Line]] = {}
    for line in lines:
        groups.setdefault(_group(line.said), []).append(line)
    for group in groups.values():
        first = group[0].said
        goods = tuple((line.said.code, line.said.quantity) for line in group)
        yield SupplierReport(
            external_id=report_id(kind, first, goods),
            reference=first.reference,
            lines=goods,
            at=max((line.said.at for line in group if line.said.at is not None), default=at),
            refused=first.verdict in _NOT_COMING,
            reason=first.reason or ("cancelled" if first.verdict is Verdict.CANCELLED else None),
            tracking=first.tracking,
            carrier=first.carrier,
            raw=msgspec.json.encode([msgspec.Raw(line.row.raw) for line in group]),
        )
