"""Zones and moments as admins write them: IANA zone names, and local times in a stated zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from config.errors import near, shown
from config.units import BadUnit

ZONE_ALLOWED = "an IANA time zone: Asia/Shanghai, Europe/Berlin, UTC"
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
