"""Medusa 2.18.0 (MIT; later versions are not), a storefront with stock per location, on its own PostgreSQL.

Migrating and seeding takes a while, so the seeded database is cached as a dump; a shop is a clone of it.
"""

import dataclasses
import json
from pathlib import Path
from urllib.parse import quote

import httpx

from tests.peers.systems import cache, medusa_seeding, postgres
from tests.peers.systems.medusa_seeding import Seeded, seed
from tests.peers.systems.packages import SEEDS, node_tree
from tests.peers.systems.process import Folder, Process, free_port, run
from tests.peers.tls import TRUSTED

SEED = SEEDS / "medusa"
TEMPLATE = "template_shop"
EMAIL, PASSWORD = "admin@example.com", "password-for-tests"  # of a shop that lives for one test run
SCRYPT_ONCE = Path(__file__).with_name("scrypt_once.js")
COMMAND = Path("node_modules") / "@medusajs" / "cli" / "cli.js"


def install() -> tuple[Path, Path]:
    """The Node tree and the folder with shop.dump and seeded.json, both from the cache or made now."""
    tree = node_tree("medusa", SEED)
    code = [Path(module.__file__ or "") for module in (medusa_seeding, medusa_seeding.catalogue)]
    key = cache.key_of(SEED, *code, EMAIL, PASSWORD, postgres.major())
    return tree, cache.entry("medusa-seeded", key, lambda target: _make_template(tree, target))


def _make_template(tree: Path, target: Path) -> None:
    cluster, work = postgres.Cluster(), Folder("medusa-setup")
    server = None
    try:
        cluster.start()
        cluster.create(TEMPLATE)
        root = _lay_out(tree, work.path)
        settings = _settings(cluster, TEMPLATE)
        medusa = ["node", tree / COMMAND]
        run([*medusa, "db:migrate", "--execute-safe-links"], cwd=root, env=settings)
        run([*medusa, "user", "-e", EMAIL, "-p", PASSWORD], cwd=root, env=settings)
        server = _Server(tree, root, settings, work.path / "medusa.log")
        server.start()
        seeded = seed(server.url, EMAIL, PASSWORD)
        (target / "seeded.json").write_text(json.dumps(dataclasses.asdict(seeded)))
        server.process.stop()
        cluster.dump(TEMPLATE, target / "shop.dump")
    finally:
        if server is not None:
            server.process.kill()
        cluster.close()
        work.remove()


def _lay_out(tree: Path, folder: Path) -> Path:
    """A project folder: our settings, and the installed packages by a link."""
    for file in ("medusa-config.js", "package.json"):
        (folder / file).write_bytes((SEED / file).read_bytes())
    (folder / "node_modules").symlink_to(tree / "node_modules")
    return folder


def _settings(cluster: postgres.Cluster, database: str) -> dict[str, str]:
    socket = quote(str(cluster.host), safe="")  # Medusa reads the address's host alone, so it stands there
    return {
        "DATABASE_URL": f"postgres://{postgres.OWNER}@{socket}:{postgres.PORT}/{database}",
        "MEDUSA_DISABLE_TELEMETRY": "true",
        "NODE_ENV": "production",
        "NODE_OPTIONS": f"--require {SCRYPT_ONCE}",
        "LOG_LEVEL": "warn",
    }


class _Server:
    """One process on a database."""

    def __init__(self, tree: Path, root: Path, settings: dict[str, str], log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        listen = ["-H", "127.0.0.1", "-p", str(self.port)]
        self.process = Process(
            "Medusa", ["node", tree / COMMAND, "start", *listen], cwd=root, env=settings, log=log
        )

    def start(self) -> None:
        self.process.start(self.ready)

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=5, verify=TRUSTED).status_code == 200
        except httpx.HTTPError:
            return False


class Medusa:
    """A shop of the tests' catalogue: EUR, two stock locations, an administrator and two keys."""

    def __init__(self) -> None:
        tree, template = install()
        self._dump = template / "shop.dump"
        facts = json.loads((template / "seeded.json").read_text())
        self.seeded = Seeded(**{**facts, "locations": tuple(facts["locations"])})
        self.email, self.password = EMAIL, PASSWORD
        self.cluster = postgres.Cluster()
        self._folder = Folder("medusa")
        root = _lay_out(tree, self._folder.path)
        log = self._folder.path / "medusa.log"
        self._server = _Server(tree, root, _settings(self.cluster, "shop"), log)
        self.port, self.url, self.process = self._server.port, self._server.url, self._server.process

    def start(self) -> None:
        """The first start makes the shop's database; later ones find it as it was."""
        if not self.cluster.process.alive:
            self.cluster.start()
            self.cluster.restore(TEMPLATE, self._dump)
            self.cluster.create("shop", template=TEMPLATE)
        self._server.start()

    def fresh(self) -> None:
        """The shop as it was seeded: everything done since is gone."""
        self.stop()
        self.cluster.drop("shop")
        self.cluster.create("shop", template=TEMPLATE)
        self._server.start()

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        """The shop dies; its database server lives on, and with it all that was committed."""
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
        return self._server.ready()
