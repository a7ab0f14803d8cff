"""What is told of parcels already, and which fulfilment orders the rest is taken from."""

import pytest

from connectors.contract import ConfirmShipment, Rejected, ToldParcel
from connectors.storefronts.shopify.parcels import (
    MOST_LINES,
    Elsewhere,
    Load,
    Plan,
    Work,
    assign,
    not_ours,
    plan,
    portions,
    too_late,
)
from connectors.storefronts.shopify.shipments import tracking_of
from connectors.storefronts.shopify.shop import Places
from tests.unit.shopify.made import AT, fulfilment, line, order

L1, L2 = "gid://shopify/LineItem/1", "gid://shopify/LineItem/2"
HERE, THERE = "gid://shopify/Location/1", "gid://shopify/Location/2"
OURS = Places((HERE,), (), all_ours=False)


def parcel(tracking: str, *lines: tuple[str, int]) -> ToldParcel:
    return ToldParcel(tracking, "DHL", lines)


def asked(*parcels: ToldParcel, before: tuple[str, ...] = ()) -> ConfirmShipment:
    return ConfirmShipment("key", "gid://shopify/Order/1", parcels, before)


def planned(request: ConfirmShipment, *sent: dict[str, object], units: int = 3) -> Plan:
    found = plan(order("20.0", line(1, "20.0", units=units), sent=list(sent)), request)
    assert isinstance(found, Plan)
    return found


def test_a_parcel_is_known_by_its_number_and_lines() -> None:
    found = planned(asked(parcel("T1", (L1, 2))), fulfilment(5, {1: 2}, "T1"))
    assert found.done
    assert found.loads[0].told == ("gid://shopify/Fulfillment/5",)


def test_another_s_parcel_of_the_same_lines_is_not_ours() -> None:
    assert not planned(asked(parcel("T1", (L1, 2))), fulfilment(5, {1: 2}, "T9")).done


def test_more_units_under_our_number_are_not_ours() -> None:
    assert not planned(asked(parcel("T1", (L1, 1))), fulfilment(5, {1: 2}, "T1")).done


def test_a_cancelled_fulfilment_tells_nothing() -> None:
    assert not planned(asked(parcel("T1", (L1, 2))), fulfilment(5, {1: 2}, "T1", status="CANCELLED")).done


def test_two_locations_fulfilments_of_one_number_tell_of_one_parcel() -> None:
    request = asked(parcel("T1", (L1, 3)))
    assert planned(request, fulfilment(5, {1: 2}, "T1")).loads[0].missing == {L1: 1}
    assert planned(request, fulfilment(5, {1: 2}, "T1"), fulfilment(6, {1: 1}, "T1")).done


def test_one_line_in_two_parcels_is_told_twice() -> None:
    found = planned(asked(parcel("T1", (L1, 1)), parcel("T2", (L1, 1))), fulfilment(5, {1: 1}, "T2"))
    assert [dict(load.missing) for load in found.loads] == [{L1: 1}, {}]


def test_without_a_number_only_what_was_not_there_before_is_ours() -> None:
    there = fulfilment(5, {1: 2})
    assert planned(asked(parcel("", (L1, 2))), there).done
    assert not planned(asked(parcel("", (L1, 2)), before=("gid://shopify/Fulfillment/5",)), there).done


def test_further_boxes_of_the_same_units_are_further_numbers() -> None:
    found = planned(asked(parcel("T1", (L1, 2)), parcel("T2"), parcel("T3")))
    assert found.loads[0].numbers == ("T1", "T2", "T3")
    assert found.places == (0, 0, 0)
    assert tracking_of(found.loads[0]) == {"company": "DHL", "numbers": ["T1", "T2", "T3"]}


def test_a_box_before_its_units_is_told_with_them() -> None:
    assert planned(asked(parcel("T1"), parcel("T2", (L1, 2)))).loads[0].numbers == ("T2", "T1")


