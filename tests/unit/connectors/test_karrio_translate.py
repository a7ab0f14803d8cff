"""Addresses, parcels, prices and errors between our values and Karrio's JSON."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.contract import Capability, PackageSpec
from connectors.couriers.karrio import MANIFEST
from connectors.couriers.karrio.options import Options
from connectors.couriers.karrio.payloads import RateInfo, ShipmentInfo
from connectors.couriers.karrio.translate import (
    address_out,
    booking_in,
    charge,
    complaint,
    fits,
    is_label,
    parcel_out,
    rates_in,
    shipment_out,
)
from sync.domain.money import Money
from sync.domain.people import Address

ADA = Address(
    name="Ada 🦊 Test",
    company="Engines",
    street=("Hauptstr. 1", "2. OG", "links"),
    city="Berlin",
    region="BE",
    postal_code="10115",
    country="DE",
    phone="+49 30 1234567",
    email="ada@example.com",
)
PACKAGE = PackageSpec(Decimal("0.8"), Decimal(30), Decimal(20), Decimal("10.5"))


def rate(charge: float | None, currency: str | None = "CNY", service: str | None = "std") -> RateInfo:
    return RateInfo("rat_1", "loopback", service, currency, charge)


def test_street_lines_after_the_first_share_the_second_line() -> None:
    told = address_out(ADA)
    assert (told["address_line1"], told["address_line2"]) == ("Hauptstr. 1", "2. OG, links")
    assert (told["person_name"], told["state_code"]) == ("Ada 🦊 Test", "BE")


def test_what_an_address_lacks_is_left_out() -> None:
    assert address_out(Address(street=("", "Only"), country="HK")) == {
        "address_line1": "Only",
        "country_code": "HK",
    }


def test_a_parcel_is_in_kilograms_and_centimetres() -> None:
    assert parcel_out(PACKAGE) == {
        "weight": 0.8,
        "weight_unit": "KG",
        "length": 30.0,
        "width": 20.0,
        "height": 10.5,
        "dimension_unit": "CM",
    }
    assert parcel_out(PackageSpec(Decimal("0.8"))) == {"weight": 0.8, "weight_unit": "KG"}


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [(8.0, "CNY", 800), (0.1, "EUR", 10), (19.99, "EUR", 1999), (1200.0, "JPY", 1200), (1.005, "KWD", 1005)],
)
def test_a_price_is_the_float_as_it_is_written(amount: float, currency: str, minor: int) -> None:
    assert charge(rate(amount, currency)) == Money(minor, currency)


@given(st.integers(0, 10_000_000))
def test_no_price_in_cents_is_ever_off_by_one(cents: int) -> None:
    assert charge(rate(cents / 100, "EUR")) == Money(cents, "EUR")


@pytest.mark.parametrize("offer", [rate(None), rate(1.0, None), rate(1.0, "")])
def test_a_rate_without_a_price_or_a_currency_is_no_price(offer: RateInfo) -> None:
    assert charge(offer) is None
    assert rates_in([offer]) == ()


def test_a_relative_tracking_address_is_karrios_own_api_and_not_for_buyers() -> None:
    bought = ShipmentInfo("shp_1", "created", tracking_number="T-1", tracking_url="/v1/trackers/loopback/T-1")
    assert booking_in(bought).tracking_url is None
    public = msgspec.structs.replace(bought, tracking_url="https://carrier.test/T-1")
    assert booking_in(public).tracking_url == "https://carrier.test/T-1"


@pytest.mark.parametrize(
    ("status", "number", "label"),
    [("draft", None, False), ("cancelled", None, False), ("cancelled", "T", True), ("delivered", "T", True)],
)
def test_only_what_has_a_number_is_a_label(status: str, number: str | None, label: bool) -> None:
    assert is_label(ShipmentInfo("shp_1", status, tracking_number=number)) is label


def test_a_shipments_text_form_says_nothing_of_people() -> None:
    assert "Ada" not in repr(ShipmentInfo("shp_1", "draft", recipient={"person_name": "Ada"}))


WANTED = shipment_out(ADA, ADA, PACKAGE, ["loop-1"])


def draft(**changes: object) -> ShipmentInfo:
    there = {**msgspec.json.decode(msgspec.json.encode(WANTED)), "id": "shp_1", "status": "draft"}
    there["recipient"] |= {"residential": False, "federal_tax_id": None, "id": "adr_1"}
    for path, value in changes.items():
        if path in there["recipient"]:
            there["recipient"][path] = value
        else:
            there[path] = value
    return msgspec.convert(there, ShipmentInfo)


def test_a_draft_of_the_same_parcel_to_the_same_place_fits() -> None:
    assert fits(draft(), WANTED)


@pytest.mark.parametrize(
    "changes",
    [
        {"city": "Hamburg"},
        {"address_line2": None},
        {"email": "eve@example.com"},
        {"parcels": [{"weight": 0.9, "weight_unit": "KG"}]},
        {"parcels": []},
        {"carrier_ids": ["other"]},
    ],
    ids=str,
)
def test_a_draft_of_another_parcel_or_place_does_not(changes: dict[str, object]) -> None:
    assert not fits(draft(**changes), WANTED)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            b'{"errors":[{"code":"state_error","message":"The shipment of Ada is created"}]}',
            ("state_error", ""),
        ),
        (
            b'{"errors":[{"code":"validation","message":"recipient.phone_number: Invalid: 12 Ada"}]}',
            ("validation", "recipient.phone_number"),
        ),
        (b'{"messages":[{"code":"NOT_FOUND","message":"T-1 not found"}]}', ("NOT_FOUND", "")),
        (b'{"errors":[{"code":"<b>Ada</b>","message":null}]}', ("", "")),
        (b'{"errors":[]}', ("", "")),
        (b"<html>", ("", "")),
        (b"[]", ("", "")),
    ],
)
def test_of_an_error_only_its_code_and_the_field_are_told(body: bytes, told: tuple[str, str]) -> None:
    assert complaint(body) == told


def test_the_manifest_declares_neither_coverage_nor_interception() -> None:
    assert not MANIFEST.capabilities & {Capability.COVERAGE, Capability.INTERCEPT}


@pytest.mark.parametrize("url", ["", "karrio.example.com", "ftp://karrio.example.com"])
def test_an_address_without_http_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="must begin with http:// or https://"):
        Options(url=url)


def test_an_option_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        Options.model_validate({"url": "https://k.test", "carrier": {}})


def test_every_option_is_described() -> None:
    assert all(each.description for each in Options.model_fields.values())
