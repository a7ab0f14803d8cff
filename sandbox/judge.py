"""Judges a run from the ledger alone, and from the daemon's list of orders that it holds.

Every figure is counted from effects in the systems' books: what was paid, received, shipped, told, refunded.
What the daemon believes does not enter, but for the names of the orders that it says it holds.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.deeds import Deeds, names_of, read
from sandbox.ledger import Entry

ROUNDING = 4
"""Minor units by which a line's share may be rounded: its price, its tax, its shares of sending and discount."""
ENOUGH = 0.9
"""The least share of orders that should flow which must have been shipped."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Something done more often than it should: what, where, and by how many units or minor units."""

    what: str
    where: str
    beyond: float


@dataclass(slots=True)
class Verdict:
    """What came of a run. `passed` is False when a promise was broken; `broken` says which."""

    orders_placed: int = 0
    orders_sent: int = 0
    orders_held: int = 0
    orders_shipped: int = 0
    orders_cancelled: int = 0
    parcels_told: int = 0
    parcels_delivered: int = 0
    stock_pushes: int = 0
    skus_sold_out: int = 0
    oversold_units: int = 0
    oversold: dict[str, int] = field(default_factory=dict)
    lost_orders: int = 0
    lost: list[str] = field(default_factory=list)
    duplicate_effects: int = 0
    duplicates: list[Duplicate] = field(default_factory=list)
    cancelled_shipped: int = 0
    units_returned: int = 0
    units_restocked: int = 0
    units_scrapped: int = 0
    requests_asked: int = 0
    orders_refunded: int = 0
    unrefunded_orders: int = 0
    unrefunded: list[str] = field(default_factory=list)
    flow_share: float = 1.0
    api_calls: dict[str, int] = field(default_factory=dict)
    throttled: int = 0
    passed: bool = True
    broken: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """The verdict as JSON."""
        return asdict(self)


def judge(
    entries: Iterable[Entry],
    held: Iterable[str] = (),
    calls: Mapping[tuple[str, str, int], int] | None = None,
) -> Verdict:
    """Judge a ledger; `held` names orders as "shop/code"; `calls` are counts by (system, path, status)."""
    deeds = read(entries)
    holds = names_of(held)
    verdict = Verdict()
    _count(verdict, deeds, holds)
    _oversold(verdict, deeds)
    _lost(verdict, deeds, holds)
    _unrefunded(verdict, deeds, holds)
    verdict.duplicates = [
        *_order_duplicates(deeds),
        *_refunds_too_many(deeds),
        *_label_duplicates(deeds),
        *_announced_twice(deeds),
    ]
    verdict.duplicate_effects = len(verdict.duplicates)
    _count_calls(verdict, calls or {})
    _conclude(verdict)
    return verdict


def _count(verdict: Verdict, deeds: Deeds, holds: set[str]) -> None:
    orders = deeds.orders.values()
    verdict.orders_placed = len(deeds.orders)
    verdict.orders_sent = sum(order.sent for order in orders)
    verdict.orders_held = sum(order.name in holds for order in orders)
    verdict.orders_shipped = sum(order.wholly_shipped for order in orders)
    verdict.orders_cancelled = sum(order.wholly_cancelled for order in orders)
    verdict.parcels_told = sum(order.parcels_told for order in orders)
    verdict.parcels_delivered = len(deeds.delivered)
    verdict.stock_pushes = deeds.stock_pushes
    verdict.units_returned = deeds.returned.total()
    verdict.units_restocked = deeds.restocked.total()
    verdict.units_scrapped = deeds.scrapped.total()
    verdict.requests_asked = sum(len(order.asked) for order in orders)
    verdict.orders_refunded = sum(bool(order.asked) and order.refunded > 0 for order in orders)
    verdict.cancelled_shipped = sum(order.shipped_although_cancelled for order in orders)


def _oversold(verdict: Verdict, deeds: Deeds) -> None:
    sold: Counter[str] = Counter()
    for order in deeds.orders.values():
        sold.update(order.wanted)
        sold.update(order.instead & (order.shipped - order.placed))
    sold.pop("", None)
    there = deeds.received + deeds.restocked
    beyond = {sku: units - there[sku] for sku, units in sold.items() if units > there[sku]}
    verdict.oversold = beyond
    verdict.oversold_units = sum(beyond.values())
    verdict.skus_sold_out = sum(0 < there[sku] <= units for sku, units in sold.items())


