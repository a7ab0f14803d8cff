"""After a restore: fulfilments that a warehouse has and the restored database does not know are taken back in.

Between the copy and the restore, orders were sent that the database knows nothing of. Looking each up by its
reference, where it would be sent now, finds most of them; not one that another warehouse has, nor one whose
order was cancelled since and would never be sent again. So, once all shops' orders have been read, each
warehouse's feed is read from where the copy had read, and what bears our reference is taken back in.
"""

from datetime import datetime
from enum import StrEnum

from connectors.contract import Kind
from sync.domain.clock import to_micros
from sync.domain.ids import OrderId
from sync.domain.lifecycle import CancelState, OrderState, WorkState
from sync.domain.parcels import spread
from sync.domain.routing import LineKey
from sync.domain.shipments import RemoteFulfilment
from sync.domain.sku import normal_sku
from sync.flows.flow import FlowContext, FlowName
from sync.flows.fulfilling.observing import observe
from sync.flows.selling.promises import recompute
from sync.flows.wakes import Wakes
from sync.store import cases, decisions, flow_states, fulfilments, orders, reservations, restored
from sync.store.cases import StoredCase
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.fulfilments import Work
from sync.store.reservations import Target


class Recovery(StrEnum):
    """How a warehouse's feed is to be read."""

    NONE = "none"
    ORDERS_FIRST = "orders first"
    """Not yet: a fulfilment of an order that was not read again could not be told from a stranger's."""
    ADOPT = "adopt"
    """What bears our reference and is not known is taken back in."""


async def of_warehouse(ctx: FlowContext) -> Recovery:
    """How far the recovery of this warehouse is."""
    async with ctx.store.read() as tx:
        since = await restored.last(tx)
        if since is None or await restored.feed_read(tx, ctx.account.id):
            return Recovery.NONE
        for shop in ctx.of_kind(Kind.STOREFRONT):
            read_at = await flow_states.last_success_begun_at(tx, shop.id, FlowName.ORDERS)
            if shop.live and (read_at is None or to_micros(read_at) < since.at):
                return Recovery.ORDERS_FIRST
    return Recovery.ADOPT


async def others_unread(tx: Tx, ctx: FlowContext) -> bool:
    """Whether another warehouse may have, since before a restore, what is about to be sent to this one."""
    if await restored.last(tx) is None:
        return False
    for warehouse in ctx.of_kind(Kind.WAREHOUSE):
        other = warehouse.id != ctx.account.id and warehouse.live
        if other and not await restored.feed_read(tx, warehouse.id):
            return True
    return False


async def adopt(tx: Tx, ctx: FlowContext, remote: RemoteFulfilment, seen_at: datetime, wakes: Wakes) -> None:
    """Take a fulfilment back in that the warehouse has under a reference of ours."""
    work = await fulfilments.anywhere(tx, remote.reference)
    if work is None:
        work = await _known_again(tx, ctx, remote)
    elif work.state == WorkState.PLANNED and work.account_id != ctx.account.id:
        await fulfilments.move(tx, work.id, ctx.account.id)  # its unsent row is withdrawn by itself
    else:
        return  # its own look-up decides
    if work is None:
        return
    said = f"{remote.reference} was found at {ctx.account.name} after a restore"
    await add_event(tx, OrderId(work.order_id), "found", said, fulfilment=remote.reference)
    await observe(tx, ctx, await take_over(tx, ctx, work, remote, wakes), remote, seen_at, wakes)
    await orders.ask_review(tx, [OrderId(work.order_id)])
    wakes.add(await orders.shop_of(tx, work.order_id), FlowName.REVIEW)


async def _known_again(tx: Tx, ctx: FlowContext, remote: RemoteFulfilment) -> Work | None:
    """The fulfilment as it was planned once, rebuilt from its reference."""
    case, n = await _order_of(tx, ctx, remote.reference)
    if case is None or case.state == OrderState.HISTORY or n in {work.n for work in case.work}:
        return None
    work_id = await fulfilments.create(
        tx,
        order_id=case.row.id,
        account=ctx.account.id,
        reference=remote.reference,
        n=n,
        lines={},
        rule="",
        config_version=ctx.rulebook.version,
    )
    return await fulfilments.by_id(tx, work_id)


