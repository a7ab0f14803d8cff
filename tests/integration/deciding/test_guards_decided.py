"""What a guard keeps back is decided as anything else: an approval of so many as were seen, or a no that asks no more."""

import sqlalchemy as sa

from sync.domain.confirm import HoldWanted
from sync.domain.guards import Guard
from sync.domain.lifecycle import Release
from sync.domain.waiting import About, Topic, Word
from sync.engine import approving
from sync.flows.flow import FlowName
from sync.store import approvals, holds
from sync.store.approvals import Waiting
from sync.store.database import Tx
from sync.store.tables import stock_level
from tests.integration.deciding.bench import Bench


async def _waits(bench: Bench, *skus: str) -> str:
    """Figures of these SKUs read zero and wait, as a pass finds them; returns the hold's id."""
    async with bench.store.write() as tx:
        for sku in skus:
            row = {"account_id": bench.shop, "sku": sku, "on_hand": 5, "waiting_on_hand": 0}
            await tx.run(sa.insert(stock_level).values(begun_at=tx.now(), waiting_since=tx.now(), **row))
        return await _found(bench, tx)


async def _found(bench: Bench, tx: Tx) -> str:
    """What the pass writes each time."""
    about = About(Topic.GUARD, bench.shop, "shop", bench.shop)
    wanted = HoldWanted(Guard.FIGURES.value, "so many read zero", "Look.", Release.MANUAL)
    found = Waiting(Guard.FIGURES.value, 2, 0, 0, 1, 9, since=tx.now(), told_at=tx.now())
    await approvals.note(tx, bench.shop, found)
    return await holds.keep_one(tx, about, wanted, tell=False)


async def _approved(bench: Bench) -> int:
    async with bench.store.read() as tx:
        found = await approvals.in_force(tx, bench.shop, Guard.FIGURES)
    return 0 if found is None else found.most


async def test_the_page_shows_the_largest_moves_and_approves_as_many_as_were_seen(bench: Bench) -> None:
    id = await _waits(bench, "A-1", "A-2")
    path = await bench.link(id)
    page = (await bench.client.get(path)).text
    assert "A-1" in page and "5 → 0" in page and "So many changes may go out: 2." in page
    token = await bench.token(path)
    await _waits(bench, "A-3")
    assert (await bench.send(path, token)).status_code == 200
    assert await _approved(bench) == 2
    assert bench.woken == [(bench.shop, FlowName.OFFERS)]


async def test_what_goes_beyond_an_approval_asks_anew(bench: Bench) -> None:
    first = await _waits(bench, "A-1")
    await bench.decide(await bench.link(first))
    assert not (await bench.hold(first)).open
    async with bench.store.write() as tx:
        second = await _found(bench, tx)
    assert second != first and (await bench.hold(second)).waits


async def test_a_no_leaves_it_waiting_and_asks_no_more(bench: Bench) -> None:
    id = await _waits(bench, "A-1")
    await bench.decide(await bench.link(id), "rejected")
    async with bench.store.write() as tx:
        assert await _found(bench, tx) == id
    hold = await bench.hold(id)
    assert (hold.open, hold.word) == (True, Word.REJECTED)
    assert await _approved(bench) == 0


async def test_the_older_command_decides_the_same_thing(bench: Bench) -> None:
    id = await _waits(bench, "A-1")
    path = await bench.link(id)
    await approving.approve(bench.store, {"guard": "figures", "who": "ann"})
    hold = await bench.hold(id)
    assert (hold.open, hold.word, hold.decided_by) == (False, Word.APPROVED, "ann")
    assert (await bench.client.get(path)).status_code == 410


async def test_what_a_guard_no_longer_keeps_back_cannot_be_approved(bench: Bench) -> None:
    id = await _waits(bench, "A-1")
    path = await bench.link(id)
    token = await bench.token(path)
    async with bench.store.write() as tx:
        await approvals.note_gone(tx, bench.shop, Guard.FIGURES)
    assert (await bench.send(path, token)).status_code == 409
    assert (await bench.hold(id)).waits and await _approved(bench) == 0
