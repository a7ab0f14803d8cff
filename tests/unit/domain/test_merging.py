"""Which parcels go under one label, and how long one waits for others."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sync.domain.merging import (
    SETTLED,
    Coming,
    Door,
    Flaw,
    Labels,
    Patience,
    Ready,
    flaw,
    label_key,
    labels,
    same_door,
)
from sync.domain.orders import PaymentStatus
from sync.domain.people import Address

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DOOR = Door("main", "wh", b"ada")
TWO_HOURS = Patience(2 * HOUR, HOUR)


def packed(parcel: str, order: str, **more: Any) -> Ready:
    known: dict[str, Any] = {
        "door": DOOR,
        "lines": frozenset({f"{parcel} line"}),
        "packed_at": NOON,
        "ship_by": None,
        "patience": TWO_HOURS,
        "payment": PaymentStatus.PAID,
    }
    return Ready(parcel, order, **known | more)


A, B = packed("a", "1"), packed("b", "2")
SOON = Coming("3", DOOR, None)


def test_two_orders_to_one_door_share_a_label() -> None:
    assert labels([A, B], [], NOON) == Labels((("a", "b"),), {})


def test_the_parcel_with_the_earlier_deadline_leads() -> None:
    urgent = replace(B, ship_by=NOON + 5 * HOUR)
    assert labels([A, urgent], [], NOON).bookings == (("b", "a"),)
    assert labels([replace(A, ship_by=NOON + 6 * HOUR), urgent], [], NOON).bookings == (("b", "a"),)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"patience": None}, Flaw.NO_RULE),
        ({"door": None}, Flaw.NO_DOOR),
        ({"apart": True}, Flaw.APART),
        ({"left": True}, Flaw.LEFT),
        ({"payment": PaymentStatus.AUTHORISED}, Flaw.UNPAID),
        ({"payment": PaymentStatus.UNPAID}, Flaw.UNPAID),
        ({"held": True}, Flaw.HELD),
        ({"stopping": True}, Flaw.STOPPED),
        ({"asked": frozenset({"b line"})}, Flaw.ASKED),
    ],
)
def test_what_is_not_clean_has_a_label_of_its_own(other: dict[str, Any], why: Flaw) -> None:
    """What is paid on delivery reads as authorised: the money is not here."""
    unclean = replace(B, **other)
    assert flaw(unclean) is why
    assert sorted(labels([A, unclean], [], NOON).bookings) == [("a",), ("b",)]


def test_a_request_about_another_line_of_the_order_parts_nothing() -> None:
    """Scenario 6: only the clean lines share a parcel."""
    clean = packed("b1", "2", lines=frozenset({"clean"}), asked=frozenset({"refund open"}))
    unclean = packed("b2", "2", lines=frozenset({"refund open"}), asked=frozenset({"refund open"}))
    assert sorted(labels([A, clean, unclean], [], NOON).bookings) == [("a", "b1"), ("b2",)]


@pytest.mark.parametrize(
    "other",
    [
        replace(DOOR, shop="yen"),
        replace(DOOR, warehouse="wh2"),
        replace(DOOR, recipient=b"bob"),
        replace(DOOR, service="express"),
    ],
)
def test_another_shop_warehouse_recipient_or_shipping_method_is_another_door(other: Door) -> None:
    assert sorted(labels([A, replace(B, door=other)], [], NOON).bookings) == [("a",), ("b",)]
    assert not same_door([A, replace(B, door=other)])


def test_two_parcels_of_one_order_stay_two() -> None:
    """The warehouse packed them apart: what goes to one door with each of them is another order's."""
    second, third = packed("a2", "1"), packed("b2", "2")
    assert labels([A, second], [], NOON).bookings == (("a",), ("a2",))
    assert labels([A, second, B, third], [], NOON).bookings == (("a", "b"), ("a2", "b2"))


