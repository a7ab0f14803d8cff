"""Where the feeds go on. A cursor that cannot be read (cut, or of another version) begins anew: no guess."""

from datetime import datetime

import msgspec

from sync.domain.clock import from_micros, to_micros


class Snapshot(msgspec.Struct, frozen=True, tag="snapshot-1", omit_defaults=True):
    """Inside a full snapshot of the stock: `after` is the last product read, times are microseconds.

    `begun` is our time before the first page, `since` the vendor's, where the changes begin afterwards.
    """

    after: int
    begun: int
    since: int


class Changes(msgspec.Struct, frozen=True, tag="changes-1", omit_defaults=True):
    """Inside a feed of changes: what was written at or after `since` (the vendor's time, microseconds).

    While one pass takes several pages, `after` is the last id read, and `begun` and `following` are kept
    from its first page. `opening` is the first pass, which takes all that is still open too.
    """

    since: int
    after: int = 0
    begun: int | None = None
    following: int | None = None
    opening: bool = False

    @classmethod
    def from_moment(cls, at: datetime, *, opening: bool = False) -> "Changes":
        """A pass that begins at a moment."""
        return cls(since=to_micros(at), opening=opening)

    @property
    def since_at(self) -> datetime:
        """`since` as a time."""
        return from_micros(self.since)


Cursor = Snapshot | Changes


def written(cursor: Cursor) -> str:
    """As the core keeps it."""
    return msgspec.json.encode(cursor).decode()


def read(text: str | None) -> Cursor | None:
    """The cursor, or None to begin anew."""
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=Snapshot | Changes)
    except msgspec.MsgspecError:
        return None


def read_changes(text: str | None) -> Changes | None:
    """The cursor of a feed that knows changes only."""
    cursor = read(text)
    return cursor if isinstance(cursor, Changes) else None
