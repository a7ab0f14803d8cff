"""What people do with `entrepot returns`: it is carried out, or refused with a word on what to do."""

from types import SimpleNamespace
from typing import Any

import pytest

from sync.domain.aftersales import Answer, ChannelAnswer, MoneyAt
from sync.domain.receipts import Condition, Disposal
from sync.domain.requests import InsteadLine
from sync.engine import returning, returns_shown
from sync.engine.refusals import CommandRefused
from sync.flows.flow import FlowName
from sync.store import audit
from sync.store.back import cases, requests
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.test_way_back import case_of, refunds, shipped

SHOPS = ("main",)
RULES = """
returns:
  - {name: rest, do: ask, owner: service, answer_within: 1 day, refund: after_inspection, label: false}
"""


def office(daemon: Conductor) -> Any:
    return SimpleNamespace(
        store=daemon.store, hint=lambda account, flow: daemon.hints.append((account, flow))
    )


async def delivered(daemon: Conductor) -> str:
    await daemon.change_rules("returns.yaml", RULES)
    number = await daemon.buy("main", TEE_02=2)
    await shipped(daemon, number)
    return number


async def entered(daemon: Conductor, number: str, **more: Any) -> str:
    """A return of one piece, entered by ann; returns its case."""
    args = {"order": number, "kind": "return", "lines": {"TEE-02": "1"}, "who": "ann"} | more
    await returning.enter_request(office(daemon), args)
    await daemon.run("main", FlowName.WAY_BACK)
    return (await case_of(daemon, number)).reference


async def refused(deed: Any) -> str:
    with pytest.raises(CommandRefused) as error:
        await deed
    return str(error.value)


async def test_what_a_person_enters_and_decides_is_done_and_audited(daemon: Conductor) -> None:
    number = await delivered(daemon)
    case = await entered(daemon, number)
    wish = {"case": case, "approve": True, "refund": "without-return", "who": "ann"}
    told = await returning.decide(office(daemon), wish)
    assert told == {"case": case, "answer": "approve"}
    assert (await case_of(daemon, number)).account_id, FlowName.WAY_BACK in daemon.hints
    await daemon.settle(rounds=4)
    found = await case_of(daemon, number)
    assert found.verdict is not None
    assert (found.verdict.money_at, found.decided_by) == (MoneyAt.WITHOUT_RETURN, "ann")
    assert found.standing.answered is ChannelAnswer.APPROVED
    assert len(await refunds(daemon, number)) == 1
    async with daemon.store.read() as tx:
        lines = await audit.latest(tx)
        shown = await returns_shown.document(tx, case)
    assert {"return decided", "request entered"} <= {line.what for line in lines}
    assert (shown["answer"], shown["decided_by"], shown["questions"]) == ("approve", "ann", [])
    assert [one["state"] for one in shown["refunds"]] == ["done"]
    assert await refused(returning.decide(office(daemon), wish)) == f"{case} was answered already: approved"


async def test_goods_in_a_condition_are_treated_as_a_person_says(daemon: Conductor) -> None:
    number = await delivered(daemon)
    case = await entered(daemon, number)
    wish = {"case": case, "condition": "damaged", "paid": True, "goes": "scrap", "who": "ann"}
    assert await refused(returning.treat(office(daemon), wish)) == (
        f"{case} is not granted; see: entrepot returns show {case}"
    )
    await returning.decide(office(daemon), {"case": case, "approve": True, "who": "ann"})
    assert (await returning.treat(office(daemon), wish))["paid"]
    found = await case_of(daemon, number)
    assert found.verdict is not None
    assert Condition.DAMAGED in found.verdict.pays
    assert found.verdict.disposals[Condition.DAMAGED] is Disposal.SCRAPPED
    for changes, why in (
        ({"condition": "wet"}, "'wet' is no condition of goods; say one of: good, damaged, wrong"),
        ({"goes": "away"}, "goods cannot go 'away'; say one of: restock, scrap, to_supplier, to_customer"),
        (
            {"condition": "wrong", "goes": "restock"},
            "wrong goods are not put into stock as this SKU; say where else they go",
        ),
    ):
        assert await refused(returning.treat(office(daemon), wish | changes)) == why


