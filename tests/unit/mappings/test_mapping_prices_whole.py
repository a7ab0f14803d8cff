"""One file with every key of prices: the loader takes it, and so does the editors' schema."""

from datetime import UTC, datetime
from decimal import Decimal

import jsonschema
import pytest
import yaml

from config import ConfigError
from mappings import mappings_schema
from tests.unit.mappings.price_books import NOON, asked, book, offer

WHOLE = """
goods: {table: goods.csv, currency: EUR}
rates: {table: rates.csv, longest: 7 days}
fees:
  - {name: commission, when: {account: shop}, percent: 12%, fixed: 0.30 EUR, for: fees}
  - {name: parcel, fixed: 3.90 EUR, for: shipping}
prices:
  - {name: own, when: {tags: [own]}, price: keep}
  - name: everything
    when: {account: [shop, tmall], sku: [A, 12], tags: [summer], supplier: acme, cost_above: 1 EUR,
           cost_below: 99 EUR, expr: "list_price > landed_cost"}
    price: landed_cost * 3
    convert: daily_rate + 2%
    tax: {rate: 19%, formula: without}
    floor: {cover: [landed_cost, fees, shipping], margin: 15% of price, after: coupons}
    coupons: 10%
    map: respect
    round: {end_in: ".99", direction: up}
    compare_at: list_price
    largest_move: 20% per day
    beyond_limit: ask
  - {name: rest, price: "max(cost * 2, map)", map: ignore, round: {to: 0.05}, compare_at: none}
promotions:
  - {name: flash sale, when: {account: [shop], tags: [summer]}, from: "2026-06-11 19:00",
     until: "2026-06-11 23:00", off: 20%, units: 500 units, compare_at: regular}
  - {name: members, price: price * 0.95, stack: true, round: {to: "0.01", direction: down}}
  - {name: long, from: 2026-06-01, off: 1 EUR}
"""
GOODS = "sku,cost,landed_cost,list_price,tags\nA,8,10,60,summer\n12,1,1,1,\n"
RATES = "date,from,to,rate\n2026-06-08,EUR,CNY,7.9\n"


def as_an_editor_reads(text: str) -> object:
    """YAML 1.2, where `off` is a text; the reader at hand knows 1.1 alone."""
    return yaml.safe_load(text.replace(" off:", ' "off":').replace("from: 2026-06-01", 'from: "2026-06-01"'))


def test_every_key_is_taken_and_has_its_effect() -> None:
    rulebook = book(WHOLE, goods=GOODS, rates=RATES)
    facts = offer(includes_tax=True, suppliers=frozenset({"acme"}))
    found = asked(rulebook, facts, datetime(2026, 6, 11, 18, tzinfo=UTC))
    # (1 - 0.10 - 0.15 - 1.19 * 0.12) of the price must be 1.19 * (10 + 0.30 + 3.90)
    assert found.floor == Decimal("27.83")
    # 30 and 19 % of tax are 35.70, so 35.99; less 20 % 28.79, so 28.99
    assert (found.price, found.compare_at) == (Decimal("28.99"), Decimal("35.99"))
    assert found.capped == "flash sale"
    yuan = asked(
        rulebook, offer(account="tmall", currency="CNY", includes_tax=True, suppliers=facts.suppliers)
    )
    # 35.70 * 7.9 * 1.02 is 287.67, so 287.99; less 1 EUR and then 5 % 265.9354, rounded down
    assert yuan.price == Decimal("265.93")
    assert rulebook.price(offer(("B", 1)), NOON) is not None, "by the last rule"


def test_editors_take_it_too() -> None:
    schema = mappings_schema()
    jsonschema.validate(as_an_editor_reads(WHOLE), schema)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("map: respect", "map: keep"),
        ("direction: up", "direction: upwards"),
        ("stack: true", "stack: 3"),
        ("cover: [landed_cost, fees, shipping]", "cover: [landed_cost, taxes]"),
        ("formula: without", "formula: none"),
        ("beyond_limit: ask", "beyond_limit: stop"),
        ("for: shipping", "for: postage"),
        ("off: 20%", "of: 20%"),
    ],
)
def test_editors_refuse_what_the_loader_refuses(right: str, wrong: str) -> None:
    assert right in WHOLE
    text = WHOLE.replace(right, wrong, 1)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(as_an_editor_reads(text), mappings_schema())
    with pytest.raises(ConfigError, match=r"rules\.yaml"):
        book(text, goods=GOODS, rates=RATES)
