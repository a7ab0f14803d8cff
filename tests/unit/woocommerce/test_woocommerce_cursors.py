"""No order is skipped, whatever is placed or edited between two pages, in either generation's way to sort."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from connectors.contract import Refused
from connectors.storefronts.woocommerce.cursors import (
    AGAIN,
    Head,
    OrdersCursor,
    ProductsCursor,
    advance,
    in_window,
    naive,
    unread,
)

TURN = 100_000
"""Clocks go back at this moment: the hour before and the hour after it bear the same local times."""
HOUR = 3600
OVERLAP = 5


def ahead(moved: int) -> int:
    return -4 * HOUR if moved < TURN else -5 * HOUR


@dataclass
class PretendShop:
    """Answers as a shop does: exclusive at a second, 8.6 by local time, ties in any order."""

    by_local_time: bool
    ties: list[int]
    moved: dict[int, int] = field(default_factory=dict)
    edits: dict[int, int] = field(default_factory=dict)

    def touch(self, order: int, now: int) -> None:
        self.moved[order] = now
        self.edits[order] = self.edits.get(order, 0) + 1

    def row(self, order: int) -> Head:
        moved = self.moved[order]
        return Head(order, moved, ahead(moved), f"{order}.{self.edits[order]}")

    def by_date(self, begin: int, take: int) -> list[Head]:
        def rank(row: Head) -> tuple[int, int]:
            local = row.moved + row.ahead if self.by_local_time else row.moved
            return (local, self.ties[row.id % len(self.ties)])

        return sorted((row for row in self._all() if row.moved >= begin), key=rank)[:take]

    def window(self, begin: int, until: int, skip: int, take: int) -> list[Head]:
        rows = sorted((row for row in self._all() if begin <= row.moved < until), key=lambda row: row.id)
        return rows[skip : skip + take]

    def _all(self) -> Iterable[Head]:
        return [self.row(order) for order in self.moved]


def read_page(
    shop: PretendShop, cursor: OrdersCursor, now: int, take: int
) -> tuple[list[Head], OrdersCursor, bool]:
    """One page, as orders.py reads it."""
    if cursor.until is not None:
        back = min(2, take // 2, cursor.skip)
        while True:
            rows = shop.window(cursor.begin, cursor.until, cursor.skip - back, take)
            known = unread([row.id for row in rows], cursor.last) if rows else None
            if known is not None or back == cursor.skip:
                break
            back = min(back + take - 1, cursor.skip)
        news = rows[known or 0 :]
        last = max([cursor.last, *(row.id for row in rows)])
        skip = cursor.skip - back + len(rows)
        after = in_window(cursor.finds(news), news, skip=skip, last=last, ended=len(rows) < take)
        return [row for row in news if not cursor.knows(row)], after, False
    rows = shop.by_date(cursor.begin, take)
    full = len(rows) >= take
    place = cursor.finds(rows)
    after = advance(place, rows, full=full, horizon=now - OVERLAP)
    return [row for row in rows if not cursor.knows(row)], after, not full and not place.unsure


ACTS = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from([0, 0, 0, 1, 7, 600, 1500])), min_size=1, max_size=60
)
"""(an order that is placed or edited, seconds that pass before it)"""


@settings(max_examples=500, deadline=None)
@given(
    acts=ACTS,
    ties=st.lists(st.integers(0, 9), min_size=7, max_size=7),
    between=st.lists(st.integers(0, 3), min_size=1, max_size=20).filter(any),
    take=st.integers(2, 6),
    by_local_time=st.booleans(),
    start=st.integers(TURN - 2 * HOUR, TURN + 300),
)
@example(
    acts=[(0, 0), (3, 0), (0, 0), (0, 0), (2, 0), (0, 600), (0, 1500), (1, 0)],
    ties=[0] * 7,
    between=[1],
    take=2,
    by_local_time=True,
    start=97_900,
)
def test_every_state_that_lasts_is_given_out_whatever_happens_between_two_pages(
    acts: list[tuple[int, int]],
    ties: list[int],
    between: list[int],
    take: int,
    by_local_time: bool,
    start: int,
) -> None:
    shop = PretendShop(by_local_time, ties)
    now, told, cursor = start, dict[int, str](), OrdersCursor.parse(None, None)
    left = list(acts)
    for n in range(400):
        for _ in range(between[n % len(between)]):
            if left:
                order, passed = left.pop(0)
                now += passed
                shop.touch(order, now)
        bounded = cursor.again >= AGAIN
        rows, cursor, complete = read_page(shop, cursor, now, take)
        cursor = OrdersCursor.parse(cursor.text(), None)
        told |= {row.id: row.mark for row in rows}
        event(f"window {cursor.until is not None}")
        if complete and not left and not bounded:
            break
    else:
        pytest.fail("the feed does not come to an end")
    assert told == {order: shop.row(order).mark for order in shop.moved}


def test_a_shop_whose_records_look_new_each_time_comes_to_an_end_all_the_same() -> None:
    """A plugin may put the time of reading into each record; one second that fills a page wants a window each round."""
    shop = PretendShop(by_local_time=False, ties=[0])
    for order in range(9):
        shop.touch(order, TURN + 500)
    cursor, ends = OrdersCursor.parse(None, None), 0
    for n in range(200):
        shop.edits = dict.fromkeys(shop.edits, n)
        _, cursor, complete = read_page(shop, cursor, TURN + 501, 3)
        ends += complete
    assert ends >= 2


def test_two_edits_in_one_second_are_both_given_out() -> None:
    shop = PretendShop(False, [0])
    shop.touch(1, 50)
    first, cursor, _ = read_page(shop, OrdersCursor(), 50, 5)
    shop.touch(1, 50)
    second, cursor, _ = read_page(shop, cursor, 50, 5)
    third, _, _ = read_page(shop, cursor, 51, 5)
    assert [row.mark for row in (*first, *second, *third)] == ["1.1", "1.2"]


def test_nothing_new_leaves_the_cursor_as_it_is() -> None:
    shop = PretendShop(False, [0])
    shop.touch(1, 50)
    _, cursor, _ = read_page(shop, OrdersCursor(), 60, 5)
    news, again, complete = read_page(shop, cursor, 90, 5)
    assert (news, again, complete) == ([], cursor, True)


def test_one_second_that_fills_more_than_a_page_is_read_by_id() -> None:
    shop = PretendShop(False, [3, 1, 2])
    for order in range(1, 10):
        shop.touch(order, 50)
    cursor, found = OrdersCursor(), list[int]()
    for _ in range(20):
        rows, cursor, complete = read_page(shop, cursor, 60, 3)
        found += [row.id for row in rows]
        if complete:
            break
    assert sorted(found) == list(range(1, 10))


def test_in_the_hour_when_clocks_go_back_the_old_shop_s_order_skips_nobody() -> None:
    """Recorded of 8.6.1: 06:00, 05:30, 06:30, 05:59, 07:00 GMT, in this order."""
    shop = PretendShop(True, [0])
    for order, moved in enumerate([TURN - 1800, TURN - 1, TURN, TURN + 1800, TURN + 3600], 1):
        shop.touch(order, moved)
    assert [row.id for row in shop.by_date(0, 5)] == [3, 1, 4, 2, 5]
    cursor, found = OrdersCursor(), list[int]()
    for _ in range(20):
        rows, cursor, complete = read_page(shop, cursor, TURN + 2 * HOUR, 2)
        found += [row.id for row in rows]
        if complete:
            break
    assert sorted(found) == [1, 2, 3, 4, 5]


def test_a_first_page_in_that_hour_hides_no_order_of_before_it() -> None:
    """Both rows of the page are of after the turn; one of before it has a later local time."""
    shop = PretendShop(True, [0])
    for order, moved in enumerate([TURN, TURN + 600, TURN - 900], 1):
        shop.touch(order, moved)
    assert [row.id for row in shop.by_date(0, 2)] == [1, 2]
    cursor, found = OrdersCursor(), set[int]()
    for _ in range(20):
        rows, cursor, complete = read_page(shop, cursor, TURN + 2 * HOUR, 2)
        found |= {row.id for row in rows}
        if complete:
            break
    assert found == {1, 2, 3}


def test_the_safe_form_of_a_moment_has_no_zone() -> None:
    assert naive(1_793_512_799) == "2026-11-01T05:59:59"


def test_a_cursor_of_another_connector_is_refused() -> None:
    with pytest.raises(Refused, match="read the feed from its begin"):
        OrdersCursor.parse('{"name":"x"}', None)


def test_after_a_sweep_of_products_comes_a_round_of_what_changed() -> None:
    swept = ProductsCursor.parse(ProductsCursor(begun=70, skip=9, last=9).text())
    assert swept.ended() == ProductsCursor(begun=70, since=70)


@pytest.mark.parametrize(
    ("rows", "last", "known"),
    [([1, 2], 0, 0), ([3, 4, 5], 4, 2), ([5, 6], 4, None), ([3, None, 5], 3, 1), ([None], 3, None)],
)
def test_a_page_that_begins_behind_the_last_row_is_noticed(
    rows: list[int | None], last: int, known: int | None
) -> None:
    assert unread(rows, last) == known
