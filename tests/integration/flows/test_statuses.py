"""A warehouse's own words for how far a fulfilment is, under `statuses:`: they decide, or a person is asked."""

from datetime import timedelta

import pytest

from sync.domain.lifecycle import OrderState, WorkState
from sync.flows.flow import FlowName as F
from sync.store import issues
from tests.integration.flows.conductor import Conductor

SHOPS = ("main",)

KIND = "fulfilment.status"
TEE = "TEE-02"


async def _words(daemon: Conductor, words: str) -> None:
    await daemon.change_rules("statuses.yaml", f"statuses: {{warehouse: {words}}}\n")


async def _sent(daemon: Conductor) -> tuple[str, str]:
    """An order that the warehouse has, by its number and the reference of its fulfilment."""
    number = await daemon.buy("main", TEE_02=2)
    await daemon.settle(rounds=2)
    return number, f"main/{number}/1"


async def _stands(daemon: Conductor, number: str) -> WorkState:
    """How far the only fulfilment of the order is."""
    (work,) = (await daemon.order(number)).work
    return work.state


async def _work(daemon: Conductor, reference: str, until: str) -> None:
    await daemon.act("/warehouse/work", reference=reference, until=until, parcels=1)
    await daemon.settle(rounds=3)


async def _call(daemon: Conductor, reference: str, state: str | None) -> None:
    await daemon.act("/warehouse/call", reference=reference, state=state)
    await daemon.settle(rounds=2)


async def _shipped_once(daemon: Conductor, number: str) -> None:
    """The order is out, told and labelled once, by the sandbox's own books."""
    case = await daemon.order(number)
    assert case.state == OrderState.SHIPPED
    assert len(case.work) == 1
    assert len(case.parcels) == 1
    shipments = (await daemon.books())["warehouse"]["shipments"]
    assert [one["state"] for one in shipments if number in str(one["reference"])] == ["done"]
    verdict = await daemon.judged()
    assert (verdict["duplicate_effects"], verdict["lost_orders"], verdict["oversold_units"]) == (0, 0, 0)
    assert KIND not in await daemon.issue_kinds()


async def test_a_word_over_the_connector_s_own_decides(daemon: Conductor) -> None:
    await _words(daemon, "{picked: assigned}")
    number, reference = await _sent(daemon)
    await _work(daemon, reference, "picked")
    assert await _stands(daemon, number) == WorkState.ASSIGNED
    await _work(daemon, reference, "packed")
    assert await _stands(daemon, number) == WorkState.PACKED
    await _work(daemon, reference, "done")
    await _shipped_once(daemon, number)


async def test_a_word_that_asks_leaves_the_state_until_the_status_is_clear_again(daemon: Conductor) -> None:
    await _words(daemon, "{picked: issue}")
    number, reference = await _sent(daemon)
    await _work(daemon, reference, "picked")
    assert await _stands(daemon, number) == WorkState.ASSIGNED
    async with daemon.store.read() as tx:
        (asked,) = await issues.list_open(tx, kind=KIND)
    assert (asked.subject, '"picked"' in asked.what) == (reference, True)
    await daemon.settle(rounds=2)
    assert (await daemon.issue_kinds()).count(KIND) == 1
    await _work(daemon, reference, "packed")
    assert await _stands(daemon, number) == WorkState.PACKED
    assert KIND not in await daemon.issue_kinds()
    await _work(daemon, reference, "done")
    await _shipped_once(daemon, number)


