"""Karrio 2026.1.32: couriers behind one API, with a small courier plugin whose own book is carrier.json.

Migrating takes about a minute, so the migrated and seeded SQLite file is cached and copied for each server.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

import httpx

from tests.peers.systems import cache
from tests.peers.systems.packages import SEEDS, python_environment
from tests.peers.systems.process import Folder, Process, free_port, run
from tests.peers.tls import TRUSTED

SEED = SEEDS / "karrio"
KEY = "key_ci0000000000000000000000000000"  # of a server that lives for one test run
CARRIER_NAME, CARRIER_ID = "loopback", "loop-1"
DATABASE = "db.sqlite3"
UNLIMITED = dict.fromkeys(
    ("ANON_RATE_LIMIT", "USER_RATE_LIMIT", "CARRIER_REQUEST_RATE_LIMIT"), "1000000/minute"
)


def install() -> tuple[Path, Path]:
    """The Python environment and the folder with the migrated database, both from the cache or made now."""
    environment = python_environment("karrio", SEED / "requirements.lock")
    return environment, cache.entry(
        "karrio-seeded", cache.key_of(SEED), lambda target: _migrate(environment, target)
    )


def _migrate(environment: Path, target: Path) -> None:
    work = Folder("karrio-setup")
    try:
        settings = _settings(environment, work.path)
        command = [environment / "bin" / "python", environment / "bin" / "karrio"]
        run([*command, "migrate"], cwd=work.path, env=settings)
        run([*command, "shell"], cwd=work.path, env=settings, stdin=(SEED / "seed.py").read_text())
        shutil.copy(work.path / "work" / DATABASE, target / DATABASE)
    finally:
        work.remove()


def _settings(environment: Path, folder: Path) -> dict[str, str]:
    for name in ("work", "log"):
        (folder / name).mkdir(exist_ok=True)
    if not (folder / "plugins").exists():
        shutil.copytree(
            SEED / "plugins", folder / "plugins"
        )  # copied: Python writes its caches beside the code
    return {
        "PATH": f"{environment / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "SECRET_KEY": "for-tests-only",
        "DEBUG_MODE": "False",
        "ALLOWED_HOSTS": "*",
        "DETACHED_WORKER": "True",
        "ENABLE_ALL_PLUGINS_BY_DEFAULT": "True",
        "WORK_DIR": str(folder / "work"),
        "LOG_DIR": str(folder / "log"),
        "LOG_LEVEL": "WARNING",
        "DATABASE_NAME": DATABASE,
        "KARRIO_PLUGINS": str(folder / "plugins"),
        "LOOPBACK_STATE": str(folder / "carrier.json"),
    }


class Karrio:
    """One server with its own database and its own courier's book.

    Karrio's own limits (600 calls a minute and user, 300 that reach a courier) are lifted unless `limits` names
    others, such as {"USER_RATE_LIMIT": "5/minute"}.
    """

    def __init__(self, limits: Mapping[str, str] | None = None) -> None:
        environment, self._seeded = install()
        self._folder = Folder("karrio")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.key = KEY
        self.carrier_name, self.carrier_id = CARRIER_NAME, CARRIER_ID
        self.carrier_json = self._folder.path / "carrier.json"
        settings = _settings(environment, self._folder.path)
        shutil.copy(self._seeded / DATABASE, self._folder.path / "work" / DATABASE)
        serve = ["-k", "uvicorn.workers.UvicornWorker", "-w", "1", "-b", f"127.0.0.1:{self.port}"]
        self.process = Process(
            "Karrio",
            [environment / "bin" / "python", "-m", "gunicorn", "karrio.server.asgi:application", *serve],
            cwd=self._folder.path,
            env=settings | UNLIMITED | dict(limits or {}),
            log=self._folder.path / "karrio.log",
        )

    def start(self) -> None:
        """Up, with its courier connected; a later start finds its data as they were."""
        self.process.start(self.ready)
        self._connect()

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
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
        """End it and forget its data."""
        self.process.kill()
        self._folder.remove()

    def ready(self) -> bool:
        try:
            return self._get_connections().status_code == 200
        except httpx.HTTPError:
            return False

    def _get_connections(self) -> httpx.Response:
        return httpx.get(f"{self.url}/v1/connections", headers=self._headers, timeout=30, verify=TRUSTED)

    def _connect(self) -> None:
        if any(c["carrier_id"] == CARRIER_ID for c in self._get_connections().json()["results"]):
            return
        body = {
            "carrier_name": CARRIER_NAME,
            "carrier_id": CARRIER_ID,
            "credentials": {"api_key": "loopback-key"},
            "active": True,
        }
        url = f"{self.url}/v1/connections"
        httpx.post(url, json=body, headers=self._headers, timeout=60, verify=TRUSTED).raise_for_status()

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Token {self.key}"}
