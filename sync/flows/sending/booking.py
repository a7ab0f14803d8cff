"""Buy one label, once: for one parcel, or for several orders' parcels to one door.

A shared label is bought only while all that was planned still holds; else, and when the courier refuses it, each
parcel gets one of its own. From the moment at which the request leaves, the parcels stay together.
"""

from decimal import Decimal
from typing import Any

from connectors.contract import (
    Booking,
    BookRequest,
    Deadline,
    Done,
    Operation,
    Outcome,
    PackageSpec,
    Retry,
)
from sync.domain.ids import AccountId, OrderId
from sync.domain.lifecycle import CancelState, WorkState
from sync.domain.people import Address
from sync.flows.asking import ask_review
from sync.flows.flow import FlowContext, FlowName
from sync.flows.orders.merging import still_together
from sync.flows.sending.sender import NotWanted, Prepared, Ready
from sync.flows.wakes import Wakes
from sync.store import fulfilments, issues, merging, orders, parcels
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.fulfilments import Work
from sync.store.outbox import OutboxRow
from sync.store.parcels import Parcel


class Book:
    """The label: bought once by its reference, or found."""

    operation = Operation.BOOK.value
    absolute = False

    async def prepare(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> Prepared:
        if _shared(row) and (why := await _parted(tx, ctx, row)):
            return NotWanted(why)
        parcel = await parcels.by_id(tx, row.payload["parcel"])
        if parcel is None or parcel.voided_at is not None or parcel.tracking is not None:
            return NotWanted("the parcel needs no label any more")
        work = await fulfilments.by_id(tx, parcel.fulfilment_id)
        if work is None or work.state == WorkState.CANCELLED or work.cancel == CancelState.REQUESTED:
            return NotWanted("the fulfilment was stopped before the label was bought")
        return Ready(await self._request(tx, ctx, row, parcel, work))

    async def identify(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> BookRequest | None:
        parcel = await parcels.by_id(tx, row.payload["parcel"])
        work = await fulfilments.by_id(tx, parcel.fulfilment_id) if parcel is not None else None
        return None if parcel is None or work is None else await self._request(tx, ctx, row, parcel, work)

    async def _request(
        self, tx: Tx, ctx: FlowContext, row: OutboxRow, parcel: Parcel, work: Work
    ) -> BookRequest:
        buyer = await orders.buyer(tx, parcel.order_id)
        return BookRequest(
            reference=f"{work.reference}#{parcel.number or parcel.external_id}",
            carrier=row.payload["carrier"],
            service=row.payload["service"],
            sender=ctx.accounts[AccountId(work.account_id)].sender or Address(),
            ship_to=buyer.ship_to,
            package=PackageSpec(Decimal(row.payload["weight_kg"])),
            order_number=await orders.number_of(tx, parcel.order_id),
        )

    async def send(self, ctx: FlowContext, request: BookRequest, deadline: Deadline) -> Outcome[Booking]:
        return await ctx.courier.book(request, deadline)

    async def look_up(self, ctx: FlowContext, request: BookRequest, deadline: Deadline) -> Outcome[Booking]:
        found = [
            one for one in await ctx.courier.find_bookings(request.reference, deadline) if not one.voided
        ]
        if not found:
            return Retry("the courier has no label under this reference")
        return Done(found[0].external_id, found[0])

    async def done(
        self, tx: Tx, ctx: FlowContext, row: OutboxRow, outcome: Done[Booking], wakes: Wakes
    ) -> dict[str, Any]:
        booking = outcome.echo
        found = await _parcels(tx, row)
        if not found or booking is None:
            return {"external_id": outcome.external_id}
        for parcel in found:
            await _number(tx, ctx, row, parcel, booking, wakes)
        return {"external_id": booking.external_id, "tracking": booking.tracking}

    async def refused(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        if _shared(row):
            await _part(
                tx, row, f"{ctx.account.name} sells no label for them together: {reason}", wakes, apart=True
            )
            return
        parcel = await parcels.by_id(tx, row.payload["parcel"])
        if parcel is None:
            return
        order = await orders.named(tx, parcel.order_id)
        await issues.raise_issue(
            tx,
            key=_key(parcel.id),
            kind="parcel.not_booked",
            account_id=ctx.account.id,
            order_id=OrderId(parcel.order_id),
            subject=order,
            what=f"{ctx.account.name} sells no label for a parcel of order {order}",
            why=reason,
            todo=f"Mend the cause, then: entrepot issues retry {row.id}",
        )
        await add_event(tx, OrderId(parcel.order_id), "not_booked", f"{ctx.account.name} refused: {reason}")

    async def dropped(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        del ctx
        if _shared(row):
            await _part(tx, row, reason, wakes, apart=False)


def _shared(row: OutboxRow) -> bool:
    return "parcels" in row.payload


async def _parcels(tx: Tx, row: OutboxRow) -> list[Parcel]:
    """Those that the label is for, the one that pays for it first; of a shared one that was parted, none."""
    wanted = list(row.payload.get("parcels", (row.payload["parcel"],)))
    if _shared(row):
        await merging.hold_members(tx, row.payload["parcel"])
        if set(await merging.members(tx, row.payload["parcel"])) != set(wanted):
            return []
    found = [await parcels.by_id(tx, id) for id in wanted]
    return [parcel for parcel in found if parcel is not None]


async def _parted(tx: Tx, ctx: FlowContext, row: OutboxRow) -> str:
    """Why the parcels may not share a label any more; "" where they may. Who is the reason shares none again."""
    found = await _parcels(tx, row)
    if not found:
        return "each of its parcels has a label of its own"
    apart = await still_together(tx, ctx, found)
    for id in apart:
        await parcels.change(tx, id, apart=1)
    return "something is open about one of its parcels: each gets a label of its own" if apart else ""


async def _part(tx: Tx, row: OutboxRow, why: str, wakes: Wakes, *, apart: bool) -> None:
    """Nothing was bought: each of the parcels is planned for anew."""
    for parcel in await _parcels(tx, row):
        await parcels.change(tx, parcel.id, label_of=None, apart=int(apart or parcel.apart))
        await add_event(tx, OrderId(parcel.order_id), "not_shared", why)
        await ask_review(tx, parcel.order_id, wakes)


async def _number(
    tx: Tx, ctx: FlowContext, row: OutboxRow, parcel: Parcel, booking: Booking, wakes: Wakes
) -> None:
    """Write the label on one parcel. Its price stands on the first of those that share it."""
    charge = booking.charge if parcel.id == row.payload["parcel"] else None
    await parcels.change(
        tx,
        parcel.id,
        courier_id=ctx.account.id,
        booking_external_id=booking.external_id,
        tracking=booking.tracking,
        carrier=booking.carrier,
        service=booking.service,
        label_url=booking.label_url,
        tracking_url=booking.tracking_url,
        charge_minor=charge.minor if charge else None,
        charge_currency=charge.currency if charge else None,
        rule=row.payload["rule"],
        booked_at=tx.now(),
    )
    await issues.clear(tx, _key(parcel.id))
    cost = f", {charge}" if charge else ""
    shared = f", shared by {len(row.payload['parcels'])} orders" if _shared(row) else ""
    await add_event(
        tx,
        OrderId(parcel.order_id),
        "booked",
        f"{booking.carrier} {booking.tracking}{cost}{shared}",
        tracking=booking.tracking,
    )
    work = await fulfilments.by_id(tx, parcel.fulfilment_id)
    wakes.add(work.account_id if work else None, FlowName.LABELS)
    await ask_review(tx, parcel.order_id, wakes)


def _key(parcel_id: str) -> str:
    return f"parcel.not_booked:{parcel_id}"
