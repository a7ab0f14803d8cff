"""What the connector declares, its options, and small rules of its parts."""

from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.contract import CancelLines, Operation, RefundRequest, Rejected, Repeat
from connectors.registry import find
from connectors.storefronts.shopify import MANIFEST, OPTIONS
from connectors.storefronts.shopify.cancels import takes_all, to_cancel
from connectors.storefronts.shopify.ids import gid, is_gid, number
from connectors.storefronts.shopify.listings import handle_of, quoted
from connectors.storefronts.shopify.notes import reference
from connectors.storefronts.shopify.payloads import UserError
from connectors.storefronts.shopify.pictures import pictures_of
from connectors.storefronts.shopify.refunds import key_of, ours, sources
from connectors.storefronts.shopify.refusals import code_of, refusal
from sync.domain.money import Money
from tests.unit.shopify.made import fulfilment, line, order, refund, transaction

L1 = "gid://shopify/LineItem/1"


def test_it_is_found_by_name() -> None:
    assert find("shopify").manifest == MANIFEST
    assert find("shopify").webhook_reader is not None
    assert find("shopify").code_grant is not None


def test_every_creating_operation_says_how_a_repeat_is_recognised() -> None:
    assert set(MANIFEST.repeats) == {Operation.CONFIRM_SHIPMENT, Operation.REFUND, Operation.NOTE}
    assert Repeat.NONE not in MANIFEST.repeats.values()


