"""The list of commands, so that `entrepot --help` and a completed word need no part of the daemon.

A module is imported when one of its commands is looked up; nothing of it is garbage, so the collector rests
meanwhile, and never looks at it again. What the list says of a command is the first
sentence of its help; a test compares the two.
"""

import gc
from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

PLACES = {
    "init": ("setting_up", "Write a commented folder to start from: entrepot.yaml and mappings/."),
    "schema": ("setting_up", "The JSON Schema of entrepot.yaml and of the mapping files, for your editor."),
    "paths": ("setting_up", "Where everything lies: files, database, key, lock and socket."),
    "run": ("running", "Run the daemon until it is told to stop."),
    "once": ("running", "Run everything that is due, and what that wakes, then stop."),
    "backfill": (
        "backfilling",
        "Read all stock, listings and orders that the vendors have, and show how far it is.",
    ),
    "check": ("checking", "Check files, key, database and, with --online, every account."),
    "migrate": ("running", "Bring the database to this program's version."),
    "backup": (
        "backing_up",
        "Copy the database, beside a running daemon or without one, and verify the copy.",
    ),
    "restore": ("backing_up", "Put a backup in the database's place, and have everything since looked up."),
    "adopt": (
        "backing_up",
        "Let a database that was copied or moved here work here: what it may not know of is looked up first.",
    ),
    "status": ("watching", "Accounts, flows, backlogs, orders and issues at one look."),
    "plan": (
        "planning",
        "What would be sent to every shop now, and why: quantities, prices, listings up or down, content.",
    ),
    "apply": (
        "applying",
        "Send what a reviewed plan says, in spite of any guard: exactly its rows, or nothing.",
    ),
    "replay": (
        "replaying",
        "What a changed mapping folder would have done with the orders and offers of the last days.",
    ),
    "approve": ("approving", "What waits for your word, and let so much of it pass."),
    "explain": (
        "explaining",
        "Every term of the quantity, the price and the state that each shop shows of a SKU.",
    ),
    "connect": ("granting", "Let a person say yes at the vendor, and keep the token sealed."),
    "connectors": ("connecting", "Every connector with what it can do, its limits, and how it was verified."),
    "metrics": ("connecting", "Every metric with its meaning."),
    "demo": ("playing", "A pretend business on this machine, with the real daemon in it, live."),
    "issues": ("issuing", "What needs a person."),
    "messages": ("messaging", "What customers are told, and how a message will look."),
    "orders": ("ordering", "Orders: their state, their story, their holds."),
    "returns": (
        "returning",
        "Returns, exchanges and refunds: what was asked, what came back, what was given back.",
    ),
    "holds": ("deciding", "What waits for a person's decision: see it, decide it, hand it on."),
    "accounts": ("accounts", "Accounts: what they are doing, and whether they may."),
    "export": (
        "persons",
        "Everything that is stored of a person, as JSON: the answer to a request for access.",
    ),
    "forget": (
        "persons",
        "Erase a person's data for good; orders keep their numbers, quantities and money.",
    ),
    "keys": ("keys", "The key that seals buyers' data."),
}
"""By command: the module of sync.cli that has it, and what the list says of it."""


class Commands(MutableMapping[str, Any]):
    """The program's commands by name, each made when it is asked for."""

    def __init__(self) -> None:
        self._made: dict[str, TyperCommand | TyperGroup] = {}

    def __getitem__(self, name: str) -> TyperCommand | TyperGroup:
        if name not in self._made:
            module, _ = PLACES[name]
            self._made.update(_commands_of(module))
        return self._made[name]

    def __setitem__(self, name: str, command: TyperCommand | TyperGroup) -> None:
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        del self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(PLACES)

    def __len__(self) -> int:
        return len(PLACES)

    def __contains__(self, name: object) -> bool:
        return name in PLACES


def _commands_of(module: str) -> dict[str, Any]:
    part = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    gc.disable()
    try:
        import_module(f"sync.cli.{module}").add_to(part)
        return dict(get_group(part).commands)
    finally:
        gc.freeze()
        gc.enable()


class Front(TyperGroup):
    """The program itself: a group that imports a command only to run it."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = Commands()

    def format_commands(self, ctx: object, formatter: Any) -> None:
        """Write the list from `PLACES`. The formatter's own type is private to typer."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in PLACES.items()])
