"""Goods come back over the real flows: labelled, announced, counted, looked at, put away, and paid back once."""

from datetime import timedelta
from typing import Any

from sync.domain.aftersales import RequestKind
from sync.domain.custody import figures
from sync.domain.lifecycle import OrderState
from sync.domain.money import Money
from sync.domain.requests import InsteadLine
from sync.domain.waiting import Topic, Via, Word, readable
from sync.engine.deciding.deciding import decide
from sync.engine.deciding.effects import By
from sync.flows.back.entering import enter
from sync.flows.flow import FlowName
from sync.store import holds, issues
from sync.store.back import cases, goods
from sync.store.holds import Hold
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.test_way_back import asked, case_of, refunds, shipped

SHOPS = ("main",)
RULES = """
returns:
  - {name: swap, when: {type: exchange}, do: approve, refund: at_receipt, ship: at_receipt, goods: {good: restock}}
  - name: back
    when: {type: return}
    do: approve
    refund: after_inspection
    label: true
    goods: {good: restock, damaged: scrap}
"""


async def comes_back(daemon: Conductor, reference: str, *lines: dict[str, Any], until: str = "done") -> int:
    """A parcel is opened at the dock; returns the number of the warehouse's document."""
    body: dict[str, Any] = {"reference": reference, "until": until}
    if lines:
        body["lines"] = list(lines)
    row = await daemon.act("/warehouse/return", **body)
    await daemon.settle(rounds=3)
    return int(row["return"])


async def stock_of(daemon: Conductor, sku: str) -> int:
    return int((await daemon.books())["warehouse"]["stock"][sku])


async def questions(daemon: Conductor) -> list[Hold]:
    async with daemon.store.read() as tx:
        return [one for one in await holds.queue(tx) if one.topic in (Topic.RETURN, Topic.REFUND)]


async def say(daemon: Conductor, hold: Hold, word: Word) -> None:
    async with daemon.store.write() as tx:
        await decide(tx, hold.id, word, By("ann", Via.TERMINAL))
    await daemon.settle(rounds=3)


async def returned(daemon: Conductor, units: int) -> str:
    """An order of so many pieces, delivered, whose return is approved, labelled and announced."""
    await daemon.change_rules("returns.yaml", RULES)
    number = await daemon.buy("main", TEE_02=units)
    await shipped(daemon, number)
    await asked(daemon, number, RequestKind.RETURN)
    await daemon.settle(rounds=3)
    return number


async def test_what_comes_back_whole_is_put_into_stock_and_paid_back_once(daemon: Conductor) -> None:
    before = await stock_of(daemon, "TEE-02")
    number = await returned(daemon, 2)
    case = await case_of(daemon, number)
    shipments = (await daemon.books())["courier"]["shipments"]
    assert [one["reference"] for one in shipments].count(case.reference) == 1, "one label for the way back"
    assert await refunds(daemon, number) == []
    await comes_back(daemon, case.reference)
    case = await case_of(daemon, number)
    assert case.state == cases.DONE
    order = await daemon.order(number)
    assert sum(await refunds(daemon, number)) == order.row.total_minor
    assert await stock_of(daemon, "TEE-02") == before
    await daemon.settle(rounds=3)
    assert len(await refunds(daemon, number)) == 1


async def test_money_waits_for_the_look_at_the_goods(daemon: Conductor) -> None:
    number = await returned(daemon, 1)
    case = await case_of(daemon, number)
    row = await comes_back(daemon, case.reference, until="received")
    assert await refunds(daemon, number) == []
    assert (await case_of(daemon, number)).waits
    await daemon.act("/warehouse/return", **{"return": row})
    await daemon.settle(rounds=3)
    assert len(await refunds(daemon, number)) == 1


async def test_a_person_says_whether_damaged_goods_are_paid_for(daemon: Conductor) -> None:
    number = await returned(daemon, 2)
    case = await case_of(daemon, number)
    await comes_back(daemon, case.reference, {"sku": "TEE-02", "good": 1, "damaged": 1})
    (first,) = await refunds(daemon, number)
    (hold,) = await questions(daemon)
    assert hold.rule.startswith("damaged ")
    await say(daemon, hold, Word.APPROVED)
    order = await daemon.order(number)
    given = await refunds(daemon, number)
    assert len(given) == 2
    assert 0 < first < order.row.total_minor
    assert sum(given) == order.row.total_minor
    assert (await case_of(daemon, number)).state == cases.DONE
    assert await questions(daemon) == []


