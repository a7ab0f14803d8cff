"""What a shop does a moment later, by its own clock: jobs, bulk operations, deliveries.

A clock that stands still is looked at with every request; a running one wakes the server's loop as well.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.clock import Clock

_AFTER = 0.01
"""Seconds that the loop waits beyond the moment, so that it has surely come."""


@dataclass(slots=True)
class Agenda:
    """Acts that wait for their time."""

    clock: Clock
    _waiting: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)

    def later(self, seconds: float, act: Callable[[], None]) -> datetime:
        """Do something after so many seconds of the shop's clock; tells when."""
        due = self.clock.now() + timedelta(seconds=seconds)
        self._waiting.append((due, act))
        try:
            asyncio.get_running_loop().call_later(seconds + _AFTER, self.run_due)
        except RuntimeError:  # nobody serves the shop yet; the next request finds it due
            return due
        return due

    def run_due(self) -> None:
        """Do all that is due by now, in the order in which it was put off."""
        now = self.clock.now()
        due = [act for when, act in self._waiting if when <= now]
        self._waiting = [(when, act) for when, act in self._waiting if when > now]
        for act in due:
            act()
