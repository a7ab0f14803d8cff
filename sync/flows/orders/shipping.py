"""Parcels of an order: which courier takes each, and what the shop is told of those that left.

Planned as part of the order's review; the labels are bought and the shop is told through the outbox.
"""

from collections.abc import Sequence
from decimal import Decimal

from connectors.contract import Capability, Kind, Operation
from mappings import CourierChoice
from mappings.facts import OrderFacts
from sync.domain.ids import AccountId, OrderId
from sync.domain.lifecycle import WorkState
from sync.flows.flow import AccountView, FlowContext, FlowName
from sync.flows.orders.facts import parcel_facts, parcel_of
from sync.flows.wakes import Wakes
from sync.store import issues, outbox, parcels
from sync.store.cases import StoredCase, StoredLine
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.fulfilments import Work
from sync.store.parcels import Parcel

NOT_WANTED = frozenset({"cancelled", "gone"})
"""What a shop says of an order of which it wants to hear nothing more."""
PACKED = frozenset({WorkState.PACKED, WorkState.SHIPPED})


async def plan_parcels(
    tx: Tx,
    ctx: FlowContext,
    case: StoredCase,
    lines: tuple[StoredLine, ...],
    facts: OrderFacts,
    wakes: Wakes,
) -> None:
    """Book what is packed and has no number, join what the shop shows already, tell it what has left."""
    works = {work.id: work for work in case.work}
    joined = await _join_shown(tx, case, wakes)
    for parcel in case.parcels:
        work = works[parcel.fulfilment_id]
        if parcel.voided_at is not None:
            continue
        if _needs_label(ctx, work, parcel):
            await _book(tx, ctx, case, work, parcel, facts, wakes)
        if parcel.tracking:
            await issues.clear(tx, f"parcel.masked:{parcel.id}")
        if parcel.tracking and parcel.courier_id is None:
            await _find_tracker(tx, ctx, work, parcel, wakes)
        if parcel.left_at is not None and parcel.told_at is None and parcel.id not in joined:
            if case.row.status in NOT_WANTED:
                await _tell_nobody(tx, parcel)
            else:
                await _tell(tx, ctx, case, parcel, wakes)
        if parcel.tracking and work.state in PACKED and parcel.labelled_at is None:
            wakes.add(work.account_id, FlowName.LABELS)


async def _join_shown(tx: Tx, case: StoredCase, wakes: Wakes) -> set[str]:
    """A shipment of the shop that bears a parcel's number tells of it already, whoever wrote it there."""
    joined = set()
    for shipment in case.shipments:
        parcel = None if shipment.cancelled else parcel_of(case, shipment)
        if parcel is None or not shipment.shipped or parcel.told_external_id is not None:
            continue
        joined.add(parcel.id)
        await parcels.change(
            tx,
            parcel.id,
            told_at=parcel.told_at or tx.now(),
            told_external_id=shipment.external_id,
            delivery_told_at=tx.now() if shipment.delivered else None,
        )
        await issues.clear(tx, f"parcel.not_told:{parcel.id}")
        wakes.add(case.row.account_id, FlowName.DELIVERIES)
    return joined


def _needs_label(ctx: FlowContext, work: Work, parcel: Parcel) -> bool:
    manifest = ctx.manifests[AccountId(work.account_id)]
    if manifest.kind is Kind.SUPPLIER or manifest.can(Capability.BOOKS_COURIER):
        return False
    return work.state in PACKED and parcel.tracking is None and parcel.booking_external_id is None


async def _book(
    tx: Tx,
    ctx: FlowContext,
    case: StoredCase,
    work: Work,
    parcel: Parcel,
    facts: OrderFacts,
    wakes: Wakes,
) -> None:
    """Queue the purchase of a label, by the courier rules; where none fits, say so."""
    if ctx.accounts[AccountId(case.row.account_id)].masked:
        await _tell_masked(tx, ctx, case, parcel)
        return
    of_parcel = parcel_facts(ctx, facts, work, parcel)
    choice = _choose(ctx, ctx.rulebook.couriers(of_parcel))
    key = f"parcel.no_courier:{parcel.id}"
    if choice is None:
        await _tell_no_courier(tx, ctx, case, parcel, key)
        return
    await issues.clear(tx, key)
    account, chosen = choice
    weight = ctx.rulebook.weight(of_parcel) or Decimal(1)
    queued = await outbox.enqueue(
        tx,
        account_id=account.id,
        operation=Operation.BOOK.value,
        key=f"book:{work.reference}:{parcel.external_id}",
        aggregate=f"parcel:{parcel.id}",
        payload={
            "parcel": parcel.id,
            "carrier": chosen.carrier,
            "service": chosen.service,
            "rule": chosen.rule,
            "weight_kg": str(weight),
        },
        order_id=OrderId(case.row.id),
        order_version=case.row.version,
        config_version=ctx.rulebook.version,
    )
    if queued:
        named = chosen.carrier or account.name
        await add_event(
            tx, OrderId(case.row.id), "booking", f"label to be bought from {named} by rule {chosen.rule!r}"
        )
        wakes.add(account.id, FlowName.OUTBOX)


