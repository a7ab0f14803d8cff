"""A supplier that is a folder of files: it writes lists and papers, and reads the orders that lie there."""

import csv
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

LIST = ("code", "sku", "stock", "cost")
PAPER = ("reference", "code", "quantity", "status", "tracking", "carrier", "date")


class Supplier:
    """Its people, at work in one folder. Codes are `A-` and the SKU."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stock: dict[str, int] = {}
        self._papers = 0
        for name in ("orders", "acks", "despatch"):
            (folder / name).mkdir(parents=True)
        self.publish()

    @property
    def options(self) -> dict[str, Any]:
        """How an admin describes it in entrepot.yaml."""
        papers = {name: name for name in PAPER}
        del papers["status"]
        return {
            "folder": str(self.folder),
            "done_marker": ".done",
            "list": {
                "files": "stock.csv",
                "columns": {name: name for name in LIST},
                "currency": "EUR",
                "guard": {"fewer_rows": "90%", "less_stock": "100%"},
            },
            "orders": {"folder": "orders"},
            "acknowledgements": {"files": "acks/*.csv", "columns": {**papers, "status": "status"}},
            "despatches": {"files": "despatch/*.csv", "columns": papers},
        }

    def offer(self, sku: str, units: int) -> None:
        """Take goods into the list, or change how many there are."""
        self._stock[sku] = units
        self.publish()

    def publish(self) -> None:
        """Write the list: a part of it, then the whole, then the mark that it is whole."""
        rows = [(f"A-{sku}", sku, units, "20.00") for sku, units in self._stock.items()]
        self._write(self.folder / "stock.csv", LIST, rows)

    def orders(self, reference: str) -> list[dict[str, str]]:
        """The rows of every order file with this reference."""
        found = []
        for path in sorted((self.folder / "orders").glob("*.csv")):
            with path.open(encoding="utf-8", newline="") as file:
                found += [row for row in csv.DictReader(file) if row["reference"] == reference]
        return found

    def acknowledge(self, reference: str, lines: Mapping[str, int], status: str = "accepted") -> None:
        """Say yes or no to lines, by SKU."""
        self._paper("acks", reference, lines, status=status)

    def despatch(self, reference: str, lines: Mapping[str, int], tracking: str, carrier: str) -> None:
        """Say that lines left, by SKU."""
        for sku, units in lines.items():
            self._stock[sku] -= units
        self._paper("despatch", reference, lines, tracking=tracking, carrier=carrier)
        self.publish()

    def _paper(self, kind: str, reference: str, lines: Mapping[str, int], **more: str) -> None:
        self._papers += 1
        said = {"status": "", "tracking": "", "carrier": "", **more}
        now = datetime.now(UTC).isoformat()
        rows = [
            (reference, f"A-{sku}", units, said["status"], said["tracking"], said["carrier"], now)
            for sku, units in lines.items()
        ]
        self._write(self.folder / kind / f"{self._papers:03}.csv", PAPER, rows)

    def _write(self, path: Path, heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
        mark = path.with_name(f"{path.name}.done")
        mark.unlink(missing_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(heads)
            writer.writerows(rows)
            file.flush()
            os.fsync(file.fileno())
        mark.touch()
