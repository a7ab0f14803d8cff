"""What to write so that the shop sells what we want."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Rejected, Retry, SetQuantity
from connectors.storefronts.vendure import payloads
from connectors.storefronts.vendure.stocktaking import Moves, Stock, on_hand_to_write, stock_of
from sync.domain.listing import StockSeen

SETTINGS = payloads.Settings(True, 2, payloads.ServerConfig(2))


def variant(
    track: str = "TRUE", threshold: int = 5, inherits: bool = False, *levels: payloads.StockLevel
) -> payloads.StockVariant:
    held = list(levels) or [payloads.StockLevel("1", 10, 3)]
    return payloads.StockVariant("7", track, threshold, inherits, held)


@pytest.mark.parametrize(
    ("record", "available"),
    [
        (variant("TRUE", 5, False), 2),
        (variant("TRUE", 5, True), 5),
        (variant("TRUE", 0, False, payloads.StockLevel("2", 99, 0)), 0),
        (variant("TRUE", 0, False, payloads.StockLevel("2", 99, 0), payloads.StockLevel("1", 4, 6)), -2),
    ],
)
def test_available_is_on_hand_less_allocated_less_the_threshold_of_our_location(
    record: payloads.StockVariant, available: int
) -> None:
    assert stock_of(record, SETTINGS, "1").available == available


@pytest.mark.parametrize(
    ("track", "globally", "tracked"),
    [("TRUE", False, True), ("FALSE", True, False), ("INHERIT", True, True), ("INHERIT", False, False)],
)
def test_a_variant_may_inherit_whether_its_stock_is_tracked(
    track: str, globally: bool, tracked: bool
) -> None:
    settings = payloads.Settings(globally, 0, payloads.ServerConfig(2))
    assert stock_of(variant(track), settings, "1").tracked is tracked


NONE = Moves("now")
COUNTS = st.integers(0, 1000)


@given(
    quantity=COUNTS, on_hand=COUNTS, allocated=COUNTS, threshold=st.integers(0, 20), sold=st.integers(0, 50)
)
def test_units_sold_since_the_decision_come_off_what_is_for_sale(
    quantity: int, on_hand: int, allocated: int, threshold: int, sold: int
) -> None:
    decided_on = Stock(on_hand, allocated, threshold, tracked=True)
    now = Stock(on_hand, allocated + sold, threshold, tracked=True)
    written = on_hand_to_write(SetQuantity("7", quantity, seen=decided_on.seen(NONE)), now, NONE)
    assert isinstance(written, int)
    assert Stock(written, now.allocated, threshold, tracked=True).available == quantity - sold


@given(
    quantity=COUNTS,
    on_hand=st.integers(100, 1000),
    allocated=st.integers(100, 1000),
    sold=st.integers(0, 50),
    fulfilled=st.integers(0, 50),
    released=st.integers(0, 50),
)
def test_what_we_shipped_and_cancelled_ourselves_since_is_not_sold_again(
    quantity: int, on_hand: int, allocated: int, sold: int, fulfilled: int, released: int
) -> None:
    decided_on = Stock(on_hand, allocated, 0, tracked=True)
    now = Stock(on_hand - fulfilled, allocated + sold - fulfilled - released, 0, tracked=True)
    before, after = Moves("now", 3, 4), Moves("now", 3 + fulfilled, 4 + released)
    written = on_hand_to_write(SetQuantity("7", quantity, seen=decided_on.seen(before)), now, after)
    assert isinstance(written, int)
    assert Stock(written, now.allocated, 0, tracked=True).available == quantity - sold


@given(seen=COUNTS, cancelled=st.integers(1, 50))
def test_units_that_staff_released_since_are_not_put_up_for_sale(seen: int, cancelled: int) -> None:
    before = Stock(2000, seen + cancelled, 0, tracked=True)
    now = Stock(2000, seen, 0, tracked=True)
    written = on_hand_to_write(SetQuantity("7", 5, seen=before.seen(NONE)), now, NONE)
    assert written == 5 + now.allocated


def test_a_mark_of_another_process_says_nothing() -> None:
    assert Moves("now", 5, 5).since("then:1:1") == NONE
    assert Moves("now", 5, 5).since("") == NONE
    assert Moves("now", 5, 5).since("now:1:2") == Moves("now", 4, 3)


@given(quantity=COUNTS, on_hand=COUNTS, allocated=st.integers(-50, 1000))
def test_a_negative_stock_is_never_written(quantity: int, on_hand: int, allocated: int) -> None:
    written = on_hand_to_write(SetQuantity("7", quantity), Stock(on_hand, allocated, 0, tracked=True), NONE)
    assert isinstance(written, int)
    assert written >= 0


@pytest.mark.parametrize("committed", [None, 3])
def test_without_a_figure_of_committed_units_the_present_one_counts(committed: int | None) -> None:
    seen = StockSeen(7, committed) if committed is not None else StockSeen(99, None)
    assert on_hand_to_write(SetQuantity("7", 5, seen=seen), Stock(10, 3, 0, tracked=True), NONE) == 8


def test_a_shipment_by_staff_between_read_and_write_is_read_again() -> None:
    before, after = Stock(10, 3, 0, tracked=True), Stock(7, 0, 0, tracked=True)
    assert isinstance(on_hand_to_write(SetQuantity("7", 5, seen=before.seen(NONE)), after, NONE), Retry)


def test_quantities_that_the_shop_cannot_hold_are_rejected() -> None:
    stock = Stock(10, 3, 0, tracked=True)
    for quantity, words in ((-1, "0 or more"), (2**31, "more than the shop can hold")):
        outcome = on_hand_to_write(SetQuantity("7", quantity), stock, NONE)
        assert isinstance(outcome, Rejected)
        assert words in outcome.reason
