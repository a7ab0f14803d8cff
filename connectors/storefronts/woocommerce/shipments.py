"""Telling the shop what left, parcel by parcel, once.

Each parcel is told to the buyer first: by the Shipment Tracking extension where it is installed and there is a
number, else by a note. Then it is written into the order's metadata, with what is in it and our reference; where
all that is wanted has left, the order is completed with the same write. So a reference in the metadata says that
all is done. A telling that was lost on the way is found again: the extension's by its number, the note by the
reference that it ends with. A number that staff entered already is not told twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    ConfirmShipment,
    Deadline,
    Done,
    Outcome,
    Refused,
    Rejected,
    Retry,
    Throttled,
    ToldParcel,
    Unavailable,
    Unknown,
)
from connectors.storefronts.woocommerce import parcels, payloads, translate
from connectors.storefronts.woocommerce.client import get, make, put
from connectors.storefronts.woocommerce.notes import Notes, refused
from connectors.storefronts.woocommerce.orders import Orders, Record
from connectors.storefronts.woocommerce.parcels import Parcel, added, reference
from connectors.storefronts.woocommerce.refusals import no_order
from connectors.storefronts.woocommerce.shop import TRACKING, Shop
from connectors.transport import Uncertain, web_link
from sync.domain.orders import OrderStatus

COMPLETED = "completed"
NO_ROUTE = "rest_no_route"


@dataclass(frozen=True, slots=True)
class Step:
    """One parcel, our reference for it, and whether the order's metadata has it already."""

    parcel: ToldParcel = field(repr=False)
    ref: str
    done: bool


def plan(order: payloads.Order, request: ConfirmShipment) -> list[Step]:
    """What is told and what is missing, in the order of the parcels."""
    known = {parcel.ref for parcel in parcels.own(order)}
    refs = [reference(request.key, number) for number in range(len(request.parcels))]
    return [Step(parcel, ref, ref in known) for parcel, ref in zip(request.parcels, refs, strict=True)]


def too_late(record: Record, status: str, steps: Sequence[Step]) -> Rejected | None:
    """Why what is missing cannot be told any more, where it cannot."""
    order = record.order
    what = f"order {order.number or order.id}"
    missing = [step.parcel for step in steps if not step.done]
    if missing and status == OrderStatus.CANCELLED:
        return Rejected(f"{what} was cancelled in the shop", code="CANCELLED")
    left = translate.wanted(order, record.refunds)
    gone = parcels.in_parcels(order)
    for line, units in added(pair for parcel in missing for pair in parcel.lines).items():
        if line not in left:
            return Rejected(f"{what} has no such line", code="NO_LINE", mendable=False)
        free = left[line] - gone.get(line, 0)
        if units > free:
            return Rejected(
                f"{what}: {units} units of line {line} left, and the shop wants {max(0, free)} more: they may "
                "have been refunded",
                code="ALREADY_FULFILLED",
            )
    return None


def written(record: Record, status: str, steps: Sequence[Step]) -> dict[str, object]:
    """The order's metadata with all parcels; completed where nothing more is wanted."""
    own = parcels.own(record.order)
    own += [
        Parcel(s.ref, s.parcel.tracking.strip(), s.parcel.carrier, added(s.parcel.lines))
        for s in steps
        if not s.done
    ]
    body: dict[str, object] = {
        "meta_data": [{"key": parcels.OWN, "value": [parcel.stored() for parcel in own]}]
    }
    left = translate.wanted(record.order, record.refunds)
    for parcel in own:
        for line, units in parcel.lines.items():
            left[line] = left.get(line, 0) - units
    if status == OrderStatus.OPEN and all(units <= 0 for units in left.values()):
        body["status"] = COMPLETED
    return body


