"""A fresh migrated SQLite file for each test, a clock that stands still, and works that are stopped at the end."""

import io
import logging
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.domain.clock import SetClock
from sync.flows.flow import Flow
from sync.store import migrate
from sync.store.database import Store
from sync.store.sealing import KeyRing, Sealer, new_key
from sync.telemetry.logs import LogForm, set_up_logs
from tests.integration.engine.bureau import ALONE, LISTENING, Bureau
from tests.integration.engine.workshop import NOON, Works

Opener = Callable[..., Awaitable[Works]]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "entrepot.sqlite3"
    migrate.upgrade(path)
    return path


@pytest.fixture
def file(migrated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(migrated, tmp_path / "entrepot.sqlite3"))


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOON)


@pytest.fixture
async def store(file: Path, clock: SetClock) -> AsyncIterator[Store]:
    store = await Store.open(file, clock=clock, sealer=Sealer(KeyRing.parse(new_key())))
    yield store
    await store.close()


@pytest.fixture
async def works(store: Store, clock: SetClock) -> AsyncIterator[Opener]:
    """Opens works; each is drained when the test is over."""
    opened: list[Works] = []

    async def open_works(*flows: Flow, **more: Any) -> Works:
        made = await Works.open(store, clock, flows, **more)
        opened.append(made)
        return made

    yield open_works
    for each in opened:
        await each.runner.drain()


@pytest.fixture
def no_key_outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's own key and clock variables are out of the way."""
    for name in ("ENTREPOT_KEY", "ENTREPOT_KEY_FILE", "ENTREPOT_TEST_CLOCK"):
        monkeypatch.delenv(name, raising=False)
    yield


@pytest.fixture(params=[LISTENING, ALONE])
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bureau]:
    (tmp_path / "entrepot.yaml").write_text("timezone: UTC\naccounts: {}\n")
    keys = tmp_path / "entrepot-data" / "keys"
    keys.parent.mkdir(mode=0o700)
    keys.touch(0o600)
    keys.write_text(new_key())
    made = Bureau(tmp_path, request.param == LISTENING)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The daemon's log, as JSON lines."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    set_up_logs(LogForm.JSON, "INFO", stream)
    yield stream
    root.handlers, root.level = before, level
