"""Which messages are due: each event once by each way, nothing of history, nothing late."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.domain.messages import (
    FACTS,
    LATE,
    MOVES,
    SAMPLE,
    Event,
    Fact,
    MessageState,
    Occurred,
    Planned,
    Wanted,
    plan,
)

NOW = datetime(2026, 6, 11, 12, tzinfo=UTC)
LIVE = NOW - timedelta(days=30)
DAYS = timedelta(days=3)


def wanted(name: str = "sent", event: Event = Event.SHIPPED, ways: tuple[str, ...] = ("mail",)) -> Wanted:
    return Wanted(name, event, ways, since=LIVE)


def due(*occurred: Occurred, rules: tuple[Wanted, ...] = (wanted(),), **given: object) -> tuple[Planned, ...]:
    told = given.get("told", ())
    obstacles = given.get("obstacles", {})
    live = given.get("live_from", LIVE)
    return plan(occurred, rules, told, obstacles, live_from=live, now=NOW, late_after=DAYS)  # type: ignore[arg-type]


def sent(hours: float = 1, subject: str = "parcel") -> Occurred:
    return Occurred(Event.SHIPPED, subject, NOW - timedelta(hours=hours))


def test_what_happened_is_planned_and_what_was_told_is_not() -> None:
    assert [(one.way, one.state) for one in due(sent())] == [("mail", MessageState.PLANNED)]
    assert due(sent(), told={("shipped:parcel", "mail")}) == ()
    assert len(due(sent(), told={("shipped:other", "mail"), ("delivered:parcel", "mail")})) == 1


def test_the_first_way_that_leads_to_the_customer_is_taken() -> None:
    rules = (wanted(ways=("channel", "mail", "apprise:sms")),)
    obstacles = {"channel": "the shop cannot"}
    assert [one.way for one in due(sent(), rules=rules, obstacles=obstacles)] == ["mail"]
    every = {"channel": "it cannot", "mail": "no address", "apprise:sms": "no number"}
    (noted,) = due(sent(), rules=rules, obstacles=every)
    assert noted.state is MessageState.PASSED
    assert noted.reason == "channel: it cannot; mail: no address; apprise:sms: no number"


def test_a_way_that_was_taken_keeps_the_others_of_the_message_from_being_taken_too() -> None:
    rules = (wanted(ways=("channel", "mail")),)
    assert due(sent(), rules=rules, told={("shipped:parcel", "mail")}) == ()


def test_two_messages_tell_one_event_by_two_ways() -> None:
    rules = (wanted("a"), wanted("b", ways=("channel",)))
    assert [(one.name, one.way) for one in due(sent(), rules=rules)] == [("a", "mail"), ("b", "channel")]


def test_history_is_not_told() -> None:
    assert due(sent(hours=2), live_from=NOW - timedelta(hours=1)) == ()


def test_a_new_message_tells_nothing_that_happened_before_it_was_in_force() -> None:
    fresh = Wanted("sent", Event.SHIPPED, ("mail",), since=NOW - timedelta(minutes=5))
    assert due(sent(hours=1), rules=(fresh,)) == ()
    assert len(due(sent(hours=0), rules=(fresh,))) == 1


def test_what_is_known_too_late_is_noted_and_not_told() -> None:
    assert due(sent(hours=72))[0].state is MessageState.PLANNED
    (noted,) = due(sent(hours=72.1))
    assert (noted.state, noted.reason) == (MessageState.PASSED, LATE)


EVENTS = st.sampled_from([Event.SHIPPED, Event.DELIVERED])
OCCURRED = st.lists(
    st.builds(
        Occurred,
        EVENTS,
        st.sampled_from(["a", "b"]),
        st.integers(0, 100).map(lambda hours: NOW - timedelta(hours=hours)),
    ),
    max_size=6,
)
RULES = st.lists(
    st.builds(
        wanted,
        st.sampled_from(["x", "y"]),
        EVENTS,
        st.permutations(["mail", "channel"]).flatmap(
            lambda ways: st.sampled_from([tuple(ways), tuple(ways[:1])])
        ),
    ),
    max_size=3,
).map(tuple)


@given(OCCURRED, RULES, st.sets(st.sampled_from(["mail", "channel"])))
@settings(deadline=None)
def test_planned_twice_nothing_is_told_twice(
    occurred: list[Occurred], rules: tuple[Wanted, ...], blocked: set[str]
) -> None:
    obstacles = dict.fromkeys(blocked, "no")
    first = due(*occurred, rules=rules, obstacles=obstacles)
    keys = [(one.occurred.key, one.way) for one in first]
    assert len(keys) == len(set(keys))
    for shut in ({}, obstacles, dict.fromkeys(["mail", "channel"], "no")):
        again = due(*occurred, rules=rules, told=set(keys), obstacles=shut)
        assert not {(one.occurred.key, one.way) for one in again} & set(keys)
    rest = due(*occurred, rules=rules, told=set(keys), obstacles=obstacles)
    assert rest == ()


def test_every_event_knows_what_it_may_name_and_has_a_sample_of_it() -> None:
    assert set(FACTS) == set(Event)
    assert set(SAMPLE) == set(Fact)
    for known in FACTS.values():
        assert Fact.ORDER in known.always
        assert not known.always & known.sometimes


def test_what_has_ended_stays_so_but_for_a_refusal_that_a_person_sends_again() -> None:
    assert set(MOVES) == set(MessageState)
    assert [state for state in MessageState if state.ended and MOVES[state]] == [MessageState.REFUSED]