class Shipments:
    """Confirms the shipments of one shop."""

    def __init__(self, shop: Shop, orders: Orders, notes: Notes) -> None:
        self._shop = shop
        self._orders = orders
        self._notes = notes

    async def confirm(self, request: ConfirmShipment, deadline: Deadline) -> Outcome[tuple[str, ...]]:
        """Tell what is missing; `echo` are our references, in the order of the parcels."""
        async with self._shop.telling(request.order):
            record = await self._orders.read(request.order, deadline)
            if record is None:
                return no_order(request.order)
            steps, status = plan(record.order, request), self._orders.status(record)
            late = too_late(record, status, steps)
            if late is not None:
                return late
            if all(step.done for step in steps):
                return _done(steps)
            return await self._tell(record, status, steps, deadline)

    async def find(self, request: ConfirmShipment, deadline: Deadline) -> Outcome[tuple[str, ...]]:
        """Done where all is told; Retry where something surely is missing: `confirm` does only that."""
        record = await self._orders.read(request.order, deadline)
        if record is None:
            return no_order(request.order)
        steps = plan(record.order, request)
        if all(step.done for step in steps):
            return _done(steps)
        late = too_late(record, self._orders.status(record), steps)
        told = sum(step.done for step in steps)
        return late or Retry(f"{told} of {len(steps)} parcels are told")

    async def _tell(
        self, record: Record, status: str, steps: Sequence[Step], deadline: Deadline
    ) -> Outcome[tuple[str, ...]]:
        what = f"order {record.order.number or record.order.id}"
        begun = False
        try:
            tracks = await self._shop.tracks(deadline)
            for step in steps:
                if step.done:
                    continue
                by_extension = tracks and bool(step.parcel.tracking.strip())
                tell = self._by_extension if by_extension else self._by_note
                outcome = await tell(str(record.order.id), step, deadline)
                if not isinstance(outcome, Done):
                    return outcome
                begun = True
            body = written(record, status, steps)
            asked = put("parcels", "orders", str(record.order.id), body=body)
            shown = (await self._shop.client.send(asked, deadline)).read(payloads.Order)
        except (Uncertain, BadAnswer) as error:
            return Unknown(f"{what}: {error}")
        except Refused as error:
            if error.code == NO_ROUTE:
                self._shop.forget_tracking()
                return Retry(f"{what}: the Shipment Tracking extension is there no more")
            return refused(str(record.order.id), error, what)
        except (AuthRejected, Throttled, Unavailable) as error:
            if not begun:
                raise
            return Retry(f"{what}: {error}", getattr(error, "retry_after", None))
        known = {parcel.ref for parcel in parcels.own(shown)}
        if not known.issuperset(step.ref for step in steps):
            return Unknown(f"{what}: the shop's answer leaves the parcels out")
        return _done(steps)

    async def _by_note(self, order: str, step: Step, deadline: Deadline) -> Outcome[None]:
        parcel, ref = step.parcel, f"#{step.ref[:10]}"
        link = web_link(parcel.tracking_url) or ""
        text = self._shop.options.told(parcel.carrier, parcel.tracking.strip(), link)
        return await self._notes.once(order, f"{text} {ref}", ref, deadline, private=False)

    async def _by_extension(self, order: str, step: Step, deadline: Deadline) -> Outcome[None]:
        place = ("orders", order, "shipment-trackings")
        reply = await self._shop.client.send(get("trackings", *place, under=TRACKING), deadline)
        number = step.parcel.tracking.strip()
        if any(each.tracking_number.strip() == number for each in reply.read(list[payloads.Tracking])):
            return Done(external_id=order)
        asked = make("tell_tracking", *place, body=self._tracking(step.parcel), under=TRACKING)
        (await self._shop.client.send(asked, deadline)).read(payloads.Tracking)
        return Done(external_id=order)

    def _tracking(self, parcel: ToldParcel) -> dict[str, object]:
        told: dict[str, object] = {
            "tracking_number": parcel.tracking.strip(),
            "products_list": parcels.products_list(added(parcel.lines)),
        }
        known = self._shop.options.tracking_providers.get(parcel.carrier)
        if known is not None:
            return {**told, "tracking_provider": known}
        link = web_link(parcel.tracking_url) or ""
        return {**told, "custom_tracking_provider": parcel.carrier, "custom_tracking_link": link}


def _done(steps: Sequence[Step]) -> Done[tuple[str, ...]]:
    refs = tuple(step.ref for step in steps)
    return Done(external_id=refs[0] if refs else None, echo=refs)
