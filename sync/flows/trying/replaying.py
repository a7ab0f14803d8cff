"""Other rules tried on stored orders: which would have been held, routed or given to another courier.

Both sets of rules look at the same order as it is stored now, so that only the rules make a difference. Notes and
postal codes are opened for the rules alone, and are in nothing that is told.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from mappings import CourierChoice
from mappings.facts import OrderFacts
from mappings.holds import HoldRule, Release
from mappings.routing import Choose, Route
from mappings.when import When
from sync.domain.clock import to_micros
from sync.domain.ids import AccountId, OrderId
from sync.flows.flow import AccountView, FlowContext
from sync.flows.orders.facts import order_facts, parcel_facts
from sync.flows.selling.binding import lines_by_rules, unbound_titles
from sync.store import cases, offered, orders, replaying
from sync.store.cases import StoredCase, StoredLine
from sync.store.database import Tx
from sync.store.sealing import Unsealable

SLICE = 500
_UNKNOWN = "unknown sku"
_ANY = When()


class Otherwise(StrEnum):
    """What of an order would have been otherwise."""

    SOLD = "sold"
    """its lines would stand for other SKUs"""
    HELD = "held"
    ROUTED = "routed"
    COURIER = "courier"


@dataclass(frozen=True, slots=True)
class OrderChange:
    """One thing about one order: told with the rules, and without anything of its buyer."""

    order: str
    what: Otherwise
    before: str
    after: str
    rules: tuple[tuple[str, str], ...] = ()
    """(section, name) of the new rules that decide."""


@dataclass(slots=True)
class OrdersReplayed:
    """Counts over all orders, and the first changes of each kind."""

    rows: int
    orders: int = 0
    troubled: int = 0
    """Orders that could not be looked at."""
    newly_held: int = 0
    freed: int = 0
    counts: dict[Otherwise, int] = field(default_factory=lambda: dict.fromkeys(Otherwise, 0))
    first: dict[Otherwise, list[OrderChange]] = field(default_factory=lambda: {one: [] for one in Otherwise})

    def add(self, change: OrderChange) -> None:
        """Count one change."""
        self.counts[change.what] += 1
        if change.what is Otherwise.HELD:
            self.newly_held += change.before == _NOT_HELD
            self.freed += change.after == _NOT_HELD
        if len(self.first[change.what]) < self.rows:
            self.first[change.what].append(change)


_NOT_HELD = "not held"


async def replay_orders(
    ctx: FlowContext,
    before: FlowContext,
    shops: Sequence[AccountView],
    *,
    within: timedelta,
    rows: int,
    step: Callable[[int], None],
) -> OrdersReplayed:
    """Try the rules of `ctx` beside those of `before` on every order of these shops placed within so long."""
    found = OrdersReplayed(rows)
    since, after = to_micros(ctx.clock.now() - within), ""
    names = [shop.id for shop in shops]
    while True:
        async with ctx.store.read() as tx:
            ids = await replaying.order_ids(tx, names, since, after, SLICE)
            for order_id in ids:
                try:
                    changes = await _replayed(tx, ctx, before, order_id)
                except (ValueError, LookupError, TypeError, ArithmeticError, Unsealable):
                    found.troubled += 1  # one bad record never stops another
                    continue
                for change in changes:
                    found.add(change)
        found.orders += len(ids)
        step(len(ids))
        if len(ids) < SLICE:
            return found
        after = ids[-1]


async def _replayed(tx: Tx, ctx: FlowContext, before: FlowContext, order_id: str) -> list[OrderChange]:
    case = await cases.load(tx, order_id)
    if case is None:
        return []
    named = f"{ctx.accounts[AccountId(case.row.account_id)].name}/{case.row.number}"
    old, new = await _seen(tx, before, ctx, case), await _seen(tx, ctx, before, case)
    found = [_sold(named, old, new), _held(named, old, new), _routed(named, old, new)]
    found += _couriers(named, case, old, new)
    return [one for one in found if one is not None]


@dataclass(frozen=True, slots=True)
class _Seen:
    """An order as one set of rules sees it."""

    ctx: FlowContext
    lines: tuple[StoredLine, ...]
    facts: OrderFacts


async def _seen(tx: Tx, ctx: FlowContext, other: FlowContext, case: StoredCase) -> _Seen:
    """Where both sets of rules bind alike, lines are what they were bound to when the order came."""
    same = ctx.rulebook.skus == other.rulebook.skus
    lines = case.lines if same else await lines_by_rules(tx, ctx, case)
    buyer = await orders.buyer(tx, OrderId(case.row.id))
    skus = sorted({sku for line in lines for sku in line.components or {}})
    return _Seen(ctx, lines, order_facts(ctx, case, lines, buyer, await _listed(tx, ctx, skus)))


async def _listed(tx: Tx, ctx: FlowContext, skus: Sequence[str]) -> Mapping[str, frozenset[str]]:
    names = {account.id: account.name for account in ctx.senders}
    if not names:
        return {}
    found = await offered.carriers_of(tx, list(skus))
    return {
        sku: frozenset(names[AccountId(one)] for one in ids if one in names) for sku, ids in found.items()
    }


def _sold(named: str, old: _Seen, new: _Seen) -> OrderChange | None:
    before, after = (_goods(one.lines) for one in (old, new))
    return None if before == after else OrderChange(named, Otherwise.SOLD, before, after)


def _goods(lines: Sequence[StoredLine]) -> str:
    units: dict[str, int] = {}
    for line in lines:
        for sku, count in (line.components or {"?": 1}).items():
            units[sku] = units.get(sku, 0) + count * line.quantity
    return ", ".join(f"{count} × {sku}" for sku, count in sorted(units.items()))


def _held(named: str, old: _Seen, new: _Seen) -> OrderChange | None:
    rules = [_holds(one) for one in (old, new)]
    if rules[0] == rules[1]:
        return None
    texts = [_hold_text(one) for one in rules]
    if texts[0] == texts[1]:
        texts = [_hold_text(one, long=True) for one in rules]
    return OrderChange(
        named, Otherwise.HELD, texts[0], texts[1], tuple(("holds", rule.name) for rule in rules[1])
    )


def _holds(seen: _Seen) -> tuple[HoldRule, ...]:
    """The rules that hold it, without the compiled conditions, which differ between any two readings."""
    rules = [replace(rule, when=_ANY) for rule in seen.ctx.rulebook.holds(seen.facts)]
    if unbound_titles(seen.lines):
        rules.append(HoldRule(_UNKNOWN, Release.AUTOMATIC, None, None, keep_stock=True))
    return tuple(rules)


def _hold_text(rules: Sequence[HoldRule], *, long: bool = False) -> str:
    if not rules:
        return _NOT_HELD
    return ", ".join(
        f"{rule.name} ({rule.release.value}, {rule.owner or 'nobody'}, "
        f"{'keeps' if rule.keep_stock else 'gives back'} its stock)"
        if long
        else rule.name
        for rule in rules
    )


def _routed(named: str, old: _Seen, new: _Seen) -> OrderChange | None:
    before, after = (one.ctx.rulebook.route(one.facts) for one in (old, new))
    if _leads(old, before) == _leads(new, after):
        return None
    rules = (("routing", after.rule),) if after is not None else ()
    return OrderChange(named, Otherwise.ROUTED, _route_text(before), _route_text(after), rules)


def _leads(seen: _Seen, route: Route | None) -> tuple[object, ...]:
    """What makes a difference of a verdict: how one is chosen counts only where there is a choice."""
    if route is None:
        return ()
    given = route.choose is Choose.GIVEN
    names = route.candidates if given else (*route.candidates, *(one.name for one in seen.ctx.senders))
    return names if len(names) == 1 else (names, route.choose, route.otherwise)


_CHOICES = {Choose.FIRST: "the first with everything", Choose.NEAREST: "the nearest with everything"}


def _route_text(route: Route | None) -> str:
    if route is None:
        return "no rule: a person decides"
    if route.choose is Choose.GIVEN:
        return f"{route.candidates[0]} ({route.rule})"
    return f"{_CHOICES[route.choose]}, else {route.otherwise.value} ({route.rule})"


def _couriers(named: str, case: StoredCase, old: _Seen, new: _Seen) -> list[OrderChange]:
    """Of every parcel that is stored: who would carry it."""
    works = {work.id: work for work in case.work}
    found = []
    for parcel in case.parcels:
        work = works.get(parcel.fulfilment_id)
        if work is None:
            continue
        before, after = (
            one.ctx.rulebook.courier(parcel_facts(one.ctx, one.facts, work, parcel)) for one in (old, new)
        )
        if _carries(before) != _carries(after):
            rules = (("couriers", after.rule),) if after is not None else ()
            texts = _courier_text(before), _courier_text(after)
            found.append(OrderChange(named, Otherwise.COURIER, *texts, rules))
    return found


def _carries(choice: CourierChoice | None) -> tuple[str, ...]:
    return () if choice is None else (choice.account, choice.carrier, choice.service)


def _courier_text(choice: CourierChoice | None) -> str:
    if choice is None:
        return "no rule: a person decides"
    named = ":".join(part for part in _carries(choice) if part)
    return f"{named} ({choice.rule})"
