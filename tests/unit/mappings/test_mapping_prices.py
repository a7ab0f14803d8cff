"""Prices by rules: formula, currency, tax, floor, MAP, rounding and the struck-out price, one fact a test."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from mappings import Rulebook
from sync.domain.ids import Sku
from sync.domain.pricing import BeyondLimit
from tests.unit.mappings.price_books import NOON, asked, book, offer, steps_of

GOODS = """sku,cost,landed_cost,list_price,map,tags,currency
A,8,10.00,30,,summer|Neu,
B,1.5,2,,,,
C,4,5,9.50,12,winter,
D,3,4,6,,,USD
"""
EUR = "goods: {table: goods.csv, currency: EUR}\n"


def rules(text: str, head: str = EUR) -> Rulebook:
    return book(head + "prices:\n" + text, goods=GOODS)


def price(text: str, *components: tuple[str, int]) -> Decimal | None:
    return asked(rules(text), offer(*components)).price


def test_a_formula_makes_the_price() -> None:
    assert price("  - {name: a, price: landed_cost * 1.6}") == Decimal("16.00")
    assert price('  - {name: a, price: "max(landed_cost * 1.6, list_price - 5)"}') == Decimal("25.00")
    assert price('  - {name: a, price: "min(landed_cost / 0.7, list_price)"}') == Decimal("14.29")


def test_the_first_rule_that_matches_decides() -> None:
    text = "  - {name: a, when: {sku: B}, price: cost * 2}\n  - {name: b, price: cost * 3}"
    assert price(text) == Decimal("24.00")
    assert price(text, ("B", 1)) == Decimal("3.00")


def test_without_a_rule_that_matches_the_price_is_not_ours() -> None:
    assert rules("  - {name: a, when: {sku: B}, price: cost}").price(offer(), NOON) is None


def test_kept_means_that_the_price_is_not_ours() -> None:
    text = "  - {name: a, when: {tags: summer}, price: keep}\n  - {name: b, price: cost}"
    assert rules(text).price(offer(), NOON) is None


@pytest.mark.parametrize(
    ("when", "matches"),
    [
        ("{account: shop}", True),
        ("{account: [tmall]}", False),
        ("{tags: neu}", True),
        ("{tags: [winter, autumn]}", False),
        ("{supplier: acme}", True),
        ("{cost_above: 7.99 EUR}", True),
        ("{cost_above: 8 EUR}", False),
        ("{cost_below: 9 USD}", False),
        ("{cost_below: 9 EUR, sku: [A, B]}", True),
        ("{expr: 'list_price > cost * 3 and \"Neu\" in tags'}", True),
        ("{expr: \"account == 'shop' and currency == 'EUR' and 'A' in skus\"}", True),
        ("{expr: \"'acme' in suppliers\"}", True),
        ("{expr: landed_cost > 10}", False),
    ],
)
def test_conditions_of_a_listing(when: str, matches: bool) -> None:
    facts = replace(offer(), suppliers=frozenset({"acme"}))
    found = rules(f"  - {{name: a, when: {when}, price: cost}}").price(facts, NOON)
    assert (found is not None) is matches


def test_a_condition_on_what_is_not_known_does_not_match() -> None:
    text = "  - {name: a, when: {expr: not list_price > 5}, price: cost}"
    assert rules(text).price(offer(("B", 1)), NOON) is None
    assert rules("  - {name: a, when: {cost_below: 5 EUR}, price: '5'}").price(offer(("X", 1)), NOON) is None


def test_bundles_and_packs_sum_their_goods() -> None:
    assert price("  - {name: a, price: landed_cost}", ("A", 2), ("B", 3)) == Decimal("26.00")
    assert price("  - {name: a, price: cost}", ("B", 6)) == Decimal("9.00")


def test_one_unknown_amount_leaves_the_sum_unknown() -> None:
    found = asked(rules("  - {name: a, price: list_price}"), offer(("A", 1), ("B", 1)))
    assert found.price is None
    assert found.missing == "no list_price of B is known: its cell in goods.csv is empty"
    assert found.terms == {"rule": "a", "steps": [], "missing": found.missing}


def test_what_is_missing_is_named() -> None:
    book_ = rules("  - {name: a, price: cost * 2}")
    assert asked(book_, offer(("X", 1))).missing == (
        "no cost of X is known: it is not in goods.csv, and no supplier names a cost"
    )
    assert asked(book_, replace(offer(), components=())).missing == "the listing is bound to no SKU"


def test_landed_cost_is_never_taken_from_cost() -> None:
    found = asked(book(EUR + "prices: [{name: a, price: landed_cost}]", goods="sku,cost\nA,8\n"), offer())
    assert found.missing == "no landed_cost of A is known: its cell in goods.csv is empty"


def test_a_suppliers_cost_stands_in_for_cost_alone() -> None:
    facts = replace(offer(("X", 2)), supplier_costs={Sku("X"): (Decimal("3.30"), "EUR")})
    assert asked(rules("  - {name: a, price: cost * 2}"), facts).price == Decimal("13.20")
    assert asked(rules("  - {name: a, price: landed_cost}"), facts).price is None
    own = replace(offer(), supplier_costs={Sku("A"): (Decimal(1), "EUR")})
    assert asked(rules("  - {name: a, price: cost}"), own).price == Decimal("8.00"), "the table comes first"


def test_a_suppliers_cost_needs_no_goods_table() -> None:
    facts = replace(offer(("X", 1)), supplier_costs={Sku("X"): (Decimal(3), "EUR")})
    assert asked(book("prices: [{name: a, price: cost * 2}]"), facts).price == Decimal("6.00")


@pytest.mark.parametrize("formula", ["cost - 8", "cost - 9", "cost * 999999999999999"])
def test_what_is_no_price_is_missing(formula: str) -> None:
    found = asked(rules(f"  - {{name: a, price: {formula}}}"), offer())
    assert found.price is None
    assert found.missing.startswith(formula)


def test_another_currency_needs_convert() -> None:
    found = asked(rules("  - {name: a, price: cost}"), offer(currency="CNY"))
    assert found.missing == "an amount of the goods is in EUR, CNY is wanted, and the rule has no `convert`"


def test_a_shop_that_names_no_currency_has_no_price() -> None:
    found = asked(rules("  - {name: a, price: cost}"), offer(currency=""))
    assert found.missing == "the shop does not say which currency it shows"


RATES = "date,from,to,rate\n2026-06-01,EUR,CNY,7.80\n2026-06-05,EUR,CNY,7.90\n2026-06-10,USD,CNY,7.2\n"


def converted(rates: str = RATES, longest: str = "30 days", convert: str = "daily_rate") -> Rulebook:
    head = EUR + f"rates: {{table: rates.csv, longest: {longest}}}\n"
    text = head + f"prices: [{{name: a, price: cost, convert: {convert}, round: {{to: '0.0001'}}}}]"
    return book(text.replace(", round: {to: '0.0001'}", ""), goods=GOODS, rates=rates)


def test_the_rate_of_the_day_converts() -> None:
    assert asked(converted(), offer(currency="CNY", account="tmall")).price == Decimal("63.20")
    plus = asked(converted(convert="daily_rate + 2%"), offer(currency="CNY", account="tmall"))
    assert plus.price == Decimal("64.46")
    assert steps_of(plus) == ["formula", "convert", "round"]


def test_a_rate_holds_from_its_day_in_the_shops_own_zone() -> None:
    before = datetime(2026, 6, 4, 15, 59, tzinfo=UTC)
    shop = offer(currency="CNY", account="tmall")
    early, late = (asked(converted(), shop, before + timedelta(minutes=minutes)) for minutes in (0, 1))
    assert (early.price, late.price) == (Decimal("62.40"), Decimal("63.20"))
    assert early.next_at == before + timedelta(minutes=1)
    berlin = offer(currency="CNY")
    assert asked(converted(), berlin, datetime(2026, 6, 4, 21, 59, tzinfo=UTC)).price == Decimal("62.40")
    assert asked(converted(), berlin, datetime(2026, 6, 4, 22, 0, tzinfo=UTC)).price == Decimal("63.20")


def test_an_old_rate_is_not_used() -> None:
    shop = offer(currency="CNY", account="tmall")
    begins = datetime(2026, 6, 4, 16, tzinfo=UTC)
    rulebook = converted(longest="7 days")
    last = asked(rulebook, shop, begins + timedelta(days=7, seconds=-1))
    assert last.price == Decimal("63.20")
    assert last.next_at == begins + timedelta(days=7)
    old = asked(rulebook, shop, begins + timedelta(days=7))
    assert old.price is None
    assert (
        old.missing == "no rate from EUR to CNY is young enough: the last one in rates.csv is of 2026-06-05"
    )


def test_a_missing_rate_is_looked_at_again_when_one_begins() -> None:
    found = asked(converted("date,from,to,rate\n2026-07-01,EUR,CNY,8\n"), offer(currency="CNY"))
    assert found.missing == "no rate from EUR to CNY is known: rates.csv has none up to today"
    assert found.next_at == datetime(2026, 6, 30, 22, tzinfo=UTC)


def test_the_other_direction_of_a_rate_serves() -> None:
    found = asked(converted("date,from,to,rate\n2026-06-01,CNY,EUR,0.125\n"), offer(currency="CNY"))
    assert found.price == Decimal("64.00")
    assert found.terms["steps"][1]["rates"] == [  # type: ignore[index]
        {"from": "CNY", "to": "EUR", "rate": "0.125", "date": "2026-06-01"}
    ]


def test_one_step_through_a_third_currency_serves_by_its_youngest_rates() -> None:
    rates = "date,from,to,rate\n2026-06-01,EUR,USD,1.10\n2026-06-09,USD,CNY,7\n2026-06-02,EUR,GBP,0.8\n"
    through = asked(converted(rates + "2026-06-10,CNY,GBP,0.1\n"), offer(currency="CNY"))
    assert through.price == Decimal("64.00"), "through GBP: its older rate is a day younger"
    assert [leg["to"] for leg in through.terms["steps"][1]["rates"]] == ["GBP", "GBP"]  # type: ignore[index]
    assert asked(converted(rates), offer(currency="CNY")).price == Decimal("61.60")


def test_goods_of_two_currencies_come_to_the_goods_currency_first() -> None:
    rates = "date,from,to,rate\n2026-06-10,USD,EUR,0.5\n"
    assert asked(converted(rates), offer(("A", 1), ("D", 2))).price == Decimal("11.00")
    found = asked(rules("  - {name: a, price: cost}"), offer(("A", 1), ("D", 1)))
    assert found.missing == "an amount of the goods is in USD, EUR is wanted, and the rule has no `convert`"


@pytest.mark.parametrize(
    ("formula", "includes_tax", "expected"),
    [
        ("without", True, "11.90"),
        ("without", False, "10.00"),
        ("with", True, "10.00"),
        ("with", False, "8.40"),
    ],
)
def test_tax_between_the_formula_and_the_shop(formula: str, includes_tax: bool, expected: str) -> None:
    text = f"  - {{name: a, price: landed_cost, tax: {{rate: 19%, formula: {formula}}}}}"
    assert asked(rules(text), offer(includes_tax=includes_tax)).price == Decimal(expected)


def test_tax_needs_a_shop_that_says_what_it_shows() -> None:
    found = asked(rules("  - {name: a, price: cost, tax: {rate: 19%, formula: without}}"), offer())
    assert found.missing == "the shop does not say whether its prices are with tax, and the rule has `tax`"
    assert price("  - {name: a, price: cost, tax: {rate: 0%, formula: without}}") == Decimal("8.00")


def test_the_floor_lists_what_it_covers_and_its_parts_sum_up() -> None:
    text = (
        EUR
        + """
