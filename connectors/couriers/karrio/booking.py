"""One label for each reference, however often it is asked for and wherever an earlier attempt broke off.

    look up by reference ─┬─ a label          ▶ that one
                          ├─ a voided label   ▶ refused: a new reference is needed
                          ├─ a draft          ▶ finished, if it is what we would make now; its rates anew
                          ├─ another draft    ▶ thrown away: it holds an old address or parcel
                          └─ nothing          ▶ a draft is made
    draft ▶ choose a rate ▶ buy ─┬─ 200 ▶ the label
                                 ├─ 409 ▶ it was bought already: read it
                                 ├─ 400, 424 ▶ the carrier's no
                                 └─ no answer ▶ unknown: looked up before the next try

A draft costs nothing, so a draft without an answer is simply tried again later; only buying is creating.
"""

from decimal import Decimal

from connectors.contract import (
    BadAnswer,
    Booking,
    BookRequest,
    ConnectorError,
    Deadline,
    Done,
    Outcome,
    Refused,
    Rejected,
    Retry,
    Unknown,
)
from connectors.couriers.karrio import translate
from connectors.couriers.karrio.client import Client, told
from connectors.couriers.karrio.options import Options
from connectors.couriers.karrio.payloads import RateInfo, ShipmentInfo
from connectors.transport import Answer, Uncertain


class Desk:
    """Where labels are bought."""

    def __init__(self, client: Client, options: Options) -> None:
        self._client = client
        self._options = options

    async def book(self, request: BookRequest, deadline: Deadline) -> Outcome[Booking]:
        """Buy the label of `request.reference`, or give the one that was bought."""
        if request.package.weight_kg <= 0:
            return Rejected("the parcel has no weight", code="no_weight")
        try:
            before = await self._client.shipments(request.reference, deadline)
            if (known := _known(before)) is not None:
                return known
            draft = await self._draft(before, self._wanted(request), deadline)
        except Uncertain:
            return Retry("the draft of the shipment was not confirmed; nothing has been bought")
        except BadAnswer as error:
            return Retry(f"{error}; nothing has been bought")
        except Refused as error:
            return Rejected(str(error))
        if isinstance(draft, Rejected):
            return draft
        rate = self._choose(draft, request)
        return rate if isinstance(rate, Rejected) else await self._buy(draft, rate, deadline)

    async def _draft(
        self, before: tuple[ShipmentInfo, ...], wanted: dict[str, object], deadline: Deadline
    ) -> ShipmentInfo | Rejected:
        answer: Answer | None = None
        for draft in reversed([each for each in before if each.status == translate.DRAFT]):
            if answer is None and translate.fits(draft, wanted):
                answer = await self._client.rates_of(draft.id, deadline)
            else:
                await self._client.cancel(draft.id, deadline)
        if answer is None:
            answer = await self._client.draft(wanted, deadline)
        return (
            no(answer, "the courier refuses the parcel")
            if answer.status >= 400
            else self._client.read_shipment(answer)
        )

    async def find(self, reference: str, deadline: Deadline) -> tuple[Booking, ...]:
        """All labels bought under this reference, oldest first."""
        found = await self._client.shipments(reference, deadline)
        return tuple(translate.booking_in(each) for each in found if translate.is_label(each))

    async def _buy(self, draft: ShipmentInfo, rate: RateInfo, deadline: Deadline) -> Outcome[Booking]:
        try:
            answer = await self._client.buy(draft.id, rate.id, deadline)
            if answer.status < 400:
                return _bought(self._client.read_shipment(answer, created=True))
        except Uncertain as error:
            return Unknown(str(error))
        if answer.status != 409:
            return no(answer, "the carrier refuses the parcel")
        try:
            now = await self._client.shipment(draft.id, deadline)
        except ConnectorError as error:
            return Unknown(str(error))
        if now is not None and translate.is_label(now):
            return _bought(now)
        return Retry("Karrio is busy with the shipment")

    def _wanted(self, request: BookRequest) -> dict[str, object]:
        carrier = self._options.carrier(request.carrier)
        wanted = translate.shipment_out(request.sender, request.ship_to, request.package, carrier.connections)
        wanted |= {"reference": request.reference, "label_type": "PDF"}
        return wanted | ({"order_id": request.order_number} if request.order_number else {})

    def _choose(self, draft: ShipmentInfo, request: BookRequest) -> RateInfo | Rejected:
        service = request.service or self._options.carrier(request.carrier).service
        offers = [
            rate
            for rate in draft.rates
            if request.carrier in ("", rate.carrier_name) and rate.total_charge is not None
        ]
        if service:
            offers = [rate for rate in offers if rate.service == service]
        if not offers:
            what = f"the service {service}" if service else "any service"
            who = request.carrier or "no carrier"
            verb = "does not offer" if request.carrier else "offers"
            return Rejected(f"{who} {verb} {what} for this parcel", code="no_rate")
        if len({rate.currency for rate in offers}) > 1:
            return Rejected(
                f"{request.carrier or 'the carriers'} offer in several currencies: name the service",
                code="currencies",
            )
        return min(offers, key=lambda rate: (Decimal(str(rate.total_charge)), rate.service or ""))


def no(answer: Answer, what: str) -> Rejected:
    """An error answer as an outcome, in words that name no person."""
    code, field = translate.complaint(answer.body)
    return Rejected(f"{what} ({told(answer.status, code, field)})", code=code)


def _known(before: tuple[ShipmentInfo, ...]) -> Done[Booking] | Rejected | None:
    labels = [each for each in before if translate.is_label(each)]
    live = [each for each in labels if each.status != translate.CANCELLED]
    if live:
        return _bought(live[0])
    if labels:
        return Rejected("the label under this reference was voided: book under a new one", code="voided")
    return None


def _bought(shipment: ShipmentInfo) -> Done[Booking]:
    return Done(shipment.id, translate.booking_in(shipment))
