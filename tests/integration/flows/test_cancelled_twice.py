"""A second cancellation of one line stops pieces of its own: what is paid back is not sent."""

from sync.domain.aftersales import ChannelAnswer, RequestKind
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.test_way_back import APPROVE, asked, case_of, refunds

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
