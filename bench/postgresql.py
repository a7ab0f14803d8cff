"""A PostgreSQL server for a benchmark: the one named, or a private cluster that writes durably as installed.

ENTREPOT_BENCH_PG names one (a URL of a user that may create databases). A private cluster has the settings
that PostgreSQL is installed with, fsync included; its folder goes with it. It opens no TCP port.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

NAMED = "ENTREPOT_BENCH_PG"
OWNER = "entrepot"
PORT = 5432
"""It names the socket file inside the private folder."""


class PostgresqlMissing(Exception):
    """No PostgreSQL is here: apt-get install postgresql, or name a server in ENTREPOT_BENCH_PG."""

    def __init__(self) -> None:
        super().__init__(str(type(self).__doc__))


def _programs() -> Path:
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda path: float(path.parent.name))
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    raise PostgresqlMissing


def _user() -> str | None:
    """PostgreSQL refuses to run as root: who runs it instead, or None for ourselves."""
    if os.geteuid() != 0:
        return None
    return "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"


@contextlib.contextmanager
def server() -> Iterator[str]:
    """A URL with `{database}` in it, good while the body runs. Raises PostgresqlMissing."""
    if named := os.environ.get(NAMED):
        head, _, tail = named.partition("://")
        host, _, rest = tail.partition("/")
        query = rest.partition("?")[2]
        yield f"{head}://{host}/{{database}}" + (f"?{query}" if query else "")
        return
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="entrepot-bench-pg-"))
    try:
        with _cluster(programs, folder):
            yield f"postgresql://{OWNER}@/{{database}}?host={folder}&port={PORT}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _cluster(programs: Path, folder: Path) -> Iterator[None]:
    user, data = _user(), folder / "data"
    if user is not None:
        shutil.chown(folder, user)
    made: list[str | Path] = [
        programs / "initdb",
        "-D",
        data,
        "-U",
        OWNER,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
    ]
    subprocess.run(made, check=True, cwd=folder, user=user, stdout=subprocess.DEVNULL)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", folder, "-p", str(PORT), "-c", "listen_addresses="],
            cwd=folder,
            user=user,
            stdout=log,
            stderr=log,
        )
        try:
            _wait(f"postgresql://{OWNER}@/postgres?host={folder}&port={PORT}", process)
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(url, connect_timeout=2).close()
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise PostgresqlMissing


@contextlib.contextmanager
def database(server_url: str, name: str) -> Iterator[str]:
    """The URL of a new, empty database that goes with the body."""
    identifier = sql.Identifier(name)
    office = server_url.format(database="postgres")
    with psycopg.connect(office, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(identifier))
    try:
        yield server_url.format(database=name)
    finally:
        with psycopg.connect(office, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))


def version(server_url: str) -> str:
    """The server's version, such as 15.8."""
    with psycopg.connect(server_url.format(database="postgres")) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return str(row[0]) if row else "unknown"
