"""What goes wrong with subscriptions and secrets at the vendors: noticed, told, repaired by a command."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.acceptance.conftest import until
from tests.acceptance.two_shops import TwoShops, two_shops

pytestmark = pytest.mark.timeout(600)
BOTH = ["shopify", "woo"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TwoShops]:
    with two_shops(tmp_path / "house") as made:
        yield made


def repaired(house: TwoShops) -> None:
    """The command mends it, and closes the issue."""
    for shop in BOTH:
        assert house.told("accounts", "webhooks", shop, "--repair")["ok"] is True
    assert house.issues("account.webhooks") == []


def test_lost_and_disabled_subscriptions_are_noticed_and_repaired(house: TwoShops) -> None:
    """While nobody answers, WooCommerce disables a webhook at the seventh failure; Shopify takes it away."""
    daemon = house.start()
    until("it is noticed that nobody tells us", lambda: house.issues("account.webhooks") == BOTH)
    repaired(house)
    house.quiet()
    assert house.stop(daemon) == 0
    house.street("levers", retry_seconds=[])
    house.buy("shopify")
    for _ in range(9):
        house.buy("woo")
    until("WooCommerce has disabled one", lambda: _disabled(house))
    house.start()
    until("both are noticed", lambda: house.issues("account.webhooks") == BOTH)
    told = {one["subject"]: one for one in house.told("issues") if one["kind"] == "account.webhooks"}
    assert "not subscribed: ORDERS_CREATE" in told["shopify"]["why"]
    assert "disabled by the vendor: order.created" in told["woo"]["why"]
    assert "entrepot accounts webhooks woo --repair" in told["woo"]["todo"]
    repaired(house)
    house.buy("shopify")
    house.buy("woo")
    until("what was missed comes with what is told now", lambda: house.orders("shopify") == 2)
    until("and in the other shop", lambda: house.orders("woo") == 10)


def _disabled(house: TwoShops) -> bool:
    done = house.run("accounts", "webhooks", "woo")
    return done.returncode == 1 and "disabled" in done.stdout


def test_another_webhook_secret_is_taken_over_without_a_restart(house: TwoShops) -> None:
    house.start()
    house.told("accounts", "webhooks", "shopify", "--repair")
    house.quiet()
    where, body = house.address("shopify"), b'{"id": 3}'
    file = house.folder / "secrets" / "shopify-hooks"
    right = file.read_text("utf-8")
    file.write_text("shpss_another", encoding="utf-8")

    def answer(id: str) -> int:
        return httpx.post(where, content=body, headers=house.signed(body, id), timeout=5).status_code

    until("the old secret signs nothing any more", lambda: answer("s-1") == 401)
    file.write_text(right, encoding="utf-8")
    until("the right one does", lambda: answer("s-2") == 200)
    house.buy("shopify")
    until("the vendor's own deliveries come", lambda: house.orders("shopify") == 1)


def test_another_port_takes_a_restart_and_says_so(house: TwoShops) -> None:
    house.start()
    path = house.folder / "entrepot.yaml"
    path.write_text(
        path.read_text("utf-8").replace(f"127.0.0.1:{house.port}", "127.0.0.1:1"), encoding="utf-8"
    )
    until("it is refused", lambda: any(one["kind"] == "config.rejected" for one in house.glance("issues")))
    (issue,) = [one for one in house.told("issues") if one["kind"] == "config.rejected"]
    assert "`webhooks` changed: that takes a restart of the daemon" in issue["why"]
