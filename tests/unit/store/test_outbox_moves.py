"""The table of moves of a creating write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.domain.outbox import MOVES, IllegalMove, OutboxState, check_move, sources

STATES = st.sampled_from(OutboxState)


def test_the_table_names_every_state() -> None:
    assert set(MOVES) == set(OutboxState)


def test_what_may_have_happened_is_never_withdrawn_without_a_person() -> None:
    assert OutboxState.WITHDRAWN not in MOVES[OutboxState.UNKNOWN] | MOVES[OutboxState.SENDING]


def test_done_and_withdrawn_are_for_good() -> None:
    assert not MOVES[OutboxState.DONE] | MOVES[OutboxState.WITHDRAWN]


@given(before=STATES, after=STATES)
def test_a_move_is_allowed_exactly_where_the_table_has_it(before: OutboxState, after: OutboxState) -> None:
    assert (before in sources(after)) == (after in MOVES[before])
    if after in MOVES[before]:
        check_move(before, after)
    else:
        with pytest.raises(IllegalMove, match=f"that is {before} cannot become {after}"):
            check_move(before, after)


@given(walk=st.lists(STATES, min_size=1, max_size=12))
def test_no_walk_reaches_done_without_having_been_sent_or_judged_by_a_person(
    walk: list[OutboxState],
) -> None:
    state, seen = OutboxState.QUEUED, {OutboxState.QUEUED}
    for wanted in walk:
        if wanted in MOVES[state]:
            state = wanted
            seen.add(state)
    if state in (OutboxState.DONE, OutboxState.REJECTED):
        assert seen & {OutboxState.SENDING, OutboxState.HELD}
    if OutboxState.UNKNOWN in seen:
        assert seen & {OutboxState.SENDING, OutboxState.HELD}