def test_a_packed_parcel_waits_for_another_order_to_its_door() -> None:
    found = labels([A], [SOON], NOON)
    assert found.bookings == ()
    assert found.waits["a"].until == NOON + 2 * HOUR
    assert found.waits["a"].orders == ("3",)
    assert labels([A], [SOON], NOON + 2 * HOUR).bookings == (("a",),)


def test_nothing_waits_where_nothing_comes() -> None:
    elsewhere = Coming("3", replace(DOOR, recipient=b"bob"), None)
    own = Coming("1", DOOR, None)
    assert labels([A], [elsewhere, own], NOON).bookings == (("a",),)


def test_a_rule_without_patience_takes_only_what_is_there() -> None:
    at_once = Patience(timedelta(0), HOUR)
    assert labels([replace(A, patience=at_once), B], [SOON], NOON).bookings == (("a", "b"),)


@pytest.mark.parametrize("whose", ["waiting", "beside it", "coming"])
def test_the_earliest_deadline_of_all_ends_the_wait(whose: str) -> None:
    due = NOON + timedelta(minutes=90)
    found = labels(
        [
            replace(A, ship_by=due if whose == "waiting" else NOON + 9 * HOUR),
            replace(B, ship_by=due if whose == "beside it" else None),
        ],
        [replace(SOON, ship_by=due if whose == "coming" else None)],
        NOON,
    )
    assert {wait.until for wait in found.waits.values()} == {due - HOUR}


def test_a_deadline_that_is_close_lets_nothing_wait() -> None:
    assert labels([replace(A, ship_by=NOON + HOUR)], [SOON], NOON).bookings == (("a",),)


def test_the_key_of_a_label_is_made_of_all_its_parcels_in_any_order() -> None:
    assert label_key([("main/1/1", "7")]) == "book:main/1/1:7"
    assert label_key([("main/2/1", "9"), ("main/1/1", "7")]) == "book:main/1/1:7+main/2/1:9"


# --- who lives behind a door ----------------------------------------------------------------------------

ADA = Address(
    name="Ada Byron", street=("Hauptstr. 1", "App 3"), city="Hamburg", postal_code="20095", country="DE"
)


@pytest.mark.parametrize(
    "same",
    [
        replace(ADA, street=("HAUPTSTR 1 App 3",)),
        replace(ADA, name="  ada   BYRON "),
        replace(ADA, name="Ａｄａ Byron", email="other@example.com"),
    ],
)
def test_one_person_at_one_door_is_known_in_any_spelling(same: Address) -> None:
    assert same.consignee == ADA.consignee


@pytest.mark.parametrize(
    "other",
    [
        replace(ADA, name="Ida Byron"),
        replace(ADA, street=("Hauptstr. 11", "App 3")),
        replace(ADA, street=("Hauptstr. 1", "App 33")),
        replace(ADA, postal_code="20096"),
        replace(ADA, country="AT"),
        replace(ADA, company="Byron Ltd"),
        replace(ADA, phone="+49 40 123456"),
    ],
)
def test_another_person_or_door_is_another(other: Address) -> None:
    assert other.consignee not in (None, ADA.consignee)


def test_a_vowel_sign_is_part_of_a_name() -> None:
    assert replace(ADA, name="कि").consignee != replace(ADA, name="का").consignee


@pytest.mark.parametrize(
    "nobody", [Address(), replace(ADA, name=None), replace(ADA, street=()), Address(country="CN")]
)
def test_without_a_name_or_a_street_there_is_no_door(nobody: Address) -> None:
    assert nobody.consignee is None


# --- any parcels ----------------------------------------------------------------------------------------

MOMENTS = st.integers(-6, 6).map(lambda n: NOON + n * HOUR / 2)
DOORS = st.sampled_from(
    [DOOR] * 4 + [replace(DOOR, recipient=b"bob"), replace(DOOR, warehouse="wh2"), replace(DOOR, shop="yen")]
)
PATIENCE = st.builds(
    Patience, st.sampled_from([timedelta(0), HOUR, 3 * HOUR]), st.sampled_from([HOUR / 2, HOUR])
)
MOSTLY_NOT = st.sampled_from([False] * 15 + [True])
LATE = st.integers(2, 9).map(lambda n: NOON + n * HOUR)
DEADLINES = st.one_of(st.none(), LATE, LATE, MOMENTS)


