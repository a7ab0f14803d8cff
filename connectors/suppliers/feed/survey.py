"""Reads a list through before any of it is given: what it holds, and its digest for the next comparison.

A long list is read in parts between two looks at the deadline; a call that runs out of time leaves the rest to
the next. A list that was held is not read again while it stays the same.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from zoneinfo import ZoneInfo

from connectors.contract import BadAnswer, Deadline
from connectors.suppliers.feed.folder import reachable
from connectors.suppliers.feed.formats import DatedBy, Guard, ListOptions
from connectors.suppliers.feed.guard import Tally
from connectors.suppliers.feed.listing import Entry, Most, entries
from connectors.suppliers.feed.marks import BROKEN, DigestWriter, Marks
from connectors.suppliers.feed.payloads import Read
from connectors.suppliers.feed.source import Candidate
from connectors.suppliers.feed.translate import row_mark
from sync.domain.clock import to_micros

RESERVE = 2.0
"""Seconds of a deadline that are kept for giving the page."""
_AT_ONCE = 2000


@dataclass(slots=True)
class Survey:
    """A list, and what was counted in it."""

    candidate: Candidate
    digest: str
    stream: Iterator[Entry]
    writer: DigestWriter
    tally: Tally = field(default_factory=Tally)

    def count(self, batch: list[Entry]) -> None:
        """Take these rows into account."""
        for entry in batch:
            if entry.good is not None:
                self._count_good(entry)
            elif entry.bad is not None:
                self.tally.broken += 1
                self.tally.first = self.tally.first or entry.bad.why
                if entry.code is not None:
                    self.writer.add(BROKEN, 1, entry.code)

    def _count_good(self, entry: Entry) -> None:
        row, tally = entry.good, self.tally
        if row is None:
            return
        tally.rows += 1
        tally.stocked += bool(row.offer.stock)
        if row.dated is not None:
            tally.dated = max(tally.dated or row.dated, row.dated)
        self.writer.add(row_mark(row), row.pieces, row.offer.code)

    def read(self, guard: Guard) -> Read:
        """What will stand as the last list. Raises BadAnswer where not one row can be used."""
        tally, candidate = self.tally, self.candidate
        if tally.broken and not tally.rows:
            what = f"none of its {tally.broken} rows can be used; the first: {tally.first}"
            raise BadAnswer(f"{candidate.name}: {what}")
        dated = tally.dated if guard.dated_by is DatedBy.COLUMN else candidate.dated
        return Read(
            name=candidate.name,
            stamp=candidate.stamp,
            digest=self.digest,
            rows=tally.rows,
            stocked=tally.stocked,
            dated=to_micros(dated) if dated is not None else None,
            etag=candidate.etag,
            modified=candidate.modified,
        )


class Surveyor:
    """Reads one supplier's lists through."""

    def __init__(self, account: str, marks: Marks, options: ListOptions, zone: ZoneInfo, most: Most) -> None:
        self._account = account
        self._marks = marks
        self._options = options
        self._zone = zone
        self._most = most
        self._under_way: Survey | None = None
        self._through: Survey | None = None

    async def through(self, candidate: Candidate, digest: str, deadline: Deadline) -> Survey | None:
        """The list's survey; None where the deadline came first. Raises BadAnswer, Unavailable."""
        if self._is_of(self._through, candidate) and self._marks.has(digest):
            return self._through
        survey = await self._begun(candidate, digest)
        try:
            while batch := await asyncio.to_thread(self._some, survey.stream):
                survey.count(batch)
                if deadline.left() < RESERVE:
                    return None
        except BaseException:
            self.close()
            raise
        self._under_way, self._through = None, survey
        survey.writer.keep()
        return survey

    def close(self) -> None:
        """Let the list go."""
        if self._under_way is not None:
            self._under_way.writer.drop()
            self._under_way = None

    async def _begun(self, candidate: Candidate, digest: str) -> Survey:
        if self._under_way is None or not self._is_of(self._under_way, candidate):
            self.close()
            stream = entries(candidate.path, candidate.name, self._options, self._zone, self._most)
            writer = await asyncio.to_thread(self._marks.begin, digest)
            self._under_way = Survey(candidate, digest, stream, writer)
        return self._under_way

    @staticmethod
    def _is_of(survey: Survey | None, candidate: Candidate) -> bool:
        if survey is None:
            return False
        return (survey.candidate.name, survey.candidate.stamp) == (candidate.name, candidate.stamp)

    def _some(self, stream: Iterator[Entry]) -> list[Entry]:
        with reachable(self._account):
            return list(islice(stream, _AT_ONCE))
