"""What buyers and staff of a real shop ask for after the sale: goods and money come to agree in everybody's books.

An order of five pieces at 10.00 with 19 % tax and 5.95 for shipping is worth 13.09 a piece.
"""

import pytest

from tests.peers.scenarios.bazaar import Bazaar
from tests.peers.scenarios.daemon import until

PIECE = 13.09


def test_a_return_is_paid_for_as_it_was_found_good_damaged_or_not_there(bazaar: Bazaar) -> None:
    """Asked in the shop, granted by policy, with a label of the courier, received at the dock in three states."""
    sku = bazaar.listed(9)
    order = bazaar.sold({sku: 5})
    back = bazaar.after.asks_back(order, {sku: 4})
    number = bazaar.announced(order)
    (label,) = until("a label is bought for the way back", lambda: bazaar.labels(order))
    until(
        "the dock knows the number that it comes back under",
        lambda: label["tracking_number"].upper() in bazaar.dock.shown(number, "reference")["reference"],
    )
    bazaar.received(number, sku, came=3, damaged=1)
    bazaar.paid_back(order, 2 * PIECE)
    bazaar.shows_back(order, sku, 2, 1)
    assert bazaar.after.status(back) == "partially_received"
    missing = until("a person is asked about the fourth", lambda: bazaar.case(order)["questions"])
    assert [one["rule"].partition(" ")[0] for one in missing] == ["missing"]
    bazaar.house.daemon.done("holds", "approve", missing[0]["hold"])
    (goods,) = bazaar.ends(order)["goods"]
    assert (goods["announced"], goods["received"], goods["good"], goods["damaged"]) == (4, 3, 2, 1)
    assert goods["went"] == {"restocked": 2, "scrapped": 1}
    bazaar.sells(sku, 6)
    assert bazaar.after.refunds(order) == [2 * PIECE]


def test_a_return_that_comes_whole_is_received_in_the_shop(bazaar: Bazaar) -> None:
    sku = bazaar.listed(6)
    order = bazaar.sold({sku: 5})
    back = bazaar.after.asks_back(order, {sku: 1})
    bazaar.received(bazaar.announced(order), sku, came=1)
    bazaar.paid_back(order, PIECE)
    bazaar.shows_back(order, sku, 1)
    assert bazaar.after.status(back) == "received"
    assert bazaar.ends(order)["questions"] == []
    bazaar.sells(sku, 2)


def test_the_other_goods_of_an_exchange_leave_when_the_first_are_back(bazaar: Bazaar) -> None:
    """They are a line of the shop's order, and carry no share of its shipping; the difference is given back."""
    sku, other = bazaar.listed(6, 20.0), bazaar.listed(6, 10.0)
    order = bazaar.sold({sku: 5})
    exchange = bazaar.after.exchange(order, {sku: 1}, {other: 1})
    number = bazaar.announced(order)
    until("one of the other goods is held", lambda: bazaar.house.in_second(other) in (4, 5))
    assert bazaar.house.people.shipments(f"{bazaar.name(order)}/2") == []
    bazaar.received(number, sku, came=1)
    tracking = bazaar.sent(order, 2)
    assert bazaar.numbers(order)[-1] == tracking
    bazaar.paid_back(order, PIECE)
    bazaar.shows_back(order, sku, 1)
    assert bazaar.after.status(bazaar.after.return_of(exchange)) == "received"
    bazaar.ends(order)
    bazaar.sells(sku, 2)
    bazaar.sells(other, 5)


def test_a_claim_for_goods_sends_them_once_more_and_moves_no_money(bazaar: Bazaar) -> None:
    sku = bazaar.listed(8)
    order = bazaar.sold({sku: 5})
    bazaar.after.claim("replace", order, {sku: 1}, {sku: 1})
    tracking = bazaar.sent(order, 2)
    assert sorted(bazaar.numbers(order)).count(tracking) == 1
    bazaar.ends(order)
    bazaar.sells(sku, 2)
    assert bazaar.after.refunds(order) == []


def test_a_claim_for_money_waits_for_a_person_and_is_paid_once(bazaar: Bazaar) -> None:
    sku = bazaar.listed(6)
    order = bazaar.sold({sku: 5})
    bazaar.after.claim("refund", order, {sku: 1})
    (asked,) = until("a person is asked", lambda: bazaar.case(order)["questions"])
    bazaar.house.daemon.done("holds", "approve", asked["hold"], "--comment", "the photo shows it")
    bazaar.paid_back(order, PIECE)
    bazaar.ends(order)
    assert bazaar.after.refunds(order) == [PIECE]
    bazaar.sells(sku, 1)


@pytest.mark.parametrize("stage", ["assigned", "picked"])
def test_a_cancellation_while_the_warehouse_picks_stops_it_and_pays_once(bazaar: Bazaar, stage: str) -> None:
    sku = bazaar.listed(7)
    order = bazaar.bought({sku: 5})
    bazaar.house.people.work(bazaar.at_warehouse(order), stage)
    bazaar.house.daemon.done("returns", "enter", bazaar.name(order), "--kind", "cancellation")
    bazaar.at_warehouse(order, 1, "cancelled")
    until("the money is back", lambda: round(sum(bazaar.after.refunds(order)), 2) == 5 * PIECE)
    bazaar.ends(order)
    assert bazaar.case(order)["told_the_shop"] == "stopped"
    assert round(sum(bazaar.after.refunds(order)), 2) == 5 * PIECE
    assert bazaar.numbers(order) == []
    bazaar.sells(sku, 7)


def test_what_staff_gave_back_by_hand_counts_towards_a_return(bazaar: Bazaar) -> None:
    """They give 10.00 of the two pieces' 26.18 while these are on their way."""
    sku = bazaar.listed(6)
    order = bazaar.sold({sku: 5})
    bazaar.after.asks_back(order, {sku: 2})
    number = bazaar.announced(order)
    bazaar.house.clerk.refund(order, 10.0, "sorry for the wait")
    bazaar.received(number, sku, came=2)
    bazaar.paid_back(order, 10.0, 16.18)
    bazaar.ends(order)
    bazaar.shows_back(order, sku, 2)
    assert bazaar.after.refunds(order) == [10.0, 16.18]
    bazaar.sells(sku, 3)


def test_what_staff_gave_back_in_full_is_not_given_again(bazaar: Bazaar) -> None:
    sku = bazaar.listed(6)
    order = bazaar.sold({sku: 5})
    bazaar.after.asks_back(order, {sku: 1})
    number = bazaar.announced(order)
    bazaar.house.clerk.refund(order, PIECE, "at the counter")
    bazaar.received(number, sku, came=1)
    bazaar.ends(order)
    assert bazaar.after.refunds(order) == [PIECE]


def test_a_return_that_the_buyer_takes_back_ends_without_money(bazaar: Bazaar) -> None:
    sku = bazaar.listed(6)
    order = bazaar.sold({sku: 5})
    back = bazaar.after.asks_back(order, {sku: 1})
    bazaar.announced(order)
    bazaar.after.withdraw(back)
    bazaar.ends(order)
    assert bazaar.after.refunds(order) == []
