"""A refund is looked at again at the very moment of sending: what staff gave meanwhile counts, and the hour's limit."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.contract import Deadline
from sandbox.world import World
from sync.domain.aftersales import RequestKind
from sync.domain.outbox import OutboxState
from sync.domain.waiting import Topic, Via, Word
from sync.engine import settling_writes
from sync.engine.deciding.deciding import decide
from sync.engine.deciding.effects import By
from sync.flows.flow import FlowName
from sync.store import holds, issues, outbox
from sync.store.back import cases, money
from tests.databases.fixtures import Place
from tests.databases.turns import BOTH
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.returning import Back, bought, build, conducted, fair

DATABASES = BOTH

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
CLAIM = 300
RULES = """
returns:
  - {name: cheaper now, when: {type: price_protection}, do: approve}
  - {name: back, when: {type: return}, do: approve, refund: after_inspection, goods: {good: restock}, label: false}
"""
LIMITED = RULES + "guards: {refunds: {count: 1}}\n"


@pytest.fixture
async def daemon(tmp_path: Path, database: Place) -> AsyncIterator[Conductor]:
    async with conducted(tmp_path, build("vendure"), database.address, RULES) as daemon:
        yield daemon


async def _two_claims(daemon: Conductor) -> Back:
    """An order that left, of whose two lines one claim each was granted; no money moved yet."""
    order = await bought(daemon, "main", TEE_01=1, TEE_02=1)
    await order.sent()
    for sku in ("TEE-01", "TEE-02"):
        await order.entered(RequestKind.PRICE_PROTECTION, {sku: (0, CLAIM)})
    return order


async def test_what_staff_gave_after_our_last_refund_is_read_before_the_next_one_is_sent(
    daemon: Conductor,
) -> None:
    order = await _two_claims(daemon)
    await daemon.run("main", FlowName.OUTBOX)
    assert await order.refunds() == [CLAIM]
    await daemon.act("/give-back", shop="main", order=order.number, amount=CLAIM)
    await daemon.run("main", FlowName.OUTBOX)
    await daemon.settle(rounds=5)
    assert await order.refunds() == [CLAIM, CLAIM], "theirs was for what was still open"
    async with daemon.store.read() as tx:
        known = await cases.of_order(tx, (await daemon.order(order.ours)).row.id)
    assert [case.state for case in known] == [cases.DONE] * 2
    await fair(daemon)


async def test_what_staff_gave_while_a_refund_could_not_be_sent_is_read_before_it_is(
    daemon: Conductor,
) -> None:
    order = await bought(daemon, "main", TEE_01=1)
    await order.sent()
    await order.entered(RequestKind.PRICE_PROTECTION, {"TEE-01": (0, CLAIM)})
    await daemon.later(timedelta(hours=8))
    await daemon.act("/give-back", shop="main", order=order.number, amount=CLAIM)
    await daemon.run("main", FlowName.OUTBOX)
    assert (daemon.view("main").id, FlowName.WAY_BACK) in daemon.hints
    await daemon.settle(rounds=4)
    assert await order.refunds() == [CLAIM]
    assert (await order.case()).state == cases.DONE


async def test_a_refund_that_waited_for_a_reading_goes_out_with_it(daemon: Conductor) -> None:
    """Were it due some time later, a slow daemon would find the reading too old again, and so for ever."""
    order = await bought(daemon, "main", TEE_01=1)
    await order.sent()
    await order.entered(RequestKind.PRICE_PROTECTION, {"TEE-01": (0, CLAIM)})
    await daemon.later(timedelta(minutes=5))
    for _ in range(2):
        await daemon.run("main", FlowName.OUTBOX)
        assert await order.refunds() == [], "the order's money was read too long ago"
        await daemon.later(timedelta(minutes=5))
    daemon.hints.clear()
    await daemon.run("main", FlowName.WAY_BACK)
    assert (daemon.view("main").id, FlowName.OUTBOX) in daemon.hints
    await daemon.run("main", FlowName.OUTBOX)
    assert await order.refunds() == [CLAIM]


async def test_a_refused_refund_that_another_stands_for_is_not_sent_again(
    tmp_path: Path, database: Place
) -> None:
    world = build("vendure")
    async with conducted(tmp_path, world, database.address, RULES) as daemon:
        order = await bought(daemon, "main", TEE_01=1)
        await order.sent()
        await _failed(daemon, world, order)
        async with daemon.store.write() as tx:
            (hold,) = await holds.queue(tx, topic=Topic.REFUND)
            await decide(tx, hold.id, Word.APPROVED, By("ann", Via.TERMINAL))
        await daemon.settle(rounds=4)
        assert await _shown(daemon, order) == [CLAIM]
        assert (await order.case()).state == cases.DONE
        stored = await daemon.order(order.ours)
        async with daemon.store.write() as tx:
            first = next(one for one in await outbox.of_order(tx, stored.row.id) if one.payload.get("n") == 1)
            await settling_writes.again(tx, first, "ann")
        await daemon.settle(rounds=5)
        assert await _shown(daemon, order) == [CLAIM]
        async with daemon.store.read() as tx:
            again = await outbox.get(tx, first.id)
        assert again is not None
        assert again.state is OutboxState.WITHDRAWN
        assert (await order.case()).state == cases.DONE


async def _failed(daemon: Conductor, world: World, order: Back) -> None:
    """A claim is granted and its refund sent without an answer; the payment provider fails it, and it is gone."""
    lost = {"kind": "drop_after", "match": "refundOrder", "calls": [1]}
    await daemon.control.put("/faults", json={"shop:main": [lost]})
    await order.entered(RequestKind.PRICE_PROTECTION, {"TEE-01": (0, CLAIM)})
    await daemon.run("main", FlowName.OUTBOX)
    books = world.shops["main"]
    (made,) = books.refunds.values()
    made.state = "Failed"
    await daemon.later(timedelta(minutes=11))
    await daemon.settle(rounds=2)
    del books.refunds[made.id]
    made.payment.refunds.remove(made)


async def _shown(daemon: Conductor, order: Back) -> list[int]:
    """What the shop's books show as given back."""
    stored = await daemon.order(order.ours)
    shown = await daemon.connectors[order.shop].order(stored.row.external_id, Deadline.after(20))
    return [one.amount.minor for payment in shown.payments for one in payment.refunds]


