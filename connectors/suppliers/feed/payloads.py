"""What passes between the parts: rows of files, and the cursors that the flows keep for us."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

import msgspec

from connectors.suppliers.feed.cells import Cell


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `line` counts from 1 as an editor does; `cells` by our names, of mapped columns only."""

    line: int
    cells: dict[str, Cell] = field(repr=False)
    raw: bytes = field(default=b"", repr=False)
    problem: str | None = None
    """Why the row cannot be used at all, such as too few cells."""


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A file that can be read: `stamp` changes whenever it does; `dated` is the supplier's date of it."""

    name: str
    stamp: str
    size: int
    at: datetime

    @property
    def key(self) -> str:
        """What stays when it is moved, and changes when it is sent again: its own name, size and time."""
        own = f"{self.name.rpartition('/')[2]} {self.size} {self.stamp.rpartition('-')[2]}"
        return sha256(own.encode()).hexdigest()[:16]


class Read(msgspec.Struct, frozen=True, omit_defaults=True):
    """The last list that was read to its end."""

    name: str
    stamp: str
    digest: str
    rows: int = 0
    stocked: int = 0
    dated: int | None = None
    """Microseconds since 1970."""
    etag: str | None = None
    modified: str | None = None


class Reading(msgspec.Struct, frozen=True, omit_defaults=True):
    """A list in the middle of being given: after `line`, or (`vanished`) after so many missing codes.

    `read` is what will stand as the last list when it is through.
    """

    read: Read
    line: int = 0
    vanished: int | None = None
    whole: bool = False
    """Every row is given, not only those that differ."""
    bases: tuple[str, ...] = ()
    """Digests of the lists whose codes may have gone missing."""
    change: bool = False


class OfferCursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the reading of lists stands. `changes` are the change files that were applied."""

    done: Read | None = None
    open: Reading | None = None
    bases: tuple[str, ...] = ()
    """Lists that were given in part and then replaced."""
    dirty: bool = False
    """Changes were applied since: the next full list is given whole."""
    changes: tuple[str, ...] = ()


class ReportCursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which report files were read, by stamp; and how far the present one is."""

    read: tuple[str, ...] = ()
    open: str | None = None
    given: int = 0
    etag: str | None = None
    modified: str | None = None
