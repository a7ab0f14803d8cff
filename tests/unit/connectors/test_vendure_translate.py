"""What Vendure's orders mean to us."""

import json
from collections.abc import Mapping
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.storefronts.vendure import payloads, translate
from sync.domain.money import Money, exponent
from sync.domain.orders import OrderStatus, PaymentStatus, RemoteOrder
from sync.domain.people import Address, Person

LINE = {
    "id": "1",
    "quantity": 2,
    "orderPlacedQuantity": 2,
    "unitPriceWithTax": 1200,
    "proratedLinePriceWithTax": 2400,
    "productVariant": {"id": "7", "sku": "MUG-1", "name": "Mug"},
}
ORDER: dict[str, object] = {
    "id": "5",
    "code": "ABC",
    "state": "PaymentSettled",
    "active": False,
    "orderPlacedAt": "2026-11-25T09:40:01.990Z",
    "createdAt": "2026-11-25T09:39:00.000Z",
    "updatedAt": "2026-11-25T09:40:01.000Z",
    "currencyCode": "EUR",
    "totalWithTax": 3000,
    "couponCodes": ["XMAS"],
    "customer": {"firstName": "Ada", "lastName": "Test", "emailAddress": "a@b.example", "phoneNumber": "1"},
    "shippingAddress": {"streetLine1": "Road 1", "streetLine2": "", "city": "Berlin", "countryCode": "DE"},
    "lines": [LINE],
    "shippingLines": [{"discountedPriceWithTax": 600, "shippingMethod": {"code": "standard"}}],
    "surcharges": [],
    "payments": [{"id": "9", "method": "card", "amount": 3000, "state": "Settled", "refunds": []}],
    "fulfillments": [],
}


def order(
    states: Mapping[str, OrderStatus] | None = None, precision: int = 2, **other: object
) -> RemoteOrder:
    raw = json.dumps({**ORDER, **other}).encode()
    record = msgspec.json.decode(raw, type=payloads.Order)
    return translate.order(record, raw, precision, states or {})


def payment(state: str = "Settled", amount: int = 3000, *refunds: tuple[int, str]) -> dict[str, object]:
    listed = [{"id": str(n), "total": total, "state": state} for n, (total, state) in enumerate(refunds)]
    return {"id": "9", "method": "card", "amount": amount, "state": state, "refunds": listed}


def fulfilment(state: str, units: int) -> dict[str, object]:
    return {"id": "3", "state": state, "method": "DHL", "lines": [{"orderLineId": "1", "quantity": units}]}


def test_a_line_s_total_is_for_the_units_that_are_left_of_it() -> None:
    one_gone = {**LINE, "quantity": 1, "proratedLinePriceWithTax": 1200}
    (line,) = order(lines=[one_gone]).lines
    assert (line.ordered, line.quantity, line.charged, line.total) == (2, 1, 1, Money(1200, "EUR"))


def test_a_line_that_staff_added_was_ordered_though_it_was_not_there_when_the_order_was_placed() -> None:
    (line,) = order(lines=[{**LINE, "orderPlacedQuantity": 0}]).lines
    assert (line.ordered, line.quantity) == (2, 2)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("AddingItems", OrderStatus.PENDING),
        ("ArrangingPayment", OrderStatus.PENDING),
        ("Draft", OrderStatus.PENDING),
        ("PaymentAuthorized", OrderStatus.OPEN),
        ("PaymentSettled", OrderStatus.OPEN),
        ("PartiallyShipped", OrderStatus.OPEN),
        ("PartiallyDelivered", OrderStatus.OPEN),
        ("Shipped", OrderStatus.COMPLETED),
        ("Delivered", OrderStatus.COMPLETED),
        ("Cancelled", OrderStatus.CANCELLED),
        ("Modifying", OrderStatus.PENDING),
        ("ArrangingAdditionalPayment", OrderStatus.PENDING),
    ],
)
def test_each_of_vendure_s_own_states_has_a_meaning(state: str, status: OrderStatus) -> None:
    assert order(state=state).status is status


def test_a_state_of_the_shop_s_own_is_never_guessed() -> None:
    with pytest.raises(translate.UnknownState, match=r"state 'Picking'.*options\.states"):
        order(state="Picking")
    assert order({"Picking": OrderStatus.OPEN}, state="Picking").status is OrderStatus.OPEN


def test_partly_delivered_with_everything_gone_is_completed() -> None:
    gone = [fulfilment("Shipped", 1), fulfilment("Delivered", 1)]
    assert order(state="PartiallyDelivered", fulfillments=gone).status is OrderStatus.COMPLETED
    waiting = [fulfilment("Pending", 1), fulfilment("Delivered", 1)]
    assert order(state="PartiallyDelivered", fulfillments=waiting).status is OrderStatus.OPEN


