"""A request that the shop has ended before we looked at it is not granted, labelled, answered or paid for."""

from dataclasses import replace

import pytest

from connectors.contract import Deadline
from sync.domain.aftersales import RequestKind
from sync.domain.requests import RequestState
from sync.flows.back.entering import enter
from sync.flows.flow import FlowName
from sync.store import outbox
from sync.store.back import cases, requests
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.test_way_back import case_of, refunds, shipped

SHOPS = ("main",)
GRANT = """
returns:
  - {name: back, when: {type: return}, do: approve, refund: without_return, label: true}
"""


@pytest.mark.parametrize(
    ("state", "rules"), [(RequestState.REFUSED, "returns: []"), (RequestState.WITHDRAWN, GRANT)]
)
async def test_a_request_that_ended_before_it_was_seen_comes_to_nothing(
    daemon: Conductor, state: RequestState, rules: str
) -> None:
    await daemon.change_rules("returns.yaml", rules)
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    order = await daemon.order(number)
    wanted = {line.external_id: (line.quantity, 0) for line in order.lines}
    async with daemon.store.write() as tx:
        name = await enter(tx, order, RequestKind.RETURN, wanted, who="ann")
        asked = await requests.of_account(tx, order.row.account_id, name)
        assert asked is not None
        await requests.save(tx, order.row.account_id, replace(asked.remote, state=state), tx.now() + 1)
    await daemon.run("main", FlowName.WAY_BACK)
    case = await case_of(daemon, number)
    assert (case.state, case.standing.answered, case.due and case.due.amount) == (cases.DONE, None, None)
    await daemon.settle(rounds=3)
    assert await refunds(daemon, number) == []
    assert await daemon.connectors["courier"].find_bookings(case.reference, Deadline.after(20)) == ()
    assert "return.goes" not in await daemon.issue_kinds()
    async with daemon.store.read() as tx:
        rows = await outbox.of_order(tx, order.row.id)
    assert [row.operation for row in rows if row.payload.get("case") == case.id] == []
