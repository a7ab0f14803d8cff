"""Promotions: when they begin and end, what they take off, what they never pass, and what they leave behind."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from mappings import Rulebook
from sync.domain.promotions import CappedPromotion
from tests.unit.mappings.price_books import NOON, asked, book, offer, steps_of

GOODS = "sku,cost,landed_cost,list_price,map,tags\nA,8,10,30,,summer\nB,8,10,30,19,summer\n"
FLASH = 'from: "2026-06-11 19:00", until: "2026-06-11 23:00"'
BEGINS, ENDS = datetime(2026, 6, 11, 17, tzinfo=UTC), datetime(2026, 6, 11, 21, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def sale(*promotions: str, price: str = "price: landed_cost * 2") -> Rulebook:
    lines = "".join(f"  - {{{one}}}\n" for one in promotions)
    text = f"goods: {{table: goods.csv, currency: EUR}}\nprices: [{{name: a, {price}}}]\npromotions:\n{lines}"
    return book(text, goods=GOODS)


def test_it_begins_and_ends_at_its_minute_in_the_shops_zone() -> None:
    rulebook = sale(f"name: flash, {FLASH}, off: 20%")
    moments = [BEGINS - MINUTE, BEGINS, ENDS - MINUTE, ENDS]
    found = [asked(rulebook, offer(), at) for at in moments]
    assert [str(one.price) for one in found] == ["20.00", "16.00", "16.00", "20.00"]
    assert [one.next_at for one in found] == [BEGINS, ENDS, ENDS, None]
    assert asked(rulebook, offer(account="tmall"), datetime(2026, 6, 11, 11, tzinfo=UTC)).price == 16, (
        "in Shanghai"
    )


def test_a_promotion_may_have_one_end_only_or_none() -> None:
    assert asked(sale('name: p, until: "2026-06-11 23:00", off: 5 EUR'), offer()).price == 15
    assert asked(sale('name: p, from: "2026-06-11 23:00", off: 5 EUR'), offer(), ENDS).price == 15
    assert asked(sale("name: p, off: 5 EUR"), offer()).price == 15


def test_conditions_choose_the_listings() -> None:
    rulebook = sale("name: p, when: {account: tmall, tags: summer}, off: 50%")
    assert asked(rulebook, offer()).price == 20
    assert asked(rulebook, offer(account="tmall")).price == 10


def test_the_first_one_in_force_counts_alone() -> None:
    rulebook = sale(f"name: flash, {FLASH}, off: 10%", "name: always, off: 50%")
    assert asked(rulebook, offer(), BEGINS).price == 18
    assert asked(rulebook, offer(), ENDS).price == 10


def test_one_that_stacks_comes_on_top_of_the_next() -> None:
    rulebook = sale("name: top, off: 2 EUR, stack: true", "name: mid, off: 50%", "name: never, off: 90%")
    found = asked(rulebook, offer())
    assert found.price == 8, "half of 20, and 2 off"
    told = [step["rule"] for step in found.terms["steps"] if step["step"] == "promotion"]  # type: ignore[union-attr, attr-defined]
    assert told == ["mid", "top"]


def test_a_formula_is_in_the_shops_currency_and_may_name_the_price() -> None:
    assert asked(sale("name: p, price: price * 0.75 - 1"), offer()).price == 14
    assert asked(sale("name: p, price: landed_cost * 1.2"), offer()).price == 12


@pytest.mark.parametrize(
    ("promotion", "why"),
    [
        ("off: 20 EUR", "it comes to 0, which is no price"),
        ("price: list_price", "it comes to 30, which is no lower price"),
        ("price: map * 0.9", "no map of A is known: its cell in goods.csv is empty"),
        ("off: 3 USD", "what p takes off is in USD, EUR is wanted, and the rule has no `convert`"),
    ],
)
def test_one_that_gives_no_lower_price_is_left_out_and_told(promotion: str, why: str) -> None:
    found = asked(sale(f"name: p, {promotion}"), offer())
    assert found.price == 20
    assert found.terms["left_out"] == [{"rule": "p", "why": why}]


def test_it_never_goes_below_floor_or_map() -> None:
    floored = asked(
        sale("name: p, off: 90%", price="price: landed_cost * 2, floor: {cover: landed_cost, margin: 4 EUR}"),
        offer(),
    )
    assert floored.price == 14
    assert steps_of(floored) == ["formula", "promotion", "floor"]
    mapped = asked(sale("name: p, off: 90%"), offer(("B", 1)))
    assert mapped.price == 19
    assert steps_of(mapped) == ["formula", "promotion", "map"]


def test_it_is_rounded_as_the_rule_rounds_or_in_its_own_way() -> None:
    by_rule = "price: landed_cost * 2, round: {end_in: '.99', direction: up}"
    assert asked(sale("name: p, off: 20%", price=by_rule), offer()).price == Decimal("16.99")
    own = sale("name: p, off: 20%, round: {to: '0.5', direction: down}", price=by_rule)
    assert asked(own, offer()).price == Decimal("16.50")


def test_rounding_never_lifts_it_above_the_regular_price() -> None:
    rulebook = sale("name: p, off: 1%, round: {to: '50', direction: up}")
    found = asked(rulebook, offer())
    assert found.price == 20
    assert steps_of(found)[-1] == "regular"


def test_once_its_units_are_sold_it_is_over() -> None:
    rulebook = sale(f"name: flash, {FLASH}, off: 20%, units: 500 units")
    during = asked(rulebook, offer(sold={"flash": 499}), BEGINS)
    assert (during.price, during.capped) == (16, "flash")
    after = asked(rulebook, offer(sold={"flash": 500}), BEGINS)
    assert (after.price, after.capped) == (20, None)


def test_the_flow_is_told_what_to_count() -> None:
    rulebook = sale(f"name: flash, {FLASH}, off: 20%, units: 500 units", "name: p, off: 1%")
    first = datetime(2026, 6, 11, 11, tzinfo=UTC)
    assert rulebook.capped(offer(), BEGINS) == (
        CappedPromotion("flash", first, frozenset({"shop", "tmall"}), 500),
    )
    assert rulebook.capped(offer(), BEGINS - MINUTE) == ()
    assert rulebook.capped(offer(account="tmall"), first) != ()
    assert rulebook.capped(offer(), ENDS) == ()


def test_the_regular_price_is_struck_out_meanwhile_and_goes_away_by_itself() -> None:
    rulebook = sale(f"name: flash, {FLASH}, off: 20%, compare_at: regular")
    during = asked(rulebook, offer(), BEGINS)
    assert (during.price, during.compare_at, during.sets_compare_at) == (16, 20, True)
    for at in (NOON, ENDS, ENDS + timedelta(days=30)):
        outside = asked(rulebook, offer(), at)
        assert (outside.compare_at, outside.sets_compare_at) == (None, True), "ours before and after"


def test_the_rules_own_struck_out_price_comes_back() -> None:
    rulebook = sale(
        f"name: flash, {FLASH}, off: 20%, compare_at: regular",
        price="price: landed_cost * 2, compare_at: list_price",
    )
    assert [asked(rulebook, offer(), at).compare_at for at in (NOON, BEGINS)] == [30, 20]
    silent = sale(f"name: flash, {FLASH}, off: 20%", price="price: landed_cost * 2, compare_at: list_price")
    assert asked(silent, offer(), BEGINS).compare_at == 30
    none = sale(
        "name: flash, off: 20%, compare_at: none", price="price: landed_cost * 2, compare_at: list_price"
    )
    assert asked(none, offer()).compare_at is None


def test_a_kept_price_has_no_promotions() -> None:
    assert sale("name: p, off: 20%", price="price: keep").price(offer(), NOON) is None


def test_next_at_is_the_nearest_of_all_edges() -> None:
    rulebook = sale(
        f"name: flash, {FLASH}, off: 20%",
        'name: early, from: "2026-06-11 18:00", off: 1%',
        'name: other, when: {sku: X}, from: "2026-06-11 15:00", off: 1%',
    )
    assert asked(rulebook, offer()).next_at == BEGINS - timedelta(hours=1)
