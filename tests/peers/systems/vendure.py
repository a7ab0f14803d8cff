"""Vendure 3.7.3, a storefront: one shop a process, kept in one file that survives a kill."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.peers.systems import catalogue
from tests.peers.systems.packages import SEEDS, node_tree
from tests.peers.systems.process import Folder, Process, free_port
from tests.peers.tls import TRUSTED

SEED = SEEDS / "vendure"
USERNAME = "superadmin"
PASSWORD = "superadmin-for-tests"  # a shop on loopback that lives for one test run


@dataclass(frozen=True, slots=True)
class ShopOptions:
    """`catalogue` is CSV as Vendure's importer reads it; an empty one (headings only) makes an empty shop."""

    name: str = "shop"
    currency: str = "EUR"
    catalogue: str = ""


class Vendure:
    """A shop of its own port, catalogue and currency; several may run side by side."""

    def __init__(self, options: ShopOptions | None = None) -> None:
        self.options = options or ShopOptions()
        self._folder = Folder(f"vendure-{self.options.name}")
        run_folder = self._folder.path
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.admin_url = f"{self.url}/admin-api"
        self.shop_url = f"{self.url}/shop-api"
        self.username, self.password = USERNAME, PASSWORD
        self.database = run_folder / "shop.sqlite"
        csv = run_folder / "catalogue.csv"
        csv.write_text(self.options.catalogue or catalogue.shop_csv())
        (run_folder / "assets").mkdir()
        self.process = Process(
            f"Vendure ({self.options.name})",
            ["node", shutil.copy(SEED / "index.js", run_folder)],
            cwd=node_tree("vendure", SEED),
            env={
                "PORT": str(self.port),
                "DATABASE": str(self.database),
                "ASSETS": str(run_folder / "assets"),
                "CATALOGUE": str(csv),
                "CURRENCY": self.options.currency,
                "PASSWORD": self.password,
            },
            log=run_folder / "vendure.log",
        )

    def start(self) -> None:
        """First start fills the shop (about 5 s); later ones open what was there."""
        self._ready_before = self._readies()
        self.process.start(self.ready)

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
        if self._readies() <= self._ready_before:
            return False
        try:
            body = {"query": "{__typename}"}
            return httpx.post(self.admin_url, json=body, timeout=5, verify=TRUSTED).status_code == 200
        except httpx.HTTPError:
            return False

    def _readies(self) -> int:
        log: Path = self.process.log
        return log.read_text(errors="replace").count("READY\n") if log.exists() else 0
