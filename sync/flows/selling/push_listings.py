"""Put listings up, take them down, and keep their content in step.

    decide     on what is marked or due by time
    guard      too many that would go down at once wait for a person
    mark       what goes out now is down because of us, whatever becomes of the answer
    send       the shop's answer to each is what counts: its listings are up or down by it, and shares follow

Then content, which is in no hurry. A shop that is only observed, or whose connector cannot do it, has all of it
worked out all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from connectors.contract import Capability, Deadline, Done, Kind, Rejected, Retry, SetPublished
from connectors.contract.lanes import Lane
from sync.domain.clock import to_micros
from sync.domain.ids import AccountId
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.selling import contents, guarding, inability
from sync.flows.selling.guarding import Admitted
from sync.flows.selling.inability import Inability
from sync.flows.selling.promises import hint_pushes, recompute
from sync.flows.selling.states import decide_due, refused_key
from sync.flows.selling.tally import Tally
from sync.flows.side_by_side import side_by_side
from sync.store import issues, listings, offer_states, state_answers
from sync.store.database import Tx
from sync.store.locking import lock_skus, lock_states
from sync.store.state_answers import UnsentState

_BATCHES = 10
"""So many batches make a pass."""
_SOON = timedelta(seconds=2)
_CANNOT = Inability(
    Capability.SET_PUBLISHED,
    kind="listing.cannot",
    unsent=state_answers.count_unsent,
    what="the connector {connector} cannot put listings up or take them down on {shop}",
    why="{unsent} listing(s) are not as the rules want them",
    todo="Switch them in the shop by hand, or leave {shop} out of the rules under `listings:`.",
)


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is switched as one: a variant, or a product with those of its listings that shall change."""

    name: str
    """The shop's id of it."""
    up: bool
    rows: list[UnsentState] = field(default_factory=list)


class PushListingsFlow:
    """One shop's listings."""

    name = FlowName.PUSH_LISTINGS
    kinds = frozenset({Kind.STOREFRONT})
    lane = Lane.CONTENT
    observes = True

    async def run(self, ctx: FlowContext) -> PassResult:
        """Work out what is due by time, then send some batches of what is unsent."""
        more = await decide_due(ctx)
        for matter in (_CANNOT, contents.CANNOT):
            await inability.tell(ctx, matter)
        tally, left = Tally(), False
        if ctx.account.live and ctx.manifest.can(Capability.SET_PUBLISHED):
            left = await _push(ctx, tally)
        if ctx.account.live and ctx.manifest.can(Capability.PUT_LISTINGS):
            left |= await contents.push(ctx, tally)
        async with ctx.store.read() as tx:
            next_at = await offer_states.next_at(tx, ctx.account.id)
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
        gate = await guarding.states(tx, ctx)
        rows = await state_answers.unsent(tx, ctx.account.id, limit, gate.without)
        admitted = await gate.admit(tx, rows)
    await guarding.tell(ctx, gate)
    if not admitted.rows:
        return False
    passed = {row.id for row in admitted.rows}
    wanted = [unit for unit in _units(ctx, rows) if all(row.id in passed for row in unit.rows)]
    async with ctx.store.write(ctx.fence) as tx:
        out = await state_answers.about_to_send(tx, [row for unit in wanted for row in unit.rows])
    units = _units(ctx, out)
    tally.waiting += len(rows) - len(out)
    await side_by_side(ctx.manifest.limits, units, partial(_send, ctx, admitted, tally))
    return len(rows) == limit and bool(out)


def _units(ctx: FlowContext, rows: Sequence[UnsentState]) -> list[_Unit]:
    """A product's listings shall all be the same: what they differ in is decided anew soon."""
    single = ctx.manifest.can(Capability.PUBLISH_VARIANTS)
    found: dict[str, _Unit] = {}
    for row in rows:
        name = row.external_id if single or not row.product else row.product
        unit = found.setdefault(name, _Unit(name, row.desired))
        if row.desired == unit.up:
            unit.rows.append(row)
    return list(found.values())


