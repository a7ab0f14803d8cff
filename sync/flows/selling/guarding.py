"""What may be sent now, and what waits for a person: the guards between what is unsent and what goes out.

A push asks in the transaction in which it reads what is unsent, leaves out in SQL what waits, and says afterwards
what went out:

    async with ctx.store.read() as tx:
        gate = await guarding.quantities(tx, ctx)          # or prices, states
        unsent = await offers.unsent(tx, ctx.account.id, limit, gate.without)
        admitted = await gate.admit(tx, unsent)
    await guarding.tell(ctx, gate)                         # opens and clears the issues
    ...
    await guarding.sent(tx, ctx, admitted, offer_ids)      # in the transaction that acknowledges them

A gate whose query does not leave out what waits still holds it back, but a thousand that wait would then starve
those behind them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from sync.domain.asking import asked
from sync.domain.clock import to_micros
from sync.domain.confirm import HoldWanted
from sync.domain.guards import Guard, Verdict, judge
from sync.domain.lifecycle import Release
from sync.domain.plan import Field
from sync.domain.waiting import About, Topic
from sync.flows.flow import FlowContext
from sync.store import approvals, guard_tallies, guarded, holds, issues
from sync.store.approvals import Waiting
from sync.store.database import Tx
from sync.store.guard_tallies import Counted
from sync.store.guarded import Condition

_AGAIN = 60 * 1_000_000
"""An issue of what waits unchanged is renewed so seldom (microseconds)."""


class Row(Protocol):
    """An unsent quantity, price or state: any row of the tables of offers."""

    @property
    def id(self) -> str:
        """Our id of the offer."""
        ...


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Admitted(Generic[R]):
    """Rows that may be sent now, and what the guards count of them."""

    rows: tuple[R, ...]
    counted: Mapping[str, frozenset[Guard]]
    """By our id of the offer: the guards that count it once it is sent; others are counted by none."""
    approved: frozenset[Guard]
    """The guards that let it pass by a person's word alone."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One field of one shop, judged at one moment."""

    field: Field
    verdicts: Mapping[Guard, Verdict]
    conditions: Mapping[Guard, Condition]
    told: Mapping[Guard, Waiting]
    """What the pass before found waiting."""
    fresh: Counted | None = None
    """The shop's offers, counted anew: to be kept."""

    @property
    def without(self) -> tuple[Condition, ...]:
        """What a query of unsent rows leaves out, for nothing of it may pass."""
        waits = (self.conditions[guard] for guard, one in self.verdicts.items() if one.allowance == 0)
        return (*guarded.never(self.field), *waits)

    async def admit(self, tx: Tx, rows: Sequence[R]) -> Admitted[R]:
        """Of unsent rows, those that may be sent now: as many as each guard lets pass, the first ones first."""
        counting = {guard: self.conditions[guard] for guard, one in self.verdicts.items() if one.unsent}
        if not counting or not rows:
            return Admitted(tuple(rows), {}, frozenset())
        counted = await guarded.flagged(tx, self.field, [row.id for row in rows], counting)
        left = {guard: one.allowance for guard, one in self.verdicts.items() if one.allowance is not None}
        passed = []
        for row in rows:
            by = [guard for guard in counted.get(row.id, ()) if guard in left]
            if any(left[guard] <= 0 for guard in by):
                continue
            for guard in by:
                left[guard] -= 1
            passed.append(row)
        approved = frozenset(guard for guard, one in self.verdicts.items() if one.by_approval)
        return Admitted(tuple(passed), counted, approved)


async def quantities(tx: Tx, ctx: FlowContext) -> Gate:
    """The gate of this shop's quantities."""
    return await gate(tx, ctx, Field.QUANTITY)


async def prices(tx: Tx, ctx: FlowContext) -> Gate:
    """The gate of this shop's prices. `cause` 'promotion' and the term `largest_move` are heeded."""
    return await gate(tx, ctx, Field.PRICE)


async def states(tx: Tx, ctx: FlowContext) -> Gate:
    """The gate of this shop's listings."""
    return await gate(tx, ctx, Field.STATE)


async def admit_quantities(tx: Tx, ctx: FlowContext, rows: Sequence[R]) -> Admitted[R]:
    """Of these unsent quantities, those that may be sent now."""
    return await (await quantities(tx, ctx)).admit(tx, rows)


async def admit_prices(tx: Tx, ctx: FlowContext, rows: Sequence[R]) -> Admitted[R]:
    """Of these unsent prices, those that may be sent now."""
    return await (await prices(tx, ctx)).admit(tx, rows)


async def admit_states(tx: Tx, ctx: FlowContext, rows: Sequence[R]) -> Admitted[R]:
    """Of these unsent listing states, those that may be sent now."""
    return await (await states(tx, ctx)).admit(tx, rows)


