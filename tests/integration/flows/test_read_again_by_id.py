"""An open order that cannot be read by its id is told; once it can be read again, the issue is gone."""

from datetime import timedelta

from sync.flows.flow import FlowName
from sync.store import broken
from tests.integration.flows.conductor import Conductor

SHOPS = ("main",)

_BY_ID = "order(id: $id)"


async def test_an_order_that_could_not_be_read_by_its_id_is_no_issue_once_it_was_read_again(
    daemon: Conductor,
) -> None:
    await daemon.buy("main", TEE_01=1)
    await daemon.settle()
    refused = [{"kind": "expire", "rate": 1.0, "match": _BY_ID}]
    await daemon.control.put("/faults", json={"shop:main": refused})
    await daemon.later(timedelta(minutes=10))
    await daemon.run("main", FlowName.OPEN_ORDERS)
    assert "record.broken" in await daemon.issue_kinds()
    await daemon.control.put("/faults", json={"shop:main": []})
    await daemon.later(timedelta(minutes=10))
    await daemon.run("main", FlowName.OPEN_ORDERS)
    assert "record.broken" not in await daemon.issue_kinds()
    async with daemon.store.read() as tx:
        assert await broken.list_open(tx, daemon.view("main").id) == []