@st.composite
def parcels(draw: st.DrawFn) -> list[Ready]:
    doors = {order: draw(DOORS) for order in "12345"}
    return [
        Ready(
            parcel=f"p{n}",
            order=(order := draw(st.sampled_from("12345"))),
            door=None if draw(MOSTLY_NOT) else doors[order],
            lines=frozenset({f"line {n}"}),
            packed_at=draw(MOMENTS),
            ship_by=draw(DEADLINES),
            patience=None if draw(MOSTLY_NOT) else draw(PATIENCE),
            payment=draw(st.sampled_from([PaymentStatus.PAID] * 5 + list(PaymentStatus))),
            held=draw(MOSTLY_NOT),
            stopping=draw(MOSTLY_NOT),
            asked=frozenset({f"line {n}"}) if draw(MOSTLY_NOT) else frozenset({"another"}),
            left=draw(MOSTLY_NOT),
            apart=draw(MOSTLY_NOT),
        )
        for n in range(draw(st.integers(1, 7)))
    ]


COMING = st.lists(st.builds(Coming, st.sampled_from("12345678"), DOORS, DEADLINES), max_size=3)
EXAMPLES = 400


def test_any_parcels_are_booked_once_cleanly_and_in_time() -> None:
    """Each in exactly one booking or waiting; no two of different doors, no unclean one; none beyond a deadline."""
    seen: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.generate])
    @given(parcels(), COMING, MOMENTS)
    def hold(ready: list[Ready], coming: list[Coming], now: datetime) -> None:
        found = labels(ready, coming, now)
        known = {one.parcel: one for one in ready}
        placed = [parcel for booking in found.bookings for parcel in booking] + list(found.waits)
        assert sorted(placed) == sorted(known)
        for booking in found.bookings:
            shared = [known[parcel] for parcel in booking]
            seen["shared" if len(shared) > 1 else "alone"] += 1
            if len(shared) == 1:
                continue
            assert len({one.door for one in shared}) == 1
            assert len({one.order for one in shared}) == len(shared)
            assert all(_clean(one) for one in shared)
            deadlines = [one.ship_by for one in shared if one.ship_by is not None]
            assert not deadlines or shared[0].ship_by == min(deadlines)
        for parcel, wait in found.waits.items():
            one = known[parcel]
            seen["waits"] += 1
            assert one.patience is not None
            assert _clean(one)
            assert now < wait.until <= one.packed_at + one.patience.within
            assert set(wait.orders) <= {other.order for other in coming if other.door == one.door}
            assert one.order not in wait.orders
            due = [one.ship_by, *(other.ship_by for other in coming if other.order in wait.orders)]
            mine = one.ship_by
            assert mine is None or wait.until <= mine - one.patience.spare
            awaited = [o.ship_by for o in coming if o.order in wait.orders and o.door == one.door]
            assert all(at is None or wait.until <= at - one.patience.spare for at in awaited)
            seen["waits for a deadline"] += any(at is not None for at in due)
        later = labels(ready, coming, NOON + 10 * HOUR)
        assert later.waits == {}, "in the end everything is booked"
        seen["unclean"] += any(not _clean(one) for one in ready)
        seen["two of one order"] += len({one.order for one in ready}) < len(ready)

    hold()
    rare = {what: n for what in CLASSES if (n := seen[what]) < EXAMPLES * 0.02}
    assert rare == {}


CLASSES = ("shared", "alone", "waits", "waits for a deadline", "unclean", "two of one order")


def _clean(one: Ready) -> bool:
    """The law, said once more and otherwise than in the code."""
    barred = one.held or one.stopping or one.left or one.apart or bool(one.lines & one.asked)
    return not barred and one.payment in SETTLED and one.door is not None and one.patience is not None
