"""A server that shows a page, such as that of a log-in, where a file is meant: in which words it is told."""

import pytest

from connectors.conformance import Wire, answering
from connectors.contract import BadAnswer, Deadline, Unknown
from connectors.contract.supplier import Supplier
from tests.conformance.feed.conftest import Line, orders

PAGE = b"<html><title>Please log in</title></html>"


@pytest.fixture
async def astray(over_http: Line) -> Supplier:
    wire = Wire()
    wire.trouble(answering(200, PAGE, content_type="text/html; charset=utf-8"))
    return over_http.connector(http=wire)


async def test_a_page_is_no_identity(astray: Supplier, soon: Deadline) -> None:
    with pytest.raises(BadAnswer) as told:
        await astray.identity(soon)
    assert str(told.value) == (
        "identity: the server answers with text/html where a file is meant: check `url` and `list.files`"
    )


async def test_a_page_is_no_list(astray: Supplier, soon: Deadline) -> None:
    with pytest.raises(
        BadAnswer, match=r"^stock\.csv: is JSON or a web page, and no table: is it the right file\?$"
    ):
        await astray.offers(None, soon)


async def test_a_page_is_no_report(astray: Supplier, soon: Deadline) -> None:
    with pytest.raises(
        BadAnswer, match=r"^acks\.csv: is JSON or a web page, and no table: is it the right file\?$"
    ):
        await astray.acknowledgements(None, soon)


async def test_a_page_does_not_say_that_an_order_was_taken(astray: Supplier, soon: Deadline) -> None:
    outcome = await astray.place_order(orders(), soon)
    assert outcome == Unknown("place_order: answered with 200 and a page: it is looked up")


async def test_a_page_does_not_say_that_an_order_is_there(astray: Supplier, soon: Deadline) -> None:
    with pytest.raises(BadAnswer) as told:
        await astray.find_orders("main/ABC-1", soon)
    assert str(told.value) == (
        "find_order: the server answers 200, and what it answers does not hold the order's reference"
    )
