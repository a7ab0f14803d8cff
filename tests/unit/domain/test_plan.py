"""A plan counts every row and keeps only what is shown."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.domain.guards import Guard, Verdict
from sync.domain.plan import Field, PlanPart, PlanRow, Standing, counting


def row(before: str | None = "5", after: str = "7", field: Field = Field.QUANTITY, **more: object) -> PlanRow:
    values: dict[str, object] = {"listing": "1", "place": "", "sku": "A", "title": "Mug"} | more
    return PlanRow("shop", field, before=before, after=after, **values)  # type: ignore[arg-type]


def part(*rows: PlanRow, shown: int = 10, field: Field = Field.QUANTITY) -> PlanPart:
    made = PlanPart("shop", field, live=True, rows=shown)
    for one in rows:
        made.add(one)
    return made


def verdict(guard: Guard, unsent: int, allowance: int | None = 0) -> Verdict:
    return Verdict(guard, unsent, 0, 100, 3, allowance)


def test_rows_are_counted_by_what_they_do() -> None:
    made = part(row("5", "7"), row("5", "3"), row("5", "0"), row(None, "4"), row("0", "0"))
    assert (made.changes, made.raises, made.lowerings, made.to_zero) == (5, 1, 2, 1)


def test_rows_are_counted_by_what_becomes_of_them() -> None:
    standings = (Standing.SEND, Standing.HELD, Standing.REFUSED, Standing.WAITING, Standing.SEND)
    made = part(*(row(standing=one) for one in standings))
    assert (made.held, made.refused, made.waiting, made.sent) == (1, 1, 1, 2)


def test_a_listing_that_is_taken_down_is_no_move_and_goes_to_zero() -> None:
    made = part(row("up", "down", Field.STATE), row("down", "up", Field.STATE), field=Field.STATE)
    assert (made.to_zero, made.raises, made.lowerings, made.largest) == (1, 0, 0, [])


def test_the_move_of_a_price_is_a_share_and_that_of_a_quantity_is_units() -> None:
    assert row("10.00", "12.50", Field.PRICE).move == Decimal("0.25")
    assert row("10", "3").move == Decimal(-7)
    assert row("0.00", "3.00", Field.PRICE).move == 0
    assert row("", "3.00", Field.PRICE).move == 0
    assert row("a1", "b2", Field.CONTENT).move == 0


@given(st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999)), max_size=400), st.integers(0, 5))
def test_the_largest_and_the_first_rows_are_kept_however_many_come(
    moves: list[tuple[int, int]], shown: int
) -> None:
    rows = [row(str(a), str(b), sku=f"S{a:03}", listing=str(n)) for n, (a, b) in enumerate(moves)]
    made = part(*rows, shown=shown)
    wanted = sorted((abs(r.move) for r in rows if r.move), reverse=True)[:shown]
    assert [abs(r.move) for r in made.largest] == wanted
    assert made.first == sorted(rows, key=lambda r: (r.sku, r.listing, r.place))[:shown]
    assert made.changes == len(rows)


def test_what_a_guard_keeps_back_is_held_and_shown_so() -> None:
    zero = (Guard.GOING_TO_ZERO, Guard.QUANTITIES_CHANGING)
    made = part(row("5", "0", guards=zero), row("5", "0", guards=zero), row(guards=zero[1:]), row())
    assert (made.unsent(Guard.GOING_TO_ZERO), made.unsent(Guard.QUANTITIES_CHANGING)) == (2, 3)
    made.judge([verdict(Guard.GOING_TO_ZERO, 2), verdict(Guard.QUANTITIES_CHANGING, 3, None)])
    assert (made.held, made.sent) == (2, 2)
    assert [(one.standing, one.note) for one in made.first if one.after == "0"] == [
        (Standing.HELD, "guard going_to_zero")
    ] * 2


def test_as_many_as_were_approved_are_not_held() -> None:
    made = part(*(row(guards=(Guard.QUANTITIES_CHANGING,)) for _ in range(5)))
    made.judge([verdict(Guard.QUANTITIES_CHANGING, 5, 2)])
    assert made.held == 3


@pytest.mark.parametrize(
    ("one", "by"),
    [
        (row("5", "0"), (Guard.GOING_TO_ZERO, Guard.QUANTITIES_CHANGING)),
        (row("5", "4"), (Guard.QUANTITIES_CHANGING,)),
        (row(None, "4"), ()),
        (row("10", "14", Field.PRICE), (Guard.PRICE_MOVE, Guard.PRICES_CHANGING)),
        (row("10", "13", Field.PRICE), (Guard.PRICES_CHANGING,)),
        (row("10", "10", Field.PRICE), ()),
        (row("up", "down", Field.STATE), (Guard.GOING_DOWN,)),
        (row("down", "up", Field.STATE), ()),
        (row("a", "b", Field.CONTENT), ()),
    ],
)
def test_rows_that_rules_cause_are_counted_by_the_guards_of_their_field(
    one: PlanRow, by: tuple[Guard, ...]
) -> None:
    assert counting(one, base=Decimal(10), largest_move=Decimal("0.3")) == by
