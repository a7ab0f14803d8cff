"""What may be written, and in which form: WooCommerce takes much that it then drops or misreads."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import msgspec
import pytest
from pydantic import ValidationError

from connectors.contract import (
    CancelLines,
    ConfirmShipment,
    PutListing,
    RefundRequest,
    Rejected,
    Retry,
    SetPrice,
    SetQuantity,
    ToldParcel,
)
from connectors.storefronts.woocommerce import (
    cancels,
    listings,
    offers,
    parcels,
    payloads,
    pictures,
    prices,
    publishing,
    refunds,
    shipments,
)
from connectors.storefronts.woocommerce.naming import Name, parse
from connectors.storefronts.woocommerce.options import Options
from connectors.storefronts.woocommerce.orders import Record
from connectors.storefronts.woocommerce.refusals import NOT_MANAGED, OF_PARENT
from sync.domain.listing import StockSeen
from sync.domain.money import Money

SALE = datetime(2026, 11, 25, 8, tzinfo=timezone(timedelta(hours=8)))


def price(amount: str, compare_at: str | None = None, **other: object) -> SetPrice:
    return SetPrice("12", Decimal(amount), "EUR", Decimal(compare_at) if compare_at else None, **other)  # type: ignore[arg-type]


def code(refused: Rejected | Retry | None) -> str:
    assert isinstance(refused, Rejected)
    return refused.code


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("12", Name(12)),
        ("13:14", Name(13, 14)),
        ("product:13", Name(13)),
        ("product:13:14", None),
        ("0", None),
        ("", None),
        ("x", None),
        ("13:", None),
        ("１２", None),
        ("-1", None),
    ],
)
def test_names_of_products_and_variations(told: str, name: Name | None) -> None:
    assert parse(told) == name


def test_a_variation_is_written_by_way_of_its_product() -> None:
    assert Name(13, 14).group == ("products", "13", "variations")


@pytest.mark.parametrize(
    ("manage", "quantity", "stock"),
    [
        (True, 7, 7),
        (True, -453, -453),
        (True, None, 0),
        (True, 3.7, 3),
        (False, None, NOT_MANAGED),
        (False, 7, NOT_MANAGED),
        ("parent", 7, OF_PARENT),
    ],
)
def test_what_counts_as_stock(manage: bool | str, quantity: float | None, stock: int | Rejected) -> None:
    assert offers.stock_of(payloads.Stock(1, manage, quantity)) == stock


def test_what_to_do_where_the_stock_is_not_the_variation_s() -> None:
    assert "switch `Manage stock?` on" in NOT_MANAGED.reason
    assert "switch `Manage stock?` on" in OF_PARENT.reason


def test_a_quantity_that_moved_since_it_was_seen_is_not_written() -> None:
    request = SetQuantity("12", 4, seen=StockSeen(9))
    assert isinstance(offers.objection(request, 8), Retry)
    assert offers.objection(request, 9) is None


@pytest.mark.parametrize("quantity", [-1, 2**31])
def test_a_quantity_that_no_shop_can_hold_is_refused(quantity: int) -> None:
    assert isinstance(offers.objection(SetQuantity("12", quantity), 0), Rejected)


def test_a_plain_price_clears_the_sale() -> None:
    assert prices.body_of(price("10.50")) == {
        "regular_price": "10.50",
        "sale_price": "",
        "date_on_sale_from_gmt": "",
        "date_on_sale_to_gmt": "",
    }


def test_a_struck_out_price_becomes_the_regular_one_and_its_period_is_in_gmt() -> None:
    assert prices.body_of(price("8", "10", sale_from=SALE)) == {
        "regular_price": "10",
        "sale_price": "8",
        "date_on_sale_from_gmt": "2026-11-25T00:00:00",
        "date_on_sale_to_gmt": "",
    }


@pytest.mark.parametrize("amount", ["1E+3", "0.00000001", "1000000000"])
def test_prices_are_digits_and_a_point(amount: str) -> None:
    assert set(prices.plain(Decimal(amount))) <= set("0123456789.")


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (price("-5"), "NEGATIVE"),
        (price("NaN"), "NEGATIVE"),
        (price("10", "10"), "NOT_ABOVE"),
        (price("10", "9"), "NOT_ABOVE"),
        (price("10", sale_from=SALE), "NO_REGULAR_PRICE"),
        (price("8", "10", sale_from=SALE, sale_until=SALE), "PERIOD"),
    ],
)
def test_prices_that_the_shop_would_take_and_drop_are_refused(request_: SetPrice, why: str) -> None:
    assert code(prices.objection(request_, "EUR")) == why


def test_a_price_in_another_currency_is_refused() -> None:
    assert code(prices.objection(price("1"), "USD")) == "CURRENCY"


def test_a_price_is_refused_where_the_shop_does_not_tell_its_currency() -> None:
    assert code(prices.objection(price("1"), None)) == "CURRENCY"


@pytest.mark.parametrize(
    ("name", "up", "status"),
    [
        (Name(1), True, "publish"),
        (Name(1), False, "draft"),
        (Name(1, 2), True, "publish"),
        (Name(1, 2), False, "private"),
    ],
)
def test_what_is_taken_down_keeps_its_sku(name: Name, up: bool, status: str) -> None:
    assert publishing.status_of(name, up) == status


def test_a_picture_is_fetched_once() -> None:
    address = "https://pictures.example/mug.jpg"
    (new,) = pictures.written([address, address], [])
    there = payloads.Picture(7, "https://shop.example/wp-content/mug-1.jpg", str(new["name"]))
    assert pictures.written([address], [there]) == [{"id": 7}]


def test_a_picture_on_this_machine_is_refused() -> None:
    request = PutListing("k", None, "Mug", "", pictures=("/var/pictures/mug.jpg",))
    assert code(listings.objection(request, None)) == "PICTURE"


def test_a_new_listing_is_a_draft_whose_stock_is_counted() -> None:
    body = listings._create(PutListing("K-1", None, "Mug", "<p>x</p>", price=Decimal("9.90"))).body
    assert (body["status"], body["manage_stock"], body["sku"], body["regular_price"]) == (
        "draft",
        True,
        "K-1",
        "9.90",
    )


def test_attributes_that_are_there_stay() -> None:
    there = [{"id": 3, "name": "Size", "options": ["S"]}, {"id": 0, "name": "Colour", "options": ["red"]}]
    assert listings._attributes({"Colour": "blue"}, there) == [
        {"id": 3, "name": "Size", "options": ["S"]},
        {"name": "Colour", "options": ["blue"], "visible": True},
    ]


LINES = [
    {"id": 5, "quantity": 3, "total": "30.00", "total_tax": "0.00", "product_id": 1},
    {"id": 6, "quantity": 1, "total": "5.00", "total_tax": "0.00", "product_id": 2},
]


def record(*given: payloads.Refund, **other: object) -> Record:
    body = {
        "id": 22,
        "status": "processing",
        "currency": "EUR",
        "total": "35.00",
        "total_tax": "0.00",
        "date_paid_gmt": "2026-11-25T00:00:00",
        "line_items": LINES,
        **other,
    }
    return Record(msgspec.json.decode(json.dumps(body), type=payloads.Order), b"", given)


def asked(minor: int = 500, *lines: tuple[str, int]) -> RefundRequest:
    return RefundRequest("key-1", "22", Money(minor, "EUR"), None, lines, False, "late")


def test_a_refund_is_known_by_the_mark_at_the_end_of_its_reason() -> None:
    made = payloads.Refund(30, Decimal("5.00"), refunds.reason(asked()))
    assert refunds.ours(record(made), asked()) == made
    staff = payloads.Refund(31, Decimal("5.00"), "late")
    assert refunds.ours(record(staff), asked()) is None
    assert "key-1" not in (made.reason or "")


@pytest.mark.parametrize(
    ("one", "request_", "why"),
    [
        (record(), asked(3501), "TOO_MUCH"),
        (record(payloads.Refund(1, Decimal("33.00"))), asked(500), "TOO_MUCH"),
        (record(), asked(0), "NOTHING"),
        (record(status="on-hold", date_paid_gmt=None), asked(), "NOT_PAID"),
        (record(), asked(500, ("5", 4)), "TOO_MANY"),
        (record(), asked(500, ("7", 1)), "NO_LINE"),
        (record(currency="USD"), asked(), "CURRENCY"),
    ],
)
def test_refunds_that_the_shop_would_take_wrongly_are_refused(
    one: Record, request_: RefundRequest, why: str
) -> None:
    assert code(refunds.objection(one, request_)) == why


def cancel(*left: tuple[str, int]) -> CancelLines:
    return CancelLines("22", left, "sold out")


def test_units_that_are_not_wanted_any_more_are_not_cancelled_again() -> None:
    line = payloads.RefundLine(91, -1, Decimal(0), [payloads.Meta("_refunded_item_id", value="5")])
    one = record(payloads.Refund(30, Decimal(0), line_items=[line]))
    assert cancels.to_cancel(one, cancel(("5", 2))) == {}
    assert cancels.to_cancel(one, cancel(("5", 1))) == {5: 1}


def test_units_that_have_left_cannot_be_cancelled() -> None:
    own = [parcels.Parcel("ab", "1", "dhl", {5: 2}).stored()]
    one = record(meta_data=[{"key": parcels.OWN, "value": own}])
    refused = cancels.to_cancel(one, cancel(("5", 1)))
    assert isinstance(refused, Rejected) and refused.code == "ALREADY_FULFILLED"


def test_an_order_of_which_nothing_stays_is_cancelled_whole() -> None:
    assert cancels.nothing_stays(record(), {5: 3, 6: 1})
    assert not cancels.nothing_stays(record(), {5: 3})


def confirm(*parcels_: tuple[str, tuple[tuple[str, int], ...]]) -> ConfirmShipment:
    return ConfirmShipment("key", "22", tuple(ToldParcel(number, "dhl", lines) for number, lines in parcels_))


def test_an_order_is_completed_when_all_that_is_wanted_has_left() -> None:
    part, whole = confirm(("1", (("5", 3),))), confirm(("1", (("5", 3),)), ("2", (("6", 1),)))
    one = record()
    assert "status" not in shipments.written(one, "open", shipments.plan(one.order, part))
    assert shipments.written(one, "open", shipments.plan(one.order, whole))["status"] == "completed"


def test_an_unpaid_order_is_not_completed_by_a_parcel() -> None:
    one = record(status="on-hold")
    steps = shipments.plan(one.order, confirm(("1", (("5", 3), ("6", 1)))))
    assert "status" not in shipments.written(one, "pending", steps)


def test_a_parcel_that_the_metadata_has_is_not_told_again() -> None:
    one, request = record(), confirm(("1", (("5", 1),)))
    body = shipments.written(one, "open", shipments.plan(one.order, request))
    meta = msgspec.convert(body["meta_data"], list[payloads.Meta])
    (step,) = shipments.plan(record(meta_data=msgspec.to_builtins(meta)).order, request)
    assert step.done


def test_more_units_than_are_wanted_cannot_leave() -> None:
    one = record()
    late = shipments.too_late(one, "open", shipments.plan(one.order, confirm(("1", (("5", 4),)))))
    assert code(late) == "ALREADY_FULFILLED"


def test_the_note_to_the_buyer_says_carrier_number_and_link() -> None:
    options = Options(url="https://shop.example", tracking_note="{carrier}: {tracking} {url}")
    assert options.told("DHL", "JJD1", "") == "DHL: JJD1"


def test_a_note_that_tells_no_number_is_refused() -> None:
    with pytest.raises(ValidationError, match="or the buyer is told no number"):
        Options(url="https://shop.example", tracking_note="It is on its way")


def test_moments_of_a_sale_are_told_in_gmt() -> None:
    assert prices.gmt(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00"
