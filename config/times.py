"""Zones and moments as admins write them: IANA zone names, and local times in a stated zone."""

import re
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from config.errors import near, shown
from config.units import BadUnit
from sync.domain.windows import instant

ZONE_ALLOWED = "an IANA time zone: Asia/Shanghai, Europe/Berlin, UTC"
LOCAL_ALLOWED = "a date, or a date with a time: 2026-06-11, 2026-06-11 19:00"
_LOCAL = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?")
MOMENT_ALLOWED = "a date or a time: 2026-06-01, 2026-06-01 09:00, 2026-06-01T09:00+08:00"


def zone(text: str) -> ZoneInfo:
    """The IANA zone of that name. BadUnit otherwise."""
    name = text.strip()
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadUnit(f"{shown(name)} is not a time zone", ZONE_ALLOWED, _near_zone(name)) from None


def _near_zone(name: str) -> str:
    zones = available_timezones()
    cities = {zone.rpartition("/")[2]: zone for zone in sorted(zones, reverse=True)}
    return near(name, zones) or cities.get(near(name.rpartition("/")[2], cities), "")


def moment(text: str, local: ZoneInfo) -> datetime:
    """A date or time as aware UTC; one without an offset is in `local`. BadUnit otherwise."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadUnit(f"{shown(text)} is not a time", MOMENT_ALLOWED) from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=local)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise BadUnit(f"{shown(text)} is not a time", MOMENT_ALLOWED) from None


def local_time(text: str) -> datetime:
    """`2026-06-11 19:00` as it stands: without a zone, or aware where it has an offset. BadUnit otherwise."""
    clean = text.strip()
    if not _LOCAL.fullmatch(clean):
        raise BadUnit(f"{shown(text)} is not a time", LOCAL_ALLOWED)
    try:
        return datetime.fromisoformat(clean)
    except ValueError:
        raise BadUnit(f"{shown(text)} is not in the calendar", LOCAL_ALLOWED) from None


def in_zone(when: datetime, zone: tzinfo, *, ends: bool = False) -> datetime:
    """As aware UTC; without an offset it is the zone's time, also where the clocks change: see `instant`."""
    return instant(when, zone, ends=ends)
