"""Stock per channel: what each shop shows by the rules, and when the clock changes it."""

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from sync.flows.flow import FlowName as F
from sync.flows.register import on_config
from sync.store.tables import offer_quantity
from tests.integration.flows.conductor import Conductor

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
TEE = "TEE-02"
OPEN = "guards: {quantities_changing: off, going_to_zero: off, figures_to_zero: off}\n"
"""These tests change all offers of small shops at once, and mean it."""
SHOPS = ("main", "yen", "dinar")


async def shown(daemon: Conductor, sku: str = TEE) -> dict[str, int]:
    """What each shop would still sell, by its own books."""
    shops = (await daemon.books())["shops"]
    return {
        name: sum(one["saleable"] for one in shops[name]["variants"] if one["sku"] == sku) for name in SHOPS
    }


async def push(daemon: Conductor) -> None:
    """Every shop lowers, then raises what the others have made room for: three times around."""
    for name in 3 * ("yen", "dinar", "main"):
        await daemon.later(timedelta(seconds=2))
        await daemon.run(name, F.ORDERS, F.PUSH_STOCK)


async def leave(daemon: Conductor, units: int, sku: str = TEE) -> None:
    """Take stock: so many units are found."""
    there = int((await daemon.books())["warehouse"]["stock"][sku])
    await daemon.act("/warehouse/count", sku=sku, missing=there - units)
    await daemon.run("warehouse", F.STOCK)


def reserve(daemon: Conductor, begins: int, ends: int, more: str = "") -> str:
    """A `stock:` section with 60 units of TEE-02 for main, between seconds from now."""
    now = daemon.clock.now()
    first, last = (now + timedelta(seconds=seconds) for seconds in (begins, ends))
    return (
        f"{OPEN}stock:\n  reserve:\n    - {{name: live show, for: main, sku: TEE-02, units: 60, "
        f'from: "{first:%Y-%m-%d %H:%M:%S}", until: "{last:%Y-%m-%d %H:%M:%S}"}}\n{more}'
    )


async def test_percents_and_caps_are_what_the_shops_show(daemon: Conductor) -> None:
    await leave(daemon, 100)
    await daemon.change_rules(
        "stock.yaml", f"{OPEN}stock: {{share: {{main: 50%, yen: 30%}}, cap: {{yen: 20}}}}"
    )
    await push(daemon)
    assert await shown(daemon) == {"main": 50 + 7, "yen": 20, "dinar": 7}


async def test_a_reserve_begins_and_ends_by_the_clock(daemon: Conductor) -> None:
    await leave(daemon, 90)
    await daemon.change_rules("stock.yaml", reserve(daemon, 1200, 2400))
    await push(daemon)
    assert await shown(daemon) == {"main": 30, "yen": 30, "dinar": 30}
    await daemon.later(timedelta(seconds=1200))
    await push(daemon)
    assert await shown(daemon) == {"main": 70, "yen": 10, "dinar": 10}
    await daemon.later(timedelta(seconds=1200))
    await push(daemon)
    assert await shown(daemon) == {"main": 30, "yen": 30, "dinar": 30}


async def test_the_other_channels_fall_before_the_channel_of_the_reserve_rises(daemon: Conductor) -> None:
    await leave(daemon, 90)
    await daemon.change_rules("stock.yaml", reserve(daemon, 1200, 9000))
    await push(daemon)
    await daemon.later(timedelta(seconds=1200))
    await daemon.run("main", F.PUSH_STOCK)
    assert (await shown(daemon))["main"] == 30, "the others still show what is kept for it"
    await daemon.run("yen", F.PUSH_STOCK)
    await daemon.run("dinar", F.PUSH_STOCK)
    assert await shown(daemon) == {"main": 30, "yen": 10, "dinar": 10}


