"""The heart: what an order needs next, decided from its whole present state.

`plan` looks at what the shop wants now, what warehouses have been asked for and have shipped, and which
holds stand; it answers with the difference. It is a level, not an edge: the same case gives the same
plan, a plan that was applied gives an empty one, and nothing depends on how the order came to be so.

    demand   = units that the shop still wants and nobody else shipped, per line and SKU
    covered  = units that our fulfilments have shipped or may still ship
    deficit  > 0: create a fulfilment (the first one, a back-order, one after a cancellation)
    excess   > 0: cancel open fulfilments, or, where the goods have left, say that it is too late
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sync.domain.confirm import HoldWanted
from sync.domain.lifecycle import CancelState, OrderState, Release, WorkState
from sync.domain.routing import LineKey


@dataclass(frozen=True, slots=True)
class CaseLine:
    """An order line: `wanted` pieces that the shop still wants of us; its components, None while unbound."""

    id: str
    wanted: int
    components: Mapping[str, int] | None
    waits: bool = False
    """Its units are held, and nothing is sent of them yet."""


@dataclass(frozen=True, slots=True)
class CaseWork:
    """One of our fulfilments. `lines`: per (order line, SKU) the units asked for and those shipped."""

    id: str
    account: str
    n: int
    state: WorkState
    cancel: CancelState
    lines: Mapping[LineKey, tuple[int, int]]
    reason: str = ""
    supplier: bool = False
    """It is an order to a supplier: what that refuses is routed again instead of held."""

    def covers(self, key: LineKey) -> int:
        """Units that have left or may still leave under it."""
        asked, shipped = self.lines.get(key, (0, 0))
        if self.state == WorkState.SHIPPED:
            return shipped
        return asked if self.state.open else 0

    def shipped(self, key: LineKey) -> int:
        """Units that have left."""
        return self.lines.get(key, (0, 0))[1]


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that the decision rests on.

    `decided` are the rules that a person has released for this order; `held_at` tells where units are
    reserved already; `parcels_open` says that a parcel is still on its way or untold.
    """

    history: bool
    lines: tuple[CaseLine, ...]
    work: tuple[CaseWork, ...]
    checks: tuple[HoldWanted, ...]
    """Of two of one rule the first counts."""
    decided: frozenset[str]
    reserved_at: Mapping[LineKey, str]
    parcels_open: bool
    gone: bool = False
    """The shop says that the order no longer exists."""


