"""What the guards would say of rows that are not sent, but looked at: for plans, by the very limits of the pushes."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sync.domain.asking import asked
from sync.domain.clock import to_micros
from sync.domain.guards import PRICE_WINDOW, Guard, Verdict, judge
from sync.domain.plan import Field, PlanPart, PlanRow, counting
from sync.flows.flow import FlowContext
from sync.flows.selling import guarding
from sync.store import approvals, guard_tallies, guarded
from sync.store.database import Tx
from sync.store.plans import StoredOffer


async def counted_as_stored(
    tx: Tx, ctx: FlowContext, field: Field, offers: Sequence[StoredOffer]
) -> dict[str, tuple[Guard, ...]]:
    """By offer (our ids): the guards that count it as it is stored, in the order of their names."""
    guards = ctx.rulebook.guards
    on = [
        one
        for one in guarded.GUARDS.get(field, ())
        if one is Guard.PRICE_MOVE or guards.share(one) is not None
    ]
    if not on or not offers:
        return {}
    conditions = {one: guarded.condition(one, guards, tx.now()) for one in on}
    found = await guarded.flagged(tx, field, [offer.id for offer in offers], conditions)
    return {offer: tuple(one for one in on if one in by) for offer, by in found.items()}


def counted_as_imagined(ctx: FlowContext, row: PlanRow, offer: StoredOffer) -> tuple[Guard, ...]:
    """The guards that would count a row that is not stored so."""
    guards, now = ctx.rulebook.guards, to_micros(ctx.clock.now())
    if offer.approved_at(now):
        return ()
    day_ago = (
        offer.base_at is not None and offer.base_at > now - int(PRICE_WINDOW.total_seconds()) * 1_000_000
    )
    base = offer.base if day_ago else offer.acked
    found = counting(
        row,
        base=None if base is None else Decimal(base),
        largest_move=limit_of(offer.told, "largest_move") or guards.price_move,
    )
    return tuple(one for one in found if one is Guard.PRICE_MOVE or guards.share(one) is not None)


def limit_of(terms: Mapping[str, object], name: str) -> Decimal | None:
    """One of the limits that a price's rule left beside it; None where it left none."""
    value = terms.get(name)
    return None if value is None else Decimal(str(value))


def never(field: Field, offer: StoredOffer) -> str:
    """Why no approval lets a value out; empty where one does."""
    if field is not Field.PRICE or offer.desired is None:
        return ""
    least = limit_of(offer.told, "least")
    if least is None or Decimal(offer.desired) >= least:
        return ""
    return f"below {least}, its floor or the least that may be advertised: it is never sent"


async def judged(tx: Tx, ctx: FlowContext, part: PlanPart) -> None:
    """Hold the counts of a part of this shop against its guards, and say what they would ask."""
    verdicts = []
    for guard in guarded.GUARDS.get(part.field, ()):
        unsent = part.unsent(guard)
        if unsent:
            verdicts.append(await _verdict(tx, ctx, part, guard, unsent))
    part.judge(verdicts)
    said = [asked(one, part.account, ctx.rulebook.guards) for one in verdicts if one.waits]
    part.asks = [f"{one.what}: {one.why}" for one in said]


async def holding(tx: Tx, ctx: FlowContext, field: Field, offer: StoredOffer) -> list[str]:
    """What keeps one unsent value of this shop back now, a sentence for each guard; empty where nothing does."""
    found = [text] if (text := never(field, offer)) else []
    if field not in guarded.GUARDS:
        return found
    gate = await guarding.gate(tx, ctx, field)
    waits = {guard: one for guard, one in gate.verdicts.items() if one.allowance == 0 and one.waits}
    if waits:
        flagged = await guarded.flagged(
            tx, field, [offer.id], {guard: gate.conditions[guard] for guard in waits}
        )
        for guard in sorted(flagged.get(offer.id, ())):
            said = asked(waits[guard], ctx.account.name, ctx.rulebook.guards)
            found.append(
                f"the guard {guard.value} holds it: {said.why}; let it through with: "
                f"entrepot approve {guard.value} --account {ctx.account.name}"
            )
    return found


async def _verdict(tx: Tx, ctx: FlowContext, part: PlanPart, guard: Guard, unsent: int) -> Verdict:
    account = ctx.account.id
    lately = 0 if guard is Guard.PRICE_MOVE else await guard_tallies.sent_lately(tx, account, guard)
    offers = await guard_tallies.count_now(tx, account, part.field)
    approved = await approvals.in_force(tx, account, guard)
    return judge(ctx.rulebook.guards, guard, unsent=unsent, sent=lately, of=offers.offers, approved=approved)
