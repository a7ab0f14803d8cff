"""Prices under guard: what moves too far, or too much at once, waits for a person.

Counted is what reaches the shop's own books.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from sync.domain.clock import to_micros
from sync.domain.guards import Guard
from sync.engine.approving import listed
from sync.flows.flow import FlowName as F
from sync.store import issues, unsent_prices
from sync.store.issues import Issue
from sync.store.tables import offer_price
from tests.databases.fixtures import Place
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.guarded_world import (
    GOODS,
    HOUR,
    MOST_PRICES,
    SHOP,
    approve,
    asked,
    guarded_world,
    prices,
)

MOVE = ("guard.price_move", SHOP)
MANY = ("guard.prices_changing", SHOP)
PRICE = Decimal("10.00")
"""Of every good, as the shop was opened."""


@pytest.fixture
async def daemon(tmp_path: Path, database: Place) -> AsyncIterator[Conductor]:
    async with guarded_world(tmp_path, database) as made:
        await _price(made, dict.fromkeys(GOODS, PRICE))
        yield made


async def _price(daemon: Conductor, wanted: dict[str, Decimal], **rule: str) -> None:
    """The admins' table of goods and their rule make these prices; then the shop's push runs."""
    rows = "".join(f"{sku},{price}\n" for sku, price in wanted.items())
    folder = daemon.folder / "mappings"
    (folder / "goods.csv").write_text(f"sku,list_price\n{rows}", encoding="utf-8")
    more = "".join(f", {name}: {value}" for name, value in rule.items())
    text = (
        "goods: {table: goods.csv, currency: EUR}\n"
        f"prices:\n  - {{name: everything, when: {{account: {SHOP}}}, price: list_price{more}}}\n"
    )
    await daemon.change_rules("prices.yaml", text)
    await _push(daemon)


async def _push(daemon: Conductor) -> None:
    for _ in range(2):
        await daemon.later(timedelta(seconds=3))
        await daemon.run(SHOP, F.PUSH_PRICES)


async def _asks(daemon: Conductor) -> dict[str, Decimal]:
    """What the shop asks for every good, by its own books."""
    variants = (await daemon.books())["shops"][SHOP]["variants"]
    return {one["sku"]: Decimal(one["price"]) / 100 for one in variants}


def _some(count: int, price: str) -> dict[str, Decimal]:
    return {sku: Decimal(price) if at < count else PRICE for at, sku in enumerate(GOODS)}


async def test_case_28_a_price_bug_reaches_no_buyer(daemon: Conductor) -> None:
    """Everything at a cent: nothing goes out, and a person is asked for both reasons."""
    await _price(daemon, dict.fromkeys(GOODS, Decimal("0.01")))
    assert set((await _asks(daemon)).values()) == {PRICE}
    found = {one.guard: one.waiting for one in await listed(daemon.store)}
    assert found["price_move"] == len(GOODS)


async def test_one_price_that_moves_too_far_waits_and_the_others_go_out(daemon: Conductor) -> None:
    await _price(daemon, _some(2, "12.50") | {"CUP-01": Decimal("13.01")})
    asks = await _asks(daemon)
    assert (asks["CUP-01"], asks["CUP-02"]) == (PRICE, Decimal("12.50"))
    assert await asked(daemon) == [MOVE]


async def test_a_move_of_exactly_the_limit_is_within_it(daemon: Conductor) -> None:
    await _price(daemon, _some(2, "13.00") | {"CUP-02": Decimal("7.00")})
    asks = await _asks(daemon)
    assert (asks["CUP-01"], asks["CUP-02"]) == (Decimal("13.00"), Decimal("7.00"))
    assert await asked(daemon) == []


async def test_steps_within_a_day_are_one_move(daemon: Conductor) -> None:
    """Measured is from the price a day ago, so that a slide in small steps is seen."""
    for step in ("12.00", "12.90", "14.00"):
        await _price(daemon, _some(1, step))
    assert (await _asks(daemon))["CUP-01"] == Decimal("12.90")
    assert await asked(daemon) == [MOVE]
    await daemon.later(timedelta(hours=25))
    await _push(daemon)
    assert (await _asks(daemon))["CUP-01"] == Decimal("14.00")
    assert await asked(daemon) == []


async def test_a_rule_has_its_own_largest_move(daemon: Conductor) -> None:
    await _price(daemon, _some(1, "10.60"), largest_move="5% per day")
    assert (await _asks(daemon))["CUP-01"] == PRICE
    assert await asked(daemon) == [MOVE]


async def test_an_approved_move_goes_out_and_its_approval_ends(daemon: Conductor) -> None:
    await _price(daemon, _some(1, "20.00"))
    assert (await approve(daemon, Guard.PRICE_MOVE, SHOP, lasts="10 minutes"))["most"] == 1
    await daemon.later(timedelta(minutes=11))
    await _push(daemon)
    assert (await _asks(daemon))["CUP-01"] == PRICE, "too late"
    await approve(daemon, Guard.PRICE_MOVE, SHOP, lasts="10 minutes")
    await _push(daemon)
    assert (await _asks(daemon))["CUP-01"] == Decimal("20.00")
    assert await asked(daemon) == []


async def test_many_small_changes_at_once_wait(daemon: Conductor) -> None:
    await _price(daemon, dict.fromkeys(GOODS, Decimal("10.10")))
    await daemon.later(HOUR)
    await _price(
        daemon,
        dict.fromkeys(GOODS, Decimal("10.10")) | dict.fromkeys(GOODS[: MOST_PRICES + 1], Decimal("10.20")),
    )
    assert set((await _asks(daemon)).values()) == {Decimal("10.10")}, (
        "all of it waits, not the last one alone"
    )
    assert await asked(daemon) == [MANY]
    await approve(daemon, Guard.PRICES_CHANGING, SHOP)
    await _push(daemon)
    assert sum(price == Decimal("10.20") for price in (await _asks(daemon)).values()) == MOST_PRICES + 1
    assert await asked(daemon) == []


async def test_the_first_prices_that_we_set_are_judged_one_by_one(daemon: Conductor) -> None:
    """Nothing was ours before, so they are no mass change; one that moves too far from what the shop asked waits."""
    assert await asked(daemon) == []
    never_sent = {sku: row for sku, row in (await prices(daemon)).items() if row.acked_at is None}
    assert len(never_sent) == len(GOODS), "all are as the shop had them"
    await _price(daemon, _some(len(GOODS), "11.00") | {"CUP-01": Decimal("0.01")})
    asks = await _asks(daemon)
    assert asks.pop("CUP-01") == PRICE
    assert set(asks.values()) == {Decimal("11.00")}
    assert await asked(daemon) == [MOVE]


async def _want(daemon: Conductor, **columns: object) -> None:
    """The first good's price as it is stored, changed past the rules."""
    async with daemon.store.write() as tx:
        mine = offer_price.c.external_id == (await prices(daemon))["CUP-01"].external_id
        await tx.run(sa.update(offer_price).where(mine).values(**columns))
    await _push(daemon)


