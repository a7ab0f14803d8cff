"""What a person hears of the way back besides its questions: goods without a request, a case that cannot go on."""

from datetime import timedelta

from mappings.facts import RequestFacts
from sync.domain.clock import to_micros
from sync.domain.custody import figures
from sync.domain.money import Money
from sync.flows.flow import FlowContext
from sync.store import issues
from sync.store.back import cases, goods
from sync.store.back.cases import BackCase
from sync.store.database import Tx

_NEVER = timedelta(days=1)


async def unannounced(tx: Tx, ctx: FlowContext, case: BackCase) -> None:
    """Goods that nobody announced wait in quarantine for a request, or for a person."""
    custody = await goods.custody(tx, case)
    units = {one.sku: one.units for one in figures(custody).surplus}
    house = ctx.accounts[case.account_id].name
    if case.verdict is None:
        judged = ctx.rulebook.judge(RequestFacts(house, None, Money(0, "EUR")))
        due = None if judged.verdict.within is None else to_micros(case.opened_at + judged.verdict.within)
        await cases.judge(
            tx,
            case.id,
            judged.verdict,
            kind=None,
            owner=judged.owner,
            due_at=due,
            judged_with=ctx.rulebook.version,
        )
        case = await cases.get(tx, case.id) or case
    told = ", ".join(f"{count} × {sku}" for sku, count in sorted(units.items())) or "nothing counted yet"
    numbers = sorted({one.tracking for one in custody.receipts.values() if one.tracking})
    await issues.raise_issue(
        tx,
        key=cases.unannounced_key(case.id),
        kind="return.unannounced",
        account_id=case.account_id,
        subject=case.reference,
        what=f"{house} received goods that nobody announced: {told}",
        why=f"tracking {', '.join(numbers)}" if numbers else "no tracking number was written down",
        todo="They wait in quarantine and join a later request by their number. Find out whose they are, then: "
        f"entrepot returns join {case.reference} REFERENCE",
        owner=case.owner,
        due_at=case.due_at,
    )
    again = to_micros(ctx.clock.now() + _NEVER)
    await cases.settle(tx, case.id, done=False, waits="for a request that names it", review_at=again)


def stuck_key(case: BackCase) -> str:
    """The issue of a case that cannot be looked at."""
    return f"return.stuck:{case.id}"


async def stuck(tx: Tx, ctx: FlowContext, case: BackCase, why: str) -> None:
    """The case could not be looked at, and is tried again."""
    await issues.raise_issue(
        tx,
        key=stuck_key(case),
        kind="return.stuck",
        account_id=case.account_id,
        order_id=case.order_id,
        subject=case.reference,
        what=f"{case.reference} does not go on",
        why=why,
        todo="It is tried again every few minutes; this clears by itself. If it stays, report it with the log.",
        owner=case.owner,
    )
