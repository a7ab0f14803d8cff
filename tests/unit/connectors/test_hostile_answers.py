"""Answers that are nested too deeply, and links that are not what they look like, as each connector reads them."""

from datetime import UTC, datetime

import msgspec
import pytest

from connectors.contract import BadAnswer
from connectors.couriers.karrio.payloads import ShipmentInfo
from connectors.couriers.karrio.translate import booking_in, complaint
from connectors.storefronts.medusa import client as medusa
from connectors.storefronts.vendure import client as vendure
from connectors.storefronts.vendure.documents import Document
from connectors.transport import Answer, Safety, Uncertain
from connectors.warehouse.tryton.payloads import decoded, raw_rows

DEEP = b'{"orders":' + b'[{"x":' * 20_000 + b"1" + b"}]" * 20_000 + b"}"
ROWS = b"[" * 50_000 + b"]" * 50_000


class Orders(msgspec.Struct):
    """A page."""

    orders: list[msgspec.Raw]


def answer(body: bytes) -> Answer:
    return Answer(200, {}, body, datetime(2026, 3, 2, tzinfo=UTC), None)


def test_medusa_reads_it_as_an_answer_that_does_not_fit() -> None:
    with pytest.raises(BadAnswer, match="nested too deeply"):
        medusa.Reply(answer(DEEP), medusa.get("orders", "orders")).read(Orders)
    with pytest.raises(Uncertain, match="nested too deeply"):
        medusa.Reply(answer(DEEP), medusa.make("note", "orders", body={})).read(Orders)


@pytest.mark.parametrize(("safety", "error"), [(Safety.READ, BadAnswer), (Safety.CREATING, Uncertain)])
def test_vendure_reads_it_as_an_answer_that_does_not_fit(safety: Safety, error: type[Exception]) -> None:
    document = Document("orders", "query { x }", safety)
    with pytest.raises(error, match="nested too deeply"):
        vendure.Reply(answer(DEEP), msgspec.Raw(DEEP), document).read(Orders)


def test_tryton_reads_it_as_an_answer_that_does_not_fit() -> None:
    with pytest.raises(BadAnswer, match="not a list of records"):
        raw_rows(ROWS)
    with pytest.raises(BadAnswer, match="does not fit Orders"):
        decoded(DEEP, Orders)


def test_karrio_finds_no_complaint_in_it() -> None:
    assert complaint(DEEP) == ("", "")


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "https://post.example@evil.example/", "file:///etc/passwd"]
)
def test_a_tracking_link_that_is_not_what_it_looks_like_reaches_no_buyer(link: str) -> None:
    assert (
        booking_in(ShipmentInfo("shp_1", "created", tracking_number="T-1", tracking_url=link)).tracking_url
        is None
    )
