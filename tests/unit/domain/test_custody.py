"""Goods on the way back: levels in any order, nothing lost, and never more received than was announced."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walking import Machine, holds, law, step

from sync.domain.custody import (
    Case,
    Custody,
    advise,
    approve,
    count,
    expect,
    figures,
    joined,
    take_in,
)
from sync.domain.receipts import Condition, Disposal, Receipt, Tally

A, B = ("l1", "A"), ("l2", "B")
GOOD, DAMAGED, WRONG = Condition
RESTOCKED, SCRAPPED, TO_SUPPLIER, TO_CUSTOMER = Disposal


def case(advised: int = 2) -> Case:
    return advise(Case("r1", "rma/1"), A, advised, 1)


def receipt(as_of: int = 1, *, id: str = "p1", sku: str = "A", **tally: object) -> Receipt:
    said = {"received": 0, **tally}
    complete = bool(said.pop("complete", False))
    names = {name: said.pop(name) for name in ("reference", "tracking") if name in said}
    return Receipt(id, as_of, {sku: Tally(as_of, **said)}, complete, **names)  # type: ignore[arg-type]


def held(custody: Custody) -> int:
    """All units that the figures know of."""
    return sum(line.received for line in custody.lines) + sum(beyond.units for beyond in custody.surplus)


def test_what_was_announced_and_came_is_received() -> None:
    line = figures(count(approve(case(), A, 2, 1), receipt(received=1))).line(A)
    assert (line.advised, line.approved, line.received, line.missing) == (2, 2, 1, 0)


def test_what_is_beyond_the_announcement_is_kept_apart() -> None:
    custody = figures(count(case(), receipt(received=5)))
    assert custody.line(A).received == 2
    assert [(beyond.sku, beyond.units) for beyond in custody.surplus] == [("A", 3)]


def test_a_sku_that_nobody_announced_is_surplus() -> None:
    custody = figures(count(case(), receipt(sku="Z", received=1)))
    assert [(beyond.sku, beyond.units) for beyond in custody.surplus] == [("Z", 1)]


def test_the_same_count_twice_is_one_count() -> None:
    once = count(case(), receipt(received=1))
    assert count(once, receipt(received=1)) == once


def test_an_older_count_takes_nothing_back() -> None:
    newer = count(case(), receipt(7, received=2))
    assert count(newer, receipt(6, received=1)) == newer


def test_a_newer_count_corrects_an_older_one_downwards() -> None:
    corrected = count(count(case(), receipt(6, received=2)), receipt(7, received=1))
    assert figures(corrected).line(A).received == 1


def test_of_two_counts_of_one_moment_the_greater_stands_whichever_came_first() -> None:
    less, more = receipt(5, received=1), receipt(5, received=2)
    assert count(count(case(), less), more) == count(count(case(), more), less)


def test_a_sku_that_a_newer_count_leaves_out_is_not_zero() -> None:
    both = count(count(case(), receipt(1, received=2)), receipt(2, sku="B", received=1))
    assert figures(both).line(A).received == 2


def test_two_parcels_of_one_case_are_added() -> None:
    both = count(count(case(), receipt(received=1)), receipt(id="p2", received=1))
    assert figures(both).line(A).received == 2


def test_each_condition_and_each_end_is_counted() -> None:
    seen = receipt(
        received=4,
        conditions={GOOD: 1, DAMAGED: 2, WRONG: 1},
        disposed={RESTOCKED: 1, SCRAPPED: 1, TO_SUPPLIER: 1, TO_CUSTOMER: 1},
    )
    line = figures(count(case(4), seen)).line(A)
    assert line.conditions == {GOOD: 1, DAMAGED: 2, WRONG: 1}
    assert line.disposed == {RESTOCKED: 1, SCRAPPED: 1, TO_SUPPLIER: 1, TO_CUSTOMER: 1}
    assert (line.inspected, line.gone) == (4, 4)


def test_what_did_not_come_is_missing_only_when_the_warehouse_expects_no_more() -> None:
    waiting = count(approve(case(), A, 2, 1), receipt(1, received=1))
    assert figures(waiting).line(A).missing == 0
    assert figures(count(waiting, receipt(2, received=1, complete=True))).line(A).missing == 1


def test_an_announcement_that_is_taken_back_after_the_goods_came_leaves_them_received() -> None:
    custody = figures(advise(count(case(), receipt(received=2)), A, 0, 2))
    assert (custody.line(A).advised, custody.line(A).received, custody.surplus) == (2, 2, ())


def test_units_of_one_sku_fill_its_lines_in_order() -> None:
    two = advise(advise(case(1), ("l2", "A"), 1, 1), ("l3", "A"), 1, 1)
    custody = figures(count(two, receipt(received=2, conditions={GOOD: 1, DAMAGED: 1})))
    assert [line.received for line in custody.lines] == [1, 1, 0]
    assert [dict(line.conditions) for line in custody.lines] == [{GOOD: 1}, {DAMAGED: 1}, {}]


def test_an_announcement_taken_back_leaves_the_goods_to_the_line_that_still_waits() -> None:
    two = advise(advise(case(1), ("l2", "A"), 1, 1), A, 0, 2)
    assert [line.received for line in figures(count(two, receipt(received=1))).lines] == [0, 1]


def test_more_inspected_than_received_is_counted_and_told() -> None:
    custody = figures(count(case(), receipt(received=0, conditions={GOOD: 1})))
    assert custody.line(A).received == 1
    assert custody.doubts == ("A: 1 units were inspected, 0 received",)


def test_more_put_away_than_received_is_counted_and_told() -> None:
    custody = figures(count(case(), receipt(received=1, disposed={RESTOCKED: 3})))
    assert custody.line(A).disposed == {RESTOCKED: 2}
    assert custody.surplus[0].disposed == {RESTOCKED: 1}
    assert custody.doubts == ("A: 3 units were disposed of, 1 received",)


def test_a_parcel_that_nobody_announced_is_quarantined_and_joins_the_request_that_names_its_number() -> None:
    stray = take_in((), receipt(received=1, tracking="JD-01 234"))
    assert [one.quarantined for one in stray] == [True]
    asked = expect(case(), "jd01234")
    both = joined((*stray, asked))
    assert [one.id for one in both] == ["r1"]
    assert figures(both[0]).line(A).received == 1
    assert joined(both) == both


def test_a_parcel_that_joined_is_counted_on_in_its_case() -> None:
    cases = take_in(
        joined((*take_in((), receipt(1, received=1, tracking="1")), expect(case(), "1"))),
        receipt(2, received=2),
    )
    assert [figures(one).line(A).received for one in cases] == [2]


def test_a_parcel_is_found_by_our_reference_without_a_number() -> None:
    (found,) = take_in((case(),), receipt(received=1, reference="rma/1"))
    assert found.id == "r1"


def test_a_parcel_without_number_stays_in_quarantine() -> None:
    cases = take_in((expect(case(), " "),), receipt(received=1))
    assert [one.quarantined for one in cases] == [False, True]


def test_a_person_may_say_that_no_more_will_come_though_a_warehouse_expects_it() -> None:
    (expected,) = take_in((case(),), receipt(1, received=0, reference="rma/1"))
    came = receipt(2, id="p2", received=1, complete=True)
    assert not count(expected, came).complete
    assert count(expected, replace(came, by_hand=True)).complete


def test_a_scanned_label_is_a_number_only_where_one_case_awaits_it() -> None:
    one, other = (
        expect(case(), "0034-0434 16"),
        replace(expect(case(), "0034043416"), id="2", request="rma/2"),
    )
    told = receipt(received=1, reference="0034 043416")
    (found,) = take_in((one,), told)
    assert figures(found).lines[0].received == 1
    assert any(each.quarantined for each in take_in((one, other), told)), "which of them is not known"
    assert any(each.quarantined for each in take_in((expect(case(), "DHL-1"),), receipt(reference="DHL-1")))


def test_a_count_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="below 0"):
        receipt(received=-1)
    with pytest.raises(ValueError, match="cannot come back"):
        advise(case(), A, -1, 2)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**64))
def test_observations_in_any_order_and_any_number_give_the_same_custody(seed: int) -> None:
    chance = Random(seed)
    seen = [_observation(chance) for _ in range(chance.randint(1, 8))]
    again = [*seen, *chance.choices(seen, k=3)]
    chance.shuffle(again)
    assert _after(seen) == _after(again)


def _observation(chance: Random) -> tuple[str, object]:
    as_of = chance.randint(0, 4)
    if chance.random() < 0.4:
        return chance.choice(("advised", "approved")), (
            chance.choice((A, B, ("l3", "A"))),
            chance.randint(0, 3),
            as_of,
        )
    conditions = {one: chance.randint(0, 2) for one in Condition}
    disposed = {one: chance.randint(0, 1) for one in Disposal}
    tally = Tally(as_of, chance.randint(0, 5), conditions, disposed)
    return "counted", Receipt(
        chance.choice(("p1", "p2")), as_of, {chance.choice("ABZ"): tally}, chance.random() < 0.3
    )


def _after(observations: list[tuple[str, object]]) -> Case:
    found = Case("r1", "rma/1")
    for kind, told in observations:
        if kind == "counted":
            found = count(found, told)  # type: ignore[arg-type]
        else:
            key, units, as_of = told  # type: ignore[misc]
            found = (advise if kind == "advised" else approve)(found, key, units, as_of)
    return found


class Way(Machine):
    """A customer, a warehouse with books of its own, and a wire that repeats, delays and forgets."""

    def __init__(self) -> None:
        super().__init__()
        self.cases: tuple[Case, ...] = ()
        self.books: dict[str, dict[str, int]] = {}
        self.wire: list[Receipt] = []
        self.newest: dict[str, Receipt] = {}
        self.clock = 0

    @step(units=range(4), key=[A, ("l2", "A")])
    def customer_announces(self, units: int, key: tuple[str, str]) -> None:
        self.clock += 1
        request = next((one for one in self.cases if not one.quarantined), None) or expect(
            Case("r1", "rma/1"), "T1"
        )
        others = tuple(one for one in self.cases if one.id != "r1")
        self.cases = joined((advise(request, key, units, self.clock), *others))

    @step(units=range(4), key=[A, ("l2", "A")])
    def policy_approves(self, units: int, key: tuple[str, str]) -> None:
        self.clock += 1
        self.cases = tuple(
            one if one.quarantined else approve(one, key, units, self.clock) for one in self.cases
        )

    @step(parcel=["T1", "T2"], event=["arrive", "arrive", *Condition, *Disposal])
    def warehouse_works(self, parcel: str, event: str) -> None:
        """Its own books are true: it inspects what came, and puts away what it inspected."""
        book = self.books.setdefault(parcel, {"arrive": 0, **dict.fromkeys((*Condition, *Disposal), 0)})
        inspected = sum(book[one] for one in Condition)
        gone = sum(book[one] for one in Disposal)
        if (event in list(Condition) and inspected >= book["arrive"]) or (
            event in list(Disposal) and gone >= inspected
        ):
            return
        book[event] += 1
        self.clock += 1
        conditions = {one: book[one] for one in Condition}
        disposed = {one: book[one] for one in Disposal}
        tally = Tally(self.clock, book["arrive"], conditions, disposed)
        self.newest[parcel] = Receipt(f"wh/{parcel}", self.clock, {"A": tally}, tracking=parcel)
        self.wire.append(self.newest[parcel])

    @step(place=range(12))
    def a_count_arrives_late_twice_or_never(self, place: int) -> None:
        if self.wire:
            told = self.wire[-1 - place % len(self.wire)]
            self.classes.add("old count" if told is not self.newest[str(told.tracking)] else "new count")
            self.cases = take_in(self.cases, told)

    @step()
    def everything_is_read(self) -> None:
        for told in self.newest.values():
            self.cases = take_in(self.cases, told)
        came = sum(book["arrive"] for book in self.books.values())
        assert sum(held(figures(one)) for one in self.cases) == came
        ends = {one: sum(book[one] for book in self.books.values()) for one in Disposal}
        found = [figures(one) for one in self.cases]
        for one, units in ends.items():
            there = [
                *(line for custody in found for line in custody.lines),
                *(s for c in found for s in c.surplus),
            ]
            assert sum(line.disposed.get(one, 0) for line in there) == units

    @law
    def no_more_is_received_than_announced_and_no_more_ends_than_was_received(self) -> None:
        for one in self.cases:
            custody = figures(one)
            assert not custody.doubts
            for line in custody.lines:
                ends = sum(
                    line.disposed.get(end, 0) for end in (RESTOCKED, SCRAPPED, TO_SUPPLIER, TO_CUSTOMER)
                )
                assert line.advised >= line.received >= ends
                assert line.advised >= line.approved
                assert line.received >= sum(line.conditions.values())
            if custody.surplus:
                self.classes.add("quarantine" if one.quarantined else "surplus")

    @law
    def one_document_is_in_one_case(self) -> None:
        homes = Counter(id for one in self.cases for id in one.receipts)
        assert all(times == 1 for times in homes.values())
        assert not any(one.quarantined and "wh/T1" in one.receipts for one in self.cases if self._asked())

    def _asked(self) -> bool:
        return any(not one.quarantined for one in self.cases)


def test_any_interleaving_keeps_the_laws_of_custody() -> None:
    holds(Way, ("old count", "new count", "quarantine", "surplus"))
