"""What the shop's answer to a refund says became of its money."""

from typing import Any

import pytest

from connectors.contract import Deadline, Done, Outcome, RefundRequest, Rejected
from connectors.storefronts.shopify.connector import ShopifyStorefront
from sync.domain.money import Money
from tests.unit.shopify.made import line, order_record, refund, transaction
from tests.unit.shopify.scripted import Scripted, answer, setup

ORDER = order_record("20.00", line(1, "20.0"), paid=[transaction(1, "SALE", "20.0")])
REQUEST = RefundRequest("shop/1/r/refund/1", str(ORDER["id"]), Money(1000, "EUR"), None, (), False, "late")


async def refunded(*transactions: dict[str, Any]) -> Outcome[Money]:
    made = {"refundCreate": {"refund": refund(7, *transactions), "userErrors": []}}
    shop = ShopifyStorefront(setup(Scripted([answer({"order": ORDER}), answer(made)])))
    try:
        return await shop.refund(REQUEST, Deadline.after(30))
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