async def test_a_refusal_needs_a_reason_and_what_is_not_there_is_told(daemon: Conductor) -> None:
    number = await delivered(daemon)
    case = await entered(daemon, number)
    hands, no = office(daemon), {"case": case, "approve": False, "who": "ann"}
    assert "a refusal needs a reason" in await refused(returning.decide(hands, no))
    other = await refused(returning.decide(hands, no | {"case": "main/1/R1"}))
    assert other == "there is no case main/1/R1; see: entrepot returns list"
    asks = await refused(returning.answer(hands, {"case": case, "rule": "goods out", "who": "ann"}))
    assert asks == f"{case} does not ask 'goods out'; it asks: verdict rest"
    await returning.decide(hands, no | {"reason": "worn"})
    await daemon.run("main", FlowName.WAY_BACK)
    found = await case_of(daemon, number)
    assert found.verdict is not None
    assert (found.verdict.answer, found.verdict.reason) == (Answer.REFUSE, "worn")
    assert found.standing.answered is ChannelAnswer.REFUSED
    assert found.state == cases.DONE


CANNOT_BE_ENTERED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"order": "nope"}, "there is no order nope; see: entrepot orders list"),
    ({"kind": "barter"}, "there is no kind of request 'barter'"),
    ({"lines": {"TEE-99": "1"}}, "the order has no line 'TEE-99'; its lines are: TEE-02"),
    ({"lines": {"TEE-02": "3"}}, "'3' pieces of TEE-02 cannot be asked for; the order has 2"),
    ({"lines": {"TEE-02": "-1"}}, "'-1' pieces of TEE-02 cannot be asked for; the order has 2"),
    ({"kind": "price_protection", "lines": {}}, "say for which line"),
    ({"amounts": {"TEE-02": "x"}}, "'x' is not an amount; write it as in 4.90, in"),
    ({"amounts": {"TEE-02": "0"}}, "cannot be given back"),
    ({"amounts": {"TEE-02": "1.001"}}, "cannot be given back"),
    ({"kind": "exchange", "price": "dear"}, "'dear' is not an amount; write it as in 19.90, in"),
    ({"kind": "exchange", "price": "-1"}, "is not a price"),
    ({"lines": {"TEE-02": "9" * 5_000}}, "pieces of TEE-02 cannot be asked for; the order has 2"),
    ({"amounts": {"TEE-02": "NaN"}}, "'NaN' is not an amount; write it as in 4.90, in"),
    ({"amounts": {"TEE-02": "9" * 30}}, "is not an amount; write it as in 4.90, in"),
    ({"kind": "exchange", "price": "Infinity"}, "'Infinity' is not an amount; write it as in 19.90, in"),
    (
        {"kind": "exchange", "instead": {"TEE-04": "two"}},
        "'two' units of TEE-04 cannot go out; write a whole",
    ),
    ({"kind": "exchange", "instead": {"TEE-04": "-1"}}, "'-1' units of TEE-04 cannot go out; write a whole"),
    ({"kind": "exchange", "instead": {"TEE-04": "0"}}, "'0' units of TEE-04 cannot go out; write a whole"),
    ({"kind": "exchange", "instead": {"TEE-04": "２"}}, "'２' units of TEE-04 cannot go out; write a whole"),
    (
        {"kind": "exchange", "instead": {"TEE-99": "1"}},
        "no warehouse or supplier has 'TEE-99'; write the SKU",
    ),
)


async def test_what_cannot_be_entered_is_refused_with_a_reason(daemon: Conductor) -> None:
    number = await daemon.buy("main", TEE_02=2)
    await daemon.settle(rounds=1)
    for wish, why in CANNOT_BE_ENTERED:
        args = {"order": number, "kind": "return", "lines": {"TEE-02": "1"}, "who": "ann"} | wish
        assert why in await refused(returning.enter_request(office(daemon), args)), wish


async def test_goods_that_go_out_instead_are_entered_by_sku_and_units(daemon: Conductor) -> None:
    number = await delivered(daemon)
    wish = {
        "order": number,
        "kind": "exchange",
        "lines": {"TEE-02": "1"},
        "instead": {"TEE-04": "2"},
        "who": "ann",
    }
    told = await returning.enter_request(office(daemon), wish)
    order = await daemon.order(number)
    async with daemon.store.read() as tx:
        request = await requests.of_account(tx, order.row.account_id, told["request"])
    assert request is not None
    assert request.remote.instead == (InsteadLine(None, "TEE-04", 2),)
