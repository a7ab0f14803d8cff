"""The way back over the real flows: what was asked is judged, stopped, brought back and paid back once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from connectors.contract import Deadline
from sync.domain.aftersales import ChannelAnswer, RequestKind
from sync.domain.custody import plain_number
from sync.domain.lifecycle import OrderState
from sync.domain.requests import RequestState
from sync.flows.back.entering import enter
from sync.flows.flow import FlowName
from sync.store import issues
from sync.store.back import cases, money, requests
from sync.store.back.cases import BackCase
from tests.integration.flows.conductor import Conductor

SHOPS = ("main",)
APPROVE = """
returns:
  - {name: cancel, when: {type: cancellation}, do: stop_then_refund}
  - {name: protect, when: {type: price_protection, value_below: 50 EUR}, do: approve}
  - {name: back, when: {type: return}, do: approve, refund: after_inspection, goods: {good: restock}, label: false}
  - {name: rest, do: ask, owner: service, answer_within: 1 day}
"""


async def asked(
    daemon: Conductor, number: str, kind: RequestKind, lines: Mapping[str, tuple[int, int]] | None = None
) -> BackCase:
    """A person enters a request, and the daemon looks at it."""
    order = await daemon.order(number)
    wanted = lines or {line.external_id: (line.quantity, 0) for line in order.lines}
    async with daemon.store.write() as tx:
        await enter(tx, order, kind, wanted, who="ann")
    await daemon.run("main", FlowName.WAY_BACK)
    return await case_of(daemon, number)


async def case_of(daemon: Conductor, number: str) -> BackCase:
    order = await daemon.order(number)
    async with daemon.store.read() as tx:
        return (await cases.of_order(tx, order.row.id))[-1]


async def refunds(daemon: Conductor, number: str) -> list[int]:
    """What the shop's books show as given back, in minor units."""
    order = await daemon.order(number)
    shown = await daemon.connectors["main"].order(order.row.external_id, Deadline.after(20))
    return sorted(refund.amount.minor for payment in shown.payments for refund in payment.refunds)


async def shipped(daemon: Conductor, number: str) -> None:
    await daemon.settle(rounds=2)
    await daemon.act("/warehouse/work", reference=f"main/{number}/1", until="packed")
    await daemon.settle(rounds=3)
    await daemon.act("/warehouse/work", reference=f"main/{number}/1", until="done")
    await daemon.settle(rounds=3)


async def test_price_protection_gives_money_once_and_moves_no_stock(daemon: Conductor) -> None:
    await daemon.change_rules("returns.yaml", APPROVE)
    number = await daemon.buy("main", TEE_02=2)
    await shipped(daemon, number)
    order = await daemon.order(number)
    before = await daemon.books()
    case = await asked(daemon, number, RequestKind.PRICE_PROTECTION, {order.lines[0].external_id: (0, 300)})
    assert case.verdict is not None
    assert case.verdict.rule == "protect"
    await daemon.settle(rounds=4)
    assert await refunds(daemon, number) == [300]
    assert (await case_of(daemon, number)).state == cases.DONE
    after = await daemon.books()
    assert after["warehouse"]["stock"] == before["warehouse"]["stock"]
    async with daemon.store.read() as tx:
        assert [row.amount_minor for row in await money.shown(tx, order.row.id)] == [300]


async def test_a_cancellation_stops_the_warehouse_before_money_moves(daemon: Conductor) -> None:
    await daemon.change_rules("returns.yaml", APPROVE)
    number = await daemon.buy("main", TEE_02=2)
    await daemon.settle(rounds=2)
    assert (await daemon.order(number)).state == OrderState.SENT
    case = await asked(daemon, number, RequestKind.CANCELLATION)
    assert case.standing.stop_asked
    assert case.standing.answered is None
    await daemon.settle(rounds=5)
    case = await case_of(daemon, number)
    assert case.standing.answered == ChannelAnswer.STOPPED
    order = await daemon.order(number)
    assert order.state == OrderState.CANCELLED
    assert sum(await refunds(daemon, number)) == order.row.total_minor or order.row.status == "cancelled"
    verdict = await daemon.judged()
    assert (verdict["lost_orders"], verdict["duplicate_effects"], verdict["oversold_units"]) == (0, 0, 0)


async def test_what_was_shipped_is_too_late_and_money_waits_for_the_goods(daemon: Conductor) -> None:
    await daemon.change_rules("returns.yaml", APPROVE)
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    case = await asked(daemon, number, RequestKind.CANCELLATION)
    await daemon.settle(rounds=3)
    case = await case_of(daemon, number)
    assert case.standing.answered == ChannelAnswer.TOO_LATE
    assert await refunds(daemon, number) == []
    assert case.state == cases.OPEN


async def test_a_request_that_no_rule_grants_waits_for_a_person(daemon: Conductor) -> None:
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    case = await asked(daemon, number, RequestKind.RETURN)
    await daemon.settle(rounds=2)
    assert await refunds(daemon, number) == []
    async with daemon.store.read() as tx:
        found = await issues.list_open(tx, kind="hold.waiting")
    assert [one.owner for one in found] == ["service"]
    assert case.due_at is not None
    await daemon.later(timedelta(hours=25))
    assert (await case_of(daemon, number)).state == cases.OPEN


async def test_the_dock_hears_the_number_of_a_label_that_is_bought_after_the_announcement(
    daemon: Conductor,
) -> None:
    await daemon.change_rules("returns.yaml", APPROVE.replace(", label: false", ""))
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    await asked(daemon, number, RequestKind.RETURN)
    await daemon.settle(rounds=5)
    page = await daemon.connectors["warehouse"].return_receipts(None, Deadline.after(20))
    (expected,) = [one for one in page.records if one.reference == f"main/{number}/R1"]
    booked = await daemon.connectors["courier"].find_bookings(f"main/{number}/R1", Deadline.after(20))
    assert [expected.tracking] == [plain_number(one.tracking) for one in booked]


async def test_a_request_that_the_buyer_takes_back_ends_though_the_dock_awaits_the_goods(
    daemon: Conductor,
) -> None:
    await daemon.change_rules("returns.yaml", APPROVE)
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    case = await asked(daemon, number, RequestKind.RETURN)
    await daemon.settle(rounds=4)
    assert (await case_of(daemon, number)).state == cases.OPEN
    async with daemon.store.write() as tx:
        request = await requests.get(tx, case.request_id or "")
        assert request is not None
        gone = replace(request.remote, state=RequestState.WITHDRAWN)
        await requests.save(tx, case.account_id, gone, tx.now() + 1, entered_by="ann")
        await cases.reopen(tx, case.id)
    await daemon.run("main", FlowName.WAY_BACK)
    assert (await case_of(daemon, number)).state == cases.DONE
