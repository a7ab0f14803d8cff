"""Prices, listing states and content as the YAML has them, in two real shops of different make.

Each test writes its own rules for its own goods, as an admin does, and the running daemon takes them over. The
shops' books are read by the tests' own clients.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.peers.scenarios.daemon import SECOND_SHOP, SHOP, until
from tests.peers.scenarios.house import House

Pooled = Callable[[int], str]
Rules = Callable[..., None]
ENDLESS = {"guards": {"prices_changing": "off", "price_move": "off", "going_down": "off"}}


@pytest.fixture
def rules(house: House) -> Iterator[Rules]:
    """Writes sections of the mapping files, and takes them back when the test is over."""
    written: set[str] = set()

    def write(**sections: Any) -> None:
        for name, section in sections.items():
            written.add(name)
            house.daemon.map(name, section)

    yield write
    for name in written:
        (house.daemon.folder / "mappings" / f"{name}.yaml").unlink()


def _table(house: House, name: str, *lines: str) -> None:
    (house.daemon.folder / "mappings" / name).write_text("\n".join(lines) + "\n")


def _price_here(house: House, sku: str) -> int:
    """In cents, without tax."""
    price: int = house.staff.variant(sku)["price"]
    return price


def _price_there(house: House, sku: str) -> float:
    return house.clerk.price(sku)["eur"]


def _asks_here(house: House, sku: str, cents: int) -> None:
    until(f"the first shop asks {cents} for {sku}", lambda: _price_here(house, sku) == cents)


def _asks_there(house: House, sku: str, cents: int) -> None:
    until(f"the second shop asks {cents} for {sku}", lambda: round(_price_there(house, sku) * 100) == cents)


def _both_ask(house: House, sku: str, cents: int) -> None:
    _asks_here(house, sku, cents)
    _asks_there(house, sku, cents)


def _rule(sku: str, **more: Any) -> dict[str, Any]:
    return {
        "name": "from the cost",
        "when": {"sku": [sku]},
        "price": "landed_cost * 1.6",
        "round": {"end_in": ".99", "direction": "up"},
        **more,
    }


def test_a_price_is_made_of_the_cost_and_follows_it(house: House, pooled: Pooled, rules: Rules) -> None:
    sku = pooled(6)
    _table(house, "goods.csv", "sku,landed_cost,list_price", f"{sku},10.20,24.00")
    rules(guards=ENDLESS["guards"], goods={"table": "goods.csv", "currency": "EUR"}, prices=[_rule(sku)])
    _both_ask(house, sku, 1699)  # 16.32, rounded up
    house.staff.set_price(sku, 100)  # somebody slips: what the rules own is put right
    until("the shop asks the rule's price again", lambda: _price_here(house, sku) == 1699)
    _table(house, "goods.csv", "sku,landed_cost,list_price", f"{sku},11.00,24.00")
    _both_ask(house, sku, 1799)


def test_a_promotion_starts_and_ends_by_itself(house: House, pooled: Pooled, rules: Rules) -> None:
    sku = pooled(6)
    _table(house, "goods.csv", "sku,landed_cost", f"{sku},10.20")
    rules(guards=ENDLESS["guards"], goods={"table": "goods.csv", "currency": "EUR"}, prices=[_rule(sku)])
    _both_ask(house, sku, 1699)
    begin = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=12)
    end = begin + timedelta(seconds=75)
    flash = {
        "name": "flash",
        "when": {"account": [SHOP, SECOND_SHOP], "sku": [sku]},
        "from": f"{begin:%Y-%m-%d %H:%M:%S}",
        "until": f"{end:%Y-%m-%d %H:%M:%S}",
        "off": "5 EUR",
    }
    rules(promotions=[flash])
    with ThreadPoolExecutor(1) as window:  # both shops are watched from the start: it is over soon
        there = window.submit(_asks_there, house, sku, 1199)
        _asks_here(house, sku, 1199)
        assert datetime.now(UTC) >= begin, "the promotion began before its time"
        there.result()
    _both_ask(house, sku, 1699)
    assert datetime.now(UTC) >= end, "the promotion ended before its time"


def test_what_is_sold_out_is_taken_down_and_put_back(house: House, pooled: Pooled, rules: Rules) -> None:
    sku = pooled(6)
    rules(
        guards=ENDLESS["guards"],
        listings=[
            {
                "name": "sold out",
                "when": {"sku": [sku]},
                "take_down": ["at_zero"],
                "at_zero_for": "1 second",
                "put_back_at": "2 units",
                "put_back_after": "1 second",
            }
        ],
    )
    house.people.count(sku, 0)
    until("the first shop has taken it down", lambda: not house.staff.variant(sku)["enabled"])
    until(
        "the second shop has taken it down",
        lambda: house.clerk.variant(sku)["product"]["status"] == "draft",
    )
    house.people.count(sku, 8)
    until("the first shop has put it back", lambda: house.staff.variant(sku)["enabled"])
    until(
        "the second shop has put it back",
        lambda: house.clerk.variant(sku)["product"]["status"] == "published",
    )
    house.pooled(sku, 8)


def test_what_people_took_down_stays_down(house: House, pooled: Pooled, rules: Rules) -> None:
    sku, other = pooled(6), pooled(6)
    house.staff.set_enabled(sku, False)
    rule = {"name": "sold out", "when": {"sku": [sku, other]}, "take_down": ["at_zero"]}
    rules(
        guards=ENDLESS["guards"],
        listings=[rule | {"at_zero_for": "1 second", "put_back_at": "1 units", "put_back_after": "1 second"}],
    )
    house.people.count(other, 0)
    until("ours is taken down", lambda: not house.staff.variant(other)["enabled"])
    house.people.count(other, 6)
    until("ours is put back", lambda: house.staff.variant(other)["enabled"])
    assert not house.staff.variant(sku)["enabled"]


def test_names_and_texts_of_the_catalogue_are_the_shops(house: House, pooled: Pooled, rules: Rules) -> None:
    sku = pooled(4)
    _table(house, "content.csv", "sku,title,description", f'{sku},Kettle {sku},"Steel, 1.7 l"')
    rules(
        content={
            "table": "content.csv",
            "accounts": [SHOP, SECOND_SHOP],
            "fields": ["title", "description"],
        }
    )
    until("the first shop has the name", lambda: f"Kettle {sku}" in str(house.staff.product(sku)))
    until(
        "the second shop has the name",
        lambda: house.clerk.variant(sku)["product"]["title"] == f"Kettle {sku}",
    )
    assert "Steel, 1.7 l" in str(house.staff.product(sku))
    assert "Steel, 1.7 l" in house.clerk.variant(sku)["product"]["description"]


def test_a_mass_change_waits_until_it_is_approved(house: House, pooled: Pooled, rules: Rules) -> None:
    skus = [pooled(2) for _ in range(3)]
    costs = [f"{sku},10.20" for sku in skus]
    _table(house, "goods.csv", "sku,landed_cost", *costs)
    open_handed = {"price_move": "off", "prices_changing": "off"}
    rule = {**_rule(skus[0]), "when": {"account": [SHOP], "sku": skus}}
    rules(guards=open_handed, goods={"table": "goods.csv", "currency": "EUR"}, prices=[rule])
    for sku in skus:
        until(f"the shop asks the first price of {sku}", lambda sku=sku: _price_here(house, sku) == 1699)
    rules(guards={"price_move": "20% per day", "prices_changing": "off"})
    _table(house, "goods.csv", "sku,landed_cost", *[f"{sku},1.02" for sku in skus])  # a slip of the comma

    def asked() -> bool:
        found = house.daemon.told("issues")
        return any(one["kind"] == "guard.price_move" for one in found)

    until("a person is asked", asked)
    assert {_price_here(house, sku) for sku in skus} == {1699}, "nothing of it was sent"
    house.daemon.done("approve", "price_move", "--account", SHOP)
    for sku in skus:
        until(f"the shop asks the approved price of {sku}", lambda sku=sku: _price_here(house, sku) == 199)
    until("nobody is asked any more", lambda: not asked())
