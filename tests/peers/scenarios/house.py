"""The daemon as a subprocess before the real systems, and the comparison of everybody's books afterwards.

Facts are waited for in the systems' own books, read by the tests' own clients; the daemon is only started,
stopped, killed and asked by its command line.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar

from tests.peers.books.karrio import Desk, Van
from tests.peers.books.tryton import People
from tests.peers.books.vendure import Placed, Staff
from tests.peers.systems.karrio import Karrio
from tests.peers.systems.tryton import Tryton
from tests.peers.systems.vendure import Vendure

ROOT = Path(__file__).parents[3]
T = TypeVar("T")
SHOP, WAREHOUSE, COURIER = "shop", "hamburg", "parcels"
FALL_BACK = (
    "review", "push_stock", "outbox", "labels", "deliveries", "orders", "fulfilment", "stock",
)  # fmt: skip


def until(what: str, true: Callable[[], T], patience: float = 45.0) -> T:
    """Wait for a fact; fail by its name where it does not come."""
    begun = time.monotonic()
    last: Exception | None = None
    while time.monotonic() - begun < patience:
        try:
            found = true()
            if found:
                return found
            last = None
        except Exception as error:
            last = error
        time.sleep(0.1)
    raise AssertionError(f"this did not become true: {what}; last error: {last!r}")


@dataclass
class House:
    """A configuration folder, the daemon that works by it, and the people of the other systems."""

    folder: Path
    staff: Staff
    people: People
    desk: Desk
    van: Van
    orders: list[Placed] = field(default_factory=list)
    daemon: subprocess.Popen[bytes] | None = None
    log: IO[bytes] | None = None

    # --- the daemon --------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the daemon and wait until its accounts have started."""
        self.log = (self.folder / "daemon.log").open("ab")
        command = [sys.executable, "-m", "daemon", "run", "--config", str(self.folder)]
        self.daemon = subprocess.Popen(command, stdout=self.log, stderr=self.log, cwd=ROOT, env=self._env())
        until("the daemon is ready", self._ready)

    def _env(self) -> dict[str, str]:
        return {**os.environ}

    def _ready(self) -> bool:
        assert self.daemon is not None
        assert self.daemon.poll() is None, (self.folder / "daemon.log").read_text()[-3000:]
        accounts = self.told("status")["daemon"].get("accounts", {})
        return len(accounts) == 3 and all(one["open"] for one in accounts.values())

    def kill(self) -> None:
        """kill -9."""
        assert self.daemon is not None
        self.daemon.send_signal(signal.SIGKILL)
        self.daemon.wait()
        if self.log is not None:
            self.log.close()

    def stop(self) -> int:
        """As a service manager does."""
        assert self.daemon is not None
        self.daemon.send_signal(signal.SIGTERM)
        code = self.daemon.wait(60)
        if self.log is not None:
            self.log.close()
        return code

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        """One command."""
        command = [sys.executable, "-m", "daemon", *args, "--config", str(self.folder)]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=90, cwd=ROOT, env=self._env(), check=False
        )

    def told(self, *args: str) -> Any:
        """A command's JSON."""
        done = self.run(*args, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def our_state(self, order: Placed) -> str:
        """The daemon's state of an order; `absent` while it has not pulled it."""
        done = self.run("orders", "show", f"{SHOP}/{order.code}", "--json")
        return str(json.loads(done.stdout)["state"]) if done.returncode == 0 else "absent"

    def issues_of(self, order: Placed) -> list[str]:
        """The kinds of open issues that name an order."""
        return [one["kind"] for one in self.told("issues") if one["subject"] == f"{SHOP}/{order.code}"]

    # --- what is waited for -------------------------------------------------------------------------

    def shown(self, sku: str, units: int, patience: float = 45.0) -> None:
        """The shop shows so many units of a SKU."""
        until(f"the shop shows {units} of {sku}", lambda: self.staff.saleable(sku) == units, patience)

    def at_warehouse(self, order: Placed, n: int = 1, state: str = "assigned", patience: float = 45.0) -> int:
        """The order's n-th fulfilment stands in Tryton in this state; its id."""
        reference = f"{SHOP}/{order.code}/{n}"
        try:
            until(
                f"{reference} is {state} in Tryton",
                lambda: [s["state"] for s in self.people.shipments(reference)] == [state],
                patience,
            )
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.run('orders', 'show', order.code).stdout}") from None
        return int(self.people.shipment(reference)["id"])

    def labelled(self, shipment: int, patience: float = 45.0) -> list[str]:
        """Every parcel of a packed shipment bears a number."""

        def all_there() -> list[str]:
            labels = self.people.labels(shipment)
            return [label for label in labels if label] if labels and all(labels) else []

        return until("the parcels are labelled", all_there, patience)

    def in_shop(self, order: Placed, state: str, patience: float = 45.0) -> dict[str, Any]:
        """The shop shows the order in this state."""
        until(
            f"{order.code} is {state} in the shop",
            lambda: self.staff.order_by_code(order.code)["state"] == state,
            patience,
        )
        return self.staff.order_by_code(order.code)

    def send_off(self, order: Placed, n: int = 1, patience: float = 45.0) -> list[str]:
        """The warehouse picks, packs and ships one fulfilment; its tracking numbers."""
        shipment = self.at_warehouse(order, n, patience=patience)
        self.people.work(shipment, "packed")
        numbers = self.labelled(shipment, patience)
        self.people.ship(shipment)
        return numbers

    # --- everybody's books --------------------------------------------------------------------------

    def compare(self, order: Placed, shipped: dict[str, int]) -> None:
        """Shop, warehouse and courier agree: these units by SKU left, once each, in parcels that all know."""
        left: dict[str, float] = {}
        parcels: list[str] = []
        for n in range(1, 9):
            reference = f"{SHOP}/{order.code}/{n}"
            documents = self.people.shipments(reference)
            assert len(documents) <= 1, f"{reference} stands in Tryton {len(documents)} times"
            for document in documents:
                if document["state"] not in ("shipped", "done"):
                    continue
                for move in document["outgoing_moves"]:
                    sku = move["product"]["code"]
                    left[sku] = left.get(sku, 0) + move["quantity"]
                parcels += [p["shipping_reference"] for p in document["packages"]]
                bought = [
                    label
                    for package in document["packages"]
                    for label in self.desk.shipments(f"{reference}#{package['number']}")
                    if label["status"] not in ("cancelled", "draft")
                ]
                assert len(bought) == len(document["packages"]), f"{reference}: labels bought"
        assert left == shipped, f"{order.code}: what left the warehouse"
        seen = self.staff.order_by_code(order.code)
        told = [f for f in seen["fulfillments"] or [] if f["state"] != "Cancelled"]
        assert sorted(f["trackingCode"] for f in told) == sorted(parcels), (
            f"{order.code}: what the shop knows"
        )
        units = sum(line["quantity"] for f in told for line in f["lines"])
        assert units == sum(shipped.values()), f"{order.code}: units told"


