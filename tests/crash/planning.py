"""Which kills a run of the harness has: chosen by a seed, evenly over what the daemon does.

Only steps that two runs without a kill both reached are planned, each with the same n. Of steps that come again
by timing alone (a state that is written again at every review) only the first is one.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from random import Random

from tests.crash.steps import CALL_CUTS, COMMIT_CUTS, POSTGRESQL, SQLITE, Cut, Point, Step

AREAS = {
    "way back": (
        "refund",
        "_request",
        "read requests",
        "return",
        "back_case",
        "receipts",
        "dispose",
        "cancel_lines",
        "exchanges/",
    ),
    "customers told": ("commit: message",),
    "cancellation": ("cancel",),
    "label": ("courier:", "outbox book", "package write", "parcel booked", "parcel labelled"),
    "tracking": ("tracking_event", "trackers"),
    "drop-ship": ("supplier:", "outbox place_order", "purchase_order", "po_line", "supplier_report"),
    "stock push": ("updateProductVariants", "set stock", "offer_quantity"),
    "order intake": ("read orders", "customer_order received", "reservation made"),
    "fulfilment": ("shipment.out", "create_fulfilment", "commit: fulfilment", "parcel seen", "parcel left"),
    "review": ("customer_order", "reservation", "issue"),
    "shop told": ("addFulfillment", "transitionFulfillment", "orders/#", "confirm_shipment", "parcel"),
}
"""By part of the daemon's work: texts in its operations. The first part that fits has an operation."""
_STABLE = (
    "outbox",
    "shipment.out",
    "courier:",
    "addFulfillment",
    "parcel",
    "supplier:",
    "fulfilment planned",
    "shipment.out.return create",
)
"""Operations whose later n are as sure as their first."""
_VAGUE = (
    *("queued", "unknown", "announce_return"),
    *("parcel told", "parcel delivered", "parcel delivery told"),
)
"""A queued row is written again whenever it has to wait, what is known of a parcel by whoever comes first."""
_PASSED = (
    *("customer_order sent", "customer_order part_shipped", "customer_order cancelling"),
    *("fulfilment assigned", "fulfilment picked", "purchase_order acknowledged"),
)
"""States that a look may find over already, which on a busy machine comes late."""
_BY_CHANCE = (" unknown", "shipment.out.return write")
"""A write's outcome is unknown where an answer came too late, or a kill at another point made it so; a return gets its
number afterwards only where it was announced before its label was there."""
_NOW_AND_THEN = {
    ("commit: fulfilment cancel requested", "stopped while picking"),
    ("commit: issue raised", "back-order"),
}
"""Operations that are sure for other keys. What is here, and in the tuples above, sixteen runs without a kill showed."""


def area(operation: str) -> str:
    """Which part of the daemon's work an operation belongs to."""
    fitting = (name for name, texts in AREAS.items() if any(text in operation for text in texts))
    return next(fitting, "review")


def steady(runs: Sequence[Sequence[Step]]) -> list[Step]:
    """The steps that may be planned: reached by every run, and not by accident."""
    shared = set.intersection(*(set(steps) for steps in runs))
    return sorted(step for step in shared if not _chancy(step) and (step.n == 1 or _sure(step.operation)))


def _chancy(step: Step) -> bool:
    at_times = step.operation.endswith((*_PASSED, *_BY_CHANCE))
    return at_times or (step.operation, step.key) in _NOW_AND_THEN


def _sure(operation: str) -> bool:
    return any(part in operation for part in _STABLE) and not any(part in operation for part in _VAGUE)


def plan(steps: Sequence[Step], points: int, seed: int, database: str) -> list[Point]:
    """So many points; `database` is sqlite, postgresql or mixed.

    In tens: one of each ten runs on PostgreSQL where it is mixed, another one is killed again while recovering.
    """
    chance = Random(f"crash/{seed}")
    chosen = []
    for number, (step, cut) in zip(range(points), _evenly(steps, chance), strict=False):
        place = database if database != "mixed" else (POSTGRESQL if number % 10 == 3 else SQLITE)
        chosen.append(Point(step, cut, place, again=False) if number % 10 != 6 else _twice(step, cut, place))
    return chosen


def _twice(step: Step, cut: Cut, place: str) -> Point:
    """Killed again: what came before the commit is surely done again, so that there is something to kill."""
    return Point(step, Cut.BEFORE_COMMIT if cut.commits else cut, place, again=True)


def _evenly(steps: Sequence[Step], chance: Random) -> Iterator[tuple[Step, Cut]]:
    """All steps with all cuts: area by area, and in each area operation by operation, without end or repeat."""
    kinds: dict[str, dict[tuple[str, Cut], list[Step]]] = defaultdict(lambda: defaultdict(list))
    for step in steps:
        for cut in COMMIT_CUTS if step.operation.startswith("commit:") else CALL_CUTS:
            kinds[area(step.operation)][step.operation, cut].append(step)
    turns = [_shuffled(of_area, chance) for _, of_area in sorted(kinds.items())]
    while turns:
        for turn in list(turns):
            found = next(turn, None)
            if found is None:
                turns.remove(turn)
            else:
                yield found


def _shuffled(of_area: dict[tuple[str, Cut], list[Step]], chance: Random) -> Iterator[tuple[Step, Cut]]:
    """Each operation with each cut once, then each a second time with another key, and so on."""
    left = {kind: chance.sample(found, len(found)) for kind, found in sorted(of_area.items())}
    while left:
        for kind in chance.sample(sorted(left), len(left)):
            yield left[kind].pop(), kind[1]
            if not left[kind]:
                del left[kind]
