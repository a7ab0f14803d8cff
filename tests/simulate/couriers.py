"""How parcels travel, in simulated hours: most arrive, some are refused, lost, stuck or sent back.

Whatever the ledger says has been handed over is given to a driver once, and scanned when its time has come. A
scan is the courier's own doing: an outage of its interface does not stop a van.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from sandbox.fates import LOST, REFUSED, RETURNING, STUCK, USUAL, Scan
from tests.simulate.world import World, WorldGone

_HOURS_A_SECOND = 1.5
"""A journey of the sandbox's own people takes seconds; here each of them is some hours."""


@dataclass(slots=True)
class Couriers:
    """All drivers. `on_the_way` counts parcels that still have scans before them."""

    world: World
    random: Random
    _taken: set[str] = field(default_factory=set)
    _scans: list[tuple[timedelta, str, Scan]] = field(default_factory=list)

    @property
    def next_scan(self) -> timedelta | None:
        """When the next parcel is scanned; None where none is under way."""
        return min((at for at, _, _ in self._scans), default=None)

    def hand_over(self, entries: Iterable[dict[str, Any]], now: timedelta) -> None:
        """Take the parcels that these entries of the ledger say have left."""
        for entry in entries:
            if entry["kind"] == "shipment_shipped":
                for tracking in entry["facts"].get("tracking") or ():
                    self._take(tracking, now)

    def _take(self, tracking: str, now: timedelta) -> None:
        if tracking in self._taken:
            return
        self._taken.add(tracking)
        journey = self.random.choices((USUAL, REFUSED, LOST, STUCK, RETURNING), (90, 3, 2, 3, 2))[0]
        at = now
        for scan in journey:
            at += timedelta(hours=scan.after * _HOURS_A_SECOND * self.random.uniform(0.6, 1.4))
            self._scans.append((at, tracking, scan))

    async def go(self, now: timedelta) -> int:
        """Scan what is due, in the order of its time. Returns how many scans there were."""
        due = sorted((one for one in self._scans if one[0] <= now), key=lambda one: one[0])
        self._scans = [one for one in self._scans if one[0] > now]
        for _, tracking, scan in due:
            body = {"tracking": tracking, "status": scan.status, "description": scan.description}
            try:
                await self.world.act("POST", "/courier/scan", {**body, "reason": scan.reason})
            except WorldGone as error:
                if "answers 404" not in str(error):  # a number that only the supplier's carrier knows
                    raise
        return len(due)
