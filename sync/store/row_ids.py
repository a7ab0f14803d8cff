"""Row ids that sort in the order in which they were made, also within one millisecond of a frozen clock.

UUIDv7 (RFC 9562, section 6.2, method 1): 48 bits of milliseconds, a 12 bit counter, 62 random bits. When
the counter is full, or the clock was set back, the milliseconds run on by themselves.
"""

import os

_COUNTS = 1 << 12
_POOL = 256
"""Ids for which random bits are drawn at a time."""


def earliest(micros: int) -> str:
    """No id that was made at this moment (microseconds since 1970) or later sorts before this one."""
    text = f"{max(micros // 1000, 0):012x}"
    return f"{text[:8]}-{text[8:]}-0000-0000-000000000000"


class RowIds:
    """One process's source of ids."""

    def __init__(self) -> None:
        self._last = (0, 0)
        self._pool, self._drawn = b"", 0

    def make(self, micros: int) -> str:
        """A fresh id; `micros` is the present time in microseconds since 1970."""
        milliseconds, count = max((micros // 1000, 0), (self._last[0], self._last[1] + 1))
        if count == _COUNTS:
            milliseconds, count = milliseconds + 1, 0
        self._last = (milliseconds, count)
        low = int.from_bytes(self._random(), "big") >> 2
        text = f"{(milliseconds << 16) | (0x7 << 12) | count:016x}{(0b10 << 62) | low:016x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def _random(self) -> bytes:
        """Eight fresh random bytes."""
        if self._drawn == len(self._pool):
            self._pool, self._drawn = os.urandom(8 * _POOL), 0
        self._drawn += 8
        return self._pool[self._drawn - 8 : self._drawn]
