"""A write that perhaps happened is one entry of the queue: a yes calls it done, a no sends it again."""

import pytest

from sync.domain.confirm import HoldWanted
from sync.domain.ids import OutboxId
from sync.domain.lifecycle import Release
from sync.domain.money import Money
from sync.domain.outbox import OutboxState
from sync.domain.waiting import PERHAPS_SENT, About, Decider, Topic, Via, Word
from sync.engine.deciding.deciding import decide
from sync.engine.deciding.effects import By, DecisionRefused
from sync.flows.flow import FlowName
from sync.store import hold_links, holds, issues, outbox
from sync.store.outbox import OutboxRow
from tests.integration.deciding.bench import Bench

KEY = "place_order:shop:1001"


async def perhaps_sent(bench: Bench) -> tuple[str, OutboxId]:
    """A purchase order without an answer; returns its hold's id and its own."""
    async with bench.store.write() as tx:
        await outbox.enqueue(
            tx, account_id=bench.shop, operation="place_order", key=KEY, aggregate="order:1", payload={}
        )
        row = await outbox.by_key(tx, KEY)
        assert row is not None
        await outbox.mark_sending(tx, row.id, 0)
        await outbox.hold_row(tx, row.id, "nobody knows")
        about = About(Topic.PURCHASE, row.id, KEY, bench.shop, wakes=FlowName.OUTBOX.value)
        asks = HoldWanted(PERHAPS_SENT, "no answer came", "Look there.", Release.MANUAL)
        hold = await holds.keep_one(tx, about, asks, tell=False)
        await issues.raise_issue(
            tx, key=f"outbox.unknown:{row.id}", kind="outbox.unknown", what="w", why="y", todo="t"
        )
        return hold, row.id


async def row_of(bench: Bench, id: OutboxId) -> OutboxRow:
    async with bench.store.read() as tx:
        row = await outbox.get(tx, id)
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("word", "state"), [("approved", OutboxState.DONE), ("rejected", OutboxState.QUEUED)]
)
async def test_a_yes_calls_it_done_and_a_no_sends_it_again(
    bench: Bench, word: str, state: OutboxState
) -> None:
    hold, id = await perhaps_sent(bench)
    async with bench.store.write() as tx:
        done = await decide(tx, hold, Word(word), By("lin", Via.LINK))
    assert (await row_of(bench, id)).state is state
    assert done.wake == {(bench.shop, FlowName.OUTBOX)}
    async with bench.store.read() as tx:
        assert await issues.list_open(tx) == []
        assert await holds.queue(tx) == []


async def test_it_is_decided_once(bench: Bench) -> None:
    hold, id = await perhaps_sent(bench)
    async with bench.store.write() as tx:
        await decide(tx, hold, Word.APPROVED, By("lin", Via.LINK))
    with pytest.raises(DecisionRefused, match="approved by lin"):
        async with bench.store.write() as tx:
            await decide(tx, hold, Word.REJECTED, By("ann", Via.TERMINAL))
    assert (await row_of(bench, id)).state is OutboxState.DONE


async def test_the_page_says_what_a_yes_and_a_no_do(bench: Bench) -> None:
    hold, _ = await perhaps_sent(bench)
    page = await bench.client.get(await bench.link(hold))
    assert "It happened, and is not sent again." in page.text
    assert "It did not happen, and is sent again." in page.text
    assert "Look there." in page.text


async def test_nobody_with_a_limit_is_told_of_money_of_which_nobody_knows_how_much(bench: Bench) -> None:
    hold, _ = await perhaps_sent(bench)
    free = Decider("ann", decides=frozenset({Topic.PURCHASE}))
    limited = Decider("max", decides=free.decides, up_to=(Money(5_000, "EUR"),))
    async with bench.store.read() as tx:
        assert await hold_links.unlinked(tx, free, 10) == [hold]
        assert await hold_links.unlinked(tx, limited, 10) == []
