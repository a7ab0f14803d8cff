"""What the connector declares, its options, and its words for what the shop refuses."""

import pytest
from pydantic import ValidationError

from connectors.contract import Capability, Operation, Repeat
from connectors.registry import find
from connectors.storefronts.vendure import MANIFEST, OPTIONS, payloads
from connectors.storefronts.vendure.batches import portions
from connectors.storefronts.vendure.client import vendor_code
from connectors.storefronts.vendure.listings import slug
from connectors.storefronts.vendure.notes import reference
from connectors.storefronts.vendure.refusals import refusal, refused_by


def test_it_is_found_by_name() -> None:
    assert find("vendure").manifest == MANIFEST


def test_every_creating_operation_says_how_a_repeat_is_recognised() -> None:
    assert set(MANIFEST.repeats) == {Operation.CONFIRM_SHIPMENT, Operation.REFUND, Operation.NOTE}
    assert Repeat.NONE not in MANIFEST.repeats.values()


def test_what_vendure_has_not_is_not_declared() -> None:
    for capability in (
        Capability.COMPARE_AND_SET,
        Capability.REQUESTS,
        Capability.ANSWER_REQUEST,
        Capability.RECEIVE_REQUEST,
        Capability.MESSAGES,
        Capability.ANSWER_CANCEL,
        Capability.ANSWER_ADDRESS_CHANGE,
    ):
        assert not MANIFEST.can(capability)


@pytest.mark.parametrize(
    ("url", "path", "server"),
    [
        ("https://shop.example", "admin-api", "https://shop.example/"),
        ("https://shop.example/", "admin-api", "https://shop.example/"),
        ("https://shop.example/admin-api", "admin-api", "https://shop.example/"),
        ("https://shop.example/eu/admin-api/", "/admin-api/", "https://shop.example/eu/"),
        ("https://shop.example/manage", "manage", "https://shop.example/"),
    ],
)
def test_the_server_or_its_admin_api_may_be_given(url: str, path: str, server: str) -> None:
    assert OPTIONS(url=url, admin_path=path).server == server


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"url": "shop.example"}, "must begin with https://"),
        ({"url": "https://x", "admin_path": "/"}, "must not be empty"),
        ({"url": "https://x", "states": {"Picking": "busy"}}, "Input should be"),
        ({"url": "https://x", "page_items": 1}, "greater than or equal to 2"),
        ({"url": "https://x", "orders_from": "2026-01-01T00:00:00"}, "timezone"),
        ({"url": "https://x", "usrname": "x"}, "Extra inputs"),
    ],
)
def test_options_that_cannot_be_are_refused_in_words(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        OPTIONS.model_validate(options)


def test_every_option_is_described() -> None:
    assert all(option.description for option in OPTIONS.model_fields.values())


def test_a_refusal_is_told_in_our_words_with_the_vendor_s_code() -> None:
    known = refusal("INSUFFICIENT_STOCK_ON_HAND_ERROR", "order A")
    assert "raise its stock" in known.reason
    assert refusal("SOMETHING_NEW", "order A").reason == "order A: the shop refuses it"
    assert not refusal("MULTIPLE_ORDER_ERROR", "order A").mendable


def test_a_thing_made_is_no_refusal() -> None:
    assert refused_by(payloads.Result(kind="Fulfillment", id="1", state="Pending"), "x") is None


@pytest.mark.parametrize("text", ["Jane Roe", "ä", "A" * 64, "a@b.example"])
def test_what_does_not_look_like_a_code_is_not_repeated(text: str) -> None:
    assert vendor_code(text) == ""


def test_portions_are_capped_by_items_and_by_bytes() -> None:
    inputs = [{"id": str(n), "text": "x" * 90} for n in range(10)]
    assert [len(p) for p in portions(inputs, 4, 10_000)] == [4, 4, 2]
    assert max(len(p) for p in portions(inputs, 100, 350)) == 3
    assert [len(p) for p in portions(inputs[:2], 100, 10)] == [1, 1]


@pytest.mark.parametrize(
    ("text", "expected"), [("Big Red Pot", "big-red-pot"), ("  A/B__", "a-b"), ("茶壶 1", "茶壶-1")]
)
def test_a_slug_keeps_letters_of_every_script(text: str, expected: str) -> None:
    assert slug(text) == expected
    assert slug("🏮")


def test_a_note_s_reference_is_short_and_tells_nothing() -> None:
    assert reference("note:ABC:1") != reference("note:ABC:2")
    assert "ABC" not in reference("note:ABC:1")
