"""What brings goods back: the word to the warehouse, a label for the buyer, and parcels that shall turn round."""

from decimal import Decimal
from typing import Any

from connectors.contract import (
    Booking,
    BookRequest,
    Deadline,
    Done,
    FulfilmentLine,
    InterceptRequest,
    Operation,
    Outcome,
    PackageSpec,
    Retry,
    ReturnAnnouncement,
    Unknown,
)
from sync.domain.ids import AccountId
from sync.domain.people import Address
from sync.flows.back.doing import RETURN_LABEL
from sync.flows.back.situation import Matter, read
from sync.flows.flow import FlowContext, FlowName
from sync.flows.sending.sender import NotWanted, Prepared, Ready
from sync.flows.wakes import Wakes
from sync.store import cases as order_cases
from sync.store import issues, orders, parcels
from sync.store.back import cases, goods, requests
from sync.store.back import parcels as back_parcels
from sync.store.back.cases import BackCase
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.outbox import OutboxRow

_PARCEL_KG = Decimal(1)
"""What a parcel of the way back is booked with where its goods have no weight."""


async def _matter(tx: Tx, ctx: FlowContext, row: OutboxRow) -> Matter | None:
    case = await cases.get(tx, row.payload["case"])
    return None if case is None else await read(tx, ctx, case)


async def _comes_to_nothing(tx: Tx, case_id: str) -> bool:
    """Whether the case is done because its request was taken back, or settled in the shop."""
    case = await cases.get(tx, case_id)
    request = None if case is None else await requests.get(tx, case.request_id or "")
    return (
        case is not None and request is not None and case.state == cases.DONE and request.remote.state.ended
    )


async def _heard(tx: Tx, row: OutboxRow, wakes: Wakes, case: BackCase | None) -> None:
    if case is not None:
        await cases.ask_review(tx, [case.id])
        wakes.add(case.account_id, FlowName.WAY_BACK)


