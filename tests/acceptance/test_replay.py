"""A changed folder is tried on what happened before it is switched on, and nothing of it is kept."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests import canaries
from tests.acceptance.goldens import golden
from tests.acceptance.priced import GOODS, PRICES, TIGHTER, Priced, priced

pytestmark = pytest.mark.timeout(900)
HOLDS = """\
holds:
  - {name: many lines, when: {lines_at_least: 2}, release: manual, owner: ops, within: 2 hours}
"""
ROUTING = "routing:\n  - {name: only yen, when: {account: [yen]}, to: warehouse}\n"
COURIERS = "couriers:\n  - {name: express, use: [courier], service: express}\n"
SKUS = """\
skus:
  match: [sku]
  overrides:
    - {listing: "main:5", sku: "TEE-05", pack: 2}
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Priced]:
    """Three orders: one with two lines, one whose parcel is packed, one on another shop."""
    with priced(tmp_path_factory.mktemp("replaying") / "house") as made:
        lines = [{"sku": "TEE-05", "quantity": 1}, {"sku": "TEE-06", "quantity": 2}]
        made.act("/buy", shop="main", lines=lines)
        packed = made.act("/buy", shop="main", lines=[{"sku": "TEE-07", "quantity": 1}])["order"]
        made.act("/buy", shop="yen", lines=[{"sku": "TEE-10", "quantity": 1}])
        made.once()
        made.act("/warehouse/work", reference=f"main/{packed}/1", until="packed")
        made.settled()
        yield made


def numbers(house: Priced, text: str) -> str:
    """Order numbers differ between runs: they are told by their turn."""
    told = house.told("orders", "list")
    for turn, order in enumerate(sorted(told, key=lambda one: (one["account"], one["placed_at"]))):
        text = text.replace(f"{order['account']}/{order['number']}", f"{order['account']}/<{turn}>")
    return text


def replayed(house: Priced, folder: Any, *more: str) -> str:
    done = house.run("replay", str(folder), *more)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return numbers(house, done.stdout)


def test_a_folder_that_says_the_same_changes_nothing(house: Priced) -> None:
    golden("replay_same", replayed(house, house.mappings), house.folder)


def test_other_rules_for_orders_are_tried_on_every_order(house: Priced) -> None:
    folder = house.changed("orders", holds_yaml=HOLDS, routing_yaml=ROUTING, couriers_yaml=COURIERS)
    before = house.dump()
    golden("replay_orders", replayed(house, folder), house.folder)
    assert house.dump() == before, "nothing was written"


def test_other_rules_for_offers_are_tried_on_every_listing(house: Priced) -> None:
    folder = house.changed("offers", stock_yaml=TIGHTER, prices_yaml=PRICES, goods_csv=GOODS)
    golden("replay_offers", replayed(house, folder, "--rows", "3", "--account", "main"), house.folder)


def test_listings_and_orders_that_would_stand_for_other_goods_are_told(house: Priced) -> None:
    folder = house.changed("bound", skus_yaml=SKUS)
    golden("replay_bound", replayed(house, folder, "--rows", "3", "--account", "main"), house.folder)


def test_only_orders_of_the_last_days_are_looked_at(house: Priced, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = house.changed("late", holds_yaml=HOLDS)
    assert house.told("replay", str(folder), "--days", "3")["orders"]["looked_at"] == 3
    clock = house.folder.parent / "clock"
    clock.write_text(f"+{4 * 86400}")
    monkeypatch.setenv("ENTREPOT_TEST_CLOCK", str(clock))
    assert house.told("replay", str(folder), "--days", "3")["orders"]["looked_at"] == 0
    assert house.told("replay", str(folder), "--days", "5")["orders"]["held"]["count"] == 1


def test_the_json_says_the_same_and_nothing_of_a_buyer(house: Priced) -> None:
    note = (
        'holds:\n  - {name: noted, when: {expr: \'note != "x" and postal_code != "x"\'}, release: manual}\n'
    )
    told = house.told("replay", str(house.changed("json", holds_yaml=note)))
    assert told["orders"]["looked_at"] == told["orders"]["held"]["count"] == told["orders"]["newly_held"] == 3
    change = told["orders"]["held"]["first"][0]
    assert set(change) == {"order", "what", "before", "after", "rules"}
    assert (change["before"], change["after"]) == ("not held", "noted")
    assert canaries.in_text("the replay", json.dumps(told)) == []


def test_a_bad_folder_is_told_as_check_tells_it(house: Priced) -> None:
    folder = house.changed("wrong", holds_yaml="holds: [{nam: x}]\n")
    assert house.refused("replay", str(folder)).startswith("wrong/holds.yaml:1:9: ")
    assert house.refused("replay", str(folder), "--account", "mian").startswith("wrong/holds.yaml:1:9: ")
