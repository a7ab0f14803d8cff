"""Fixtures for tests that must hold on both databases. A conftest imports those that it wants.

`database` gives every test that asks for it (or for what is built on it) once on SQLite and once on
PostgreSQL: a fresh migrated database each.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sync.store import migrate
from tests.databases.servers import Server, copied, find, refuse_or_skip

SQLITE, POSTGRESQL = "sqlite", "postgresql"


@dataclass(frozen=True, slots=True)
class Place:
    """A database by its address; `server` where it is on PostgreSQL."""

    address: Path | str
    server: Server | None = None

    @property
    def kind(self) -> str:
        """Which of the two."""
        return SQLITE if isinstance(self.address, Path) else POSTGRESQL


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "entrepot.sqlite3"
    migrate.upgrade(path)
    return path


@pytest.fixture(scope="session")
def found_server() -> Iterator[Server | None]:
    """The PostgreSQL server of this run, looked for when the first test needs it; None where there is none."""
    server = find()
    yield server
    if server is not None:
        server.close()


@pytest.fixture
def postgresql(request: pytest.FixtureRequest) -> Server:
    """The server. Without one the test is skipped, and fails under CI."""
    server: Server | None = request.getfixturevalue("found_server")
    if server is None:
        refuse_or_skip()
    assert server is not None
    return server


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A fresh migrated database of each kind."""
    if request.param == SQLITE:
        source: Path = request.getfixturevalue("migrated_file")
        yield Place(Path(shutil.copy(source, tmp_path / "entrepot.sqlite3")))
        return
    server: Server = request.getfixturevalue("postgresql")
    with copied(server) as url:
        yield Place(url, server)


@pytest.fixture
def file(migrated_file: Path, tmp_path: Path) -> Path:
    """A fresh migrated SQLite file, for what concerns SQLite alone."""
    return Path(shutil.copy(migrated_file, tmp_path / "entrepot.sqlite3"))
