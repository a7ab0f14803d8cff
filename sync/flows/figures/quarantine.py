"""Figures that read zero all at once: a warehouse or a supplier says so, and no order of ours explains it.

Such figures wait beside the ones before, which stay in force, until a person approves them, or a reading says
more than zero. They are judged page by page as they are read, since a page that counts cannot be taken back; and
once more when a whole reading has come to its end, against all that it told: what was much of one page may be
little of the whole, and counts then.
"""

from collections.abc import Mapping
from datetime import datetime

from sync.domain.guards import Guard, Reading, Verdict, figures_verdict
from sync.domain.ids import AccountId, Sku
from sync.flows.flow import FlowContext
from sync.flows.selling.guarding import ask, ask_no_more
from sync.flows.selling.promises import hint_pushes, recompute
from sync.store import approvals, guard_tallies, stock
from sync.store.database import Tx
from sync.store.stock import SavedFigures


async def save_figures(
    tx: Tx,
    ctx: FlowContext,
    figures: Mapping[Sku, tuple[int | None, str]],
    *,
    basis: str,
    begun_at: datetime,
    full: bool,
) -> SavedFigures:
    """Store one page of this account's figures; what the guard keeps back is asked about."""
    judged: list[Verdict] = []

    async def judge(reading: Reading) -> Verdict:
        judged.append(await _verdict(tx, ctx, reading))
        return judged[-1]

    saved = await stock.save_figures(
        tx, ctx.account.id, figures, basis=basis, begun_at=begun_at, full=full, judge=judge
    )
    if saved.by_approval:
        await guard_tallies.add(tx, ctx.account.id, {}, {Guard.FIGURES: saved.by_approval})
    if saved.held:
        await _ask(tx, ctx, judged[-1])
    elif saved.held_before and not await stock.count_waiting(tx, ctx.account.id):
        await ask_no_more(tx, ctx, Guard.FIGURES)
    return saved


async def _verdict(tx: Tx, ctx: FlowContext, reading: Reading) -> Verdict:
    approved = await approvals.in_force(tx, ctx.account.id, Guard.FIGURES)
    return figures_verdict(ctx.rulebook.guards, reading, approved)


async def _ask(tx: Tx, ctx: FlowContext, verdict: Verdict) -> None:
    told = await approvals.waiting(tx, ctx.account.id, [Guard.FIGURES])
    waiting = await stock.count_waiting(tx, ctx.account.id)
    now = Verdict(Guard.FIGURES, waiting, 0, verdict.of, verdict.limit, 0)
    await ask(tx, ctx, now, told.get(Guard.FIGURES))


async def judge_whole(tx: Tx, ctx: FlowContext, cause: str) -> frozenset[AccountId]:
    """A reading came to its end: judge what waits against the whole of it. Returns accounts with unsent offers."""
    waiting = await stock.count_waiting(tx, ctx.account.id)
    if not waiting:
        return frozenset()
    above = await stock.count_above_zero(tx, ctx.account.id)
    verdict = await _verdict(tx, ctx, Reading(above - waiting, 0, waiting))
    return await _let_count(tx, ctx, verdict, cause)


async def let_approved_count(ctx: FlowContext, cause: str) -> None:
    """What a person has approved meanwhile counts now; and all of it where the guard was switched off."""
    async with ctx.store.read() as tx:
        if not await stock.count_waiting(tx, ctx.account.id):
            return
        approved = await approvals.in_force(tx, ctx.account.id, Guard.FIGURES)
    on = ctx.rulebook.guards.figures_to_zero is not None
    if on and (approved is None or not approved.left):
        return
    async with ctx.store.write(ctx.fence) as tx:
        waiting = await stock.count_waiting(tx, ctx.account.id)
        verdict = await _verdict(tx, ctx, Reading(0, 0, waiting))
        unsent = await _let_count(tx, ctx, verdict, cause)
    hint_pushes(ctx, unsent)


async def _let_count(tx: Tx, ctx: FlowContext, verdict: Verdict, cause: str) -> frozenset[AccountId]:
    """As many as the verdict allows, those of the most units first: they are what was approved."""
    if verdict.allowance == 0:
        await _ask(tx, ctx, verdict)
        return frozenset()
    skus = [one.sku for one in await stock.waiting(tx, ctx.account.id, verdict.allowance)]
    await stock.let_count(tx, ctx.account.id, skus)
    if verdict.by_approval:
        await guard_tallies.add(tx, ctx.account.id, {}, {Guard.FIGURES: len(skus)})
    unsent = await recompute(tx, ctx, skus, cause)
    if verdict.waits:
        await _ask(tx, ctx, verdict)
    else:
        await ask_no_more(tx, ctx, Guard.FIGURES)
    return unsent
