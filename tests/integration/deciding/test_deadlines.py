"""What is not decided in time is decided by its rule, or told and left waiting."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sync.domain.waiting import Topic, Via, Word
from sync.engine.deciding.deadlines import Deadlines
from sync.flows.flow import FlowName
from sync.store import audit, hold_links, holds, issues
from tests.integration.deciding.bench import LARGE, Bench

IN_TIME = replace(LARGE, within=timedelta(hours=2))


async def _look(bench: Bench) -> list[str]:
    """One look; the issues of what is overdue."""
    await Deadlines(bench.store, bench._hint).look()
    async with bench.store.read() as tx:
        return [one.key for one in await issues.list_open(tx, kind="hold.overdue")]


@pytest.mark.parametrize(("word", "open_after"), [(Word.APPROVED, False), (Word.REJECTED, True)])
async def test_a_rule_decides_when_nobody_did(bench: Bench, word: Word, open_after: bool) -> None:
    id = await bench.held_order(replace(IN_TIME, at_deadline=word))
    bench.clock.move(timedelta(hours=2) - timedelta(seconds=1))
    await _look(bench)
    assert (await bench.hold(id)).waits
    bench.clock.move(timedelta(seconds=1))
    assert await _look(bench) == []
    hold = await bench.hold(id)
    assert (hold.open, hold.word, hold.decided_by, hold.decided_via) == (
        open_after,
        word,
        "entrepot",
        Via.DEADLINE,
    )
    assert bench.woken == [(bench.shop, FlowName.REVIEW)]
    async with bench.store.read() as tx:
        (line,) = [one for one in await audit.latest(tx) if one.what == f"hold {word.value}"]
    assert line.who == "entrepot" and "nobody decided in time" in line.data
    await _look(bench)
    assert len(bench.woken) == 1, "once"


async def test_without_such_a_rule_it_is_told_and_goes_on_waiting(bench: Bench) -> None:
    id = await bench.held_order(IN_TIME)
    bench.clock.move(timedelta(hours=3))
    assert await _look(bench) == [f"hold.overdue:{id}"]
    assert await _look(bench) == [f"hold.overdue:{id}"]
    assert (await bench.hold(id)).waits
    async with bench.store.write() as tx:
        assert await holds.decide(tx, id, Word.APPROVED, who="ann", via=Via.TERMINAL)
    assert await _look(bench) == []


async def test_what_is_over_by_itself_is_no_longer_overdue(bench: Bench) -> None:
    id = await bench.question(IN_TIME)
    bench.clock.move(timedelta(hours=3))
    await _look(bench)
    async with bench.store.write() as tx:
        await holds.close(tx, id, holds.CAUSE_GONE)
    assert await _look(bench) == []


async def test_who_decided_in_time_is_not_overruled(bench: Bench) -> None:
    id = await bench.held_order(replace(IN_TIME, at_deadline=Word.APPROVED))
    await bench.decide(await bench.link(id), "rejected")
    bench.clock.move(timedelta(hours=3))
    await _look(bench)
    assert (await bench.hold(id)).word is Word.REJECTED


async def test_one_that_cannot_be_decided_stops_no_other(bench: Bench) -> None:
    """The guard's own finding is gone, and what waits behind it is decided all the same."""
    first = await bench.question(replace(IN_TIME, at_deadline=Word.APPROVED), "gone")
    async with bench.store.write() as tx:
        await tx.exec(
            "UPDATE hold SET topic = ?, rule = ? WHERE id = ?", (Topic.GUARD.value, "figures", first)
        )
    second = await bench.held_order(replace(IN_TIME, at_deadline=Word.APPROVED))
    bench.clock.move(timedelta(hours=3))
    await _look(bench)
    assert (await bench.hold(first)).waits
    assert not (await bench.hold(second)).open


async def test_questions_that_are_wanted_no_longer_are_closed_and_their_links_with_them(bench: Bench) -> None:
    id = await bench.question()
    path = await bench.link(id)
    async with bench.store.write() as tx:
        await holds.keep(tx, (await bench.hold(id)).about, [replace(LARGE, rule="another")])
        assert [one.rule for one in await holds.queue(tx, topic=Topic.PURCHASE)] == ["another"]
        assert len(await hold_links.of(tx, id)) == 1
        open_issues = [one.key for one in await issues.list_open(tx, kind="hold.waiting")]
    assert len(open_issues) == 1 and id not in open_issues[0]
    assert (await bench.client.get(path)).status_code == 410