@pytest.mark.parametrize(
    ("payments", "status"),
    [
        ([payment("Settled")], PaymentStatus.PAID),
        ([payment("Authorized")], PaymentStatus.AUTHORISED),
        ([payment("Settled", 1000), payment("Authorized", 2000)], PaymentStatus.AUTHORISED),
        ([payment("Settled", 1000)], PaymentStatus.UNPAID),
        ([payment("Declined"), payment("Settled")], PaymentStatus.PAID),
        ([payment("Declined")], PaymentStatus.UNPAID),
        ([payment("Error")], PaymentStatus.UNPAID),
        ([payment("Cancelled")], PaymentStatus.UNPAID),
        (None, PaymentStatus.UNPAID),
        ([payment("Settled", 3000, (1000, "Settled"))], PaymentStatus.PART_REFUNDED),
        ([payment("Settled", 3000, (1000, "Pending"))], PaymentStatus.PART_REFUNDED),
        ([payment("Settled", 3000, (1000, "Failed"))], PaymentStatus.PAID),
        ([payment("Settled", 3000, (1000, "Settled"), (2000, "Pending"))], PaymentStatus.REFUNDED),
    ],
)
def test_payment_is_good_only_when_the_money_is_there(payments: object, status: PaymentStatus) -> None:
    assert order(payments=payments).payment is status


@pytest.mark.parametrize("payments", [[], [payment("Settled", 0)], None])
def test_an_order_that_costs_nothing_is_free(payments: object) -> None:
    free = order(totalWithTax=0, payments=payments)
    assert free.payment is PaymentStatus.FREE
    assert free.payment.good


def test_a_failed_refund_gave_nothing_back() -> None:
    paid = order(payments=[payment("Settled", 3000, (1000, "Failed"), (500, "Pending"))])
    assert [(r.amount.minor, r.settled) for r in paid.payments[0].refunds] == [(0, False), (500, False)]


@given(units=st.integers(0, 10**12), currency=st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_money_is_read_at_the_shop_s_precision_whatever_the_currency(units: int, currency: str) -> None:
    for precision in (2, 3):
        money = translate.Purse(precision, currency).of(units)
        exact = Decimal(units).scaleb(-precision)
        assert money.currency == currency
        assert abs(money.major - exact) <= Decimal(1).scaleb(-exponent(currency)) / 2


def test_five_hundred_yen_are_fifty_thousand_units() -> None:
    assert translate.Purse(2, "JPY").of(50000) == Money(500, "JPY")
    assert translate.Purse(3, "KWD").of(1234) == Money(1234, "KWD")


@given(amount=st.decimals("0", "1000000", places=3), precision=st.integers(0, 4))
def test_a_price_goes_out_exactly_or_not_at_all(amount: Decimal, precision: int) -> None:
    try:
        units = translate.units(amount, precision)
    except ValueError as error:
        assert "decimal digits" in str(error)
        assert amount != round(amount, precision)
    else:
        assert translate.major(units, precision) == amount


def test_lines_shipping_and_surcharges_make_the_total() -> None:
    seen = order(surcharges=[{"priceWithTax": -100}, {"priceWithTax": 100}])
    assert (seen.lines[0].total, seen.shipping, seen.adjustments) == (
        Money(2400, "EUR"),
        Money(600, "EUR"),
        Money(0, "EUR"),
    )
    assert (seen.service, seen.tags, seen.lines[0].unit_price) == (
        "standard",
        ("coupon:XMAS",),
        Decimal("12.00"),
    )


def test_a_line_without_a_sku_has_none() -> None:
    bare = {**LINE, "productVariant": {"id": "7", "sku": "", "name": "Gift"}}
    assert order(lines=[bare]).lines[0].sku is None


def test_a_missing_buyer_and_address_are_missing() -> None:
    seen = order(customer=None, shippingAddress=None)
    assert (seen.buyer, seen.ship_to) == (Person(), Address())


def test_empty_texts_are_missing_and_the_phone_may_be_the_buyer_s() -> None:
    seen = order()
    assert (seen.ship_to.street, seen.ship_to.name, seen.ship_to.phone) == (("Road 1",), None, "1")


def test_nothing_personal_shows_in_the_order_s_text() -> None:
    assert "Ada" not in repr(order())
    assert "Road" not in repr(order())


def test_an_order_that_is_not_placed_yet_counts_from_its_begin() -> None:
    seen = order(state="ArrangingPayment", orderPlacedAt=None)
    assert seen.placed_at.isoformat() == "2026-11-25T09:39:00+00:00"


@pytest.mark.parametrize("state", ["Pending", "Shipped", "Delivered", "Cancelled"])
def test_a_fulfilment_says_how_far_it_is(state: str) -> None:
    (seen,) = order(fulfillments=[fulfilment(state, 2)]).shipments
    assert seen.shipped is (state in ("Shipped", "Delivered"))
    assert (seen.delivered, seen.cancelled) == (state == "Delivered", state == "Cancelled")
    assert (seen.lines, seen.tracking, seen.carrier) == ((("1", 2),), None, "DHL")
