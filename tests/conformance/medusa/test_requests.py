"""Returns, exchanges and claims: read as what they ask for, refused by a cancel, booked in once."""

import asyncio
from decimal import Decimal

import pytest

from connectors.contract import Deadline, Done, Rejected, RequestAnswer, RequestReceipt, Unknown
from connectors.storefronts.medusa.connector import MedusaStorefront
from sync.domain.aftersales import RequestKind
from sync.domain.money import Money
from sync.domain.orders import PaymentStatus
from sync.domain.requests import RemoteRequest, RequestLine, RequestState
from tests.conformance.medusa.conftest import Street
from tests.conformance.medusa.line import Line, lost_after
from tests.conformance.medusa.people import Staff

RETURN = RequestKind.RETURN


def sent(street: Street, units: int = 3) -> tuple[str, str, str]:
    """(order, its line, SKU) of goods that left."""
    sku = street.goods()
    order = street.buy({sku: units})
    return order, street.staff.sent(order)[sku], sku


async def told(shop: MedusaStorefront, id: str) -> RemoteRequest:
    found = await shop.request(RETURN, id, Deadline.after(30))
    assert found is not None
    return found


async def read_all(
    shop: MedusaStorefront, cursor: str | None = None
) -> tuple[dict[str, RemoteRequest], str | None]:
    """The feed to its end."""
    found: dict[str, RemoteRequest] = {}
    while True:
        page = await shop.requests(cursor, Deadline.after(60))
        assert page.broken == ()
        found |= {each.external_id: each for each in page.records}
        cursor = page.cursor or cursor
        if page.complete:
            return found, cursor


def cost_of(staff: Staff, order: str, variant: str) -> Money:
    """What the line of this variant costs by the order's own books."""
    items = staff.get(f"orders/{order}", fields="*items,total")["order"]["items"]
    (total,) = [item["total"] for item in items if item["variant_id"] == variant]
    return Money.of(round(Decimal(str(total)), 2), "EUR")


def receipt(id: str, line: str, good: int, bad: int = 0, *, complete: bool = True) -> RequestReceipt:
    return RequestReceipt(id, RETURN, ((line, good, bad),), complete)


async def test_a_shopper_s_return_waits_for_an_answer_with_its_reason(
    street: Street, shop: MedusaStorefront, staff: Staff
) -> None:
    order, line, _ = sent(street)
    back = staff.asks_back(order, {line: 2}, staff.reason("damaged"))
    found = await told(shop, back)
    assert (found.order, found.kind, found.state) == (order, RETURN, RequestState.ASKED)
    assert found.lines == (RequestLine(line, 2, "damaged"),)


async def test_a_claim_is_what_it_asks_for(street: Street, shop: MedusaStorefront, staff: Staff) -> None:
    for kind, back, out, wanted in (
        ("replace", True, True, RequestKind.EXCHANGE),
        ("replace", False, True, RequestKind.RESEND),
        ("refund", True, False, RequestKind.RETURN),
        ("refund", False, False, RequestKind.REFUND_ONLY),
    ):
        order, line, _ = sent(street)
        variant = street.id_of(street.goods())
        inbound, complaint = ({line: 1}, None) if back else ({}, {line: 1})
        claim = staff.swaps(kind, order, inbound, {variant: 1} if out else {}, complaint)
        found = await told(shop, claim)
        assert (found.kind, found.state) == (wanted, RequestState.OPEN)
        assert [(each.line, each.units) for each in found.lines] == [(line, 1)]
        assert [(each.variant, each.units) for each in found.instead] == ([(variant, 1)] if out else [])
        assert found.price == (cost_of(staff, order, variant) if out else None), "as the shop charges it"
        assert found.reasons == (() if back else ("wrong_item",))


async def test_an_exchange_says_what_the_other_goods_cost(
    street: Street, shop: MedusaStorefront, staff: Staff
) -> None:
    order, line, _ = sent(street)
    variant = street.id_of(street.goods(price=20))
    found = await told(shop, staff.swaps("exchange", order, {line: 1}, {variant: 2}))
    assert found.kind is RequestKind.EXCHANGE
    assert found.price == cost_of(staff, order, variant)


