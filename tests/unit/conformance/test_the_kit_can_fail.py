"""Each broken connector fails the check that is for it, and no other; the honest one fails none."""

import asyncio

import pytest
from broken import CASES, BrokenBench, Case
from corner_bench import CornerBench
from entrepot_cornershop import MANIFEST
from requesting import REQUESTING, Requesting

from connectors.conformance import Bench, Check, Unkept, checks_for, every_check
from connectors.contract import ConnectorError


async def failing(check: Check, bench: Bench) -> str | None:
    """The check's name, if it fails."""
    try:
        await check(bench)
    except (Unkept, ConnectorError):
        return check.name
    return None


@pytest.mark.parametrize("name", CASES)
async def test_a_broken_connector_fails_exactly_its_own_check(name: str) -> None:
    case = CASES[name]
    quiet = [each for each in checks_for(case.manifest) if "secret_is_shown" not in each.name]
    found = set(await asyncio.gather(*(failing(each, BrokenBench(case)) for each in quiet)))
    for each in checks_for(case.manifest):
        if each not in quiet:  # they listen to the log of the whole process
            found.add(await failing(each, BrokenBench(case)))
    assert found - {None} == {case.check}


async def test_an_honest_shop_with_requests_fails_none() -> None:
    bench = BrokenBench(Case("", Requesting, REQUESTING))
    found = [await failing(each, bench) for each in checks_for(REQUESTING) if "re" in each.name]
    assert set(found) == {None}


def test_every_check_has_a_connector_that_fails_it() -> None:
    assert {case.check for case in CASES.values()} == {each.name for each in every_check()}


def test_every_check_states_its_fact() -> None:
    assert all(each.states.endswith(".") and str(each) == each.name for each in every_check())


def test_an_exemption_leaves_a_check_out_and_needs_a_name_and_a_reason() -> None:
    whole = {each.name for each in checks_for(MANIFEST)}
    left = {each.name for each in checks_for(MANIFEST, exempt={"deadlines_are_kept": "the line is a file"})}
    assert whole - left == {"deadlines_are_kept"}
    with pytest.raises(ValueError, match="no check of this connector is called 'deadline'"):
        checks_for(MANIFEST, exempt={"deadline": "x"})
    with pytest.raises(ValueError, match="exemption from 'deadlines_are_kept' needs a reason"):
        checks_for(MANIFEST, exempt={"deadlines_are_kept": " "})


def test_a_connector_without_http_is_spared_what_needs_a_line() -> None:
    names = {each.name for each in checks_for(MANIFEST, wired=False)}
    assert "pages_stream_to_their_end" in names
    assert "throttling_is_waited_out" not in names


async def test_a_bench_that_lacks_a_lever_says_which() -> None:
    bare = CornerBench()
    for lever, word in (
        (Bench.fill(bare, "orders", 1), "fills no feed orders"),
        (Bench.effects(bare, "book", ()), "counts no effect of book"),
        (Bench.quantity(bare, "1"), "reads no quantity"),
    ):
        with pytest.raises(NotImplementedError, match=word):
            await lever
