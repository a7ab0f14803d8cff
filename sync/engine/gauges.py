"""The gauges of the metrics page, brought up to date from the store when somebody looks."""

from datetime import datetime

from sync.engine.runner import Runner
from sync.store.accounts import Condition
from sync.store.database import Store
from sync.store.figures import Backlog, Figures, figures
from sync.telemetry import metrics


async def refresh(store: Store) -> Figures:
    """Read the figures and set every gauge that comes from them."""
    async with store.read() as tx:
        now = await figures(tx)
    show(now)
    return now


def show(now: Figures) -> None:
    """Set the gauges to these figures; what is gone goes from the page."""
    at = now.at
    metrics.replace(
        metrics.CURSOR_AGE,
        {
            (account, state.flow): (at - state.cursor_at).total_seconds()
            for account, state in now.flows
            if state.cursor_at is not None
        },
    )
    metrics.replace(
        metrics.NEXT_DUE,
        {
            (account, state.flow): state.next_due_at.timestamp()
            for account, state in now.flows
            if state.next_due_at is not None
        },
    )
    metrics.replace(metrics.UNSENT_OFFERS, {key: float(one.count) for key, one in now.unsent.items()})
    metrics.replace(metrics.UNSENT_OFFER_AGE, {key: _age(one, at) for key, one in now.unsent.items()})
    metrics.replace(metrics.OUTBOX_OPEN, {key: float(one.count) for key, one in now.outbox.items()})
    metrics.replace(metrics.OUTBOX_OLDEST_AGE, _oldest(now))
    metrics.replace(metrics.ORDERS, {key: float(count) for key, count in now.orders.items()})
    metrics.replace(metrics.ISSUES_OPEN, {(kind,): float(count) for kind, count in now.issues.items()})
    metrics.replace(metrics.HOLDS_OPEN, {(name,): float(count) for name, count in now.holds.items()})
    metrics.replace(metrics.PARCELS, {(status,): float(count) for status, count in now.parcels.items()})
    metrics.replace(
        metrics.NEEDS_REAUTH,
        {(one.name,): float(one.condition is Condition.NEEDS_REAUTH) for one in now.accounts},
    )
    metrics.replace(metrics.GUARD_WAITING, {key: float(count) for key, count in now.guards.items()})
    metrics.replace(metrics.RETURN_CASES, {key: float(count) for key, count in now.cases.items()})
    metrics.RESERVED_UNITS.set(now.reserved_units)
    metrics.SHORTAGE_UNITS.set(now.short_units)
    metrics.PARCELS_STUCK.set(now.parcels_troubled)


def _age(backlog: Backlog, at: datetime) -> float:
    return 0.0 if backlog.oldest is None else max(0.0, (at - backlog.oldest).total_seconds())


def _oldest(now: Figures) -> dict[tuple[str, ...], float]:
    ages: dict[tuple[str, ...], float] = {}
    for (account, operation, _), backlog in now.outbox.items():
        key = (account, operation)
        ages[key] = max(ages.get(key, 0.0), _age(backlog, now.at))
    return ages


def lively(runner: Runner, loop_time: float) -> bool:
    """Whether the engine still looks for due keys."""
    return runner.last_tick is not None and loop_time - runner.last_tick < 60.0