async def test_an_order_whose_exchange_costs_no_more_stays_paid(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    """Its total holds both the goods that come back and the others; one that costs more is to be paid first."""
    for price, paid in ((10, True), (90, False)):
        order, line, _ = sent(street)
        staff.capture(order)
        staff.swaps("exchange", order, {line: 1}, {street.id_of(street.goods(price=price)): 1})
        found = await shop.order(order, soon)
        assert found is not None
        assert found.total > found.payments[0].amount
        assert (found.payment is PaymentStatus.PAID) is paid


async def test_what_staff_have_not_requested_yet_is_told_when_they_have(
    street: Street, shop: MedusaStorefront, staff: Staff
) -> None:
    """Requesting a claim moves nothing of it that a feed could see."""
    order, line, _ = sent(street)
    claim = staff.swaps("refund", order, {}, {}, {line: 1}, request=False)
    found, cursor = await read_all(shop)
    assert claim not in found
    staff.post(f"claims/{claim}/request")
    found, cursor = await read_all(shop, cursor)
    assert found[claim].kind is RequestKind.REFUND_ONLY
    assert claim not in (await read_all(shop, cursor))[0]


async def test_a_list_that_is_read_to_its_end_waits_there_for_the_others(
    street: Street, staff: Staff
) -> None:
    """Begun anew while they go on, lists of two and of three pages would end together in the sixth, or never."""
    await asyncio.sleep(1.1)  # nothing of before lies within the overlap
    start = await read_all(shop := street.connector(page_items=2, overlap_seconds=1))
    await shop.close()
    order, line, _ = sent(street, units=9)
    wanted = {staff.asks_back(order, {line: 1}) for _ in range(4)}
    for _ in range(3):
        claimed, other, _ = sent(street)
        wanted.add(staff.swaps("refund", claimed, {}, {}, {other: 1}))
    shop = street.connector(page_items=2, overlap_seconds=1)
    found: set[str] = set()
    cursor, idle, complete = start[1], 0, False
    while not complete:
        page = await shop.requests(cursor, Deadline.after(60))
        found |= {each.external_id for each in page.records}
        idle += not page.records
        cursor, complete = page.cursor or cursor, page.complete
    await shop.close()
    assert wanted <= found
    assert idle <= 8, "once nothing new comes, all lists are soon at their end"


async def test_a_return_that_is_received_brings_its_exchange(
    street: Street, shop: MedusaStorefront, staff: Staff
) -> None:
    order, line, _ = sent(street)
    variant = street.id_of(street.goods())
    swap = staff.swaps("exchange", order, {line: 1}, {variant: 1})
    _, cursor = await read_all(shop)
    back = staff.get(f"exchanges/{swap}")["exchange"]["return_id"]
    staff.received(back, {line: 1})
    found, _ = await read_all(shop, cursor)
    assert found[swap].state is RequestState.RECEIVED
    assert found[swap].lines[0].received == 1
    assert back not in found


async def test_a_refusal_cancels_it_and_a_yes_changes_nothing(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    order, line, _ = sent(street)
    back = staff.asks_back(order, {line: 1})
    assert await shop.answer_request(RequestAnswer(back, RETURN, True, "as agreed"), soon) == Done(back)
    assert (await told(shop, back)).state is RequestState.ASKED
    for _ in range(2):
        assert await shop.answer_request(RequestAnswer(back, RETURN, False, "too late"), soon) == Done(back)
    assert (await told(shop, back)).state is RequestState.WITHDRAWN
    assert isinstance(await shop.answer_request(RequestAnswer(back, RETURN, True, "x"), soon), Rejected)


async def test_what_was_received_is_refused_no_more(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    order, line, _ = sent(street)
    back = staff.asks_back(order, {line: 1})
    staff.received(back, {line: 1})
    assert isinstance(await shop.answer_request(RequestAnswer(back, RETURN, False, "x"), soon), Rejected)


async def test_good_pieces_are_stocked_again_and_dismissed_ones_are_not(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    order, line, sku = sent(street)
    back = staff.asks_back(order, {line: 3})
    before = staff.stock(sku)[0]
    assert await shop.receive_request(receipt(back, line, 1, complete=False), soon) == Done(back)
    assert staff.stock(sku)[0] == before
    for _ in range(2):
        assert await shop.receive_request(receipt(back, line, 2, 1), soon) == Done(back)
    assert staff.stock(sku)[0] == before + 2
    assert staff.came_back(order)[line] == (2, 1)
    now = await told(shop, back)
    assert (now.state, now.lines[0].received, now.lines[0].dismissed) == (RequestState.RECEIVED, 2, 1)


async def test_what_staff_booked_in_before_is_not_booked_again(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    """Medusa's own figures of the return then show the last receipt alone; its changes show both."""
    order, line, sku = sent(street)
    back = staff.asks_back(order, {line: 3})
    staff.received(back, {line: 1})
    before = staff.stock(sku)[0]
    assert await shop.receive_request(receipt(back, line, 2, 1), soon) == Done(back)
    assert staff.stock(sku)[0] == before + 1
    now = await told(shop, back)
    assert (now.state, now.lines[0].received, now.lines[0].dismissed) == (RequestState.RECEIVED, 2, 1)


@pytest.mark.parametrize("step", ["/receive", "/receive-items", "/receive/confirm"])
async def test_a_lost_answer_at_any_step_books_nothing_twice(
    street: Street, shop: MedusaStorefront, staff: Staff, line: Line, step: str, soon: Deadline
) -> None:
    order, which, sku = sent(street)
    back = staff.asks_back(order, {which: 3})
    before = staff.stock(sku)[0]
    line.fail(f"returns/{back}{step}", lost_after)
    first = await shop.receive_request(receipt(back, which, 3), soon)
    assert isinstance(first, Unknown) is (step == "/receive/confirm")
    assert await shop.receive_request(receipt(back, which, 3), soon) == Done(back)
    assert staff.stock(sku)[0] == before + 3


async def test_nothing_is_booked_while_staff_change_the_order(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    order, line, _ = sent(street)
    back = staff.asks_back(order, {line: 1})
    staff.post("order-edits", {"order_id": order})
    outcome = await shop.receive_request(receipt(back, line, 1), soon)
    assert isinstance(outcome, Rejected)
    assert outcome.code == "BEING_CHANGED"


async def test_more_than_was_asked_back_or_another_line_is_refused_in_words(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    order, line, _ = sent(street)
    back = staff.asks_back(order, {line: 1})
    for given, code in ((receipt(back, line, 1, 1), "TOO_MANY"), (receipt(back, "other", 1), "NO_LINE")):
        outcome = await shop.receive_request(given, soon)
        assert isinstance(outcome, Rejected)
        assert outcome.code == code


async def test_a_request_that_is_not_there_is_rejected(shop: MedusaStorefront, soon: Deadline) -> None:
    for id in ("return_01HZZZZZZZZZZZZZZZZZZZZZZZ", "claim_01HZZZZZZZZZZZZZZZZZZZZZZZ", "17"):
        assert await shop.request(RETURN, id, soon) is None
        assert isinstance(await shop.answer_request(RequestAnswer(id, RETURN, True, "x"), soon), Rejected)
        assert isinstance(await shop.receive_request(receipt(id, "x", 1), soon), Rejected)


async def test_staff_s_refund_comes_with_the_order(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    order, _, _ = sent(street)
    staff.capture(order)
    staff.refund(order, 5, "sorry")
    found = await shop.order(order, soon)
    assert found is not None
    (refund,) = found.payments[0].refunds
    assert (refund.amount, refund.reason, refund.settled) == (Money(500, "EUR"), "sorry", True)
    assert refund.external_id == staff.payment(order)["refunds"][0]["id"]
    assert refund.at is not None
