"""Listings go down and come back by the admins' rules, in real servers; and people's own word stands."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Capability, Unknown
from sync.flows.flow import FlowName as F
from sync.flows.selling.push_listings import PushListingsFlow
from sync.store import leases
from tests.databases.fixtures import Place
from tests.integration.flows.interludes import Interlude
from tests.integration.flows.listing_shops import PAIR, Shops, opened

SOLD_OUT = """
listings:
  - name: sold out
    when: {account: [main, medusa]}
    take_down: [at_zero, expired, blocked]
    at_zero_for: 10 minutes
    put_back_at: 3 units
    put_back_after: 30 minutes
"""
GOODS = "goods: {table: goods.csv}\n"
NO_GOODS = "sku,blocked,expires\n"
SKU = "TEE-01"


@pytest.fixture
async def shops(tmp_path: Path, database: Place) -> AsyncIterator[Shops]:
    async with opened(tmp_path, database.address) as found:
        yield found


async def test_a_listing_goes_down_once_there_was_nothing_to_sell_for_long_enough(shops: Shops) -> None:
    await shops.rules(SOLD_OUT)
    await shops.stock(SKU, 0)
    await shops.push()
    assert shops.up("main", SKU), "it has been at zero for no time at all"
    await shops.later(9)
    assert shops.up("main", SKU)
    await shops.later(1.1)
    assert not shops.up("main", SKU)
    assert shops.up("yen", SKU), "no rule says anything of that shop"
    assert shops.up("main", "TEE-02"), "there are many of these"


async def test_it_comes_back_once_there_was_enough_for_long_enough(shops: Shops) -> None:
    await shops.rules(SOLD_OUT)
    await _sold_out(shops)
    await shops.stock(SKU, 4)  # two for each of the shops that would sell it
    await shops.push()
    await shops.later(31)
    assert not shops.up("main", SKU), "fewer than three"
    await shops.stock(SKU, 40)
    await shops.push()
    await shops.later(29)
    assert not shops.up("main", SKU)
    await shops.later(1.1)
    assert shops.up("main", SKU)
    await shops.daemon.settle(rounds=3)
    assert shops.variant("main", SKU).saleable > 0


async def test_a_dip_ends_the_wait(shops: Shops) -> None:
    await shops.rules(SOLD_OUT)
    await _sold_out(shops)
    await shops.stock(SKU, 40)
    await shops.push()
    await shops.later(20)
    await shops.stock(SKU, 0)
    await shops.push()
    await shops.stock(SKU, 40)
    await shops.push()
    await shops.later(20)
    assert not shops.up("main", SKU)


async def test_what_a_listing_would_show_goes_to_the_others_while_it_is_down(shops: Shops) -> None:
    await shops.rules(SOLD_OUT + GOODS, goods=NO_GOODS)
    await shops.daemon.settle(rounds=3)
    assert shops.variant("yen", SKU).saleable == 20
    await shops.rules(SOLD_OUT + GOODS, goods=f"{NO_GOODS}{SKU},yes,\n")
    await shops.push()
    assert (shops.up("main", SKU), shops.up("medusa", SKU)) == (False, False)
    await shops.daemon.settle(rounds=4)
    assert shops.variant("yen", SKU).saleable == 60


async def test_what_is_blocked_goes_down_at_once_and_comes_back_when_it_is_free(shops: Shops) -> None:
    await shops.rules(SOLD_OUT + GOODS, goods=f"{NO_GOODS}{SKU},yes,\n")
    await shops.push()
    assert not shops.up("main", SKU)
    await shops.later(120)
    assert not shops.up("main", SKU)
    await shops.rules(SOLD_OUT + GOODS, goods=NO_GOODS)
    await shops.push()
    assert not shops.up("main", SKU)
    await shops.later(31)
    assert shops.up("main", SKU)


async def test_what_expires_goes_down_with_the_last_day_in_the_shops_zone(shops: Shops) -> None:
    now = shops.daemon.clock.now()
    last = now.date() + timedelta(days=2)
    await shops.rules(SOLD_OUT + GOODS, goods=f"{NO_GOODS}{SKU},,{last}\n")
    await shops.push()
    state = await shops.state("main", SKU)
    assert state.next_at is not None
    end = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=3)
    left = (end - shops.daemon.clock.now()).total_seconds() / 60
    await shops.later(left - 2)
    assert shops.up("main", SKU)
    await shops.later(3)
    assert not shops.up("main", SKU)


async def test_a_listing_that_people_took_down_is_never_put_up_by_us(shops: Shops) -> None:
    await shops.rules(SOLD_OUT)
    shops.switch("main", SKU, False)
    await shops.read("main")
    for units in (0, 40):
        await shops.stock(SKU, units)
        await shops.push()
        await shops.later(60)
        await shops.read("main")
    assert not shops.up("main", SKU)
    state = await shops.state("main", SKU)
    assert (state.desired, state.ours) == (None, 0)


async def test_one_that_people_put_up_again_stays_up_until_the_cause_is_gone_and_comes_again(
    shops: Shops,
) -> None:
    await shops.rules(SOLD_OUT)
    await _sold_out(shops)
    await shops.later(1)
    shops.switch("main", SKU, True)
    await shops.later(1)
    await shops.read("main")
    await shops.later(60)
    assert shops.up("main", SKU), "it was put up by hand: it is theirs"
    await shops.stock(SKU, 40)
    await shops.push()
    await shops.later(60)
    assert shops.up("main", SKU)
    await _sold_out(shops)
    assert not shops.up("main", SKU)


async def test_people_hear_of_what_is_up_although_it_is_blocked(shops: Shops) -> None:
    await shops.rules(SOLD_OUT + GOODS, goods=f"{NO_GOODS}{SKU},yes,\n")
    await shops.push()
    await shops.later(1)
    shops.switch("main", SKU, True)
    await shops.later(1)
    await shops.read("main")
    await shops.later(5)
    assert shops.up("main", SKU)
    (issue,) = await shops.issues("listing.overruled")
    assert (
        issue.what == f"listing {shops.variant('main', SKU).id} on main is up although its goods are blocked"
    )
    await shops.rules(SOLD_OUT + GOODS, goods=NO_GOODS)
    await shops.push()
    assert await shops.issues("listing.overruled") == []


async def test_a_page_that_was_read_before_our_write_does_not_count_as_peoples_word(shops: Shops) -> None:
    await shops.rules(SOLD_OUT)
    await shops.stock(SKU, 0)
    await shops.push()
    await shops.daemon.later(timedelta(minutes=10.1))
    real = shops.daemon.connectors["main"]
    overtaken = Interlude(real, "products", then=lambda: shops.push("main"))
    shops.daemon.connectors["main"] = overtaken
    await shops.daemon.run("main", F.CATALOGUE)
    shops.daemon.connectors["main"] = real
    assert not shops.up("main", SKU)
    await shops.later(5)
    await shops.read("main")
    assert not shops.up("main", SKU)
    state = await shops.state("main", SKU)
    assert (state.ours, state.overruled) == (1, "")


async def test_a_write_whose_answer_is_lost_is_ours_all_the_same(shops: Shops) -> None:
    await shops.rules(SOLD_OUT)
    await shops.stock(SKU, 0)
    await shops.push()
    await shops.daemon.later(timedelta(minutes=10.1))
    real = shops.daemon.connectors["main"]
    shops.daemon.connectors["main"] = Interlude(real, "set_published", after=_lost)
    await shops.push("main")
    shops.daemon.connectors["main"] = real
    assert not shops.up("main", SKU)
    assert (await shops.state("main", SKU)).ours == 1
    await shops.stock(SKU, 40)
    await shops.later(1)
    await shops.later(31)
    assert shops.up("main", SKU)


async def test_a_product_goes_down_only_with_all_of_its_variants(shops: Shops) -> None:
    await shops.rules(SOLD_OUT)
    one, other = PAIR
    await shops.stock(one, 0)
    await shops.push()
    await shops.later(11)
    assert shops.up("medusa", one), "the other variant has many"
    state = await shops.state("medusa", one)
    assert '"shall_be_down":1' in state.terms
    assert '"variants":2' in state.terms
    assert not shops.up("main", one), "that shop switches single variants"
    await shops.stock(other, 0)
    await shops.push()
    await shops.later(11)
    assert (shops.up("medusa", one), shops.up("medusa", other)) == (False, False)
    await shops.stock(other, 40)
    await shops.push()
    await shops.later(31)
    assert (shops.up("medusa", one), shops.up("medusa", other)) == (True, True)


async def test_a_product_that_people_took_down_stays_down(shops: Shops) -> None:
    await shops.rules(SOLD_OUT)
    shops.switch("medusa", SKU, False)
    await shops.read("medusa")
    await _sold_out(shops)
    await shops.stock(SKU, 40)
    await shops.push()
    await shops.later(60)
    assert not shops.up("medusa", SKU)


async def test_an_unknown_quantity_is_not_zero(shops: Shops) -> None:
    await shops.rules(SOLD_OUT)
    async with shops.daemon.store.write() as tx:
        await tx.exec("UPDATE stock_level SET on_hand = NULL")
        await tx.exec("UPDATE offer_quantity SET terms = '{\"unknown\": true}', desired = NULL")
        await tx.exec("UPDATE offer_state SET next_at = 1")
    await shops.push()
    await shops.daemon.later(timedelta(minutes=30))
    async with shops.daemon.store.write() as tx:
        await tx.exec("UPDATE offer_state SET next_at = 1")
    await shops.push()
    assert shops.up("main", SKU)


async def test_without_its_rule_a_listing_is_left_as_it_is(shops: Shops) -> None:
    await shops.rules(SOLD_OUT)
    await _sold_out(shops)
    await shops.rules("listings: []\n")
    await shops.stock(SKU, 40)
    await shops.push()
    await shops.later(60)
    assert not shops.up("main", SKU)
    assert (await shops.state("main", SKU)).desired is None


async def test_a_shop_whose_connector_cannot_switch_has_one_issue(shops: Shops) -> None:
    await shops.rules(SOLD_OUT)
    await shops.stock(SKU, 0)
    await shops.stock("TEE-02", 0)
    await shops.push()
    await shops.daemon.later(timedelta(minutes=11))
    await _pass_without(shops, "main", Capability.SET_PUBLISHED)
    (issue,) = await shops.issues("listing.cannot")
    assert issue.why == "2 listing(s) are not as the rules want them"
    assert shops.up("main", SKU)
    await shops.push()
    assert await shops.issues("listing.cannot") == []
    assert not shops.up("main", SKU)


async def test_what_the_shop_refuses_is_kept_and_not_sent_again_unchanged(shops: Shops) -> None:
    await shops.rules(SOLD_OUT)
    await shops.stock(SKU, 0)
    await shops.push()
    await shops.daemon.later(timedelta(minutes=10.1))
    asked = list[Any]()

    def noted(answers: Any) -> Any:
        asked.append(answers)
        return answers

    real = shops.daemon.connectors["main"]
    shops.daemon.connectors["main"] = Interlude(real, "set_published", after=noted)
    shops.world.shops["main"].catalogue.delete_variant(shops.variant("main", SKU).id)
    await shops.push("main")
    await shops.push("main")
    state = await shops.state("main", SKU)
    assert (len(asked), state.rejected, state.ours) == (1, 0, 0)
    (issue,) = await shops.issues("listing.refused")
    assert issue.why == state.rejected_reason
    await shops.stock(SKU, 40)
    await shops.push("main")
    assert await shops.issues("listing.refused") == []


async def test_a_shop_that_is_only_observed_is_not_switched(shops: Shops) -> None:
    await shops.rules(SOLD_OUT)
    view = shops.daemon.view("main")
    shops.daemon.views[view.id] = replace(view, live_from=None)
    await shops.stock(SKU, 0)
    await shops.push("main")
    await shops.daemon.later(timedelta(minutes=10.1))
    await shops.push("main")
    assert shops.up("main", SKU)
    assert (await shops.state("main", SKU)).desired == 0


async def test_too_many_that_would_go_down_at_once_wait_for_a_person(shops: Shops) -> None:
    guards = "guards: {going_down: 30%, going_to_zero: off, quantities_changing: off, from: 2 offers}\n"
    rules = SOLD_OUT + GOODS + guards
    await shops.rules(rules, goods=f"{NO_GOODS}TEE-01,yes,\n")
    await shops.push("main")
    assert not shops.up("main", "TEE-01")
    await shops.daemon.later(timedelta(hours=2))
    three = "".join(f"{sku},yes,\n" for sku in ("TEE-01", "TEE-02", "TEE-03", PAIR[0]))
    await shops.rules(rules, goods=NO_GOODS + three)
    await shops.push("main")
    assert [shops.up("main", sku) for sku in ("TEE-02", "TEE-03", PAIR[0])] == [True] * 3
    (issue,) = await shops.issues("guard.going_down")
    assert issue.subject == "main"
    await shops.rules(rules, goods=f"{NO_GOODS}TEE-01,yes,\nTEE-02,yes,\n")
    await shops.push("main")
    assert [shops.up("main", sku) for sku in ("TEE-02", "TEE-03", PAIR[0])] == [False, True, True]
    assert await shops.issues("guard.going_down") == []


async def _sold_out(shops: Shops) -> None:
    await shops.stock(SKU, 0)
    await shops.push()
    await shops.later(10.1)
    assert not shops.up("main", SKU)


def _lost(answers: Mapping[str, object]) -> dict[str, Unknown]:
    """The effect is there, and no answer came."""
    return {name: Unknown("no answer came") for name in answers}


async def _pass_without(shops: Shops, shop: str, *missing: Capability) -> None:
    """One pass as it would be with a connector that lacks these."""
    daemon = shops.daemon
    async with daemon.store.write() as tx:
        fence = await leases.take_flow(tx, daemon.leases[shop], F.PUSH_LISTINGS, 120)
    assert fence is not None
    ctx = daemon.context(shop, fence)
    manifest = replace(ctx.manifest, capabilities=ctx.manifest.capabilities - set(missing))
    await PushListingsFlow().run(replace(ctx, manifest=manifest))
    async with daemon.store.write() as tx:
        await leases.release_flow(tx, fence)
