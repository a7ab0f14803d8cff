"""A house of two shops and a warehouse, with rules for stock and prices that tests change."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.acceptance.conftest import World, a_world

WANTED = ("main", "yen", "warehouse", "courier")
STOCK = "stock: {buffer: {units: 1}}\n"
TIGHTER = "stock:\n  buffer: {units: 4}\n"
PRICES = """\
goods: {table: goods.csv, currency: EUR}
prices:
  - name: shirts
    when: {account: [main], sku: [TEE-01, TEE-02, TEE-03]}
    price: landed_cost * 1.6
    tax: {rate: 20%, formula: without}
    floor: {cover: [landed_cost], margin: 15% of price}
    round: {end_in: ".99", direction: up}
    largest_move: 20% per day
promotions:
  - {name: flash sale, when: {account: [main], sku: [TEE-02]}, until: "2199-12-31 23:00", off: 20%}
"""
GOODS = "sku,landed_cost\nTEE-01,8.20\nTEE-02,9.10\nTEE-03,4\n"


class Priced(World):
    """The world with what these tests do in it again and again."""

    @property
    def mappings(self) -> Path:
        """The rules that are in force."""
        return self.folder / "mappings"

    def rules(self, **files: str) -> None:
        """Write rules into the folder; a name's underscore is its dot."""
        write(self.mappings, files)

    def changed(self, name: str, **files: str) -> Path:
        """A copy of the rules with changes, beside the folder."""
        folder = self.folder.parent / name
        shutil.copytree(self.mappings, folder)
        write(folder, files)
        return folder

    def once(self) -> None:
        """A single round."""
        done = self.run("once")
        assert done.returncode == 0, (done.stdout, done.stderr)

    def settled(self) -> None:
        """Rounds until every shop has confirmed its quantities: what goes up waits for what goes down."""
        for _ in range(10):
            self.once()
            if not self.unsent():
                return
        raise AssertionError(f"quantities stay unsent: {self.unsent()}")

    def unsent(self) -> list[tuple[Any, ...]]:
        """The quantities that a shop has not confirmed: listing, wanted, confirmed."""
        path = self.folder / "entrepot-data" / "entrepot.sqlite3"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return connection.execute(
                "SELECT external_id, desired, acked FROM offer_quantity"
                " WHERE desired IS NOT NULL AND desired IS NOT acked"
            ).fetchall()

    def refused(self, *args: str) -> str:
        """What a command that is refused as bad input says."""
        done = self.run(*args)
        assert done.returncode == 2, (done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stderr.strip()

    def variant(self, shop: str, sku: str) -> dict[str, Any]:
        """What a shop has of a SKU, by its own books."""
        found: dict[str, Any] = next(v for v in self.books()["shops"][shop]["variants"] if v["sku"] == sku)
        return found

    def dump(self) -> str:
        """Everything that is stored."""
        path = self.folder / "entrepot-data" / "entrepot.sqlite3"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return "\n".join(connection.iterdump())

    def settings(self, **accounts: dict[str, Any]) -> None:
        """Change options of accounts; None takes one away."""
        path = self.folder / "entrepot.yaml"
        read = json.loads(path.read_text("utf-8"))
        for name, options in accounts.items():
            merged = read["accounts"][name] | options
            read["accounts"][name] = {key: value for key, value in merged.items() if value is not None}
        path.write_text(json.dumps(read, indent=2), encoding="utf-8")


def write(folder: Path, files: dict[str, str]) -> None:
    """`stock_yaml` is `stock.yaml`."""
    for name, text in files.items():
        stem, _, ending = name.rpartition("_")
        (folder / f"{stem}.{ending}").write_text(text, encoding="utf-8")


@contextmanager
def priced(folder: Path, *, observed: tuple[str, ...] = ()) -> Iterator[Priced]:
    """Start the world, write its folder, and bring it into step."""
    with a_world(folder, accounts=WANTED, kind=Priced) as made:
        made.settings(**{name: {"mode": None} for name in observed})
        made.rules(stock_yaml=STOCK)
        made.once() if observed else made.settled()
        yield made
