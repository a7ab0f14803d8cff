"""Promotions begin and end at their minute, and with their last piece; what is due by time is found in time."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sync.flows.flow import FlowContext, FlowName
from sync.flows.selling.price_times import work_out_due
from tests.databases.fixtures import Place
from tests.integration.flows.priced import SHOPIFY, SHOPS, VENDURE, WOO, Street, street

GOODS = ("goods.csv", "sku,cost\nMUG,5\nJUG,10\nBOWL,15\n")
RULES = """
goods: {{table: goods.csv, currency: EUR}}
prices:
  - {{name: everything, price: cost * 2}}
promotions:
  - {{name: flash sale, when: {{sku: [MUG]}}, {window}off: 20%{more}}}
"""


@pytest.fixture
async def here(tmp_path: Path, database: Place) -> AsyncIterator[Street]:
    async with street(tmp_path, database.address) as found:
        yield found


def soon(here: Street, minutes: int) -> datetime:
    """A whole minute, at least so many minutes from now."""
    now = here.daemon.clock.now().astimezone(UTC)
    return now.replace(second=0, microsecond=0) + timedelta(minutes=minutes + 1)


def window(begin: datetime, end: datetime) -> str:
    return f'from: "{begin:%Y-%m-%d %H:%M}", until: "{end:%Y-%m-%d %H:%M}", '


def since(here: Street) -> str:
    """From this minute on."""
    return f'from: "{here.daemon.clock.now().astimezone(UTC):%Y-%m-%d %H:%M}", '


async def until(here: Street, moment: datetime) -> None:
    await here.daemon.later(moment - here.daemon.clock.now())


async def test_a_promotion_begins_and_ends_at_its_minute(here: Street) -> None:
    begin, end = soon(here, 10), soon(here, 20)
    await here.rules(RULES.format(window=window(begin, end), more=", compare_at: regular"), GOODS)
    await here.push()
    assert set(here.told()) == {SHOPIFY, WOO}, "where there can be a struck-out price, it is cleared once"
    results = await here.daemon.run(VENDURE, FlowName.PUSH_PRICES)
    assert results[-1].next_at == begin
    await until(here, begin - timedelta(seconds=2))
    await here.push()
    assert here.told() == {}
    await until(here, begin)
    await here.push()
    for shop in SHOPS:
        assert here.price(shop, "MUG") == Decimal("8.00"), shop
        assert here.struck(shop, "MUG") == (Decimal(10) if shop in (SHOPIFY, WOO) else None), shop
        assert (await here.row(shop, "MUG")).cause == "promotion"
        assert (await here.row(shop, "MUG")).next_at is not None
    assert here.told() == {shop: ["8.00"] for shop in SHOPS}
    await until(here, end)
    await here.push()
    for shop in SHOPS:
        assert here.price(shop, "MUG") == Decimal("10.00"), shop
        assert here.struck(shop, "MUG") is None, shop
        row = await here.row(shop, "MUG")
        assert (row.cause, row.next_at) == ("promotion", None)


async def test_a_daemon_that_was_away_ends_what_is_over(here: Street) -> None:
    begin, end = soon(here, 1), soon(here, 5)
    await here.rules(RULES.format(window=window(begin, end), more=""), GOODS)
    await until(here, begin)
    await here.push(VENDURE)
    assert here.price(VENDURE, "MUG") == Decimal("8.00")
    await until(here, end + timedelta(days=2))
    await here.push(VENDURE)
    assert here.price(VENDURE, "MUG") == Decimal("10.00")


async def test_the_last_piece_ends_a_promotion_on_every_shop(here: Street) -> None:
    await here.rules(RULES.format(window=since(here), more=", units: 3 units"), GOODS)
    await here.push()
    assert here.told() == {shop: ["8.00"] for shop in SHOPS}
    await here.daemon.buy(VENDURE, MUG=1)
    await here.daemon.buy(SHOPIFY, MUG=1, JUG=5)
    await orders(here)
    assert here.told() == {}, "two of three pieces are sold"
    number = await here.daemon.buy(WOO, MUG=1)
    await orders(here)
    assert here.told() == {shop: ["10.00"] for shop in SHOPS}
    await here.push()
    assert here.told() == {}
    await here.daemon.act("/cancel", shop=WOO, order=number)
    await here.daemon.run(WOO, FlowName.OPEN_ORDERS)
    await orders(here)
    assert here.told() == {shop: ["8.00"] for shop in SHOPS}, "a piece is free again"


async def orders(here: Street) -> None:
    """Order intake and price push, everywhere."""
    await here.daemon.later(timedelta(seconds=6))
    for shop in SHOPS:
        await here.daemon.run(shop, FlowName.ORDERS)
    await here.push()


async def test_intake_wakes_the_prices_where_pieces_are_counted(here: Street) -> None:
    await here.rules(RULES.format(window=since(here), more=", units: 3 units"), GOODS)
    await here.push()
    here.daemon.hints.clear()
    await here.daemon.buy(VENDURE, MUG=1)
    await here.daemon.later(timedelta(seconds=6))
    await here.daemon.run(VENDURE, FlowName.ORDERS)
    woken = {account for account, flow in here.daemon.hints if flow is FlowName.PUSH_PRICES}
    assert woken == {here.daemon.view(shop).id for shop in SHOPS}


async def test_more_that_is_due_than_a_pass_takes_is_worked_out_by_the_next(here: Street) -> None:
    begin = soon(here, 1)
    rules = RULES.format(window=window(begin, begin + timedelta(hours=1)), more="")
    await here.rules(rules.replace("when: {sku: [MUG]}, ", ""), GOODS)
    await until(here, begin)
    left = []

    async def some(ctx: FlowContext) -> None:
        left.append(await work_out_due(ctx, slices=2, size=1))

    await here.daemon.under_lease(VENDURE, some)
    await here.daemon.under_lease(VENDURE, some)
    assert left == [True, False]
    await here.push(VENDURE)
    assert sorted(here.told()[VENDURE]) == ["16.00", "24.00", "8.00"]
