"""A person counts what came back: kept like a warehouse's document, absolute, and only where nobody else counts."""

from typing import Any

import pytest

from connectors.contract import Operation
from sync.domain.aftersales import RequestKind
from sync.domain.custody import Case, advise, approve, figures
from sync.domain.ids import OrderId
from sync.domain.receipts import Condition, Disposal, Receipt, Tally
from sync.domain.requests import RemoteRequest, RequestLine, RequestState
from sync.engine.refusals import CommandRefused
from sync.flows.flow import FlowName
from sync.store import audit, events, orders, outbox
from sync.store import cases as order_cases
from sync.store.back import cases, goods, requests
from tests.integration.engine.bureau import Bureau
from tests.integration.engine.workshop import NOON
from tests.integration.store.samples import remote_order

pytestmark = pytest.mark.usefixtures("no_key_outside")
CASE = "shop/1/R1"


async def a_case(office: Bureau, kind: RequestKind = RequestKind.RETURN, request: bool = True) -> str:
    """A request for two pieces of A; its order's id."""

    async def make(tx: Any) -> str:
        order = OrderId((await orders.save(tx, office.id, remote_order("1"), history=False, masked=False)).id)
        lines = (RequestLine("l1", 2),)
        asked = RemoteRequest("ret-1", "x1", kind, RequestState.ASKED, lines, NOON)
        id = await cases.open_case(
            tx,
            account_id=office.id,
            reference=CASE,
            n=1,
            kind=kind if request else None,
            request_id=await requests.save(tx, office.id, asked, 1) if request else None,
            order_id=order if request else None,
        )
        stored = await order_cases.load(tx, order)
        assert stored is not None
        key = (stored.lines[0].id, "A")
        said = approve(advise(Case(id, CASE), key, 2, 1), key, 2, 1)
        await goods.write_lines(tx, id, said.lines)
        await cases.settle(tx, id, done=True, waits="", review_at=None)
        return order

    return str(await office.in_store(make))


async def counted(office: Bureau) -> Case:
    async def read(tx: Any) -> Case:
        found = await cases.named(tx, CASE)
        assert found is not None
        return await goods.custody(tx, found)

    return await office.in_store(read)  # type: ignore[no-any-return]


async def refusal(office: Bureau, **args: Any) -> str:
    with pytest.raises(CommandRefused) as refused:
        await office.do("returns-received", **{"case": CASE, **args})
    return str(refused.value)


async def test_what_a_person_counted_is_received_by_condition_and_where_it_went(office: Bureau) -> None:
    order = await a_case(office)
    told = await office.do(
        "returns-received",
        case=CASE,
        units={"A": "2"},
        damaged={"A": "1"},
        scrapped={"A": "1"},
        complete=True,
    )
    assert told == {"case": CASE, "received": {"A": 2}, "complete": True, "changed": True}
    (line,) = figures(await counted(office)).lines
    assert (line.received, dict(line.conditions)) == (2, {Condition.GOOD: 1, Condition.DAMAGED: 1})
    assert (dict(line.disposed), line.missing) == ({Disposal.SCRAPPED: 1}, 0)
    lines = await office.in_store(audit.latest)
    assert [(one.who, one.what, one.subject) for one in lines[:1]] == [("ann", "return received", CASE)]
    timeline = await office.in_store(lambda tx: events.timeline(tx, OrderId(order)))
    assert timeline[-1].what == f"{CASE}: 2 × A came back, says ann; no more will come"
    if office.listening:
        assert FlowName.WAY_BACK in office.hints


async def test_saying_it_again_changes_nothing_and_a_later_word_takes_its_place(office: Bureau) -> None:
    await a_case(office)
    for changed in (True, False):
        told = await office.do("returns-received", case=CASE, units={"A": "2"}, complete=True)
        assert told["changed"] is changed
    first = await office.in_store(audit.latest)
    assert len([one for one in first if one.what == "return received"]) == 1
    await office.do("returns-received", case=CASE, units={"A": "1"})
    custody = await counted(office)
    assert figures(custody).lines[0].received == 1
    assert not custody.complete
    await office.do("returns-received", case=CASE, complete=True)
    assert figures(await counted(office)).lines[0].received == 0, "what a later word leaves out did not come"


@pytest.mark.parametrize(
    ("args", "why"),
    [
        ({"case": "shop/1/R9"}, "there is no case shop/1/R9; see: entrepot returns list"),
        ({"units": {"B": "1"}}, "'B' is not among what comes back: A"),
        ({"units": {"A": "-1"}}, "'-1' is no number of units of A"),
        ({"units": {"A": "two"}}, "'two' is no number of units of A"),
        ({"damaged": {"A": "1"}}, "'A' is not among what comes back: nothing"),
        ({"units": {"A": "1"}, "wrong": {"A": "2"}}, "2 of A are damaged or wrong, but 1 came back"),
        (
            {"units": {"A": "1"}, "restocked": {"A": "1"}, "scrapped": {"A": "1"}},
            "2 of A are said to have gone, but 1 came back",
        ),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_kept(
    office: Bureau, args: dict[str, Any], why: str
) -> None:
    await a_case(office)
    assert await refusal(office, **args) == why
    assert (await counted(office)).receipts == {}


async def test_a_request_that_brings_nothing_back_and_goods_that_nobody_announced_are_refused(
    office: Bureau,
) -> None:
    await a_case(office, RequestKind.PRICE_PROTECTION)
    assert await refusal(office, units={"A": "1"}) == (
        f"nothing comes back by {CASE}: it is a price protection"
    )


async def test_goods_that_nobody_announced_are_counted_by_their_warehouse(office: Bureau) -> None:
    await a_case(office, request=False)
    assert await refusal(office, units={"A": "1"}) == f"nobody asked for {CASE}: its warehouse counts it"


async def test_what_a_warehouse_counts_is_not_counted_twice(office: Bureau) -> None:
    order = await a_case(office)

    async def announced(tx: Any) -> None:
        case = await cases.named(tx, CASE)
        assert case is not None
        await outbox.enqueue(
            tx, account_id=office.id, operation=Operation.ANNOUNCE_RETURN.value, key="k", aggregate="back",
            payload={"case": case.id}, order_id=OrderId(order),
        )  # fmt: skip

    async def arrived(tx: Any) -> None:
        receipt = Receipt(goods.receipt_id(office.id, "7"), 1, {"A": Tally(1, 1)}, reference=CASE)
        await goods.receive(tx, office.id, receipt)

    await office.in_store(announced)
    assert await refusal(office, units={"A": "1"}) == (
        f"shop expects {CASE} and will count it; if the goods did not go there: --anyway"
    )
    await office.do("returns-received", case=CASE, units={"A": "1"}, anyway=True)
    await office.in_store(arrived)
    assert await refusal(office, units={"A": "2"}, anyway=True) == (
        f"shop counts {CASE}: have it corrected there"
    )