async def gate(tx: Tx, ctx: FlowContext, field: Field) -> Gate:
    """Judge one field of this shop: what is unsent now, with what was sent within the hour."""
    ctx = ctx.ruled_now()
    account, guards, now = ctx.account.id, ctx.rulebook.guards, tx.now()
    on = [
        guard
        for guard in guarded.GUARDS[field]
        if guard is Guard.PRICE_MOVE or guards.share(guard) is not None
    ]
    told = await approvals.waiting(tx, account, guarded.GUARDS[field])
    if not on or not await guarded.anything(tx, account, field):
        return Gate(field, {}, {}, told)
    conditions = {guard: guarded.condition(guard, guards, now) for guard in on}
    unsent = await guarded.count(tx, account, field, conditions)
    if not any(unsent.values()):
        return Gate(field, {}, conditions, told)
    kept = await guard_tallies.counted(tx, account, field)
    fresh = None
    verdicts = await _judged(tx, ctx, unsent, kept.offers if kept is not None and kept.fresh(now) else 0)
    if any(one.waits for one in verdicts.values()) and (kept is None or not kept.exact(now)):
        fresh = await guard_tallies.count_now(tx, account, field)
        verdicts = await _judged(tx, ctx, unsent, fresh.offers)
    return Gate(field, verdicts, conditions, told, fresh)


async def _judged(tx: Tx, ctx: FlowContext, unsent: Mapping[Guard, int], offers: int) -> dict[Guard, Verdict]:
    verdicts = {}
    for guard, number in unsent.items():
        lately = (
            0 if guard is Guard.PRICE_MOVE else await guard_tallies.sent_lately(tx, ctx.account.id, guard)
        )
        approved = await approvals.in_force(tx, ctx.account.id, guard)
        verdicts[guard] = judge(
            ctx.rulebook.guards, guard, unsent=number, sent=lately, of=offers, approved=approved
        )
    return verdicts


async def sent(tx: Tx, ctx: FlowContext, admitted: Admitted[R], offers: Iterable[str]) -> None:
    """These of the admitted offers (our ids) went out: guards count them for an hour."""
    passed: dict[Guard, int] = {}
    approved: dict[Guard, int] = {}
    for offer in offers:
        for guard in admitted.counted.get(offer, ()):
            kept = approved if guard in admitted.approved else passed
            kept[guard] = kept.get(guard, 0) + 1
    if passed or approved:
        await guard_tallies.add(tx, ctx.account.id, passed, approved)


async def tell(ctx: FlowContext, gate: Gate) -> None:
    """Open the issue of what waits, clear that of what no longer does, and keep the count of offers."""
    now = to_micros(ctx.clock.now())
    held = {guard: one for guard, one in gate.verdicts.items() if one.waits}
    due = {guard: one for guard, one in held.items() if _news(gate.told.get(guard), one, now)}
    gone = [guard for guard in gate.told if guard not in held]
    if not due and not gone and gate.fresh is None:
        return
    async with ctx.store.write(ctx.fence) as tx:
        for verdict in due.values():
            await ask(tx, ctx, verdict, gate.told.get(verdict.guard))
        for guard in gone:
            await ask_no_more(tx, ctx, guard)
        if gate.fresh is not None:
            await guard_tallies.keep(tx, ctx.account.id, gate.field, gate.fresh)
            await guard_tallies.forget(tx, ctx.account.id)


def _news(told: Waiting | None, verdict: Verdict, now: int) -> bool:
    if told is None or now - told.told_at >= _AGAIN:
        return True
    said = (told.waiting, told.unsent, told.sent, told.limit, told.of)
    return said != (verdict.waiting, verdict.unsent, verdict.sent, verdict.limit, verdict.of)


async def ask(tx: Tx, ctx: FlowContext, verdict: Verdict, told: Waiting | None) -> None:
    """Open or renew the issue of what a guard keeps back, and note it for those who look."""
    guards = ctx.rulebook.guards
    share = guards.share(verdict.guard)
    said = asked(verdict, ctx.account.name, guards)
    await issues.raise_issue(
        tx,
        key=_key(ctx, verdict.guard),
        kind=said.kind,
        account_id=ctx.account.id,
        subject=ctx.account.name,
        what=said.what,
        why=said.why,
        todo=said.todo,
    )
    await holds.keep_one(
        tx,
        about_of(ctx),
        HoldWanted(verdict.guard.value, f"{said.what}: {said.why}", said.todo, Release.MANUAL),
        tell=False,
    )
    await approvals.note(
        tx,
        ctx.account.id,
        Waiting(
            verdict.guard.value,
            verdict.waiting,
            verdict.unsent,
            verdict.sent,
            verdict.limit or 0,
            verdict.of,
            since=tx.now() if told is None else told.since,
            told_at=tx.now(),
            share=None if share is None else format(share, "f"),
            lasts=int(guards.approval_lasts.total_seconds()),
        ),
    )


async def ask_no_more(tx: Tx, ctx: FlowContext, guard: Guard) -> None:
    """Nothing waits any more: clear the issue."""
    await issues.clear(tx, _key(ctx, guard))
    await holds.close_about(tx, Topic.GUARD, ctx.account.id, guard.value, holds.CAUSE_GONE)
    await approvals.note_gone(tx, ctx.account.id, guard)


def about_of(ctx: FlowContext) -> About:
    """An account as the queue knows it: its guards each keep something back there."""
    return About(Topic.GUARD, ctx.account.id, ctx.account.name, ctx.account.id)


def _key(ctx: FlowContext, guard: Guard) -> str:
    return f"guard.{guard.value}:{ctx.account.id}"