fees:
  - {name: commission, when: {account: shop}, percent: 12%, fixed: 0.30 EUR}
  - {name: payment, percent: 2%}
  - {name: elsewhere, when: {account: tmall}, percent: 50%}
  - {name: parcel, fixed: 4 EUR, for: shipping}
prices:
  - name: a
    price: landed_cost * 1.1
    floor: {cover: [landed_cost, fees, shipping], margin: 15% of price, after: coupons}
    coupons: 10%
"""
    )
    found = asked(book(text, goods=GOODS), offer())
    # 1 - 0.12 - 0.02 - 0.15 - 0.10 = 0.61 of the price must be 10 + 0.30 + 4
    assert found.floor == Decimal("23.45")
    assert found.price == Decimal("23.45")
    floor = found.terms["floor"]
    assert isinstance(floor, dict)
    parts = {part.get("rule", part["part"]): Decimal(part["is"]) for part in floor["covers"]}
    assert sum(parts.values()) == found.floor
    assert parts["commission"] == Decimal("3.114")
    assert parts.keys() == {"landed_cost", "commission", "payment", "parcel", "margin", "coupons", "spare"}
    assert Decimal(0) <= parts["spare"] < Decimal("0.01")


@pytest.mark.parametrize(
    ("margin", "floor"),
    [("20% of price", "12.50"), ("20% of cost", "12.00"), ("150% of cost", "25.00"), ("3 EUR", "13.00")],
)
def test_margins_of_price_and_cost_and_amounts(margin: str, floor: str) -> None:
    text = f"  - {{name: a, price: landed_cost, floor: {{cover: landed_cost, margin: {margin}}}}}"
    assert price(text) == Decimal(floor)


def test_coupons_may_be_an_amount() -> None:
    text = "  - {name: a, price: cost, floor: {cover: landed_cost, after: coupons}, coupons: 5 EUR}"
    assert price(text) == Decimal("15.00")


def test_a_floor_counts_without_tax() -> None:
    text = (
        "  - {name: a, price: cost, tax: {rate: 20%, formula: without}, "
        "floor: {cover: landed_cost, margin: 25% of price}}"
    )
    found = asked(rules(text), offer(includes_tax=True))
    assert found.price == Decimal("16.00"), "10 of cost and 3.33 of margin, and 20 % of tax on them"


def test_a_floor_that_no_price_keeps_is_missing() -> None:
    text = (
        EUR + "fees: [{name: f, percent: 90%}]\nprices: [{name: a, price: cost, floor: {cover: [cost, fees], "
    )
    found = asked(book(text + "margin: 10% of price}}]", goods=GOODS), offer())
    assert found.missing == "no price keeps the floor: fees, margin, tax and coupons take all of it"


def test_the_floor_is_checked_again_after_rounding() -> None:
    text = "  - {name: a, price: cost, floor: {cover: landed_cost}, round: {end_in: '.49', direction: down}}"
    found = asked(rules(text), offer())
    assert found.price == Decimal("10.49"), "down would be 9.49, which is under the floor"
    assert steps_of(found) == ["formula", "floor", "round"]


def test_no_price_is_advertised_below_the_map() -> None:
    found = asked(
        rules("  - {name: a, price: cost, round: {end_in: '.99', direction: down}}"), offer(("C", 1))
    )
    assert (found.price, found.least) == (Decimal("12.99"), Decimal("12.00"))
    ignored = asked(rules("  - {name: a, price: cost, map: ignore}"), offer(("C", 1)))
    assert (ignored.price, ignored.least) == (Decimal("4.00"), None)


def test_a_bundle_whose_map_is_not_known_whole_has_none_and_says_so() -> None:
    found = asked(rules("  - {name: a, price: cost}"), offer(("C", 1), ("A", 1)))
    assert found.least is None
    assert found.terms["map_left_out"] == "no map of A is known: its cell in goods.csv is empty"


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [
        ("end_in: '.99', direction: up", "10.99"),
        ("end_in: '.99', direction: down", "9.99"),
        ("end_in: '.99'", "9.99"),
        ("end_in: '0.95', direction: up", "10.95"),
        ("end_in: '9', direction: up", "19.00"),
        ("end_in: '4.95', direction: up", "14.95"),
        ("end_in: '.5', direction: up", "10.50"),
        ("to: '0.05', direction: up", "10.00"),
        ("to: '3', direction: nearest", "9.00"),
        ("to: '20', direction: down", "20.00"),
    ],
)
def test_roundings(rounding: str, expected: str) -> None:
    assert price(f"  - {{name: a, price: landed_cost, round: {{{rounding}}}}}") == Decimal(expected)


def test_yen_have_no_cents() -> None:
    head = "goods: {table: goods.csv}\n"
    text = head + "prices: [{name: a, price: cost * 101.5, round: {end_in: '.99'}}]"
    goods = "sku,cost,currency\nA,8,JPY\n"
    found = asked(book(text, goods=goods), offer(currency="JPY"))
    assert found.missing == "JPY has no prices that are rounded to 0.99"
    plain = asked(
        book(head + "prices: [{name: a, price: cost * 100.07}]", goods=goods), offer(currency="JPY")
    )
    assert str(plain.price) == "801"


def test_the_struck_out_price_is_above_the_price_or_there_is_none() -> None:
    text = "  - {name: a, price: landed_cost * 2, compare_at: list_price}"
    above = asked(rules(text), offer())
    assert (above.compare_at, above.sets_compare_at) == (Decimal("30.00"), True)
    below = asked(rules(text), offer(("C", 1)))
    assert (below.price, below.compare_at, below.sets_compare_at) == (Decimal("12.00"), None, True)
    unknown = asked(rules(text), offer(("B", 1)))
    assert (unknown.price, unknown.compare_at, unknown.sets_compare_at) == (Decimal("4.00"), None, True)
    assert unknown.terms["compare_at"] == {
        "rule": "a",
        "formula": "list_price",
        "missing": "no list_price of B is known: its cell in goods.csv is empty",
    }


def test_a_struck_out_price_that_no_rule_names_is_the_shops_own() -> None:
    assert asked(rules("  - {name: a, price: cost}"), offer()).sets_compare_at is False
    none = asked(rules("  - {name: a, price: cost, compare_at: none}"), offer())
    assert (none.compare_at, none.sets_compare_at) == (None, True)


def test_limits_are_handed_on() -> None:
    text = "  - {name: a, price: cost, largest_move: 20% per day, beyond_limit: limit}"
    found = asked(rules(text), offer())
    assert (found.largest_move, found.beyond_limit) == (Decimal("0.2"), BeyondLimit.LIMIT)


def test_a_rule_is_found_in_its_file_by_name() -> None:
    rulebook = rules("  - {name: first, when: {sku: A}, price: cost}\n  - {name: second, price: cost}")
    place = rulebook.place("prices", "second")
    assert place is not None
    assert (place.file, place.line) == ("mappings/rules.yaml", 4)
    assert rulebook.place("prices", "third") is None


def test_terms_do_not_move_with_lines_and_time() -> None:
    one = asked(rules("  - {name: a, price: cost}"), offer())
    other = asked(rules("\n\n  - {name: a, price: cost}"), offer(), NOON + timedelta(days=3))
    assert one.terms == other.terms
