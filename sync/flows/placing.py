"""Where an order's units come from: the warehouse of each line, and the reservation that holds them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.contract import Kind
from mappings.facts import OrderFacts
from sync.domain.confirm import HoldWanted
from sync.domain.ids import AccountId, OrderId
from sync.domain.review import Plan
from sync.domain.routing import LineKey, Otherwise, Source, route
from sync.flows.flow import AccountView, FlowContext
from sync.store import issues, reservations, stock
from sync.store.cases import StoredCase
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.reservations import Target


@dataclass(frozen=True, slots=True)
class Placed:
    """Warehouses by line and SKU, and the holds where none could be chosen."""

    by: Mapping[LineKey, str] = field(default_factory=dict)
    holds: tuple[HoldWanted, ...] = ()


async def place(tx: Tx, ctx: FlowContext, facts: OrderFacts, demand: Mapping[LineKey, int]) -> Placed:
    """Choose a warehouse for every demand by the routing rules and what is free."""
    verdict = ctx.rulebook.route(facts)
    if verdict is None:
        return Placed(holds=(_nowhere("no routing rule applies"),))
    by_name = {account.name: account for account in ctx.of_kind(Kind.WAREHOUSE) if account.live}
    candidates = [by_name[name] for name in verdict.candidates if name in by_name]
    if not candidates:
        named = ", ".join(verdict.candidates) or "none"
        return Placed(holds=(_nowhere(f"rule {verdict.rule!r} leads to {named}: no live warehouse account"),))
    sources = await _sources(tx, candidates, sorted({sku for _, sku in demand}))
    routed = route(demand, sources, country=facts.country, otherwise=Otherwise(verdict.otherwise.value))
    if routed is None:
        return Placed(holds=(_nowhere(f"rule {verdict.rule!r}: no warehouse has everything"),))
    if routed.unrouted:
        skus = ", ".join(sorted({sku for _, sku in routed.unrouted})[:5])
        return Placed(routed.by, (_nowhere(f"no warehouse of rule {verdict.rule!r} carries {skus}"),))
    return Placed(routed.by)


def _nowhere(reason: str) -> HoldWanted:
    return HoldWanted(
        "no warehouse",
        reason,
        "Correct `routing:` in the mappings, or set the warehouse live; the order goes on by itself then.",
    )


async def _sources(tx: Tx, warehouses: list[AccountView], skus: list[str]) -> list[Source]:
    figures = await stock.figures(tx, skus)
    result = []
    for account in warehouses:
        free = {
            sku: (figure.on_hand or 0) - figure.reserved
            for sku, rows in figures.items()
            for figure in rows
            if figure.warehouse == account.id
        }
        country = account.sender.country if account.sender else None
        result.append(Source(account.id, country, free, frozenset(free)))
    return result


async def reserve(
    tx: Tx, ctx: FlowContext, case: StoredCase, decision: Plan, reserved_at: Mapping[LineKey, str]
) -> frozenset[str]:
    """Make the reservations be as planned; a shortage is recorded and told. Returns the SKUs that moved."""
    targets = [
        Target(key, reserved_at[key], units) for key, units in decision.reserve.items() if key in reserved_at
    ]
    held = await reservations.hold(tx, case.row.id, targets, case.reservations)
    order_id = OrderId(case.row.id)
    for (_, sku), units in held.short.items():
        await add_event(
            tx, order_id, "short", f"{units} of {sku} were not there to reserve", sku=sku, units=units
        )
    await _tell_shortage(tx, ctx, case, decision, held.short)
    return held.skus


async def _tell_shortage(
    tx: Tx, ctx: FlowContext, case: StoredCase, decision: Plan, fresh: Mapping[LineKey, int]
) -> None:
    """One issue an order while it is short; it clears itself when everything is shipped or cancelled."""
    key = f"order.short:{case.row.id}"
    if decision.state in ("shipped", "cancelled") or decision.closed:
        await issues.clear(tx, key)
        return
    if not fresh:
        return
    account = AccountId(case.row.account_id)
    shop = ctx.accounts[account].name
    named = ", ".join(f"{units} × {sku}" for (_, sku), units in sorted(fresh.items())[:5])
    await issues.raise_issue(
        tx,
        key=key,
        kind="order.short",
        account_id=account,
        order_id=OrderId(case.row.id),
        subject=f"{shop}/{case.row.number}",
        what=f"order {case.row.number} of {shop} was sold beyond the stock",
        why=f"not there: {named}",
        todo="Nothing, if more is coming: the rest is a back-order. Else tell the buyer and cancel those units.",
    )
