"""Who may knock how often, and what was said already. Pure, and bounded: a flood fills no memory.

Times are seconds of a clock that never goes back.
"""

from collections import OrderedDict
from dataclasses import dataclass, field


@dataclass(slots=True)
class Rate:
    """A bucket of `burst` tokens that is filled with `per_second`; each knock takes one."""

    per_second: float
    burst: float
    _level: float = field(init=False)
    _at: float = 0.0

    def __post_init__(self) -> None:
        self._level = self.burst

    def wait(self, now: float) -> float:
        """0 where one more is let in (it is counted then); else seconds until the next one would be."""
        self._level = min(self.burst, self._level + max(0.0, now - self._at) * self.per_second)
        self._at = max(self._at, now)
        if self._level >= 1.0:
            self._level -= 1.0
            return 0.0
        return (1.0 - self._level) / self.per_second


@dataclass(slots=True)
class Said:
    """The deliveries that were taken in, the latest `most` of them; older ones are forgotten."""

    most: int = 20_000
    _known: OrderedDict[tuple[str, str], None] = field(default_factory=OrderedDict)

    def __contains__(self, delivery: tuple[str, str]) -> bool:
        """Whether this (account, id) was taken in."""
        return delivery in self._known

    def note(self, delivery: tuple[str, str]) -> None:
        """It was taken in: the same again has no effect."""
        self._known[delivery] = None
        self._known.move_to_end(delivery)
        while len(self._known) > self.most:
            self._known.popitem(last=False)