async def test_a_no_to_damaged_goods_keeps_their_money(daemon: Conductor) -> None:
    number = await returned(daemon, 2)
    case = await case_of(daemon, number)
    await comes_back(daemon, case.reference, {"sku": "TEE-02", "good": 1, "damaged": 1})
    given = await refunds(daemon, number)
    (hold,) = await questions(daemon)
    await say(daemon, hold, Word.REJECTED)
    assert await refunds(daemon, number) == given
    case = await case_of(daemon, number)
    assert case.verdict is not None
    assert {condition.value for condition in case.verdict.denies} == {"damaged"}
    assert await questions(daemon) == []


async def test_pieces_that_are_missing_are_asked_about_and_not_paid_for(daemon: Conductor) -> None:
    number = await returned(daemon, 2)
    case = await case_of(daemon, number)
    await comes_back(daemon, case.reference, {"sku": "TEE-02", "good": 1})
    order = await daemon.order(number)
    (given,) = await refunds(daemon, number)
    assert 0 < given < order.row.total_minor
    (hold,) = await questions(daemon)
    assert readable(hold.rule) == "missing TEE-02" != hold.rule
    assert hold.reason == "1 of 2 TEE-02 did not come back"
    async with daemon.store.read() as tx:
        (told,) = await issues.list_open(tx, kind="hold.waiting")
    assert told.what == f"return {case.reference} waits for a decision: missing TEE-02"
    assert (await case_of(daemon, number)).state == cases.OPEN
    await say(daemon, hold, Word.APPROVED)
    assert await refunds(daemon, number) == [given]
    assert (await case_of(daemon, number)).state == cases.DONE


async def test_more_than_was_announced_is_kept_apart_and_asked_about(daemon: Conductor) -> None:
    number = await returned(daemon, 1)
    case = await case_of(daemon, number)
    await comes_back(daemon, case.reference, {"sku": "TEE-02", "good": 3})
    async with daemon.store.read() as tx:
        seen = figures(await goods.custody(tx, await case_of(daemon, number)))
    assert [(one.sku, one.units) for one in seen.surplus] == [("TEE-02", 2)]
    assert [hold.rule for hold in await questions(daemon)] == ["surplus TEE-02"]
    order = await daemon.order(number)
    assert sum(await refunds(daemon, number)) <= order.row.total_minor
    assert len(await refunds(daemon, number)) == 1


async def test_the_other_goods_of_an_exchange_are_held_at_once_and_leave_at_receipt(
    daemon: Conductor,
) -> None:
    await daemon.change_rules("returns.yaml", RULES)
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    order = await daemon.order(number)
    async with daemon.store.write() as tx:
        line = order.lines[0].external_id
        await enter(
            tx,
            order,
            RequestKind.EXCHANGE,
            {line: (1, 0)},
            who="ann",
            instead=[InsteadLine(None, "TEE-04", 1)],
            price=Money(order.lines[0].total_minor, order.row.currency),
        )
    await daemon.run("main", FlowName.WAY_BACK)
    await daemon.settle(rounds=3)
    case = await case_of(daemon, number)
    assert case.standing.reserved
    assert not case.standing.sent
    assert [
        one for one in await daemon.open_shipments() if one["reference"].startswith(f"main/{number}/")
    ] == []
    await comes_back(daemon, case.reference)
    case = await case_of(daemon, number)
    assert case.standing.sent
    left = [one for one in await daemon.open_shipments() if one["reference"].startswith(f"main/{number}/")]
    assert [one["lines"] for one in left] == [{"TEE-04": 1}]
    assert (await daemon.order(number)).state != OrderState.CANCELLED
    await daemon.later(timedelta(minutes=11))
    await daemon.settle(rounds=2)
    assert len(await refunds(daemon, number)) <= 1
