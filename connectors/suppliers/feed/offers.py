"""Lists as pages of offers: read through, judged, then given row by row where they differ from the last.

The cursor names the list by its hash and the line; whoever resumes reads that list again up to the line. A
list that is replaced while it is being given leaves its digest as one more base, and the next one is given
whole, so that no row that was given from it stays behind. What vanished is told after the rows.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from zoneinfo import ZoneInfo

import msgspec

from connectors.contract import BadAnswer, Broken, Deadline, Page, Unavailable
from connectors.contract.supplier import SupplierOffer
from connectors.suppliers.feed.folder import reachable
from connectors.suppliers.feed.formats import ListOptions, Missing
from connectors.suppliers.feed.guard import ListHeld, objections, too_old
from connectors.suppliers.feed.listing import Entry, Most, entries
from connectors.suppliers.feed.marks import BROKEN, Marks
from connectors.suppliers.feed.payloads import OfferCursor, Read, Reading
from connectors.suppliers.feed.source import Candidate, FolderSource, Source
from connectors.suppliers.feed.survey import RESERVE, Surveyor
from connectors.suppliers.feed.translate import Listed, row_mark
from sync.domain.clock import Clock, from_micros, to_micros

_AT_ONCE = 2000
"""Rows that are read through between two looks at the deadline."""


@dataclass(slots=True)
class _Open:
    """The place in a list where the next page goes on."""

    reading: Reading
    stream: Iterator[Entry]
    before: dict[str, str]


class Offers:
    """The list of one supplier."""

    def __init__(
        self,
        account: str,
        source: Source,
        marks: Marks,
        options: ListOptions,
        *,
        clock: Clock,
        zone: ZoneInfo,
        most: Most,
        page_items: int,
    ) -> None:
        self._account = account
        self._source = source
        self._marks = marks
        self._options = options
        self._clock = clock
        self._zone = zone
        self._most = most
        self._page_items = page_items
        self._surveyor = Surveyor(account, marks, options, zone, most)
        self._open: _Open | None = None

    async def page(self, cursor: str | None, deadline: Deadline) -> Page[SupplierOffer]:
        """The next offers. Raises ListHeld, BadAnswer where the list cannot be used, Unavailable."""
        begun = self._clock.now()
        state = _decoded(cursor)
        if state.open is not None:
            candidate = await self._source.again(state.open)
            if candidate is not None and await self._has_marks(state.open):
                return await self._rows(state, state.open, candidate, begun, deadline)
            state = _abandoned(state, state.open)
        last = None if state.bases else state.done  # after a list that was given in part, none is old news
        candidate = await self._source.newest(last, deadline)
        if candidate is None or (
            last is not None and (candidate.stamp, candidate.etag) == (last.stamp, last.etag)
        ):
            return await self._nothing_new(state, begun, deadline)
        digest = (await self._source.digest(candidate))[:32]
        if last is not None and digest == last.digest and not state.dirty:
            return await self._nothing_new(_touched(state, last, candidate), begun, deadline)
        return await self._new(state, candidate, digest, begun, deadline)

    async def _has_marks(self, reading: Reading) -> bool:
        """Whether what was counted of the list is still here; otherwise it is begun again."""
        return reading.change or await asyncio.to_thread(self._marks.has, reading.read.digest)

    def close(self) -> None:
        """Let the files go."""
        self._surveyor.close()
        self._open = None

    # --- nothing new --------------------------------------------------------------------------------

    async def _nothing_new(
        self, state: OfferCursor, begun: datetime, deadline: Deadline
    ) -> Page[SupplierOffer]:
        done = state.done
        if done is None:
            raise Unavailable(f"{self._account}: there is no list yet: no whole {self._options.files}")
        dated = from_micros(done.dated) if done.dated is not None else None
        old = too_old(dated, self._options.guard, begun)
        if old and not await self._source.accepted(done.name, done.digest, dated):
            raise self._held(done.name, done.digest, old)
        if isinstance(self._source, FolderSource) and self._options.changes is not None:
            files = await self._source.changes(state.changes, done)
            if files:
                candidate = self._source.change(files[0])
                read = Read(candidate.name, candidate.stamp, candidate.digest or "")
                reading = Reading(read, whole=True, change=True)
                return await self._rows(state, reading, candidate, begun, deadline)
        return Page((), _encoded(state), True, begun)

    # --- a new list ---------------------------------------------------------------------------------

    async def _new(
        self, state: OfferCursor, candidate: Candidate, digest: str, begun: datetime, deadline: Deadline
    ) -> Page[SupplierOffer]:
        survey = await self._surveyor.through(candidate, digest, deadline)
        if survey is None:  # there was no time for all of it; the next call goes on where this one stopped
            return Page((), _encoded(state), False, begun)
        read = survey.read(self._options.guard)
        if await self._source.again(Reading(read)) is None:  # written anew while it was read
            return Page((), _encoded(state), False, begun)
        doubts = objections(survey.tally, _dated(read), state.done, self._options.guard)
        doubts += too_old(_dated(read), self._options.guard, begun)
        if doubts and not await self._source.accepted(read.name, digest, _dated(read)):
            raise self._held(read.name, digest, doubts)
        current = await asyncio.to_thread(self._marks.current)
        known = state.done is not None and await asyncio.to_thread(self._marks.has, state.done.digest)
        bases = [state.done.digest] if state.done is not None and known else [current] if current else []
        reading = Reading(
            read,
            whole=not known or state.dirty or bool(state.bases),
            bases=tuple(dict.fromkeys([*bases, *state.bases])),
        )
        return await self._rows(state, reading, candidate, begun, deadline)

    def _held(self, name: str, digest: str, doubts: list[str]) -> ListHeld:
        mend = f"if it is right, make the empty file {self._source.accept_by(name, digest)}"
        return ListHeld(f"{name} is held: {'; '.join(doubts)}. The last figures stay; {mend}")

    # --- giving rows --------------------------------------------------------------------------------

    async def _rows(
        self, state: OfferCursor, reading: Reading, candidate: Candidate, begun: datetime, deadline: Deadline
    ) -> Page[SupplierOffer]:
        if reading.vanished is not None:
            return await self._vanished(state, reading, begun)
        opened = await self._opened(reading, candidate)
        offers: list[SupplierOffer] = []
        broken: list[Broken] = []
        line, ended = reading.line, False
        while len(offers) + len(broken) < self._page_items and not ended:
            room = self._page_items - len(offers) - len(broken)
            line, ended = await asyncio.to_thread(self._take, opened, line, room, offers, broken)
            if deadline.left() < RESERVE:
                break
        after = msgspec.structs.replace(reading, line=line, vanished=0 if ended else None)
        self._open = None if ended else _Open(after, opened.stream, opened.before)
        if ended and reading.change:
            read = (*state.changes, reading.read.digest)
            changed = msgspec.structs.replace(state, open=None, dirty=True, changes=read)
            return Page(tuple(offers), _encoded(changed), False, begun, tuple(broken))
        cursor = _encoded(msgspec.structs.replace(state, open=after))
        return Page(tuple(offers), cursor, False, begun, tuple(broken))

    def _take(
        self, opened: _Open, line: int, room: int, offers: list[SupplierOffer], broken: list[Broken]
    ) -> tuple[int, bool]:
        """Add at most `room` records from the next rows. Gives the last line, and whether the list ended."""
        with reachable(self._account):
            for entry in islice(opened.stream, _AT_ONCE):
                line = entry.line
                if entry.bad is not None:
                    broken.append(entry.bad)
                elif entry.good is not None and not self._is_known(opened, entry.good):
                    offers.append(entry.good.offer)
                else:
                    continue
                room -= 1
                if not room:
                    return line, False
            more = next(opened.stream, None)
        if more is None:
            return line, True
        opened.stream = chain([more], opened.stream)
        return line, False

    @staticmethod
    def _is_known(opened: _Open, row: Listed) -> bool:
        return not opened.reading.whole and opened.before.get(row.offer.code) == row_mark(row)

    async def _opened(self, reading: Reading, candidate: Candidate) -> _Open:
        if self._open is not None and self._open.reading == reading:
            return self._open
        stream = entries(candidate.path, candidate.name, self._options, self._zone, self._most)
        opened = await asyncio.to_thread(self._skipped, stream, reading)
        before = {} if reading.whole else await asyncio.to_thread(self._before, reading)
        return _Open(reading, opened, before)

    def _skipped(self, stream: Iterator[Entry], reading: Reading) -> Iterator[Entry]:
        """The stream after the line that was given last."""
        with reachable(self._account):
            for entry in stream if reading.line else ():
                if entry.line >= reading.line:
                    break
        return stream

    def _before(self, reading: Reading) -> dict[str, str]:
        return {code: mark for base in reading.bases for mark, _, code in self._marks.rows(base)}

    async def _vanished(self, state: OfferCursor, reading: Reading, begun: datetime) -> Page[SupplierOffer]:
        given = reading.vanished or 0
        gone = await asyncio.to_thread(self._gone, reading, given)
        if len(gone) == self._page_items:
            after = msgspec.structs.replace(
                state, open=msgspec.structs.replace(reading, vanished=given + len(gone))
            )
            return Page(tuple(gone), _encoded(after), False, begun)
        await asyncio.to_thread(self._marks.settle, reading.read.digest, reading.bases)
        through = OfferCursor(done=reading.read)  # changes since this list are read again: they are newer
        return Page(tuple(gone), _encoded(through), self._options.changes is None, begun)

    def _gone(self, reading: Reading, given: int) -> list[SupplierOffer]:
        """Codes of the bases that the list has no more, or whose rows cannot be used any more."""
        here = {code: mark for mark, _, code in self._marks.rows(reading.read.digest)}
        stock = 0 if self._options.missing is Missing.ZERO else None
        told: set[str] = set()

        def offers() -> Iterator[SupplierOffer]:
            for base in reading.bases:
                for mark, _, code in self._marks.rows(base):
                    now = here.get(code)
                    if code in told or mark == BROKEN or now not in (None, BROKEN):
                        continue
                    told.add(code)
                    yield SupplierOffer(code, None, None, None if now == BROKEN else stock)

        return list(islice(offers(), given, given + self._page_items))


def _dated(read: Read) -> datetime | None:
    return from_micros(read.dated) if read.dated is not None else None


def _touched(state: OfferCursor, done: Read, candidate: Candidate) -> OfferCursor:
    """The same list under another stamp: written again, or copied."""
    newer = to_micros(candidate.dated) if candidate.dated is not None else None
    read = msgspec.structs.replace(
        done,
        name=candidate.name,
        stamp=candidate.stamp,
        dated=max(done.dated or 0, newer) if newer is not None else done.dated,
        etag=candidate.etag,
        modified=candidate.modified,
    )
    return msgspec.structs.replace(state, done=read)


def _abandoned(state: OfferCursor, reading: Reading) -> OfferCursor:
    """What was given of a list that is no longer there must be overtaken by the next."""
    if reading.change:
        return msgspec.structs.replace(state, open=None, dirty=True)
    bases = tuple(dict.fromkeys([*state.bases, *reading.bases, reading.read.digest]))
    return msgspec.structs.replace(state, open=None, bases=bases)


def _decoded(cursor: str | None) -> OfferCursor:
    if cursor is None:
        return OfferCursor()
    try:
        return msgspec.json.decode(cursor, type=OfferCursor)
    except msgspec.MsgspecError:
        raise BadAnswer("the cursor of the list is not one of ours") from None


def _encoded(state: OfferCursor) -> str:
    return msgspec.json.encode(state).decode()
