"""The PostgreSQL server of a test run: the one named, the one that runs, or a private cluster.

In this order: ENTREPOT_TEST_PG (a URL that may create databases), a server that the driver's defaults reach,
a private cluster of the newest version installed. Where there is none, the tests of PostgreSQL are skipped
and counted; under CI they fail. A cluster's server dies with the run, and its folder with it.
"""

import contextlib
import functools
import os
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from sync.store import migrate
from tests.peers.systems.postgres import PORT, Cluster, PostgresMissing

NAMED = "ENTREPOT_TEST_PG"
OWNER = "entrepot"
MISSING = "PostgreSQL is not here: apt-get install postgresql, or name a server in ENTREPOT_TEST_PG"


class Server:
    """A server in which databases may be made. One template is migrated, and every test has a copy of it."""

    def __init__(self, url: str, cluster: Cluster | None = None) -> None:
        self._url = url
        self.cluster = cluster
        self._count = 0

    def url(self, name: str) -> str:
        """The URL of one of its databases."""
        scheme, _, rest = self._url.partition("://")
        host, _, tail = rest.partition("/")
        query = tail.partition("?")[2]
        return f"{scheme}://{host}/{name}" + (f"?{query}" if query else "")

    @functools.cached_property
    def template(self) -> str:
        """A migrated database that nobody is connected to."""
        name = self.make()
        migrate.upgrade(self.url(name))
        return name

    def make(self, template: str | None = None) -> str:
        """A new database, empty or a copy. Returns its name."""
        self._count += 1
        name = f"entrepot_test_{os.getpid()}_{self._count}"
        source = sql.Identifier(template or "template1")
        self._say(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), source))
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        self._say(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _say(self, what: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(what)

    def close(self) -> None:
        """Leave nothing."""
        if self.cluster is not None:
            self.cluster.close()
        elif "template" in self.__dict__:
            self.drop(self.template)


def private() -> Server:
    """A server of its own, which a test may stop and start. Raises PostgresMissing."""
    cluster = Cluster(owner=OWNER)
    cluster.start()
    return Server(f"postgresql://{OWNER}@/postgres?host={cluster.host}&port={PORT}", cluster)


def find() -> Server | None:
    """The server of this run."""
    named = os.environ.get(NAMED)
    if named:
        return Server(named)
    with contextlib.suppress(psycopg.Error):
        with psycopg.connect("postgresql:///postgres", connect_timeout=3) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
        if row == (True,):
            return Server("postgresql:///postgres")
    try:
        return private()
    except PostgresMissing:
        return None


def refuse_or_skip() -> None:
    """There is no PostgreSQL: a failure under CI, a counted skip elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(MISSING)
    pytest.skip(MISSING)


@contextlib.contextmanager
def copied(server: Server, *, empty: bool = False) -> Iterator[str]:
    """The URL of a database for one test, migrated or empty."""
    template = None if empty else server.template
    name = server.make(template)
    try:
        yield server.url(name)
    finally:
        server.drop(name)
