"""Refunds: never more than was paid, each once, and what people do in the shop counts at once."""

from dataclasses import replace

import pytest

from sync.domain.ledger import (
    IllegalRefundMove,
    Ledger,
    Meant,
    RefundState,
    ShopRefund,
    balanced,
    refund_key,
    told,
)
from sync.domain.prorating import PaidLine, Part, Wanted
from sync.domain.refunds import (
    Difference,
    Grant,
    difference,
    done,
    found,
    let_go,
    not_there,
    owe,
    pay,
    refused,
    restored,
    say,
    see,
    send,
)

PLANNED, UNKNOWN, DONE, REFUSED, WITHDRAWN = RefundState
LINES = {"l1": PaidLine("l1", 3, Part(9000)), "l2": PaidLine("l2", 1, Part(1000))}
ONE = refund_key("shop/1", "c1", 1)
TWO = refund_key("shop/1", "c1", 2)


def ledger(paid: int = 10000) -> Ledger:
    return Ledger("shop/1", "EUR", paid, LINES)


def owed(units: int = 1, *, case: str = "c1", before: Ledger | None = None, less: int = 0) -> Ledger:
    return owe(before or ledger(), case, {"l1": Wanted(units)}, less).ledger


def staff(before: Ledger, amount: int, as_of: int = 1, id: str = "r1") -> Ledger:
    return see(before, ShopRefund(id, amount, as_of))


def state(of: Ledger) -> list[tuple[RefundState, int]]:
    return [(one.state, one.amount) for one in of.refunds.values()]


def test_what_is_owed_is_planned_under_a_key_of_business_ids() -> None:
    assert [(one.key, one.amount) for one in owed().refunds.values()] == [("shop/1/c1/refund/1", 3000)]


def test_the_same_level_again_changes_nothing() -> None:
    assert owed(before=owed()) == owed()


def test_a_higher_level_makes_the_planned_refund_grow_and_a_lower_one_shrink() -> None:
    assert state(owed(2, before=owed())) == [(PLANNED, 6000)]
    assert state(owed(1, before=owed(2))) == [(PLANNED, 3000)]


def test_nothing_owed_any_more_withdraws_it() -> None:
    assert state(owe(owed(), "c1", {}).ledger) == [(WITHDRAWN, 3000)]


def test_what_grows_after_it_was_sent_is_another_refund() -> None:
    assert state(owed(2, before=send(owed(), ONE))) == [(UNKNOWN, 3000), (PLANNED, 3000)]


def test_a_wish_is_cut_to_the_units_that_are_left_and_the_reason_says_so() -> None:
    verdict = owe(owed(2, case="c0"), "c1", {"l1": Wanted(2)})
    assert (verdict.grant, verdict.reason) == (Grant.CUT, "line l1: 1 of 2 units are left to refund")


def test_a_wish_is_cut_to_what_is_left_of_the_payment_and_the_reason_says_so() -> None:
    verdict = owe(staff(ledger(), 8000), "c1", {"l1": Wanted(1)})
    assert (verdict.grant, verdict.reason) == (Grant.CUT, "20.00 EUR of 30.00 EUR is left of 100.00 EUR paid")
    assert state(verdict.ledger) == [(PLANNED, 2000)]


def test_a_wish_is_refused_where_nothing_is_left() -> None:
    verdict = owe(staff(ledger(), 10000), "c1", {"l1": Wanted(1)})
    assert (verdict.grant, state(verdict.ledger)) == (Grant.REFUSED, [])
    assert verdict.reason == "0.00 EUR of 30.00 EUR is left of 100.00 EUR paid"


def test_an_allowance_beyond_its_line_is_cut_and_the_reason_says_so() -> None:
    verdict = owe(ledger(), "c1", {"l2": Wanted(allowance=1500)})
    assert verdict.reason == "line l2: 10.00 EUR of 15.00 EUR is left of it"
    assert state(verdict.ledger) == [(PLANNED, 1000)]


def test_a_line_that_the_order_has_not_is_no_wish() -> None:
    with pytest.raises(LookupError, match="no paid line x"):
        owe(ledger(), "c1", {"x": Wanted(1)})
    with pytest.raises(ValueError, match="made greater by lines alone"):
        owed(less=-1)


def test_what_people_refund_meanwhile_shrinks_and_withdraws_what_is_planned() -> None:
    assert state(staff(owed(), 1000)) == [(PLANNED, 2000)]
    assert state(staff(owed(), 3000)) == [(WITHDRAWN, 3000)]


def test_the_same_refund_of_people_seen_twice_counts_once() -> None:
    assert staff(staff(owed(), 1000), 1000) == staff(owed(), 1000)


def test_an_older_figure_of_a_refund_takes_nothing_back() -> None:
    assert staff(staff(owed(), 1000, 5), 0, 4) == staff(owed(), 1000, 5)


def test_a_refund_of_people_that_failed_counts_no_more() -> None:
    assert state(staff(staff(owed(), 3000), 0, 2)) == [(WITHDRAWN, 3000), (PLANNED, 3000)]


def test_what_people_refunded_before_the_case_counts_for_it_only_when_they_say_so() -> None:
    before = owed(before=staff(ledger(), 3000))
    assert state(before) == [(PLANNED, 3000)]
    assert state(say(before, "r1", Meant.COUNTS)) == [(WITHDRAWN, 3000)]


def test_a_refund_that_people_say_is_apart_counts_for_no_case_but_against_the_payment() -> None:
    apart = say(staff(owed(), 8000), "r1", Meant.APART)
    assert state(apart)[-1] == (PLANNED, 2000)


def test_an_unknown_refund_is_never_withdrawn_or_shrunk() -> None:
    assert state(staff(send(owed(), ONE), 10000)) == [(UNKNOWN, 3000)]