@dataclass(frozen=True, slots=True)
class NewWork:
    """A fulfilment to create at one warehouse."""

    account: str
    n: int
    lines: Mapping[LineKey, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do.

    `reserve` is absolute: the units that each line shall hold at each account, shipped ones included.
    """

    state: OrderState
    cancel: CancelState
    closed: bool
    holds: tuple[HoldWanted, ...]
    reserve: Mapping[tuple[LineKey, str], int]
    create: tuple[NewWork, ...]
    stop: tuple[str, ...]
    unplaced: Mapping[LineKey, int]
    """Demand that no warehouse was chosen for yet: route it, reserve it, and plan again."""
    shipped_too_many: Mapping[LineKey, int]
    """Units that left although the shop no longer wants them."""


def demand(lines: tuple[CaseLine, ...]) -> dict[LineKey, int]:
    """Units wanted per (order line, SKU): a bundle's pieces times its components."""
    return {
        (line.id, sku): line.wanted * units
        for line in lines
        if line.components is not None
        for sku, units in line.components.items()
    }


def plan(case: Case) -> Plan:
    """The difference between what the shop wants and what is under way. Pure; see the module's text."""
    if case.history:
        return Plan(OrderState.HISTORY, CancelState.NONE, True, (), {}, (), (), {}, {})
    wanted = demand(case.lines)
    if case.gone:
        wanted = dict.fromkeys(wanted, 0)
    keys = set(wanted) | {key for work in case.work for key in work.lines}
    covered = {key: sum(work.covers(key) for work in case.work) for key in keys}
    holds = _holds(case)
    stop = _to_stop(case, wanted, covered)
    stopping = bool(stop) or any(
        work.state.open and work.cancel == CancelState.REQUESTED for work in case.work
    )
    locked = any(not hold.keep_stock for hold in holds)
    deficit = {key: units - covered[key] for key, units in wanted.items() if units > covered.get(key, 0)}
    reserve = _reserve(case, {} if locked else deficit, keys)
    unplaced = {} if locked else {k: v for k, v in deficit.items() if k not in case.reserved_at}
    ready = not holds and not stopping and not unplaced
    waiting = {line.id for line in case.lines if line.waits}
    may_leave = {key: units for key, units in deficit.items() if key[0] not in waiting}
    create = _create(case, may_leave) if ready else ()
    too_many = _shipped_too_many(case, wanted, keys)
    state = _state(case, wanted, covered, holds=bool(holds), stopping=stopping)
    if create and state == OrderState.RECEIVED:
        state = OrderState.ACCEPTED
    closed = _closed(case, state, create=bool(create), unbound=any(h.rule == "unknown sku" for h in holds))
    cancel = _cancel(case, stopping=stopping, too_late=bool(too_many), wanted=wanted)
    return Plan(state, cancel, closed, holds, reserve, create, stop, unplaced, too_many)


def _reserve(
    case: Case, deficit: Mapping[LineKey, int], keys: set[LineKey]
) -> dict[tuple[LineKey, str], int]:
    """Units under way stay held where they are; what is missing is held where it was placed."""
    reserve: dict[tuple[LineKey, str], int] = {}
    for key in keys:
        for work in case.work:
            if key in work.lines:
                at = key, work.account
                reserve[at] = reserve.get(at, 0) + work.covers(key)
        if key in case.reserved_at:
            at = key, case.reserved_at[key]
            reserve[at] = reserve.get(at, 0) + deficit.get(key, 0)
    return reserve


def _holds(case: Case) -> tuple[HoldWanted, ...]:
    from_work = [
        HoldWanted(
            f"warehouse {work.state.value} {work.n}",
            work.reason or f"the warehouse {work.state.value} fulfilment {work.n} by itself",
            "Find out why at the warehouse; release the order to send it again, or cancel it in the shop.",
            release=Release.MANUAL,
        )
        for work in case.work
        if not work.supplier
        and (
            (work.state == WorkState.CANCELLED and work.cancel == CancelState.NONE)
            or work.state == WorkState.REFUSED
        )
    ]
    wanted = any(line.wanted for line in case.lines) and not case.gone
    found: dict[str, HoldWanted] = {}
    for hold in (*case.checks, *from_work) if wanted else ():
        found.setdefault(hold.rule, hold)
    return tuple(hold for rule, hold in found.items() if rule not in case.decided)


def _to_stop(case: Case, wanted: Mapping[LineKey, int], covered: Mapping[LineKey, int]) -> tuple[str, ...]:
    """The open fulfilments to cancel, the youngest first, until nothing is covered that is not wanted."""
    excess = {key: units - wanted.get(key, 0) for key, units in covered.items()}
    for work in case.work:
        if work.state.open and work.cancel == CancelState.REQUESTED:
            excess = {key: left - work.covers(key) for key, left in excess.items()}
    stop = []
    for work in sorted(case.work, key=lambda work: -work.n):
        if not work.state.open or work.cancel != CancelState.NONE:
            continue
        if any(excess.get(key, 0) > 0 and work.covers(key) for key in work.lines):
            stop.append(work.id)
            excess = {key: left - work.covers(key) for key, left in excess.items()}
    return tuple(stop)


def _create(case: Case, deficit: Mapping[LineKey, int]) -> tuple[NewWork, ...]:
    by_account: dict[str, dict[LineKey, int]] = {}
    for key, units in deficit.items():
        by_account.setdefault(case.reserved_at[key], {})[key] = units
    first = max((work.n for work in case.work), default=0) + 1
    return tuple(
        NewWork(account, n, lines) for n, (account, lines) in enumerate(sorted(by_account.items()), first)
    )


def _shipped_too_many(case: Case, wanted: Mapping[LineKey, int], keys: set[LineKey]) -> dict[LineKey, int]:
    shipped = {key: sum(work.shipped(key) for work in case.work) for key in keys}
    return {key: units - wanted.get(key, 0) for key, units in shipped.items() if units > wanted.get(key, 0)}


def _state(
    case: Case,
    wanted: Mapping[LineKey, int],
    covered: Mapping[LineKey, int],
    *,
    holds: bool,
    stopping: bool,
) -> OrderState:
    still = case.gone or not any(line.wanted for line in case.lines)
    any_open = any(work.state.open for work in case.work)
    shipped = sum(units for work in case.work for _, units in work.lines.values())
    if still and not any_open:
        return OrderState.SHIPPED if shipped else OrderState.CANCELLED
    if still or stopping:
        return OrderState.CANCELLING
    if holds:
        return OrderState.HELD
    if shipped:
        complete = all(sum(work.shipped(key) for work in case.work) >= units for key, units in wanted.items())
        return OrderState.SHIPPED if complete and not any_open else OrderState.PART_SHIPPED
    if any(work.state.open and work.state != WorkState.PLANNED for work in case.work):
        return OrderState.SENT
    return OrderState.ACCEPTED if any(covered.values()) else OrderState.RECEIVED


def _closed(case: Case, state: OrderState, *, create: bool, unbound: bool) -> bool:
    if state == OrderState.CANCELLED:
        return True
    return state == OrderState.SHIPPED and not case.parcels_open and not create and not unbound


def _cancel(case: Case, *, stopping: bool, too_late: bool, wanted: Mapping[LineKey, int]) -> CancelState:
    if too_late:
        return CancelState.TOO_LATE
    if stopping:
        return CancelState.REQUESTED
    nothing_wanted = not any(wanted.values())
    if nothing_wanted and any(work.cancel == CancelState.STOPPED for work in case.work):
        return CancelState.STOPPED
    return CancelState.NONE
