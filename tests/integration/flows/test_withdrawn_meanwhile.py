"""An order is cancelled while the pass that would have sent it is already under way."""

import asyncio
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from sync.domain.lifecycle import OrderState
from sync.flows.flow import FlowName
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.interludes import Interlude

SHOPS = ("main",)

_WAITING = sa.text(
    "SELECT o.number FROM outbox w JOIN customer_order o ON o.id = w.order_id WHERE w.state = 'queued'"
)
_SENDING = sa.text("SELECT count(*) FROM outbox WHERE state = 'sending'")


async def _told(daemon: Conductor, query: sa.TextClause) -> Any:
    async with daemon.store.read() as tx:
        return await tx.scalar(query)


async def test_what_another_flow_withdrew_during_the_pass_is_left_alone_and_the_pass_goes_on(
    daemon: Conductor,
) -> None:
    at_once = daemon.connectors["warehouse"].manifest.limits.concurrency
    numbers = [await daemon.buy("main", TEE_01=units) for units in range(1, at_once + 3)]
    await daemon.run("main", FlowName.ORDERS)
    cancelled: list[str] = []
    others_wait = asyncio.Lock()

    async def cancel_one_that_waits() -> None:
        async with others_wait:
            if not cancelled:
                while await _told(daemon, _SENDING) < at_once:  # noqa: ASYNC110 (the pass tells nobody)
                    await asyncio.sleep(0.02)
                cancelled.append(str(await _told(daemon, _WAITING)))
                await daemon.act("/cancel", shop="main", order=cancelled[0])
                await daemon.later(timedelta(minutes=10))
                await daemon.run("main", FlowName.OPEN_ORDERS)

    real = daemon.connectors["warehouse"]
    daemon.connectors["warehouse"] = Interlude(real, "create_fulfilment", before=cancel_one_that_waits)
    await daemon.run("warehouse", FlowName.OUTBOX)
    daemon.connectors["warehouse"] = real
    await daemon.settle(rounds=2)
    assert (await daemon.order(cancelled[0])).state == OrderState.CANCELLED
    sent = str((await daemon.books())["warehouse"]["shipments"])
    assert [number for number in numbers if number not in sent] == cancelled
