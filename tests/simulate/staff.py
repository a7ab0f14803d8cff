"""The merchant's own people: they read the open issues now and then, and decide what only a person can.

They release what only looks doubled, and cancel in the shop what nobody can send. What they decided after a backup
is gone with a restore; they find the issue again and decide again.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from sync.store import issues
from tests.simulate.program import Program, ProgramFailed
from tests.simulate.trade import Trade

_EVERY = timedelta(hours=3)


@dataclass(slots=True)
class Staff:
    """Whoever reads `entrepot issues` in this business."""

    program: Program
    trade: Trade
    _next: timedelta = field(default=timedelta(0))

    async def look(self, now: timedelta) -> None:
        """Decide on what is open, where it is time for a look."""
        if now < self._next:
            return
        self._next = now + _EVERY
        for issue in await self.program.read(issues.list_open):
            if issue.kind == "order.held" and "looks doubled" in issue.what:
                await self._release(issue.subject)
            elif issue.kind in ("order.held", "order.short"):
                await self._cancel(issue.subject)

    async def _release(self, order: str) -> None:
        try:
            await self.program.ask("release", order=order, rule="looks doubled")
        except ProgramFailed as failed:
            if "has no such hold" not in str(failed):  # it ended by itself between our look and our word
                raise
            return
        self.trade.counts["holds released"] += 1

    async def _cancel(self, named: str) -> None:
        shop, _, order = named.partition("/")
        body = {"shop": shop, "order": order, "reason": "nobody can send it"}
        done = await self.trade.world.attempt("/cancel", **body)
        self.trade.counts["cancelled by staff" if done else "cancels refused"] += 1
