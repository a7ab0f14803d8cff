"""Tell the shop of one parcel that has left, once."""

from typing import Any

from connectors.contract import ConfirmShipment, Deadline, Done, Kind, Operation, Outcome, ToldParcel
from sync.domain.ids import OrderId
from sync.flows.asking import ask_review
from sync.flows.flow import FlowContext, FlowName
from sync.flows.orders.shown import SHOWN, pieces_of
from sync.flows.sending.sender import NotWanted, NotYet, Prepared, Ready
from sync.flows.wakes import Wakes
from sync.store import cases, fulfilments, issues, orders, parcels
from sync.store.cases import StoredCase
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.outbox import OutboxRow
from sync.store.parcels import Parcel


class Tell:
    """The word to the shop: which units of which lines left in this parcel, with its number."""

    operation = Operation.CONFIRM_SHIPMENT.value
    absolute = False

    async def prepare(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> Prepared:
        parcel = await parcels.by_id(tx, row.payload["parcel"])
        if parcel is None or parcel.voided_at is not None or parcel.told_at is not None:
            return NotWanted("the shop knows it already")
        case = await cases.load(tx, parcel.order_id)
        if case is None or case.row.status in ("gone", "cancelled"):
            return NotWanted("the shop no longer wants the order")
        if parcel.tracking is None and await _is_bought(tx, ctx, parcel):
            return NotYet("its tracking number is being bought")
        pieces = pieces_of(case, parcel)
        if not pieces:
            return NotWanted("the shop wants no piece of a line that it completes")
        return Ready(_request(row, case, parcel))

    async def identify(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> ConfirmShipment | None:
        parcel = await parcels.by_id(tx, row.payload["parcel"])
        case = await cases.load(tx, parcel.order_id) if parcel is not None else None
        return None if parcel is None or case is None else _request(row, case, parcel)

    async def send(
        self, ctx: FlowContext, request: ConfirmShipment, deadline: Deadline
    ) -> Outcome[tuple[str, ...]]:
        return await ctx.storefront.confirm_shipment(request, deadline)

    async def look_up(
        self, ctx: FlowContext, request: ConfirmShipment, deadline: Deadline
    ) -> Outcome[tuple[str, ...]]:
        return await ctx.storefront.find_shipment(request, deadline)

    async def done(
        self, tx: Tx, ctx: FlowContext, row: OutboxRow, outcome: Done[tuple[str, ...]], wakes: Wakes
    ) -> dict[str, Any]:
        parcel = await parcels.by_id(tx, row.payload["parcel"])
        shipment = outcome.echo[0] if outcome.echo else outcome.external_id
        if parcel is not None:
            await parcels.change(tx, parcel.id, told_at=tx.now(), told_external_id=shipment)
            await issues.clear(tx, _key(parcel.id))
            await add_event(
                tx,
                OrderId(parcel.order_id),
                "told",
                f"the shop knows of {parcel.tracking or 'the parcel'}",
                tracking=parcel.tracking,
            )
            wakes.add(ctx.account.id, FlowName.DELIVERIES)
            wakes.add(parcel.courier_id, FlowName.TRACKING)
            await ask_review(tx, parcel.order_id, wakes)
        return {"shipment": shipment}

    async def refused(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        parcel = await parcels.by_id(tx, row.payload["parcel"])
        if parcel is None:
            return
        number = await orders.number_of(tx, parcel.order_id)
        await issues.raise_issue(
            tx,
            key=_key(parcel.id),
            kind="parcel.not_told",
            account_id=ctx.account.id,
            order_id=OrderId(parcel.order_id),
            subject=f"{ctx.account.name}/{number}",
            what=f"{ctx.account.name} refuses to hear of parcel {parcel.tracking or parcel.number} "
            f"of order {number}",
            why=reason,
            todo=f"Enter the tracking number in the shop by hand, or mend the cause and run: "
            f"entrepot issues retry {row.id}",
        )
        await add_event(tx, OrderId(parcel.order_id), "not_told", f"{ctx.account.name} refused: {reason}")

    async def dropped(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        parcel = await parcels.by_id(tx, row.payload["parcel"])
        if parcel is not None and parcel.told_at is None:
            await parcels.change(tx, parcel.id, told_at=tx.now())
            await ask_review(tx, parcel.order_id, wakes)


async def _is_bought(tx: Tx, ctx: FlowContext, parcel: Parcel) -> bool:
    """A supplier's parcel has the number that the supplier gave it, or none."""
    work = await fulfilments.by_id(tx, parcel.fulfilment_id)
    if work is not None and ctx.kind_of(work.account_id) is Kind.SUPPLIER:
        return False
    return any(courier.live for courier in ctx.of_kind(Kind.COURIER))


def _key(parcel_id: str) -> str:
    return f"parcel.not_told:{parcel_id}"


def _request(row: OutboxRow, case: StoredCase, parcel: Parcel) -> ConfirmShipment:
    told = ToldParcel(parcel.tracking or "", parcel.carrier, pieces_of(case, parcel), parcel.tracking_url)
    shown = row.payload.get(SHOWN)  # a row of an older release has none
    before = [shipment.external_id for shipment in case.shipments] if shown is None else shown
    return ConfirmShipment(row.key, case.row.external_id, (told,), tuple(before))
