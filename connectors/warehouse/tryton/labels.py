"""Tracking numbers on packages, or on a shipment that was packed without packages.

Tryton takes them in every state, also after the goods have left.
"""

from dataclasses import dataclass

from connectors.contract import Deadline, Done, LabelParcel, Outcome, Rejected
from connectors.warehouse.tryton.client import Client
from connectors.warehouse.tryton.payloads import PackageOwner, decoded, rows
from connectors.warehouse.tryton.translate import WHOLE_SHIPMENT, refusal

SHIPMENT = "stock.shipment.out"
PACKAGE = "stock.package"


@dataclass(frozen=True, slots=True)
class Labelled:
    """What carries the number, and the one that it carries now."""

    model: str
    record: int
    present: str | None


async def label(client: Client, request: LabelParcel, deadline: Deadline) -> Outcome[str]:
    """Done with the number that Tryton shows afterwards; nothing is written where it is there already."""
    carrier = await _find(client, request, deadline)
    if isinstance(carrier, Rejected):
        return carrier
    if carrier.present == request.tracking:
        return Done(request.parcel, carrier.present)
    values = {"shipping_reference": request.tracking}
    answer = await client.write(carrier.model, carrier.record, values, ("shipping_reference",), deadline)
    if answer.status >= 400:
        return refusal(answer.status, answer.body, f"parcel {request.parcel}")
    return Done(request.parcel, decoded(answer.body, PackageOwner).shipping_reference)


async def _find(client: Client, request: LabelParcel, deadline: Deadline) -> Labelled | Rejected:
    whole = request.parcel == f"{WHOLE_SHIPMENT}{request.fulfilment}"
    model, name = (SHIPMENT, request.fulfilment) if whole else (PACKAGE, request.parcel)
    fields = ("shipping_reference",) if whole else ("shipping_reference", "shipment")
    found: list[PackageOwner] = []
    if name.isdecimal():
        answer = await client.search(model, [["id", "=", int(name)]], fields, deadline)
        found = rows(answer.body, PackageOwner)
    if not found:
        return Rejected(f"parcel {request.parcel}: Tryton does not have it", code="not_found")
    if not whole and found[0].shipment != f"{SHIPMENT},{request.fulfilment}":
        reason = f"parcel {request.parcel} is not of shipment {request.fulfilment} in Tryton"
        return Rejected(reason, code="other_shipment")
    return Labelled(model, found[0].id, found[0].shipping_reference)
