"""The pace of one account: a receive-anchored window for each of the vendor's rate limits.

A rule of N calls in a period is N slots. A slot that a call took comes back one period after the call's
answer *arrived*. The vendor counted the call before that, so whatever the network's jitter and whatever
window the vendor uses (fixed, sliding, leaky), it never sees more than N calls in a period.

Calls wait in lanes: the lowest lane first, within a lane the earliest. A call that needs several slots
takes them all at once or none, so no two calls can wait for each other. A call that lacks one slot keeps
claim on the others only where it will get the missing one within their own period: so that a daily quota
that is used up does not stop the calls that do not count against it.
"""

import asyncio
import bisect
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from connectors.contract import PaceRule

MARGIN = 0.001
"""Seconds added to each period: vendors' clocks count in milliseconds, and some count both ends."""


class NoSlot(Exception):
    """The call's turn cannot come in time; `wait` is how many seconds it would take, as far as is known."""

    def __init__(self, wait: float) -> None:
        super().__init__("no slot before the deadline")
        self.wait = wait


@dataclass(slots=True)
class _Window:
    calls: int
    period: float
    held: int = 0
    arrived: deque[float] = field(default_factory=deque)
    paused_until: float = 0.0

    def settle(self, now: float) -> None:
        while self.arrived and self.arrived[0] + self.period <= now:
            self.arrived.popleft()

    def free(self, now: float) -> int:
        return 0 if self.paused_until > now else self.calls - self.held - len(self.arrived)

    def not_before(self, now: float) -> float:
        """The earliest moment at which a slot can be free, given what is known now."""
        ready = now
        if self.held + len(self.arrived) >= self.calls:
            surplus = self.held + len(self.arrived) - self.calls
            known = len(self.arrived) > surplus
            ready = self.arrived[surplus] + self.period if known else now + self.period
        return max(ready, self.paused_until)


@dataclass(slots=True, eq=False)
class _Waiter:
    lane: int
    number: int
    keys: tuple[str, ...]
    until: float
    turn: asyncio.Future[None]

    @property
    def rank(self) -> tuple[int, int]:
        return (self.lane, self.number)


class Slot:
    """The right to send one request. Give it back by `answered` or, where nothing left, by `unsent`."""

    __slots__ = ("_keys", "_open", "_pace")

    def __init__(self, pace: "Pace", keys: tuple[str, ...]) -> None:
        self._pace = pace
        self._keys = keys
        self._open = True

    def answered(self) -> None:
        """An answer came, or may still have been caused: the slot comes back one period from now."""
        self._end(counted=True)

    def unsent(self) -> None:
        """The request never left: the slot is free again."""
        self._end(counted=False)

    def _end(self, *, counted: bool) -> None:
        if self._open:
            self._open = False
            self._pace.give_back(self._keys, counted=counted)


class Pace:
    """All rate limits of one account, and how many requests may be under way at once."""

    def __init__(self, rules: Iterable[PaceRule], *, concurrency: int) -> None:
        self._windows = {
            rule.key: _Window(rule.calls, rule.period.total_seconds() + MARGIN) for rule in rules
        }
        self._windows[""] = _Window(max(1, concurrency), 0.0)
        self._waiters: list[_Waiter] = []
        self._numbers = count()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """How many calls wait now."""
        return len(self._waiters)

    async def acquire(self, keys: Sequence[str], lane: int, until: float) -> Slot:
        """A slot of every rule named; keys without a rule are not paced.

        Raises NoSlot where the turn cannot come before `until` (loop time), at once where that is
        already known. A cancelled caller leaves nothing taken.
        """
        loop = asyncio.get_running_loop()
        known = tuple(dict.fromkeys(key for key in keys if key in self._windows))
        waiter = _Waiter(lane, next(self._numbers), (*known, ""), until, loop.create_future())
        now = loop.time()
        earliest = max(self._settled(now, key).not_before(now) for key in known) if known else now
        if earliest > until:
            raise NoSlot(earliest - now)
        bisect.insort(self._waiters, waiter, key=lambda each: each.rank)
        self._serve()
        try:
            async with asyncio.timeout_at(until):
                await waiter.turn
        except BaseException as error:
            if isinstance(error, NoSlot):
                raise
            self._withdraw(waiter)
            if isinstance(error, TimeoutError):
                raise NoSlot(max(0.0, self._earliest(waiter) - loop.time())) from None
            raise
        return Slot(self, waiter.keys)

    def pause(self, keys: Iterable[str], seconds: float) -> None:
        """Let no call with one of these keys leave for so long; an earlier, longer pause stays."""
        until = asyncio.get_running_loop().time() + seconds
        for key in keys:
            window = self._windows.get(key)
            if window is None:
                window = self._windows[key] = _Window(1_000_000_000, 0.0)
            window.paused_until = max(window.paused_until, until)
        self._dismiss()
        self._serve()

    def change(self, key: str, calls: int, period: timedelta) -> None:
        """Follow the vendor's own word about a rate: from now on `calls` in `period`."""
        window = self._windows.setdefault(key, _Window(calls, 0.0))
        window.calls, window.period = max(1, calls), period.total_seconds() + MARGIN
        self._serve()

    def give_back(self, keys: tuple[str, ...], *, counted: bool) -> None:
        """Used by Slot."""
        now = asyncio.get_running_loop().time()
        for key in keys:
            window = self._windows[key]
            window.held -= 1
            if counted and window.period > 0:
                window.arrived.append(now)
        self._serve()

    def _withdraw(self, waiter: _Waiter) -> None:
        if waiter in self._waiters:
            self._waiters.remove(waiter)
            self._serve()
        elif waiter.turn.done() and not waiter.turn.cancelled():
            self.give_back(waiter.keys, counted=False)

    def _dismiss(self) -> None:
        """Tell those whose turn can no longer come in time, rather than let them wait for nothing."""
        now = asyncio.get_running_loop().time()
        for waiter in list(self._waiters):
            earliest = self._earliest(waiter)
            if earliest > waiter.until and not waiter.turn.done():
                self._waiters.remove(waiter)
                waiter.turn.set_exception(NoSlot(earliest - now))

    def _settled(self, now: float, key: str) -> _Window:
        window = self._windows[key]
        window.settle(now)
        return window

    def _earliest(self, waiter: _Waiter) -> float:
        now = asyncio.get_running_loop().time()
        return max(self._settled(now, key).not_before(now) for key in waiter.keys)

    def _serve(self) -> None:
        """Let every waiter go whose turn it is, and wake up again when the next slot comes back."""
        now = asyncio.get_running_loop().time()
        for window in self._windows.values():
            window.settle(now)
        claims: Counter[str] = Counter()
        for waiter in list(self._waiters):
            lacking = [key for key in waiter.keys if self._windows[key].free(now) <= claims[key]]
            if lacking:
                claims.update(self._claimed(waiter, lacking, now))
                continue
            self._waiters.remove(waiter)
            if not waiter.turn.done():
                waiter.turn.set_result(None)
                for key in waiter.keys:
                    self._windows[key].held += 1
        self._wake(now)

    def _claimed(self, waiter: _Waiter, lacking: list[str], now: float) -> Iterator[str]:
        wait = max(self._windows[key].not_before(now) for key in lacking) - now
        for key in waiter.keys:
            if key in lacking or wait <= self._windows[key].period:
                yield key

    def _wake(self, now: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        wanted = {key for waiter in self._waiters for key in waiter.keys}
        times = [when for key in wanted if (when := self._windows[key].not_before(now)) > now]
        if times:
            self._timer = asyncio.get_running_loop().call_at(min(times), self._serve)
