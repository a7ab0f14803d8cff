"""Row ids sort by making, whatever the clock does."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from sync.store.row_ids import RowIds

NOON = 1_772_366_400_000_000


def test_ids_of_one_frozen_instant_sort_in_the_order_of_their_making() -> None:
    """More of them than one millisecond's counter holds."""
    source = RowIds()
    made = [source.make(NOON) for _ in range(10_000)]
    assert made == sorted(set(made))


@given(moves=st.lists(st.integers(-10_000_000, 10_000_000), min_size=1, max_size=50))
def test_a_clock_that_jumps_does_not_disturb_the_order(moves: list[int]) -> None:
    source, at, made = RowIds(), NOON, []
    for move in moves:
        at += move
        made.append(source.make(at))
    assert made == sorted(set(made))


def test_an_id_is_a_uuid_of_version_7_that_begins_with_its_millisecond() -> None:
    id = uuid.UUID(RowIds().make(NOON))
    assert (id.version, id.variant, id.int >> 80) == (7, uuid.RFC_4122, NOON // 1000)