class _Told:
    """Issues of what was refused."""

    async def refused(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        case = await cases.get(tx, row.payload["case"])
        reference = "a return" if case is None else case.reference
        await issues.raise_issue(
            tx,
            key=f"return.not_told:{row.id}",
            kind="return.not_told",
            account_id=ctx.account.id,
            order_id=row.order_id,
            subject=reference,
            what=f"{ctx.account.name} refuses {row.operation} for {reference}",
            why=reason,
            todo=f"Do it there by hand, or mend the cause and run: entrepot issues retry {row.id}",
        )
        await _heard(tx, row, wakes, case)

    async def dropped(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        del tx, ctx, row, reason, wakes


class AnnounceReturn(_Told):
    """The warehouse hears what a buyer sends back, once per reference."""

    operation = Operation.ANNOUNCE_RETURN.value
    absolute = False

    async def prepare(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> Prepared:
        if await _comes_to_nothing(tx, row.payload["case"]):
            return NotWanted("its request has ended")
        request = await self.identify(tx, ctx, row)
        return NotWanted("the case is no longer stored") if request is None else Ready(request)

    async def identify(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> ReturnAnnouncement | None:
        matter = await _matter(tx, ctx, row)
        if matter is None:
            return None
        buyer = await orders.buyer(tx, matter.order.row.id)
        masked = ctx.accounts[AccountId(matter.order.row.account_id)].masked
        lines = tuple(FulfilmentLine(sku, "", units) for sku, units in sorted(row.payload["units"].items()))
        numbers = sorted(matter.custody.tracking)
        return ReturnAnnouncement(
            row.payload["reference"],
            lines,
            Address() if masked else buyer.ship_to,
            numbers[0] if len(numbers) == 1 else None,
        )

    async def send(self, ctx: FlowContext, request: ReturnAnnouncement, deadline: Deadline) -> Outcome[None]:
        return await ctx.warehouse.announce_return(request, deadline)

    async def look_up(
        self, ctx: FlowContext, request: ReturnAnnouncement, deadline: Deadline
    ) -> Outcome[None]:
        return await ctx.warehouse.announce_return(request, deadline)

    async def done(
        self, tx: Tx, ctx: FlowContext, row: OutboxRow, outcome: Done[None], wakes: Wakes
    ) -> dict[str, Any]:
        if row.order_id is not None:
            await add_event(
                tx, row.order_id, "announced", f"{ctx.account.name} expects {row.payload['reference']}"
            )
        await issues.clear(tx, f"return.not_told:{row.id}")
        wakes.add(ctx.account.id, FlowName.RETURN_RECEIPTS)
        case = await cases.get(tx, row.payload["case"])
        if case is not None:
            await goods.find_homes(tx, ctx.account.id, case)
        await _heard(tx, row, wakes, case)
        return {"external_id": outcome.external_id}


class BookReturn(_Told):
    """A label from the buyer to the warehouse, bought once by its reference, or found."""

    operation = RETURN_LABEL
    declared = Operation.BOOK
    absolute = False

    async def prepare(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> Prepared:
        if await _comes_to_nothing(tx, row.payload["case"]):
            return NotWanted("its request has ended")
        request = await self.identify(tx, ctx, row)
        if request is None or not request.sender.deliverable:
            return NotWanted("there is no address that a label could be made for")
        return Ready(request)

    async def identify(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> BookRequest | None:
        matter = await _matter(tx, ctx, row)
        house = ctx.accounts.get(AccountId(row.payload["warehouse"]))
        if matter is None or house is None or house.sender is None:
            return None
        buyer = await orders.buyer(tx, matter.order.row.id)
        sent = next((one for one in matter.order.parcels if one.courier_id == ctx.account.id), None)
        return BookRequest(
            reference=matter.case.reference,
            carrier=sent.carrier if sent is not None else "",
            service="",
            sender=buyer.ship_to,
            ship_to=house.sender,
            package=PackageSpec(
                _PARCEL_KG if sent is None or not sent.weight_kg else Decimal(sent.weight_kg)
            ),
            order_number=matter.order.row.number,
        )

    async def send(self, ctx: FlowContext, request: BookRequest, deadline: Deadline) -> Outcome[Booking]:
        return await ctx.courier.book(request, deadline)

    async def look_up(self, ctx: FlowContext, request: BookRequest, deadline: Deadline) -> Outcome[Booking]:
        found = await ctx.courier.find_bookings(request.reference, deadline)
        living = [one for one in found if not one.voided]
        if not living:
            return Retry("the courier has no label under this reference")
        return Done(living[0].external_id, living[0])

    async def done(
        self, tx: Tx, ctx: FlowContext, row: OutboxRow, outcome: Done[Booking], wakes: Wakes
    ) -> dict[str, Any]:
        booking, case = outcome.echo, await cases.get(tx, row.payload["case"])
        if booking is not None and case is not None:
            await goods.expect(tx, case.id, [booking.tracking])
            await back_parcels.booked(
                tx,
                case.id,
                booking.tracking,
                courier=ctx.account.id,
                carrier=booking.carrier,
                booking=booking.external_id,
                label_url=booking.label_url,
                tracking_url=booking.tracking_url,
            )
            await goods.find_homes(tx, ctx.account.id, case)
            if row.order_id is not None:
                what = f"{case.reference}: a label of {booking.carrier} {booking.tracking} for the way back"
                await add_event(tx, row.order_id, "return_label", what, tracking=booking.tracking)
            if await _comes_to_nothing(tx, case.id):
                for courier in await back_parcels.no_use_for(tx, case.id):
                    wakes.add(courier, FlowName.VOIDS)
        await _heard(tx, row, wakes, case)
        return {"external_id": outcome.external_id, "tracking": booking.tracking if booking else None}


class TurnRound(_Told):
    """The courier is asked to turn a parcel round."""

    operation = Operation.INTERCEPT.value
    absolute = False

    async def prepare(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> Prepared:
        request = await self.identify(tx, ctx, row)
        return NotWanted("the parcel has come to its end") if request is None else Ready(request)

    async def identify(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> InterceptRequest | None:
        parcel = await parcels.by_id(tx, row.payload["parcel"])
        if parcel is None or parcel.tracking is None or parcel.ended_at is not None:
            return None
        return InterceptRequest(key=row.key, tracking=parcel.tracking, reason="the order was cancelled")

    async def send(self, ctx: FlowContext, request: InterceptRequest, deadline: Deadline) -> Outcome[str]:
        return await ctx.courier.intercept(request, deadline)

    async def look_up(self, ctx: FlowContext, request: InterceptRequest, deadline: Deadline) -> Outcome[str]:
        del ctx, request, deadline
        return Unknown("a courier cannot be asked whether it was told")

    async def done(
        self, tx: Tx, ctx: FlowContext, row: OutboxRow, outcome: Done[str], wakes: Wakes
    ) -> dict[str, Any]:
        if row.order_id is not None:
            await add_event(tx, row.order_id, "intercepted", f"{ctx.account.name} turns the parcel round")
        await _heard(tx, row, wakes, await cases.get(tx, row.payload["case"]))
        return {"external_id": outcome.external_id}

    async def refused(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        if row.order_id is not None:
            # held while what stands for its case is read and written
            await order_cases.load(tx, row.order_id)
        case = await cases.get(tx, row.payload["case"])
        if case is not None:
            await cases.not_intercepted(tx, case)
        await _heard(tx, row, wakes, case)


__all__ = ["AnnounceReturn", "BookReturn", "TurnRound"]