async def _order_of(tx: Tx, ctx: FlowContext, reference: str) -> tuple[StoredCase | None, int]:
    """Our references are shop/number/n."""
    rest, _, n = reference.rpartition("/")
    name, _, number = rest.partition("/")
    shops = [shop for shop in ctx.of_kind(Kind.STOREFRONT) if shop.name == name]
    if not shops or not n.isascii() or not n.isdigit():
        return None, 0
    found = await decisions.order_ids(tx, number, shops[0].id)
    return (await cases.load(tx, found[0]) if len(found) == 1 else None), int(n)


async def take_over(tx: Tx, ctx: FlowContext, work: Work, remote: RemoteFulfilment, wakes: Wakes) -> Work:
    """What the warehouse shows under our reference was planned by what we no longer know: its lines count.

    The lines of this fulfilment become those, units that are only planned elsewhere for the same lines fall
    away, and what it holds is reserved here.
    """
    case = await cases.load(tx, work.order_id)
    if case is None:
        return work
    asked = _ordered(case)
    used = _under_way(case, work.id)
    packed = [(normal_sku(line.sku) or line.sku, int(line.quantity)) for line in remote.lines]
    lines = spread(packed, asked, used)
    if not lines:
        return work
    await fulfilments.set_lines(tx, work.id, lines)
    left = {key: units - used.get(key, 0) - lines.get(key, 0) for key, units in asked.items()}
    for other in case.work:
        if other.id != work.id and other.state == WorkState.PLANNED:
            await _trim(tx, other, left)
    await _reserve_here(tx, ctx, case, lines)
    for account in await recompute(tx, ctx, {sku for _, sku in lines}, "stock"):
        wakes.add(account, FlowName.PUSH_STOCK)
    return await fulfilments.by_id(tx, work.id) or work


def _ordered(case: StoredCase) -> dict[LineKey, int]:
    return {
        (line.id, sku): line.ordered * units
        for line in case.lines
        for sku, units in (line.components or {}).items()
    }


def _under_way(case: StoredCase, besides: str) -> dict[LineKey, int]:
    """Units that other fulfilments of the order have at their warehouses, or have shipped."""
    units: dict[LineKey, int] = {}
    for work in case.work:
        if work.id == besides or work.state == WorkState.PLANNED:
            continue
        for key, (wanted, _, shipped) in work.lines.items():
            units[key] = units.get(key, 0) + (wanted if work.state.open else shipped)
    return units


async def _trim(tx: Tx, planned: Work, left: dict[LineKey, int]) -> None:
    """A planned fulfilment keeps what nothing else covers."""
    keeps: dict[LineKey, int] = {}
    for key, (units, _, _) in planned.lines.items():
        taken = max(0, min(units, left.get(key, 0)))
        left[key] = left.get(key, 0) - taken
        if taken:
            keeps[key] = taken
    if keeps == {key: units for key, (units, _, _) in planned.lines.items()}:
        return
    if keeps:
        await fulfilments.set_lines(tx, planned.id, keeps)
    else:
        await fulfilments.set_state(tx, planned.id, WorkState.WITHDRAWN, CancelState.STOPPED)


async def _reserve_here(tx: Tx, ctx: FlowContext, case: StoredCase, lines: dict[LineKey, int]) -> None:
    """Units at this warehouse are held at this warehouse; others keep what their own fulfilments cover."""
    here = ctx.account.id
    held = {((row.order_line_id, row.sku), row.account_id): row.quantity for row in case.reservations}
    targets = []
    for key, units in lines.items():
        others = [account for one, account in held if one == key and account != here]
        idle = [account for account in others if not _covers(case, key, account)]
        if idle and (key, here) not in held:
            await reservations.move(tx, [key], idle.pop(), here)
        else:
            targets.append(Target(key, here, max(units, held.get((key, here), 0))))
        targets += [Target(key, account, 0) for account in idle]
    await reservations.hold(tx, case.row.id, targets, case.reservations)


def _covers(case: StoredCase, key: LineKey, account: str) -> bool:
    """Whether a fulfilment there has units of this line."""
    return any(
        work.account_id == account and key in work.lines and (work.state.open or work.lines[key][2])
        for work in case.work
        if work.state != WorkState.PLANNED
    )
