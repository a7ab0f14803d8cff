"""Which warehouse or supplier sends what: pure allocation over what each could send now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

LineKey = tuple[str, str]
"""(order line id, SKU)"""


@dataclass(frozen=True, slots=True)
class Source:
    """A warehouse or supplier that could send: what it has free of each SKU; `knows` are those it carries."""

    account: str
    country: str | None
    free: Mapping[str, int]
    knows: frozenset[str]
    supplier: bool = False
    """It comes after all warehouses, and in a split it gets no line that a warehouse can send."""


class Otherwise(StrEnum):
    """What to do when no single warehouse has everything."""

    SPLIT = "split"
    HOLD = "hold"
    FIRST = "first"
    """Send all from the first, and let it back-order."""


@dataclass(frozen=True, slots=True)
class Routed:
    """The warehouse of each demand; `unrouted` are those that no warehouse carries."""

    by: Mapping[LineKey, str]
    unrouted: tuple[LineKey, ...] = ()


def route(
    demand: Mapping[LineKey, int],
    sources: Sequence[Source],
    *,
    country: str | None,
    otherwise: Otherwise,
) -> Routed | None:
    """Choose for every demand; None means that the rule says: hold.

    A warehouse with everything wins, one in the buyer's country first, then the order of `sources`; then a
    supplier with everything, unless the rule says: split. A
    shortage that no warehouse can fill goes to the first that carries the SKU: it becomes a back-order
    there, in the open.
    """
    near_first = sorted(sources, key=lambda source: (source.supplier, source.country != country))
    units = _units_by_sku(demand)
    own = any(not source.supplier for source in sources)
    for source in near_first:
        if source.supplier and own and otherwise == Otherwise.SPLIT:
            break
        if all(source.free.get(sku, 0) >= count for sku, count in units.items()):
            return Routed(dict.fromkeys(demand, source.account))
    if otherwise == Otherwise.HOLD and len(sources) > 1:
        return None
    if otherwise == Otherwise.FIRST or len(sources) == 1:
        return _to_first(demand, near_first)
    return _split(demand, near_first)


def elsewhere(demand: Mapping[LineKey, int], sources: Sequence[Source], *, country: str | None) -> Routed:
    """Who can send now what somebody else has refused: in full, or not at all; nothing becomes a back-order."""
    near_first = sorted(sources, key=lambda source: (source.supplier, source.country != country))
    free = {source.account: dict(source.free) for source in near_first}
    by, unrouted = {}, []
    for key, count in demand.items():
        name = next((name for name, units in free.items() if units.get(key[1], 0) >= count), None)
        if name is None:
            unrouted.append(key)
            continue
        free[name][key[1]] -= count
        by[key] = name
    return Routed(by, tuple(unrouted))


def _units_by_sku(demand: Mapping[LineKey, int]) -> dict[str, int]:
    units: dict[str, int] = {}
    for (_, sku), count in demand.items():
        units[sku] = units.get(sku, 0) + count
    return units


def _to_first(demand: Mapping[LineKey, int], sources: Sequence[Source]) -> Routed:
    by, unrouted = {}, []
    for key in demand:
        source = next((s for s in sources if key[1] in s.knows), None)
        if source is None:
            unrouted.append(key)
        else:
            by[key] = source.account
    return Routed(by, tuple(unrouted))


def _split(demand: Mapping[LineKey, int], sources: Sequence[Source]) -> Routed:
    free = {source.account: dict(source.free) for source in sources}
    by, unrouted = {}, []
    for key, count in demand.items():
        sku = key[1]
        carriers = [source.account for source in sources if sku in source.knows]
        if not carriers:
            unrouted.append(key)
            continue
        chosen = next((name for name in carriers if free[name].get(sku, 0) >= count), carriers[0])
        free[chosen][sku] = free[chosen].get(sku, 0) - count
        by[key] = chosen
    return Routed(by, tuple(unrouted))
