"""Other rules tried on what is listed: which quantities, prices, states and contents would be otherwise.

Both sets of rules look at the same stored figures and listings at the same moment. A listing that they bind to
different goods is told as such; what it would show is not compared, for it would be another thing.
"""

from collections.abc import Callable, Mapping, Sequence

from sync.domain.plan import Field, PlanPart, PlanRow
from sync.flows.flow import AccountView, FlowContext
from sync.flows.trying.imagining import (
    Rebound,
    Value,
    listings_in_slices,
    quantities,
    rebindings,
    skus_in_slices,
    values_of,
)
from sync.flows.trying.planning import why
from sync.store import plans
from sync.store.database import Tx
from sync.store.plans import StoredOffer


async def replay_offers(
    ctx: FlowContext,
    before: FlowContext,
    shops: Sequence[AccountView],
    *,
    rows: int,
    step: Callable[[int], None],
) -> tuple[list[PlanPart], Rebound]:
    """Every listing as both sets of rules would have it now; and those that would be bound otherwise."""
    parts = {(shop.id, one): PlanPart(shop.name, one, shop.live, rows) for shop in shops for one in Field}
    rebound = await rebindings(ctx, before, shops)

    async def add(tx: Tx, one: Field, values: tuple[Values, Values]) -> None:
        step(len(values[0]))
        moved = [
            listing_id
            for listing_id in values[0].keys() | values[1].keys()
            if listing_id not in rebound.components and not _same(values, listing_id)
        ]
        sells, stored = await plans.sold_as(tx, moved), await plans.blank(tx, one, moved)
        for listing_id in moved:
            offer = stored.get(listing_id)
            if offer is not None and (offer.account_id, one) in parts:
                part = parts[offer.account_id, one]
                part.add(_offer_row(part, offer, sells.get(listing_id, ""), values))

    async for skus in skus_in_slices(ctx, rebound):
        async with ctx.store.read() as tx:
            old, new = await quantities(tx, before, skus), await quantities(tx, ctx, skus, rebound)
            await add(tx, Field.QUANTITY, (old, new))
    for shop in shops:
        async for listing_ids in listings_in_slices(ctx, shop.id):
            async with ctx.store.read() as tx:
                for one in (Field.PRICE, Field.STATE, Field.CONTENT):
                    old = await values_of(tx, before, shop, one, listing_ids)
                    await add(tx, one, (old, await values_of(tx, ctx, shop, one, listing_ids)))
    return list(parts.values()), rebound


Values = Mapping[str, Value]


def _same(values: tuple[Values, Values], listing_id: str) -> bool:
    old, new = (side.get(listing_id) for side in values)
    return _shown(old) == _shown(new)


def _shown(value: Value | None) -> tuple[str | None, str | None]:
    return (None, None) if value is None else (value.desired, value.compare_at)


def _offer_row(part: PlanPart, offer: StoredOffer, sells: str, values: tuple[Values, Values]) -> PlanRow:
    old, new = (side.get(offer.listing_id) for side in values)
    return PlanRow(
        account=part.account,
        field=part.field,
        listing=offer.external_id,
        place="",
        sku=sells,
        title=offer.title,
        before=_shown(old)[0] or "",
        after=_shown(new)[0] or "",
        why=why(part.field, {} if new is None else new.terms),
        currency=(new or old or Value(None)).currency or offer.currency,
        before_compare_at=_shown(old)[1],
        after_compare_at=_shown(new)[1],
    )
