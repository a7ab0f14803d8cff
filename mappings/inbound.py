"""`inbound:` compiled: which goods are on their way, how many of each, and on what day they arrive."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from config.errors import Problem, shown
from config.units import UNITS_ALLOWED, BadUnit, units
from config.yaml import Located
from mappings.reading import Reading
from mappings.schema import InboundModel
from mappings.tables import BadRow, Row, gather, rows_of
from sync.domain.sku import normal_sku

DAY_ALLOWED = "a date: 2026-07-01"


@dataclass(frozen=True, slots=True)
class Arrival:
    """Units of one SKU that arrive on a day."""

    day: date
    units: int


Inbound = Mapping[str, tuple[Arrival, ...]]
"""By SKU, the earliest first."""


def inbound_rules(model: InboundModel | None, node: Located, reading: Reading) -> Inbound:
    """What the table says; nothing where there is none. `node` is the located section."""
    if model is None:
        return {}
    place = node.find("table")
    found = reading.table(model.table, place, lambda path, file: inbound_table(path, file, reading.warnings))
    if found is None:
        return {}
    reading.tables[model.table] = [
        [sku, [[each.day.isoformat(), each.units] for each in arrivals]]
        for sku, arrivals in sorted(found.items())
    ]
    return found


def inbound_table(path: Path, file: str, warnings: list[Problem]) -> Inbound:
    """`sku,units,arrives`: several rows of one SKU are several deliveries."""

    def read(row: Row) -> tuple[tuple[str, int], Arrival]:
        sku = normal_sku(row.cells["sku"])
        if sku is None:
            raise BadRow("sku", "the cell is empty")
        return (sku, row.line), Arrival(_day(row.cells["arrives"]), _units(row.cells["units"]))

    rows = rows_of(path, file, "utf-8", required=("sku", "units", "arrives"))
    by_sku: dict[str, list[Arrival]] = {}
    for (sku, _), arrival in gather(rows, read, file, "sku", warnings).items():
        by_sku.setdefault(sku, []).append(arrival)
    return {sku: tuple(sorted(arrivals, key=lambda each: each.day)) for sku, arrivals in by_sku.items()}


def _units(text: str) -> int:
    try:
        return units(text)
    except BadUnit as error:
        raise BadRow("units", error.what, UNITS_ALLOWED) from None


def _day(text: str) -> date:
    try:
        if len(text) != len("2026-07-01"):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise BadRow("arrives", f"{shown(text)} is not a date", DAY_ALLOWED) from None
