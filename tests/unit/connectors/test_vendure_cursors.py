"""No order and no variant is skipped, whatever happens between two pages."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from connectors.contract import Refused
from connectors.storefronts.vendure.cursors import (
    NAMED_IDS,
    OrdersCursor,
    ProductsCursor,
    advance,
    iso,
    millis,
    unread,
)

OVERLAP = 50

Placing = tuple[int, int]
"""(placed, shows): an order's date, and the later moment at which its transaction commits."""
PLACINGS = st.lists(
    st.tuples(st.integers(1, 300), st.integers(0, OVERLAP - 1)).map(lambda pair: (pair[0], sum(pair))),
    max_size=40,
)


class PretendShop:
    """Answers as the shop does: placed after, not among, oldest first, ties in any order."""

    def __init__(self, placings: list[Placing], shuffled: list[int]) -> None:
        self._orders = [(str(n), placed, shows) for n, (placed, shows) in enumerate(placings)]
        self._ties = {str(n): key for n, key in enumerate(shuffled)}

    def page(self, cursor: OrdersCursor, now: int, take: int) -> list[tuple[str, int]]:
        visible = [
            (order, placed)
            for order, placed, shows in self._orders
            if shows <= now and placed > cursor.after and order not in cursor.named
        ]
        return sorted(visible, key=lambda row: (row[1], self._ties.get(row[0], 0)))[:take]


@settings(max_examples=400)
@given(
    placings=PLACINGS,
    ties=st.lists(st.integers(0, 9), min_size=40, max_size=40),
    polls=st.lists(st.integers(1, 60), min_size=1, max_size=12),
    take=st.integers(1, 7),
)
def test_every_order_is_given_out_once_whatever_was_inserted_between_pages(
    placings: list[Placing], ties: list[int], polls: list[int], take: int
) -> None:
    shop = PretendShop(placings, ties)
    cursor = OrdersCursor.parse(None, None)
    given_out: Counter[str] = Counter()
    now = 0
    for step in [*polls, 1000, OVERLAP]:
        now += step
        for _ in range(100):
            rows = shop.page(cursor, now, take)
            given_out.update(order for order, _ in rows)
            full = len(rows) == take
            cursor = advance(cursor, rows, full=full, horizon=now - OVERLAP)
            cursor = OrdersCursor.parse(cursor.text(), None)
            if not full:
                break
    dates = Counter(placed for placed, _ in placings)
    event(f"several orders in one millisecond: {any(n > 1 for n in dates.values())}")
    event(f"a page of ties only: {any(n > take for n in dates.values())}")
    event(f"late commits: {any(shows > placed for placed, shows in placings)}")
    assert given_out == Counter({str(n): 1 for n in range(len(placings))})


def test_a_quiet_shop_s_cursor_stays_as_it_is() -> None:
    cursor = OrdersCursor(after=100, seen={"1": 100})
    assert advance(cursor, [], full=False, horizon=10_000) == cursor


def test_the_cursor_never_passes_the_vendor_s_clock_less_the_overlap() -> None:
    after = advance(OrdersCursor(), [("1", 100), ("2", 200)], full=False, horizon=150)
    assert (after.after, after.seen) == (100, {"1": 100, "2": 200})


def test_ids_are_forgotten_once_the_overlap_has_passed() -> None:
    after = advance(OrdersCursor(0, {"1": 100, "2": 200}), [], full=False, horizon=500)
    assert (after.after, after.seen) == (200, {"2": 200})


def test_a_request_names_no_more_ids_than_the_shop_takes() -> None:
    cursor = OrdersCursor(0, {str(n): n for n in range(NAMED_IDS + 500)})
    assert cursor.named == [str(n) for n in range(NAMED_IDS)]


def test_reading_begins_with_the_moment_itself() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert OrdersCursor.parse(None, start).after == millis(start) - 1


def test_a_date_goes_out_with_its_milliseconds() -> None:
    assert iso(millis(datetime(2026, 11, 25, 9, 40, 1, 990_500, tzinfo=UTC))) == "2026-11-25T09:40:01.990Z"


@pytest.mark.parametrize("text", ["", "7", "{}", '{"after":"x"}'])
def test_a_foreign_cursor_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="stored cursor"):
        OrdersCursor.parse(text, None)


def test_a_sweep_goes_over_into_rounds_of_changes_of_variants_and_products() -> None:
    sweep = ProductsCursor(begun=7, skip=30, last="30")
    variants = sweep.ended()
    assert variants == ProductsCursor(begun=7, since=7)
    products = variants.on(5, "9").ended()
    assert (products.stage, products.skip, products.last) == ("products", 0, "")
    assert products.ended() == ProductsCursor(begun=7, since=7)
    assert ProductsCursor.parse(products.text()) == products


@given(
    rows=st.integers(0, 60),
    take=st.integers(2, 9),
    deletions=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 59)), max_size=20),
)
def test_rows_that_move_forward_are_noticed(rows: int, take: int, deletions: list[tuple[int, int]]) -> None:
    """Deleting rows that were given out moves the others forward; none of those is missed."""
    table = list(range(1, rows + 1))
    gone: set[int] = set()
    seen: list[int] = []
    skip, last, step = 0, "", 0
    while True:
        for when, victim in deletions:
            if when == step and victim in table:
                table.remove(victim)
                gone.add(victim)
        step += 1
        back = min(1, skip)
        while True:
            page = [str(row) for row in table[skip - back : skip - back + take]]
            known = unread(page, last) if page else None
            if known is not None or back == skip:
                break
            back = min(back + take - 1, skip)
        seen += [int(row) for row in page[known or 0 :]]
        skip, last = skip - back + len(page), (page[-1] if page else last)
        if len(page) < take:
            break
    assert set(range(1, rows + 1)) - gone <= set(seen)
    assert len(seen) == len(set(seen))
