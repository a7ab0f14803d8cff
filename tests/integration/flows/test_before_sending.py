"""What must be true before a creating write leaves: it is written down first, and it is still wanted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
import sqlalchemy as sa

from connectors.contract import Throttled
from sync.domain.lifecycle import OrderState
from sync.flows.flow import FlowName as F
from sync.store import orders
from sync.store.database import Store
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.interludes import Interlude

SHOPS = ("main",)

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HOLD = "holds:\n  - {name: large, when: {total_above: 100 EUR}, release: automatic, owner: ops, within: 2 hours}\n"


async def test_a_write_is_marked_with_its_quiet_time_before_the_request_leaves(daemon: Conductor) -> None:
    """Whoever dies in the middle of the request leaves a row that is looked up, and not too soon."""
    seen: list[tuple[str, bool]] = []

    async def look() -> None:
        async with daemon.store.read() as tx:
            rows = await tx.all(
                sa.text("SELECT state, quiet_until, sent_at FROM outbox WHERE closed_at IS NULL")
            )
        seen.extend((row.state, (row.quiet_until or 0) > (row.sent_at or 0)) for row in rows)

    real = daemon.connectors["warehouse"]
    await daemon.buy("main", TEE_02=1)
    await daemon.run("main", F.ORDERS)
    daemon.connectors["warehouse"] = Interlude(real, "create_fulfilment", before=look)
    await daemon.run("warehouse", F.OUTBOX)
    daemon.connectors["warehouse"] = real
    assert seen == [("sending", True)]


class _Frozen:
    """The store of a process that stands still for a while after each of its commits."""

    def __init__(self, store: Any, seconds: float) -> None:
        self._store, self._seconds = store, seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @asynccontextmanager
    async def write(self, fence: Any = None) -> AsyncIterator[Any]:
        async with self._store.write(fence) as tx:
            yield tx
        await asyncio.sleep(self._seconds)


async def test_who_stood_still_after_the_mark_sends_nothing(daemon: Conductor) -> None:
    """Meanwhile another process may have taken over, found nothing at the vendor, and sent it."""
    await daemon.buy("main", TEE_02=1)
    await daemon.run("main", F.ORDERS)
    store, timing = daemon.store, daemon.timing
    daemon.store, daemon.timing = cast(Store, _Frozen(store, 0.4)), replace(timing, call_seconds=0.3)
    with pytest.raises(Throttled):
        await daemon.run("warehouse", F.OUTBOX)
    assert await daemon.open_shipments() == []
    daemon.store, daemon.timing = store, timing
    await daemon.settle(rounds=2)
    assert len(await daemon.open_shipments()) == 1


async def test_an_order_that_is_to_be_decided_on_again_is_not_sent_before(daemon: Conductor) -> None:
    """It was queued; then something about it changed, and the decision is still to be made."""
    number = await daemon.buy("main", TEE_02=9)
    await daemon.run("main", F.ORDERS)
    await daemon.change_rules("holds.yaml", HOLD)
    case = await daemon.order(number)
    async with daemon.store.write() as tx:
        await orders.ask_review(tx, [case.row.id])
    await daemon.run("warehouse", F.OUTBOX)
    assert number not in str((await daemon.books())["warehouse"]["shipments"])
    await daemon.settle(rounds=2)
    assert (await daemon.order(number)).state == OrderState.HELD
    assert number not in str(await daemon.open_shipments())


async def test_what_may_have_been_sent_is_looked_up_and_not_sent(daemon: Conductor) -> None:
    """The process died between the request and its answer: whether it arrived is asked, not tried out."""
    sent: list[str] = []

    async def count() -> None:
        sent.append("create_fulfilment")

    number = await daemon.buy("main", TEE_02=1)
    await daemon.run("main", F.ORDERS)
    await daemon.run("warehouse", F.OUTBOX)
    await daemon.run("main", F.REVIEW)
    async with daemon.store.write() as tx:
        await tx.run(sa.text("UPDATE outbox SET state = 'sending', closed_at = NULL"))
        await tx.run(sa.text("UPDATE fulfilment SET state = 'planned', external_id = NULL"))
    await daemon.later(timedelta(minutes=5))
    real = daemon.connectors["warehouse"]
    daemon.connectors["warehouse"] = Interlude(real, "create_fulfilment", before=count)
    await daemon.run("warehouse", F.OUTBOX)
    daemon.connectors["warehouse"] = real
    assert sent == []
    assert (await daemon.order(number)).work[0].external_id is not None, "it was found"
