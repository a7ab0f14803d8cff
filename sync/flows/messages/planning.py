"""Plan what a customer is told: the difference between what has happened and what was told, in one transaction.

`tell` is what every flow calls that knows of events, as often as it likes. It reads what is there, plans by
`sync.domain.messages.plan`, and stores the rest; the flow `messages` sends it.
"""

from collections.abc import Sequence
from typing import Any

from sync.domain.clock import from_micros, to_micros
from sync.domain.ids import AccountId, OrderId
from sync.domain.lifecycle import OrderState
from sync.domain.messages import CHANNEL, MessageState, Occurred, Planned, Wanted, plan
from sync.flows.flow import AccountView, FlowContext, FlowName
from sync.flows.messages.reach import obstacle, recognises_repeats
from sync.flows.wakes import Wakes
from sync.store import messages, restored
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.order_rows import Buyer


async def tell(
    tx: Tx,
    ctx: FlowContext,
    row: Any,
    buyer: Buyer,
    occurred: Sequence[Occurred],
    wakes: Wakes,
    *,
    after_sale: bool = False,
) -> int:
    """Plan what the customer of an order is to be told of these events. Returns how many messages are new.

    `row` is the order's own (`customer_order`), locked by the caller's transaction; the flow may be of any account.
    Nothing is planned for an observed shop, for somebody who was erased, or for history but for what happens
    `after_sale`: goods from before may come back now.
    """
    shop = ctx.accounts.get(AccountId(row.account_id))
    if not occurred or shop is None or shop.live_from is None or not ctx.rulebook.messages.of(shop.name):
        return 0
    history = row.state == OrderState.HISTORY.value and not after_sale
    if history or row.erased_at is not None:
        return 0
    wanted = await wanted_of(tx, ctx, shop)
    manifest = ctx.manifests[shop.id]
    ways = {way for one in wanted for way in one.ways}
    due = plan(
        occurred,
        wanted,
        await messages.told(tx, row.id),
        {way: obstacle(ctx, manifest, way, buyer) for way in ways},
        live_from=shop.live_from,
        now=ctx.clock.now(),
        late_after=ctx.rulebook.messages.late_after,
    )
    new = 0
    for one in due:
        new += await _store(tx, ctx, shop, OrderId(row.id), one)
    if new:
        wakes.add(shop.id, FlowName.MESSAGES)
    return new


async def wanted_of(tx: Tx, ctx: FlowContext, shop: AccountView) -> tuple[Wanted, ...]:
    """The messages for a shop's customers, each with since when it is in force."""
    rules = ctx.rulebook.messages.of(shop.name)
    since = await messages.in_force(tx, shop.id, [(rule.event.value, ",".join(rule.ways)) for rule in rules])
    return tuple(
        Wanted(rule.name, rule.event, rule.ways, from_micros(since[(rule.event.value, ",".join(rule.ways))]))
        for rule in rules
    )


async def rules_changed(tx: Tx, ctx: FlowContext) -> None:
    """Messages that are new are in force for this shop from now on; those that are gone are forgotten."""
    rules = ctx.rulebook.messages.of(ctx.account.name)
    keys = [(rule.event.value, ",".join(rule.ways)) for rule in rules]
    await messages.keep_in_force(tx, ctx.account.id, keys)


async def _store(tx: Tx, ctx: FlowContext, shop: AccountView, order_id: OrderId, one: Planned) -> bool:
    state, reason = one.state, one.reason
    if state is MessageState.PLANNED and await _perhaps_told(tx, ctx, shop, one):
        state, reason = MessageState.UNKNOWN, messages.RESTORED
    id = await messages.add(
        tx,
        account_id=shop.id,
        order_id=order_id,
        one=one,
        state=state,
        reason=reason,
        version=ctx.rulebook.version,
    )
    if id is not None and state is MessageState.PASSED:
        what = f"the customer is not told {one.name!r}: {reason}"
        await add_event(tx, order_id, "customer_not_told", what, message=id)
    return id is not None


async def _perhaps_told(tx: Tx, ctx: FlowContext, shop: AccountView, one: Planned) -> bool:
    """Whether it happened before a backup was restored, so that it may have been told by what was lost."""
    if one.way == CHANNEL and recognises_repeats(ctx.manifests[shop.id]):
        return False
    last = await restored.last(tx)
    return last is not None and to_micros(one.occurred.at) < last.at + restored.SLACK
