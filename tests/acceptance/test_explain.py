"""Every number that a shop shows is told with its terms, and they add up to what the shop itself answers."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.acceptance.goldens import golden
from tests.acceptance.priced import GOODS, PRICES, Priced, priced

pytestmark = pytest.mark.timeout(900)
STOCK = """\
stock:
  buffer: {units: 1}
  safety_stock: 2
  share: {main: 50%}
  cap: {yen: 40 units}
  reserve:
    - {name: live show, for: main, sku: [TEE-02], units: 30 units, from: "2020-01-01 10:00"}
"""
LISTINGS = (
    "listings:\n  - {name: sold out, when: {account: [main]}, take_down: [at_zero], at_zero_for: 5 days, "
    "put_back_at: 3 units}\n"
)
SKUS = ("TEE-01", "TEE-02", "TEE-03", "TEE-41", "DUO-1", "00123")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Priced]:
    """Stock is shared by every kind of rule, prices are ours, and an order holds two units."""
    with priced(tmp_path_factory.mktemp("explaining") / "house") as made:
        made.rules(
            stock_yaml=STOCK,
            prices_yaml=PRICES,
            goods_csv=GOODS,
            listings_yaml=LISTINGS,
            guards_yaml="guards: {quantities_changing: off, going_to_zero: off, going_down: off}\n",
        )
        made.act("/buy", shop="main", lines=[{"sku": "TEE-02", "quantity": 2}])
        made.settled()
        yield made


def numbers(term: dict[str, Any]) -> int:
    """What may be promised of one SKU, by its own terms."""
    total = term["on_hand"] - term["reserved"] - term["safety"] - term["velocity"] + term["inbound"]
    return max(0, int(total) + sum(one["free"] for one in term["suppliers"]))


def shown(listing: dict[str, Any]) -> int:
    """What a listing shows, by its terms alone."""
    pieces = []
    for term in listing["terms"]["skus"]:
        assert term["promise"] == numbers(term)
        if "from" in term:
            assert term["share"] == sum(one["units"] for one in term["from"])
        if "reserves" in term:
            assert term["common"] == term["promise"] - sum(one["kept"] for one in term["reserves"])
        pieces.append(max(0, term["share"] - term["buffer"]) // term["units"])
    most = min(pieces)
    return min(most, listing["terms"].get("cap", most)) if listing["published"] else 0


@pytest.mark.parametrize("sku", SKUS)
def test_the_terms_add_up_to_what_every_shop_answers(house: Priced, sku: str) -> None:
    books = house.books()["shops"]
    listings = house.told("explain", sku)["listings"]
    assert {one["account"] for one in listings} == {"main", "yen"}
    for one in listings:
        variant = next(v for v in books[one["account"]]["variants"] if v["id"] == one["listing"])
        assert shown(one) == one["desired"] == one["acked"] == variant["saleable"]
        assert one["held"] == []


@pytest.mark.parametrize("sku", ["TEE-01", "TEE-02"])
def test_the_steps_of_a_price_add_up_to_what_the_shop_asks(house: Priced, sku: str) -> None:
    (one,) = house.told("explain", sku, "--account", "main")["listings"]
    price = one["price"]
    steps = [Decimal(step["adds"]) for step in price["terms"]["steps"]]
    assert sum(steps) == Decimal(price["desired"]) == Decimal(price["acked"])
    assert Decimal(house.variant("main", sku)["price"]) / 100 == sum(steps)
    floor = price["terms"]["floor"]
    assert sum(Decimal(part["is"]) for part in floor["covers"]) == Decimal(floor["is"]) <= sum(steps)


def test_the_sentences_add_up_to_the_eye(house: Priced) -> None:
    """Every line that ends in a sum: the numbers before it make it."""
    lines = [line.strip() for line in house.run("explain", "TEE-02", "--account", "main").stdout.splitlines()]
    (first,) = [line for line in lines if line.startswith("TEE-02: ")]
    promise = re.match(r"TEE-02: (\d+) on hand − (\d+) reserved − (\d+) safety.* = (\d+) to promise", first)
    assert promise is not None
    hand, reserved, safety, total = map(int, promise.groups())
    velocity = int((re.search(r"− (\d+) velocity", first) or [0, 0])[1])
    assert hand - reserved - safety - velocity == total
    price = [line for line in lines if line.endswith(" EUR")]
    at = Decimal(re.findall(r"= ([\d.]+) EUR$", price[0])[0])
    for line in price[1:]:
        step = re.match(r"([+−]) ([\d.]+) .* = ([\d.]+) EUR$", line)
        assert step is not None, line
        at += Decimal(step[2]) * (1 if step[1] == "+" else -1)
        assert at == Decimal(step[3])


STANDS = {
    "safety": "safety_stock: 2",
    "buffer": "buffer: {units: 1}",
    "share": "share: {main: 50%}",
    "cap": "cap: {yen: 40 units}",
    "goods landed_cost": "TEE-02,9.10",
}
"""The text of the line that made each term without a name."""


@pytest.mark.parametrize(
    ("account", "made"),
    [("main", {"safety", "buffer", "share", "goods landed_cost"}), ("yen", {"safety", "buffer", "cap"})],
)
def test_every_term_without_a_name_is_told_with_the_line_that_made_it(
    house: Priced, account: str, made: set[str]
) -> None:
    (one,) = house.told("explain", "TEE-02", "--account", account)["listings"]
    price = one.get("price", {"terms": {"places": {}}, "said": []})
    told = [
        one["terms"]["places"],
        price["terms"]["places"],
        *(term["places"] for term in one["terms"]["skus"]),
    ]
    places = {term: place for part in told for term, place in part.items()}
    assert set(places) == made
    for term, place in places.items():
        file, _, line = place.partition(":")
        assert (house.folder / file).read_text("utf-8").splitlines()[int(line) - 1].strip() == STANDS[term]
        assert any(f"({place})" in said for said in (*one["said"], *price["said"]))


def test_explain_tells_rules_with_file_and_line(house: Priced) -> None:
    golden("explain", house.run("explain", "TEE-02").stdout, house.folder)


def test_what_a_guard_holds_is_told_with_the_way_through(house: Priced) -> None:
    golden("explain_held", house.run("explain", "TEE-03", "--account", "main").stdout, house.folder)


def test_while_the_files_are_wrong_the_terms_are_told_without_their_places(house: Priced) -> None:
    house.rules(holds_yaml="holds: [{nam: x}]\n")
    golden("explain_broken", house.run("explain", "TEE-01", "--account", "main").stdout, house.folder)
    (house.mappings / "holds.yaml").unlink()


def test_a_mistyped_sku_or_shop_is_met_with_the_nearest_one(house: Priced) -> None:
    said = house.refused("explain", "TEE-0222")
    assert said.startswith("no warehouse and no listing has the SKU TEE-0222; did you mean TEE-")
    said = house.refused("explain", "TEE-02", "--account", "mian")
    assert said == "there is no shop 'mian'; did you mean main?"
