"""Returns and exchanges: told whole, answered once, and booked in by what the shop lacks."""

from typing import Any

import pytest

from connectors.contract import Deadline, Done, Rejected, RequestAnswer, RequestReceipt, Unknown
from connectors.storefronts.shopify.connector import ShopifyStorefront
from sandbox.storefront.shopify.builder import Street
from sync.domain.aftersales import RequestKind
from sync.domain.requests import InsteadLine, RemoteRequest, RequestLine, RequestState
from tests.conformance.shopify.conftest import Staff, new_sku, order_of
from tests.conformance.shopify.line import Line, lost_after

RETURN, EXCHANGE = RequestKind.RETURN, RequestKind.EXCHANGE
GRANT = """mutation($id: ID!) { returnApproveRequest(input: {id: $id}) { userErrors { message } } }"""
CLOSE = """mutation($id: ID!) { returnClose(id: $id) { userErrors { message } } }"""
CANCEL = """mutation($id: ID!) { returnCancel(id: $id) { userErrors { message } } }"""


def asked_back(
    street: Street, staff: Staff, units: int = 3, *, granted: bool = False, **more: Any
) -> tuple[str, str, str]:
    """(order, return, variant)"""
    sku = new_sku()
    variant = street.goods(sku, {"1": 10})
    order = street.buy({sku: 5})
    staff.send(order, "T1")
    lines = [{"sku": sku, "quantity": units}]
    given = {"reason": "DEFECTIVE", "note": "jane@example.com", **more}
    made = str(street.walk("return", order=order, lines=lines, **given)["return"])
    if granted:
        staff.ask(GRANT, id=made)
    return order, made, variant


async def told(shop: ShopifyStorefront, id: str) -> RemoteRequest:
    found = await shop.request(RETURN, id, Deadline.after(30))
    assert found is not None
    return found


def receipt(id: str, line: str, good: int, bad: int = 0, *, complete: bool = False) -> RequestReceipt:
    return RequestReceipt(id, RETURN, ((line, good, bad),), complete)


async def line_of(shop: ShopifyStorefront, order: str) -> str:
    return (await order_of(shop, order)).lines[0].external_id


async def test_a_wish_to_send_back_comes_with_its_lines_reason_and_parcels(
    street: Street, shop: ShopifyStorefront, staff: Staff
) -> None:
    order, wanted, _ = asked_back(street, staff, granted=True, tracking=["BACK-1", "BACK-2"])
    found = await told(shop, wanted)
    line = await line_of(shop, order)
    assert (found.order, found.kind, found.state) == (order, RETURN, RequestState.OPEN)
    assert found.lines == (RequestLine(line, 3, "Defective"),)
    assert found.tracking == ("BACK-1", "BACK-2")
    assert "jane@example.com" not in repr(found)
    assert b"jane@example.com" in found.raw


async def test_an_exchange_says_what_is_wanted_instead(
    street: Street, shop: ShopifyStorefront, staff: Staff
) -> None:
    sku = new_sku()
    other = street.goods(sku)
    _, wanted, _ = asked_back(street, staff, instead=[{"sku": sku, "quantity": 2}])
    found = await told(shop, wanted)
    assert (found.kind, found.state) == (EXCHANGE, RequestState.ASKED)
    assert found.instead == (InsteadLine(other, None, 2),)
    assert found.price is None


@pytest.mark.parametrize("approved", [True, False])
async def test_a_wish_is_answered_once(
    street: Street, shop: ShopifyStorefront, staff: Staff, approved: bool, soon: Deadline
) -> None:
    _, wanted, _ = asked_back(street, staff)
    for _ in range(2):
        answer = RequestAnswer(wanted, RETURN, approved, "as agreed")
        assert await shop.answer_request(answer, soon) == Done(wanted)
    state = RequestState.OPEN if approved else RequestState.REFUSED
    assert (await told(shop, wanted)).state is state
    other = await shop.answer_request(RequestAnswer(wanted, RETURN, not approved, "no"), soon)
    assert isinstance(other, Rejected)
    assert other.code == "ALREADY_DECIDED"


async def test_what_staff_closed_or_cancelled_is_told_so(
    street: Street, shop: ShopifyStorefront, staff: Staff
) -> None:
    for act, state in ((CLOSE, RequestState.CLOSED), (CANCEL, RequestState.WITHDRAWN)):
        _, wanted, _ = asked_back(street, staff, granted=True)
        staff.ask(act, id=wanted)
        assert (await told(shop, wanted)).state is state


async def test_what_came_back_is_restocked_or_not_and_then_the_return_is_closed(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    order, wanted, variant = asked_back(street, staff, granted=True)
    line, before = await line_of(shop, order), staff.available(variant)
    assert await shop.receive_request(receipt(wanted, line, 1), soon) == Done(wanted)
    assert staff.available(variant) - before == 1
    now = await told(shop, wanted)
    assert (now.state, now.lines[0].received, now.lines[0].dismissed) == (RequestState.OPEN, 1, 0)
    assert await shop.receive_request(receipt(wanted, line, 2, 1), soon) == Done(wanted)
    assert (await told(shop, wanted)).state is RequestState.RECEIVED
    for _ in range(2):
        assert await shop.receive_request(receipt(wanted, line, 2, 1, complete=True), soon) == Done(wanted)
    now = await told(shop, wanted)
    assert (now.state, now.lines[0].received, now.lines[0].dismissed) == (RequestState.CLOSED, 2, 1)
    assert staff.available(variant) - before == 2


async def test_a_lost_answer_is_unknown_and_a_repeat_books_nothing_twice(
    street: Street, shop: ShopifyStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order, wanted, variant = asked_back(street, staff, granted=True)
    which, before = await line_of(shop, order), staff.available(variant)
    line.fail("mutation DisposeReturned", lost_after)
    assert isinstance(await shop.receive_request(receipt(wanted, which, 3), soon), Unknown)
    assert await shop.receive_request(receipt(wanted, which, 3), soon) == Done(wanted)
    assert staff.available(variant) - before == 3


async def test_more_than_was_asked_back_or_another_line_is_refused_in_words(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    order, wanted, _ = asked_back(street, staff, granted=True)
    line = await line_of(shop, order)
    for given, code in ((receipt(wanted, line, 4), "TOO_MANY"), (receipt(wanted, "other", 1), "NO_LINE")):
        outcome = await shop.receive_request(given, soon)
        assert isinstance(outcome, Rejected)
        assert outcome.code == code


async def test_nothing_is_booked_for_what_is_not_granted(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    order, wanted, _ = asked_back(street, staff)
    outcome = await shop.receive_request(receipt(wanted, await line_of(shop, order), 1), soon)
    assert isinstance(outcome, Rejected)


async def test_a_return_that_is_not_there_is_rejected(shop: ShopifyStorefront, soon: Deadline) -> None:
    for id in ("gid://shopify/Return/987654321", "17"):
        assert await shop.request(RETURN, id, soon) is None
        assert isinstance(await shop.answer_request(RequestAnswer(id, RETURN, True, "x"), soon), Rejected)
        assert isinstance(await shop.receive_request(receipt(id, "x", 1), soon), Rejected)
