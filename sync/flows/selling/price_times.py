"""Prices that change by time alone, or because a promotion's pieces are sold: found, and worked out in slices."""

import json
from collections.abc import Mapping

from sync.domain.promotions import CappedPromotion
from sync.flows.flow import FlowContext, FlowName
from sync.flows.selling.offer_facts import facts_of
from sync.flows.selling.pricing import SLICE, Sales, reprice
from sync.store import flow_states, offer_facts, unsent_prices
from sync.store.database import Tx
from sync.store.offer_facts import BETWEEN

_SLICES = 20
"""So many slices make a pass."""


async def work_out_due(ctx: FlowContext, *, slices: int = _SLICES, size: int = SLICE) -> bool:
    """Work out what is due now, in so many slices of so many listings. Whether there may be more."""
    await _end_what_is_sold(ctx)
    for _ in range(slices):
        async with ctx.store.read() as tx:
            due = await unsent_prices.due(tx, ctx.account.id, size)
        if not due:
            return False
        async with ctx.store.write(ctx.fence) as tx:
            await reprice(tx, ctx, due, "time")
    return True


async def _end_what_is_sold(ctx: FlowContext) -> None:
    """Where the pieces of a promotion are all sold by now, or some are free again, its listings are worked out.

    What was so the last time is kept as this flow's cursor, a JSON object by promotion.
    """
    async with ctx.store.read() as tx:
        sets = await offer_facts.capped(tx, [ctx.account.id])
        before = await flow_states.cursor(tx, ctx.account.id, FlowName.PUSH_PRICES)
        if not sets and not before:
            return
        now = await _sold_out(tx, ctx, sets)
    known: Mapping[str, bool] = json.loads(before or "{}")
    turned = {name for name, out in now.items() if known.get(name, False) != out}
    after = ""
    moved = sorted(one for one in sets if not turned.isdisjoint(one.split(BETWEEN)))
    while moved:
        async with ctx.store.write(ctx.fence) as tx:
            part = await offer_facts.in_promotions(tx, ctx.account.id, moved, after, SLICE)
            await reprice(tx, ctx, part, "time")
        if len(part) < SLICE:
            break
        after = part[-1]
    if dict(known) != now:
        async with ctx.store.write(ctx.fence) as tx:
            said = json.dumps(now, sort_keys=True)
            await flow_states.save_cursor(tx, ctx.account.id, FlowName.PUSH_PRICES, said, ctx.clock.now())


async def _sold_out(tx: Tx, ctx: FlowContext, sets: frozenset[str]) -> dict[str, bool]:
    """By promotion with a limit that this shop has listings in: whether all its pieces are sold."""
    sales, found = Sales(tx, ctx), dict[str, bool]()
    for each in sorted(sets):
        for promotion in await _promotions(tx, ctx, each):
            found[promotion.name] = await sales.of(promotion) >= promotion.units
    return found


async def _promotions(tx: Tx, ctx: FlowContext, each: str) -> tuple[CappedPromotion, ...]:
    """The promotions of one set, by the word of the rules on one of the listings that are in it."""
    sample = await offer_facts.in_promotions(tx, ctx.account.id, [each], "", 1)
    rows = await offer_facts.listed(tx, sample)
    facts = await facts_of(tx, ctx, rows)
    return ctx.rulebook.capped(facts[rows[0].listing_id], ctx.clock.now()) if rows else ()
