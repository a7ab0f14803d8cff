"""What the aggregator demands of a request: fields, choices and lengths, with its own error texts."""

import re
from collections.abc import Callable
from datetime import datetime

from sandbox.courier.records import Json, TrackerStatus

_CODES = """
AC AD AE AF AG AI AL AM AN AO AR AS AT AU AW AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BR BS BT BW
BY BZ CA CD CF CG CH CI CK CL CM CN CO CR CU CV CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ
FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU IC ID IE IL IM IN
IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KV KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC
MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NG NI NL NO NP NR NU NZ OM
PA PE PF PG PH PK PL PR PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SK SL SM SN SO SR SS ST
SV SX SY SZ TC TD TG TH TJ TL TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WS XB XC XE
XK XM XN XS XY YE YT ZA ZM ZW
"""
_COUNTRIES = frozenset(_CODES.split())
_ADDRESS: dict[str, int | None] = {
    "postal_code": 20,
    "city": 50,
    "federal_tax_id": 50,
    "state_tax_id": 50,
    "person_name": 100,
    "company_name": 100,
    "country_code": None,
    "email": None,
    "phone_number": 50,
    "state_code": 50,
    "street_number": 100,
    "address_line1": 100,
    "address_line2": 100,
}
_UNITS = ("KG", "LB", "OZ", "G")
_EVENTS = (
    *("all", "shipment_purchased", "shipment_cancelled", "shipment_fulfilled", "shipment_out_for_delivery"),
    *("shipment_needs_attention", "shipment_delivery_failed", "tracker_created", "tracker_updated"),
    *("pickup_scheduled", "pickup_cancelled", "pickup_closed", "order_created", "order_updated"),
    *("order_fulfilled", "order_cancelled"),
)
CARRIERS = ("loopback", "generic")
REQUIRED = "This field is required."


class Invalid(Exception):
    """A request that fails validation (400), with texts like "recipient.city: ..."."""

    def __init__(self, *messages: str, code: str = "validation") -> None:
        super().__init__("; ".join(messages))
        self.messages = list(messages)
        self.code = code


def shipment(body: Json) -> None:
    """A shipment or a request for rates; raises Invalid with everything that is wrong."""
    wrong = [*_address(body.get("recipient"), "recipient"), *_address(body.get("shipper"), "shipper")]
    wrong += _parcels(body.get("parcels"))
    wrong += _too_long(body, {"reference": 100, "order_id": 50}, "")
    if wrong:
        raise Invalid(*wrong)


def required(body: Json, *names: str) -> None:
    """Fields that must be there."""
    if missing := [f"{name}: {REQUIRED}" for name in names if body.get(name) is None]:
        raise Invalid(*missing)


def carrier(body: Json, *names: str) -> None:
    """A known carrier, and other fields that must be there."""
    wrong = [f"{name}: {REQUIRED}" for name in names if body.get(name) is None]
    if body.get("carrier_name") is None:
        wrong.append(f"carrier_name: {REQUIRED}")
    elif body["carrier_name"] not in CARRIERS:
        wrong.append(_choice("carrier_name", body["carrier_name"]))
    if wrong:
        raise Invalid(*wrong)


def webhook(url: str, events: list[str]) -> None:
    """A webhook's address and the events that it wants."""
    wrong = [] if url.startswith(("http://", "https://")) else ["url: Enter a valid URL."]
    wrong += [
        _choice(f"enabled_events.{place}", name) for place, name in enumerate(events) if name not in _EVENTS
    ]
    if wrong:
        raise Invalid(*wrong)


def injection(body: Json) -> list[Json]:
    """The events of an injection, each with a known status or none."""
    given = body.get("events")
    if not isinstance(given, list):
        raise Invalid(f"events: {REQUIRED}")
    found = [event for event in given if isinstance(event, dict)]
    wrong = [
        _choice(f"events.{place}.status", event["status"])
        for place, event in enumerate(found)
        if not _known_status(event.get("status"))
    ]
    if not _known_status(body.get("status")):
        wrong.append(_choice("status", body["status"]))
    if wrong:
        raise Invalid(*wrong)
    return found