async def test_a_price_that_a_person_has_read_in_a_plan_passes(daemon: Conductor) -> None:
    until = to_micros(daemon.clock.now() + timedelta(minutes=5))
    await _want(daemon, desired="25.00", approved="25.00", approved_until=until)
    assert (await _asks(daemon))["CUP-01"] == Decimal("25.00")
    await _want(daemon, desired="50.00")
    assert (await _asks(daemon))["CUP-01"] == Decimal("25.00"), "that very price, and no other"


async def test_a_price_under_its_floor_goes_out_by_no_word(daemon: Conductor) -> None:
    until = to_micros(daemon.clock.now() + timedelta(minutes=5))
    floor = '{"least": "9.00"}'
    await _want(daemon, desired="8.99", approved="8.99", approved_until=until, terms=floor)
    assert (await _asks(daemon))["CUP-01"] == PRICE
    await _want(daemon, desired="9.00", approved="9.00", terms=floor)
    assert (await _asks(daemon))["CUP-01"] == Decimal("9.00")


async def _under(daemon: Conductor) -> list[Issue]:
    async with daemon.store.read() as tx:
        return await issues.list_open(tx, kind="price.under_floor")


async def test_a_price_under_its_floor_is_told_until_it_is_gone(daemon: Conductor) -> None:
    """Pricing makes none; a fault that does must not keep a price back in silence."""
    floor = '{"least": "9.00"}'
    await _want(daemon, desired="8.99", terms=floor)
    (found,) = await _under(daemon)
    assert (await _asks(daemon))["CUP-01"] == PRICE
    variant = (await prices(daemon))["CUP-01"].external_id
    assert found.subject == f"{SHOP}:{variant}"
    assert f"8.99 EUR of {variant} on {SHOP} is below 9.00" in found.what
    assert found.why.endswith(f"it is never sent, and {SHOP} keeps 10.00")
    assert f"entrepot explain SKU --account {SHOP}" in found.todo
    await _want(daemon, desired="8.50", terms=floor)
    (same,) = await _under(daemon)
    assert same.id == found.id
    assert "8.50 EUR" in same.what
    await _want(daemon, desired="9.00", terms=floor)
    assert await _under(daemon) == []
    assert (await _asks(daemon))["CUP-01"] == Decimal("9.00")


