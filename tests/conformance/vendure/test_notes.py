"""Notes on orders, once per key."""

from connectors.contract import Deadline, Done, Rejected, Reply
from connectors.storefronts.vendure.connector import VendureStorefront
from tests.conformance.vendure.conftest import Street
from tests.peers.books.vendure import Staff


def notes(staff: Staff, order: str) -> list[tuple[str, bool]]:
    """(text, seen by the buyer) of the order's notes."""
    document = "query($i:ID!){order(id:$i){history{items{type isPublic data}}}}"
    items = staff.session.ask(document, i=order)["history"]["items"]
    return [(item["data"]["note"], item["isPublic"]) for item in items if item["type"] == "ORDER_NOTE"]


async def test_a_note_is_written_once_and_seen_by_whom_it_is_for(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    placed = street.buy({street.goods(): 1})
    for private in (True, False):
        for _ in range(2):
            request = Reply(f"note:{placed.code}:{private}", placed.id, "Waits for stock.", private)
            assert await shop.note(request, soon) == Done(placed.id)
    found = notes(staff, placed.id)
    assert sorted(public for _, public in found) == [False, True]
    assert all(text.startswith("Waits for stock. #") for text, _ in found)
    assert all(placed.code not in text for text, _ in found), "our keys are not for buyers"


async def test_a_note_on_an_order_that_is_not_there_is_rejected(
    shop: VendureStorefront, soon: Deadline
) -> None:
    outcome = await shop.note(Reply("note:1", "987654321", "x", True), soon)
    assert isinstance(outcome, Rejected)
    assert "no order 987654321" in outcome.reason
