"""A return decided on a phone: the link of the chat opened in Chromium, and the effect seen in the real shop."""

import os
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.peers.scenarios.bazaar import Bazaar
from tests.peers.scenarios.daemon import until
from tests.peers.systems.chromium import MISSING, PHONE, Chromium, program

LINK = re.compile(r"https://hooks\.example\.com(/decide/\S+)")


@pytest.fixture(scope="module")
def phone() -> Iterator[Chromium]:
    path = program()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with Chromium(path) as browser:
        yield browser


def asked(bazaar: Bazaar, price: float = 60.0) -> tuple[str, str, str, str]:
    """A return of two pieces that policy leaves to a person: (order, SKU, return, the link's address here)."""
    sku = bazaar.listed(6, price)
    order = bazaar.sold({sku: 5})
    back = bazaar.after.asks_back(order, {sku: 2})
    return order, sku, back, address(bazaar, f"{bazaar.name(order)}/R1")


def address(bazaar: Bazaar, subject: str) -> str:
    """The link that the chat was sent once, as the merchant's web server passes it on."""
    (text,) = until(f"the chat is told of {subject}", lambda: bazaar.house.room.said_of(subject))
    found = LINK.search(text)
    assert found is not None, text
    return f"http://127.0.0.1:{bazaar.house.links}{found[1]}"


def test_a_return_granted_by_link_is_received_and_paid_back_in_the_shop(
    bazaar: Bazaar, phone: Chromium
) -> None:
    order, sku, back, link = asked(bazaar)
    assert phone.open(link) == 200
    assert phone.widest <= PHONE["width"]
    shown = phone.text
    for said in (f"{bazaar.name(order)}/R1", sku, "142.80 EUR", "2 ×"):
        assert said in shown
    assert "Ada" not in shown
    assert bazaar.case(order)["told_the_shop"] == "", "looking decides nothing"
    phone.write("#comment", "seen by the counter")
    assert phone.press("button.yes") == 200
    assert "Approved" in phone.text
    assert phone.widest <= PHONE["width"]
    bazaar.received(bazaar.announced(order), sku, came=2)
    bazaar.paid_back(order, 145.18)
    bazaar.shows_back(order, sku, 2)
    assert bazaar.after.status(back) == "received"
    assert bazaar.ends(order)["decided_by"] == "lin"
    assert phone.open(link) == 410
    assert "used" in phone.text
    assert phone.widest <= PHONE["width"]


def test_a_return_refused_by_link_is_cancelled_in_the_shop(bazaar: Bazaar, phone: Chromium) -> None:
    order, _, back, link = asked(bazaar)
    assert phone.open(link) == 200
    assert phone.press("button.no") == 200
    assert "Rejected" in phone.text
    until("the shop shows it cancelled", lambda: bazaar.after.status(back) == "canceled")
    bazaar.ends(order)
    assert bazaar.after.refunds(order) == []


def test_a_link_that_was_altered_or_whose_matter_is_over_decides_nothing(
    bazaar: Bazaar, phone: Chromium
) -> None:
    order, _, back, link = asked(bazaar)
    parts = urlsplit(link)
    _, _, id, signature = parts.path.split("/")
    base = f"{parts.scheme}://{parts.netloc}/decide"
    turned = "0" if signature[0] != "0" else "1"
    for altered in (
        f"{base}/{id}/{turned}{signature[1:]}",
        f"{base}/{id[:-1]}0/{signature}",
        f"{base}/{id}/x",
    ):
        assert phone.open(altered) == 404
        assert "not valid" in phone.text
        assert phone.widest <= PHONE["width"]
    (question,) = bazaar.case(order)["questions"]
    bazaar.house.daemon.done("holds", "reject", question["hold"])
    until("the shop shows it cancelled", lambda: bazaar.after.status(back) == "canceled")
    assert phone.open(link) == 410
    assert bazaar.ends(order)["answer"] == "refuse"


def test_a_link_whose_time_is_over_decides_nothing(bazaar: Bazaar, phone: Chromium) -> None:
    """The rule says what happens then: it is refused in the shop."""
    order, _, back, link = asked(bazaar, 300.0)
    until("the shop shows it cancelled", lambda: bazaar.after.status(back) == "canceled")
    assert phone.open(link) == 410
    assert "too old" in phone.text
    assert phone.widest <= PHONE["width"]
    assert bazaar.ends(order)["answer"] == "refuse"
    assert bazaar.after.refunds(order) == []
