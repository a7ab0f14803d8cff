"""A vendor's clock that is far from this machine's is told once for its account, until the two agree again."""

import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from connectors.contract import Kind
from connectors.transport import VendorClock
from sync.domain.clock import SetClock
from sync.domain.ids import AccountId
from sync.engine import service
from sync.engine.house import Post
from sync.engine.vendor_clocks import VendorClocks
from sync.flows.flow import AccountView, FlowName
from sync.store import accounts, issues
from sync.store.database import Store
from tests.integration.engine.conftest import clock, file, log, migrated, no_key_outside, store
from tests.integration.engine.test_daemon import SHOP, House, house
from tests.integration.engine.workshop import MANIFEST, NOON, Shop

__all__ = ["clock", "file", "house", "log", "migrated", "no_key_outside", "store"]
pytestmark = pytest.mark.usefixtures("no_key_outside")


@pytest.fixture
async def posts(store: Store) -> AsyncIterator[list[Post]]:
    """Two shops; neither has answered yet."""
    async with store.write() as tx:
        wishes = [accounts.Configured(name, "tiny", "storefront") for name in ("north", "south")]
        rows = await accounts.reconcile(tx, wishes)
    connector: Any = Shop()
    yield [
        Post(AccountView(AccountId(row.id), name, "tiny", Kind.STOREFRONT, None), connector, MANIFEST)
        for name, row in sorted(rows.items())
    ]


def answers(post: Post, off: timedelta, times: int = 3) -> None:
    """The shop answers, at noon of ours."""
    date = format_datetime(NOON + off, usegmt=True)
    for _ in range(times):
        post.vendor_clock.note({"date": date}, NOON, NOON)


async def told(store: Store) -> list[tuple[str, str]]:
    async with store.read() as tx:
        return [(each.kind, each.what) for each in await issues.list_open(tx)]


async def test_a_clock_that_is_off_is_told_for_its_account_alone(store: Store, posts: list[Post]) -> None:
    north, south = posts
    clocks = VendorClocks(store, lambda: posts)
    answers(north, timedelta(seconds=-95))
    answers(south, timedelta(seconds=30))
    await clocks.look()
    async with store.read() as tx:
        (issue,) = await issues.list_open(tx)
    assert (issue.kind, issue.account_id) == ("account.clock_off", north.view.id)
    assert issue.what == "the clock of north is 95 seconds behind this machine's"
    assert issue.todo == (
        "check the time service of this machine (timedatectl), then that of north; until then times and "
        "`cutover` are off by as much. Nothing is lost."
    )


async def test_it_is_told_once_and_its_end_once(store: Store, posts: list[Post], log: io.StringIO) -> None:
    clocks = VendorClocks(store, lambda: posts)
    for off in (95, 95, 55, 95, 0, 0):
        answers(posts[0], timedelta(seconds=off))
        await clocks.look()
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [(line["event"], line["account"]) for line in lines] == [
        ("the clock of a system is far from this machine's", "north"),
        ("the clock of a system agrees with this machine's again", "north"),
    ]
    assert await told(store) == []


@pytest.mark.parametrize(("seconds", "is_told"), [(60, False), (61, True), (-60, False), (-61, True)])
async def test_a_minute_is_tolerated(store: Store, posts: list[Post], seconds: int, is_told: bool) -> None:
    answers(posts[0], timedelta(seconds=seconds))
    await VendorClocks(store, lambda: posts).look()
    assert bool(await told(store)) is is_told


async def test_an_issue_of_a_process_before_is_closed_by_the_next_one(
    store: Store, posts: list[Post]
) -> None:
    answers(posts[0], timedelta(minutes=5))
    await VendorClocks(store, lambda: posts).look()
    assert [kind for kind, _ in await told(store)] == ["account.clock_off"]
    answers(posts[0], timedelta(0))
    await VendorClocks(store, lambda: posts).look()
    assert await told(store) == []


def test_few_answers_tell_nothing() -> None:
    seen = VendorClock()
    seen.note({"date": format_datetime(NOON, usegmt=True)}, SetClock(NOON).now(), NOON)
    assert seen.off is None


async def test_a_round_of_the_program_tells_whose_clock_is_off_and_when_it_is_right_again(
    house: House,
) -> None:
    for seconds, wanted in ((95, ["account.clock_off"]), (0, [])):
        (await house.control.put("/clocks", json={f"shop:{SHOP}": seconds})).raise_for_status()
        for flow in (FlowName.CATALOGUE, FlowName.ORDERS):
            await service.once(house.folder, flows=[flow])
        assert [each.kind for each in await house.issues()] == wanted
