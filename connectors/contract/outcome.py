"""What a call gives back: an outcome for each item, a page of records, and the deadline that bounds it."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment, on the event loop's monotonic clock, after which an answer is of no use."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """A deadline so many seconds from now; call it inside a running loop."""
        return cls(asyncio.get_running_loop().time() + seconds)

    def left(self) -> float:
        """Seconds that remain, never below 0."""
        return max(0.0, self.at - asyncio.get_running_loop().time())


@dataclass(frozen=True, slots=True)
class Done(Generic[T_co]):
    """It happened. `external_id` names what was made; `echo` is the value that the vendor says it now holds.

    `echo` is None where the vendor echoes nothing.
    """

    external_id: str | None = None
    echo: T_co | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The vendor said no to this item. It is not sent again unchanged."""

    reason: str
    code: str = ""
    mendable: bool = True
    """Whether a person can do something about it."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Nothing happened, and it may be sent again after a while."""

    reason: str
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It was sent and no answer came: it may or may not have happened. Look it up before sending again."""

    reason: str


Outcome = Done[T_co] | Rejected | Retry | Unknown


@dataclass(frozen=True, slots=True)
class Broken:
    """A record of a page that does not fit its description: kept as it came, so that the page is not lost."""

    external_id: str | None
    why: str
    raw: bytes

    def __repr__(self) -> str:
        return f"Broken({self.external_id!r}, {self.why!r})"


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """Records in the feed's declared order.

    `cursor` is where to go on: opaque, the connector's own, stored only after the page is durable; None
    keeps the one before. `complete` says that the feed has no more for now. `begun_at` is our time just
    before the request left; everything that the vendor had committed then is in the page or a later one.
    `total` is how many records this reading has in all, by the vendor's word; for a progress bar alone.
    """

    records: tuple[T_co, ...]
    cursor: str | None
    complete: bool
    begun_at: datetime
    broken: tuple[Broken, ...] = ()
    total: int | None = None
