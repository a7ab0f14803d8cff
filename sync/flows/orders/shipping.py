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
from sync.domain.merging import label_key
from sync.flows.flow import AccountView, FlowContext, FlowName
from sync.flows.orders import merging
from sync.flows.orders.facts import parcel_facts
from sync.flows.orders.merging import ToBook
from sync.flows.orders.shown import SHOWN, parcel_of, telling
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
    shares = _may_share(ctx, case)
    if shares:
        for booking in await merging.plan(tx, ctx, OrderId(case.row.id)):
            await _book_together(tx, ctx, booking, wakes)
    for parcel in case.parcels:
        work = works[parcel.fulfilment_id]
        wanted = parcel.voided_at is None and _needs_label(ctx, work, parcel)
        planned_together = shares and work.state is WorkState.PACKED
        if parcel.waits_until is not None and not (wanted and planned_together):
            await parcels.change(tx, parcel.id, waits_until=None)
        if parcel.voided_at is not None:
            continue
        if wanted and not planned_together:
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
    if not merging.labelled_here(ctx, work):
        return False
    unnumbered = parcel.tracking is None and parcel.booking_external_id is None
    return work.state in PACKED and unnumbered and parcel.label_of is None


def _may_share(ctx: FlowContext, case: StoredCase) -> bool:
    """Whether labels of this order's parcels are planned together with those of others to its door."""
    masked = ctx.accounts[AccountId(case.row.account_id)].masked
    return bool(ctx.rulebook.merge_rules.rules) and case.row.ship_to_index is not None and not masked


async def _book_together(tx: Tx, ctx: FlowContext, booking: ToBook, wakes: Wakes) -> None:
    """Queue the purchase of one label for all of them; of one each, where the courier rules part them."""
    if len(booking.parcels) == 1 or not await _book_shared(tx, ctx, booking, wakes):
        for order, parcel in booking.parcels:
            await _book(tx, ctx, order.case, order.work_of(parcel), parcel, order.facts, wakes)


async def _book_shared(tx: Tx, ctx: FlowContext, booking: ToBook, wakes: Wakes) -> bool:
    choices = [_choose(ctx, ctx.rulebook.couriers(part)) for part in merging.whole(ctx, booking)]
    choice = choices[0]
    if choice is None or not merging.one_choice([None if one is None else one[1] for one in choices]):
        return False
    account, chosen = choice
    first, leader = booking.parcels[0]
    named = [(order.work_of(parcel).reference, parcel.external_id) for order, parcel in booking.parcels]
    queued = await outbox.enqueue(
        tx,
        account_id=account.id,
        operation=Operation.BOOK.value,
        key=label_key(named),
        aggregate=f"parcel:{leader.id}",
        payload={
            "parcel": leader.id,
            "parcels": [parcel.id for _, parcel in booking.parcels],
            "carrier": chosen.carrier,
            "service": chosen.service,
            "rule": chosen.rule,
            "weight_kg": str(merging.weight_of(ctx, booking)),
        },
        order_id=OrderId(first.id),
        order_version=first.case.row.version,
        config_version=ctx.rulebook.version,
    )
    if not queued:
        return False
    for order, parcel in booking.parcels:
        await parcels.change(tx, parcel.id, label_of=leader.id, waits_until=None)
        await issues.clear(tx, f"parcel.no_courier:{parcel.id}")
        others = ", ".join(one.case.row.number for one, _ in booking.parcels if one.id != order.id)
        said = f"one label with order {others} to be bought from {chosen.carrier or account.name}"
        await add_event(tx, OrderId(order.id), "booking", f"{said} by rule {chosen.rule!r}")
    wakes.add(account.id, FlowName.OUTBOX)
    return True


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
    if parcel.waits_until is not None:
        await parcels.change(tx, parcel.id, waits_until=None)
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
        key=label_key([(work.reference, parcel.external_id)]),
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
        aggregate=telling(case.row.id),
        payload={"parcel": parcel.id, SHOWN: [shipment.external_id for shipment in case.shipments]},
        order_id=OrderId(case.row.id),
        order_version=case.row.version,
        config_version=ctx.rulebook.version,
    )
    if queued:
        wakes.add(shop, FlowName.OUTBOX)
