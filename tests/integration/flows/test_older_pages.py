"""A page of the warehouse's feed that was read before a fulfilment ended, and is stored after it."""

from datetime import timedelta

from sync.domain.lifecycle import OrderState, WorkState
from sync.flows.flow import FlowName
from tests.databases.turns import BOTH
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.interludes import Interlude

DATABASES = BOTH

SHOPS = ("main",)


async def test_a_page_that_is_older_than_a_cancel_does_not_bring_the_fulfilment_back(
    daemon: Conductor,
) -> None:
    number = await daemon.buy("main", TEE_01=2)
    await daemon.run("main", FlowName.ORDERS, FlowName.REVIEW)
    await daemon.run("warehouse", FlowName.OUTBOX)
    (work,) = (await daemon.order(number)).work
    assert work.state == WorkState.ASSIGNED

    async def cancel() -> None:
        await daemon.act("/cancel", shop="main", order=number)
        await daemon.later(timedelta(minutes=10))
        await daemon.run("main", FlowName.OPEN_ORDERS, FlowName.REVIEW)
        await daemon.run("warehouse", FlowName.OUTBOX)

    real = daemon.connectors["warehouse"]
    daemon.connectors["warehouse"] = Interlude(real, "fulfilments", then=cancel)
    await daemon.run("warehouse", FlowName.FULFILMENT)
    daemon.connectors["warehouse"] = real
    (work,) = (await daemon.order(number)).work
    assert work.state == WorkState.CANCELLED
    await daemon.settle(rounds=1)
    assert (await daemon.order(number)).state == OrderState.CANCELLED
    told = await daemon.timeline(number)
    assert "fulfilment" not in told[told.index("cancel_answered") :], "the warehouse is said to have it again"