def _lost(verdict: Verdict, deeds: Deeds, holds: set[str]) -> None:
    finished = [o for o in deeds.orders.values() if o.wholly_shipped or o.wholly_cancelled]
    done = {order.name for order in finished}
    verdict.lost = sorted(
        order.name for order in deeds.orders.values() if order.name not in done and order.name not in holds
    )
    verdict.lost_orders = len(verdict.lost)
    flowing = [order for order in deeds.orders.values() if order.should_flow]
    if flowing:
        verdict.flow_share = sum(order.wholly_shipped for order in flowing) / len(flowing)


def _order_duplicates(deeds: Deeds) -> list[Duplicate]:
    found: list[Duplicate] = []
    for order in deeds.orders.values():
        promised = order.placed + order.instead
        shipped = _beyond(order.shipped, promised)
        ordered = _beyond(order.at_warehouse, promised)
        if shipped:
            found.append(Duplicate("units shipped twice", order.name, shipped))
        elif ordered:
            found.append(Duplicate("ordered twice at the warehouse", order.name, ordered))
        if told := _beyond(order.fulfilled, promised):
            found.append(Duplicate("fulfilled twice at the shop", order.name, told))
        if order.refunded > order.paid:
            found.append(Duplicate("refunded beyond what was paid", order.name, order.refunded - order.paid))
    return found


def _unrefunded(verdict: Verdict, deeds: Deeds, holds: set[str]) -> None:
    """Orders of which all that was asked back is on sale again, and whose buyer got nothing for it."""
    verdict.unrefunded = sorted(
        order.name
        for order in deeds.orders.values()
        if order.asked_back and not order.instead and not order.asked_back - order.came_back
        if not order.refunded and any(order.asked.values()) and order.name not in holds
    )
    verdict.unrefunded_orders = len(verdict.unrefunded)


def _refunds_too_many(deeds: Deeds) -> list[Duplicate]:
    """Money that nobody asked for: beyond what people gave, and what the goods of all requests were paid with.

    What an order's cancellation gave back is not told apart, so that such orders are left out.
    """
    found: list[Duplicate] = []
    for order in deeds.orders.values():
        beyond = order.refunded - order.by_staff - sum(order.asked.values())
        if order.asked and not order.cancelled and beyond > ROUNDING * len(order.asked_back):
            found.append(Duplicate("refunded beyond what was asked for", order.name, beyond))
    return found


def _announced_twice(deeds: Deeds) -> list[Duplicate]:
    more = {reference: times - 1 for reference, times in deeds.announced.items() if times > 1}
    return [Duplicate("return announced twice", reference, times) for reference, times in more.items()]


def _label_duplicates(deeds: Deeds) -> list[Duplicate]:
    labels: dict[tuple[str, bool], int] = defaultdict(int)
    for label in deeds.labels.values():
        if not label.voided:
            labels[deeds.owner(label), label.back] += 1
    found: list[Duplicate] = []
    for (owner, back), bought in labels.items():
        order = deeds.orders.get(owner)
        parcels = order.parcels if order else 1
        if bought > max(1, parcels):
            what = "return label bought twice" if back else "label bought twice"
            where = order.name if order else owner
            found.append(Duplicate(what, where, bought - max(1, parcels)))
    return found


def _beyond(done: Mapping[str, float], wanted: Mapping[str, float]) -> float:
    return sum(max(0, units - wanted.get(sku, 0)) for sku, units in done.items())


def _count_calls(verdict: Verdict, calls: Mapping[tuple[str, str, int], int]) -> None:
    by_system: Counter[str] = Counter()
    for (system, _, status), number in calls.items():
        by_system[system] += number
        verdict.throttled += number if status == 429 else 0
    verdict.api_calls = dict(sorted(by_system.items()))


def _conclude(verdict: Verdict) -> None:
    broken = {
        "units were oversold": verdict.oversold_units,
        "orders were lost": verdict.lost_orders,
        "effects were duplicated": verdict.duplicate_effects,
        "goods came back and no money was given": verdict.unrefunded_orders,
        "too few of the orders that should flow were shipped": verdict.flow_share < ENOUGH,
    }
    verdict.broken = [text for text, is_broken in broken.items() if is_broken]
    verdict.passed = not verdict.broken
