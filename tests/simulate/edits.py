"""What an administrator does to the configuration: sensible changes, and mistakes that must change nothing.

A mistake stays in the file until it is mended, and meanwhile the last good configuration is in force.
"""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from tests.simulate.program import Program, ProgramFailed

SETTINGS, ROUTING, STOCK = "entrepot.yaml", "mappings/routing.yaml", "mappings/stock.yaml"
SCHEDULE = {
    "orders": "2 minutes",
    "review": "2 minutes",
    "push_stock": "2 minutes",
    "outbox": "2 minutes",
    "labels": "5 minutes",
    "deliveries": "1 hour",
    "voids": "2 hours",
    "fulfilment": "5 minutes",
    "stock": "5 minutes",
    "full_stock": "2 hours",
    "offers": "1 hour",
    "acknowledgements": "10 minutes",
    "despatches": "10 minutes",
    "tracking": "1 hour",
    "requests": "10 minutes",
    "way_back": "10 minutes",
    "return_receipts": "10 minutes",
    "open_orders": "1 hour",
    "catalogue": "8 hours",
}
"""What suits a clock that is moved by some minutes at a time."""
TRUST = {"acme": {"use": "80%", "max_age": "6 hours", "lag": "15 minutes"}}
_NOT_KEPT = ("overlap_seconds",)
"""Options of the demo that suit its haste alone."""


class Edits:
    """One administrator. `mended` is True unless a mistake is in the files."""

    def __init__(self, program: Program, random: Random) -> None:
        self._program = program
        self._random = random
        self._good: bytes | None = None
        self._spoilt: Path | None = None

    @property
    def mended(self) -> bool:
        """Whether the files are right."""
        return self._good is None

    async def change(self, what: str) -> None:
        """A sensible change. Raises ProgramFailed where it is not taken over."""
        await self.mend()
        changes: dict[str, Callable[[], None]] = {
            "safety stock": lambda: self._stock(safety_stock=self._random.randint(0, 2)),
            "buffer": lambda: self._stock(by_account={"main": {"units": self._random.randint(0, 2)}}),
            "routing": self._routing,
            "schedule": self._schedule,
        }
        changes[what]()
        await self._taken_over()

    async def spoil(self, what: str) -> None:
        """A mistake. Raises ProgramFailed where it is taken over, or the last good one is not kept."""
        await self.mend()
        before = await self._rules()
        path = self._program.folder / STOCK
        self._good, self._spoilt = path.read_bytes(), path
        wrong = {
            "truncated": self._good[: len(self._good) // 2],
            "misspelt": b'{"stock": {"saftey_stock": 1}}',
            "not a number": b'{"stock": {"safety_stock": "three"}}',
        }
        path.write_bytes(wrong[what])
        told = await self._program.ask("reload")
        if told["accepted"]:
            raise ProgramFailed(f"a configuration that is {what} was taken over")
        if await self._rules() != before:
            raise ProgramFailed("the last good configuration is not in force any more")
        if not (await self._program.open_issues())["config.rejected"]:
            raise ProgramFailed("nobody is told that the configuration was refused")

    async def mend(self) -> None:
        """Put the files right. Raises ProgramFailed where that is not taken over."""
        if self.repair():
            await self._taken_over()
            if (await self._program.open_issues())["config.rejected"]:
                raise ProgramFailed("the issue of the refused configuration is still open")

    def repair(self) -> bool:
        """The same for a daemon that does not run; it reads the files when it starts. False: nothing to do."""
        if self._good is None or self._spoilt is None:
            return False
        self._spoilt.write_bytes(self._good)
        self._good = self._spoilt = None
        return True

    async def _taken_over(self) -> None:
        told = await self._program.ask("reload")
        if not told["accepted"]:
            raise ProgramFailed(f"a good configuration was refused: {told.get('why')}")

    async def _rules(self) -> str:
        told = await self._program.ask("status")
        return str(told["rules"])

    def _stock(self, **changes: Any) -> None:
        path = self._program.folder / STOCK
        document = json.loads(path.read_text("utf-8"))
        document["stock"].update(changes)
        path.write_text(json.dumps(document), "utf-8")

    def _routing(self) -> None:
        to = self._random.choice(("first", "nearest_with_everything"))
        self._write(ROUTING, {"routing": [{"name": f"to the {to}", "to": to, "otherwise": "split"}]})

    def _schedule(self) -> None:
        path = self._program.folder / SETTINGS
        document = json.loads(path.read_text("utf-8"))
        document["schedule"]["orders"] = f"{self._random.randint(1, 5)} minutes"
        path.write_text(json.dumps(document), "utf-8")

    def _write(self, name: str, document: object) -> None:
        (self._program.folder / name).write_text(json.dumps(document), "utf-8")


def suit(folder: Path, database: str | None) -> None:
    """Make the demo's folder one for simulated days; `database` is a PostgreSQL URL, None for SQLite."""
    path = folder / SETTINGS
    document = json.loads(path.read_text("utf-8"))
    document["schedule"] = SCHEDULE
    if database is not None:
        document["database"] = database
    for account in document["accounts"].values():
        for option in _NOT_KEPT:
            account.pop(option, None)
    path.write_text(json.dumps(document), "utf-8")
    routing = {"routing": [{"name": "several places", "to": "nearest_with_everything", "otherwise": "split"}]}
    (folder / ROUTING).write_text(json.dumps(routing), "utf-8")
    (folder / STOCK).write_text(json.dumps({"stock": {"safety_stock": 0, "suppliers": TRUST}}), "utf-8")