async def test_a_status_that_nobody_knows_is_asked_about_and_rescued_by_a_word(daemon: Conductor) -> None:
    number, reference = await _sent(daemon)
    await daemon.act("/warehouse/work", reference=reference, until="packed", parcels=1)
    await _call(daemon, reference, "weighed")
    assert await _stands(daemon, number) == WorkState.ASSIGNED
    kinds = await daemon.issue_kinds()
    assert kinds.count(KIND) == 1
    assert "record.broken" not in kinds
    await _words(daemon, "{weighed: packed}")
    await daemon.settle(rounds=3)
    case = await daemon.order(number)
    assert case.work[0].state == WorkState.PACKED
    assert [bool(parcel.tracking) for parcel in case.parcels] == [True]
    assert KIND not in await daemon.issue_kinds()
    await daemon.act("/warehouse/call", reference=reference, state=None)
    await _work(daemon, reference, "done")
    await _shipped_once(daemon, number)
    assert (await daemon.timeline(number)).count("told") == 1


async def test_a_status_that_nobody_knows_at_the_creation_s_look_up_sends_nothing_again(
    daemon: Conductor,
) -> None:
    number = await daemon.buy("main", TEE_02=2)
    lost = [{"kind": "drop_after", "rate": 1.0, "match": "delivery_address", "times": 1}]
    await daemon.run("main", F.ORDERS, F.REVIEW)
    await daemon.control.put("/faults", json={"warehouse": lost})
    await daemon.run("warehouse", F.OUTBOX)
    await daemon.control.put("/faults", json={"warehouse": []})
    await daemon.act("/warehouse/call", reference=f"main/{number}/1", state="weighed")
    await daemon.later(timedelta(minutes=5))
    await daemon.settle(rounds=3)
    case = await daemon.order(number)
    assert (case.state, case.work[0].state) == (OrderState.SENT, WorkState.WAITING)
    assert KIND in await daemon.issue_kinds()
    shipments = (await daemon.books())["warehouse"]["shipments"]
    assert sum(number in str(one["reference"]) for one in shipments) == 1


async def test_a_word_that_says_shipped_early_tells_the_shop_once_and_reserves_nothing_twice(
    daemon: Conductor,
) -> None:
    before = await daemon.level(TEE)
    number, reference = await _sent(daemon)
    await _work(daemon, reference, "packed")
    await _words(daemon, "{packed: shipped}")
    await daemon.settle(rounds=4)
    assert (await daemon.order(number)).state == OrderState.SHIPPED
    await _work(daemon, reference, "done")
    await _shipped_once(daemon, number)
    assert (await daemon.timeline(number)).count("told") == 1
    after = await daemon.level(TEE)
    assert after.on_hand - after.reserved == before.on_hand - before.reserved - 2


@pytest.mark.parametrize("word", ["packed", "cancelled"])
async def test_what_has_shipped_is_not_taken_back_by_a_word(daemon: Conductor, word: str) -> None:
    number, reference = await _sent(daemon)
    await _work(daemon, reference, "packed")
    await _work(daemon, reference, "done")
    await _words(daemon, f"{{done: {word}, weighed: {word}}}")
    await _call(daemon, reference, "weighed")
    await _call(daemon, reference, None)
    await _shipped_once(daemon, number)


async def test_goods_that_left_are_not_cancelled_by_a_word_but_asked_about(daemon: Conductor) -> None:
    await _words(daemon, "{shipped: cancelled, done: cancelled}")
    number, reference = await _sent(daemon)
    await _work(daemon, reference, "packed")
    await _work(daemon, reference, "done")
    assert await _stands(daemon, number) == WorkState.PACKED
    assert KIND in await daemon.issue_kinds()
    await _words(daemon, "{}")
    await daemon.settle(rounds=3)
    await _shipped_once(daemon, number)


async def test_a_question_about_a_fulfilment_that_was_stopped_is_gone(daemon: Conductor) -> None:
    await _words(daemon, "{assigned: issue}")
    number, _ = await _sent(daemon)
    await daemon.settle(rounds=1)
    assert KIND in await daemon.issue_kinds()
    await daemon.act("/cancel", shop="main", order=number)
    await daemon.settle(rounds=4)
    assert (await daemon.order(number)).state == OrderState.CANCELLED
    assert KIND not in await daemon.issue_kinds()
