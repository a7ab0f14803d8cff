"""Holds: opened with an issue that says why and what to do, ended by themselves or by a person."""

from datetime import timedelta

from mappings.facts import OrderFacts
from sync.domain.clock import from_micros
from sync.domain.confirm import HoldWanted
from sync.domain.ids import AccountId, OrderId
from sync.domain.lifecycle import Release
from sync.domain.money import Money
from sync.domain.waiting import About, Topic, Word
from sync.flows.flow import FlowContext, FlowName
from sync.store import cases, holds, issues
from sync.store.cases import StoredCase
from sync.store.database import Tx
from sync.store.events import add_event

_RENEWED = ("reason", "todo", "release", "keep_stock", "asks", "subject", "value_minor", "value_currency")


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
            at_deadline=rule.at_deadline,
        )
        for rule in ctx.rulebook.holds(facts)
    )


def rejected(case: StoredCase) -> tuple[HoldWanted, ...]:
    """What a person rejected holds the order until the shop no longer wants it, and gives its stock back."""
    return tuple(
        HoldWanted(
            rule=hold.rule,
            reason=f"{hold.decided_by} rejected it ({hold.reason})",
            todo="Cancel it in the shop and give the money back; it is not sent. Approve it to send it all the same.",
            release=Release.MANUAL,
            keep_stock=False,
            owner=hold.owner,
        )
        for hold in case.open_holds.values()
        if hold.word == Word.REJECTED
    )


async def apply(tx: Tx, ctx: FlowContext, case: StoredCase, wanted: tuple[HoldWanted, ...]) -> None:
    """Make the order's open holds, and their issues, be `wanted`."""
    order_id = OrderId(case.row.id)
    rules = {hold.rule for hold in wanted}
    for hold in wanted:
        if hold.rule not in case.open_holds:
            await _open(tx, ctx, case, hold)
        else:
            await _renew(tx, ctx, case, hold)
        if not hold.quiet or _overdue(tx, case, hold):
            await _tell(tx, ctx, case, hold)
    for rule in case.open_holds:
        if rule not in rules and await cases.end_hold(tx, order_id, rule, holds.CAUSE_GONE):
            await add_event(tx, order_id, "released", f"hold ended: {rule}", by=holds.CAUSE_GONE)
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
    await cases.open_hold(tx, order_id, **holds.row_of(tx, about_of(ctx, case), hold))
    await add_event(tx, order_id, "held", f"held: {hold.rule}: {hold.reason}")


async def _renew(tx: Tx, ctx: FlowContext, case: StoredCase, hold: HoldWanted) -> None:
    """What stands open tells the present reason; a person's decision on it, its owner and its time stay."""
    row = case.open_holds[hold.rule]
    if row.word:
        if row.keep_stock != int(hold.keep_stock):
            await cases.set_hold(tx, row.id, keep_stock=int(hold.keep_stock))
        return
    fresh = holds.row_of(tx, about_of(ctx, case), hold)
    changed = {name: fresh[name] for name in _RENEWED if getattr(row, name) != fresh[name]}
    if changed:
        await cases.set_hold(tx, row.id, **changed)


def about_of(ctx: FlowContext, case: StoredCase) -> About:
    """The order as the queue knows it."""
    row = case.row
    account = AccountId(row.account_id)
    return About(
        Topic.ORDER,
        row.id,
        f"{ctx.accounts[account].name}/{row.number}",
        account,
        OrderId(row.id),
        Money(row.total_minor, row.currency),
        FlowName.REVIEW.value,
    )


async def _tell(tx: Tx, ctx: FlowContext, case: StoredCase, hold: HoldWanted) -> None:
    account = AccountId(case.row.account_id)
    shop = ctx.accounts[account].name
    opened = case.open_holds.get(hold.rule)
    due = None if hold.within is None else ctx.clock.now() + hold.within
    if opened is not None:
        due = None if opened.due_at is None else from_micros(opened.due_at)
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
        owner=hold.owner if opened is None else opened.owner,
        due_at=due,
    )
