"""Mass changes wait for a person, what orders cause does not, and a guard that no longer applies clears itself.

Counted is what reaches the shops' own books.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sync.domain.guards import Guard
from sync.engine.approving import ApprovalRefused, listed
from sync.flows.flow import FlowContext
from sync.flows.flow import FlowName as F
from sync.flows.selling.push_stock import PushStockFlow
from sync.store import accounts, audit
from tests.databases.fixtures import Place
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.guarded_world import (
    GOODS,
    GUARDS,
    HOUR,
    MOST_FIGURES,
    MOST_TO_ZERO,
    OTHER,
    SHOP,
    approve,
    asked,
    at_zero,
    empty,
    guarded_world,
    push,
    quantities,
    shown,
)
from tests.integration.flows.interludes import Interlude

ALL_HELD_BACK = "stock: {buffer: {percent: 100%}}\n"
ZERO = ("guard.going_to_zero", SHOP)
MANY = ("guard.quantities_changing", SHOP)


@pytest.fixture
async def daemon(tmp_path: Path, database: Place) -> AsyncIterator[Conductor]:
    async with guarded_world(tmp_path, database) as made:
        yield made


async def _hold_back(daemon: Conductor, skus: int = len(GOODS), shop: str = SHOP) -> None:
    """The admins' YAML leaves a shop nothing of so many goods."""
    lines = [f"{sku}: 1000 units" for sku in GOODS[:skus]]
    text = f"stock: {{safety_by_sku: {{{', '.join(lines)}}}}}\n"
    if skus == len(GOODS):
        text = f"stock: {{by_account: {{{shop}: {{percent: 100%}}}}}}\n"
    await daemon.change_rules("stock.yaml", text)


async def test_the_first_push_after_going_live_is_no_mass_change(daemon: Conductor) -> None:
    assert set((await shown(daemon)).values()) == {10}
    assert await asked(daemon) == []


# --- case 21: a sync deleted fresh inventory; meaningless zeros wiped stock ----------------------------


async def test_case_21_zeros_of_a_whole_warehouse_wait_are_approved_and_go_through(daemon: Conductor) -> None:
    await empty(daemon, GOODS)
    await daemon.run("warehouse", F.STOCK)
    await push(daemon)
    assert await at_zero(daemon) == 0, "the figures before stay in force"
    assert await asked(daemon) == [("guard.figures", "warehouse")]
    bounds = await approve(daemon, Guard.FIGURES, "warehouse")
    assert bounds["most"] == len(GOODS)
    await daemon.run("warehouse", F.STOCK)
    await push(daemon)
    assert await at_zero(daemon) == 0, "the shops have a guard of their own"
    assert await asked(daemon) == [
        ("guard.going_to_zero", SHOP),
        ("guard.going_to_zero", OTHER),
        ("guard.quantities_changing", SHOP),
        ("guard.quantities_changing", OTHER),
    ]
    for shop in (SHOP, OTHER):
        for guard in (Guard.GOING_TO_ZERO, Guard.QUANTITIES_CHANGING):
            await approve(daemon, guard, shop)
    await push(daemon)
    assert (await at_zero(daemon), await at_zero(daemon, OTHER)) == (len(GOODS), len(GOODS))
    assert await asked(daemon) == []


async def test_case_21_zeros_that_the_warehouse_takes_back_never_were(daemon: Conductor) -> None:
    await empty(daemon, GOODS)
    await daemon.run("warehouse", F.STOCK)
    for sku in GOODS:
        await daemon.act("/warehouse/receive", sku=sku, quantity=20)
    await daemon.run("warehouse", F.STOCK)
    await push(daemon)
    assert await asked(daemon) == []
    assert set((await shown(daemon)).values()) == {10}


async def test_case_21_a_few_zeros_are_ordinary(daemon: Conductor) -> None:
    await empty(daemon, GOODS[:MOST_TO_ZERO])
    await daemon.run("warehouse", F.STOCK)
    await push(daemon)
    assert await asked(daemon) == []
    assert await at_zero(daemon) == MOST_TO_ZERO


async def test_case_21_zeros_by_a_slip_in_the_rules_wait_and_orders_still_come_off(daemon: Conductor) -> None:
    await _hold_back(daemon, skus=29)
    await push(daemon)
    await daemon.buy(OTHER, CUP_30=6)
    await push(daemon)
    assert [sku for sku, units in (await shown(daemon)).items() if units != 10] == ["CUP-30"]
    assert (await shown(daemon))["CUP-30"] == 7, "what an order has caused waits never"
    assert ZERO in await asked(daemon)
    assert (await quantities(daemon))["CUP-01"].desired == 0


async def test_what_waits_and_what_others_show_are_never_more_than_is_there(daemon: Conductor) -> None:
    """The shop goes on selling what it shows, so the other may not take its units."""
    await _hold_back(daemon)
    await daemon.buy(OTHER, CUP_01=4)
    await push(daemon)
    assert await asked(daemon) == [ZERO, MANY]
    assert ((await shown(daemon))["CUP-01"], (await shown(daemon, OTHER))["CUP-01"]) == (10, 6)


