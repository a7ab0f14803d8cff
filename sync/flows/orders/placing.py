"""Where an order's units come from: the warehouse or supplier of each line, and the reservation that holds them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.contract import Kind
from mappings.facts import OrderFacts
from mappings.routing import Choose, Route
from sync.domain.confirm import HoldWanted
from sync.domain.ids import AccountId, OrderId
from sync.domain.review import Plan
from sync.domain.routing import LineKey, Otherwise, Source, elsewhere, route
from sync.domain.supply import SupplierFigure
from sync.flows.flow import AccountView, FlowContext
from sync.flows.orders.refusing import Refused, asked_for
from sync.flows.selling import trusting
from sync.store import issues, purchases, reservations, stock
from sync.store.cases import StoredCase
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.fulfilments import Work
from sync.store.reservations import Target

DAY_MICROS = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Placed:
    """Warehouses by line and SKU, and the holds where none could be chosen."""

    by: Mapping[LineKey, str] = field(default_factory=dict)
    holds: tuple[HoldWanted, ...] = ()


async def place(
    tx: Tx, ctx: FlowContext, case: StoredCase, facts: OrderFacts, demand: Mapping[LineKey, int], no: Refused
) -> Placed:
    """Choose a warehouse or supplier for every demand by the routing rules and what is free.

    What a supplier has refused goes to another that has all of it now, or a person is asked.
    """
    again = {key: units for key, units in demand.items() if key in no.by}
    fresh = {key: units for key, units in demand.items() if key not in no.by}
    first = await _by_rule(tx, ctx, case, facts, fresh) if fresh else Placed()
    second = await _again(tx, ctx, case, facts, again, no) if again else Placed()
    return Placed({**first.by, **second.by}, first.holds + second.holds)


async def _by_rule(
    tx: Tx, ctx: FlowContext, case: StoredCase, facts: OrderFacts, demand: Mapping[LineKey, int]
) -> Placed:
    verdict = ctx.rulebook.route(facts)
    if verdict is None:
        return Placed(holds=(_nowhere("no routing rule applies"),))
    found = candidates(ctx, case, verdict)
    if not found:
        named = ", ".join(verdict.candidates) or "none"
        return Placed(holds=(_nowhere(f"rule {verdict.rule!r} leads to {named}: {_why_none(ctx, case)}"),))
    sources = await _sources(tx, ctx, found, sorted({sku for _, sku in demand}))
    routed = route(demand, sources, country=facts.country, otherwise=Otherwise(verdict.otherwise.value))
    if routed is None:
        return Placed(holds=(_nowhere(f"rule {verdict.rule!r}: no warehouse has everything"),))
    if routed.unrouted:
        skus = ", ".join(sorted({sku for _, sku in routed.unrouted})[:5])
        return Placed(routed.by, (_nowhere(f"no warehouse of rule {verdict.rule!r} carries {skus}"),))
    return Placed(routed.by)


async def _again(
    tx: Tx,
    ctx: FlowContext,
    case: StoredCase,
    facts: OrderFacts,
    demand: Mapping[LineKey, int],
    no: Refused,
) -> Placed:
    """Route what was refused: by the rules that do not lead to who refused it, and only to who has it now."""
    refusers = {ctx.accounts[AccountId(account)].name for account in no.accounts if account in ctx.accounts}
    verdict = ctx.rulebook.route(facts, refusers)
    found = [] if verdict is None else candidates(ctx, case, verdict)
    skus = sorted({sku for _, sku in demand})
    sources = [
        source
        for source in await _sources(tx, ctx, found, skus, in_time=case.row.ship_by)
        if source.account not in no.accounts
    ]
    routed = elsewhere(demand, sources, country=facts.country)
    if not routed.unrouted:
        return Placed(routed.by)
    reasons = list(dict.fromkeys([r for work in case.work for r in await _reasons(tx, case, work, no)]))
    return Placed(routed.by, (asked_for(ctx, {key: demand[key] for key in routed.unrouted}, no, reasons),))


async def _reasons(tx: Tx, case: StoredCase, work: Work, no: Refused) -> list[str]:
    """Why one fulfilment was refused, in the words of whoever did."""
    if work.account_id not in no.accounts:
        return []
    said = await purchases.reports(tx, work.account_id, work.reference)
    words = [case.refusals.get(work.id, ""), *(one.reason for one in said if one.refused)]
    return [word for word in words if word]


def candidates(ctx: FlowContext, case: StoredCase, verdict: Route) -> list[AccountView]:
    """Live accounts of a verdict. Where a rule names none itself, suppliers stand behind the warehouses."""
    shop = ctx.accounts[AccountId(case.row.account_id)]
    senders = [] if shop.masked else [account for account in ctx.senders if account.live]
    live = [*(account for account in ctx.of_kind(Kind.WAREHOUSE) if account.live), *senders]
    by_name = {account.name: account for account in live}
    names = list(verdict.candidates)
    if verdict.choose is not Choose.GIVEN:
        names += [account.name for account in senders]
    return [by_name[name] for name in dict.fromkeys(names) if name in by_name]


def _why_none(ctx: FlowContext, case: StoredCase) -> str:
    shop = ctx.accounts[AccountId(case.row.account_id)]
    if shop.masked:
        return f"no live warehouse account; {shop.name} is masked, so no supplier can be told its address"
    return "no live warehouse account, and no live drop-ship supplier"


def _nowhere(reason: str) -> HoldWanted:
    return HoldWanted(
        "no warehouse",
        reason,
        "Correct `routing:` in the mappings, or set the warehouse live; the order goes on by itself then.",
    )


async def _sources(
    tx: Tx, ctx: FlowContext, accounts: list[AccountView], skus: list[str], *, in_time: int | None = None
) -> list[Source]:
    """What each has free now. A supplier counts as far as it is believed, and carries what it lists.

    A warehouse that has nothing of a SKU, and owes nothing of it, does not carry it where a supplier does: a
    back-order there would wait for goods that nobody brings. With `in_time` (microseconds), a supplier's SKU that
    would be sent later is not free.
    """
    figures = await stock.figures(tx, skus)
    believed = await trusting.figures(tx, ctx, skus, figures)
    suppliers = {
        account.id: await _supplier(tx, account, believed, skus, in_time)
        for account in accounts
        if account.kind is Kind.SUPPLIER
    }
    listed = {sku for supplier in suppliers.values() for sku in supplier.knows}
    result = []
    for account in accounts:
        if account.id in suppliers:
            result.append(suppliers[account.id])
            continue
        free = {
            sku: (figure.on_hand or 0) - figure.reserved
            for sku, rows in figures.items()
            for figure in rows
            if figure.warehouse == account.id
        }
        country = account.sender.country if account.sender else None
        idle = {
            sku
            for sku, rows in figures.items()
            for figure in rows
            if figure.warehouse == account.id and figure.on_hand == 0 and not figure.reserved
        }
        result.append(Source(account.id, country, free, frozenset(free) - (idle & listed)))
    return [source for source in result if source.knows or not source.supplier]


async def _supplier(
    tx: Tx,
    account: AccountView,
    believed: Mapping[str, tuple[SupplierFigure, ...]],
    skus: list[str],
    in_time: int | None,
) -> Source:
    offers = await purchases.best_offers(tx, account.id, skus)
    free = {
        sku: figure.free
        for sku, rows in believed.items()
        for figure in rows
        if figure.supplier == account.id and sku in offers
    }
    if in_time is not None:
        late = {
            sku for sku, offer in offers.items() if tx.now() + (offer.lead_days or 0) * DAY_MICROS > in_time
        }
        free = {sku: 0 if sku in late else units for sku, units in free.items()}
    return Source(account.id, None, free, frozenset(offers), supplier=True)


async def reserve(tx: Tx, ctx: FlowContext, case: StoredCase, decision: Plan) -> frozenset[str]:
    """Make the reservations be as planned; a shortage is recorded and told. Returns the SKUs that moved."""
    targets = [Target(key, account, units) for (key, account), units in decision.reserve.items()]
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
