"""Prices by the admins' YAML, seen in four shops' own books over HTTP."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from connectors.contract import Capability, Done, Outcome, Rejected, Retry, SetPrice, Unknown
from sandbox.storefront.medusa.books import MedusaShop
from sandbox.storefront.shopify.books import ShopifyShop
from sync.flows.flow import FlowContext, FlowName
from sync.flows.selling.push_prices import PushPricesFlow
from tests.databases.fixtures import Place
from tests.integration.flows.priced import MEDUSA, SHOPIFY, SHOPS, SKUS, VENDURE, WOO, Mood, Street, street

ALL = """
goods: {table: goods.csv, currency: EUR}
prices:
  - {name: everything, price: cost * 2, round: {end_in: ".99", direction: up}}
"""
GOODS = ("goods.csv", "sku,cost,list_price\nMUG,5.20,20\nJUG,9.80,\n")
PER_CENT = Decimal("0.01")


@pytest.fixture
async def here(tmp_path: Path, database: Place) -> AsyncIterator[Street]:
    async with street(tmp_path, database.address) as found:
        yield found


async def test_every_shop_asks_what_the_rules_say(here: Street) -> None:
    await here.rules(ALL, GOODS)
    await here.push()
    for shop in SHOPS:
        assert here.price(shop, "MUG") == Decimal("10.99"), shop
        assert here.price(shop, "JUG") == Decimal("19.99"), shop
        assert here.price(shop, "BOWL") == Decimal("30.00"), f"{shop}: of the bowl no cost is known"
        row = await here.row(shop, "MUG")
        assert (row.desired, row.acked, row.cause) == ("10.99", "10.99", "config")


async def test_a_second_pass_tells_no_shop_anything(here: Street) -> None:
    await here.rules(ALL, GOODS)
    await here.push()
    assert set(here.told()) == set(SHOPS)
    await here.push()
    await here.look()
    await here.push()
    await here.rules(ALL + "\n# a comment alone\n", GOODS)
    await here.push()
    assert here.told() == {}


async def test_only_what_changed_is_sent(here: Street) -> None:
    await here.rules(ALL, GOODS)
    await here.push()
    here.told()
    await here.rules(ALL, ("goods.csv", "sku,cost\nMUG,5.20\nJUG,11.80\n"))
    await here.push()
    assert here.told() == {shop: ["23.99"] for shop in SHOPS}


async def test_what_nobody_has_told_is_one_issue_that_goes_by_itself(here: Street) -> None:
    await here.rules(ALL, ("goods.csv", "sku,cost\nMUG,5.20\n"))
    await here.push(VENDURE)
    (found,) = await here.issues("price.missing")
    assert found.subject == VENDURE
    assert "no cost is known: it is not in goods.csv" in found.what
    assert found.why.startswith("2 listing(s): ")
    assert await here.name_of(VENDURE, "BOWL") in found.why
    row = await here.row(VENDURE, "BOWL")
    assert row.desired is None
    assert "no cost of BOWL is known" in row.terms
    await here.rules(ALL, ("goods.csv", "sku,cost\nMUG,5.20\nJUG,9.80\nBOWL,15\n"))
    await here.push(VENDURE)
    assert await here.issues("price.missing") == []


async def test_a_listing_that_no_rule_manages_keeps_the_shop_s_price(here: Street) -> None:
    await here.rules(ALL, GOODS)
    await here.push()
    here.told()
    await here.rules(ALL.replace("name: everything,", "name: jugs, when: {sku: [JUG]},"), GOODS)
    await here.push()
    assert here.told() == {}
    row = await here.row(VENDURE, "MUG")
    assert (row.desired, row.acked) == (None, "10.99")
    assert here.price(VENDURE, "MUG") == Decimal("10.99")


async def test_a_price_that_somebody_changes_in_the_shop_is_put_right(here: Street) -> None:
    await here.rules(ALL, GOODS)
    await here.push()
    here.told()
    here.world.listings[VENDURE, "MUG"].price = 1
    here.world.shops[VENDURE].catalogue.price_set(here.world.listings[VENDURE, "MUG"])
    await here.daemon.later(timedelta(seconds=5))
    await here.look(VENDURE)
    assert (await here.row(VENDURE, "MUG")).acked == "0.01"
    await here.push()
    assert here.told() == {VENDURE: ["10.99"]}
    assert here.price(VENDURE, "MUG") == Decimal("10.99")


async def test_a_shop_that_is_only_observed_is_told_nothing(here: Street) -> None:
    daemon = here.daemon
    daemon.views = {
        one: replace(view, live_from=None) if view.name == VENDURE else view
        for one, view in daemon.views.items()
    }
    await here.rules(ALL, GOODS)
    await here.push()
    assert (await here.row(VENDURE, "MUG")).desired == "10.99"
    assert VENDURE not in here.told()


async def test_a_shop_that_cannot_be_told_prices_is_told_of(here: Street) -> None:
    await here.rules(ALL, GOODS)

    async def without(ctx: FlowContext) -> None:
        fewer = replace(ctx.manifest, capabilities=ctx.manifest.capabilities - {Capability.SET_PRICES})
        await PushPricesFlow().run(replace(ctx, manifest=fewer))

    await here.daemon.under_lease(VENDURE, without)
    (issue,) = await here.issues("price.cannot")
    assert issue.why == "2 price(s) by the rules are not what the shop shows"
    assert VENDURE not in here.told()
    await here.push(VENDURE)
    assert await here.issues("price.cannot") == []


# --- struck-out prices -----------------------------------------------------------------------------------

STRUCK = ALL.replace("price: cost * 2", "price: cost * 2, compare_at: list_price")


async def test_a_struck_out_price_is_shown_where_the_shop_can(here: Street) -> None:
    await here.rules(STRUCK, GOODS)
    await here.push()
    for shop in SHOPS:
        assert here.price(shop, "MUG") == Decimal("10.99"), shop
        can = shop in (SHOPIFY, WOO)
        assert here.struck(shop, "MUG") == (Decimal(20) if can else None), shop
        assert (await here.row(shop, "MUG")).desired_compare_at == ("20.00" if can else None)
    assert {issue.subject for issue in await here.issues("price.compare_at")} == {VENDURE, MEDUSA}


async def test_no_struck_out_price_is_never_written_as_zero(here: Street) -> None:
    """Case 22: an empty compare-at price was sent as "0"."""
    await here.rules(STRUCK, GOODS)
    await here.push()
    await here.rules(STRUCK.replace("compare_at: list_price", "compare_at: none"), GOODS)
    await here.push()
    for shop in (SHOPIFY, WOO):
        assert here.struck(shop, "MUG") is None
        assert here.price(shop, "MUG") == Decimal("10.99")
    sent = [item for calls in here.calls.values() for item in calls.sent]
    assert all(item.compare_at is None or item.compare_at > item.price for item in sent)
    here.told()
    await here.push()
    assert here.told() == {}


async def test_a_struck_out_price_that_is_not_ours_stays_where_the_shop_can_keep_it(here: Street) -> None:
    shop = here.world.shops[SHOPIFY]
    assert isinstance(shop, ShopifyShop)
    shop.extras_of(here.world.listings[SHOPIFY, "MUG"]).compare_at = 2500
    await here.rules(ALL, GOODS)
    await here.push()
    assert here.price(SHOPIFY, "MUG") == Decimal("10.99")
    assert here.struck(SHOPIFY, "MUG") == Decimal(25)


async def test_a_struck_out_price_of_ours_goes_with_its_rule(here: Street) -> None:
    await here.rules(STRUCK, GOODS)
    await here.push()
    await here.rules(ALL, GOODS)
    await here.push()
    for shop in (SHOPIFY, WOO):
        assert here.price(shop, "MUG") == Decimal("10.99")
        assert here.struck(shop, "MUG") is None


# --- what shops answer -----------------------------------------------------------------------------------


async def test_a_refused_price_is_told_once_and_sent_again_when_it_changes(here: Street) -> None:
    """Case 22: rejected prices looped invisibly."""

    def refuse(answer: Mapping[str, Outcome[Decimal]]) -> Mapping[str, Outcome[Decimal]]:
        return dict.fromkeys(answer, Rejected("the shop has locked it"))

    await here.rules(ALL, ("goods.csv", "sku,cost\nMUG,5.20\n"))
    here.calls[VENDURE].answer = refuse
    await here.push(VENDURE)
    assert here.told()[VENDURE] == ["10.99"]
    await here.push(VENDURE)
    assert VENDURE not in here.told()
    (issue,) = await here.issues("price.refused")
    assert issue.why == "the shop has locked it"
    assert "10.99 EUR" in issue.what
    row = await here.row(VENDURE, "MUG")
    assert (row.rejected, row.rejected_reason) == ("10.99", "the shop has locked it")
    here.calls[VENDURE].answer = None
    await here.rules(ALL, ("goods.csv", "sku,cost\nMUG,7.20\n"))
    await here.push(VENDURE)
    assert here.told()[VENDURE] == ["14.99"]
    assert await here.issues("price.refused") == []


async def test_a_shop_that_makes_another_price_of_ours_is_not_asked_for_ever(here: Street) -> None:
    def rounded(answer: Mapping[str, Outcome[Decimal]]) -> Mapping[str, Outcome[Decimal]]:
        return {name: Done(name, Decimal(11)) for name in answer}

    await here.rules(ALL, ("goods.csv", "sku,cost\nMUG,5.20\n"))
    here.calls[VENDURE].answer = rounded
    await here.push(VENDURE)
    await here.push(VENDURE)
    assert here.told()[VENDURE] == ["10.99"]
    assert (await here.row(VENDURE, "MUG")).acked == "11.00"
    (issue,) = await here.issues("price.refused")
    assert issue.why == "the shop made 11.00 EUR of it"


async def test_what_came_to_nothing_is_sent_again(here: Street) -> None:
    def lost(answer: Mapping[str, Outcome[Decimal]]) -> Mapping[str, Outcome[Decimal]]:
        names = sorted(answer)
        return {names[0]: Retry("busy", timedelta(seconds=30)), names[1]: Unknown("no answer came")}

    await here.rules(ALL, GOODS)
    here.calls[VENDURE].answer = lost
    await here.push(VENDURE)
    assert len(here.told()[VENDURE]) == 2
    here.calls[VENDURE].answer = None
    await here.push(VENDURE)
    assert VENDURE not in here.told()
    await here.daemon.later(timedelta(seconds=3))
    await here.push(VENDURE)
    assert len(here.told()[VENDURE]) == 1
    await here.daemon.later(timedelta(seconds=30))
    await here.push(VENDURE)
    assert len(here.told()[VENDURE]) == 1
    assert (await here.row(VENDURE, "MUG")).acked == "10.99"


async def test_other_prices_of_the_listing_are_left_alone(here: Street) -> None:
    """Case 20: a connector rewrote other price lists."""
    shop = here.world.shops[MEDUSA]
    assert isinstance(shop, MedusaShop)
    variant = here.world.listings[MEDUSA, "MUG"]
    shop.prices[variant.id] = {"eur": Decimal(10), "usd": Decimal("11.50")}
    await here.rules(ALL, GOODS)
    await here.push(MEDUSA)
    assert shop.prices[variant.id] == {"eur": Decimal("10.99"), "usd": Decimal("11.5")}


# --- what prices rest on ---------------------------------------------------------------------------------


async def test_a_supplier_s_new_cost_moves_the_prices_of_its_goods_alone(here: Street) -> None:
    await here.rules("prices:\n  - {name: everything, price: cost * 3}\n")
    await here.daemon.run("acme", FlowName.OFFERS)
    await here.push()
    assert here.told() == {shop: ["15.00"] for shop in SHOPS}
    supplier = here.world.suppliers["acme"]
    supplier.supplier.goods["A-MUG"].cents = 600
    supplier.publish()
    await here.daemon.later(timedelta(seconds=5))
    await here.daemon.run("acme", FlowName.OFFERS)
    assert (await here.row(VENDURE, "MUG")).cause == "cost"
    await here.push()
    assert here.told() == {shop: ["18.00"] for shop in SHOPS}


# --- price bugs ------------------------------------------------------------------------------------------


async def test_a_price_bug_stops_and_asks(here: Street) -> None:
    """Case 28: a price bug sold thousands of goods at 0.01."""
    await here.rules(ALL, GOODS)
    await here.push()
    here.told()
    await here.rules(ALL, ("goods.csv", "sku,cost\nMUG,0.01\nJUG,0.01\n"), guards="")
    await here.push()
    assert here.told() == {}
    assert len(await here.issues("guard.price_move")) == len(SHOPS)
    assert here.price(VENDURE, "MUG") == Decimal("10.99")
    await here.rules(ALL, GOODS, guards="")
    await here.push()
    assert here.told() == {}
    assert await here.issues("guard.price_move") == []


async def test_no_price_goes_below_its_floor(here: Street) -> None:
    floor = ALL.replace("price: cost * 2", "price: cost * 0.1, floor: {cover: [cost]}")
    await here.rules(floor, GOODS)
    await here.push()
    assert here.price(VENDURE, "MUG") >= Decimal("5.20")
    for shop in SHOPS:
        assert here.price(shop, "MUG") == here.price(VENDURE, "MUG")


async def test_a_price_that_moves_by_steps_takes_a_day_for_each(here: Street) -> None:
    steps = ALL.replace("cost * 2", "cost * 2, largest_move: 20% per day, beyond_limit: limit")
    await here.rules(steps, ("goods.csv", "sku,cost\nMUG,10\n"), guards="")
    await here.push(VENDURE)
    assert here.told()[VENDURE] == ["12.00"]
    await here.daemon.later(timedelta(hours=23))
    await here.push(VENDURE)
    assert here.told() == {}
    await here.daemon.later(timedelta(hours=1, seconds=1))
    await here.push(VENDURE)
    assert here.told() == {VENDURE: ["14.40"]}
    assert (await here.row(VENDURE, "MUG")).desired == "14.40"


# --- whatever happens ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_shops_answer_what_they_take_is_what_they_show(here: Street, seed: int) -> None:
    """After each round every price is as it should be, or refused by name; and nobody is told it twice."""
    chance = Random(seed)
    met: Counter[Mood] = Counter()

    def moody(_: SetPrice) -> Mood:
        met[mood := chance.choice(list(Mood))] += 1
        return mood

    for shop in (VENDURE, SHOPIFY):
        here.calls[shop].moods = moody
    for _ in range(8):
        costs = "".join(f"{sku},{chance.randint(100, 9900) / 100:.2f}\n" for sku in SKUS)
        await here.rules(ALL, ("goods.csv", f"sku,cost\n{costs}"))
        for _ in range(30):
            await here.push(VENDURE, SHOPIFY)
            if not here.told():
                break
            await here.daemon.later(timedelta(seconds=3))
        else:
            raise AssertionError("it never comes to rest")
        for shop in (VENDURE, SHOPIFY):
            for sku in SKUS:
                row = await here.row(shop, sku)
                assert row.desired in (row.acked, row.rejected)
                if row.rejected is None:
                    assert Decimal(row.acked) == here.price(shop, sku) == Decimal(row.desired)
        ours = [await here.row(shop, sku) for shop in (VENDURE, SHOPIFY) for sku in SKUS]
        refused = sum(row.rejected is not None for row in ours)
        assert len(await here.issues("price.refused")) == refused
    assert min(met[mood] for mood in Mood) >= 0.02 * met.total()