async def test_a_sale_lets_nothing_through_that_waits(daemon: Conductor) -> None:
    await _hold_back(daemon)
    await push(daemon)
    await daemon.buy(SHOP, CUP_01=1)
    await push(daemon)
    assert (await shown(daemon))["CUP-01"] == 9


async def test_a_guard_clears_itself_when_the_rules_are_mended(daemon: Conductor) -> None:
    await _hold_back(daemon)
    await push(daemon)
    assert ZERO in await asked(daemon)
    await daemon.change_rules("stock.yaml", "stock: {safety_stock: 0}\n")
    await push(daemon)
    assert await asked(daemon) == []
    assert await listed(daemon.store) == []
    assert await at_zero(daemon) == 0


async def test_an_approval_lets_its_bounds_pass_and_what_goes_beyond_waits_on(daemon: Conductor) -> None:
    await _hold_back(daemon, skus=15)
    await push(daemon, SHOP)
    assert await asked(daemon) == [ZERO]
    await approve(daemon, Guard.GOING_TO_ZERO, SHOP, most=8)
    await push(daemon, SHOP)
    assert await at_zero(daemon) == 8
    (waits,) = await listed(daemon.store)
    assert (waits.guard, waits.account, waits.waiting) == ("going_to_zero", SHOP, 7)


async def test_an_approval_ends_at_its_time(daemon: Conductor) -> None:
    await _hold_back(daemon, skus=10)
    await push(daemon, SHOP)
    await approve(daemon, Guard.GOING_TO_ZERO, SHOP, lasts="10 minutes")
    await daemon.later(timedelta(minutes=11))
    await push(daemon, SHOP)
    assert await at_zero(daemon) == 0
    assert await asked(daemon) == [ZERO]


async def test_what_was_sent_within_the_hour_counts(daemon: Conductor) -> None:
    """Zeros that come little by little are a mass of zeros too."""
    await _hold_back(daemon, skus=5)
    await push(daemon, SHOP)
    assert await at_zero(daemon) == 5
    await _hold_back(daemon, skus=8)
    await push(daemon, SHOP)
    assert await at_zero(daemon) == 5
    assert await asked(daemon) == [ZERO]
    await daemon.later(HOUR)
    await push(daemon, SHOP)
    assert await at_zero(daemon) == 8
    assert await asked(daemon) == []


async def test_a_guard_that_is_off_asks_nobody(daemon: Conductor) -> None:
    off = "guards: {going_to_zero: off, quantities_changing: off, from: 4 offers}\n"
    await daemon.change_rules("guards.yaml", off)
    await _hold_back(daemon)
    await push(daemon, SHOP)
    assert await at_zero(daemon) == len(GOODS)
    assert await asked(daemon) == []


async def test_what_waits_starves_nothing_behind_it(daemon: Conductor) -> None:
    """Three times as many wait as one pass reads; a figure that fell goes out in the next one."""
    await _hold_back(daemon, skus=29)
    await push(daemon, SHOP)
    await daemon.act("/warehouse/count", sku=GOODS[29], missing=18)
    await daemon.run("warehouse", F.STOCK)

    async def one_pass_of_ten(ctx: FlowContext) -> None:
        small = replace(ctx.manifest, limits=replace(ctx.manifest.limits, batch_items=1))
        await PushStockFlow().run(replace(ctx, manifest=small))

    await daemon.later(timedelta(seconds=3))
    await daemon.under_lease(SHOP, one_pass_of_ten)
    assert (await shown(daemon))[GOODS[29]] == 1


async def test_a_reading_that_waits_releases_no_reservation(daemon: Conductor) -> None:
    """The figure in force is the one before, and that has the ordered units still in it."""
    number = await daemon.buy(SHOP, CUP_01=2)
    await daemon.run(SHOP, F.ORDERS, F.REVIEW)
    await daemon.run("warehouse", F.OUTBOX)
    await daemon.act("/warehouse/work", until="done")
    await empty(daemon, GOODS)
    await daemon.later(timedelta(seconds=3))
    await daemon.run("warehouse", F.FULFILMENT)
    await daemon.later(timedelta(seconds=3))
    await daemon.run("warehouse", F.STOCK)
    level = await daemon.level("CUP-01")
    assert (level.on_hand, level.waiting_on_hand) == (20, 0)
    assert (level.reserved, await daemon.held_units(number)) == (2, 2)


async def test_what_changes_after_it_was_let_through_is_judged_again(daemon: Conductor) -> None:
    """While the shop's orders are read before a few raises, the rules take everything off it."""
    for sku in GOODS[:5]:
        await daemon.act("/warehouse/receive", sku=sku, quantity=20)
    await daemon.run("warehouse", F.STOCK)

    async def slip() -> None:
        await _hold_back(daemon)

    real = daemon.connectors[SHOP]
    daemon.connectors[SHOP] = Interlude(real, "orders", before=slip)
    await daemon.later(timedelta(seconds=3))
    await daemon.run(SHOP, F.PUSH_STOCK)
    daemon.connectors[SHOP] = real
    assert (await quantities(daemon))[GOODS[0]].desired == 0
    assert await at_zero(daemon) == 0


