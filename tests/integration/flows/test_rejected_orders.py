"""A held order that a person rejects: never sent, its stock given back, and closed when the shop cancels it."""

from sync.domain.lifecycle import OrderState
from sync.domain.waiting import Topic, Via, Word
from sync.engine.deciding.deciding import decide
from sync.engine.deciding.effects import By
from sync.store import holds
from tests.integration.flows.conductor import Conductor

SHOPS = ("main",)
RULE = "holds:\n  - {name: large, when: {total_above: 100 EUR}, owner: ops, within: 2 hours}\n"


async def _decide(daemon: Conductor, word: Word) -> None:
    async with daemon.store.write() as tx:
        (hold,) = await holds.queue(tx, topic=Topic.ORDER)
        await decide(tx, hold.id, word, By("lin", Via.TERMINAL))


async def test_a_rejected_order_gives_its_stock_back_and_is_not_sent(daemon: Conductor) -> None:
    await daemon.change_rules("holds.yaml", RULE)
    number = await daemon.buy("main", TEE_02=9)
    await daemon.settle(rounds=2)
    assert await daemon.held_units(number) == 9
    async with daemon.store.read() as tx:
        (hold,) = await holds.queue(tx, topic=Topic.ORDER)
    assert (hold.about.subject, hold.owner, hold.asks) == (f"main/{number}", "ops", True)
    await _decide(daemon, Word.REJECTED)
    await daemon.change_rules("holds.yaml", "holds: []\n")
    await daemon.settle(rounds=3)
    case = await daemon.order(number)
    assert (case.state, list(case.open_holds)) == (OrderState.HELD, ["rule large"]), "though its rule is gone"
    assert await daemon.held_units(number) == 0
    await daemon.act("/cancel", shop="main", order=number)
    await daemon.settle(rounds=4)
    case = await daemon.order(number)
    assert (case.state, list(case.open_holds)) == (OrderState.CANCELLED, [])


async def test_a_rejection_that_is_taken_back_sends_the_order(daemon: Conductor) -> None:
    await daemon.change_rules("holds.yaml", RULE)
    number = await daemon.buy("main", TEE_02=9)
    await daemon.settle(rounds=2)
    await _decide(daemon, Word.REJECTED)
    await daemon.settle(rounds=2)
    await _decide(daemon, Word.APPROVED)
    await daemon.settle(rounds=2)
    assert (await daemon.order(number)).state == OrderState.SENT
