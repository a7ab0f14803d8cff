"""Acknowledgements and despatch notes: each file once, as reports of an order's lines.

The cursor holds the marks of the files that were read, so that a file that arrives late is not passed over. A
file is moved to `done` by the call after, when the cursor proves that its reports are stored. One that cannot
be used as a whole is told and tried again; where a row cannot be used, the rows of its order in that file wait
with it, so that a mended file tells each line once.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import msgspec

from connectors.contract import BadAnswer, Broken, Deadline, Page
from connectors.contract.supplier import SupplierReport
from connectors.suppliers.feed.client import Client, NotThere
from connectors.suppliers.feed.folder import Folder, reachable
from connectors.suppliers.feed.noting import Answer, Desk, Note
from connectors.suppliers.feed.payloads import FileSeen, ReportCursor
from sync.domain.clock import Clock

_LOOK_BACK = timedelta(days=30)
"""How long files in `done` are still looked at: a restored backup may not know them."""


@dataclass(frozen=True, slots=True)
class _Paper:
    """A document that can be read: `key` marks its content."""

    key: str
    name: str
    path: Path
    at: datetime
    passing: bool = False


class Reports:
    """One kind of report of one supplier."""

    def __init__(
        self,
        account: str,
        desk: Desk,
        *,
        folder: Folder | None,
        client: Client | None,
        clock: Clock,
        page_items: int,
    ) -> None:
        self._account = account
        self._desk = desk
        self._options = desk.options
        self._folder = folder
        self._client = client
        self._clock = clock
        self._page_items = page_items
        self._kept: tuple[str, Note] | None = None

    async def page(self, cursor: str | None, deadline: Deadline) -> Page[SupplierReport]:
        """The next reports. Raises Unavailable where folder or server cannot be reached."""
        begun = self._clock.now()
        state = _decoded(cursor)
        if self._client is not None:
            return await self._web_page(self._client, state, begun, deadline)
        papers = await asyncio.to_thread(self._papers, state)
        return await self._next(state, papers, begun)

    async def answer(self, reference: str, deadline: Deadline) -> Answer:
        """Everything that was ever said of an order, in files in `done` too."""
        if self._client is not None:
            found = await self._download(self._client, ReportCursor(), deadline)
            papers = [found[0]] if found is not None else []
        else:
            papers = await asyncio.to_thread(self._all_papers)
        said = Answer()
        for paper in papers:
            try:
                said.add((await self._noted(paper)).answers.get(reference, Answer()))
            except BadAnswer:  # `page` tells it
                continue
        return said

    # --- a folder -----------------------------------------------------------------------------------

    def _papers(self, state: ReportCursor) -> list[_Paper]:
        """Whole files that were not read yet, the oldest first; those that were are moved away."""
        read = set(state.read)
        waiting = self._found(self._options.files)
        if self._options.done is not None:
            for file in waiting:
                if self._folder is not None and file.key in read:
                    self._folder.move(file.name, self._options.done)
        papers = [self._paper(file) for file in self._found(self._options.files)]
        return [*papers, *self._moved(self._clock.now() - _LOOK_BACK)]

    def _moved(self, since: datetime | None) -> list[_Paper]:
        if self._options.done is None or self._folder is None:
            return []
        name = self._options.files.rpartition("/")[2]
        files = self._folder.find(f"{self._options.done.rstrip('/')}/{name}", most=None)
        return [self._paper(file) for file in files if since is None or file.at >= since]

    def _all_papers(self) -> list[_Paper]:
        return [*(self._paper(file) for file in self._found(self._options.files)), *self._moved(None)]

    def _found(self, pattern: str) -> list[FileSeen]:
        assert self._folder is not None  # noqa: S101 - one of folder and client is there
        return [file for file in self._folder.find(pattern) if self._folder.is_whole(file)]

    def _paper(self, file: FileSeen) -> _Paper:
        assert self._folder is not None  # noqa: S101 - as above
        return _Paper(file.key, file.name, self._folder.path(file.name), file.at)

    async def _next(self, state: ReportCursor, papers: list[_Paper], begun: datetime) -> Page[SupplierReport]:
        there = {paper.key for paper in papers}
        read = tuple(key for key in state.read if key in there)
        broken: list[Broken] = []
        unread = [paper for paper in papers if paper.key not in read]
        for place, paper in enumerate(unread):
            try:
                found = await self._noted(paper)
            except BadAnswer as error:
                if self._client is not None:  # there is one document only
                    raise
                broken.append(Broken(paper.name, str(error), b""))
                continue
            given = state.given if state.open == paper.key else 0
            some = found.reports[given : given + self._page_items]
            through = given + len(some) >= len(found.reports)
            if through:
                broken += found.broken
                after = ReportCursor(read=(*read, paper.key))
            else:
                after = ReportCursor(read=read, open=paper.key, given=given + len(some))
            complete = through and place == len(unread) - 1
            return Page(tuple(some), _encoded(after), complete, begun, tuple(broken))
        return Page((), _encoded(ReportCursor(read=read)), True, begun, tuple(broken))

    # --- over HTTPS ---------------------------------------------------------------------------------

    async def _web_page(
        self, client: Client, state: ReportCursor, begun: datetime, deadline: Deadline
    ) -> Page[SupplierReport]:
        found = await self._download(client, state, deadline)
        if found is None:
            return Page((), _encoded(state), True, begun)
        paper, etag, modified = found
        page = await self._next(state, [paper], begun)
        after = _decoded(page.cursor)
        if after.open is None and paper.key in after.read:
            after = msgspec.structs.replace(after, etag=etag, modified=modified)
        return Page(page.records, _encoded(after), page.complete, begun, page.broken)

    async def _download(
        self, client: Client, state: ReportCursor, deadline: Deadline
    ) -> tuple[_Paper, str | None, str | None] | None:
        """The document; None where it has not changed, or is not there yet."""
        try:
            found = await client.fetch(
                self._desk.kind, self._options.files, state.etag, state.modified, deadline
            )
        except NotThere:
            return None
        if found is None or not found.body:
            return None
        name = self._options.files.partition("?")[0].rpartition("/")[2]
        key = sha256(found.body).hexdigest()[:16]
        if self._kept is not None and self._kept[0] == key:
            return _Paper(key, name, Path(), found.at or self._clock.now()), found.etag, found.modified
        path, _ = await asyncio.to_thread(self._spool, found.body, name)
        at = found.at or self._clock.now()
        return _Paper(key, name, path, at, passing=True), found.etag, found.modified

    def _spool(self, body: bytes, name: str) -> tuple[Path, str]:
        return self._desk.marks.spool(body, name, kept=False)

    # --- reading ------------------------------------------------------------------------------------

    async def _noted(self, paper: _Paper) -> Note:
        """The document's reports; those of the last one are kept while it is given page by page."""
        if self._kept is None or self._kept[0] != paper.key:
            self._kept = (paper.key, await asyncio.to_thread(self._read, paper))
        return self._kept[1]

    def _read(self, paper: _Paper) -> Note:
        try:
            with reachable(self._account):
                return self._desk.note(paper.path, paper.name, paper.at)
        finally:
            if paper.passing:
                self._desk.marks.forget(paper.path)


def _decoded(cursor: str | None) -> ReportCursor:
    if cursor is None:
        return ReportCursor()
    try:
        return msgspec.json.decode(cursor, type=ReportCursor)
    except msgspec.MsgspecError:
        raise BadAnswer("the cursor of the reports is not one of ours") from None


def _encoded(state: ReportCursor) -> str:
    return msgspec.json.encode(state).decode()
