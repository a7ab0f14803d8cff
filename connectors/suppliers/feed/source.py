"""Where lists come from: the newest whole file of a folder, or one document over HTTPS where it changed."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from connectors.contract import Deadline
from connectors.suppliers.feed.cells import day_in
from connectors.suppliers.feed.client import Client
from connectors.suppliers.feed.folder import ACCEPTED, Folder, plain_file, reachable, written_at
from connectors.suppliers.feed.formats import DatedBy, ListOptions
from connectors.suppliers.feed.marks import Marks
from connectors.suppliers.feed.payloads import FileSeen, Read, Reading
from sync.domain.clock import Clock


@dataclass(frozen=True, slots=True)
class Candidate:
    """A list that can be read now. `dated` is by its name or the time of its file."""

    name: str
    stamp: str
    path: Path
    dated: datetime | None
    digest: str | None = None
    etag: str | None = None
    modified: str | None = None


class Source(Protocol):
    """Where lists come from."""

    async def newest(self, last: Read | None, deadline: Deadline) -> Candidate | None:
        """The newest list; None where nothing whole is there, or nothing changed."""
        ...

    async def again(self, reading: Reading) -> Candidate | None:
        """The list that is being read; None where it is no longer the same."""
        ...

    async def accepted(self, name: str, digest: str, dated: datetime | None) -> bool:
        """Whether a person accepts this list."""
        ...

    def accept_by(self, name: str, digest: str) -> str:
        """The file that a person makes to accept it."""
        ...

    async def digest(self, candidate: Candidate) -> str:
        """The hash of its content."""
        ...


class FolderSource:
    """Lists of a folder."""

    def __init__(
        self, account: str, folder: Folder, marks: Marks, options: ListOptions, zone: ZoneInfo
    ) -> None:
        self._account = account
        self._folder = folder
        self._marks = marks
        self._options = options
        self._zone = zone

    async def newest(self, last: Read | None, deadline: Deadline) -> Candidate | None:
        """The newest by its date; while it is being written, none."""
        return await asyncio.to_thread(self._newest)

    async def again(self, reading: Reading) -> Candidate | None:
        """By its stamp."""
        return await asyncio.to_thread(self._again, reading)

    async def changes(self, read: tuple[str, ...], last: Read) -> list[FileSeen]:
        """Whole change files of after the list that were not read, the oldest first; none after a half one."""
        return await asyncio.to_thread(self._changes, read, written_at(last.stamp))

    def change(self, file: FileSeen) -> Candidate:
        """A change file as something to read."""
        return Candidate(file.name, file.stamp, self._folder.path(file.name), file.at, file.key)

    async def accepted(self, name: str, digest: str, dated: datetime | None) -> bool:
        """By `NAME.accepted` beside it, or by the mark in `state`."""
        return await asyncio.to_thread(self._accepted, name, digest)

    def accept_by(self, name: str, digest: str) -> str:
        """Beside the list."""
        return f"{self._folder.path(name)}{ACCEPTED}"

    async def digest(self, candidate: Candidate) -> str:
        """Read through once."""
        return await asyncio.to_thread(self._digest, candidate.path)

    def _newest(self) -> Candidate | None:
        files = self._folder.find(self._options.files)
        if not files:
            return None
        newest = max(files, key=lambda file: (self._dated(file), file.at, file.name))
        return self._candidate(newest) if self._folder.is_whole(newest) else None

    def _candidate(self, file: FileSeen) -> Candidate:
        return Candidate(file.name, file.stamp, self._folder.path(file.name), self._dated(file))

    def _dated(self, file: FileSeen) -> datetime:
        if self._options.guard.dated_by is DatedBy.NAME:
            return day_in(file.name, self._zone) or file.at
        return file.at

    def _again(self, reading: Reading) -> Candidate | None:
        read = reading.read
        if self._folder.stamp(read.name) != read.stamp:
            return None
        return Candidate(read.name, read.stamp, self._folder.path(read.name), None, read.digest)

    def _changes(self, read: tuple[str, ...], since: int) -> list[FileSeen]:
        found: list[FileSeen] = []
        for file in self._folder.find(self._options.changes) if self._options.changes else []:
            if file.key in read or written_at(file.stamp) < since:
                continue
            if not self._folder.is_whole(file):
                break
            found.append(file)
        return found

    def _accepted(self, name: str, digest: str) -> bool:
        files = [file for file in self._folder.find(self._options.files) if file.name == name]
        beside = any(self._folder.is_accepted(file) for file in files)
        return beside or self._marks.acceptance(digest).is_file()

    def _digest(self, path: Path) -> str:
        hashed = sha256()
        with reachable(self._account), plain_file(path) as stream:
            while block := stream.read(1 << 20):
                hashed.update(block)
        return hashed.hexdigest()


class WebSource:
    """A list over HTTPS. It is laid down in `state` while it is read.

    Where the server gives no Last-Modified, a list is as old as its content has been seen unchanged.
    """

    def __init__(self, client: Client, marks: Marks, options: ListOptions, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._marks = marks
        self._options = options

    async def newest(self, last: Read | None, deadline: Deadline) -> Candidate | None:
        """None where the server says that it has not changed."""
        etag, modified = (last.etag, last.modified) if last else (None, None)
        found = await self._client.fetch("list", self._options.files, etag, modified, deadline)
        if found is None:
            return None
        name = self._name
        path, digest = await asyncio.to_thread(self._spool, found.body, name)
        dated = found.at or self._clock.now()
        return Candidate(name, digest[:32], path, dated, digest, found.etag, found.modified)

    async def again(self, reading: Reading) -> Candidate | None:
        """The download that is kept."""
        read = reading.read
        place = self._marks.download(read.digest, self._name)
        return Candidate(read.name, read.stamp, place, None, read.digest) if place.is_file() else None

    async def accepted(self, name: str, digest: str, dated: datetime | None) -> bool:
        """By the mark in `state`."""
        return await asyncio.to_thread(self._marks.acceptance(digest).is_file)

    def accept_by(self, name: str, digest: str) -> str:
        """In `state`, by the hash of the list."""
        return str(self._marks.acceptance(digest))

    async def digest(self, candidate: Candidate) -> str:
        """Known from the download."""
        return candidate.digest or ""

    def _spool(self, body: bytes, name: str) -> tuple[Path, str]:
        return self._marks.spool(body, name, kept=True)

    @property
    def _name(self) -> str:
        return self._options.files.partition("?")[0].rpartition("/")[2] or "list"
