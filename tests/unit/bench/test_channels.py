"""What the benches expect of the six shops, worked out by hand; and that a wrong offer is found."""

import sqlite3

import pytest

from bench import channels
from bench.catalogue import SHOWN, TERMS, Rows
from bench.places import Kind

IDS = {shop: shop for shop in channels.SHOPS}


def offers(price: str, terms: str = "{}") -> Rows:
    """One SKU of number 7, which costs us 5.07, right everywhere, at a price."""
    file = sqlite3.connect(":memory:")
    for table, kind in (("offer_quantity", "INTEGER"), ("offer_price", "TEXT")):
        file.execute(
            f"CREATE TABLE {table} (account_id TEXT, external_id TEXT, desired {kind}, acked {kind}, terms TEXT)"
        )
    for shop in channels.SHOPS:
        units = channels.quantity(shop, channels.ON_HAND)
        file.execute("INSERT INTO offer_quantity VALUES (?, '7', ?, ?, ?)", (shop, units, SHOWN, terms))
        file.execute(
            "INSERT INTO offer_price VALUES (?, '7', ?, ?, ?)", (shop, price, channels.BEFORE.price, terms)
        )
    return Rows(Kind.SQLITE, file)


def test_a_share_and_the_common_rest_less_the_buffer_are_shown() -> None:
    assert [channels.quantity(shop, 600) for shop in channels.SHOPS] == [168, 138, 108, 78, 78, 18]
    assert [channels.quantity(shop, 300) for shop in channels.SHOPS] == [83, 68, 53, 38, 38, 8]


def test_no_rule_leaves_an_offer_as_it_was() -> None:
    assert SHOWN not in {channels.quantity(shop, channels.ON_HAND) for shop in channels.SHOPS}


def test_the_price_is_the_next_ending_above_the_cost_times_its_factor() -> None:
    assert channels.right_prices(offers("8.99")) == 6  # 5.07 times 1.6 is 8.112


@pytest.mark.parametrize("price", ["7.99", "9.99", "8.11", "899"])
def test_any_other_price_is_wrong(price: str) -> None:
    assert channels.right_prices(offers(price)) == 0


def test_a_quantity_that_is_another_one_is_not_counted_as_right() -> None:
    sql = offers("8.99")
    assert channels.right_quantities(sql, IDS) == 6
    sql.run("UPDATE offer_quantity SET desired = desired + 1 WHERE account_id = 'shop3'")
    assert channels.right_quantities(sql, IDS) == 5


def test_what_the_program_did_not_explain_is_not_its_work() -> None:
    sql = offers("8.99", TERMS)
    assert (channels.right_quantities(sql, IDS), channels.right_prices(sql)) == (0, 0)


def test_what_a_shop_did_not_say_yet_is_unsent() -> None:
    sql = offers("8.99")
    sql.run("UPDATE offer_quantity SET acked = desired WHERE account_id <> 'shop2'")
    assert (channels.unsent(sql, "offer_quantity"), channels.unsent(sql, "offer_quantity", "shop2")) == (1, 1)
    assert channels.unsent(sql, "offer_quantity", "shop3") == 0
