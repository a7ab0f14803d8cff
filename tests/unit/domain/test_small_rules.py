"""SKUs, ids, routing, parcels and people: the small rules that much rests on."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from sync.domain.clock import SetClock, from_micros, to_micros
from sync.domain.ids import new_id
from sync.domain.parcels import Packed, spread, told_pieces
from sync.domain.people import Address, Person
from sync.domain.routing import Otherwise, Source, route
from sync.domain.sku import normal_sku

NOON = datetime(2026, 6, 11, 12, tzinfo=UTC)


def test_case_and_leading_zeros_make_another_sku() -> None:
    assert len({normal_sku(text) for text in ("AB-1", "ab-1", "00123", "0123")}) == 4


def test_white_space_and_full_width_forms_do_not() -> None:
    assert normal_sku("  ＡＢ-1  ") == normal_sku("AB-1") == "AB-1"
    assert normal_sku("A  B") == "A B"


def test_a_blank_sku_is_no_sku() -> None:
    assert normal_sku("  ") is None
    assert normal_sku(None) is None


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = [new_id(NOON + timedelta(milliseconds=n)) for n in range(50)]
    assert ids == sorted(ids)
    assert all(text[14] == "7" for text in ids)


@given(st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)))
def test_a_stored_time_comes_back_to_the_microsecond(naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC)
    assert from_micros(to_micros(moment)) == moment


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        to_micros(datetime(2026, 1, 1))


def test_a_set_clock_moves_only_when_it_is_moved() -> None:
    clock = SetClock(NOON)
    clock.move(timedelta(hours=1))
    assert clock.now() == NOON + timedelta(hours=1)


def test_people_say_nothing_of_themselves() -> None:
    assert "Ada" not in repr(Person("Ada", "ada@example.com")) + str(Address(name="Ada", city="Rom"))


def source(name: str, country: str, **free: int) -> Source:
    return Source(name, country, free, frozenset(free))


def test_the_warehouse_with_everything_wins_the_near_one_first() -> None:
    far, near = source("far", "FR", A=9), source("near", "DE", A=9)
    routed = route({("l", "A"): 2}, [far, near], country="DE", otherwise=Otherwise.SPLIT)
    assert routed is not None
    assert routed.by == {("l", "A"): "near"}


def test_no_single_warehouse_splits_or_holds_as_the_rule_says() -> None:
    one, two = source("one", "DE", A=9, B=0), source("two", "DE", B=9)
    demand = {("l", "A"): 1, ("m", "B"): 1}
    split = route(demand, [one, two], country="DE", otherwise=Otherwise.SPLIT)
    assert split is not None
    assert split.by == {("l", "A"): "one", ("m", "B"): "two"}
    assert route(demand, [one, two], country="DE", otherwise=Otherwise.HOLD) is None


def test_what_nobody_has_goes_to_the_first_that_carries_it() -> None:
    routed = route({("l", "A"): 5}, [source("one", "DE", A=0)], country="DE", otherwise=Otherwise.SPLIT)
    assert routed is not None
    assert routed.by == {("l", "A"): "one"}


def test_a_sku_that_nobody_carries_is_not_routed() -> None:
    routed = route({("l", "Z"): 1}, [source("one", "DE", A=1)], country=None, otherwise=Otherwise.SPLIT)
    assert routed is not None
    assert routed.unrouted == (("l", "Z"),)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.lists(st.integers(1, 6), max_size=4))
def test_no_line_gets_more_of_a_parcel_than_it_asked_for(asked: list[int], packed: list[int]) -> None:
    wanted = {(f"l{n}", "A"): units for n, units in enumerate(asked)}
    used: dict[tuple[str, str], int] = {}
    for units in packed:
        for key, taken in spread([("A", units)], wanted, used).items():
            used[key] = used.get(key, 0) + taken
    event("overfull" if sum(packed) > sum(asked) else "fits")
    assert all(used.get(key, 0) <= units for key, units in wanted.items())
    assert sum(used.values()) == min(sum(asked), sum(packed))


def test_a_bundle_whose_halves_travel_apart_is_told_with_the_parcel_that_completes_it() -> None:
    first = Packed("p1", {("l", "A"): 1})
    second = Packed("p2", {("l", "B"): 2})
    told = told_pieces([first, second], {"l": {"A": 1, "B": 2}})
    assert told == {"p1": (), "p2": (("l", 1),)}