def _choose(ctx: FlowContext, choices: Sequence[CourierChoice]) -> tuple[AccountView, CourierChoice] | None:
    """The first choice whose account is live."""
    by_name = {account.name: account for account in ctx.of_kind(Kind.COURIER) if account.live}
    return next(((by_name[choice.account], choice) for choice in choices if choice.account in by_name), None)


async def _tell_no_courier(tx: Tx, ctx: FlowContext, case: StoredCase, parcel: Parcel, key: str) -> None:
    account = AccountId(case.row.account_id)
    shop = ctx.accounts[account].name
    await issues.raise_issue(
        tx,
        key=key,
        kind="parcel.no_courier",
        account_id=account,
        order_id=OrderId(case.row.id),
        subject=f"{shop}/{case.row.number}",
        what=f"no courier for parcel {parcel.number or parcel.external_id} of order {case.row.number}",
        why="no rule of `couriers:` applies, or none of the couriers that it names is a live account",
        todo="Correct `couriers:` in the mappings or set the courier account live; "
        "the label is bought by itself then.",
    )


async def _tell_masked(tx: Tx, ctx: FlowContext, case: StoredCase, parcel: Parcel) -> None:
    """Where the consignee is not known, no courier of ours can carry anything there."""
    account = AccountId(case.row.account_id)
    shop = ctx.accounts[account].name
    await issues.raise_issue(
        tx,
        key=f"parcel.masked:{parcel.id}",
        kind="parcel.masked",
        account_id=account,
        order_id=OrderId(case.row.id),
        subject=f"{shop}/{case.row.number}",
        what=f"no label for parcel {parcel.number or parcel.external_id} of order {case.row.number}",
        why=f"{shop} is `personal_data: masked`: the address is with the platform alone",
        todo="Print the label on the platform, and write its number on the parcel in the warehouse system; "
        "the shop is told by itself then.",
    )


async def _find_tracker(tx: Tx, ctx: FlowContext, work: Work, parcel: Parcel, wakes: Wakes) -> None:
    """A number that the warehouse gave is tracked by the first courier account that can.

    A supplier ships with carriers of its own: its number is tracked only by the account that has the carrier.
    """
    only = None
    if ctx.kind_of(work.account_id) is Kind.SUPPLIER:
        only = ctx.rulebook.tracked_by(parcel.carrier)
        if only is None:
            return
    for account in ctx.of_kind(Kind.COURIER):
        if only is not None and account.name != only:
            continue
        if account.live and ctx.manifests[account.id].can(Capability.TRACK):
            await parcels.change(tx, parcel.id, courier_id=account.id)
            wakes.add(account.id, FlowName.TRACKING)
            return


async def _tell_nobody(tx: Tx, parcel: Parcel) -> None:
    """A shop that cancelled the order takes no word of a parcel: the order's own issue says that it left."""
    await parcels.change(tx, parcel.id, told_at=tx.now())
    await issues.clear(tx, f"parcel.not_told:{parcel.id}")


async def _tell(tx: Tx, ctx: FlowContext, case: StoredCase, parcel: Parcel, wakes: Wakes) -> None:
    """Queue the word to the shop. One queue an order, so that it hears of parcels one after another."""
    shop = AccountId(case.row.account_id)
    if not ctx.manifests[shop].can(Capability.CONFIRM_SHIPMENT):
        await parcels.change(tx, parcel.id, told_at=tx.now())
        return
    queued = await outbox.enqueue(
        tx,
        account_id=shop,
        operation=Operation.CONFIRM_SHIPMENT.value,
        key=f"tell:{parcel.id}",
        aggregate=f"tell:{case.row.id}",
        payload={"parcel": parcel.id},
        order_id=OrderId(case.row.id),
        order_version=case.row.version,
        config_version=ctx.rulebook.version,
    )
    if queued:
        wakes.add(shop, FlowName.OUTBOX)