def write_house(folder: Path, vendure: Vendure, tryton: Tryton, karrio: Karrio) -> None:
    """The configuration folder of the three real systems."""
    sender = {
        "name": "Main", "street": "Hauptstr. 1", "city": "Hamburg", "postal_code": "20095", "country": "DE",
    }  # fmt: skip
    accounts = {
        SHOP: {
            "connector": "vendure",
            "url": vendure.url,
            "username": vendure.username,
            "secret": f"file:{SHOP}",
            "mode": "live",
            "currency": "EUR",
        },
        WAREHOUSE: {
            "connector": "tryton",
            "url": tryton.url,
            "database": tryton.database,
            "warehouse": tryton.warehouse,
            "customer": "CUS-1",
            "secret": f"file:{WAREHOUSE}",
            "mode": "live",
            "sender": sender,
        },
        COURIER: {
            "connector": "karrio",
            "url": karrio.url,
            "live_tracking": "true",
            "secret": f"file:{COURIER}",
            "mode": "live",
        },
    }
    schedule = dict.fromkeys(FALL_BACK, "500 ms") | {"tracking": "1 second", "open_orders": "2 seconds"}
    schedule |= {"voids": "1 second", "catalogue": "3 seconds"}
    settings = {
        "timezone": "UTC",
        "metrics": {"listen": "127.0.0.1:0"},
        "log": {"format": "json", "level": "info"},
        "schedule": schedule,
        "accounts": accounts,
    }
    (folder / "entrepot.yaml").write_text(json.dumps(settings, indent=1))
    (folder / "mappings").mkdir()
    (folder / "mappings" / "weights.yaml").write_text("weights:\n  default: 200 g\n")
    (folder / "secrets").mkdir(mode=0o700)
    for name, secret in ((SHOP, vendure.password), (WAREHOUSE, tryton.key), (COURIER, karrio.key)):
        path = folder / "secrets" / name
        path.touch(mode=0o600)
        path.write_text(secret)
