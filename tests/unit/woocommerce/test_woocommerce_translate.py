"""What WooCommerce's orders mean to us."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from connectors.storefronts.woocommerce import parcels, payloads, translate
from sync.domain.money import Money
from sync.domain.orders import OrderStatus, PaymentStatus, RemoteOrder, RemoteShipment
from sync.domain.people import Address

LINE = {
    "id": 5,
    "name": "Mug &amp; saucer &#8211; red",
    "product_id": 13,
    "variation_id": 14,
    "quantity": 3,
    "subtotal": "30.00",
    "total": "27.00",
    "total_tax": "5.13",
    "sku": "MUG-1",
    "price": 9,
}
ORDER: dict[str, object] = {
    "id": 22,
    "number": "22",
    "status": "processing",
    "currency": "EUR",
    "total": "38.08",
    "total_tax": "6.08",
    "date_created_gmt": "2026-11-25T07:18:57",
    "date_modified_gmt": "2026-11-25T07:18:59",
    "date_paid_gmt": "2026-11-25T07:18:57",
    "date_completed_gmt": None,
    "payment_method": "stripe",
    "transaction_id": "ch_1",
    "customer_note": "Ring &amp; wait",
    "billing": {"first_name": "Ada", "last_name": "Test", "email": "a@b.example", "phone": "1"},
    "shipping": {
        "first_name": "Ada",
        "last_name": "",
        "address_1": "Road 1",
        "city": "Berlin",
        "country": "DE",
    },
    "line_items": [LINE],
    "shipping_lines": [{"method_id": "flat_rate", "instance_id": "3", "total": "5.00", "total_tax": "0.95"}],
    "fee_lines": [],
    "coupon_lines": [{"code": "xmas"}],
    "refunds": [],
    "meta_data": [],
}


def record(**other: object) -> payloads.Order:
    return msgspec.json.decode(json.dumps({**ORDER, **other}), type=payloads.Order)


def order(
    refunds: Sequence[payloads.Refund] = (), states: Mapping[str, OrderStatus] | None = None, **other: object
) -> RemoteOrder:
    one = record(**other)
    return translate.order(one, refunds, b"raw", states or {}, parcels.shipments(one))


def refund(amount: str, *lines: tuple[int, int]) -> payloads.Refund:
    """(the order's line, units)"""
    told = [
        {
            "id": 90 + n,
            "quantity": -units,
            "total": "0",
            "meta_data": [{"key": "_refunded_item_id", "value": str(line)}],
        }
        for n, (line, units) in enumerate(lines)
    ]
    return msgspec.json.decode(
        json.dumps({"id": 30, "amount": amount, "reason": "late", "line_items": told}), type=payloads.Refund
    )


def adds_up(one: RemoteOrder) -> bool:
    parts = sum(line.total.minor for line in one.lines) + one.shipping.minor + one.adjustments.minor
    return parts == one.total.minor


def test_an_order_comes_with_its_money_its_buyer_and_its_dates() -> None:
    one = order()
    assert (one.total, one.shipping, one.adjustments) == (
        Money(3808, "EUR"),
        Money(595, "EUR"),
        Money(0, "EUR"),
    )
    assert one.lines[0].total == Money(3213, "EUR")
    assert one.placed_at == datetime(2026, 11, 25, 7, 18, 57, tzinfo=UTC)
    assert (one.service, one.tags, one.buyer.email) == ("flat_rate:3", ("coupon:xmas",), "a@b.example")
    assert one.payments[0].external_id == "ch_1"


def test_names_and_notes_come_without_html_entities() -> None:
    one = order()
    assert (one.lines[0].title, one.note) == ("Mug & saucer – red", "Ring & wait")


def test_a_line_names_the_variation_by_way_of_its_product() -> None:
    assert order().lines[0].variant_external_id == "13:14"


def test_a_line_of_a_deleted_product_names_none() -> None:
    line = {**LINE, "product_id": 0, "variation_id": 0, "sku": None}
    (one,) = order(line_items=[line]).lines
    assert (one.variant_external_id, one.sku) == (None, None)


@pytest.mark.parametrize(
    ("status", "paid", "told", "payment"),
    [
        ("pending", None, OrderStatus.PENDING, PaymentStatus.UNPAID),
        ("on-hold", None, OrderStatus.PENDING, PaymentStatus.UNPAID),
        ("failed", None, OrderStatus.PENDING, PaymentStatus.UNPAID),
        ("checkout-draft", None, OrderStatus.PENDING, PaymentStatus.UNPAID),
        ("processing", "2026-11-25T07:18:57", OrderStatus.OPEN, PaymentStatus.PAID),
        ("processing", None, OrderStatus.OPEN, PaymentStatus.AUTHORISED),
        ("completed", "2026-11-25T07:18:57", OrderStatus.COMPLETED, PaymentStatus.PAID),
        ("cancelled", None, OrderStatus.CANCELLED, PaymentStatus.UNPAID),
        ("trash", "2026-11-25T07:18:57", OrderStatus.CANCELLED, PaymentStatus.PAID),
        ("refunded", "2026-11-25T07:18:57", OrderStatus.CANCELLED, PaymentStatus.REFUNDED),
    ],
)
def test_states(status: str, paid: str | None, told: OrderStatus, payment: PaymentStatus) -> None:
    one = order(status=status, date_paid_gmt=paid)
    assert (one.status, one.payment) == (told, payment)


def test_cash_on_delivery_is_worked_on_without_a_date_of_payment() -> None:
    assert order(date_paid_gmt=None, payment_method="cod").payment.good


def test_an_order_that_was_completed_before_it_was_refunded_stays_completed() -> None:
    one = order(status="refunded", date_completed_gmt="2026-11-26T00:00:00")
    assert (one.status, one.lines[0].quantity) == (OrderStatus.COMPLETED, 3)


def test_a_refunded_order_that_was_not_sent_wants_nothing_more() -> None:
    assert order(status="refunded").lines[0].quantity == 0


def test_a_plugin_s_status_means_what_the_options_say() -> None:
    assert order(states={"packed": OrderStatus.OPEN}, status="packed").status is OrderStatus.OPEN


def test_a_plugin_s_status_that_nobody_explains_is_told() -> None:
    with pytest.raises(translate.UnknownState, match="'packed', which a plugin has made"):
        order(status="packed")


def test_a_refund_s_lines_lower_what_is_wanted_and_leave_what_was_ordered() -> None:
    one = order([refund("9.00", (5, 1))])
    (line,) = one.lines
    assert (line.ordered, line.quantity, line.total) == (3, 2, Money(3213, "EUR"))
    assert (one.total, one.payment) == (Money(3808, "EUR"), PaymentStatus.PART_REFUNDED)


def test_a_refund_without_lines_gives_money_back_and_lowers_nothing() -> None:
    one = order([refund("9.00")])
    assert (one.lines[0].quantity, one.payment) == (3, PaymentStatus.PART_REFUNDED)


def test_a_refund_of_more_units_than_were_bought_leaves_none_wanted() -> None:
    assert order([refund("9.00", (5, 9))]).lines[0].quantity == 0


def test_a_refund_of_no_money_cancels_units_and_leaves_the_order_paid() -> None:
    one = order([refund("0.00", (5, 1))])
    assert (one.lines[0].quantity, one.payment) == (2, PaymentStatus.PAID)


def test_refunds_of_the_whole_amount_are_a_refunded_order_by_whatever_status() -> None:
    assert order([refund("38.08")]).payment is PaymentStatus.REFUNDED


def test_a_refund_does_not_make_an_unpaid_order_good() -> None:
    assert not order([refund("1.00")], status="on-hold", date_paid_gmt=None).payment.good


def test_an_order_for_nothing_is_free() -> None:
    line = {**LINE, "total": "0.00", "total_tax": "0.00"}
    one = order(total="0.00", total_tax="0.00", line_items=[line], shipping_lines=[])
    assert (one.payment, one.payments) == (PaymentStatus.FREE, ())


def test_fees_are_adjustments() -> None:
    one = order(total="41.65", total_tax="6.65", fee_lines=[{"total": "3.00", "total_tax": "0.57"}])
    assert (one.adjustments, adds_up(one)) == (Money(357, "EUR"), True)


def test_where_taxes_are_rounded_at_the_subtotal_the_order_s_tax_counts() -> None:
    lines = [{**LINE, "id": n, "total": "3.33", "total_tax": "0.29"} for n in range(3)]
    one = order(total="10.88", total_tax="0.89", line_items=lines, shipping_lines=[])
    assert (one.adjustments, adds_up(one)) == (Money(2, "EUR"), True)


def test_a_difference_that_rounding_does_not_explain_is_left_to_be_seen() -> None:
    one = order(total="40.00")
    assert (one.adjustments, adds_up(one)) == (Money(0, "EUR"), False)


@pytest.mark.parametrize(("total", "adjusted", "explained"), [("8", -100, True), ("4", 0, False)])
def test_a_shop_that_shows_no_cents_adds_up_what_it_does_not_show(
    total: str, adjusted: int, explained: bool
) -> None:
    lines = [{**LINE, "id": n, "total": "3", "total_tax": "0"} for n in range(3)]
    one = order(currency="USD", total=total, total_tax="0", line_items=lines, shipping_lines=[])
    assert (one.adjustments, adds_up(one)) == (Money(adjusted, "USD"), explained)


@pytest.mark.parametrize(("currency", "total", "minor"), [("JPY", "560", 560), ("KWD", "5.605", 5605)])
def test_currencies_of_no_and_of_three_decimals_keep_their_minor_units(
    currency: str, total: str, minor: int
) -> None:
    line = {**LINE, "total": total, "total_tax": "0"}
    one = order(currency=currency, total=total, total_tax="0", line_items=[line], shipping_lines=[])
    assert (one.total, adds_up(one)) == (Money(minor, currency), True)


def test_a_unit_price_is_the_shop_s_own_number() -> None:
    line = {**LINE, "price": 2.7983193333333336}
    assert order(line_items=[line]).lines[0].unit_price == Decimal("2.7983193333333336")


def test_an_order_without_a_delivery_address_goes_to_the_billing_one() -> None:
    billing = {
        "first_name": "Bo",
        "address_1": "Way 2",
        "city": "Ulm",
        "country": "de",
        "email": "b@c.example",
    }
    one = order(shipping={"first_name": "", "address_1": ""}, billing=billing)
    assert one.ship_to == Address("Bo", None, ("Way 2",), "Ulm", None, None, "DE", None, "b@c.example")


def test_an_order_without_any_address_comes_all_the_same() -> None:
    one = order(billing=None, shipping=None)
    assert (one.buyer.name, one.ship_to.deliverable) == (None, False)


def test_our_parcels_come_with_their_lines_and_those_of_the_extension_without() -> None:
    own = [parcels.Parcel("ab", "1Z", "ups", {5: 2}).stored()]
    items = [
        {"tracking_provider": "ups", "tracking_number": "1Z", "tracking_id": "x"},
        {"custom_tracking_provider": "Bote", "tracking_number": "0007", "tracking_id": "y"},
    ]
    meta = [{"id": 1, "key": parcels.OWN, "value": own}, {"id": 2, "key": parcels.ITEMS, "value": items}]
    assert order(meta_data=meta).shipments == (
        RemoteShipment("ab", (("5", 2),), "1Z", "ups"),
        RemoteShipment("y", (), "0007", "Bote"),
    )


def test_metadata_of_another_shape_tells_of_no_parcel() -> None:
    meta = [{"key": parcels.OWN, "value": "x"}, {"key": parcels.ITEMS, "value": [1, {"tracking_number": 7}]}]
    assert order(meta_data=meta).shipments == ()


def test_of_a_repeated_key_the_last_value_counts() -> None:
    meta = [{"key": "a", "value": "1Z"}, {"key": "a", "value": "2Z"}]
    assert record(meta_data=meta).meta("a") == "2Z"
