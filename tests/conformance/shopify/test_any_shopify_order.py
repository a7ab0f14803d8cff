"""Any order comes through with its money adding up, and any edits end where one reading at the end does.

The money is compared with what the shop answers over HTTP. Each class of order, and each kind of edit, that is named
below must occur in at least two of a hundred examples.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import Deadline
from connectors.storefronts.shopify.connector import ShopifyStorefront
from sandbox.clock import SetClock
from sandbox.storefront.books import Terms
from sandbox.storefront.shopify.builder import BEGIN, Street, running
from sync.domain.money import Money
from sync.domain.orders import PaymentStatus, RemoteOrder

from .conftest import Staff, new_sku, opened

SHOPS = {
    "untaxed": Terms("GBP", 2, prices_include_tax=False, tax_rate=0, shipping_prices=(499, 999)),
    "tax on top": Terms("USD", 2, prices_include_tax=False, tax_rate=8.875, shipping_prices=(533, 990)),
    "tax inside": Terms("EUR", 2, prices_include_tax=True, tax_rate=19, shipping_prices=(490, 990)),
    "yen": Terms("JPY", 0, prices_include_tax=True, tax_rate=10, shipping_prices=(800, 1600)),
    "dinars": Terms("KWD", 3, prices_include_tax=False, tax_rate=5, shipping_prices=(1501, 3000)),
}
COUPONS = {"TENTH": (10, False), "THIRD": (33, False), "SENT": (0, True), "ALL": (100, True)}
"""(per cent off the goods, whether sending is free)"""
PRICES = ("3.33", "19.99", "0.07", "1250", "7.77")
NEAR, FAR = "P0", "FAR"
_SHOWN = """query($id: ID!) { order(id: $id) {
  taxesIncluded currentSubtotalLineItemsQuantity
  totalPriceSet { shopMoney { amount } } totalReceivedSet { shopMoney { amount } }
  totalRefundedSet { shopMoney { amount } } totalCapturableSet { shopMoney { amount } }
  totalTaxSet { shopMoney { amount } } totalShippingPriceSet { shopMoney { amount } }
  lineItems(first: 50) { nodes { id refundableQuantity } }
  fulfillmentOrders(first: 9) { nodes { id } }
  transactions(first: 50) { id gateway maximumRefundableV2 { amount } } } }"""
_REFUND = """mutation($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) { refund { id } userErrors { message } } }"""
_NOTE = """mutation($input: OrderInput!) {
  orderUpdate(input: $input) { order { id } userErrors { message } } }"""
LENIENT = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@dataclass
class Seen:
    """How often each class of order, or each kind of edit, occurred."""

    whole: int = 0
    classes: Counter[str] = field(default_factory=Counter)

    def rare(self, wanted: set[str]) -> set[str]:
        """Those that occurred in less than two of a hundred."""
        return {name for name in wanted if self.classes[name] * 50 < self.whole}


ORDERS, EDITS = Seen(), Seen()


@pytest.fixture(scope="module")
def streets() -> Iterator[dict[str, Street]]:
    with ExitStack() as stack:
        found = {}
        for name, terms in SHOPS.items():
            street = found[name] = stack.enter_context(running(terms, clock=SetClock(BEGIN)))
            street.walk("levers", bucket=10_000_000, restore=1_000_000)
            for n, price in enumerate(PRICES):
                street.goods(f"P{n}", 100_000, price=f"{Decimal(price):.{terms.precision}f}")
            street.goods(FAR, {"2": 100_000}, price=f"{Decimal('5'):.{terms.precision}f}")
            for code, (percent, free) in COUPONS.items():
                street.walk("coupons", code=code, percent=percent, free_shipping=free)
        yield found


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a buyer puts together. `apart`: units of one more line that two locations have between them."""

    lines: list[tuple[int, int]]
    coupon: str
    card: int
    """minor units that a gift card pays first"""
    by_channel: bool
    """whether the tax is owed by the channel that sold it"""
    dearer: bool
    paid: bool
    apart: int


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What staff give back: units of the first line, the sending, money of the first payment that has some."""

    units: int
    sending: bool
    money: int


PURCHASES = st.builds(
    Purchase,
    lines=st.lists(
        st.tuples(st.integers(0, 4), st.integers(1, 5)), min_size=1, max_size=5, unique_by=lambda x: x[0]
    ),
    coupon=st.sampled_from(["", "", *COUPONS]),
    card=st.one_of(st.just(0), st.integers(1, 3000), st.just(10**9)),
    by_channel=st.booleans(),
    dearer=st.booleans(),
    paid=st.sampled_from([True, True, True, False]),
    apart=st.sampled_from([0, 0, 2, 3, 7]),
)
BACK = st.lists(
    st.builds(
        GivenBack,
        units=st.integers(0, 3),
        sending=st.booleans(),
        money=st.one_of(st.just(0), st.integers(1, 1500), st.just(10**9)),
    ),
    max_size=3,
)


@settings(max_examples=250, deadline=None, suppress_health_check=LENIENT)
@given(name=st.sampled_from(list(SHOPS)), purchase=PURCHASES, back=BACK)
def test_the_money_of_any_shopify_order_adds_up_to_the_minor_unit(
    streets: dict[str, Street], name: str, purchase: Purchase, back: list[GivenBack]
) -> None:
    street = streets[name]
    currency = street.shop.terms.currency
    id = bought(street, purchase)
    total = amount(shown(street, id), "totalPriceSet", currency)
    gone = sum(given_back(street, id, each) for each in back)
    order, books = asyncio.run(read(street, id)), shown(street, id)
    parts = sum(line.total.minor for line in order.lines) + order.shipping.minor + order.adjustments.minor
    assert parts == order.total.minor == total
    assert order.shipping.minor == sending(books, street)
    units = sum(each[1] for each in purchase.lines) + purchase.apart
    assert sum(line.ordered for line in order.lines) == units
    assert sum(line.quantity for line in order.lines) == units - gone
    assert units - gone == books["currentSubtotalLineItemsQuantity"]
    received, refunded = (amount(books, name, currency) for name in ("totalReceivedSet", "totalRefundedSet"))
    held = [each for each in order.payments if each.status is PaymentStatus.AUTHORISED]
    taken = [each for each in order.payments if each not in held]
    assert sum(each.amount.minor for each in taken) == received
    assert sum(each.amount.minor for each in held) == amount(books, "totalCapturableSet", currency)
    assert sum(part.amount.minor for each in taken for part in each.refunds) == refunded
    cards = [each.amount.minor for each in taken if each.method == "gift_card"]
    assert cards == ([min(purchase.card, total)] if purchase.card and total else [])
    owed = purchase.by_channel and amount(books, "totalTaxSet", currency) > 0
    assert ("tax:marketplace" in order.tags) is owed
    assert order.payment is payment_of(total, received, refunded, held=bool(held))
    noted(name, purchase, books, gone, refunded, received)


def bought(street: Street, purchase: Purchase) -> str:
    wanted = {f"P{product}": units for product, units in purchase.lines}
    if purchase.apart:
        sku, first = new_sku("APART"), purchase.apart // 2
        units = {"1": first, "2": purchase.apart - first}
        street.goods(sku, units, price=f"{Decimal('2'):.{street.shop.terms.precision}f}")
        wanted[sku] = purchase.apart
    more: dict[str, Any] = {"coupon": purchase.coupon} if purchase.coupon else {}
    if purchase.card:
        more["gift_card"] = str(Money(purchase.card, street.shop.terms.currency).major)
    shipping = "2" if purchase.dearer else "1"
    return street.buy(
        wanted, pay=purchase.paid, channel_liable=purchase.by_channel, shipping=shipping, **more
    )


def given_back(street: Street, id: str, wish: GivenBack) -> int:
    """How many units that took off the order."""
    currency, books = street.shop.terms.currency, shown(street, id)
    line = next((each for each in books["lineItems"]["nodes"] if each["refundableQuantity"]), None)
    units = min(wish.units, line["refundableQuantity"]) if line else 0
    body: dict[str, Any] = {"orderId": id, "note": "as agreed"}
    if line and units:
        body["refundLineItems"] = [{"lineItemId": line["id"], "quantity": units, "restockType": "NO_RESTOCK"}]
    source = next((each for each in books["transactions"] if left(each, currency)), None)
    if source and wish.money:
        given = Money(min(wish.money, left(source, currency)), currency).major
        facts = {"orderId": id, "parentId": source["id"], "gateway": source["gateway"], "kind": "REFUND"}
        body["transactions"] = [facts | {"amount": str(given)}]
    if wish.sending and "transactions" in body:
        body["shipping"] = {"fullRefund": True}
    if len(body) == 2:
        return 0
    made = Staff(street).ask(_REFUND, input=body, key=new_sku("KEY"))["refundCreate"]
    assert made["userErrors"] == []
    return units


def left(transaction: dict[str, Any], currency: str) -> int:
    """Minor units of a payment that were not given back."""
    found = transaction["maximumRefundableV2"]
    return Money.of(found["amount"], currency).minor if found else 0


def shown(street: Street, id: str) -> dict[str, Any]:
    found: dict[str, Any] = Staff(street).ask(_SHOWN, id=id)["order"]
    return found


def amount(books: dict[str, Any], name: str, currency: str) -> int:
    return Money.of(books[name]["shopMoney"]["amount"], currency).minor


def sending(books: dict[str, Any], street: Street) -> int:
    """What the buyer pays for sending, its tax included."""
    terms = street.shop.terms
    listed = amount(books, "totalShippingPriceSet", terms.currency)
    if books["taxesIncluded"] or not listed:
        return listed
    return next(
        price for price in terms.shipping_prices if abs(price / (1 + terms.tax_rate / 100) - listed) < 1
    )


def payment_of(total: int, received: int, refunded: int, *, held: bool) -> PaymentStatus:
    """Where the money stands, by Shopify's own order of precedence."""
    if refunded:
        return PaymentStatus.REFUNDED if refunded >= received else PaymentStatus.PART_REFUNDED
    if held:
        return PaymentStatus.AUTHORISED
    return PaymentStatus.PAID if total else PaymentStatus.FREE


