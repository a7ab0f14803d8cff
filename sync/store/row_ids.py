"""Row ids that sort in the order in which they were made, also within one millisecond of a frozen clock.

UUIDv7 (RFC 9562, section 6.2, method 1): 48 bits of milliseconds, a 12 bit counter, 62 random bits. When
the counter is full, or the clock was set back, the milliseconds run on by themselves.
"""

import secrets
import uuid

_COUNTS = 1 << 12


class RowIds:
    """One process's source of ids."""

    def __init__(self) -> None:
        self._last = (0, 0)

    def make(self, micros: int) -> str:
        """A fresh id; `micros` is the present time in microseconds since 1970."""
        milliseconds, count = max((micros // 1000, 0), (self._last[0], self._last[1] + 1))
        if count == _COUNTS:
            milliseconds, count = milliseconds + 1, 0
        self._last = (milliseconds, count)
        value = (milliseconds << 80) | (0x7 << 76) | (count << 64) | (0b10 << 62) | secrets.randbits(62)
        return str(uuid.UUID(int=value))