def moment(name: str, text: str) -> datetime:
    """A date or a time in a filter."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise Invalid(f"{name}: Enter a valid date/time.") from None


def _known_status(status: object) -> bool:
    return status in (None, "") or status in list(TrackerStatus)


def _choice(name: str, value: object) -> str:
    return f'{name}: "{value}" is not a valid choice.'


def _address(value: object, name: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{name}: {REQUIRED}"]
    country = value.get("country_code")
    if country is None:
        return [f"{name}.country_code: {REQUIRED}"]
    if country not in _COUNTRIES:
        return [_choice(f"{name}.country_code", country)]
    if wrong := _too_long(value, {key: size for key, size in _ADDRESS.items() if size}, f"{name}."):
        return wrong
    return _postal_code(value, name) or _phone(value, name)


def _postal_code(value: Json, name: str) -> list[str]:
    code, country = value.get("postal_code"), value["country_code"]
    if not isinstance(code, str):
        return []
    if country == "US" and not re.fullmatch(r"\d{5}(-\d{4})?", "".join(code.split())):
        return [f"{name}.postal_code: The American postal code must match 12345 or 12345-6789"]
    plain = "".join(sign for sign in code.split() if sign not in "-_")
    if country == "CA" and not re.match(r"[A-Za-z]\d[A-Za-z]-?\d[A-Za-z]\d", plain):
        return [f"{name}.postal_code: The Canadian postal code must match Z9Z9Z9"]
    return []


def _phone(value: Json, name: str) -> list[str]:
    phone = value.get("phone_number")
    if phone and not re.fullmatch(r"\d\d|[+\d][\d\s()./-]{2,}", str(phone).strip()):
        return [f"{name}.phone_number: Invalid phone number format"]
    return []


def _parcels(value: object) -> list[str]:
    if value is None:
        return [f"parcels: {REQUIRED}"]
    if not isinstance(value, list) or not value:
        return ["parcels.non_field_errors: This list may not be empty."]
    wrong = []
    for place, parcel in enumerate(value):
        given = parcel if isinstance(parcel, dict) else {}
        wrong += [
            f"parcels.{place}.{n}: {REQUIRED}" for n in ("weight", "weight_unit") if given.get(n) is None
        ]
        if given.get("weight_unit") not in (None, *_UNITS):
            wrong.append(_choice(f"parcels.{place}.weight_unit", given["weight_unit"]))
    return wrong


def _too_long(value: Json, sizes: dict[str, int], prefix: str) -> list[str]:
    return [
        f"{prefix}{name}: Ensure this field has no more than {size} characters."
        for name, size in sizes.items()
        if isinstance(value.get(name), str) and len(str(value[name])) > size
    ]


def complete_address(value: object, new_id: Callable[[], str] | None) -> Json:
    """An address with every field that the aggregator shows."""
    given = value if isinstance(value, dict) else {}
    address: Json = {"id": new_id()} if new_id else {}
    address |= {name: given.get(name) for name in _ADDRESS}
    return address | {
        "residential": bool(given.get("residential")),
        "validate_location": bool(given.get("validate_location")),
        "meta": {},
        "object_type": "address",
        "validation": None,
    }


def complete_parcel(value: object, parcel_id: str) -> Json:
    """A parcel with every field that the aggregator shows.

    Its tracking number will be the reference number that it came with, or else is made from its id.
    """
    given = value if isinstance(value, dict) else {}
    weight = given.get("weight")
    parcel: Json = {"id": parcel_id, "weight": float(str(weight)) if weight is not None else None}
    names = ("width", "height", "length", "packaging_type", "package_preset", "description", "content")
    parcel |= {name: given.get(name) for name in names}
    return parcel | {
        "is_document": bool(given.get("is_document")),
        "weight_unit": given.get("weight_unit"),
        "dimension_unit": given.get("dimension_unit"),
        "items": given.get("items") or [],
        "reference_number": given.get("reference_number") or parcel_id.removeprefix("pcl_"),
        "freight_class": given.get("freight_class"),
        "options": given.get("options") or {},
        "meta": {},
        "object_type": "parcel",
    }