async def read(street: Street, id: str) -> RemoteOrder:
    shop = opened(street)
    try:
        order = await shop.order(id, Deadline.after(30))
    finally:
        await shop.close()
    assert order is not None
    return order


def noted(
    name: str, purchase: Purchase, books: dict[str, Any], gone: int, refunded: int, received: int
) -> None:
    ORDERS.whole += 1
    facts = {
        name: True,
        "with a coupon": bool(purchase.coupon),
        "with a gift card": 0 < purchase.card < 10**9,
        "all paid by a gift card": purchase.card == 10**9,
        "tax that the channel owes": purchase.by_channel,
        "only authorised": not purchase.paid,
        "of several locations": len(books["fulfillmentOrders"]["nodes"]) > 1,
        "units refunded": gone > 0,
        "refunded in part": 0 < refunded < received,
        "refunded whole": 0 < refunded == received,
    }
    ORDERS.classes.update(fact for fact, holds in facts.items() if holds)


def test_every_class_of_shopify_order_has_occurred() -> None:
    assert ORDERS.whole
    wanted = {"with a coupon", "with a gift card", "all paid by a gift card", "tax that the channel owes"}
    wanted |= {"only authorised", "of several locations", "units refunded", "refunded in part"}
    assert not ORDERS.rare({*SHOPS, *wanted, "refunded whole"})


