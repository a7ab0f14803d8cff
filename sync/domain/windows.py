"""Local times of a zone as moments, also where the clocks change.

A time that the clocks skip (02:30 when summer time begins) means the moment of the change. A time that
comes twice (02:30 when it ends) means the first of the two where something begins, the second where it ends.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` on, and no longer at `end`; None: without such an end.

    Each is a local time without a zone, or has an offset of its own.
    """

    start: datetime | None = None
    end: datetime | None = None

    def starts_at(self, zone: tzinfo) -> datetime | None:
        """When it begins in a zone, aware UTC."""
        return None if self.start is None else instant(self.start, zone)

    def ends_at(self, zone: tzinfo) -> datetime | None:
        """The first moment in a zone that is no longer in it, aware UTC."""
        return None if self.end is None else instant(self.end, zone, ends=True)


def instant(local: datetime, zone: tzinfo, *, ends: bool = False) -> datetime:
    """The moment, aware UTC, of a naive local time; `ends`: of a time at which something ends.

    A time with an offset of its own is that moment in every zone.
    """
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    first, second = _both(local, zone)
    if first > second:
        return _change(second, first, zone)
    return second if ends else first


def day_begins(day: date, zone: tzinfo) -> datetime:
    """The first moment of a calendar day in a zone, aware UTC."""
    return instant(datetime.combine(day, time()), zone)


def is_skipped(local: datetime, zone: tzinfo) -> bool:
    """Whether the clocks of the zone jump over this naive time."""
    first, second = _both(local, zone)
    return first > second


def is_twice(local: datetime, zone: tzinfo) -> bool:
    """Whether the clocks of the zone show this naive time twice."""
    first, second = _both(local, zone)
    return first < second


def _both(local: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Read with the offset from before a change near it, and with the one from after it."""
    before, after = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return before, after


def _change(low: datetime, high: datetime, zone: tzinfo) -> datetime:
    """The moment between the two at which the zone's offset changes."""
    old = low.astimezone(zone).utcoffset()
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        if middle.astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
