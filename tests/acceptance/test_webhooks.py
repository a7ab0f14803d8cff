"""The port for vendors as an operator has it: the real daemon, and two vendors that send to it."""

import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.acceptance.conftest import entrepot, until
from tests.acceptance.two_shops import TwoShops, two_shops

pytestmark = pytest.mark.timeout(600)
VENDORS_PATIENCE = 5.0
"""Seconds that Shopify gives a receiver."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TwoShops]:
    with two_shops(tmp_path / "house") as made:
        yield made


def subscribed(house: TwoShops) -> None:
    """Shopify sends every topic to us, and nothing is left to do."""
    house.told("accounts", "webhooks", "shopify", "--repair")
    house.quiet()


def test_a_purchase_is_taken_in_because_its_shop_told_of_it(house: TwoShops) -> None:
    daemon = house.start()
    house.quiet()
    for shop in ("shopify", "woo"):
        missing = house.run("accounts", "webhooks", shop, "--json")
        assert missing.returncode == 1, missing.stderr
        assert house.told("accounts", "webhooks", shop, "--repair")["ok"] is True
        assert house.told("accounts", "webhooks", shop)["missing"] == []
    house.buy("shopify")
    house.buy("woo")
    until("Shopify's order is here hours before it would be read", lambda: house.orders("shopify") == 1)
    until("WooCommerce's is too", lambda: house.orders("woo") == 1)
    page = house.metrics()
    assert 'entrepot_webhooks_total{account="shopify",outcome="accepted"}' in page
    assert 'entrepot_webhooks_total{account="woo",outcome="accepted"}' in page
    assert house.stop(daemon) == 0


def test_what_is_forged_repeated_too_large_or_wrongly_addressed_costs_no_row(house: TwoShops) -> None:
    house.start()
    house.quiet()
    subscribed(house)
    right = house.address("shopify")
    body = b'{"id": 1}'
    with httpx.Client(timeout=VENDORS_PATIENCE, trust_env=False) as vendor:
        assert vendor.post(right, content=body, headers=house.signed(body, "d-1")).text == "accepted"
        house.quiet()
        before = house.sizes()
        assert vendor.post(right, content=body, headers=house.signed(body, "d-1")).text == "repeated"
        large = vendor.post(right, content=b"x" * 5_000_001)
        assert (large.status_code, large.text) == (413, "too large")
        elsewhere = [f"{right[:-4]}0000", right.replace("/shopify/", "/woo/"), right + "/more"]
        assert {vendor.post(one, content=body).status_code for one in elsewhere} == {404}

    def forge(number: int) -> int:
        head = house.signed(b"another body", f"f-{number}")
        return forger.post(right, content=b"forged %d" % number, headers=head).status_code

    with (
        httpx.Client(timeout=VENDORS_PATIENCE, trust_env=False) as forger,
        ThreadPoolExecutor(8) as hands,
    ):
        answers = list(hands.map(forge, range(3000)))
    assert set(answers) == {401, 429}, "each was refused, the most of them unread"
    assert answers.count(429) > answers.count(401) / 2
    assert house.sizes() == before
    assert 'entrepot_webhooks_total{account="shopify",outcome="too many"}' in house.metrics()
    house.buy("shopify")
    until("what is true comes through after the flood", lambda: house.orders("shopify") == 1)


def test_what_was_answered_with_200_outlives_a_kill(house: TwoShops) -> None:
    """Shopify's own delivery is lost, and ours is answered while the shop is too slow to be read before the kill."""
    daemon = house.start()
    house.quiet()
    subscribed(house)
    house.street("levers", webhooks=["lost"])
    house.buy("shopify")
    address = house.address("shopify")
    house.control.put("/faults", json={"shop:shopify": [{"kind": "delay", "rate": 1, "seconds": 30}]})
    body = b'{"id": 2}'
    told = httpx.post(address, content=body, headers=house.signed(body, "d-2"), timeout=60)
    daemon.send_signal(signal.SIGKILL)
    daemon.wait()
    assert (told.status_code, house.orders("shopify")) == (200, 0)
    house.control.put("/faults", json={"shop:shopify": []})
    house.start()
    until("the order is read by the hint that was kept", lambda: house.orders("shopify") == 1)


def test_without_a_delivery_a_restart_reads_nothing_before_its_time(house: TwoShops) -> None:
    """The other half of the test before: what it reads there, it reads by the hint."""
    daemon = house.start()
    house.quiet()
    subscribed(house)
    house.street("levers", webhooks=["lost"])
    house.buy("shopify")
    daemon.send_signal(signal.SIGKILL)
    daemon.wait()
    house.start()
    house.quiet()
    assert house.orders("shopify") == 0
    house.told("backfill", "--account", "shopify")
    until("it was there to be read", lambda: house.orders("shopify") == 1)


def test_a_port_that_is_taken_is_told_with_what_to_do(house: TwoShops) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", house.port))
        other.listen()
        refused = entrepot("run", folder=house.folder)
    assert refused.returncode == 2
    assert refused.stderr.strip() == (
        f"the webhooks address 127.0.0.1:{house.port} cannot be used (Address already in use): set another one "
        "under `webhooks: {listen: …}` in entrepot.yaml, or stop what uses it"
    )
