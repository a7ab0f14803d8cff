"""The daemon as its operators have it: a folder, a process that is started, stopped and killed, commands.

Nothing of the product is imported; it is run as a program, and asked by its command line.
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from tests.peers.books.supplier import Supplier
from tests.peers.systems.karrio import Karrio
from tests.peers.systems.medusa import Medusa
from tests.peers.systems.tryton import Tryton
from tests.peers.systems.vendure import Vendure

ROOT = Path(__file__).parents[3]
SHOP, SECOND_SHOP, WAREHOUSE, COURIER, SUPPLIER = "shop", "bazaar", "hamburg", "parcels", "acme"
CHAT, HOOKS = "chat-lin", "https://hooks.example.com"
POLLED = ("orders", "fulfilment")
"""What happens at the others is seen by asking alone, and most tests wait for these."""
SELDOM = (
    *("stock", "tracking", "offers", "acknowledgements", "despatches"),
    *("requests", "return_receipts"),
)
"""So are these, which few wait for: half of the time of all machines went into asking."""
WOKEN = (
    *("review", "push_stock", "outbox", "labels", "deliveries", "voids"),
    *("open_orders", "push_prices", "push_listings", "way_back"),
)
"""Flows that another one wakes when there is work; by themselves they look for what depends on the time."""
SCHEDULE = (
    dict.fromkeys(POLLED, "1 second")
    | dict.fromkeys((*SELDOM, *WOKEN), "2 seconds")
    | {"catalogue": "4 seconds"}
)
ACCOUNTS = (SHOP, SECOND_SHOP, WAREHOUSE, COURIER, SUPPLIER)
SENDER = {
    "name": "Main",
    "street": "Kai 1",
    "city": "Hamburg",
    "postal_code": "20095",
    "country": "DE",
}
RETURNS: list[dict[str, Any]] = [
    {
        "name": "at once",
        "when": {"type": "return", "value_at_least": "500 EUR"},
        "do": "ask",
        "owner": "service",
        "answer_within": "1 minute",
        "at_deadline": "refuse",
        "reason": "nobody answered in time",
    },
    {
        "name": "dear",
        "when": {"type": "return", "value_at_least": "100 EUR"},
        "do": "ask",
        "owner": "service",
        "answer_within": "1 day",
    },
    {"name": "not sent", "when": {"type": "cancellation"}, "do": "stop_then_refund"},
    {
        "name": "as found",
        "when": {"type": ["return", "exchange"]},
        "do": "approve",
        "refund": "after_inspection",
        "ship": "after_inspection",
        "pays": ["good"],
        "denies": ["damaged"],
        "goods": {"good": "restock", "damaged": "scrap"},
    },
    {"name": "once more", "when": {"type": "resend"}, "do": "approve"},
    {"name": "the rest", "do": "ask", "owner": "service", "answer_within": "1 day"},
]
"""What the house answers to requests after the sale."""
PATIENCE = 300.0
"""Seconds within which a fact must come, also on a machine that is slow and has other work."""
T = TypeVar("T")
_witnesses: list[Callable[[], str]] = []
"""What says, where a fact does not come, how things stand."""


def until(what: str, true: Callable[[], T], patience: float = PATIENCE) -> T:
    """Wait for a fact, and give it.

    Raises:
        AssertionError: it did not come; by its name, with the last error on the way.
    """
    begun = time.monotonic()
    last: Exception | None = None
    pause = 0.1
    while (asked := time.monotonic()) - begun < patience:
        try:
            if found := true():
                return found
            last = None
        except Exception as error:
            last = error
        # asking is work too, on the machine that is waited for: at most half of the time goes into it
        time.sleep(max(pause, min(3.0, time.monotonic() - asked)))
        pause = min(1.0, pause * 1.3)
    stories = "".join(f"\n{witness()}" for witness in _witnesses)
    raise AssertionError(f"this did not become true: {what}; last error: {last!r}{stories}")


class Daemon:
    """One configuration folder, and the process that works by it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until all accounts work."""
        with (self.folder / "daemon.log").open("ab") as log:
            argv = [sys.executable, "-m", "daemon", "run", "--config", str(self.folder)]
            self._child = subprocess.Popen(argv, stdout=log, stderr=log, cwd=ROOT)
        if self.story not in _witnesses:
            _witnesses.append(self.story)
        until("the daemon is ready", self._ready)

    def _ready(self) -> bool:
        assert self._child is not None
        assert self._child.poll() is None, self.log()[-3000:]
        accounts = self.told("status")["daemon"].get("accounts", {})
        return len(accounts) == len(ACCOUNTS) and all(one["open"] for one in accounts.values())

    def kill(self) -> None:
        """SIGKILL: no time for anything."""
        if self._child is not None:
            self._child.send_signal(signal.SIGKILL)
            self._child.wait()
            self._child = None

    def stop(self) -> int:
        """SIGTERM, as a service manager does; gives the exit code."""
        assert self._child is not None
        self._child.send_signal(signal.SIGTERM)
        code = self._child.wait(180)
        self._child = None
        return code

    def log(self) -> str:
        """All that it has logged."""
        return (self.folder / "daemon.log").read_text()

    def story(self) -> str:
        """How things stand with it, for whoever reads of a failure: its state, its issues, its last words."""
        asked = (self.run(*words) for words in (("status",), ("status", "--json"), ("issues",)))
        told = [f"{finished.stdout}{finished.stderr}" for finished in asked]
        return "\n".join([*told, *self.log().splitlines()[-40:]])

    def close(self) -> None:
        """It is over."""
        self.kill()
        if self.story in _witnesses:
            _witnesses.remove(self.story)

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        """One command."""
        argv = [sys.executable, "-m", "daemon", *args, "--config", str(self.folder)]
        return subprocess.run(argv, capture_output=True, text=True, timeout=300, cwd=ROOT, check=False)

    def done(self, *args: str) -> None:
        """One command that must succeed."""
        finished = self.run(*args)
        assert finished.returncode == 0, finished.stderr

    def told(self, *args: str) -> Any:
        """A command's JSON."""
        finished = self.run(*args, "--json")
        assert finished.returncode == 0, finished.stderr
        return json.loads(finished.stdout)

    def map(self, name: str, rules: object) -> None:
        """Write one mapping file as an admin does; a running daemon notices it. JSON is YAML too."""
        path = self.folder / "mappings" / f"{name}.yaml"
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({name: rules}))
        fresh.rename(path)


