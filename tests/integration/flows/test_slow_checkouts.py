"""A buyer who takes long at the till: the order is placed long after anything else about it moved."""

import asyncio
from datetime import timedelta

import pytest

from sync.flows.flow import FlowName as F
from tests.integration.flows.conductor import Conductor
from tests.peers.books.vendure import Shopper, Staff

SHOPS = ("main",)

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
TILL = 'transitionOrderToState(state:"ArrangingPayment")'
PAY = 'addPaymentToOrder(input:{method:"dummy-payment",metadata:{}})'


class Visit:
    """A buyer at the till. Its calls wait for the shop, so they are made beside the loop."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._staff = Staff(f"{url}/admin-api", user, password)
        self._shopper = Shopper(f"{url}/shop-api", self._staff)

    def to_the_till(self) -> None:
        """Everything but paying."""
        self._shopper.begin({"TEE-02": 1})
        self._shopper.session.act("Order", TILL)

    def pay(self) -> str:
        """The order's number."""
        code = str(self._shopper.session.act("Order", PAY, "", "code")["code"])
        self._shopper.session.close()
        self._staff.session.close()
        return code


async def test_an_order_that_was_paid_long_after_it_was_last_changed_is_pulled(daemon: Conductor) -> None:
    """Vendure leaves its `updatedAt` before others' dates of placing, which the feed has passed already."""
    _, options, password = daemon.conf["main"]
    shop = await asyncio.to_thread(Visit, options["url"], options["username"], password)
    await asyncio.to_thread(shop.to_the_till)
    for _ in range(2):
        await daemon.later(timedelta(seconds=30))
        await daemon.buy("main", TEE_05=1)
        await daemon.run("main", F.ORDERS)
    number = await asyncio.to_thread(shop.pay)
    await daemon.run("main", F.ORDERS)
    assert await daemon.held_units(number) == 1