@pytest.mark.parametrize(
    "looks", [(("warehouse", F.STOCK),), (("main", F.PUSH_STOCK),)], ids=["stock", "push"]
)
async def test_a_reserve_that_began_while_nobody_ran_is_found_at_the_next_look(
    daemon: Conductor, looks: tuple[tuple[str, F], ...]
) -> None:
    await leave(daemon, 90)
    await daemon.change_rules("stock.yaml", reserve(daemon, 1200, 9000))
    await push(daemon)
    await daemon.later(timedelta(hours=1))
    for name, flow in looks:
        await daemon.run(name, flow)
    assert {shop: row.desired for shop, row in (await daemon.offers(TEE)).items()} == {
        "main": 70,
        "yen": 10,
        "dinar": 10,
    }


async def test_only_the_skus_of_a_reserve_are_worked_out_again_when_it_begins(daemon: Conductor) -> None:
    await daemon.change_rules("stock.yaml", reserve(daemon, 1200, 9000))
    await push(daemon)
    async with daemon.store.write() as tx:
        await tx.run(sa.update(offer_quantity).values(terms="untouched"))
    await daemon.later(timedelta(seconds=1200))
    await daemon.run("main", F.PUSH_STOCK)
    await daemon.run("main", F.PUSH_STOCK)
    async with daemon.store.read() as tx:
        rows = await tx.all(sa.select(offer_quantity.c.terms).where(offer_quantity.c.terms != "untouched"))
    assert [json.loads(row.terms)["skus"][0]["sku"] for row in rows] == [TEE] * 3


async def test_what_the_channel_sells_comes_off_its_reserve_and_off_nobody_elses_units(
    daemon: Conductor,
) -> None:
    await leave(daemon, 90)
    await daemon.change_rules("stock.yaml", reserve(daemon, -1, 9000))
    await push(daemon)
    number = await daemon.buy("main", TEE_02=25)
    await push(daemon)
    assert await shown(daemon) == {"main": 45, "yen": 10, "dinar": 10}
    await daemon.buy("yen", TEE_02=3)
    await push(daemon)
    assert await shown(daemon) == {"main": 44, "yen": 9, "dinar": 9}, "27 are for all, 35 for main alone"
    await daemon.act("/cancel", shop="main", order=number)
    await daemon.settle(rounds=3)
    assert await shown(daemon) == {"main": 69, "yen": 9, "dinar": 9}, "what was cancelled is kept again"


async def test_what_was_sold_before_a_reserve_began_does_not_use_it_up(daemon: Conductor) -> None:
    await leave(daemon, 90)
    await daemon.buy("main", TEE_02=15)
    await daemon.later(timedelta(seconds=30))
    await daemon.change_rules("stock.yaml", reserve(daemon, -5, 9000))
    await push(daemon)
    assert await shown(daemon) == {"main": 65, "yen": 5, "dinar": 5}


async def test_goods_on_their_way_are_sold_ahead_by_their_channel_alone(daemon: Conductor) -> None:
    await leave(daemon, 0)
    day = (daemon.clock.now() + timedelta(days=3)).date()
    (daemon.folder / "mappings").mkdir(exist_ok=True)
    (daemon.folder / "mappings" / "inbound.csv").write_text(
        f"sku,units,arrives\n{TEE},40,{day}\n{TEE},500,{day + timedelta(days=90)}\n"
    )
    await daemon.change_rules(
        "stock.yaml",
        f"{OPEN}inbound: {{table: inbound.csv}}\nstock:\n  reserve:\n    - {{name: presale, for: main, "
        f'sku: {TEE}, units: 30, against: inbound, ship_by: "{day + timedelta(days=10)} 23:59"}}\n',
    )
    await push(daemon)
    assert await shown(daemon) == {"main": 30, "yen": 0, "dinar": 0}
    number = await daemon.buy("main", TEE_02=12)
    await daemon.settle(rounds=2)
    assert await shown(daemon) == {"main": 18, "yen": 0, "dinar": 0}, "its cap is 30, whatever is on its way"
    assert "short" in await daemon.timeline(number)
    terms = json.loads((await daemon.offers(TEE))["main"].terms)["skus"][0]
    assert terms["presales"] == [{"name": "presale", "cap": 30, "inbound": 40, "short": 12, "added": 18}]
    await daemon.later(timedelta(days=3))
    await push(daemon)
    assert await shown(daemon) == {"main": 0, "yen": 0, "dinar": 0}, (
        "from its day on the warehouse has to tell"
    )


