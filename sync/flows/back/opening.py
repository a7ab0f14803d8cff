"""A case for each request whose order is known: its lines announced, its parcel's number expected."""

from connectors.contract import Capability
from sync.domain.clock import to_micros
from sync.domain.custody import Case, advise
from sync.domain.ids import AccountId, OrderId
from sync.flows.flow import FlowContext
from sync.store import cases as order_cases
from sync.store import orders
from sync.store.back import cases, goods, parcels, requests
from sync.store.back.cases import BackCase
from sync.store.back.requests import StoredRequest
from sync.store.cases import StoredCase
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.parcels import Parcel, is_on_its_way_out


async def open_cases(tx: Tx, ctx: FlowContext, limit: int = 100) -> int:
    """Cases for requests that have none yet. Returns how many were opened.

    None before the account is live, and never one for what was asked before that moment, by the shop's clock.
    """
    await requests.join_orders(tx, ctx.account.id, limit)
    if ctx.account.live_from is None:
        return 0
    opened = 0
    since = to_micros(ctx.account.live_from + ctx.vendor_ahead())
    for request in await requests.without_case(tx, ctx.account.id, since, limit):
        order = await order_cases.load(tx, request.order_id or "")
        if order is not None:
            await open_case(tx, ctx, request, order)
            opened += 1
    return opened


async def open_case(tx: Tx, ctx: FlowContext, request: StoredRequest, order: StoredCase) -> BackCase:
    """The case of one request; its order is held."""
    order_id = OrderId(order.row.id)
    n = await cases.next_n(tx, order_id)
    shop = ctx.accounts[AccountId(order.row.account_id)].name
    reference = f"{shop}/{order.row.number}/R{n}"
    id = await cases.open_case(
        tx,
        account_id=ctx.account.id,
        reference=reference,
        n=n,
        kind=request.remote.kind,
        request_id=request.id,
        order_id=order_id,
    )
    case = await cases.get(tx, id)
    if case is None:
        raise LookupError(f"the case {reference} was not stored")
    if ctx.rulebook.merge_rules.rules:
        await orders.ask_review(tx, [order_id])  # others that wait for its parcels need wait no more
    units = sum(line.units for line in request.remote.lines)
    await add_event(
        tx, order_id, "asked", f"{reference}: {request.remote.kind.value} of {units} piece(s) is asked for"
    )
    return case


async def announce(
    tx: Tx, ctx: FlowContext, case: BackCase, request: StoredRequest, order: StoredCase
) -> None:
    """The case's lines and numbers are what the request says now; parcels in quarantine may join by them."""
    if case.kind is not None and not case.kind.brings_back:
        return
    custody = await goods.custody(tx, case)
    told = _told(custody, request, order)
    if told.lines != custody.lines:
        await goods.write_lines(tx, case.id, told.lines)
    if await goods.expect(tx, case.id, request.remote.tracking):
        await goods.find_homes(tx, ctx.account.id, case)
    await _follow(tx, ctx, case, order)


async def _follow(tx: Tx, ctx: FlowContext, case: BackCase, order: StoredCase) -> None:
    """Numbers that were told are asked about at the courier that brought the order, by its carrier.

    Another courier may know a number of the same digits that is not theirs. The number of any parcel of ours on
    its way out is none of the way back: its scans say nothing of goods that come back.
    """
    brought = next((one for one in order.parcels if one.courier_id is not None and _asks(ctx, one)), None)
    if brought is None:
        return
    for one in await parcels.of_case(tx, case.id):
        if one.courier_id is None and not await is_on_its_way_out(tx, one.written):
            courier = AccountId(str(brought.courier_id))
            await parcels.ask_about(tx, case.id, one.number, courier, brought.carrier)


def _asks(ctx: FlowContext, parcel: Parcel) -> bool:
    courier = AccountId(str(parcel.courier_id))
    return courier in ctx.manifests and ctx.manifests[courier].can(Capability.TRACK)


def _told(custody: Case, request: StoredRequest, order: StoredCase) -> Case:
    """Units of each SKU that the request brings back: a line that it names no more brings none."""
    by_external = {line.external_id: line for line in order.lines}
    wanted: dict[tuple[str, str], int] = {line.key: 0 for line in custody.lines}
    for one in request.remote.lines:
        line = by_external.get(one.line)
        if line is not None:
            for sku, per in (line.components or {}).items():
                wanted[line.id, sku] = wanted.get((line.id, sku), 0) + one.units * per
    as_of = request.as_of
    known = {line.key: line.advised for line in custody.lines}
    for key, units in wanted.items():
        if key not in known or known[key].units != units:
            custody = advise(custody, key, units, as_of)
    return custody