async def _send(
    ctx: FlowContext, admitted: Admitted[UnsentState], tally: Tally, units: Sequence[_Unit]
) -> None:
    """One batch, and what the shop says to each item of it."""
    batch = [SetPublished(unit.name, unit.up) for unit in units]
    answers = await ctx.storefront.set_published(batch, Deadline.after(ctx.timing.call_seconds))
    told: dict[bool, list[_Unit]] = {True: [], False: []}
    refused: list[tuple[_Unit, str]] = []
    nothing: list[_Unit] = []
    later: list[tuple[_Unit, timedelta]] = []
    for unit in units:
        answer = answers.get(unit.name)
        if isinstance(answer, Done):
            told[unit.up if answer.echo is None else answer.echo].append(unit)
        elif isinstance(answer, Rejected):
            refused.append((unit, answer.reason))
        elif isinstance(answer, Retry):
            nothing.append(unit)
            later.append((unit, answer.after or _SOON))
        else:
            later.append((unit, _SOON))
    tally.sent += sum(len(unit.rows) for kept in told.values() for unit in kept)
    tally.refused += len(refused)
    tally.waiting += len(later)
    async with ctx.store.write(ctx.fence) as tx:
        woken = await _acknowledge(tx, ctx, admitted, told)
        await lock_states(tx, [row.listing_id for unit in units for row in unit.rows])
        await state_answers.nothing_happened(tx, [row for unit in nothing for row in unit.rows])
        for unit, why in refused:
            await state_answers.refuse(tx, unit.rows, why)
            await _tell_refused(tx, ctx, unit, why)
        odd = [(unit, _SOON) for up, kept in told.items() for unit in kept if unit.up is not up]
        for unit, after in [*later, *odd]:
            until = to_micros(ctx.clock.now() + after)
            await state_answers.postpone(tx, [row.id for row in unit.rows], until)
    hint_pushes(ctx, woken)


async def _acknowledge(
    tx: Tx, ctx: FlowContext, admitted: Admitted[UnsentState], told: dict[bool, list[_Unit]]
) -> frozenset[AccountId]:
    """The shop's word on what is up; shares follow in the same transaction. Returns accounts with unsent ones."""
    single = ctx.manifest.can(Capability.PUBLISH_VARIANTS)
    named = {up: [row.listing_id for unit in kept for row in unit.rows] for up, kept in told.items()}
    switched = {up: ids if single else await listings.of_products(tx, ids) for up, ids in named.items()}
    skus = await listings.skus_of(tx, [one for ids in switched.values() for one in ids])
    await lock_skus(tx, sorted(skus))
    for up, ids in switched.items():
        await listings.set_published(tx, ids, up)
    woken = await recompute(tx, ctx, skus, "listing")
    rows = [(row, up) for up, kept in told.items() for unit in kept for row in unit.rows]
    await lock_states(tx, [one for ids in switched.values() for one in ids])
    for up, ids in switched.items():
        await state_answers.acknowledge(tx, ids, up)
    await guarding.sent(tx, ctx, admitted, [row.id for row, _ in rows])
    await issues.clear_all(tx, [refused_key(row.listing_id) for row, _ in rows])
    return woken


async def _tell_refused(tx: Tx, ctx: FlowContext, unit: _Unit, why: str) -> None:
    shop = ctx.account.name
    for row in unit.rows[:1]:
        await issues.raise_issue(
            tx,
            key=refused_key(row.listing_id),
            kind="listing.refused",
            account_id=ctx.account.id,
            subject=f"{shop}:{row.external_id}",
            what=f"{shop} refuses to {'put up' if unit.up else 'take down'} {unit.name}",
            why=why,
            todo="Look at it in the shop; it is asked again when it shall be otherwise, or when the rules change.",
        )