async def test_of_very_many_prices_under_their_floor_some_are_found_and_those_already_told(
    daemon: Conductor,
) -> None:
    """An issue for each of a hundred thousand would hide all others."""
    rows = sorted((await prices(daemon)).values(), key=lambda row: (row.changed_at, row.id))
    async with daemon.store.write() as tx:
        await tx.run(sa.update(offer_price).values(desired="8.00", terms='{"least": "9.00"}'))
        found = await unsent_prices.under_floor(tx, rows[0].account_id, 2, [rows[-1].listing_id])
    assert [one.listing for one in found] == [rows[n].listing_id for n in (0, 1, -1)]
    await _push(daemon)
    assert len(await _under(daemon)) == len(GOODS)
    assert set((await _asks(daemon)).values()) == {PRICE}


def _flash(start: datetime, when: str) -> str:
    return (
        "promotions:\n"
        f"  - {{name: flash, when: {{{when}}}, "
        f'from: "{start:%Y-%m-%d %H:%M}", until: "{start + timedelta(hours=2):%Y-%m-%d %H:%M}", off: 60%}}\n'
    )


async def test_a_promotion_of_all_goods_is_none_of_many_changes(daemon: Conductor) -> None:
    """Its hour stands in the rules: a sale on everything that waited for a person would miss it."""
    await daemon.change_rules(
        "promotions.yaml", _flash(daemon.clock.now() + timedelta(minutes=10), f"account: {SHOP}")
    )
    await daemon.later(timedelta(minutes=12))
    await _push(daemon)
    sold = await _asks(daemon)
    assert len(GOODS) > MOST_PRICES
    assert {sold[sku] for sku in GOODS} == {Decimal("4.00")}
    assert await asked(daemon) == []


async def test_a_promotion_is_deliberate_and_passes(daemon: Conductor) -> None:
    start = daemon.clock.now() + timedelta(minutes=10)
    await daemon.change_rules("promotions.yaml", _flash(start, f"account: {SHOP}, sku: [CUP-01]"))
    await _push(daemon)
    assert (await _asks(daemon))["CUP-01"] == PRICE
    await daemon.later(timedelta(minutes=12))
    await _push(daemon)
    assert (await _asks(daemon))["CUP-01"] == Decimal("4.00"), (
        await asked(daemon),
        (await prices(daemon))["CUP-01"],
    )
    await daemon.later(timedelta(hours=2))
    await _push(daemon)
    assert (await _asks(daemon))["CUP-01"] == PRICE
    assert await asked(daemon) == []
