"""The parcels that an order's metadata tells of: our own with what is in them, and the extension's. Pure.

WooCommerce has no shipments. Ours stand in the order's metadata under OWN, each with a reference made of our key, its
number, its carrier and its lines. The Shipment Tracking extension keeps its own under ITEMS: a number and a
provider, no lines. One of the same number is the same parcel.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from connectors.storefronts.woocommerce import payloads
from sync.domain.orders import RemoteShipment

OWN = "_entrepot_parcels"
ITEMS = "_wc_shipment_tracking_items"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One of ours. `lines`: units by the order line's id."""

    ref: str
    tracking: str
    carrier: str
    lines: Mapping[int, int]

    def stored(self) -> dict[str, object]:
        """In the extensions' own words, so that others can read it; all values are texts, as metadata keeps them."""
        return {
            "ref": self.ref,
            "tracking_number": self.tracking,
            "tracking_provider": self.carrier,
            "products_list": products_list(self.lines),
        }


def products_list(lines: Mapping[int, int]) -> list[dict[str, str]]:
    """What is in a parcel, as extensions tell it."""
    return [{"item_id": str(line), "qty": str(units)} for line, units in lines.items()]


def reference(key: str, number: int) -> str:
    """Sixteen hexadecimal digits: the buyer sees some of them, and our keys are not for buyers."""
    return sha256(f"{key} {number}".encode()).hexdigest()[:16]


def added(lines: Iterable[tuple[str, int]]) -> dict[int, int]:
    """Units by line of a parcel that was told; lines that are no id of the shop's are under 0."""
    units: dict[int, int] = {}
    for line, count in lines:
        id = int(line) if line.isascii() and line.isdigit() else 0
        units[id] = units.get(id, 0) + count
    return units


def own(order: payloads.Order) -> list[Parcel]:
    """Our parcels, in the order in which they were told."""
    return [parcel for each in _rows(order.meta(OWN)) if (parcel := _parcel(each)) is not None]


def in_parcels(order: payloads.Order) -> dict[int, int]:
    """Units by line in our parcels."""
    units: dict[int, int] = {}
    for parcel in own(order):
        for line, count in parcel.lines.items():
            units[line] = units.get(line, 0) + count
    return units


def shipments(order: payloads.Order) -> tuple[RemoteShipment, ...]:
    """All parcels that the order tells of."""
    ours = own(order)
    known = {parcel.tracking for parcel in ours}
    told = [RemoteShipment(p.ref, _lines(p.lines), p.tracking or None, p.carrier) for p in ours]
    for row in _rows(order.meta(ITEMS)):
        number, id = _said(row, "tracking_number"), _said(row, "tracking_id")
        if number and number not in known:
            carrier = _said(row, "tracking_provider") or _said(row, "custom_tracking_provider")
            told.append(RemoteShipment(id or number, (), number, carrier))
    return tuple(told)


def _parcel(row: Mapping[str, Any]) -> Parcel | None:
    ref = _said(row, "ref")
    lines: dict[int, int] = {}
    for part in _rows(row.get("products_list")):
        line, units = str(part.get("item_id")), str(part.get("qty"))
        if not (line.isdigit() and units.isdigit()):
            return None
        lines[int(line)] = int(units)
    number, carrier = _said(row, "tracking_number"), _said(row, "tracking_provider")
    return Parcel(ref, number, carrier, lines) if ref else None


def _rows(value: object) -> Sequence[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _said(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value.strip() if isinstance(value, str) else ""


def _lines(lines: Mapping[int, int]) -> tuple[tuple[str, int], ...]:
    return tuple((str(line), units) for line, units in lines.items())