def test_parcels_without_any_units_are_refused() -> None:
    assert isinstance(plan(order("20.0", line(1, "20.0")), asked(parcel("T1"))), Rejected)


def test_one_number_with_its_address_stands_alone() -> None:
    load = Load("DHL", (("T1", "https://dhl.example/T1"),), {})
    assert tracking_of(load) == {"company": "DHL", "number": "T1", "url": "https://dhl.example/T1"}
    assert tracking_of(Load("DHL", (("T1", "javascript:x"),), {})) == {"company": "DHL", "number": "T1"}
    assert tracking_of(Load("DHL", (), {})) == {}


@pytest.mark.parametrize(
    ("lines", "changes", "code"),
    [
        (((L1, 4),), {}, "ALREADY_FULFILLED"),
        (((L2, 1),), {}, "NO_LINE"),
        (((L1, 1),), {"cancelledAt": AT}, "CANCELLED"),
    ],
)
def test_what_cannot_be_told_any_more_is_refused_in_words(
    lines: tuple[tuple[str, int], ...], changes: dict[str, str], code: str
) -> None:
    shown = order("20.0", line(1, "20.0", units=3), **changes)
    found = plan(shown, asked(parcel("T1", *lines)))
    assert isinstance(found, Plan)
    refused = too_late(shown, found)
    assert refused is not None
    assert refused.code == code


def work(id: str, location: str, units: int, status: str = "OPEN", *holds: str) -> Work:
    return Work(id, status, location, f"place {location[-1]}", holds, {L1: [(f"{id}-line", units)]})


def test_units_are_taken_from_our_fulfilment_orders_in_turn() -> None:
    found = assign({L1: 3}, [work("F1", HERE, 2), work("F2", HERE, 2)], OURS, "#1")
    assert found == {HERE: {"F1": [("F1-line", 2)], "F2": [("F2-line", 1)]}}


def test_what_two_of_our_locations_send_is_told_in_two_fulfilments() -> None:
    both = Places((HERE, THERE), (), all_ours=False)
    found = assign({L1: 3}, [work("F1", HERE, 2), work("F2", THERE, 2)], both, "#1")
    assert found == {HERE: {"F1": [("F1-line", 2)]}, THERE: {"F2": [("F2-line", 1)]}}


def test_one_fulfilment_tells_of_no_more_lines_than_shopify_takes_at_once() -> None:
    lines = [(f"line-{n}", 1) for n in range(MOST_LINES + 3)]
    taken = {"F1": lines[:-5], "F2": lines[-5:]}
    first, second = portions(taken)
    assert [len(first[id]) for id in first] == [MOST_LINES - 2, 2]
    assert second == {"F2": lines[-3:]}
    assert portions({}) == []


def test_a_location_that_is_not_ours_is_named() -> None:
    found = assign({L1: 2}, [work("F2", THERE, 2)], OURS, "#1")
    assert isinstance(found, list)
    assert isinstance(found[0], Elsewhere)
    assert "place 2, which is not one of our locations" in not_ours(found, "#1").reason


def test_without_the_locations_option_every_location_is_ours() -> None:
    anywhere = Places((HERE,), (), all_ours=True)
    assert assign({L1: 2}, [work("F2", THERE, 2)], anywhere, "#1") == {THERE: {"F2": [("F2-line", 2)]}}


@pytest.mark.parametrize(
    ("status", "holds", "code", "words"),
    [
        ("ON_HOLD", ("HIGH_RISK_OF_FRAUD",), "HELD", "high risk of fraud"),
        ("SCHEDULED", (), "SCHEDULED", "for later"),
        ("CLOSED", (), "WRONG_QUANTITY", "no open fulfilment order"),
    ],
)
def test_why_nobody_may_send_it(status: str, holds: tuple[str, ...], code: str, words: str) -> None:
    found = assign({L1: 2}, [work("F1", HERE, 2, status, *holds)], OURS, "#1")
    assert isinstance(found, Rejected)
    assert (found.code, words in found.reason) == (code, True)