def test_an_unknown_one_beside_peoples_is_told_as_a_risk_and_as_excess_once_it_is_done() -> None:
    beside = staff(send(owed(), ONE), 9000)
    assert (beside.excess, beside.at_risk) == (0, 2000)
    assert told(beside)[0] == "20.00 EUR more than was paid will be given back if what is unknown was done"
    after = done(beside, ONE, "r2")
    assert (after.excess, after.at_risk) == (2000, 0)
    assert told(after)[0] == "20.00 EUR more was given back than the 100.00 EUR paid"


def test_peoples_refund_beside_ours_is_told_where_no_case_accounts_for_it() -> None:
    after = done(staff(send(owed(), ONE), 3000), ONE, "r2")
    assert told(after) == ("people gave back 30.00 EUR in the shop that no case accounts for",)


def test_a_refund_that_the_shop_shows_is_ours_once_its_id_is_known() -> None:
    shown = staff(send(owed(), ONE), 3000, id="r9")
    assert shown.people == 3000
    assert (done(shown, ONE, "r9").people, told(done(shown, ONE, "r9"))) == (0, ())


def test_done_twice_is_done_once() -> None:
    once = done(send(owed(), ONE), ONE, "r9")
    assert done(once, ONE, "r9") == once


def test_what_the_gateway_names_counts_and_not_what_was_asked() -> None:
    assert state(done(send(owed(), ONE), ONE, "r9", 2999)) == [(DONE, 2999), (PLANNED, 1)]


def test_a_refund_that_is_surely_not_there_keeps_its_key_and_amount() -> None:
    assert state(not_there(send(owed(), ONE), ONE)) == [(PLANNED, 3000)]


def test_a_sent_one_that_no_longer_fits_is_withdrawn_and_another_key_takes_the_rest() -> None:
    after = not_there(staff(send(owed(), ONE), 1000), ONE)
    assert [(one.key, one.state, one.amount) for one in after.refunds.values()] == [
        (ONE, WITHDRAWN, 3000),
        (TWO, PLANNED, 2000),
    ]


def test_a_refused_one_is_not_planned_again_before_a_person_lets_it_go() -> None:
    no = refused(send(owed(), ONE), ONE, "the card is closed")
    assert state(balanced(no)) == [(REFUSED, 3000)]
    assert state(let_go(no, ONE)) == [(WITHDRAWN, 3000), (PLANNED, 3000)]


def test_a_refused_one_that_is_queued_again_where_another_was_done_for_it_is_withdrawn() -> None:
    other = done(send(let_go(refused(send(owed(), ONE), ONE, "no"), ONE), TWO), TWO)
    queued = replace(other.refunds[ONE], state=PLANNED)
    again = replace(other, refunds={**other.refunds, ONE: queued})
    assert state(balanced(again)) == [(WITHDRAWN, 3000), (DONE, 3000)]


def test_people_refund_by_hand_what_the_gateway_refused() -> None:
    by_hand = staff(refused(send(owed(), ONE), ONE, "no"), 3000)
    assert state(let_go(by_hand, ONE)) == [(WITHDRAWN, 3000)]


def test_no_move_but_those_of_the_table() -> None:
    sent = send(owed(), ONE)
    for wrong in (
        lambda: send(sent, ONE),
        lambda: let_go(sent, ONE),
        lambda: let_go(owed(), ONE),
        lambda: refused(owed(), ONE, "no"),
        lambda: not_there(done(sent, ONE), ONE),
    ):
        with pytest.raises(IllegalRefundMove):
            wrong()


def test_what_bears_our_key_is_done_whatever_was_believed() -> None:
    gone = owe(not_there(send(owed(), ONE), ONE), "c1", {}).ledger
    assert state(gone) == [(WITHDRAWN, 3000)]
    after = found(gone, "c1", 1, "r9", 3000)
    assert state(after) == [(DONE, 3000)]
    assert told(after) == ("case c1: 30.00 EUR more was given back than is owed",)


def test_after_a_restore_what_was_planned_may_have_been_sent() -> None:
    assert state(restored(owed())) == [(UNKNOWN, 3000)]


def test_after_a_restore_a_refund_that_the_database_forgot_counts_for_its_case_and_keeps_its_key() -> None:
    after = owed(before=found(ledger(), "c1", 2, "r9", 2000))
    assert [(one.key, one.state, one.amount) for one in after.refunds.values()] == [
        (TWO, DONE, 2000),
        (refund_key("shop/1", "c1", 3), PLANNED, 1000),
    ]


def test_price_protection_on_forty_lines_is_one_refund_each_and_no_more() -> None:
    lines = {f"l{n}": PaidLine(f"l{n}", 1, Part(1000)) for n in range(40)}
    all_of_them = replace(ledger(40000), lines=lines)
    for n in (*range(40), *range(40)):
        all_of_them = owe(all_of_them, f"c{n}", {f"l{n}": Wanted(allowance=150)}).ledger
    assert state(all_of_them) == [(PLANNED, 150)] * 40


def test_what_the_buyer_owes_comes_off() -> None:
    assert state(owed(less=490)) == [(PLANNED, 2510)]
    assert state(owed(less=4000)) == []


def test_the_difference_of_an_exchange_is_charged_or_refunded() -> None:
    assert difference(3000, 3500) == Difference(charge=500, refund=0)
    assert difference(3000, 2500) == Difference(charge=0, refund=500)


def test_what_was_paid_is_a_level_too() -> None:
    assert state(pay(owed(2), 5000, LINES, 7)) == [(PLANNED, 5000)]
    assert pay(pay(owed(2), 5000, LINES, 7), 10000, LINES, 6) == pay(owed(2), 5000, LINES, 7)
