"""What the harness found, told as facts that need no kill."""

import asyncio

from sync.domain.lifecycle import CancelState, WorkState
from sync.flows.flow import FlowName
from tests.integration.flows.conductor import Conductor

PAUSE = 3.0
"""Seconds that the warehouse takes to answer; meanwhile the cancel is sent and answered."""


async def _set(daemon: Conductor, *rules: dict[str, object]) -> None:
    answer = await daemon.control.put("/faults", json={"warehouse": list(rules)})
    assert answer.status_code == 200, answer.text


async def _rule(daemon: Conductor) -> dict[str, int]:
    rules: dict[str, list[dict[str, int]]] = (await daemon.control.get("/faults")).json()
    return rules["warehouse"][0]


async def test_a_cancel_that_is_answered_while_the_fulfilment_is_read_stays_ours(daemon: Conductor) -> None:
    """It was noted over by what had been read before, and looked as if the warehouse had cancelled by itself."""
    number = await daemon.buy("main", TEE_01=2)
    await daemon.settle(rounds=3)
    await daemon.act("/cancel", shop="main", order=number, lines=[{"sku": "TEE-01", "quantity": 1}])
    await _set(daemon, {"kind": "delay", "match": "stock.shipment.out?"})
    await daemon.run("warehouse", FlowName.FULFILMENT)
    calls = (await _rule(daemon))["seen"]
    await _set(daemon, {"kind": "delay", "match": "stock.shipment.out?", "calls": [calls], "seconds": PAUSE})
    reading = asyncio.create_task(daemon.run("warehouse", FlowName.FULFILMENT))
    while not (await _rule(daemon))["hits"]:  # noqa: ASYNC110 (the sandbox tells of it in no other way)
        await asyncio.sleep(0.01)
    await daemon.run("main", FlowName.OPEN_ORDERS, FlowName.REVIEW)
    await daemon.run("warehouse", FlowName.OUTBOX)
    assert (await daemon.order(number)).work[0].cancel == CancelState.STOPPED
    await reading
    await _set(daemon)
    work = (await daemon.order(number)).work[0]
    assert (work.state, work.cancel) == (WorkState.CANCELLED, CancelState.STOPPED)
    await daemon.settle(rounds=3)
    assert "order.held" not in await daemon.issue_kinds()
    assert [one.state for one in (await daemon.order(number)).work] == [
        WorkState.CANCELLED,
        WorkState.ASSIGNED,
    ]
