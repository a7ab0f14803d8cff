"""The bench's shop refuses by three windows; what it refuses changes nothing."""

import pytest

from bench.push import floor
from bench.shop import Books, Window, gate


def let_in(window: Window, *moments: float) -> list[bool]:
    opened = gate(window)
    return [opened(moment) for moment in moments]


def test_a_fixed_window_takes_ten_in_a_second_of_the_clock_and_ten_in_the_next() -> None:
    assert let_in(Window.FIXED, *[10.95] * 10, 10.99, *[11.0] * 10, 11.5) == [True] * 10 + [False] + [
        True
    ] * 10 + [False]


def test_a_sliding_window_takes_ten_in_any_second() -> None:
    assert let_in(Window.SLIDING, *[10.95] * 10, 11.0, 11.949, 11.96) == [True] * 10 + [False, False, True]


def test_a_leaky_bucket_takes_ten_and_then_one_each_tenth_of_a_second() -> None:
    assert let_in(Window.LEAKY, *[10.0] * 10, 10.05, 10.15, 10.16) == [True] * 10 + [False, True, False]


@pytest.mark.parametrize("window", Window)
def test_a_hundred_calls_cannot_be_taken_in_less_than_nine_seconds(window: Window) -> None:
    assert floor(window, 100) == 9.0


def test_a_refused_write_changes_nothing_and_is_counted() -> None:
    books = Books()
    books.let_in = lambda now: False
    assert books.write({"1": 5}) is None
    assert (books.stock, books.writes, books.refused) == ({}, 0, 1)
    assert books.read(["1"]) == {"1": 100}
