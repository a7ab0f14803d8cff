"""Between the contract's values and Karrio's JSON, both ways: pure. Tracking is in tracking.py."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from connectors.contract import Booking, PackageSpec, Rate
from connectors.couriers.karrio.payloads import Complaint, RateInfo, ShipmentInfo
from connectors.transport import decode, web_link
from sync.domain.money import Money
from sync.domain.people import Address

DRAFT, CREATED, CANCELLED = "draft", "created", "cancelled"
_FIELD = re.compile(r"^([a-z_]+(?:\.[a-z0-9_]+)*): ")
_CODE = re.compile(r"^[\w.\- ]{1,80}$")
_PARCEL_FIELDS = ("weight", "weight_unit", "length", "width", "height", "dimension_unit")
_ADDRESS_FIELDS = (
    "person_name",
    "company_name",
    "address_line1",
    "address_line2",
    "city",
    "state_code",
    "postal_code",
    "country_code",
    "phone_number",
    "email",
)

Json = Mapping[str, object]


def address_out(address: Address) -> Json:
    """Karrio's address; what is missing is left out. Street lines after the first become one."""
    lines = [line for line in address.street if line]
    return _without_empty(
        {
            "person_name": address.name,
            "company_name": address.company,
            "address_line1": lines[0] if lines else None,
            "address_line2": ", ".join(lines[1:]),
            "city": address.city,
            "state_code": address.region,
            "postal_code": address.postal_code,
            "country_code": address.country,
            "phone_number": address.phone,
            "email": address.email,
        }
    )


def parcel_out(package: PackageSpec) -> Json:
    """Karrio's parcel: kilograms and centimetres, its numbers being floats."""
    sides = {"length": package.length_cm, "width": package.width_cm, "height": package.height_cm}
    known = {name: float(side) for name, side in sides.items() if side is not None}
    parcel: dict[str, object] = {"weight": float(package.weight_kg), "weight_unit": "KG", **known}
    return parcel | {"dimension_unit": "CM"} if known else parcel


def shipment_out(
    sender: Address, ship_to: Address, package: PackageSpec, connections: Sequence[str]
) -> dict[str, object]:
    """What a rate and a draft have in common."""
    return {
        "shipper": address_out(sender),
        "recipient": address_out(ship_to),
        "parcels": [parcel_out(package)],
        "carrier_ids": list(connections),
    }


def fits(draft: ShipmentInfo, wanted: Mapping[str, object]) -> bool:
    """Whether a draft is what we would make now: same addresses, parcel and connections.

    Karrio may have rewritten a value (a phone number); then it does not fit, and another is made.
    """
    has = {
        "shipper": [draft.shipper],
        "recipient": [draft.recipient],
        "parcels": draft.parcels,
    }
    for part, there in has.items():
        ours = wanted[part] if part == "parcels" else [wanted[part]]
        if not isinstance(ours, list) or len(ours) != len(there):
            return False
        if not all(_same(one, other, part) for one, other in zip(ours, there, strict=True)):
            return False
    return list(draft.carrier_ids) == wanted["carrier_ids"]


def _same(ours: Mapping[str, object], theirs: Mapping[str, object], part: str) -> bool:
    fields = _PARCEL_FIELDS if part == "parcels" else _ADDRESS_FIELDS
    return all((ours.get(name) or None) == (theirs.get(name) or None) for name in fields)


def charge(rate: RateInfo | None) -> Money | None:
    """A rate's price; the float is taken as it is written, not as it is stored."""
    if rate is None or rate.total_charge is None or not rate.currency:
        return None
    return Money.of(Decimal(str(rate.total_charge)), rate.currency)


def rates_in(rates: Sequence[RateInfo]) -> tuple[Rate, ...]:
    """The offers that name a service and a price."""
    return tuple(
        Rate(rate.carrier_name, rate.service, price, rate.transit_days)
        for rate in rates
        if rate.service and (price := charge(rate)) is not None
    )


def is_label(shipment: ShipmentInfo) -> bool:
    """Whether a label was bought: a draft, also one thrown away, has no number."""
    return bool(shipment.tracking_number) and shipment.status != DRAFT


def booking_in(shipment: ShipmentInfo) -> Booking:
    """A bought label. Karrio's relative tracking address is its own API, not a page for buyers."""
    return Booking(
        external_id=shipment.id,
        tracking=shipment.tracking_number or "",
        carrier=shipment.carrier_name or "",
        service=shipment.service or "",
        charge=charge(shipment.selected_rate),
        label_url=shipment.label_url,
        tracking_url=web_link(shipment.tracking_url),
        voided=shipment.status == CANCELLED,
    )


def complaint(body: bytes) -> tuple[str, str]:
    """(code, field) of an error answer: all of it that cannot name a person. Empty where it has none."""
    try:
        said = decode(body, type=Complaint)
    except msgspec.DecodeError:
        return "", ""
    first = next(iter([*said.errors, *said.messages]), None)
    if first is None:
        return "", ""
    field = _FIELD.match(first.message or "")
    code = first.code or ""
    return code if _CODE.match(code) else "", field.group(1) if field else ""


def _without_empty(values: Mapping[str, object]) -> Json:
    return {name: value for name, value in values.items() if value}
