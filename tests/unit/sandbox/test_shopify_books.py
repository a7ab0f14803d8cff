"""The pretend Shopify's books after whatever people do, in any order: stock, orders and money stay in step."""

from decimal import Decimal
from random import Random
from typing import Any

import pytest
from shopify_door import (
    BEGIN_EDIT,
    CANCEL_FULFILMENT,
    CANCEL_ORDER,
    COMMIT_EDIT,
    MAIN,
    MOVE,
    REFUND,
    SECOND,
    SET_UNITS,
    Door,
    opened,
)

from sandbox.judge import judge
from sandbox.shoppers import ONE_NAME, Purchase, fill, settle
from sandbox.storefront import cancelling
from sandbox.storefront.shopify.opening import open_shop
from sandbox.storefront.shopify.records import Level
from sandbox.world import World

SKUS = ("A", "B", "C")


def in_step(door: Door) -> None:
    """What is on hand, committed and owed is the same wherever it is written."""
    shop = door.street.shop
    for variant in shop.catalogue.live_variants():
        levels: list[Level] = shop.of_item(variant.id)
        assert sum(level.on_hand for level in levels) == variant.on_hand
        assert sum(shop.committed(variant.id, level.place) for level in levels) == variant.allocated
    for order in shop.shown_orders():
        for line in order.lines:
            assert sum(portion.remaining for portion in shop.held(line)) == shop.outstanding(line)
            gone = line.order_placed_quantity - shop.outstanding(line)
            assert 0 <= order.fulfilled(line) <= gone


class Chance:
    """Somebody who does things to a shop at random; what the shop refuses is not done."""

    def __init__(self, door: Door, random: Random) -> None:
        self.door, self.random, self.orders = door, random, list[str]()

    def act(self) -> None:
        acts = (self.buy, self.fulfil, self.undo, self.edit, self.refund, self.cancel, self.staff, self.move)
        self.random.choice(acts)()
        self.door.clock.advance(1)
        in_step(self.door)

    def _order(self) -> str | None:
        return self.random.choice(self.orders) if self.orders else None

    def buy(self) -> None:
        rows = [{"sku": s, "quantity": self.random.randint(1, 6)} for s in self.random.sample(SKUS, 2)]
        answer = self.door.street.http.post("/street/buy", json={"lines": rows})
        if answer.is_success:
            self.orders.append(answer.json()["order"])

    def fulfil(self) -> None:
        order = self._order()
        if order and any(each["status"] != "CLOSED" for each in self.door.errands(order)):
            self.door.fulfil(order, self.random.choice([None, 1]), number="T")

    def undo(self) -> None:
        if order := self._order():
            for made in self.door.order(order, "fulfillments { id status }")["fulfillments"]:
                if made["status"] == "SUCCESS" and self.random.random() < 0.5:
                    self.door.data(CANCEL_FULFILMENT, id=made["id"])

    def edit(self) -> None:
        order = self._order()
        edit = self.door.data(BEGIN_EDIT, id=order)["calculatedOrder"] if order else None
        if edit is None:
            return
        line = self.random.choice(edit["lineItems"]["nodes"])
        units = max(0, line["quantity"] - 1)
        restock = self.random.random() < 0.5
        self.door.data(SET_UNITS, id=edit["id"], line=line["id"], n=units, restock=restock)
        self.door.data(COMMIT_EDIT, id=edit["id"])

    def refund(self) -> None:
        if order := self._order():
            line = self.door.order(order, "lineItems(first: 1) { nodes { id } }")["lineItems"]["nodes"][0]
            kind = self.random.choice(["RETURN", "CANCEL", "NO_RESTOCK"])
            row = {"lineItemId": line["id"], "quantity": 1, "restockType": kind}
            money = {"orderId": order, "kind": "REFUND", "gateway": "x", "amount": "1.00"}
            given: dict[str, Any] = {"orderId": order, "refundLineItems": [row], "transactions": [money]}
            self.door.data(REFUND, i=given, k=self.door.key())

    def cancel(self) -> None:
        if (order := self._order()) and self.random.random() < 0.3:
            refund = {"originalPaymentMethodsRefund": self.random.random() < 0.5}
            self.door.data(CANCEL_ORDER, id=order, restock=self.random.random() < 0.5, refund=refund)

    def staff(self) -> None:
        if order := self._order():
            rows = [{"sku": self.random.choice(SKUS), "quantity": 1}]
            open_units = sum(
                line["remainingQuantity"]
                for errand in self.door.errands(order)
                for line in errand["lineItems"]["nodes"]
                if line["lineItem"]["sku"] == rows[0]["sku"]
            )
            if open_units and not self.door.order(order, "fulfillments { id }")["fulfillments"]:
                self.door.street.walk("cancel", order=order, lines=rows)

    def move(self) -> None:
        if order := self._order():
            for errand in self.door.errands(order):
                if errand["status"] != "CLOSED":
                    self.door.data(MOVE, id=errand["id"], to=self.random.choice([MAIN, SECOND]))


@pytest.mark.parametrize("seed", range(6))
def test_stock_and_orders_stay_in_step_whatever_people_do(seed: int) -> None:
    with opened() as door:
        door.street.walk("levers", bucket=10**9, restore=1)
        for sku in SKUS:
            door.street.goods(sku, {"1": 40, "2": 25}, "3.33")
        somebody = Chance(door, Random(seed))
        for _ in range(60):
            somebody.act()
        told: dict[str, Decimal] = {}
        for id in somebody.orders:
            money = "{ shopMoney { amount } }"
            found = door.order(
                id, f"name totalReceivedSet {money} totalRefundedSet {money} netPaymentSet {money}"
            )
            received, refunded, net = (
                Decimal(found[each]["shopMoney"]["amount"])
                for each in ("totalReceivedSet", "totalRefundedSet", "netPaymentSet")
            )
            assert received - refunded == net >= 0
            told[found["name"].lstrip("#")] = refunded
        for code, refunded in told.items():
            entries = [e for e in door.entries("refunded") if e.facts["code"] == code]
            assert sum(Decimal(e.facts["amount"]) / 100 for e in entries) == refunded


def test_a_world_s_shoppers_and_staff_act_on_the_same_books() -> None:
    world = World(1)
    shop, _ = open_shop("shopify", ledger=world.ledger, clock=world.clocks["courier"], random=Random(1))
    world.shops["shopify"] = shop
    shop.watching = False
    world.list_good(shop, "A", "A thing", 1000, physical="A", units=5)
    shop.watching = True
    cart = fill(shop, world.listings, Purchase("shopify", (("A", 2),), ONE_NAME))
    assert cart is not None
    order = settle(shop, cart)
    variant = world.listings["shopify", "A"]
    assert (shop.available(variant.id, "1"), shop.committed(variant.id, "1")) == (3, 2)
    cancelling.cancel(shop, order.id, None, shipping=True, reason="changed their mind")
    assert (shop.available(variant.id, "1"), shop.committed(variant.id, "1")) == (5, 0)
    assert shop.about(order).cancelled_at is not None
    verdict = judge(world.ledger.entries(), (), {})
    assert verdict.orders_placed == verdict.orders_cancelled == 1
