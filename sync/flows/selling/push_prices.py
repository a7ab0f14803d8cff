"""Make a shop ask what it should: prices by the admins' rules, promotions at their minute.

    work out   what is due by time, and what a promotion's last piece has ended
    guard      what moves too far, or too much at once, waits for a person
    send       absolute prices, in batches; the shop's answer to each is what counts

A shop that is only observed, or that cannot be told prices, has them worked out all the same.
"""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial

from connectors.contract import Capability, Deadline, Done, Kind, Rejected, Retry, SetPrice
from connectors.contract.lanes import Lane
from sync.domain.clock import to_micros
from sync.domain.price_push import PriceOut, UnsentPrice, plan_prices, shown, struck
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.selling import guarding, price_issues
from sync.flows.selling.guarding import Admitted
from sync.flows.selling.price_times import work_out_due
from sync.flows.selling.pricing import refused_key
from sync.flows.selling.tally import Tally
from sync.flows.side_by_side import side_by_side
from sync.store import issues, price_answers, unsent_prices

_BATCHES = 10
"""So many batches make a pass."""
_SOON = timedelta(seconds=2)


class PushPricesFlow:
    """One shop's prices."""

    name = FlowName.PUSH_PRICES
    kinds = frozenset({Kind.STOREFRONT})
    lane = Lane.CONTENT
    observes = True

    async def run(self, ctx: FlowContext) -> PassResult:
        """Work out what is due by time, then send some batches of what is unsent."""
        more = await work_out_due(ctx)
        await price_issues.tell(ctx)
        tally, left = Tally(), False
        if ctx.account.live and ctx.manifest.can(Capability.SET_PRICES):
            left = await _push(ctx, tally)
        async with ctx.store.read() as tx:
            next_at = await unsent_prices.next_at(tx, ctx.account.id)
        return PassResult(
            more=more or left,
            handled=tally.sent,
            troubled=tally.refused + tally.waiting,
            next_at=next_at,
        )


async def _push(ctx: FlowContext, tally: Tally) -> bool:
    """Some batches; whether there may be more."""
    limit = _BATCHES * ctx.manifest.limits.batch_items
    async with ctx.store.read() as tx:
        gate = await guarding.prices(tx, ctx)
        rows = await unsent_prices.unsent(tx, ctx.account.id, limit, gate.without)
        admitted = await gate.admit(tx, rows)
    await guarding.tell(ctx, gate)
    out = await _about_to_send(ctx, admitted.rows)
    tally.waiting += len(rows) - len(out)
    await side_by_side(ctx.manifest.limits, out, partial(_send, ctx, admitted, tally))
    return len(rows) == limit and bool(out)


async def _about_to_send(ctx: FlowContext, rows: Sequence[UnsentPrice]) -> tuple[PriceOut, ...]:
    """What goes out of these: one that is to be something else by now was not let through as that."""
    if not rows:
        return ()
    seen = {row.id: (row.desired, row.desired_compare_at) for row in rows}
    async with ctx.store.write(ctx.fence) as tx:
        now = await unsent_prices.still(tx, list(seen))
        same = [row for row in now if (row.desired, row.desired_compare_at) == seen[row.id]]
        out = plan_prices(same, ctx.clock.now())
        await unsent_prices.keep_base(tx, [(one.offer, one.base, one.base_at) for one in out])
    return out


async def _send(
    ctx: FlowContext, admitted: Admitted[UnsentPrice], tally: Tally, items: Sequence[PriceOut]
) -> None:
    """One batch, and what the shop says to each item of it."""
    answers = await ctx.storefront.set_prices([_request(item) for item in items], _deadline(ctx))
    told: list[tuple[PriceOut, str]] = []
    refused: list[tuple[PriceOut, str]] = []
    later: list[tuple[str, timedelta]] = []
    for item in items:
        answer = answers.get(item.variant)
        if isinstance(answer, Done):
            said = shown(item, answer.echo)
            told.append((item, said.acked))
            refused += [(item, said.refused)] if said.refused else []
        elif isinstance(answer, Rejected):
            refused.append((item, answer.reason))
        else:
            after = answer.after if isinstance(answer, Retry) and answer.after else _SOON
            later.append((item.offer, after))
    tally.sent += len(told)
    tally.refused += len(refused)
    tally.waiting += len(later)
    await _book(ctx, admitted, told, refused, later)


async def _book(
    ctx: FlowContext,
    admitted: Admitted[UnsentPrice],
    told: Sequence[tuple[PriceOut, str]],
    refused: Sequence[tuple[PriceOut, str]],
    later: Sequence[tuple[str, timedelta]],
) -> None:
    now = ctx.clock.now()
    fine = {item.listing for item, _ in told} - {item.listing for item, _ in refused}
    async with ctx.store.write(ctx.fence) as tx:
        touched = [item.offer for item, _ in (*told, *refused)] + [offer for offer, _ in later]
        await unsent_prices.still(tx, touched)
        await price_answers.acknowledge(tx, told)
        await guarding.sent(tx, ctx, admitted, [item.offer for item, _ in told])
        await issues.clear_all(tx, [refused_key(listing) for listing in sorted(fine)])
        kept = await price_answers.refuse(tx, refused)
        for item, why in refused:
            if item.offer in kept:
                await price_issues.tell_refused(tx, ctx, item, why)
        for after in {after for _, after in later}:
            mine = [offer for offer, wait in later if wait == after]
            await price_answers.postpone(tx, mine, to_micros(now + after))


def _request(item: PriceOut) -> SetPrice:
    return SetPrice(
        item.variant,
        Decimal(item.price),
        item.currency,
        compare_at=struck(item.compare_at),
        keeps_compare_at=item.compare_at is None,
    )


def _deadline(ctx: FlowContext) -> Deadline:
    return Deadline.after(ctx.timing.call_seconds)
