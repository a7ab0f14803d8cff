"""Keys are rotated and a buyer is erased while the daemon works."""

import sqlite3

import pytest

from tests.acceptance.conftest import World, until
from tests.acceptance.test_a_day_of_use import BUYER, SKU

pytestmark = pytest.mark.timeout(600)


def key_ids(world: World) -> set[int]:
    """The numbers of the keys that orders are sealed with."""
    database = world.folder / "entrepot-data" / "entrepot.sqlite3"
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    rows = connection.execute("SELECT DISTINCT key_id FROM customer_order WHERE person_sealed IS NOT NULL")
    found = {int(number) for (number,) in rows}
    connection.close()
    return found


def test_keys_are_rotated_and_a_buyer_is_erased_beside_the_daemon(world: World) -> None:
    daemon = world.start()
    lines = [{"sku": SKU, "quantity": 1}]
    number = world.act("/buy", shop="main", lines=lines, buyer=BUYER)["order"]
    until("the order is at the warehouse", lambda: world.state(number) == "sent")

    told = world.told("keys", "rotate")
    assert (told["key"], told["old"], told["shut"]) == (2, [1], [])
    assert world.told("keys", "drop") == {"key": 2, "dropped": [1]}
    other = [{"sku": SKU, "quantity": 2}]
    later = world.act("/buy", shop="main", lines=other, buyer=BUYER)["order"]
    until("an order goes on under the new key", lambda: world.state(later) == "sent")
    assert key_ids(world) == {2}

    refused = world.run("forget", BUYER["email"], "--yes")
    assert refused.returncode == 2
    assert f"order main/{number} is sent: 1 fulfilment(s) open" in refused.stderr
    assert BUYER["email"] not in refused.stderr
    for one in (number, later):
        world.act("/cancel", shop="main", order=one)
    until(
        "both are cancelled",
        lambda: all(world.glance("orders", "show", one)["closed_at"] for one in (number, later)),
    )
    assert len(world.told("export", BUYER["email"])["orders"]) == 2
    done = world.told("forget", BUYER["email"], "--yes")
    assert (done["orders"], done["records"]) == (2, 0)
    assert world.told("export", BUYER["email"])["orders"] == []
    assert world.state(number) == "cancelled"
    assert world.stop(daemon) == 0
    started = world.start()
    assert world.stop(started) == 0
