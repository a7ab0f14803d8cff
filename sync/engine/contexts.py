"""What a pass is given: its account, the rules in force, and how to wake others or wait for them."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from datetime import datetime
from functools import partial

from sync.domain.clock import Clock
from sync.domain.ids import AccountId
from sync.engine.house import House, Post
from sync.engine.keys import Key, Keys
from sync.engine.progress import Progress
from sync.engine.slots import Seat, Slots
from sync.flows.flow import FlowContext, FlowName, InForce
from sync.store.database import Fence, Store


class Contexts:
    """Makes the contexts of one runner's passes. `hint` and `may_run` are the runner's; `house` is its house now."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        keys: Keys,
        slots: Slots,
        *,
        house: Callable[[], House | None],
        hint: Callable[[AccountId, FlowName], None],
        may_run: Callable[[Key], bool],
        fresh_seconds: float,
        progress: Progress,
    ) -> None:
        self._store = store
        self._clock = clock
        self._keys = keys
        self._slots = slots
        self._house = house
        self._hint = hint
        self._may_run = may_run
        self._fresh_seconds = fresh_seconds
        self._progress = progress

    def make(self, post: Post, key: Key, fence: Fence) -> FlowContext:
        """For one pass of `key`, or what is done under its account's lease."""
        return FlowContext(
            account=post.view,
            connector=post.connector,
            manifest=post.manifest,
            store=self._store,
            fence=fence,
            in_force=self._ruling(post),
            clock=self._clock,
            hint=self._hint,
            fresh=self._freshener(key),
            progress=partial(self._progress.page, post.view.name, key.flow.name),
            vendor_ahead=lambda: post.vendor_clock.ahead,
        )

    def _ruling(self, post: Post) -> Callable[[], InForce]:
        """What the house of each moment says; `post` is known to its own pass, though it may be gone."""
        kept: tuple[House, InForce] | None = None

        def in_force() -> InForce:
            nonlocal kept
            house = self._house()
            if house is None:
                raise RuntimeError("a pass runs before anything is wired")
            if kept is None or kept[0] is not house:
                kept = (
                    house,
                    InForce(
                        rulebook=house.rulebook,
                        timing=house.timing,
                        accounts={post.view.id: post.view, **house.accounts},
                        manifests={post.view.id: post.manifest, **house.manifests},
                        notifiers=house.notifiers,
                    ),
                )
            return kept[1]

        return in_force

    def _freshener(self, asking: Key) -> Callable[[FlowName, datetime], Awaitable[bool]]:
        async def fresh(flow: FlowName, since: datetime) -> bool:
            return await self._fresh(asking, flow, since)

        return fresh

    async def _fresh(self, asking: Key, flow: FlowName, since: datetime) -> bool:
        key = self._keys.get(asking.account_id, flow)
        if key is None or key is asking:
            return False
        until = asyncio.get_running_loop().time() + self._fresh_seconds
        while key.fresh_at is None or key.fresh_at < since:
            if not self._may_run(key):
                return False
            if not key.looks_after(since):
                self._hint(key.account_id, flow)
            if not await self._ended(key, asking.seat, until):
                return False
        return True

    async def _ended(self, key: Key, seat: Seat | None, until: float) -> bool:
        """Wait without holding a slot, so that those who wait can never keep out what they wait for.

        The time limit ends the waiting only: who goes on afterwards has taken its slot again.
        """
        ended = key.ended
        async with nullcontext() if seat is None else self._slots.lent(seat):
            try:
                async with asyncio.timeout_at(until):
                    await ended.wait()
            except TimeoutError:
                return False
        return True
