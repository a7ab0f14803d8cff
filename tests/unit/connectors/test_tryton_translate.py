"""Tryton's words in ours, by plain values."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.contract import CONTRACT, BadAnswer, Kind
from connectors.warehouse.tryton import MANIFEST, OPTIONS
from connectors.warehouse.tryton import cursors as places
from connectors.warehouse.tryton.payloads import (
    Company,
    Figure,
    Moment,
    Move,
    MovedProduct,
    PartyAddress,
    Product,
    Shipment,
    Warehouse,
    decoded,
    last_id,
    raw_rows,
    wrapped_date,
    wrapped_decimal,
    wrapped_moment,
)
from connectors.warehouse.tryton.translate import (
    STATES,
    fingerprint,
    fulfilment,
    party_address,
    same_address,
)
from sync.domain.people import Address
from sync.domain.shipments import FulfilmentState, RemoteFulfilmentLine

MICROS = st.integers(min_value=0, max_value=2**52)
MOMENTS = st.datetimes(
    min_value=datetime(1971, 1, 1),
    max_value=datetime(2200, 1, 1),
    timezones=st.just(UTC),
)
WORDS = st.none() | st.text(max_size=12)
ADDRESSES = st.builds(
    Address,
    name=WORDS,
    company=WORDS,
    street=st.lists(st.text(max_size=8), max_size=3).map(tuple),
    city=WORDS,
    region=WORDS,
    postal_code=WORDS,
    country=WORDS,
)


@given(MICROS, MICROS, MICROS)
def test_a_snapshots_cursor_comes_back_as_it_was(after: int, begun: int, since: int) -> None:
    cursor = places.Snapshot(after, begun, since)
    assert places.read(places.written(cursor)) == cursor
    assert places.read_changes(places.written(cursor)) is None


@given(MICROS, MICROS, st.none() | MICROS, st.none() | MICROS, st.booleans())
def test_a_cursor_of_changes_comes_back_as_it_was(
    since: int, after: int, begun: int | None, following: int | None, opening: bool
) -> None:
    cursor = places.Changes(since, after, begun, following, opening)
    assert places.read_changes(places.written(cursor)) == cursor


@given(st.text(max_size=60))
def test_any_other_text_begins_anew(text: str) -> None:
    assert places.read(text) is None


@given(MOMENTS)
def test_times_come_back_from_trytons_form_to_the_microsecond(at: datetime) -> None:
    body = msgspec.json.encode(wrapped_moment(at))
    assert decoded(body, Moment).at() == at


def test_a_time_of_another_zone_travels_as_utc() -> None:
    wrapped = wrapped_moment(datetime.fromisoformat("2026-01-01T00:30:00+02:00"))
    assert isinstance(wrapped, dict)
    assert (wrapped["year"], wrapped["day"], wrapped["hour"]) == (2025, 31, 22)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_decimals_come_back_from_trytons_form(number: Decimal) -> None:
    assert decoded(msgspec.json.encode(wrapped_decimal(number)), Figure).decimal == number


def test_dates_are_wrapped_since_a_text_breaks_tryton() -> None:
    assert wrapped_date(datetime(2026, 5, 1, tzinfo=UTC).date()) == {
        "__class__": "date",
        "year": 2026,
        "month": 5,
        "day": 1,
    }


@pytest.mark.parametrize("text", ["0.1", "98.0", "-3.25", "123456789.123456"])
def test_quantities_are_read_from_their_own_text_and_never_by_a_float(text: str) -> None:
    product = decoded(f'{{"id": 1, "quantity": {text}}}'.encode(), Product)
    assert product.quantity == Decimal(text)


@pytest.mark.parametrize("state", sorted(STATES))
def test_every_state_of_a_shipment_is_known(state: str) -> None:
    assert fulfilment(Shipment(id=1, state=state), b"").state is STATES[state]


def test_a_waiting_shipment_with_part_of_its_stock_is_part_assigned() -> None:
    waiting = Shipment(id=1, state="waiting", partially_assigned=True)
    assert fulfilment(waiting, b"").state is FulfilmentState.PART_ASSIGNED


def test_a_state_that_is_not_known_is_never_guessed_and_keeps_its_text() -> None:
    lost = fulfilment(Shipment(id=1, state="lost", partially_assigned=True), b"")
    assert (lost.state, lost.status) == (None, "lost")


def test_what_is_in_a_state_that_is_not_known_shows_its_parcels_and_counts_nothing_as_gone() -> None:
    moves = (
        Move(id=1, product=MovedProduct(id=1, code="MUG"), internal_quantity=Decimal(2), state="assigned"),
    )
    lost = fulfilment(Shipment(id=7, state="lost", outgoing_moves=moves), b"")
    assert lost.lines == (RemoteFulfilmentLine("MUG", 2, assigned=2, shipped=0),)
    assert [(parcel.external_id, parcel.lines) for parcel in lost.parcels] == [("shipment:7", (("MUG", 2),))]


@pytest.mark.parametrize("state", sorted(STATES))
def test_tryton_s_own_text_stands_beside_what_is_made_of_it(state: str) -> None:
    assert fulfilment(Shipment(id=1, state=state), b"").status == state


def test_a_month_that_does_not_exist_is_a_bad_answer() -> None:
    body = b'{"id": 1, "state": "draft", "write_date": {"year": 2026, "month": 13, "day": 1}}'
    with pytest.raises(BadAnswer):
        fulfilment(decoded(body, Shipment), body)


@given(ADDRESSES, st.none() | st.integers(1, 300))
def test_an_address_equals_itself_once_tryton_has_stored_it(address: Address, country: int | None) -> None:
    wanted = party_address(address, country)
    stored = msgspec.convert({"id": 1, **wanted}, PartyAddress)
    assert same_address(stored, wanted)
    assert all(value == str(value).strip() and value for value in wanted.values() if value != country)


def test_addresses_that_differ_in_one_line_are_two() -> None:
    one = party_address(Address(name="Ada", street=("A 1",), city="Berlin"), None)
    other = party_address(Address(name="Ada", street=("A 1", "Hof"), city="Berlin"), None)
    assert not same_address(msgspec.convert({"id": 1, **one}, PartyAddress), other)


def test_a_company_receives_for_a_person() -> None:
    address = Address(name="Ada", company="Analytical Ltd", street=("A 1",), city="Berlin", country="DE")
    assert party_address(address, 7) == {
        "party_name": "Analytical Ltd",
        "attn": "Ada",
        "street": "A 1",
        "city": "Berlin",
        "country": 7,
    }


def test_a_database_that_was_made_anew_is_another_warehouse() -> None:
    born = Moment(2026, 1, 1)
    hall = Warehouse(5, 3, 2, 1)
    one = fingerprint("db", Company(1, 1, born), hall)
    assert one == fingerprint("db", Company(1, 2, born), hall)
    assert one != fingerprint("db", Company(1, 1, Moment(2026, 1, 2)), hall)
    assert one != fingerprint("db2", Company(1, 1, born), hall)
    assert one != fingerprint("db", Company(1, 1, born), Warehouse(6, 3, 2, 1))


def test_the_manifest_says_what_the_connector_is() -> None:
    assert (MANIFEST.kind, MANIFEST.contract) == (Kind.WAREHOUSE, CONTRACT)
    assert MANIFEST.stock is not None
    assert MANIFEST.feeds
    assert all(feed.overlap >= timedelta(minutes=1) for feed in MANIFEST.feeds.values())


def test_options_know_no_others_and_say_what_each_is_for() -> None:
    given_ = {"url": "http://t.test/", "database": "db", "warehouse": "W", "customer": "C"}
    assert OPTIONS.model_validate(given_).base_url == "http://t.test"
    assert all(option.description for option in OPTIONS.model_fields.values())
    with pytest.raises(ValidationError):
        OPTIONS.model_validate({**given_, "warehous": "W"})


def test_a_page_whose_last_record_shows_no_id_goes_on_after_the_one_before() -> None:
    rows = raw_rows(b'[{"id": 4}, {"id": 7}, {"id": {"odd": 1}}]')
    assert last_id(rows) == 7


def test_a_page_in_which_no_record_shows_an_id_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer, match="does not fit Ref"):
        last_id(raw_rows(b'[{"id": null}, {"id": "x"}]'))
