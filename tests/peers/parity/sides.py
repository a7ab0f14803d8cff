"""The two sides of a comparison: the real systems of the run, and one quiet sandbox with the same three."""

import contextlib
import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx

from tests.peers.books.karrio import Desk
from tests.peers.books.tryton import People
from tests.peers.books.vendure import Session, Shopper, Staff
from tests.peers.parity.transcript import Transcript

PROJECT = Path(__file__).parents[3]
READY_SECONDS = 60.0


class Scanner(Protocol):
    """Whoever can make the courier scan a parcel."""

    def scan(self, tracking: str, status: str, text: str = "") -> None: ...


@dataclass(frozen=True, slots=True)
class Shop:
    """A Vendure shop, real or not."""

    admin_url: str
    shop_url: str
    username: str
    password: str
    staff: Staff
    free_coupon: str
    notes: Transcript

    def visitor(self) -> Shopper:
        return Shopper(self.shop_url, self.staff)

    def session(self) -> Session:
        """Somebody who is not logged in."""
        return Session(self.admin_url)

    def goods(self, units: int = 50, price: int = 990) -> str:
        sku = fresh("V")
        self.staff.add_product(sku, units, price)
        return sku


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A Tryton database, real or not."""

    url: str
    database: str
    key: str
    people: People
    notes: Transcript

    def goods(self, units: int = 100) -> str:
        sku = fresh("W")
        self.people.add_product(sku, units)
        return sku


@dataclass(frozen=True, slots=True)
class Courier:
    """A Karrio server, real or not."""

    url: str
    key: str
    desk: Desk
    van: Scanner
    notes: Transcript


def fresh(prefix: str) -> str:
    """A SKU or reference that nobody has used."""
    return f"{prefix}-{uuid.uuid4().hex[:10].upper()}"


class PretendVan:
    """The sandbox courier's driver, by its control address."""

    def __init__(self, control: str) -> None:
        self._control = control.rstrip("/")

    def scan(self, tracking: str, status: str, text: str = "") -> None:
        body = {"tracking": tracking, "status": status, "description": text or status}
        httpx.post(f"{self._control}/courier/scan", json=body, timeout=30).raise_for_status()


@contextlib.contextmanager
def quiet_sandbox(*more: str) -> Iterator[dict[str, Any]]:
    """A sandbox without people of its own; gives its ready line, and ends it afterwards."""
    argv = [sys.executable, "-m", "sandbox", "serve", "--quiet-start", "--seed", "1", *more]
    with subprocess.Popen(
        argv, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        try:
            assert child.stdout is not None
            line = child.stdout.readline()
            assert line, "the sandbox ended before it was ready"
            yield json.loads(line)
        finally:
            child.terminate()
            _end(child)


def _end(child: subprocess.Popen[str]) -> None:
    limit = time.monotonic() + 10
    while child.poll() is None and time.monotonic() < limit:
        time.sleep(0.02)
    child.kill()
