"""Quiet hours: when a customer is not told anything, whatever has happened.

They are times of day in a zone, and may go over midnight: from 21:00 until 08:00. Where the clocks change, the
rules of `sync.domain.windows` hold: an end that the clocks skip is the moment of the change, one that comes twice
is the later of the two.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from sync.domain.country_zones import COUNTRY_ZONES
from sync.domain.windows import instant

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` on, and no longer at `end`; both naive times of day, and never the same."""

    start: time
    end: time

    def loud_from(self, now: datetime, zone: tzinfo) -> datetime:
        """`now` (aware), where it is not quiet then; else the moment, aware UTC, at which the quiet ends."""
        today = now.astimezone(zone).date()
        for day in (today - _DAY, today):
            begins = instant(datetime.combine(day, self.start), zone)
            last = day if self.end > self.start else day + _DAY
            ends = instant(datetime.combine(last, self.end), zone, ends=True)
            if begins <= now < ends:
                return ends
        return now.astimezone(UTC)


def zone_of(country: str | None, otherwise: tzinfo) -> tzinfo:
    """The zone of a customer in this country, where the country has one time; else the given one."""
    name = COUNTRY_ZONES.get((country or "").upper())
    return otherwise if name is None else ZoneInfo(name)