async def test_in_mode_shared_every_shop_shows_everything_and_two_listings_of_one_shop_divide_it(
    daemon: Conductor,
) -> None:
    await leave(daemon, 40, "DUO-1")
    await leave(daemon, 40)
    await daemon.change_rules(
        "stock.yaml",
        f"{OPEN}skus: {{match: [sku], overrides: [{{listing: 'main:sku=DUO-1-GIFT', sku: DUO-1}}]}}\n"
        "stock: {mode: shared}\n",
    )
    await push(daemon)
    assert await shown(daemon) == {"main": 40, "yen": 40, "dinar": 40}
    assert await shown(daemon, "DUO-1") == {"main": 20, "yen": 40, "dinar": 40}
    assert await shown(daemon, "DUO-1-GIFT") == {"main": 20, "yen": 0, "dinar": 0}
    await daemon.buy("yen", TEE_02=7)
    await push(daemon)
    assert await shown(daemon) == {"main": 33, "yen": 33, "dinar": 33}


async def test_scarce_units_go_to_the_first_channel(daemon: Conductor) -> None:
    await daemon.change_rules(
        "stock.yaml",
        f"{OPEN}stock: {{priority: {{order: [yen, main], when_below: 10}}, least_shown: {{yen: 3}}}}",
    )
    await leave(daemon, 12)
    await push(daemon)
    assert await shown(daemon) == {"main": 4, "yen": 4, "dinar": 4}
    await leave(daemon, 9)
    await push(daemon)
    assert await shown(daemon) == {"main": 0, "yen": 9, "dinar": 0}
    await leave(daemon, 2)
    await push(daemon)
    assert await shown(daemon) == {"main": 2, "yen": 0, "dinar": 0}


async def test_the_terms_of_every_listing_add_up_to_what_its_shop_shows(daemon: Conductor) -> None:
    await leave(daemon, 100)
    await daemon.change_rules(
        "stock.yaml",
        reserve(
            daemon,
            -1,
            9000,
            "  share: {main: 20%, dinar: 50%}\n  cap: {dinar: 15}\n  buffer: {units: 1}\n"
            "  least_shown: {yen: 30}\n",
        ),
    )
    await daemon.buy("main", TEE_02=10)
    await push(daemon)
    now = await shown(daemon)
    assert now == {"main": 63, "yen": 0, "dinar": 15}
    for shop, row in (await daemon.offers(TEE)).items():
        terms = json.loads(row.terms)
        (one,) = terms["skus"]
        kept = sum(each["kept"] for each in one["reserves"])
        assert one["promise"] == one["on_hand"] - one["reserved"] == 90
        assert one["common"] == one["promise"] - kept == 40
        assert sum(each["units"] for each in one["from"]) == one["share"]
        left = (one["share"] - one["buffer"]) // one["units"] if one["share"] else 0
        assert min(left, terms.get("cap", left)) == terms["quantity"] == now[shop]
    rows = await daemon.offers(TEE)
    main, yen, dinar = (rows[shop] for shop in SHOPS)
    assert [each["why"] for each in _sku(main)["from"]] == ["reserve", "share", "rest"]
    assert _sku(main)["percent"] == "20%"
    assert (_sku(yen)["passed"], json.loads(dinar.terms)["cap"]) == (30, 15)


def _sku(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.terms)["skus"][0]
    return found


async def test_rules_laid_on_one_shop_work_out_its_own_offers(daemon: Conductor) -> None:
    """Each shop has them laid on it in its turn: working out every shop's each time is work done again."""
    before = await daemon.offers(TEE)
    await daemon.change_rules("stock.yaml", f"{OPEN}stock: {{buffer: {{units: 5}}}}\n", on=["main"])
    now = await daemon.offers(TEE)
    assert now["main"].desired == before["main"].desired - 5
    assert {name: now[name].desired for name in ("yen", "dinar")} == {
        name: before[name].desired for name in ("yen", "dinar")
    }
    for name in ("yen", "dinar"):
        await daemon.under_lease(name, on_config)
    last = await daemon.offers(TEE)
    assert {name: last[name].desired for name in SHOPS} == {name: before[name].desired - 5 for name in SHOPS}
