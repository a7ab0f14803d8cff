"""A folder with one shop, and whoever serves it: a listening daemon's door, or nobody."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from config import Settings
from sync.domain.clock import SystemClock
from sync.domain.ids import AccountId
from sync.engine.answering import listen
from sync.engine.commands import COMMANDS, Office
from sync.engine.control import command
from sync.engine.lock import Lock
from sync.engine.opening import open_store
from sync.engine.refusals import CommandRefused
from sync.engine.settings_file import read_settings
from sync.flows.flow import FlowName
from sync.store import accounts
from sync.store.database import Store

LISTENING, ALONE = "over the socket", "alone"


class Bureau:
    """The place where a person's commands are carried out."""

    def __init__(self, folder: Path, listening: bool) -> None:
        self.folder = folder
        self.listening = listening
        self.settings: Settings = read_settings(folder)
        self.changed = 0
        self.hints: list[FlowName] = []
        self._stack = AsyncExitStack()
        self._store: Store | None = None

    async def open(self) -> None:
        """Make the account; where a daemon listens, keep lock and store as it does."""
        store = await open_store(self.settings, SystemClock())
        async with store.write() as tx:
            rows = await accounts.reconcile(tx, [accounts.Configured("shop", "vendure", "storefront")])
        self.id = AccountId(rows["shop"].id)
        if not self.listening:
            await store.close()
            return
        self._store = store
        self._stack.push_async_callback(store.close)
        lock = Lock(self.settings)
        lock.take()
        self._stack.callback(lock.release)
        server = await listen(self.settings, self.answer)
        self._stack.callback(server.close)

    async def close(self) -> None:
        """Leave."""
        await self._stack.aclose()

    async def answer(self, name: str, args: dict[str, Any]) -> dict[str, Any]:
        if name not in COMMANDS:
            raise CommandRefused(f"there is no command {name!r}")
        assert self._store is not None
        return await COMMANDS[name](Office(self._store, self._changed, self._hint, self.settings), args)

    async def _changed(self) -> None:
        self.changed += 1

    def _hint(self, account: AccountId, flow: FlowName) -> None:
        self.hints.append(flow)

    async def do(self, name: str, **args: Any) -> dict[str, Any]:
        """As the command line does it."""
        return await command(self.folder, name, who="ann", **args)

    async def in_store(self, act: Callable[[Any], Awaitable[Any]]) -> Any:
        """Look into the store, or put something there."""
        store = self._store or await open_store(self.settings, SystemClock())
        try:
            async with store.write() as tx:
                return await act(tx)
        finally:
            if self._store is None:
                await store.close()

    async def account(self) -> accounts.AccountRow:
        """The shop's row."""
        found: accounts.AccountRow = await self.in_store(lambda tx: accounts.by_id(tx, self.id))
        return found