async def test_an_order_that_the_shop_s_search_finds_late_is_not_missed(streets: dict[str, Street]) -> None:
    """Another one, which changed after it was placed, has been read by then."""
    street = streets["tax inside"]
    later(street, 10_000)
    street.walk("levers", search_seconds=60)
    shop = opened(street, orders_from=street.shop.clock.now())
    told: dict[str, RemoteOrder] = {}
    early = street.buy({NEAR: 1})
    later(street, 200)
    late = street.buy({NEAR: 1})
    later(street, 30)
    Staff(street).ask(_NOTE, input={"id": early, "note": "changed"})
    cursor, _ = await further(shop, None, told)
    assert set(told) == {early}
    later(street, 40)
    await further(shop, cursor, told)
    await shop.close()
    assert set(told) == {early, late}


KINDS = ("pay", "cancel units", "cancel", "refund", "fulfil", "note", "hold", "hide")
ACTS = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from(KINDS), st.sampled_from([0, 0, 1, 45, 4000]), st.booleans()),
    min_size=6,
    max_size=25,
)
"""(an order, what happens to it, seconds that pass before, whether the feed is read a page further after)"""


@settings(max_examples=90, deadline=None, suppress_health_check=LENIENT)
@given(name=st.sampled_from(["tax on top", "tax inside"]), acts=ACTS)
def test_any_edits_of_shopify_orders_end_in_the_state_that_one_reading_at_the_end_shows(
    streets: dict[str, Street], name: str, acts: list[tuple[int, str, int, bool]]
) -> None:
    """The shop's search finds each order up to a minute late."""
    asyncio.run(watched(streets[name], acts))


