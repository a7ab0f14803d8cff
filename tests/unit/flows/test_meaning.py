"""What a warehouse's status means: the connector's view, the admin's word over it, and what no word may do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import StatusVerdict
from sync.domain.lifecycle import WorkState
from sync.domain.shipments import FulfilmentState, RemoteFulfilment, RemoteFulfilmentLine, RemoteParcel
from sync.flows.fulfilling.meaning import Doubt, meaning

F, W = FulfilmentState, WorkState
PARCELS = (RemoteParcel("p1", "1", (("MUG", 2),)),)
ASK = StatusVerdict(None)
WORDS = st.none() | st.builds(StatusVerdict, st.none() | st.sampled_from(F))


def reading(state: F | None, *, shipped: int = 0) -> RemoteFulfilment:
    """Two mugs, as a warehouse tells of them."""
    lines = (RemoteFulfilmentLine("MUG", 2, assigned=2, shipped=shipped),)
    return RemoteFulfilment("7", "main/1/1", state, lines, PARCELS, status="X")


def gone(remote: RemoteFulfilment, stored: WorkState, word: StatusVerdict | None) -> int | None:
    """Units that are taken to have left."""
    told = meaning(stored, remote, word)
    return None if told is None else sum(line.shipped for line in told.lines)


@pytest.mark.parametrize("state", F)
def test_without_a_word_the_connector_s_reading_is_taken_whole(state: F) -> None:
    remote = reading(state, shipped=2 if state is F.SHIPPED else 0)
    told = meaning(W.ASSIGNED, remote, None)
    assert told is not None
    assert (told.state, told.lines, told.parcels, told.doubt) == (state, remote.lines, PARCELS, None)
    assert not told.overridden


@pytest.mark.parametrize("state", F)
def test_a_word_rescues_what_the_connector_does_not_know(state: F) -> None:
    told = meaning(W.PICKED, reading(None), StatusVerdict(state))
    assert told is not None
    assert (told.state, told.doubt, told.overridden) == (state, None, True)


@pytest.mark.parametrize(
    ("remote", "word", "doubt"),
    [
        (reading(None), None, Doubt.UNKNOWN),
        (reading(None), ASK, Doubt.WANTED),
        (reading(F.PACKED), ASK, Doubt.WANTED),
        (reading(F.SHIPPED, shipped=2), StatusVerdict(F.CANCELLED), Doubt.LEFT),
    ],
)
def test_what_a_person_must_say_leaves_the_state_and_counts_nothing_as_gone(
    remote: RemoteFulfilment, word: StatusVerdict | None, doubt: Doubt
) -> None:
    told = meaning(W.PICKED, remote, word)
    assert told is not None
    assert (told.state, told.doubt, told.parcels) == (F.PICKED, doubt, ())
    assert [(line.assigned, line.shipped) for line in told.lines] == [(2, 0)]


def test_what_was_only_planned_and_is_asked_about_is_at_the_warehouse_all_the_same() -> None:
    told = meaning(W.PLANNED, reading(None), None)
    assert told is not None
    assert (told.state, told.doubt) == (F.WAITING, Doubt.UNKNOWN)


def test_where_a_word_says_shipped_everything_that_is_shown_left() -> None:
    assert gone(reading(F.PACKED), W.PACKED, StatusVerdict(F.SHIPPED)) == 2


def test_where_the_warehouse_tells_how_much_left_a_word_makes_no_more_of_it() -> None:
    assert gone(reading(F.PACKED, shipped=1), W.PACKED, StatusVerdict(F.SHIPPED)) == 1


def test_where_a_word_says_that_it_is_still_there_nothing_left() -> None:
    assert gone(reading(F.SHIPPED, shipped=2), W.PACKED, StatusVerdict(F.PACKED)) == 0


@pytest.mark.parametrize(("word", "shown"), [(F.PICKED, ()), (F.PACKED, PARCELS), (F.SHIPPED, PARCELS)])
def test_parcels_are_there_from_packed_on(word: F, shown: tuple[RemoteParcel, ...]) -> None:
    told = meaning(W.ASSIGNED, reading(None), StatusVerdict(word))
    assert told is not None
    assert told.parcels == shown


@given(st.none() | st.sampled_from(F), WORDS)
def test_no_reading_opens_what_has_shipped_and_no_word_cancels_it(
    state: F | None, word: StatusVerdict | None
) -> None:
    told = meaning(W.SHIPPED, reading(state), word)
    if told is not None:
        assert told.state is F.SHIPPED or (told.state is F.CANCELLED and not told.overridden)
        assert told.doubt is None


@given(st.none() | st.sampled_from(F), WORDS, st.sampled_from([W.CANCELLED, W.REFUSED, W.WITHDRAWN]))
def test_no_word_opens_what_has_ended(state: F | None, word: StatusVerdict | None, stored: WorkState) -> None:
    told = meaning(stored, reading(state), word)
    if told is not None:
        assert told.doubt is None
        assert told.state.ended or (told.state is state and not told.overridden)


@given(st.none() | st.sampled_from(F), WORDS, st.sampled_from([one for one in W if one.open]))
def test_an_open_one_is_cancelled_only_where_the_connector_does_not_say_that_it_left(
    state: F | None, word: StatusVerdict | None, stored: WorkState
) -> None:
    told = meaning(stored, reading(state), word)
    assert told is not None
    if state is F.SHIPPED:
        assert told.state is not F.CANCELLED
    if word is not None and word.state is not None and told.doubt is None:
        assert told.state is word.state
