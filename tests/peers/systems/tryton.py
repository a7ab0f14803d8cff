"""Tryton 8.2.1, the warehouse system: a trytond over a private PostgreSQL, many databases from one golden.

The golden database (modules, company, products: about a minute) is made once and cached as a dump with its
REST key. Its fiscal year covers about half a year, so the cache key holds the quarter.
"""

import datetime as dt
import itertools
import json
from pathlib import Path

import httpx

from tests.peers.systems import cache, catalogue, postgres
from tests.peers.systems.packages import SEEDS, python_environment
from tests.peers.systems.process import Folder, Process, free_port, run
from tests.peers.tls import TRUSTED

SEED = SEEDS / "tryton"
GOLDEN = "golden"
RPC_USER, RPC_PASSWORD = "sync", "sync-password-1"  # of a server that lives for one test run
WAREHOUSE = "WH-MAIN"
CONFIG = """\
[database]
uri = {uri}
[web]
listen = 127.0.0.1:{port}
[session]
# also the life of the cached list of databases: short, so that fresh clones are seen
timeout = 1
"""


def install() -> tuple[Path, Path]:
    """The Python environment and the folder with golden.dump and golden.key, from the cache or made now."""
    environment = python_environment("tryton", SEED / "requirements.lock")
    stock = json.dumps(catalogue.warehouse_stock())
    today = dt.datetime.now(dt.UTC).date()
    quarter = f"{today.year}q{(today.month - 1) // 3}"
    key = cache.key_of(SEED, stock, postgres.major(), quarter)
    return environment, cache.entry(
        "tryton-golden", key, lambda target: _make_golden(environment, stock, target)
    )


def _make_golden(environment: Path, stock: str, target: Path) -> None:
    cluster = postgres.Cluster()
    work = Folder("tryton-setup")
    try:
        cluster.start()
        cluster.create(GOLDEN)
        config = work.path / "trytond.conf"
        config.write_text(CONFIG.format(uri=cluster.uri(), port=0))
        (work.path / "password").write_text("admin-password-1\n")
        (work.path / "stock.json").write_text(stock)
        python, scripts = environment / "bin" / "python", environment / "bin"
        admin = ["--all", "--login", "admin", "--email", "admin@example.com"]
        run(
            [python, scripts / "trytond-admin", "-c", config, "-d", GOLDEN, *admin],
            cwd=work.path,
            env={"TRYTONPASSFILE": str(work.path / "password")},
        )
        key = target / "golden.key"
        run([python, SEED / "setup.py", config, GOLDEN, key, work.path / "stock.json"], cwd=work.path)
        cluster.dump(GOLDEN, target / "golden.dump")
    finally:
        cluster.close()
        work.remove()


class Tryton:
    """One trytond; `database` is the first clone, `clone()` gives further ones within a second."""

    def __init__(self) -> None:
        self._environment, golden = install()
        self._dump = golden / "golden.dump"
        self.key = (golden / "golden.key").read_text().strip()
        self.cluster = postgres.Cluster()
        self._folder = Folder("tryton")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.warehouse = WAREHOUSE
        self.rpc_user, self.rpc_password = RPC_USER, RPC_PASSWORD
        self._names = (f"world{n}" for n in itertools.count(1))
        self.database = ""
        config = self._folder.path / "trytond.conf"
        config.write_text(CONFIG.format(uri=self.cluster.uri(), port=self.port))
        scripts = self._environment / "bin"
        self.process = Process(
            "Tryton",
            [scripts / "python", scripts / "trytond", "-c", config],
            cwd=self._folder.path,
            env={},
            log=self._folder.path / "trytond.log",
        )

    def start(self) -> None:
        """The first start makes the first database; later ones find it as it was."""
        if not self.cluster.process.alive:
            self.cluster.start()
        if not self.database:
            self.cluster.restore(GOLDEN, self._dump)
            self.database = self.clone()
        self.process.start(self.ready)

    def clone(self) -> str:
        """A new database with the golden's contents; it answers at once."""
        name = next(self._names)
        self.cluster.create(name, template=GOLDEN)
        return name

    def drop(self, database: str) -> None:
        self.cluster.drop(database)

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        """trytond dies; its database server lives on, and with it all that was committed."""
        self.process.kill()

    def freeze(self) -> None:
        self.process.freeze()

    def thaw(self) -> None:
        self.process.thaw()

    def restart(self) -> None:
        """Down and up again at the same address with the same data."""
        self.stop()
        self.start()

    def close(self) -> None:
        """End it and its database server, and forget all data."""
        self.process.kill()
        self.cluster.close()
        self._folder.remove()

    def ready(self) -> bool:
        """True once the first database answers a read with our key."""
        address = f"{self.url}/{self.database}/rest/model/company.company"
        try:
            headers = {"Authorization": f"bearer {self.key}"}
            return httpx.get(address, headers=headers, timeout=30, verify=TRUSTED).status_code == 200
        except httpx.HTTPError:
            return False
