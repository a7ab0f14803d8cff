"""What every push would do now: from what is stored, or with other rules, worked out beside it and never written.

Read in slices, so that a plan of a million offers needs no more room than one of a thousand. A row is told as
soon as it is found; who collects them decides what to keep.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace

from sync.domain.clock import to_micros
from sync.domain.guards import Guard
from sync.domain.ids import AccountId
from sync.domain.plan import Field, PlanPart, PlanRow, Standing
from sync.domain.telling import content_phrase, price_phrase, state_phrase
from sync.domain.telling_quantities import quantity_phrase
from sync.flows.flow import AccountView, FlowContext
from sync.flows.trying import judging
from sync.flows.trying.imagining import (
    Value,
    laid_on,
    listings_in_slices,
    quantities,
    rebindings,
    skus_in_slices,
    values_of,
)
from sync.store import plans
from sync.store.database import Tx
from sync.store.plans import StoredOffer

SLICE = 500
Take = Callable[[PlanRow], None]
Step = Callable[[int], None]
"""So many offers were looked at."""


def unseen(_: int) -> None:
    """Nobody looks on."""


async def plan_stored(
    ctx: FlowContext,
    shops: Sequence[AccountView],
    fields: Sequence[Field],
    *,
    rows: int,
    take: Take | None = None,
    step: Step = unseen,
) -> list[PlanPart]:
    """One part for each shop and field: what differs from what the shop said, as it is stored now."""
    parts = []
    for shop in shops:
        for field in fields:
            part, mine = PlanPart(shop.name, field, shop.live, rows), replace(ctx, account=shop)
            async for found in _stored(mine, field):
                for row in found:
                    part.add(row)
                    if take is not None and row.standing is not Standing.REFUSED:
                        take(row)
                step(len(found))
            await _judge(mine, part)
            parts.append(part)
    return parts


async def _judge(ctx: FlowContext, part: PlanPart) -> None:
    async with ctx.store.read() as tx:
        await judging.judged(tx, ctx, part)


async def _stored(ctx: FlowContext, field: Field) -> AsyncIterator[list[PlanRow]]:
    after = ("", "")
    while True:
        async with ctx.store.read() as tx:
            offers = await plans.unsent(tx, field, ctx.account.id, after, SLICE)
            guards = await judging.counted_as_stored(tx, ctx, field, offers)
            rows = await rows_of(tx, ctx, field, offers, guards)
        if rows:
            yield rows
        if len(offers) < SLICE:
            return
        after = offers[-1].external_id, offers[-1].place


async def plan_imagined(
    ctx: FlowContext,
    before: FlowContext,
    shops: Sequence[AccountView],
    fields: Sequence[Field],
    *,
    rows: int,
    take: Take | None = None,
    step: Step = unseen,
) -> list[PlanPart]:
    """The same with the rules of `ctx` in the place of those of `before`, which are in force. Nothing is written."""
    parts = {
        (shop.name, field): PlanPart(shop.name, field, shop.live, rows) for shop in shops for field in fields
    }
    views = {shop.id: shop for shop in shops}

    async def add(tx: Tx, field: Field, values: Mapping[str, Value]) -> None:
        for shop_id, offers in (await imagined(tx, field, values)).items():
            if shop_id not in views:
                continue
            for row in await rows_of(tx, replace(ctx, account=views[shop_id]), field, offers):
                parts[row.account, field].add(row)
                if take is not None and row.standing is not Standing.REFUSED:
                    take(row)
        step(len(values))

    if Field.QUANTITY in fields:
        rebound = await rebindings(ctx, before, shops)
        async for skus in skus_in_slices(ctx, rebound):
            async with ctx.store.read() as tx:
                await add(tx, Field.QUANTITY, await quantities(tx, ctx, skus, rebound))
    for shop in shops:
        async for listing_ids in listings_in_slices(ctx, shop.id):
            async with ctx.store.read() as tx:
                for field in fields:
                    if field is not Field.QUANTITY:
                        await add(tx, field, await values_of(tx, ctx, shop, field, listing_ids))
    for shop in shops:
        for field in fields:
            await _judge(replace(ctx, account=shop), parts[shop.name, field])
    return list(parts.values())


async def imagined(tx: Tx, field: Field, values: Mapping[str, Value]) -> dict[AccountId, list[StoredOffer]]:
    """By account, listings as they are stored, but with these desired values; those that show them are left out."""
    stored = await plans.by_listing(tx, field, list(values))
    missing = await plans.blank(tx, field, [one for one in values if one not in stored])
    found: dict[AccountId, list[StoredOffer]] = {}
    for listing_id, value in values.items():
        for offer in stored.get(listing_id) or [missing[listing_id]]:
            same = value.compare_at is None or value.compare_at == offer.acked_compare_at
            if value.desired != offer.acked or not same:
                found.setdefault(offer.account_id, []).append(laid_on(offer, value))
    return found


async def rows_of(
    tx: Tx,
    ctx: FlowContext,
    field: Field,
    offers: Sequence[StoredOffer],
    guards: Mapping[str, tuple[Guard, ...]] | None = None,
) -> list[PlanRow]:
    """The rows of offers of one shop that differ. `guards` are those that count each; None: they are worked out."""
    sells = await plans.sold_as(tx, [offer.listing_id for offer in offers])
    found = []
    for offer in offers:
        row = _row(ctx, field, offer, sells.get(offer.listing_id, ""))
        if row is None:
            continue
        by = judging.counted_as_imagined(ctx, row, offer) if guards is None else guards.get(offer.id, ())
        counts = row.standing in (Standing.SEND, Standing.WAITING)
        found.append(replace(row, guards=by) if by and counts else row)
    return found


def _row(ctx: FlowContext, field: Field, offer: StoredOffer, sells: str) -> PlanRow | None:
    shop = ctx.account
    if offer.desired is None:
        return None
    before = offer.acked
    if before is None and field is Field.QUANTITY and not shop.live and offer.shown is not None:
        before = str(offer.shown)  # nothing was ever sent: it is what the shop showed when it was read
    if before == offer.desired and not _strikes_out(offer):
        return None
    standing, note = _standing(ctx, field, offer)
    return PlanRow(
        account=shop.name,
        field=field,
        listing=offer.external_id,
        place=offer.place,
        sku=sells,
        title=offer.title,
        before=before,
        after=offer.desired,
        standing=standing,
        why=why(field, offer.told),
        note=note,
        currency=offer.currency,
        before_compare_at=offer.acked_compare_at,
        after_compare_at=offer.desired_compare_at,
    )


def _standing(ctx: FlowContext, field: Field, offer: StoredOffer) -> tuple[Standing, str]:
    if offer.rejected == offer.desired:
        return Standing.REFUSED, offer.rejected_reason
    never = judging.never(field, offer)
    if never:
        return Standing.HELD, never
    if offer.retry_at is not None and offer.retry_at > to_micros(ctx.clock.now()):
        return Standing.WAITING, ""
    return Standing.SEND, ""


def _strikes_out(offer: StoredOffer) -> bool:
    return offer.desired_compare_at is not None and offer.desired_compare_at != offer.acked_compare_at


def why(field: Field, terms: Mapping[str, object]) -> str:
    """The terms of one value in a phrase."""
    if field is Field.QUANTITY:
        return quantity_phrase(terms)
    if field is Field.PRICE:
        return price_phrase(terms)
    return state_phrase(terms) if field is Field.STATE else content_phrase(terms)
