"""Row ids that sort in the order in which they were made, also within one millisecond of a frozen clock.

UUIDv7 (RFC 9562, section 6.2, method 1): 48 bits of milliseconds, a 12 bit counter, 62 random bits. When
the counter is full, or the clock was set back, the milliseconds run on by themselves.
"""

import os

_COUNTS = 1 << 12
_POOL = 256
"""Ids for which random bits are drawn at a time."""
_VARIANT = {f"{digit:x}": f"{0b1000 | digit & 0b11:x}" for digit in range(16)}
"""The variant's digit by the random one in its place, of which two bits are kept."""


def earliest(micros: int) -> str:
    """No id that was made at this moment (microseconds since 1970) or later sorts before this one."""
    text = f"{max(micros // 1000, 0):012x}"
    return f"{text[:8]}-{text[8:]}-0000-0000-000000000000"


class RowIds:
    """One process's source of ids."""

    def __init__(self) -> None:
        self._milliseconds, self._count, self._head = 0, 0, _head(0)
        self._pool, self._drawn = "", 0

    def make(self, micros: int) -> str:
        """A fresh id; `micros` is the present time in microseconds since 1970."""
        self._count += 1
        if micros >= (self._milliseconds + 1) * 1000:
            self._begin(micros // 1000)
        elif self._count == _COUNTS:
            self._begin(self._milliseconds + 1)
        random = self._random()
        return f"{self._head}{self._count:03x}-{_VARIANT[random[0]]}{random[1:4]}-{random[4:]}"

    def _begin(self, milliseconds: int) -> None:
        self._milliseconds, self._count, self._head = milliseconds, 0, _head(milliseconds)

    def _random(self) -> str:
        """Sixteen fresh random hexadecimal digits."""
        if self._drawn == len(self._pool):
            self._pool, self._drawn = os.urandom(8 * _POOL).hex(), 0
        self._drawn += 16
        return self._pool[self._drawn - 16 : self._drawn]


def _head(milliseconds: int) -> str:
    text = f"{milliseconds:012x}"
    return f"{text[:8]}-{text[8:]}-7"
