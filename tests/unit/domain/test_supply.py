"""Suppliers: how far their stock is believed, and what their reports make of an order."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sync.domain.ids import Sku
from sync.domain.lifecycle import WorkState
from sync.domain.routing import Otherwise, Source, elsewhere, route
from sync.domain.stock import Figure, Promise
from sync.domain.supply import Report, Standing, SupplierFigure, Trust, judge, settle, work_state

NOW = datetime(2026, 6, 1, tzinfo=UTC)
A, B = ("l1", "A"), ("l2", "B")
WAREHOUSE = Source("wh", "DE", {"A": 5, "B": 0}, frozenset({"A", "B"}))
SUPPLIER = Source("acme", None, {"A": 9, "B": 9}, frozenset({"A", "B"}), supplier=True)


def figure(
    said: int | None, reserved: int = 0, *, age: int = 1, refused: bool = False, trust: Trust | None = None
) -> SupplierFigure:
    begun = NOW - timedelta(hours=age)
    trust = trust or Trust()
    return judge("acme", said, reserved, trust=trust, list_begun=begun, refused=refused, now=NOW)


def test_half_of_it_less_two_units_counts() -> None:
    assert figure(9, trust=Trust(Decimal("0.5"), 2)).counted == 2


def test_what_is_unknown_old_or_refused_counts_nothing_and_says_why() -> None:
    standings = [figure(None), figure(9, age=25), figure(9, refused=True), figure(9)]
    assert [one.standing for one in standings] == [
        Standing.UNKNOWN,
        Standing.STALE,
        Standing.REFUSED,
        Standing.COUNTED,
    ]
    assert [one.free for one in standings] == [0, 0, 0, 9]


def test_a_supplier_that_fails_uses_up_nothing_of_the_warehouses() -> None:
    promise = Promise(Sku("A"), (Figure("wh", 10, 1),), suppliers=(figure(9, 4, age=25),))
    assert promise.value == 9


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 100), st.integers(0, 5))
def test_never_more_is_promised_than_is_there_and_not_held(
    here: int, there: int, held: int, percent: int, less: int
) -> None:
    trust = Trust(Decimal(percent) / 100, less)
    promise = Promise(Sku("A"), (Figure("wh", here, 0),), suppliers=(figure(there, held, trust=trust),))
    assert promise.value <= here + max(0, there - held)


def test_a_split_gives_the_supplier_only_what_no_warehouse_can_send() -> None:
    routed = route({A: 1, B: 1}, [SUPPLIER, WAREHOUSE], country="DE", otherwise=Otherwise.SPLIT)
    assert routed is not None
    assert routed.by == {A: "wh", B: "acme"}


def test_where_nothing_may_be_split_a_supplier_with_everything_sends_it_all() -> None:
    routed = route({A: 1, B: 1}, [WAREHOUSE, SUPPLIER], country="DE", otherwise=Otherwise.HOLD)
    assert routed is not None
    assert routed.by == {A: "acme", B: "acme"}


def test_what_was_refused_goes_only_to_who_has_all_of_it_now() -> None:
    routed = elsewhere({A: 5, B: 1}, [WAREHOUSE], country="DE")
    assert (routed.by, routed.unrouted) == ({A: "wh"}, (B,))


def test_reports_count_in_whatever_order_they_come() -> None:
    reports = [
        Report("1", (("X", 2),), despatched=False),
        Report("2", (("X", 1),), despatched=False, refused=True, reason="sold out"),
        Report("3", (("X", 1),), despatched=True, tracking="T"),
    ]
    assert settle({"X": 3}, reports) == settle({"X": 3}, reports)
    assert settle({"X": 3}, reports).codes == settle({"X": 3}, reports[::-1]).codes
    one = settle({"X": 3}, reports).codes["X"]
    assert (one.accepted, one.refused, one.despatched) == (2, 1, 1)


def test_what_left_was_not_refused_and_what_was_not_ordered_is_told() -> None:
    said = settle(
        {"X": 1}, [Report("1", (("X", 1),), False, refused=True), Report("2", (("X", 1), ("Y", 2)), True)]
    )
    assert (said.codes["X"].refused, said.codes["X"].despatched, said.extra) == (0, 1, {"Y": 2})


def test_an_order_is_as_far_as_its_pieces_are() -> None:
    assert work_state(3, 0, 0, stopping=False) == WorkState.WAITING
    assert work_state(3, 1, 0, stopping=False) == WorkState.PART_ASSIGNED
    assert work_state(3, 3, 1, stopping=False) == WorkState.ASSIGNED
    assert work_state(3, 3, 3, stopping=False) == WorkState.SHIPPED
    assert work_state(0, 0, 0, stopping=False) == WorkState.REFUSED
    assert work_state(0, 0, 0, stopping=True) == WorkState.CANCELLED
