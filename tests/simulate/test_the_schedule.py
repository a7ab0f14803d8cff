"""The schedule of simulated days: the seed's alone, and nothing that it must hold is missing."""

from collections import Counter
from datetime import timedelta

import pytest

from tests.simulate.schedule import DAY, FAULTS, LASTING, SYSTEMS, Kind, schedule

SEEDS = range(1, 21)


def test_a_seed_gives_the_same_days_again_and_another_seed_others() -> None:
    assert schedule(7, 1) == schedule(7, 1)
    assert schedule(7, 1) != schedule(7, 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_events_stand_in_their_order_and_what_lasts_ends_within_the_days(seed: int) -> None:
    events = schedule(7, seed)
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert all(timedelta(0) <= event.at <= 7 * DAY for event in events)
    begun = [event.number for event in events if event.kind in LASTING and not event.over]
    assert sorted(begun) == sorted(event.number for event in events if event.over)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_week_holds_an_outage_of_each_system_every_fault_and_every_kind_of_event(seed: int) -> None:
    begun = [event for event in schedule(7, seed) if not event.over]
    assert {event.kind for event in begun} == set(Kind)
    assert {event.system for event in begun if event.kind is Kind.OUTAGE} == set(SYSTEMS)
    assert {event.what for event in begun if event.kind is Kind.FAULT} == {str(fault) for fault in FAULTS}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_single_day_holds_every_fault_a_restart_a_kill_and_a_mistake_in_the_files(seed: int) -> None:
    kinds = Counter(event.kind for event in schedule(1, seed) if not event.over)
    assert kinds[Kind.FAULT] == len(FAULTS)
    assert kinds[Kind.TERM] == kinds[Kind.KILL] == kinds[Kind.BROKEN] == 1
    assert kinds[Kind.OUTAGE] >= 1


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_restored_was_backed_up_before_and_each_happens_once_a_week(seed: int) -> None:
    events = [event for event in schedule(14, seed) if event.kind in (Kind.BACKUP, Kind.RESTORE)]
    assert [event.kind for event in events] == [Kind.BACKUP, Kind.RESTORE] * 2
