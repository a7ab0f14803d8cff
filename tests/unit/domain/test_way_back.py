"""Where goods and money meet: the next deeds by verdict, custody and money, and nothing once they are done."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sync.domain.aftersales import (
    Announce,
    Answer,
    AnswerChannel,
    ChannelAnswer,
    Charge,
    Dispose,
    GoodsAt,
    Instead,
    Intercept,
    Interception,
    LetBack,
    MakeLabel,
    MoneyAt,
    Outbound,
    Owe,
    Request,
    RequestKind,
    Reserve,
    Ship,
    Situation,
    Standing,
    StopWarehouse,
    Verdict,
)
from sync.domain.custody import Case, advise, approve, count
from sync.domain.ledger import Ledger, Meant, RefundState, ShopRefund
from sync.domain.prorating import PaidLine, Part, Wanted
from sync.domain.receipts import Condition, Disposal, Receipt, Tally
from sync.domain.refunds import done, owe, pay, refused, say, see, send
from sync.domain.way_back import plan

KEY = ("l1", "A")
GOOD, DAMAGED, WRONG = Condition
LINES = {"l1": PaidLine("l1", 2, Part(2000)), "l2": PaidLine("l2", 1, Part(1000))}
TOLD = Standing(answered=ChannelAnswer.APPROVED)
PARTS = {"A": 1}


def situation(kind: RequestKind = RequestKind.RETURN, **changes: object) -> Situation:
    plain = Situation(
        Request("c1", kind, {"l1": Wanted(2)}),
        Verdict("rule", Answer.APPROVE, label=False),
        {"l1": Outbound(2, 0, 2, components=PARTS), "l2": Outbound(1, 0, 1, components={"B": 1})},
        Ledger("shop/1", "EUR", 3000, LINES),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def custody(
    *,
    received: int = 0,
    complete: bool = False,
    disposed: dict[Disposal, int] | None = None,
    **conditions: int,
) -> Case:
    case = approve(advise(Case("c1", "rma/1"), KEY, 2, 1), KEY, 2, 1)
    if not received:
        return case
    seen = {Condition(name): units for name, units in conditions.items()}
    return count(case, Receipt("p1", 1, {"A": Tally(1, received, seen, disposed or {})}, complete))


def cancellation(open: int, shipped: int, *, back: int = 0, **changes: object) -> Situation:
    out = {"l1": Outbound(2, open, shipped, back, PARTS), "l2": Outbound(1, 0, 1, components={"B": 1})}
    verdict = Verdict("rule", Answer.APPROVE, money_at=MoneyAt.FIRST_SCAN)
    return situation(RequestKind.CANCELLATION, **{"outbound": out, "verdict": verdict, **changes})


def rules(now: Situation) -> list[str]:
    return [ask.rule for ask in plan(now).questions]


def test_a_cancellation_first_stops_the_warehouse_and_answers_nobody_before_it_spoke() -> None:
    assert plan(cancellation(2, 0)).deeds == (StopWarehouse({"l1": 2}),)
    asked = plan(cancellation(2, 0, standing=Standing(stop_asked=True)))
    assert (asked.deeds, asked.waits) == (
        (),
        ("for the warehouse to stop it, or to say that it is too late",),
    )


def test_a_stopped_order_is_answered_and_only_then_refunded() -> None:
    assert plan(cancellation(0, 0)).deeds == (AnswerChannel(ChannelAnswer.STOPPED, ""),)
    told = Standing(answered=ChannelAnswer.STOPPED)
    assert plan(cancellation(0, 0, standing=told)).deeds == (Owe({"l1": Wanted(2)}, 0),)


def test_too_late_is_answered_intercepted_and_not_refunded() -> None:
    verdict = plan(cancellation(0, 2))
    assert verdict.deeds == (
        Intercept({"l1": 2}),
        AnswerChannel(ChannelAnswer.TOO_LATE, "0 of 2 were stopped"),
    )
    later = Standing(answered=ChannelAnswer.TOO_LATE, interception=Interception.ASKED)
    assert plan(cancellation(0, 2, standing=later)).deeds == ()


def test_what_turns_round_is_announced_and_refunded() -> None:
    later = Standing(answered=ChannelAnswer.TOO_LATE, interception=Interception.ASKED)
    assert plan(cancellation(0, 2, back=1, standing=later)).deeds == (
        Announce({KEY: 1}),
        Owe({"l1": Wanted(1)}, 0),
    )


def test_half_stopped_half_too_late_is_told_as_such() -> None:
    (_, answer) = plan(cancellation(0, 1)).deeds
    assert answer == AnswerChannel(ChannelAnswer.TOO_LATE, "1 of 2 were stopped")


def test_a_policy_that_says_refund_without_return_refunds_what_left_and_intercepts_nothing() -> None:
    verdict = Verdict("cheap", Answer.APPROVE, money_at=MoneyAt.WITHOUT_RETURN)
    now = cancellation(0, 2, verdict=verdict, standing=Standing(answered=ChannelAnswer.TOO_LATE))
    assert plan(now).deeds == (Owe({"l1": Wanted(2)}, 0),)


def test_a_parcel_that_cannot_be_turned_round_is_a_question() -> None:
    failed = Standing(answered=ChannelAnswer.TOO_LATE, interception=Interception.FAILED)
    assert rules(cancellation(0, 2, standing=failed)) == ["not intercepted"]


def test_an_approved_return_is_answered_let_back_labelled_and_announced() -> None:
    labelled = Verdict("rule", Answer.APPROVE)
    advised = advise(Case("c1", "rma/1"), KEY, 2, 1)
    assert plan(situation(verdict=labelled, custody=advised)).deeds == (
        AnswerChannel(ChannelAnswer.APPROVED, ""),
        LetBack({KEY: 2}),
    )
    let = situation(verdict=labelled, custody=custody(), standing=TOLD)
    assert plan(let).deeds == (MakeLabel(),)
    assert plan(replace(let, standing=replace(TOLD, label=True))).deeds == (Announce({KEY: 2}),)
    waiting = plan(replace(let, standing=replace(TOLD, label=True, announced={KEY: 2})))
    assert (waiting.deeds, waiting.waits) == ((), ("for the goods",))


def test_goods_that_are_here_already_need_no_label_and_no_word() -> None:
    now = situation(verdict=Verdict("rule", Answer.APPROVE), custody=custody(received=2), standing=TOLD)
    assert plan(now).deeds == ()


@pytest.mark.parametrize(
    ("at", "scanned", "here", "owed"),
    [
        (MoneyAt.WITHOUT_RETURN, False, custody(), 2),
        (MoneyAt.FIRST_SCAN, False, custody(), 0),
        (MoneyAt.FIRST_SCAN, True, custody(), 2),
        (MoneyAt.FIRST_SCAN, True, custody(received=1, complete=True), 1),
        (MoneyAt.RECEIPT, True, custody(), 0),
        (MoneyAt.RECEIPT, True, custody(received=1), 1),
        (MoneyAt.RECEIPT, True, custody(received=2, damaged=1), 1),
        (MoneyAt.INSPECTION, True, custody(received=2), 0),
        (MoneyAt.INSPECTION, True, custody(received=2, good=1), 1),
        (MoneyAt.INSPECTION, True, custody(received=2, good=1, wrong=1), 1),
    ],
)
def test_how_much_is_owed_is_said_by_the_verdict_and_the_custody(
    at: MoneyAt, scanned: bool, here: Case, owed: int
) -> None:
    verdict = Verdict("rule", Answer.APPROVE, money_at=at, label=False)
    standing = replace(TOLD, scanned=scanned, announced={KEY: 2})
    deeds = plan(situation(verdict=verdict, custody=here, standing=standing)).deeds
    assert [deed.wanted["l1"].units for deed in deeds if isinstance(deed, Owe)] == ([owed] if owed else [])


def test_freight_that_the_buyer_pays_comes_off() -> None:
    verdict = Verdict("rule", Answer.APPROVE, freight=490, label=False)
    now = situation(verdict=verdict, custody=custody(received=2, good=2, complete=True), standing=TOLD)
    assert plan(now).deeds == (Owe({"l1": Wanted(2)}, 490),)


def test_goods_go_where_the_verdict_sends_them_once() -> None:
    verdict = Verdict(
        "rule",
        Answer.APPROVE,
        label=False,
        denies=frozenset({WRONG}),
        pays=frozenset({GOOD, DAMAGED}),
        disposals={GOOD: Disposal.RESTOCKED, DAMAGED: Disposal.SCRAPPED},
    )
    case = custody(received=2, good=1, wrong=1, complete=True)
    now = situation(verdict=verdict, custody=case, standing=TOLD)
    to = (Dispose(KEY, Disposal.RESTOCKED, 1), Dispose(KEY, Disposal.TO_CUSTOMER, 1))
    assert plan(now).deeds[:2] == to
    told = replace(TOLD, instructed={(one.key, one.disposal): one.units for one in to})
    assert not [deed for deed in plan(replace(now, standing=told)).deeds if isinstance(deed, Dispose)]


def test_a_refused_request_is_answered_owes_nothing_and_sends_what_came_back_to_the_buyer() -> None:
    no = Verdict("late", Answer.REFUSE, "after 30 days")
    now = situation(verdict=no, custody=custody(received=1, good=1))
    assert plan(now).deeds == (
        AnswerChannel(ChannelAnswer.REFUSED, "after 30 days"),
        Dispose(KEY, Disposal.TO_CUSTOMER, 1),
    )
    owed = owe(now.ledger, "c1", {"l1": Wanted(1)}).ledger
    assert Owe({}, 0) in plan(replace(now, ledger=owed)).deeds


def test_a_verdict_that_asks_does_nothing_and_holds_the_money() -> None:
    ask = Verdict("dear", Answer.ASK, "over 500 EUR", within=timedelta(hours=4))
    verdict = plan(situation(verdict=ask))
    assert (verdict.deeds, verdict.money_held) == ((), True)
    assert [(one.rule, one.within) for one in verdict.questions] == [("verdict dear", timedelta(hours=4))]


def test_an_answer_that_was_given_is_not_taken_back_in_silence() -> None:
    no = Verdict("late", Answer.REFUSE)
    assert rules(situation(verdict=no, standing=TOLD)) == ["answered otherwise"]


def test_missing_damaged_and_surplus_goods_and_doubts_are_asked_about() -> None:
    case = count(
        custody(received=1, damaged=1, complete=True), Receipt("p2", 1, {"Z": Tally(1, 0, {GOOD: 1})}, True)
    )
    assert rules(situation(custody=case, standing=TOLD)) == [
        "doubt Z",
        "surplus Z",
        "missing l1 A",
        "damaged l1 A",
    ]


def test_a_question_that_a_person_answered_is_not_asked_again() -> None:
    case = custody(received=1, good=1, complete=True)
    decided = replace(TOLD, decided=frozenset({"missing l1 A"}))
    assert rules(situation(custody=case, standing=decided)) == []


def test_refund_only_of_goods_that_left_waits_for_a_person_unless_a_policy_says_so_by_name() -> None:
    now = situation(RequestKind.REFUND_ONLY, standing=TOLD)
    asked = plan(now)
    assert (asked.deeds, rules(now), asked.money_held) == ((), ["goods out"], True)
    released = replace(TOLD, decided=frozenset({"goods out"}))
    assert plan(replace(now, standing=released)).deeds == (Owe({"l1": Wanted(2)}, 0),)
    named = Verdict("cheap", Answer.APPROVE, money_at=MoneyAt.WITHOUT_RETURN)
    assert plan(replace(now, verdict=named)).deeds == (Owe({"l1": Wanted(2)}, 0),)
    person = Verdict("rule", Answer.APPROVE, by_person=True)
    assert plan(replace(now, verdict=person)).deeds == (Owe({"l1": Wanted(2)}, 0),)


def test_refund_only_of_goods_that_may_still_leave_waits_too() -> None:
    out = {"l1": Outbound(2, 2, 0, components=PARTS)}
    assert rules(situation(RequestKind.REFUND_ONLY, outbound=out, standing=TOLD)) == ["goods out"]


def test_a_last_part_that_would_make_the_refund_whole_while_goods_are_out_waits() -> None:
    """A price protection of everything is a refund without return by another name."""
    lines = {"l1": Wanted(allowance=2000), "l2": Wanted(allowance=1000)}
    now = situation(
        RequestKind.PRICE_PROTECTION,
        request=Request("c1", RequestKind.PRICE_PROTECTION, lines),
        standing=TOLD,
    )
    assert rules(now) == ["goods out"]


def test_price_protection_moves_money_and_no_goods() -> None:
    request = Request("c1", RequestKind.PRICE_PROTECTION, {"l1": Wanted(allowance=300)})
    now = situation(request=request, standing=TOLD)
    assert plan(now).deeds == (Owe({"l1": Wanted(allowance=300)}, 0),)
    after = owe(now.ledger, "c1", {"l1": Wanted(allowance=300)}).ledger
    assert plan(replace(now, ledger=after)).waits == ("for money to go back",)
    paid = done(send(after, "shop/1/c1/refund/1"), "shop/1/c1/refund/1")
    assert plan(replace(now, ledger=paid)).done


def test_what_is_owed_beyond_the_payment_is_asked_about_till_more_is_captured_or_a_person_says_so() -> None:
    request = Request("c1", RequestKind.PRICE_PROTECTION, {"l1": Wanted(allowance=300)})
    authorised = replace(situation().ledger, paid=0)
    owed = owe(authorised, "c1", {"l1": Wanted(allowance=300)}).ledger
    now = situation(request=request, standing=TOLD, ledger=owed)
    assert (rules(now), plan(now).done) == (["money short 3.00 EUR"], False)
    captured = pay(owed, 3000, LINES, 1)
    assert captured.ours(RefundState.PLANNED) == 300
    assert rules(replace(now, ledger=captured)) == []
    assert plan(replace(now, standing=replace(TOLD, decided=frozenset({"money short 3.00 EUR"})))).done


def test_of_an_order_that_is_cancelled_before_anything_was_captured_nobody_is_asked() -> None:
    owed = owe(replace(situation().ledger, paid=0), "c1", {"l1": Wanted(2)}).ledger
    now = cancellation(0, 0, ledger=owed, standing=Standing(answered=ChannelAnswer.STOPPED))
    assert rules(now) == ["money short 20.00 EUR"], "the other line may still be charged"
    gone = replace(now, outbound={**now.outbound, "l2": Outbound(1, 0, 0, components={"B": 1})})
    assert plan(gone).done


@pytest.mark.parametrize(("paid", "asked"), [(2997, []), (2996, ["money short 0.04 EUR"])])
def test_a_unit_a_line_is_the_rounding_of_the_shop_and_no_question(paid: int, asked: list[str]) -> None:
    claims = {"l1": Wanted(2), "l2": Wanted(1)}
    request = Request("c1", RequestKind.RETURN, claims)
    owed = owe(replace(situation().ledger, paid=paid), "c1", claims).ledger
    now = situation(request=request, standing=TOLD, ledger=owed)
    assert [rule for rule in rules(now) if rule.startswith("money ")] == asked


def test_what_may_turn_out_to_have_room_is_waited_for_and_nobody_is_asked() -> None:
    request = Request("c2", RequestKind.PRICE_PROTECTION, {"l2": Wanted(allowance=300)})
    paid = replace(situation().ledger, paid=2000)
    perhaps = send(owe(paid, "c1", {"l1": Wanted(2)}).ledger, "shop/1/c1/refund/1")
    owed = owe(perhaps, "c2", {"l2": Wanted(allowance=300)}).ledger
    now = situation(request=request, standing=TOLD, ledger=owed)
    assert (rules(now), plan(now).waits) == ([], ("for money to go back",))


def test_what_people_refunded_before_the_request_was_known_is_asked_about_first() -> None:
    before = see(situation().ledger, ShopRefund("r1", 500, 1))
    now = situation(ledger=before, custody=custody(received=2, good=2, complete=True), standing=TOLD)
    assert (rules(now), plan(now).money_held) == (["refunded before"], True)
    apart = replace(now, ledger=say(before, "r1", Meant.APART))
    assert plan(apart).deeds == (Owe({"l1": Wanted(2)}, 0),)


def test_what_people_refund_while_the_goods_are_on_their_way_counts_for_the_request() -> None:
    """Nothing was owed yet when they did; it was not there when the request came up."""
    given = see(situation().ledger, ShopRefund("r1", 500, 1))
    now = situation(
        ledger=given,
        custody=custody(received=2, good=2, complete=True),
        standing=TOLD,
        before=frozenset(),
    )
    (due,) = [deed for deed in plan(now).deeds if isinstance(deed, Owe)]
    after = owe(given, "c1", due.wanted, due.less, now.before).ledger
    whole = owe(situation().ledger, "c1", due.wanted, due.less).ledger
    assert after.ours(RefundState.PLANNED) == whole.ours(RefundState.PLANNED) - 500


def test_a_refund_that_the_gateway_refused_is_a_question_with_the_next_step() -> None:
    owed = owe(situation().ledger, "c1", {"l1": Wanted(2)}).ledger
    no = refused(send(owed, "shop/1/c1/refund/1"), "shop/1/c1/refund/1", "card closed")
    now = situation(ledger=no, custody=custody(received=2, good=2, complete=True), standing=TOLD)
    (ask,) = plan(now).questions
    assert ask.reason == "the gateway refused 20.00 EUR: card closed"


def test_an_exchange_reserves_at_once_and_ships_when_the_goods_passed() -> None:
    request = Request("c1", RequestKind.EXCHANGE, {"l1": Wanted(2)}, Instead({"C": 2}, 2000))
    now = situation(request=request, custody=custody(received=2, complete=True), standing=TOLD)
    assert plan(now).deeds == (Reserve({"C": 2}),)
    held = replace(now, standing=replace(TOLD, reserved=True))
    assert plan(held).deeds == ()
    passed = replace(held, custody=custody(received=2, good=2, complete=True))
    assert Ship({"C": 2}) in plan(passed).deeds


@pytest.mark.parametrize(
    ("at", "ships"),
    [
        (GoodsAt.REQUEST, [True, True, True]),
        (GoodsAt.FIRST_SCAN, [False, True, True]),
        (GoodsAt.RECEIPT, [False, False, True]),
        (GoodsAt.INSPECTION, [False, False, False]),
    ],
)
def test_when_the_other_goods_leave_is_said_by_the_verdict(at: GoodsAt, ships: list[bool]) -> None:
    request = Request("c1", RequestKind.EXCHANGE, {"l1": Wanted(2)}, Instead({"C": 2}, 2000))
    held = replace(TOLD, reserved=True, announced={KEY: 2})
    moments = (
        (held, custody()),
        (replace(held, scanned=True), custody()),
        (held, custody(received=2)),
    )
    found = []
    for standing, case in moments:
        verdict = Verdict("rule", Answer.APPROVE, goods_at=at, label=False)
        now = situation(request=request, verdict=verdict, custody=case, standing=standing)
        found.append(Ship({"C": 2}) in plan(now).deeds)
    assert found == ships


def test_where_nothing_need_come_back_the_other_goods_leave_at_once() -> None:
    request = Request("c1", RequestKind.EXCHANGE, {"l1": Wanted(2)}, Instead({"C": 2}, 2000))
    verdict = Verdict("rule", Answer.APPROVE, money_at=MoneyAt.WITHOUT_RETURN, label=False)
    now = situation(request=request, verdict=verdict, standing=replace(TOLD, reserved=True))
    assert Ship({"C": 2}) in plan(now).deeds


def test_dearer_goods_are_charged_before_they_leave() -> None:
    request = Request("c1", RequestKind.EXCHANGE, {"l1": Wanted(2)}, Instead({"C": 2}, 2600))
    verdict = Verdict("rule", Answer.APPROVE, goods_at=GoodsAt.REQUEST, label=False)
    held = replace(TOLD, reserved=True, announced={KEY: 2})
    now = situation(request=request, verdict=verdict, custody=custody(), standing=held)
    assert plan(now).deeds == (Charge(600),)
    asked = replace(now, standing=replace(held, charge_asked=True))
    assert "for the buyer to pay the difference" in plan(asked).waits
    assert plan(replace(now, standing=replace(held, charge_asked=True, charged=True))).deeds == (
        Ship({"C": 2}),
    )


def test_nothing_is_collected_or_asked_for_goods_that_are_not_earned_any_more() -> None:
    """Dearer goods, or goods of unknown price: what came back is damaged, which is denied, and nothing more comes."""
    verdict = Verdict("rule", Answer.APPROVE, denies=frozenset({DAMAGED}), label=False)
    verdict = replace(verdict, disposals={DAMAGED: Disposal.SCRAPPED})
    asked = replace(TOLD, reserved=True, charge_asked=True, announced={KEY: 2})
    for price in (2600, None):
        request = Request("c1", RequestKind.EXCHANGE, {"l1": Wanted(2)}, Instead({"C": 2}, price))
        now = situation(request=request, verdict=verdict, custody=custody(), standing=asked)
        assert rules(now) == ["charge" if price else "price unknown"]
        put = custody(received=2, damaged=2, complete=True, disposed={Disposal.SCRAPPED: 2})
        assert plan(replace(now, custody=put)).done


def test_of_an_exchange_that_is_part_earned_a_person_says_whether_money_is_given_instead() -> None:
    """One of two came back damaged, which is denied: the other goods do not leave, and the good piece is paid for."""
    verdict = Verdict("rule", Answer.APPROVE, denies=frozenset({DAMAGED}), freight=100, label=False)
    verdict = replace(verdict, disposals={GOOD: Disposal.RESTOCKED, DAMAGED: Disposal.SCRAPPED})
    held = replace(TOLD, reserved=True, announced={KEY: 2})
    request = Request("c1", RequestKind.EXCHANGE, {"l1": Wanted(2)}, Instead({"C": 2}, 1900))
    here = custody(
        received=2, good=1, damaged=1, complete=True, disposed={Disposal.RESTOCKED: 1, Disposal.SCRAPPED: 1}
    )
    now = situation(request=request, verdict=verdict, custody=here, standing=held)
    assert (plan(now).deeds, rules(now)) == ((), ["part earned"])
    said = replace(now, standing=replace(held, decided=frozenset({"part earned"})))
    (deed,) = plan(said).deeds
    assert deed == Owe({"l1": Wanted(1)}, 100)
    paid = replace(verdict, pays=frozenset({GOOD, DAMAGED}), denies=frozenset())
    assert Ship({"C": 2}) in plan(replace(now, verdict=paid)).deeds
    assert rules(replace(now, verdict=paid)) == []


def test_the_difference_to_cheaper_goods_is_refunded_when_the_others_passed() -> None:
    request = Request("c1", RequestKind.EXCHANGE, {"l1": Wanted(2)}, Instead({"C": 2}, 1400))
    sent = replace(TOLD, reserved=True, sent=True)
    now = situation(request=request, custody=custody(received=2, good=2, complete=True), standing=sent)
    (deed,) = plan(now).deeds
    assert deed == Owe({"l1": Wanted(2)}, 1400)
    assert isinstance(deed, Owe)
    after = owe(now.ledger, "c1", deed.wanted, deed.less).ledger
    assert [one.amount for one in after.refunds.values()] == [600]


def test_an_exchange_whose_price_the_shop_does_not_say_moves_no_money_and_asks_before_goods_leave() -> None:
    """Unknown is not nothing: as a price of 0 it gave all the money back and sent the other goods besides."""
    request = Request("c1", RequestKind.EXCHANGE, {"l1": Wanted(2)}, Instead({"C": 2}, None))
    here = custody(received=2, complete=True, good=2, disposed={Disposal.RESTOCKED: 2})
    reserved = replace(TOLD, reserved=True, announced={KEY: 2})
    now = situation(request=request, custody=here, standing=reserved)
    assert plan(now).deeds == ()
    assert rules(now) == ["price unknown"]
    said = replace(now, standing=replace(reserved, decided=frozenset({"price unknown"})))
    assert plan(said).deeds == (Ship({"C": 2}),)
    sent = replace(said, standing=replace(said.standing, sent=True))
    assert plan(sent).done


def test_other_goods_that_the_shops_order_has_not_are_asked_for_and_not_called_sent() -> None:
    request = Request("c1", RequestKind.EXCHANGE, {"l1": Wanted(2)}, Instead({}, None, 2))
    here = custody(received=2, complete=True, good=2, disposed={Disposal.RESTOCKED: 2})
    even = replace(TOLD, announced={KEY: 2}, decided=frozenset({"price unknown"}))
    coming = situation(request=request, custody=custody(), standing=even)
    assert (plan(coming).deeds, rules(coming)) == ((), [])
    now = situation(request=request, custody=here, standing=even)
    assert (plan(now).deeds, rules(now)) == ((), ["exchange not processed"])
    processed = replace(now, request=replace(request, instead=Instead({"C": 2}, None)))
    assert plan(processed).deeds == (Reserve({"C": 2}),)
    held = replace(processed, standing=replace(even, reserved=True))
    assert (plan(held).deeds, rules(held)) == ((Ship({"C": 2}),), [])
    settled = replace(even, decided=even.decided | {"exchange not processed"})
    assert plan(replace(now, standing=settled)).done


def test_a_resend_ships_again_and_moves_no_money() -> None:
    request = Request("c1", RequestKind.RESEND, {"l1": Wanted(1)}, Instead({"A": 1}))
    now = situation(request=request, standing=replace(TOLD, reserved=True))
    assert plan(now).deeds == (Ship({"A": 1}),)
    assert plan(replace(now, standing=replace(TOLD, reserved=True, sent=True))).done


@pytest.mark.parametrize("kind", [RequestKind.RESEND, RequestKind.EXCHANGE])
def test_of_an_order_that_is_over_a_person_sends_the_other_goods(kind: RequestKind) -> None:
    """Its review sends nothing: let go by us, they would never have left."""
    request = Request("c1", kind, {"l1": Wanted(2)}, Instead({"C": 2}, 2000))
    here = custody(received=2, complete=True, good=2, disposed={Disposal.RESTOCKED: 2})
    known = replace(TOLD, announced={KEY: 2})
    now = situation(request=request, custody=here, standing=known, sends=False)
    assert not [deed for deed in plan(now).deeds if isinstance(deed, Reserve | Ship)]
    assert rules(now) == ["send by hand"]
    said = replace(now, standing=replace(known, decided=frozenset({"send by hand"})))
    assert not [deed for deed in plan(said).deeds if isinstance(deed, Reserve | Ship)]
    assert rules(said) == []


def test_a_bundle_counts_as_back_when_all_its_parts_are() -> None:
    out = {"l1": Outbound(2, 0, 2, components={"A": 1, "B": 2}), "l2": Outbound(1, 0, 1)}
    case = advise(advise(Case("c1", "rma/1"), KEY, 2, 1), ("l1", "B"), 4, 1)
    case = approve(approve(case, KEY, 2, 1), ("l1", "B"), 4, 1)
    came = Receipt("p1", 1, {"A": Tally(1, 2, {GOOD: 2}), "B": Tally(1, 3, {GOOD: 3})})
    now = situation(
        outbound=out, custody=count(case, came), standing=replace(TOLD, announced={KEY: 2, ("l1", "B"): 4})
    )
    assert plan(now).deeds == (Owe({"l1": Wanted(1)}, 0),)
