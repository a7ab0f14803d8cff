"""Answers that are odd, hostile or personal: told as what they are, and never repeated in a text."""

from datetime import UTC, datetime

import pytest

from connectors.contract import BadAnswer, Refused, Unavailable
from connectors.storefronts.woocommerce import client, payloads
from connectors.storefronts.woocommerce.refusals import MISSING, refusal
from connectors.transport import Answer, Safety, Uncertain

DEEP = b'[{"x":' * 20_000 + b"1" + b"}]" * 20_000


def reply(body: bytes, safety: Safety = Safety.READ) -> client.Reply:
    answer = Answer(200, {}, body, datetime(2026, 3, 2, tzinfo=UTC), None)
    return client.Reply(answer, client.Request("orders", "GET", "x", safety))


def test_an_answer_that_is_nested_too_deeply_does_not_fit() -> None:
    with pytest.raises(BadAnswer, match="nested too deeply"):
        reply(DEEP).read(list[payloads.Product])
    with pytest.raises(Uncertain, match="nested too deeply"):
        reply(DEEP, Safety.CREATING).read(list[payloads.Product])


def test_an_answer_that_breaks_off_is_no_page() -> None:
    with pytest.raises(Unavailable, match="breaks off"):
        reply(b'[{"id": 1}, {"id"').read(list[payloads.Id])


def test_a_page_of_html_is_told_with_what_to_look_at() -> None:
    with pytest.raises(BadAnswer, match="check url, and that the shop's permalinks"):
        reply(b"<html>").read(list[payloads.Id])


@pytest.mark.parametrize("code", ["jane@example.com", "a b", "x" * 90, "ü"])
def test_a_code_that_looks_like_no_code_is_left_out(code: str) -> None:
    assert client.vendor_code(code) == ""


def test_every_refusal_is_told_in_our_words() -> None:
    for code in MISSING:
        assert "no such" in refusal(code, "writing").reason
    assert refusal("something_new", "writing").reason == "writing: the shop refuses it"


def test_an_id_leads_to_no_other_address() -> None:
    assert client.path("orders", "a/b") == "wp-json/wc/v3/orders/a%2Fb"
    with pytest.raises(Refused):
        client.path("orders", "..")
