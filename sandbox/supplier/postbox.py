"""How a supplier's papers come and go: through a folder, or as documents that its server shows.

In a folder each paper is a file of its own; on the server acknowledgements and despatches are one document each
that grows. `publish` can go wrong on purpose.
"""

import csv
import io
import json
import os
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from sandbox.supplier.books import Supplier
from sandbox.supplier.dialect import PLAIN, Dialect
from sandbox.supplier.records import Order


class Slip(StrEnum):
    """What can go wrong with a list."""

    HALF = "half"
    """Half of it is there, and no mark that it is whole; the next list is whole again."""
    SHORT = "short"
    """Only a tenth of the rows."""
    SOLD_OUT = "sold_out"
    """Every stock is 0."""
    BAD_ROWS = "bad_rows"
    """Every third row is spoilt."""


@dataclass(frozen=True, slots=True)
class Document:
    """A paper on the server."""

    body: bytes = field(repr=False)
    at: datetime

    @property
    def etag(self) -> str:
        """Changes with the content."""
        return f'"{sha256(self.body).hexdigest()[:16]}"'


@dataclass(slots=True)
class Postbox:
    """Carries the papers of one supplier. `takes`: order files are removed from the folder once read."""

    supplier: Supplier
    folder: Path | None = None
    dialect: Dialect = PLAIN
    currency: str = "EUR"
    takes: bool = True
    documents: dict[str, Document] = field(default_factory=dict)
    incoming: dict[str, bytes] = field(default_factory=dict, repr=False)
    _seen: set[str] = field(default_factory=set)
    _told: dict[str, int] = field(default_factory=dict)
    _number: int = 0

    def publish(self, slip: str = "") -> str:
        """Write the price and stock list; gives its name."""
        goods = list(self.supplier.goods.values())
        bad: list[str] = []
        if slip == Slip.SHORT:
            goods = goods[: max(1, len(goods) // 10)]
        elif slip == Slip.BAD_ROWS:
            bad = [good.code for good in goods[::3]]
        elif slip == Slip.SOLD_OUT:
            goods = [replace(good, stock=0) for good in goods]
        elif slip and slip != Slip.HALF:
            raise ValueError(f"a list has no slip {slip}; it has {', '.join(Slip)}")
        body = self.dialect.price_list(goods, self.currency, bad)
        name = f"stock.{self.dialect.ending}"
        self._write(name, body[: len(body) // 2] if slip == Slip.HALF else body, whole=slip != Slip.HALF)
        return name

    def collect(self) -> list[Order]:
        """Read the orders and cancellations that came in; gives the new orders."""
        if self.folder is not None:
            for path in sorted((self.folder / "orders").glob("*.*")):
                if path.suffix in (".csv", ".json") and not path.name.startswith("."):
                    self.incoming.setdefault(path.name, path.read_bytes())
                    if self.takes:
                        path.unlink()
        found = []
        for name in [name for name in self.incoming if name not in self._seen]:
            self._seen.add(name)
            order = self._read(self.incoming[name])
            if order is not None:
                found.append(order)
        if self.takes and self.folder is not None:  # what was taken away can come again, as another order
            self._seen.clear()
            self.incoming.clear()
        return found

    def send(self) -> list[str]:
        """Write acknowledgements and despatch notes of what is new; gives the names of the papers."""
        made = []
        for kind, said in (("acks", self.supplier.acknowledgements), ("despatch", self.supplier.despatches)):
            told = self._told.get(kind, 0)
            if told == len(said):
                continue
            self._told[kind] = len(said)
            self._number += 1
            if self.folder is not None:
                name = f"{kind}/{kind}-{self._number:04d}.{self.dialect.ending}"
                self._write(name, self.dialect.papers(said[told:]), whole=True)
            else:
                name = f"{kind}.{self.dialect.ending}"
                self._write(name, self.dialect.papers(said), whole=True)
            made.append(name)
        return made

    def options(self, base: str = "", state: str = "") -> dict[str, Any]:
        """What an administrator writes in the YAML for this supplier."""
        ending, shape = self.dialect.ending, self.dialect.options()
        named = self.dialect.columns
        plenty = {f"{self.dialect.plenty}+": self.dialect.plenty} if self.dialect.plenty else {}
        inside = self.folder is not None
        place: dict[str, Any] = {"folder": str(self.folder)} if inside else {"url": base}
        if state:
            place["state"] = state
        if inside and self.dialect.done_marker:
            place["done_marker"] = self.dialect.done_marker
        said = ("reference", "code", "quantity", "date")
        return {
            **place,
            "list": {
                "files": f"stock.{ending}",
                **shape,
                "columns": named(("code", "sku", "cost", "currency", "stock", "pack", "lead_days")),
                "quantities": plenty,
            },
            "orders": {"folder": "orders"},
            "acknowledgements": {
                "files": f"acks/*.{ending}" if inside else f"acks.{ending}",
                **shape,
                "columns": named((*said, "status", "reason")),
            },
            "despatches": {
                "files": f"despatch/*.{ending}" if inside else f"despatch.{ending}",
                **shape,
                "columns": named((*said, "tracking", "carrier")),
            },
        }

    def _write(self, name: str, body: bytes, *, whole: bool) -> None:
        if self.folder is None:
            self.documents[name] = Document(body, self.supplier.clock.now())
            return
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        marker = path.with_name(path.name + self.dialect.done_marker) if self.dialect.done_marker else None
        if marker is not None:
            marker.unlink(missing_ok=True)
        path.write_bytes(body)
        if whole and marker is not None:
            marker.touch()
        elif whole:  # one that has lain there for an hour
            past = path.stat().st_mtime - 3600
            os.utime(path, (past, past))

    def _read(self, body: bytes) -> Order | None:
        text = body.decode()
        rows = _json_rows(text) if text.startswith("{") else list(csv.DictReader(io.StringIO(text)))
        reference = rows[0]["reference"]
        if rows[0].get("action") == "cancel":
            self.supplier.ask_to_cancel(reference)
            return None
        address = {key: rows[0].get(key, "") for key in ("name", "street", "city", "postal_code", "country")}
        lines = {row["code"]: int(row["pieces"]) for row in rows}
        return self.supplier.take_order(
            reference, lines, drop_ship=rows[0]["drop_ship"] == "true", ship_to=address
        )


def _json_rows(text: str) -> list[dict[str, str]]:
    whole = json.loads(text)
    head = {"reference": whole["reference"], "action": whole.get("action", "")}
    head |= {"drop_ship": "true" if whole.get("drop_ship") else "false", **whole.get("ship_to", {})}
    lines = whole.get("lines", [])
    return [{**head, "code": line["code"], "pieces": str(line["pieces"])} for line in lines] or [head]