async def test_lower_figures_go_out_however_many_there_are(daemon: Conductor) -> None:
    """Holding them back would sell what is not there."""
    for sku in GOODS:
        await daemon.act("/warehouse/count", sku=sku, missing=16)
    await daemon.run("warehouse", F.STOCK)
    await push(daemon)
    assert set((await shown(daemon)).values()) == {2}
    assert await asked(daemon) == []


async def test_a_shop_that_joins_takes_its_share_at_once(tmp_path: Path, database: Place) -> None:
    """The others come down unasked: only then is there room for it."""
    async with guarded_world(tmp_path, database, observed=OTHER) as daemon:
        assert set((await shown(daemon)).values()) == {20}
        async with daemon.store.write() as tx:
            await accounts.go_live(tx, daemon.view(OTHER).id, who="test")
        await daemon.went_live(OTHER)
        await push(daemon)
        assert await asked(daemon) == []
        assert set((await shown(daemon)).values()) == set((await shown(daemon, OTHER)).values()) == {10}


async def test_a_shop_that_joins_may_get_the_last_of_everything(tmp_path: Path, database: Place) -> None:
    """Zero is where the others come down to: the goods are there, and elsewhere."""
    async with guarded_world(tmp_path, database, observed=SHOP, units=1) as daemon:
        assert set((await shown(daemon, OTHER)).values()) == {1}
        async with daemon.store.write() as tx:
            await accounts.go_live(tx, daemon.view(SHOP).id, who="test")
        await daemon.went_live(SHOP)
        await push(daemon)
        assert await asked(daemon) == []
        assert set((await shown(daemon, OTHER)).values()) == {0}
        assert set((await shown(daemon)).values()) == {1}
        await empty(daemon, GOODS)
        await daemon.run("warehouse", F.STOCK)
        await push(daemon)
        assert await asked(daemon) == [("guard.figures", "warehouse")]


async def test_a_slip_in_the_rules_waits_though_another_shop_is_the_first_to_work_it_out(
    daemon: Conductor,
) -> None:
    """New rules are laid shop by shop: what one of them works out meanwhile for the others is no sharing."""
    lines = ", ".join(f"{sku}: 1000 units" for sku in GOODS)
    await daemon.change_rules("stock.yaml", f"stock: {{safety_by_sku: {{{lines}}}}}\n", on=[SHOP])
    await daemon.went_live(SHOP)
    await push(daemon)
    assert await at_zero(daemon, OTHER) == 0
    assert ("guard.going_to_zero", OTHER) in await asked(daemon)


async def test_many_raises_at_once_wait(daemon: Conductor) -> None:
    for sku in GOODS:
        await daemon.act("/warehouse/receive", sku=sku, quantity=2000)
    await daemon.run("warehouse", F.STOCK)
    await push(daemon)
    assert set((await shown(daemon)).values()) == {10}
    assert await asked(daemon) == [MANY, ("guard.quantities_changing", OTHER)]
    await approve(daemon, Guard.QUANTITIES_CHANGING, SHOP)
    await approve(daemon, Guard.QUANTITIES_CHANGING, OTHER)
    await push(daemon)
    assert set((await shown(daemon)).values()) == {1010}


async def test_a_reading_that_our_orders_explain_is_no_riddle(daemon: Conductor) -> None:
    """The last units of many goods were ordered and leave the house: these figures count."""
    for sku in GOODS[: MOST_FIGURES + 3]:
        await daemon.buy(SHOP, **{sku.replace("-", "_"): 10})
        await daemon.buy(OTHER, **{sku.replace("-", "_"): 10})
    await daemon.settle(rounds=3)
    await daemon.act("/warehouse/work", until="done")
    await daemon.settle(rounds=3)
    assert await asked(daemon) == []
    assert (await daemon.level(GOODS[0])).on_hand == 0


async def test_who_approved_what_stands_in_the_audit_trail(daemon: Conductor) -> None:
    await _hold_back(daemon)
    await push(daemon, SHOP)
    with pytest.raises(
        ApprovalRefused, match="nothing waits for going_down at main; what waits: going_to_zero"
    ):
        await approve(daemon, Guard.GOING_DOWN, SHOP)
    await approve(daemon, Guard.GOING_TO_ZERO, SHOP, most=12)
    async with daemon.store.read() as tx:
        (line,) = await audit.latest(tx, subject=f"going_to_zero at {SHOP}")
    assert (line.who, line.what) == ("test", "guard approved")
    assert '"most":12' in line.data


async def test_the_issue_names_count_limit_and_the_command(daemon: Conductor) -> None:
    await _hold_back(daemon)
    await push(daemon, SHOP)
    found = {one.guard: one for one in await listed(daemon.store)}
    zero = found["going_to_zero"]
    assert (zero.waiting, zero.limit, zero.of, zero.sent) == (len(GOODS), MOST_TO_ZERO, len(GOODS), 0)
    assert [(move.before, move.after) for move in zero.largest] == [("10", "0")] * 3
    assert GUARDS.startswith("guards:")
