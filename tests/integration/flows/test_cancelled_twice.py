"""Cancellations after one another: each stops pieces of its own, and one that is off stops none."""

import pytest

from connectors.contract import Deadline
from sync.domain.aftersales import ChannelAnswer, RequestKind
from sync.engine import returning
from sync.flows.flow import FlowName
from sync.store.back import cases
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.test_returns_by_hand import office
from tests.integration.flows.test_way_back import APPROVE, asked, case_of, refunds
from tests.integration.flows.test_way_back_ends import taken_back

SHOPS = ("main",)


async def test_a_second_cancellation_of_a_line_stops_more_of_it(daemon: Conductor) -> None:
    await daemon.change_rules("returns.yaml", APPROVE)
    number = await daemon.buy("main", TEE_02=5)
    await daemon.settle(rounds=2)
    line = (await daemon.order(number)).lines[0]
    for left in (3, 1):
        await asked(daemon, number, RequestKind.CANCELLATION, {line.external_id: (2, 0)})
        await daemon.settle(rounds=6)
        case = await case_of(daemon, number)
        assert case.standing.answered is ChannelAnswer.STOPPED
        assert (await daemon.order(number)).lines[0].at_most == left
        assert [one["lines"] for one in await daemon.open_shipments()] == [{"TEE-02": left}]
    assert len(await refunds(daemon, number)) == 2


async def test_the_shop_is_told_of_what_was_stopped_and_not_of_what_another_wants_stopped(
    daemon: Conductor,
) -> None:
    await daemon.change_rules("returns.yaml", APPROVE)
    number = await daemon.buy("main", TEE_02=5)
    await daemon.settle(rounds=2)
    line = (await daemon.order(number)).lines[0]
    await asked(daemon, number, RequestKind.CANCELLATION, {line.external_id: (2, 0)})
    for account, flow in (
        ("main", FlowName.REVIEW),
        ("warehouse", FlowName.OUTBOX),
        ("main", FlowName.WAY_BACK),
    ):
        await daemon.run(account, flow)
    assert (await case_of(daemon, number)).standing.answered is ChannelAnswer.STOPPED
    for account, flow in (("main", FlowName.REVIEW), ("warehouse", FlowName.OUTBOX)):
        await daemon.run(account, flow)  # three are sent anew
    case = await asked(daemon, number, RequestKind.CANCELLATION, {line.external_id: (2, 0)})
    assert (case.standing.answered, case.standing.stops) == (None, {line.id: 2})
    await daemon.run("main", FlowName.OUTBOX)
    shown = await daemon.connectors["main"].order(
        (await daemon.order(number)).row.external_id, Deadline.after(20)
    )
    assert [one.quantity for one in shown.lines] == [3]


@pytest.mark.parametrize("ends", ["refused", "withdrawn"])
async def test_what_was_stopped_for_a_cancellation_that_is_off_is_sent_after_all(
    daemon: Conductor, ends: str
) -> None:
    """The warehouse has stopped it by then, and nobody was told so."""
    await daemon.change_rules("returns.yaml", APPROVE)
    number = await daemon.buy("main", TEE_02=2)
    await daemon.settle(rounds=2)
    case = await asked(daemon, number, RequestKind.CANCELLATION)
    assert case.standing.stops == {(await daemon.order(number)).lines[0].id: 2}
    for account, flow in (("main", FlowName.REVIEW), ("warehouse", FlowName.OUTBOX)):
        await daemon.run(account, flow)
    assert await daemon.open_shipments() == []
    if ends == "refused":
        wish = {"case": case.reference, "approve": False, "reason": "kept after all", "who": "ann"}
        await returning.decide(office(daemon), wish)
    else:
        await taken_back(daemon, number)
    await daemon.settle(rounds=4)
    case = await case_of(daemon, number)
    assert (case.state, case.standing.stops) == (cases.DONE, {})
    assert (await daemon.order(number)).lines[0].at_most is None
    assert [one["lines"] for one in await daemon.open_shipments()] == [{"TEE-02": 2}]
    assert await refunds(daemon, number) == []
