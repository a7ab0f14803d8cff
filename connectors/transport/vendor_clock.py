"""How far a vendor's clock is from ours, by the Date header of its answers (RFC 9110, 6.6.1).

The transport notes every answer; the engine reads `off`. One odd answer tells nothing: of the last few the one
nearest to our clock counts.
"""

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta

from connectors.transport.verdict import http_date

ANSWERS = 3
"""So many answers must agree."""
RESOLUTION = timedelta(seconds=2)


class VendorClock:
    """One account's vendor, as its answers show it."""

    def __init__(self) -> None:
        self._last: deque[timedelta] = deque(maxlen=ANSWERS)

    def note(self, headers: Mapping[str, str], sent: datetime, got: datetime) -> None:
        """An answer to a request that was sent and answered at these times of ours; names in lower case.

        One from a cache (it has an Age) bears the time of an older answer, and is left out.
        """
        date = http_date(headers.get("date"))
        if date is not None and "age" not in headers:
            self._last.append(min(date - sent, timedelta(0)) + max(date - got, timedelta(0)))

    @property
    def ahead(self) -> timedelta:
        """By how much the vendor's times are later than ours would be; none where the difference may be none.

        A Date is told to the second, so that less than two seconds say nothing.
        """
        off = self.off
        return off if off is not None and abs(off) >= RESOLUTION else timedelta(0)

    @property
    def off(self) -> timedelta | None:
        """The vendor's time less ours, to the second; None while too few answers are known."""
        return min(self._last, key=abs) if len(self._last) == ANSWERS else None
