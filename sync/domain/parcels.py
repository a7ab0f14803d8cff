"""Parcels × lines: which units of which order lines are in a package, and how a shop is told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sync.domain.routing import LineKey


@dataclass(frozen=True, slots=True)
class Packed:
    """A parcel with the units that it holds per (order line, SKU)."""

    id: str
    lines: Mapping[LineKey, int]


def spread(
    packed: Sequence[tuple[str, int]], asked: Mapping[LineKey, int], used: Mapping[LineKey, int]
) -> dict[LineKey, int]:
    """Units of a parcel, known by SKU, laid on the order lines that asked for them, in the order of `asked`.

    `used` are units that earlier parcels hold. What no line asked for is left out: the caller compares.
    """
    left = {key: max(0, units - used.get(key, 0)) for key, units in asked.items()}
    result: dict[LineKey, int] = {}
    for sku, units in packed:
        here = units
        for key in asked:
            if key[1] != sku or here <= 0 or left[key] <= 0:
                continue
            taken = min(here, left[key])
            result[key] = result.get(key, 0) + taken
            left[key] -= taken
            here -= taken
    return result


def told_pieces(
    parcels: Sequence[Packed], components: Mapping[str, Mapping[str, int]]
) -> dict[str, tuple[tuple[str, int], ...]]:
    """For each parcel, whole pieces per order line that it completes: (order line id, pieces).

    `components` are the SKUs in one piece of each line. The halves of a bundle may travel apart: the piece
    is told with the parcel that completes it.
    """
    sent: dict[LineKey, int] = {}
    told: dict[str, int] = {}
    result = {}
    for parcel in parcels:
        for key, units in parcel.lines.items():
            sent[key] = sent.get(key, 0) + units
        now = {
            line: min(sent.get((line, sku), 0) // units for sku, units in parts.items())
            for line, parts in components.items()
            if parts
        }
        fresh = tuple((line, count - told.get(line, 0)) for line, count in now.items())
        result[parcel.id] = tuple((line, count) for line, count in fresh if count > 0)
        told = now
    return result
