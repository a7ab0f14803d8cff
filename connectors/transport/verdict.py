"""What a status line means, before a connector looks at the body; and when the vendor wants us back."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from connectors.contract import AuthRejected, ConnectorError, Refused, Throttled, Unavailable

TRY_LATER = frozenset({408, 425})
"""4xx by number only: the server did not want, or did not get, the request at this moment."""
OUT = frozenset({502, 503, 504})
"""The vendor is out, as opposed to one request that made it fail (500)."""

DONE_OR_ELSEWHERE = frozenset({302, 303})
"""Redirects that a server also sends after it has done what was asked."""


LONGEST_WAIT = timedelta(days=1)
"""The longest Retry-After that is followed: daily quotas come back within a day."""


def http_date(text: str | None) -> datetime | None:
    """An HTTP date (RFC 9110, 5.6.7) as aware UTC; None where there is none or it makes no sense."""
    if not text:
        return None
    try:
        at = parsedate_to_datetime(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Retry-After, in seconds or as a date; a date counts from the vendor's own Date, for clocks differ.

    Never longer than LONGEST_WAIT, so that no vendor can silence its account for good.
    """
    text = headers.get("retry-after", "").strip()
    try:
        return _bounded(timedelta(seconds=float(text)))
    except (ValueError, OverflowError):
        pass
    at = http_date(text)
    if at is None:
        return None
    return _bounded(at - (http_date(headers.get("date")) or now))


def _bounded(wait: timedelta) -> timedelta:
    return min(max(timedelta(0), wait), LONGEST_WAIT)


def verdict(status: int, label: str, wait: timedelta | None) -> ConnectorError:
    """The error that a status outside 2xx means, where the connector did not say that it accepts it."""
    if status == 429:
        return Throttled(f"{label}: the vendor asks us to slow down (429)", retry_after=wait)
    if status in (401, 403):
        return AuthRejected(f"{label}: the vendor refuses the credentials ({status})")
    if 300 <= status < 400:
        return Refused(
            f"{label}: the vendor redirects ({status}), which is not followed: check the url option",
            code=str(status),
        )
    if status >= 500 or status in TRY_LATER:
        return Unavailable(f"{label}: the vendor answered {status}", retry_after=wait)
    return Refused(f"{label}: the vendor refused the request ({status})", code=str(status))
