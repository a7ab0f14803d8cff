"""A folder of configuration with a key and a database in it, as a person has one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sync.domain.clock import SetClock
from sync.engine.opening import open_store
from sync.engine.wiring import Configuration, read_configuration
from sync.store import accounts, outbox
from sync.store.database import Store
from sync.store.sealing import new_key

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
YAML = """\
timezone: UTC
data: ./data
metrics: {listen: "off"}
accounts:
  shop: {connector: vendure, url: "http://127.0.0.1:1", username: sync, secret: "env:SHOP"}
"""


class House:
    """The folder, and what is in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = SetClock(NOON)
        folder.mkdir(parents=True)
        (folder / "entrepot.yaml").write_text(YAML)
        (folder / "data").mkdir(mode=0o700)
        self.new_key()

    def new_key(self) -> None:
        """A key that sealed nothing yet takes the place of the present one."""
        path = self.folder / "data" / "keys"
        path.unlink(missing_ok=True)
        path.touch(0o600)
        path.write_text(new_key())

    @property
    def configuration(self) -> Configuration:
        """The folder, read."""
        return read_configuration(self.folder)

    @property
    def database(self) -> Path:
        """The database's place."""
        return self.folder / "data" / "entrepot.sqlite3"

    async def opened(self, *, read_only: bool = False) -> Store:
        """The database, as the daemon opens it."""
        return await open_store(self.configuration.settings, self.clock, read_only=read_only)

    async def queue(self, key: str) -> None:
        """One creating write more in the database."""
        store = await self.opened()
        try:
            async with store.write() as tx:
                rows = await accounts.reconcile(tx, [accounts.Configured("shop", "vendure", "storefront")])
                await outbox.enqueue(
                    tx,
                    account_id=rows["shop"].id,
                    operation="confirm_shipment",
                    key=key,
                    aggregate=key,
                    payload={},
                )
        finally:
            await store.close()

    async def states(self) -> dict[str, str]:
        """The state of every creating write, by key."""
        store = await self.opened(read_only=True)
        try:
            async with store.read() as tx:
                rows = await tx.exec("SELECT key, state FROM outbox")
                return {row.key: row.state for row in rows}
        finally:
            await store.close()


@pytest.fixture
async def house(tmp_path: Path) -> House:
    made = House(tmp_path / "house")
    await made.queue("first")
    return made
