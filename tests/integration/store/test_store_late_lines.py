"""Lines that come late to an order: the other goods of a request leave by its case, any other by itself."""

from dataclasses import replace

import pytest

from sync.domain.aftersales import RequestKind
from sync.domain.ids import AccountId, OrderId
from sync.domain.requests import InsteadLine
from sync.store import cases as order_cases
from sync.store import order_lines, orders
from sync.store.back import cases, requests
from sync.store.database import Store, Tx
from tests.integration.store.samples import remote_order
from tests.integration.store.test_store_way_back import WANTED

ORDER = remote_order("1")
LATE = replace(ORDER.lines[0], external_id="l2", variant_external_id="v2")


async def grown(tx: Tx, shop: AccountId) -> OrderId:
    """An order that has a second line all of a sudden."""
    await orders.save(tx, shop, ORDER, history=False, masked=False)
    more = replace(ORDER, lines=(*ORDER.lines, LATE))
    return (await orders.save(tx, shop, more, history=False, masked=False, late_lines_wait=True)).id


async def waiting(tx: Tx, order_id: OrderId) -> list[str]:
    order = await order_cases.load(tx, order_id)
    assert order is not None
    return [line.external_id for line in order.lines if line.waits]


async def asks(tx: Tx, shop: AccountId, order_id: OrderId, instead: InsteadLine, state: str) -> None:
    """An exchange of this order, and its case in this state."""
    remote = replace(WANTED, kind=RequestKind.EXCHANGE, instead=(instead,))
    request = await requests.save(tx, shop, remote, 1)
    id = await cases.open_case(
        tx,
        account_id=shop,
        reference="shop/1/R1",
        n=1,
        kind=remote.kind,
        request_id=request,
        order_id=order_id,
    )
    await cases.settle(tx, id, done=state == cases.DONE, waits="", review_at=None)


async def test_a_line_that_no_request_wants_leaves_once_the_requests_were_read(
    store: Store, shop: AccountId
) -> None:
    async with store.write() as tx:
        order_id = await grown(tx, shop)
        await asks(tx, shop, order_id, InsteadLine("v9", "B", 1), cases.OPEN)
        assert await order_lines.release_late(tx, shop, tx.now()) == [], "read before it came"
        assert await waiting(tx, order_id) == ["l2"]
        assert await order_lines.release_late(tx, shop, tx.now() + 1) == [order_id]
        assert await waiting(tx, order_id) == []


@pytest.mark.parametrize("state", [cases.OPEN, cases.DONE])
async def test_a_line_that_a_request_names_leaves_by_its_case_alone(
    store: Store, shop: AccountId, state: str
) -> None:
    """Also where the case has ended without sending it: it was refused."""
    async with store.write() as tx:
        order_id = await grown(tx, shop)
        await asks(tx, shop, order_id, InsteadLine("v2", "B", 1, "l2"), state)
        assert await order_lines.release_late(tx, shop, tx.now() + 1) == []
        assert await waiting(tx, order_id) == ["l2"]


async def test_a_listing_that_a_request_names_holds_its_line_until_its_case_lets_the_goods_go(
    store: Store, shop: AccountId
) -> None:
    async with store.write() as tx:
        order_id = await grown(tx, shop)
        await asks(tx, shop, order_id, InsteadLine("v2", "B", 1), cases.OPEN)
        assert await order_lines.release_late(tx, shop, tx.now() + 1) == []
        case = await cases.named(tx, "shop/1/R1")
        assert case is not None
        await cases.settle(tx, case.id, done=True, waits="", review_at=None)
        assert await order_lines.release_late(tx, shop, tx.now() + 1) == [], "the goods were not earned"
        await cases.stand(tx, case.id, replace(case.standing, sent=True))
        assert await order_lines.release_late(tx, shop, tx.now() + 1) == [order_id]


async def test_a_line_of_our_own_never_leaves_by_itself(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        order_id = await grown(tx, shop)
        await order_lines.add(tx, order_id, "shop/1/R1", {"B": 1})
        assert await order_lines.release_late(tx, shop, tx.now() + 1) == [order_id]
        assert await waiting(tx, order_id) == ["case:shop/1/R1/B"]


async def test_the_other_goods_of_a_case_that_is_off_are_wanted_no_more(
    store: Store, shop: AccountId
) -> None:
    """Those of another case are; and what a case has let go is on its way."""
    async with store.write() as tx:
        order_id = await grown(tx, shop)
        for reference in ("shop/1/R1", "shop/1/R10"):
            await order_lines.add(tx, order_id, reference, {"B": 1})
        assert await order_lines.give_up(tx, order_id, "shop/1/R1")
        assert not await order_lines.give_up(tx, order_id, "shop/1/R1")
        order = await order_cases.load(tx, order_id)
    assert order is not None
    ours = {line.external_id: line.quantity for line in order.lines if line.external_id.startswith("case:")}
    assert ours == {"case:shop/1/R1/B": 0, "case:shop/1/R10/B": 1}
