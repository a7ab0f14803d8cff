"""What an order needs next, as a level: the same case gives the same plan, an applied plan an empty one."""

from dataclasses import replace

from hypothesis import event, given
from hypothesis import strategies as st

from sync.domain.confirm import HoldWanted
from sync.domain.lifecycle import CancelState, OrderState, Release, WorkState
from sync.domain.review import Case, CaseLine, CaseWork, Plan, plan

WH = "wh"
KEY = ("l1", "A")


def case(**changes: object) -> Case:
    plain = Case(
        history=False,
        lines=(CaseLine("l1", 2, {"A": 1}),),
        work=(),
        checks=(),
        decided=frozenset(),
        reserved_at={KEY: WH},
        parcels_open=False,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def work(n: int = 1, state: WorkState = WorkState.ASSIGNED, **changes: object) -> CaseWork:
    plain = CaseWork(f"f{n}", WH, n, state, CancelState.NONE, {KEY: (2, 0)})
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_new_order_waits_for_a_warehouse_to_be_chosen() -> None:
    verdict = plan(case(reserved_at={}))
    assert verdict.unplaced == {KEY: 2}
    assert verdict.create == ()
    assert verdict.state == OrderState.RECEIVED


def test_a_placed_order_becomes_one_fulfilment() -> None:
    verdict = plan(case())
    assert [(new.account, new.n, new.lines) for new in verdict.create] == [(WH, 1, {KEY: 2})]
    assert verdict.reserve == {(KEY, WH): 2}
    assert verdict.state == OrderState.ACCEPTED


def test_an_order_that_is_under_way_needs_nothing() -> None:
    verdict = plan(case(work=(work(),)))
    assert (verdict.create, verdict.stop, verdict.state) == ((), (), OrderState.SENT)


def test_a_line_that_waits_keeps_its_units_and_is_not_sent() -> None:
    other = ("l2", "B")
    lines = (CaseLine("l1", 2, {"A": 1}), CaseLine("l2", 1, {"B": 1}, waits=True))
    verdict = plan(case(lines=lines, reserved_at={KEY: WH, other: WH}))
    assert [new.lines for new in verdict.create] == [{KEY: 2}]
    assert verdict.reserve == {(KEY, WH): 2, (other, WH): 1}
    sent = work(state=WorkState.SHIPPED, lines={KEY: (2, 2)})
    later = plan(case(lines=lines, reserved_at={KEY: WH, other: WH}, work=(sent,)))
    assert (later.create, later.closed, later.state) == ((), False, OrderState.PART_SHIPPED)


def test_a_held_order_keeps_its_units_and_is_not_sent() -> None:
    verdict = plan(case(checks=(HoldWanted("x", "why", "todo"),)))
    assert verdict.create == ()
    assert verdict.reserve == {(KEY, WH): 2}
    assert verdict.state == OrderState.HELD


def test_a_locked_order_gives_its_units_back() -> None:
    verdict = plan(case(checks=(HoldWanted("x", "why", "todo", keep_stock=False),)))
    assert verdict.reserve == {(KEY, WH): 0}


def test_a_hold_that_a_person_released_does_not_come_back() -> None:
    hold = HoldWanted("x", "why", "todo", release=Release.MANUAL)
    assert plan(case(checks=(hold,), decided=frozenset({"x"}))).create


def test_what_a_part_shipment_left_over_becomes_a_back_order() -> None:
    shipped = work(state=WorkState.SHIPPED, lines={KEY: (2, 1)})
    verdict = plan(case(work=(shipped,)))
    assert [(new.n, new.lines) for new in verdict.create] == [(2, {KEY: 1})]
    assert verdict.state == OrderState.PART_SHIPPED


def test_a_cancelled_order_stops_its_fulfilment_and_keeps_the_units_until_the_warehouse_confirms() -> None:
    verdict = plan(case(lines=(CaseLine("l1", 0, {"A": 1}),), work=(work(),)))
    assert verdict.stop == ("f1",)
    assert verdict.reserve == {(KEY, WH): 2}
    assert (verdict.state, verdict.cancel) == (OrderState.CANCELLING, CancelState.REQUESTED)


def test_a_stopped_order_is_cancelled_closed_and_frees_its_units() -> None:
    stopped = work(state=WorkState.CANCELLED, cancel=CancelState.STOPPED)
    verdict = plan(case(lines=(CaseLine("l1", 0, {"A": 1}),), work=(stopped,)))
    assert (verdict.state, verdict.closed, verdict.reserve) == (OrderState.CANCELLED, True, {(KEY, WH): 0})


def test_a_line_that_shrank_is_stopped_and_sent_again_smaller() -> None:
    fewer = (CaseLine("l1", 1, {"A": 1}),)
    assert plan(case(lines=fewer, work=(work(),))).stop == ("f1",)
    asked = work(cancel=CancelState.REQUESTED)
    assert plan(case(lines=fewer, work=(asked,))).create == ()
    stopped = work(state=WorkState.CANCELLED, cancel=CancelState.STOPPED)
    again = plan(case(lines=fewer, work=(stopped,)))
    assert [(new.n, new.lines) for new in again.create] == [(2, {KEY: 1})]


def test_goods_that_left_after_the_cancellation_are_told_as_too_late() -> None:
    shipped = work(state=WorkState.SHIPPED, cancel=CancelState.TOO_LATE, lines={KEY: (2, 2)})
    verdict = plan(case(lines=(CaseLine("l1", 0, {"A": 1}),), work=(shipped,)))
    assert verdict.shipped_too_many == {KEY: 2}
    assert verdict.cancel == CancelState.TOO_LATE
    assert verdict.stop == ()


def test_a_fulfilment_that_the_warehouse_cancelled_by_itself_waits_for_a_person() -> None:
    verdict = plan(case(work=(work(state=WorkState.CANCELLED),)))
    assert [hold.rule for hold in verdict.holds] == ["warehouse cancelled 1"]
    assert verdict.create == ()
    released = plan(
        case(work=(work(state=WorkState.CANCELLED),), decided=frozenset({"warehouse cancelled 1"}))
    )
    assert [new.n for new in released.create] == [2]


def test_history_is_never_reserved_or_sent() -> None:
    verdict = plan(case(history=True))
    assert (verdict.create, verdict.reserve, verdict.state) == ((), {}, OrderState.HISTORY)


def test_a_bundle_asks_for_its_components() -> None:
    verdict = plan(case(lines=(CaseLine("l1", 3, {"A": 1, "B": 2}),), reserved_at={KEY: WH, ("l1", "B"): WH}))
    assert verdict.create[0].lines == {KEY: 3, ("l1", "B"): 6}


states = st.sampled_from(list(WorkState))
cancels = st.sampled_from(list(CancelState))


def test_of_two_holds_of_one_rule_the_first_counts() -> None:
    """What a person rejected comes first: the rule itself would have kept the stock."""
    rejected = HoldWanted("x", "rejected", "t", keep_stock=False)
    verdict = plan(case(checks=(rejected, HoldWanted("x", "the rule", "t")), reserved_at={KEY: WH}))
    assert verdict.holds == (rejected,)
    assert (verdict.state, verdict.create) == (OrderState.HELD, ())
    assert sum(verdict.reserve.values()) == 0


def test_a_rejected_order_is_closed_once_the_shop_wants_none_of_it() -> None:
    rejected = HoldWanted("x", "rejected", "t", keep_stock=False)
    verdict = plan(case(checks=(rejected,), lines=(CaseLine("l1", 0, {"A": 1}),)))
    assert (verdict.state, verdict.holds, verdict.closed) == (OrderState.CANCELLED, (), True)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    works = []
    for n in range(1, draw(st.integers(0, 4)) + 1):
        state = draw(states)
        asked = draw(st.integers(1, 5))
        shipped = draw(st.integers(0, asked)) if state == WorkState.SHIPPED else 0
        works.append(CaseWork(f"f{n}", WH, n, state, draw(cancels), {KEY: (asked, shipped)}))
    wanted = draw(st.integers(0, 6))
    holds = draw(
        st.sampled_from([(), (HoldWanted("x", "w", "t"),), (HoldWanted("y", "w", "t", keep_stock=False),)])
    )
    built = case(lines=(CaseLine("l1", wanted, {"A": 1}),), work=tuple(works), checks=holds)
    event("nothing wanted" if wanted == 0 else "wanted")
    event(f"{len(works)} fulfilments")
    return built


def _applied(before: Case, verdict: Plan) -> Case:
    """The case as it would stand once the plan is written down."""
    works = [
        replace(one, cancel=CancelState.REQUESTED) if one.id in verdict.stop else one for one in before.work
    ]
    for new in verdict.create:
        lines = {key: (units, 0) for key, units in new.lines.items()}
        works.append(CaseWork(f"f{new.n}", new.account, new.n, WorkState.PLANNED, CancelState.NONE, lines))
    return replace(before, work=tuple(works))


@given(cases())
def test_a_plan_that_was_applied_leaves_nothing_to_create_or_stop(before: Case) -> None:
    after = plan(_applied(before, plan(before)))
    assert (after.create, after.stop) == ((), ())


@given(cases())
def test_never_more_is_under_way_than_the_shop_wants_unless_it_was_so_before(before: Case) -> None:
    verdict = plan(before)
    wanted = before.lines[0].wanted
    covered = sum(one.covers(KEY) for one in before.work)
    created = sum(new.lines[KEY] for new in verdict.create)
    assert covered + created <= max(wanted, covered)


@given(cases())
def test_a_fulfilment_that_ended_is_never_stopped(before: Case) -> None:
    ended = {one.id for one in before.work if one.state.ended}
    assert not ended & set(plan(before).stop)


@given(cases())
def test_nothing_is_created_while_a_hold_stands(before: Case) -> None:
    verdict = plan(before)
    assert not (verdict.holds and verdict.create)


@given(cases())
def test_units_that_may_still_leave_stay_reserved(before: Case) -> None:
    verdict = plan(before)
    covered = sum(one.covers(KEY) for one in before.work)
    assert verdict.reserve.get((KEY, WH), 0) >= covered
