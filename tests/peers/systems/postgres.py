"""A private PostgreSQL cluster on a Unix socket, for root and others alike; nothing is left behind.

Needs the server's programs (Debian: `apt-get install postgresql`), and no running service.
"""

import os
import pwd
import re
import shutil
import signal
from pathlib import Path

from tests.peers.systems.process import Folder, Process, run

PORT = 5432  # names the socket file inside the private folder; no TCP port is opened
OWNER = "tryton"
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "120",
}


class PostgresMissing(Exception):
    """No PostgreSQL server programs found: `apt-get install postgresql`."""


def programs() -> Path:
    """The folder with initdb and postgres, of the newest version installed.

    Raises:
        PostgresMissing: there is none.
    """
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda path: float(path.parent.name))
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    raise PostgresMissing("no PostgreSQL server programs found: apt-get install postgresql")


def major() -> str:
    """The major version, for cache keys: "15"."""
    text = run([programs() / "postgres", "--version"], cwd=Path("/"))
    match = re.search(r"(\d+)", text)
    assert match is not None, text
    return match.group(1)


def _account() -> str | None:
    """PostgreSQL refuses to run as root: who runs it instead, or None for ourselves."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


class Cluster:
    """One server with its own data and socket; `trust`, in a folder that only its owner enters."""

    def __init__(self, owner: str = OWNER) -> None:
        self.owner = owner
        self._bin = programs()
        self._user = _account()
        self._folder = Folder("pg")
        self.host = self._folder.path
        data = self.host / "data"
        if self._user:
            shutil.chown(self.host, self._user)
        argv = [
            self._bin / "initdb",
            "-D",
            data,
            "-U",
            owner,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        ]
        run(argv, cwd=self.host, user=self._user)
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        self.process = Process(
            "PostgreSQL",
            [self._bin / "postgres", "-D", data, "-k", self.host, "-p", str(PORT), *options],
            cwd=self.host,
            env={},
            log=self.host / "postgres.log",
            user=self._user,
        )

    def start(self) -> None:
        self.process.start(self._answers)

    def close(self) -> None:
        """Stop at once and remove the data."""
        self.process.stop(signal.SIGINT)
        self._folder.remove()

    def uri(self) -> str:
        """For trytond: without a database, which it adds itself."""
        return f"postgresql://{self.owner}@/?host={self.host}&port={PORT}"

    def create(self, name: str, template: str | None = None) -> None:
        self._tool("createdb", *(["-T", template] if template else []), name)

    def drop(self, name: str) -> None:
        self._tool("dropdb", "--force", "--if-exists", name)

    def dump(self, name: str, target: Path) -> None:
        """`pg_dump -Fc`; the file belongs to us."""
        self._tool("pg_dump", "-Fc", "-d", name, "-f", str(target))

    def restore(self, name: str, source: Path) -> None:
        """A new database from a dump."""
        self.create(name)
        self._tool("pg_restore", "--no-owner", "-d", name, str(source))

    def _tool(self, program: str, *arguments: str) -> str:
        where = ["-h", self.host, "-p", str(PORT), "-U", self.owner]
        return run([self._bin / program, *where, *arguments], cwd=self.host)

    def _answers(self) -> bool:
        try:
            self._tool("psql", "-qAt", "-d", "postgres", "-c", "select 1")
        except Exception:
            return False
        return True
