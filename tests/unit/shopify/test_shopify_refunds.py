"""What the shop's answer to a refund says became of its money."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import Deadline, Done, Outcome, RefundRequest, Rejected
from connectors.storefronts.shopify.connector import ShopifyStorefront
from sync.domain.money import Money
from tests.unit.shopify.made import line, order_record, refund, transaction
from tests.unit.shopify.scripted import Scripted, answer, setup

ORDER = order_record("20.00", line(1, "20.0"), paid=[transaction(1, "SALE", "20.0")])
REQUEST = RefundRequest("shop/1/r/refund/1", str(ORDER["id"]), Money(1000, "EUR"), None, (), False, "late")


async def refunded(
    *transactions: dict[str, Any], order: dict[str, Any] = ORDER, asked: int = 1000
) -> Outcome[Money]:
    made = {"refundCreate": {"refund": refund(7, *transactions), "userErrors": []}}
    shop = ShopifyStorefront(setup(Scripted([answer({"order": order}), answer(made)])))
    try:
        return await shop.refund(replace(REQUEST, amount=Money(asked, "EUR")), Deadline.after(30))
    finally:
        await shop.close()


def part(number: int, amount: str, status: str) -> dict[str, Any]:
    return transaction(number, "REFUND", amount, status=status)


@pytest.mark.parametrize("status", ["FAILURE", "ERROR"])
async def test_a_refund_that_the_payment_provider_fails_at_once_is_not_done(status: str) -> None:
    found = await refunded(part(3, "10.0", status))
    assert isinstance(found, Rejected)
    assert found.code == "REFUND_FAILED"


async def test_only_the_parts_that_did_not_fail_are_given_back() -> None:
    found = await refunded(part(3, "6.0", "SUCCESS"), part(4, "1.0", "PENDING"), part(5, "3.0", "FAILURE"))
    assert found == Done("gid://shopify/Refund/7", Money(700, "EUR"))


ABROAD = [transaction(1, "SALE", "100.0", there=("1.20", "USD"))]
"""A cent of the buyer's is 83 of ours: half of one is 41."""


@pytest.mark.parametrize(("asked", "given", "booked"), [(1030, "10.0", 1030), (1050, "10.83", 1050)])
async def test_what_is_rounded_in_the_buyers_currency_leaves_no_difference(
    asked: int, given: str, booked: int
) -> None:
    order = order_record("100.00", line(1, "100.0"), paid=ABROAD)
    found = await refunded(transaction(3, "REFUND", given, parent=1), order=order, asked=asked)
    assert found == Done("gid://shopify/Refund/7", Money(booked, "EUR"))


async def test_what_rounding_does_not_explain_is_booked_as_the_shop_says() -> None:
    order = order_record("100.00", line(1, "100.0"), paid=ABROAD)
    found = await refunded(transaction(3, "REFUND", "9.58", parent=1), order=order, asked=1000)
    assert found == Done("gid://shopify/Refund/7", Money(958, "EUR"))
    home = await refunded(transaction(3, "REFUND", "9.99", parent=1), asked=1000)
    assert home == Done("gid://shopify/Refund/7", Money(999, "EUR"))


async def test_the_last_refund_takes_what_rounding_left_of_the_payment() -> None:
    before = refund(6, transaction(2, "REFUND", "10.83", parent=1, there=("0.13", "USD")))
    order = order_record("100.00", line(1, "100.0"), paid=ABROAD, refunds=[before])
    whole = transaction(3, "REFUND", "89.17", parent=1)
    assert await refunded(whole, order=order, asked=8950) == Done(
        "gid://shopify/Refund/7", Money(8950, "EUR")
    )
    assert isinstance(await refunded(whole, order=order, asked=9000), Rejected)
