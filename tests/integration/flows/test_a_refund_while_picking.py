"""A refund is asked for before and after goods left: money moves once, and only for goods that are not out.

While the warehouse picks: it confirms the stop, the shop gets "stopped", money moves once. After the waybill was
printed: the shop gets "too late", and money waits until the parcel turns round, or policy says that it need not.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.domain.aftersales import ChannelAnswer, RequestKind
from sync.store import issues
from sync.store.back import cases
from tests.databases.fixtures import Place
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.returning import Back, bought, build, conducted, entries, fair

RULES = """
returns:
  - {name: mistakes, when: {type: [refund_only, cancellation], value_below: 20 EUR}, do: stop_then_refund,
     refund: without_return}
  - {name: stop it, when: {type: [refund_only, cancellation]}, do: stop_then_refund, refund: at_first_scan}
"""


@pytest.fixture
async def daemon(tmp_path: Path, database: Place) -> AsyncIterator[Conductor]:
    async with conducted(tmp_path, build("vendure"), database.address, RULES) as daemon:
        yield daemon


async def _picking(daemon: Conductor) -> Back:
    """Two units are being picked."""
    order = await bought(daemon, "main", TEE_02=2)
    await daemon.settle(rounds=2)
    await order.work("picked")
    return order


async def test_a_refund_that_is_asked_for_while_the_warehouse_picks_stops_it_and_is_given_once(
    daemon: Conductor,
) -> None:
    order = await _picking(daemon)
    case = await order.entered(RequestKind.REFUND_ONLY)
    assert (case.kind, case.standing.stop_asked, case.standing.answered) == (
        RequestKind.CANCELLATION,
        True,
        None,
    )
    assert await order.entries("order_cancelled") == [], "nobody is told before the warehouse has spoken"
    assert await order.refunds() == []

    await daemon.settle(rounds=6)
    assert (await order.case()).standing.answered == ChannelAnswer.STOPPED
    assert [facts["whole"] for facts in await order.entries("order_cancelled")] == [True]
    (paid,) = [facts["paid"] for facts in await order.entries("order_placed")]
    assert sum(await order.refunds()) == paid
    assert len(await order.refunds()) == 1
    stopped, told, refunded = await _when(daemon, "shipment_cancelled", "order_cancelled", "refunded")
    assert stopped < told < refunded
    assert (await order.case()).state == cases.DONE

    await daemon.settle(rounds=4)
    assert sum(await order.refunds()) == paid
    assert await order.entries("shipment_shipped") == []
    await fair(daemon)


async def test_one_of_two_units_is_stopped_and_the_other_one_is_sent(daemon: Conductor) -> None:
    order = await _picking(daemon)
    await order.entered(RequestKind.REFUND_ONLY, {"TEE-02": (1, 0)})
    await daemon.settle(rounds=6)
    assert [facts["lines"] for facts in await order.entries("order_cancelled")] == [{"TEE-02": 1}]
    (paid,) = [facts["paid"] for facts in await order.entries("order_placed")]
    assert await order.refunds() == [paid // 2]
    for until in ("packed", "done"):
        await daemon.act("/warehouse/work", until=until)
        await daemon.settle(rounds=3)
    assert [facts["lines"] for facts in await order.entries("shipment_shipped")] == [{"TEE-02": 1}]
    assert await order.refunds() == [paid // 2]
    await fair(daemon)


async def test_after_the_waybill_it_is_too_late_and_money_moves_once_the_parcel_turns_round(
    daemon: Conductor,
) -> None:
    order = await bought(daemon, "main", TEE_02=2)
    tracking = await order.sent()
    await order.scanned(tracking, "picked_up", "in_transit")
    await order.entered(RequestKind.CANCELLATION)
    await daemon.settle(rounds=3)
    assert (await order.case()).standing.answered == ChannelAnswer.TOO_LATE
    assert await order.entries("order_cancelled") == []
    assert await order.refunds() == [], "the goods are out"
    async with daemon.store.read() as tx:
        asked = [one.why for one in await issues.list_open(tx, kind="hold.waiting")]
    assert any("turned round" in why for why in asked), (
        "this courier turns no parcel round: a person hears of it"
    )

    await order.scanned(tracking, "return_to_sender")
    (paid,) = [facts["paid"] for facts in await order.entries("order_placed")]
    assert await order.refunds() == [paid]
    await order.received()
    assert (await order.case()).state == cases.DONE
    assert [facts["lines"] for facts in await entries(daemon, "return_announced")] == [{"TEE-02": 2}]
    assert [facts["quantity"] for facts in await order.entries("restocked")] == [2]
    assert await order.refunds() == [paid]
    await fair(daemon)


async def test_where_policy_says_so_the_money_does_not_wait_for_the_parcel(daemon: Conductor) -> None:
    order = await bought(daemon, "main", TEE_01=1)
    tracking = await order.sent()
    await order.entered(RequestKind.CANCELLATION)
    await daemon.settle(rounds=4)
    assert (await order.case()).standing.answered == ChannelAnswer.TOO_LATE
    (paid,) = [facts["paid"] for facts in await order.entries("order_placed")]
    assert await order.refunds() == [paid]
    await order.scanned(tracking, "picked_up", "in_transit", "delivered")
    assert await order.refunds() == [paid]
    assert await entries(daemon, "return_announced") == []
    assert (await order.case()).state == cases.DONE


async def _when(daemon: Conductor, *kinds: str) -> list[int]:
    """The numbers under which the first entries of these kinds stand in the ledger."""
    told = (await daemon.control.get("/ledger")).json()["entries"]
    return [next(entry["sequence"] for entry in told if entry["kind"] == kind) for kind in kinds]
