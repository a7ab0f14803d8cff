"""Every recorded refusal is told as what it is, by the code of the real shop."""

import os
import re
from typing import Any

import pytest
from woocommerce_exchanges import SPECS, exchanges

if not SPECS.is_dir() and "CI" not in os.environ:
    pytest.skip("the recordings of real shops are not here", allow_module_level=True)

from woocommerce_line import BASE, V3, Line, answers, opened

from connectors.contract import (
    AuthRejected,
    ConnectorError,
    Deadline,
    RefundRequest,
    Refused,
    Rejected,
    Unavailable,
    Unknown,
)
from sync.domain.money import Money

REFUSALS = [
    one
    for one in exchanges()
    if one.status >= 400 and one.method == "GET" and re.fullmatch(r"(orders|products)(/\d+)?", one.place)
]


@pytest.mark.parametrize("one", REFUSALS, ids=str)
async def test_every_recorded_refusal_of_a_read_is_told_as_what_it_is(one: Any) -> None:
    shop = opened(Line([("GET", rf"{V3}/orders", (one.status, one.body))]))
    expected = AuthRejected if one.status == 401 else Refused
    with pytest.raises(expected) as told:
        await shop.orders(None, Deadline.after(10))
    assert one.body["message"] not in str(told.value)
    await shop.close()


@pytest.mark.parametrize("version", ["11.0.1", "8.6.1"])
async def test_a_refused_refund_is_a_refusal_though_it_comes_as_500(version: str) -> None:
    refused = [
        one
        for one in exchanges()
        if one.status == 500 and one.place.endswith("/refunds") and one.case.startswith(version)
    ]
    assert refused
    for one in refused:
        assert isinstance(one.body["data"], int)
        told = [("POST", rf"{V3}/orders/\d+/refunds", (500, one.body)), *answers()]
        line = Line(told)
        shop = opened(line)
        request = RefundRequest("r", "22", Money(100, "USD"), None, (), True, "late")
        assert isinstance(await shop.refund(request, Deadline.after(10)), Rejected)
        assert sum(sent.method == "POST" for sent in line.sent) == 1
        await shop.close()


async def test_any_other_500_leaves_a_refund_unknown() -> None:
    error = {"code": "internal_server_error", "message": "…", "data": {"status": 500}}
    line = Line([("POST", rf"{V3}/orders/\d+/refunds", (500, error)), *answers()])
    shop = opened(line)
    request = RefundRequest("r", "22", Money(100, "USD"), None, (), True, "late")
    assert isinstance(await shop.refund(request, Deadline.after(10)), Unknown)
    await shop.close()


async def test_an_order_that_is_not_there_is_none_and_no_error() -> None:
    (one,) = [one for one in exchanges() if one.case == "error_404_order"]
    shop = opened(Line([("GET", rf"{V3}/orders/\d+", (404, one.body))]))
    assert await shop.order("999999", Deadline.after(10)) is None
    await shop.close()


async def test_a_page_of_another_program_is_not_woocommerce_s() -> None:
    shop = opened(Line([]), url=BASE)
    with pytest.raises(ConnectorError):
        await shop.orders(None, Deadline.after(10))
    await shop.close()


async def test_a_page_of_before_is_asked_for_again_and_never_taken() -> None:
    line = Line(answers())
    shop = opened(line)
    with pytest.raises(Unavailable, match="a page of before"):
        await shop.orders('{"after":1895591000,"seen":{}}', Deadline.after(10))
    await shop.close()
