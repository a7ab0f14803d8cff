"""Where a delivery becomes durable, before its vendor hears that we have it: a flow that is due, or an inbox row.

Hints of many deliveries share a commit: whoever comes while one is written waits for the next, so that a flood of
good deliveries costs a few writes a second, and no row.
"""

import asyncio
from collections.abc import Callable, Iterable

from connectors.contract import Feed
from sync.domain.ids import AccountId
from sync.flows.names import FlowName
from sync.store import inbox
from sync.store.database import Store

LOOKS: dict[Feed, tuple[FlowName, ...]] = {
    Feed.ORDERS: (FlowName.ORDERS,),
    Feed.PRODUCTS: (FlowName.CATALOGUE,),
    Feed.STOCK: (FlowName.STOCK,),
    Feed.FULFILMENTS: (FlowName.FULFILMENT,),
    Feed.OFFERS: (FlowName.OFFERS,),
    Feed.ACKNOWLEDGEMENTS: (FlowName.ACKNOWLEDGEMENTS,),
    Feed.DESPATCHES: (FlowName.DESPATCHES,),
}
"""The flows that read each feed. A feed that no flow reads yet wakes nobody."""
SELDOM: dict[FlowName, float] = {FlowName.CATALOGUE: 60.0}
"""Seconds between two looks of a flow that reads everything, for a shop tells of each unit that it sells: what comes
sooner is stored as due then."""

Key = tuple[AccountId, FlowName]


class Reception:
    """Takes deliveries in. `hint` wakes a key once its hint is stored; `now` is a clock that never goes back."""

    def __init__(
        self, store: Store, hint: Callable[[AccountId, FlowName], None], now: Callable[[], float]
    ) -> None:
        self._store = store
        self._hint = hint
        self._now = now
        self._waiting: set[Key] = set()
        self._next: asyncio.Future[None] | None = None
        self._writing = asyncio.Lock()
        self._at: dict[Key, float] = {}
        """The last time that was stored for each key of `SELDOM`."""

    async def look(self, account_id: AccountId, feeds: Iterable[Feed]) -> None:
        """These feeds have news. Returns when that is stored."""
        keys = {(account_id, flow) for feed in feeds for flow in LOOKS.get(feed, ())}
        keys = {key for key in keys if not self._is_to_come(key)}
        if not keys:
            return
        self._waiting |= keys
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        stored = self._next
        await self._write(stored)
        await stored

    async def _write(self, stored: asyncio.Future[None]) -> None:
        """Whoever comes first writes for all that have come by then."""
        async with self._writing:
            if stored.done():
                return
            keys, self._waiting, self._next = self._waiting, set(), None
            now = self._now()
            waits = {key: self._wait(key, now) for key in keys}
            try:
                async with self._store.write() as tx:
                    await inbox.look(
                        tx, {(account, flow.value): wait for (account, flow), wait in waits.items()}
                    )
            except BaseException as error:
                stored.set_exception(error if isinstance(error, Exception) else ConnectionAbortedError())
                stored.exception()  # whoever waits raises it; nobody else has to
                raise
            stored.set_result(None)
        for key, wait in sorted(waits.items()):
            if key[1] in SELDOM:
                self._at[key] = now + wait
            if not wait:
                self._hint(*key)

    def _is_to_come(self, key: Key) -> bool:
        """Whether a look at it is stored for a time that is still to come."""
        return key in self._at and self._at[key] > self._now()

    def _wait(self, key: Key, now: float) -> float:
        """Seconds until it may be looked at again; 0 for now."""
        return max(0.0, self._at[key] + SELDOM[key[1]] - now) if key in self._at else 0.0

    async def keep(self, account_id: AccountId, key: str, topic: str, payload: bytes) -> bool:
        """Store a delivery that carries data; False where it is here already."""
        async with self._store.write() as tx:
            return await inbox.keep(tx, account_id, key, topic, payload)
