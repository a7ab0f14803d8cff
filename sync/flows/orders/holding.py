"""Holds: opened with an issue that says why and what to do, ended by themselves or by a person."""

from datetime import timedelta

from mappings.facts import OrderFacts
from sync.domain.clock import to_micros
from sync.domain.confirm import HoldWanted
from sync.domain.ids import AccountId, OrderId
from sync.domain.lifecycle import Release
from sync.flows.flow import FlowContext
from sync.store import cases, issues
from sync.store.cases import StoredCase
from sync.store.database import Tx
from sync.store.events import add_event

CAUSE_GONE = "cause gone"


def by_rules(ctx: FlowContext, facts: OrderFacts) -> tuple[HoldWanted, ...]:
    """The holds that the admins' rules ask for."""
    return tuple(
        HoldWanted(
            rule=f"rule {rule.name}",
            reason=f"hold rule {rule.name!r} of mappings applies",
            todo="It goes on by itself when the rule no longer applies."
            if rule.release == "automatic"
            else "Look at the order; release it with `entrepot orders release`.",
            release=Release(rule.release.value),
            keep_stock=rule.keep_stock,
            owner=rule.owner or "",
            within=rule.within,
        )
        for rule in ctx.rulebook.holds(facts)
    )


async def apply(tx: Tx, ctx: FlowContext, case: StoredCase, wanted: tuple[HoldWanted, ...]) -> None:
    """Make the order's open holds, and their issues, be `wanted`."""
    order_id = OrderId(case.row.id)
    rules = {hold.rule for hold in wanted}
    for hold in wanted:
        if hold.rule not in case.open_holds:
            await _open(tx, ctx, case, hold)
        if not hold.quiet or _overdue(tx, case, hold):
            await _tell(tx, ctx, case, hold)
    for rule in case.open_holds:
        if rule not in rules and await cases.end_hold(tx, order_id, rule, CAUSE_GONE):
            await add_event(tx, order_id, "released", f"hold ended: {rule}", by=CAUSE_GONE)
    await issues.clear_except(tx, f"order.held:{order_id}:", {_key(order_id, rule) for rule in rules})


def _key(order_id: str, rule: str) -> str:
    return f"order.held:{order_id}:{rule}"


def _overdue(tx: Tx, case: StoredCase, hold: HoldWanted) -> bool:
    opened = case.open_holds.get(hold.rule)
    if opened is None or hold.within is None:
        return False
    return bool(tx.now() - opened.opened_at > hold.within // timedelta(microseconds=1))


async def _open(tx: Tx, ctx: FlowContext, case: StoredCase, hold: HoldWanted) -> None:
    order_id = OrderId(case.row.id)
    due = ctx.clock.now() + hold.within if hold.within else None
    await cases.open_hold(
        tx,
        order_id,
        rule=hold.rule,
        reason=hold.reason,
        release=hold.release.value,
        keep_stock=int(hold.keep_stock),
        owner=hold.owner,
        due_at=to_micros(due) if due else None,
    )
    await add_event(tx, order_id, "held", f"held: {hold.rule}: {hold.reason}")


async def _tell(tx: Tx, ctx: FlowContext, case: StoredCase, hold: HoldWanted) -> None:
    account = AccountId(case.row.account_id)
    shop = ctx.accounts[account].name
    await issues.raise_issue(
        tx,
        key=_key(case.row.id, hold.rule),
        kind="order.held",
        account_id=account,
        order_id=OrderId(case.row.id),
        subject=f"{shop}/{case.row.number}",
        what=f"order {case.row.number} of {shop} is held: {hold.rule}",
        why=hold.reason,
        todo=hold.todo,
        owner=hold.owner,
        due_at=ctx.clock.now() + hold.within if hold.within else None,
    )
