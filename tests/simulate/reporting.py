"""What came of simulated days: as a value, as tables, and as one line."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table

EFFECTS = {
    "shipment_created": "fulfilments at warehouses and the supplier",
    "order_received": "purchase orders at the supplier",
    "label_bought": "labels bought",
    "label_voided": "labels given back",
    "refunded": "refunds",
}
"""Entries of the ledger, and what they are called here."""
PROMISES = ("oversold_units", "lost_orders", "duplicate_effects")


@dataclass(slots=True)
class Report:
    """The whole of a run; `broken` is empty where every promise was kept."""

    days: float
    seed: int
    database: str
    orders: dict[str, int] = field(default_factory=dict)
    effects: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)
    verdict: dict[str, Any] = field(default_factory=dict)
    issues: dict[str, int] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    starts: int = 0
    steps: int = 0
    restless: int = 0
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)
    folder: str = ""

    @property
    def passed(self) -> bool:
        """Whether every promise was kept."""
        return not self.broken

    @property
    def again(self) -> str:
        """The command that runs the same days."""
        database = "" if self.database == "sqlite" else f" --database {self.database}"
        return f"python -m tests.simulate --days {self.days:g} --seed {self.seed}{database}"

    def judged(self, verdict: Mapping[str, Any]) -> None:
        """Take the judge's verdict in."""
        self.verdict = dict(verdict)
        self.orders = {
            "placed": verdict["orders_placed"],
            "shipped": verdict["orders_shipped"],
            "cancelled": verdict["orders_cancelled"],
            "held": verdict["orders_held"],
        }
        self.effects |= {
            "parcels told to the shops": verdict["parcels_told"],
            "parcels delivered": verdict["parcels_delivered"],
            "quantities pushed": verdict["stock_pushes"],
        }
        self.broken += verdict["broken"]

    def last_line(self) -> str:
        """One line that says it all."""
        if not self.passed:
            return f"the promise is broken; run it again: {self.again}"
        told = self.verdict
        share = f"{100 * told['flow_share']:.0f} % shipped"
        counts = "{} oversold, {} lost, {} doubled".format(*(told[name] for name in PROMISES))
        days = "1 day" if self.days == 1 else f"{self.days:g} days"
        return f"{days}, seed {self.seed}: {told['orders_placed']} orders, {counts}, {share}"

    def plain(self) -> dict[str, Any]:
        """All of it as JSON."""
        return {**asdict(self), "passed": self.passed, "again": self.again, "last_line": self.last_line()}

    def tables(self) -> list[Table]:
        """All of it for a person."""
        named = {
            "orders": self.orders,
            "effects": self.effects,
            "people": self.people,
            "faults that struck": self.faults,
            "what happened by the schedule": self.events,
            "issues still open": self.issues,
            "errors in the daemon's log": self.errors,
            "the judge, by the sandbox's own books": {name: self.verdict.get(name, 0) for name in PROMISES},
        }
        return [_table(title, counts) for title, counts in named.items() if counts]


def _table(title: str, counts: Mapping[str, int]) -> Table:
    table = Table("", "", title=title, title_justify="left", box=None, show_header=False, pad_edge=False)
    table.columns[1].justify = "right"
    for name in counts:
        table.add_row(name, str(counts[name]))
    return table


def errors_in(log: Path) -> Counter[str]:
    """The errors that a daemon logged, by what it said; a traceback is one of its own kind."""
    found: Counter[str] = Counter()
    for line in log.read_text("utf-8", errors="replace").splitlines():
        if "Traceback" in line:
            found["traceback"] += 1
        if not line.startswith("{"):
            continue
        try:
            said = json.loads(line)
        except ValueError:
            continue  # a kill cut it off
        if said.get("level") in ("error", "critical"):
            found[f"{said.get('event')}: {str(said.get('why', ''))[:160]}".rstrip(": ")] += 1
    return found