@pytest.mark.parametrize(
    ("given", "url", "domain"),
    [
        ("my-shop.myshopify.com", "https://my-shop.myshopify.com", "my-shop.myshopify.com"),
        ("https://My-Shop.myshopify.com/", "https://My-Shop.myshopify.com", "my-shop.myshopify.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", ""),
    ],
)
def test_the_shop_is_named_by_its_domain(given: str, url: str, domain: str) -> None:
    options = OPTIONS(url=given)
    assert (options.url, options.domain) == (url, domain)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"url": "ftp://x"}, "must be the shop's domain"),
        ({"url": "x.myshopify.com", "page_items": 251}, "less than or equal to 250"),
        ({"url": "x.myshopify.com", "orders_from": "2026-01-01T00:00:00"}, "timezone"),
        ({"url": "x.myshopify.com", "locations": [""]}, "at least 1 character"),
        ({"url": "x.myshopify.com", "tokn": "x"}, "Extra inputs"),
    ],
)
def test_options_that_cannot_be_are_refused_in_words(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        OPTIONS.model_validate(options)


def test_every_option_is_described() -> None:
    assert all(option.description for option in OPTIONS.model_fields.values())


def test_ids_are_known_by_their_form() -> None:
    assert is_gid(gid("Order", 7), "Order")
    assert number("gid://shopify/Order/7") == 7
    for text in ("7", "gid://shopify/Order/x", "gid://shopify/Order/7 OR 1", "gid://shopify/Product/7"):
        assert not is_gid(text, "Order")


def test_complaints_without_a_code_are_known_by_their_text_and_never_shown() -> None:
    said = UserError(["fulfillment"], None, "Fulfillment order does not exist. jane@example.com")
    assert code_of([said]) == "NOT_FOUND"
    assert "jane" not in refusal(code_of([said]), "order A").reason
    assert "jane" not in repr(said)
    assert refusal("SOMETHING_NEW", "order A").reason == "order A: the shop refuses it (SOMETHING_NEW)"


@pytest.mark.parametrize(
    ("path", "below", "index"),
    [
        (["input", "quantities", "3", "quantity"], "quantities", 3),
        (["variants", "0", "price"], "variants", 0),
        (["input"], "quantities", None),
        (None, "quantities", None),
        (["input", "quantities"], "quantities", None),
    ],
)
def test_a_complaint_names_its_item_by_number(path: list[str] | None, below: str, index: int | None) -> None:
    assert UserError(path).index(below) == index


def cancel(left: int) -> CancelLines:
    return CancelLines("gid://shopify/Order/1", ((L1, left),), "sold out")


def test_units_are_cancelled_down_to_what_shall_be_left() -> None:
    shown = order("30.0", line(1, "30.0", units=3))
    assert to_cancel(shown, cancel(1)) == {L1: 2}
    assert to_cancel(shown, cancel(3)) == {}
    assert takes_all(shown, {L1: 3})
    assert not takes_all(shown, {L1: 2})


def test_units_that_have_left_are_not_cancelled() -> None:
    shown = order("30.0", line(1, "30.0", units=3, unfulfilledQuantity=1), sent=[fulfilment(5, {1: 2}, "T")])
    refused = to_cancel(shown, cancel(1))
    assert isinstance(refused, Rejected)
    assert "comes back as a return" in refused.reason
    assert not takes_all(shown, {L1: 3})


def asked(amount: str, payment: str | None = None) -> RefundRequest:
    return RefundRequest(
        "key-1", "gid://shopify/Order/1", Money.of(amount, "EUR"), payment, (), False, "late"
    )


def test_a_refund_is_known_by_the_key_in_its_note_and_staff_s_are_not_ours() -> None:
    paid = transaction(1, "SALE", "20.0")
    given = transaction(2, "REFUND", "5.0", parent=1)
    shown = order("20.0", line(1, "20.0"), paid=[paid], refunds=[refund(7, given, note="late [key-1]")])
    assert ours(shown, asked("5.00")) is not None
    staff = order("20.0", line(1, "20.0"), paid=[paid], refunds=[refund(7, given, note="late")])
    assert ours(staff, asked("5.00")) is None


def test_a_refund_takes_from_several_payments_what_each_has_left() -> None:
    shown = order(
        "20.0",
        line(1, "20.0"),
        paid=[transaction(1, "SALE", "12.0", gateway="gift_card"), transaction(2, "SALE", "8.0")],
        refunds=[refund(7, transaction(3, "REFUND", "10.0", parent=1))],
    )
    found = sources(shown, asked("5.00"))
    assert isinstance(found, list)
    assert [(source.payment.gateway, part.minor) for source, part in found] == [
        ("gift_card", 200),
        ("bogus", 300),
    ]
    assert isinstance(sources(shown, asked("10.01")), Rejected)
    assert isinstance(sources(shown, asked("1.00", "gid://shopify/OrderTransaction/9")), Rejected)


def test_a_refund_is_given_in_the_buyer_s_currency_at_the_payment_s_rate() -> None:
    shown = order("20.0", line(1, "20.0"), paid=[transaction(1, "SALE", "20.0", there=("3201", "JPY"))])
    half, whole = sources(shown, asked("10.00")), sources(shown, asked("20.00"))
    assert isinstance(half, list)
    assert isinstance(whole, list)
    assert half[0][0].in_buyers(half[0][1]) == Decimal("1601")
    assert whole[0][0].in_buyers(whole[0][1]) == Decimal("3201")


def test_a_refund_s_key_is_the_same_for_the_same_and_tells_nothing() -> None:
    assert key_of(asked("5.00"), 0) == key_of(asked("5.00"), 0) != key_of(asked("5.00"), 1)
    assert "key-1" not in key_of(asked("5.00"), 0)


def test_a_new_product_s_handle_is_ours_alone() -> None:
    assert handle_of("Big Red Pot").startswith("big-red-pot-")
    assert handle_of("茶壶") != handle_of("茶杯")
    assert handle_of("a") == handle_of("a")


def test_pictures_are_addresses_that_the_shop_can_fetch_or_files_that_are_pictures(tmp_path: Path) -> None:
    png, text = tmp_path / "a.png", tmp_path / "b.png"
    png.write_bytes(b"\x89PNG\r\n\x1a\n...")
    text.write_text("a secret")
    found = pictures_of(["https://x.example/a.webp?v=1", str(png)])
    assert isinstance(found, list)
    assert [each.kind for each in found] == ["image/webp", "image/png"]
    for wrong in (str(text), str(tmp_path), "/nowhere.png", "http://x.example/a.png", "file:///etc/passwd"):
        assert isinstance(pictures_of([wrong]), Rejected), wrong


def test_a_text_stays_one_term_of_the_search() -> None:
    assert quoted("A' OR sku:*") == "'A\\' OR sku:*'"


def test_a_note_s_reference_tells_nothing_of_its_key() -> None:
    assert reference("note:ABC:1") != reference("note:ABC:2")
    assert "ABC" not in reference("note:ABC:1")
