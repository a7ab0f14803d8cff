"""Rate limits as vendors enforce them: a fixed window, a sliding window, or a leaky bucket."""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class Shape(StrEnum):
    """How calls are counted."""

    FIXED = "fixed"
    SLIDING = "sliding"
    LEAKY = "leaky"


@dataclass(slots=True)
class Limit:
    """At most `calls` in `seconds`, counted as `shape` says."""

    shape: Shape
    calls: int
    seconds: float
    now: Callable[[], float] = time.monotonic
    refused: int = 0
    _window: float = -math.inf
    _count: int = 0
    _times: deque[float] = field(default_factory=deque)
    _level: float = 0.0
    _at: float | None = None

    def wait(self) -> float | None:
        """None when this call may pass (it is then counted), else the seconds until one may."""
        count = {Shape.FIXED: self._fixed, Shape.SLIDING: self._sliding, Shape.LEAKY: self._leaky}
        wait = count[self.shape](self.now())
        self.refused += wait is not None
        return wait

    def _fixed(self, now: float) -> float | None:
        window = now // self.seconds
        if window != self._window:
            self._window, self._count = window, 0
        if self._count >= self.calls:
            return (window + 1) * self.seconds - now
        self._count += 1
        return None

    def _sliding(self, now: float) -> float | None:
        while self._times and self._times[0] <= now - self.seconds:
            self._times.popleft()
        if len(self._times) >= self.calls:
            return self._times[0] + self.seconds - now
        self._times.append(now)
        return None

    def _leaky(self, now: float) -> float | None:
        drained = 0.0 if self._at is None else (now - self._at) * self.calls / self.seconds
        self._level, self._at = max(0.0, self._level - drained), now
        if self._level + 1 > self.calls:
            return (self._level + 1 - self.calls) * self.seconds / self.calls
        self._level += 1
        return None