def write_folder(
    folder: Path,
    vendure: Vendure,
    medusa: Medusa,
    tryton: Tryton,
    karrio: Karrio,
    supplier: Supplier,
    *,
    chat: str,
    links: int,
) -> None:
    """A configuration folder of all systems, live, with a schedule that lets tests be quick.

    `chat` is the address at which a person of the name `lin` is told, `links` the port that serves decisions.
    """
    accounts: dict[str, dict[str, Any]] = {
        SHOP: {"connector": "vendure", "url": vendure.url, "username": vendure.username, "currency": "EUR"},
        SECOND_SHOP: {"connector": "medusa", "url": medusa.url, "currency": "EUR"},
        SUPPLIER: {"connector": "feed", "dropship": "true", **supplier.options},
        WAREHOUSE: {
            "connector": "tryton",
            "url": tryton.url,
            "database": tryton.database,
            "warehouse": tryton.warehouse,
            "customer": "CUS-1",
            "sender": SENDER,
        },
        COURIER: {"connector": "karrio", "url": karrio.url, "live_tracking": "true"},
    }
    secrets = {
        SHOP: vendure.password,
        SECOND_SHOP: medusa.seeded.secret_key,
        WAREHOUSE: tryton.key,
        COURIER: karrio.key,
        CHAT: chat,
    }
    (folder / "secrets").mkdir(mode=0o700)
    for name in accounts:
        accounts[name]["mode"] = "live"
    for name, secret in secrets.items():
        if name in accounts:
            accounts[name]["secret"] = f"file:{name}"
        path = folder / "secrets" / name
        path.touch(mode=0o600)
        path.write_text(secret)
    settings = {
        "timezone": "UTC",
        "metrics": {"listen": "127.0.0.1:0"},
        "webhooks": {"listen": f"127.0.0.1:{links}", "url": HOOKS},
        "log": {"format": "json", "level": "info"},
        "schedule": SCHEDULE,
        "accounts": accounts,
    }
    (folder / "entrepot.yaml").write_text(json.dumps(settings, indent=1))
    (folder / "mappings").mkdir()
    (folder / "mappings" / "weights.yaml").write_text("weights:\n  default: 200 g\n")
    rules = {
        "routing": [{"name": "several places", "to": "nearest_with_everything", "otherwise": "split"}],
        "stock": {"suppliers": {SUPPLIER: {"lag": "1 second"}}},
    }
    (folder / "mappings" / "places.yaml").write_text(json.dumps(rules))
    people = [
        {"name": "lin", "owns": ["service"], "decides": ["return", "refund"], "chat": {"url": f"file:{CHAT}"}}
    ]
    (folder / "mappings" / "returns.yaml").write_text(json.dumps({"returns": RETURNS}))
    (folder / "mappings" / "people.yaml").write_text(json.dumps({"people": people}))