async def test_beyond_the_limit_of_an_hour_money_waits_is_told_and_goes_out_when_the_hour_is_over(
    daemon: Conductor,
) -> None:
    await daemon.change_rules("returns.yaml", LIMITED)
    order = await _two_claims(daemon)
    await daemon.settle(rounds=6)
    assert await order.refunds() == [CLAIM]
    async with daemon.store.read() as tx:
        assert [one.subject for one in await issues.list_open(tx, kind="refund.limited")] == ["main"]
    await daemon.later(timedelta(minutes=61))
    await daemon.settle(rounds=3)
    assert await order.refunds() == [CLAIM, CLAIM]
    async with daemon.store.read() as tx:
        assert await issues.list_open(tx, kind="refund.limited") == []


async def test_what_staff_give_back_while_the_parcel_is_under_way_is_for_it_and_nobody_is_asked(
    daemon: Conductor,
) -> None:
    """The case came up when it was asked for, not when its goods were inspected."""
    order = await bought(daemon, "main", TEE_02=2)
    await order.sent()
    await order.entered(RequestKind.RETURN, {"TEE-02": (1, 0)})
    await daemon.settle(rounds=2)
    (paid,) = [facts["paid"] for facts in await order.entries("order_placed")]
    await daemon.act("/give-back", shop="main", order=order.number, amount=paid // 2)
    await daemon.later(timedelta(minutes=11))
    await daemon.settle(rounds=2)
    await order.received()
    await daemon.settle(rounds=2)
    assert await order.refunds() == [paid // 2]
    assert (await order.case()).state == cases.DONE
    async with daemon.store.read() as tx:
        assert await issues.list_open(tx, kind="hold.waiting") == []
    await fair(daemon)


async def test_a_refund_without_an_answer_is_known_again_though_the_order_was_read_meanwhile(
    tmp_path: Path, database: Place
) -> None:
    async with conducted(tmp_path, build("woocommerce"), database.address, RULES) as daemon:
        order = await bought(daemon, "woocommerce", TEE_02=1)
        await order.sent()
        lost = {"kind": "drop_after", "match": "api_refund", "calls": [1]}
        await daemon.control.put("/faults", json={"shop:woocommerce": [lost]})
        await order.entered(RequestKind.PRICE_PROTECTION, {"TEE-02": (0, CLAIM)})
        await daemon.run("woocommerce", FlowName.OUTBOX)
        await daemon.later(timedelta(minutes=11))
        await daemon.run("woocommerce", FlowName.ORDERS, FlowName.WAY_BACK)
        stored = await daemon.order(order.ours)
        async with daemon.store.read() as tx:
            assert [one.amount_minor for one in await money.shown(tx, stored.row.id)] == [CLAIM]
        await daemon.settle(rounds=4)
        assert await _shown(daemon, order) == [CLAIM]
        assert (await order.case()).state == cases.DONE


async def test_a_refund_without_an_answer_that_the_gateway_failed_is_refused_and_a_person_is_asked(
    tmp_path: Path, database: Place
) -> None:
    world = build("vendure")
    async with conducted(tmp_path, world, database.address, RULES) as daemon:
        order, other = await bought(daemon, "main", TEE_01=1), await bought(daemon, "main", TEE_02=1)
        for one in (order, other):
            await one.sent()
        await _failed(daemon, world, order)
        async with daemon.store.read() as tx:
            (hold,) = await holds.queue(tx, topic=Topic.REFUND)
        assert hold.rule.startswith("refund refused ")
        await other.entered(RequestKind.PRICE_PROTECTION, {"TEE-02": (0, CLAIM)})
        await daemon.settle(rounds=2)
        assert await other.refunds() == [CLAIM], "what else waits there goes out"
