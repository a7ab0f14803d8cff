"""From stored listings to the plain values that rules about prices look at."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from connectors.contract import Kind
from mappings.facts import OfferFacts
from sync.domain.ids import AccountId, Sku
from sync.flows.flow import FlowContext
from sync.store import offer_facts
from sync.store.database import Tx
from sync.store.offer_facts import Listed, Supplied


async def facts_of(tx: Tx, ctx: FlowContext, rows: Sequence[Listed]) -> dict[str, OfferFacts]:
    """By listing (our ids). What was sold in promotions is not among them."""
    suppliers = {view.id: view.name for view in ctx.of_kind(Kind.SUPPLIER)}
    senders = {view.id for view in ctx.senders}
    skus = sorted({sku for row in rows for sku in row.components}) if suppliers else []
    offered = await offer_facts.supplied(tx, skus)
    costs = {sku: cost for sku, said in offered.items() if (cost := _best_cost(said, suppliers)) is not None}
    sending = {
        sku: {suppliers[one.account_id] for one in said if one.account_id in senders}
        for sku, said in offered.items()
    }
    return {row.listing_id: _facts(ctx, row, sending, costs) for row in rows}


def _facts(
    ctx: FlowContext,
    row: Listed,
    sending: Mapping[str, set[str]],
    costs: Mapping[str, tuple[Decimal, str]],
) -> OfferFacts:
    view = ctx.accounts.get(row.account_id)
    return OfferFacts(
        account=row.account,
        currency=row.currency or (view.currency if view else None) or "",
        components=tuple((Sku(sku), units) for sku, units in sorted(row.components.items())),
        includes_tax=row.includes_tax,
        suppliers=frozenset(name for sku in row.components for name in sending.get(sku, ())),
        supplier_costs={Sku(sku): costs[sku] for sku in sorted(row.components) if sku in costs},
    )


def _best_cost(said: Iterable[Supplied], suppliers: Mapping[AccountId, str]) -> tuple[Decimal, str] | None:
    """The lowest cost of those who have the goods, else of those who list them.

    Costs in several currencies cannot be compared: then it is that of the supplier whose name comes first.
    """
    known = [(one, cost) for one in said if one.account_id in suppliers and (cost := _cost(one)) is not None]
    there = [(one, cost) for one, cost in known if one.stock is None or one.stock > 0] or known
    if not there:
        return None
    if len({currency for _, (_, currency) in there}) == 1:
        return min(cost for _, cost in there)
    return min(there, key=lambda each: (suppliers[each[0].account_id], each[1]))[1]


def _cost(one: Supplied) -> tuple[Decimal, str] | None:
    """The cost with its currency; None where its list does not say both."""
    if one.cost is None or not one.currency:
        return None
    try:
        return Decimal(one.cost), one.currency
    except InvalidOperation:
        return None