async def watched(street: Street, acts: list[tuple[int, str, int, bool]]) -> None:
    later(street, 10_000)
    street.walk("levers", search_seconds=60)
    shop = opened(street, orders_from=street.shop.clock.now(), page_items=3)
    try:
        await edited(street, shop, acts)
    finally:
        await shop.close()


async def edited(street: Street, shop: ShopifyStorefront, acts: list[tuple[int, str, int, bool]]) -> None:
    cursor: str | None = None
    placed: dict[int, str] = {}
    hidden: set[str] = set()
    told: dict[str, RemoteOrder] = {}
    for which, act, seconds, reads in acts:
        later(street, seconds)
        happen(street, placed, hidden, which, act)
        if reads:
            cursor, _ = await further(shop, cursor, told)
    later(street, 61)
    complete = False
    while not complete:
        cursor, complete = await further(shop, cursor, told)
    for id in placed.values():
        order = await shop.order(id, Deadline.after(30))
        if id in hidden:
            assert order is None
        else:
            assert order is not None
            assert replace(told[id], raw=b"") == replace(order, raw=b"")


async def further(
    shop: ShopifyStorefront, cursor: str | None, told: dict[str, RemoteOrder]
) -> tuple[str | None, bool]:
    page = await shop.orders(cursor, Deadline.after(30))
    assert page.broken == ()
    told |= {order.external_id: order for order in page.records}
    return page.cursor or cursor, page.complete


def later(street: Street, seconds: float) -> None:
    clock = street.shop.clock
    assert isinstance(clock, SetClock)
    clock.advance(seconds)


def happen(street: Street, placed: dict[int, str], hidden: set[str], which: int, act: str) -> None:
    EDITS.whole += 1
    if which not in placed:
        placed[which] = street.buy({NEAR: 4, FAR: 2}, pay=which == 1)
        EDITS.classes["buy"] += 1
        return
    id = placed[which]
    if id in hidden:
        return
    try:
        done(street, id, act)
    except httpx.HTTPStatusError as refused:
        assert refused.response.status_code == httpx.codes.CONFLICT
        return
    if act == "hide":
        hidden.add(id)
    EDITS.classes[act] += 1


def done(street: Street, id: str, act: str) -> None:
    staff = Staff(street)
    match act:
        case "pay":
            street.walk("pay", order=id)
        case "cancel units":
            street.walk("cancel", order=id, lines=[{"sku": NEAR, "quantity": 1}])
        case "cancel":
            street.walk("cancel", order=id)
        case "refund":
            given_back(street, id, GivenBack(units=1, sending=False, money=50))
        case "fulfil" if staff.waits(id):
            staff.send(id, new_sku("T"))
        case "note":
            staff.ask(_NOTE, input={"id": id, "note": new_sku("note")})
        case "hold":
            street.walk("hold", order=id, reason="OTHER")
        case "hide":
            street.walk("hide", order=id)


def test_every_kind_of_edit_of_a_shopify_order_has_occurred() -> None:
    assert EDITS.whole
    assert not EDITS.rare({"buy", *KINDS})
