"""Where a benchmark's data lie: an empty folder with an `entrepot.yaml`, and a database of either kind."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bench import postgresql
from sync.store.sealing import new_key


class Kind(StrEnum):
    """The two databases."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


@dataclass(frozen=True, slots=True)
class Place:
    """A folder for configuration and data, and the database's address: a path, or a URL."""

    kind: Kind
    folder: Path
    address: str
    version: str | None = None
    """PostgreSQL's; None for SQLite."""

    @property
    def database_line(self) -> str:
        """The `database:` of entrepot.yaml."""
        return f"sqlite:///{self.address}" if self.kind is Kind.SQLITE else self.address


@contextlib.contextmanager
def place(kind: Kind) -> Iterator[Place]:
    """An empty place; nothing of it is left. Raises PostgresqlMissing."""
    with _folder() as folder:
        if kind is Kind.SQLITE:
            yield Place(kind, folder, str(folder / "entrepot-data" / "entrepot.sqlite3"))
            return
        with postgresql.server() as url, postgresql.database(url, "entrepot_bench") as address:
            yield Place(kind, folder, address, postgresql.version(url))


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="entrepot-bench-"))
    try:
        data = folder / "entrepot-data"
        data.mkdir(mode=0o700)
        keys = data / "keys"
        keys.touch(0o600)
        keys.write_text(new_key())
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
