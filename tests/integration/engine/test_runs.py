"""When a key runs: once at a time, once more after a hint, when it is due, and by priority where slots are few."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from connectors.contract import Throttled, Unavailable
from mappings import Rulebook
from sync.engine.house import House
from sync.flows.flow import FlowContext, FlowName, PassResult
from tests.integration.engine.conftest import Opener
from tests.integration.engine.workshop import (
    INTERVAL,
    NOON,
    QUICK,
    SLOW,
    Door,
    TinyFlow,
    metric,
    reached,
    turns,
)

ONE_SLOT = replace(QUICK, passes_at_once=1)
MORE = PassResult(more=True)


async def test_a_new_key_is_due_at_once(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS)
    house = await works(orders)
    await house.start()
    assert orders.begun == 1
    state = await house.state(FlowName.ORDERS)
    assert (state.last_success_begun_at, state.next_due_at) == (NOON, NOON + INTERVAL)


async def test_a_key_runs_again_when_its_interval_is_over_and_not_before(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS)
    house = await works(orders)
    await house.start()
    await house.pass_by(INTERVAL - timedelta(seconds=1))
    assert orders.begun == 1
    await house.pass_by(timedelta(seconds=1))
    assert orders.begun == 2


async def test_a_pass_may_ask_for_the_next_one_before_its_interval_is_over(works: Opener) -> None:
    at = NOON + INTERVAL / 3
    prices = TinyFlow(FlowName.PUSH_PRICES).then(PassResult(next_at=at))
    house = await works(prices)
    await house.start()
    assert (await house.state(FlowName.PUSH_PRICES)).next_due_at == at
    await house.pass_by(INTERVAL / 3)
    assert prices.begun == 2
    assert (await house.state(FlowName.PUSH_PRICES)).next_due_at == at + INTERVAL


@pytest.mark.parametrize("at", [NOON - timedelta(days=1), NOON + 9 * INTERVAL])
async def test_a_time_that_is_past_or_far_away_moves_no_interval(works: Opener, at: datetime) -> None:
    prices = TinyFlow(FlowName.PUSH_PRICES).then(PassResult(next_at=at))
    house = await works(prices)
    await house.start()
    due = (await house.state(FlowName.PUSH_PRICES)).next_due_at
    assert due == max(NOON, min(at, NOON + INTERVAL))


async def test_never_two_passes_of_one_key_at_once(works: Opener) -> None:
    door = Door()
    orders = TinyFlow(FlowName.ORDERS).then(door)
    house = await works(orders)
    await house.look()
    await reached(door)
    for _ in range(5):
        house.clock.move(INTERVAL)
        await house.runner.tick()
        house.hint(FlowName.ORDERS)
    door.let_go.set()
    await house.settle()
    assert orders.most == 1


async def test_many_hints_during_a_run_lead_to_exactly_one_more(works: Opener) -> None:
    door = Door()
    orders = TinyFlow(FlowName.ORDERS).then(door)
    house = await works(orders)
    await house.look()
    await reached(door)
    for _ in range(7):
        house.hint(FlowName.ORDERS)
    door.let_go.set()
    await house.settle()
    assert orders.begun == 2


async def test_hints_for_a_key_that_waits_for_a_slot_are_one_run(works: Opener) -> None:
    door = Door()
    orders, review = TinyFlow(FlowName.ORDERS), TinyFlow(FlowName.REVIEW)
    house = await works(orders, review, settings=ONE_SLOT)
    await house.start()
    orders.then(door)
    house.hint(FlowName.ORDERS)
    await reached(door)
    for _ in range(4):
        house.hint(FlowName.REVIEW)
        await turns(3)
    door.let_go.set()
    await house.settle()
    assert review.begun == 2


async def test_a_hint_starts_a_key_that_is_not_due(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS)
    house = await works(orders)
    await house.start()
    before = metric("hints_total", account="shop", flow="orders")
    house.hint(FlowName.ORDERS)
    await house.settle()
    assert orders.begun == 2
    assert metric("hints_total", account="shop", flow="orders") == before + 1


async def test_a_hint_for_a_flow_that_the_account_has_not_is_no_error(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS)
    house = await works(orders)
    await house.start()
    house.hint(FlowName.STOCK)
    await house.settle()
    assert orders.begun == 1


async def test_missed_ticks_are_one_run_and_are_counted(works: Opener) -> None:
    door = Door()
    orders = TinyFlow(FlowName.ORDERS).then(door)
    house = await works(orders)
    before = metric("ticks_coalesced_total", account="shop", flow="orders")
    await house.look()
    await reached(door)
    for _ in range(5):
        house.clock.move(INTERVAL)
        await house.runner.tick()
    door.let_go.set()
    await house.settle()
    assert orders.begun == 1
    assert metric("ticks_coalesced_total", account="shop", flow="orders") == before + 5
    await house.tick()
    assert orders.begun == 2
    await house.tick()
    assert orders.begun == 2


async def test_a_key_with_more_to_do_goes_on_by_itself_until_it_has_not(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS).then(MORE, MORE, MORE)
    house = await works(orders)
    await house.start()
    assert orders.begun == 4
    assert (await house.state(FlowName.ORDERS)).more is False


async def test_a_pass_with_more_to_do_makes_nothing_fresh(works: Opener) -> None:
    door = Door()
    orders = TinyFlow(FlowName.ORDERS).then(MORE, door)
    house = await works(orders)
    await house.look()
    await reached(door)
    state = await house.state(FlowName.ORDERS)
    assert state.more is True
    assert state.last_success_begun_at is None
    door.let_go.set()
    await house.settle()


async def test_a_key_with_more_to_do_lets_a_waiting_one_run_between_two_passes(works: Opener) -> None:
    ran: list[str] = []

    def noting(name: str, result: PassResult) -> object:
        async def act(ctx: FlowContext) -> PassResult:
            ran.append(name)
            await turns(2)
            return result

        return act

    orders = TinyFlow(FlowName.ORDERS).then(*[noting("orders", MORE)] * 3, noting("orders", PassResult()))  # type: ignore[arg-type]
    catalogue = TinyFlow(FlowName.CATALOGUE).then(noting("catalogue", PassResult()))  # type: ignore[arg-type]
    house = await works(orders, catalogue, settings=ONE_SLOT)
    await house.start()
    assert ran == ["orders", "catalogue", "orders", "orders", "orders"]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
async def test_with_one_slot_due_keys_run_in_the_declared_order(
    works: Opener, order: tuple[int, ...]
) -> None:
    names = (FlowName.ORDERS, FlowName.PUSH_STOCK, FlowName.TRACKING, FlowName.CATALOGUE)
    ran: list[FlowName] = []

    def flow(name: FlowName) -> TinyFlow:
        async def act(ctx: FlowContext) -> PassResult:
            ran.append(name)
            return PassResult()

        return TinyFlow(name).then(PassResult(), act)

    flows = [flow(names[n]) for n in order]
    house = await works(*flows, settings=ONE_SLOT)
    await house.start()
    for each in order:  # they became due in this order
        async with house.store.write() as tx:
            from sync.store import flow_states

            await flow_states.make_due(tx, house.views["shop"].id, names[each])
        house.clock.move(timedelta(seconds=1))
    await house.tick()
    assert ran == list(names)


async def test_no_more_passes_at_once_than_there_are_slots(works: Opener) -> None:
    running = most = 0
    full = asyncio.Event()

    async def act(ctx: FlowContext) -> PassResult:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 3:
            full.set()
        await asyncio.wait_for(full.wait(), 20)
        await asyncio.sleep(0.005)
        running -= 1
        return PassResult()

    flows = [TinyFlow(name).then(act) for name in FlowName]
    house = await works(*flows, settings=replace(QUICK, passes_at_once=3))
    await house.start()
    assert [flow.begun for flow in flows] == [1] * len(flows)
    assert most == 3


async def test_an_observed_account_runs_only_the_flows_that_observe(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS, observes=True)
    push = TinyFlow(FlowName.PUSH_STOCK, observes=False)
    house = await works(orders, push, live=False)
    await house.start()
    house.hint(FlowName.PUSH_STOCK)
    await house.pass_by()
    assert (orders.begun, push.begun) == (2, 0)
    await house.configure(live=True)
    await house.tick()
    assert push.begun == 1


async def test_a_flow_runs_only_for_its_kinds_of_account(works: Opener) -> None:
    from connectors.contract import Kind

    stock = TinyFlow(FlowName.STOCK, kinds=frozenset({Kind.WAREHOUSE}))
    house = await works(stock)
    await house.start()
    house.hint(FlowName.STOCK)
    await house.settle()
    assert stock.begun == 0


async def test_fresh_waits_for_a_pass_that_was_begun_after_the_moment(works: Opener) -> None:
    door, said = Door(), []
    orders, push = TinyFlow(FlowName.ORDERS).then(door), TinyFlow(FlowName.PUSH_STOCK)
    house = await works(orders, push)

    async def ask(ctx: FlowContext) -> PassResult:
        said.append(await ctx.fresh(FlowName.ORDERS, ctx.clock.now()))
        return PassResult()

    await house.look()
    await reached(door)  # this pass was begun at noon: too old for who asks a second later
    await turns()
    house.clock.move(timedelta(seconds=1))
    push.then(ask)
    house.hint(FlowName.PUSH_STOCK)
    await turns()
    assert said == []
    door.let_go.set()
    await house.settle()
    assert said == [True]
    assert orders.begun == 2


async def test_fresh_is_at_once_true_where_such_a_pass_has_ended(works: Opener) -> None:
    said = []
    orders, push = TinyFlow(FlowName.ORDERS), TinyFlow(FlowName.PUSH_STOCK)
    house = await works(orders, push)
    await house.start()

    async def ask(ctx: FlowContext) -> PassResult:
        said.append(await ctx.fresh(FlowName.ORDERS, NOON))
        return PassResult()

    push.then(ask)
    house.hint(FlowName.PUSH_STOCK)
    await house.settle()
    assert (said, orders.begun) == ([True], 1)


async def test_fresh_holds_no_slot_while_it_waits(works: Opener) -> None:
    said = []

    async def ask(ctx: FlowContext) -> PassResult:
        said.append(await ctx.fresh(FlowName.ORDERS, ctx.clock.now()))
        return PassResult()

    orders, push = TinyFlow(FlowName.ORDERS), TinyFlow(FlowName.PUSH_STOCK)
    house = await works(orders, push, settings=ONE_SLOT)
    await house.start()
    house.clock.move(timedelta(seconds=1))
    push.then(ask)
    house.hint(FlowName.PUSH_STOCK)
    await house.settle()
    assert said == [True]


@pytest.mark.parametrize("reason", ["fails", "no such key", "itself", "too slow"])
async def test_fresh_is_false_where_that_pass_cannot_be_had(works: Opener, reason: str) -> None:
    said = []
    door = Door()
    orders, push = TinyFlow(FlowName.ORDERS), TinyFlow(FlowName.PUSH_STOCK)
    house = await works(orders, push, settings=replace(QUICK, fresh_seconds=0.02))
    await house.start()
    house.clock.move(timedelta(seconds=1))
    flow = {"no such key": FlowName.STOCK, "itself": FlowName.PUSH_STOCK}.get(reason, FlowName.ORDERS)
    orders.then(ValueError("no") if reason == "fails" else door)

    async def ask(ctx: FlowContext) -> PassResult:
        said.append(await ctx.fresh(flow, ctx.clock.now()))
        door.let_go.set()
        return PassResult()

    push.then(ask)
    house.hint(FlowName.PUSH_STOCK)
    await house.settle()
    assert said == [False]


async def test_a_fresh_that_ends_too_late_leaves_as_many_slots_as_before(works: Opener) -> None:
    """It gave its slot away, another took it and kept it beyond the waiting time."""
    door, wall = Door(), Door()
    orders, push = TinyFlow(FlowName.ORDERS), TinyFlow(FlowName.PUSH_STOCK)
    others = [TinyFlow(FlowName.STOCK), TinyFlow(FlowName.CATALOGUE)]
    house = await works(orders, push, *others, settings=replace(ONE_SLOT, fresh_seconds=0.02))
    await house.start()
    house.clock.move(timedelta(seconds=1))
    after = asyncio.Event()

    async def ask(ctx: FlowContext) -> PassResult:
        await ctx.fresh(FlowName.ORDERS, ctx.clock.now())
        after.set()
        return await wall(ctx)

    async def keep(ctx: FlowContext) -> PassResult:
        house.hint(FlowName.STOCK)
        return PassResult()

    orders.then(keep)
    others[0].then(door)
    push.then(ask)
    house.hint(FlowName.PUSH_STOCK)
    await asyncio.sleep(0)
    await asyncio.sleep(0.1)
    running = sum(flow.running for flow in (orders, *others)) + int(after.is_set())
    assert running <= 1
    door.let_go.set()
    wall.let_go.set()
    await house.settle()


async def test_a_swap_that_takes_an_account_away_lets_its_pass_end_and_starts_no_other(works: Opener) -> None:
    door = Door()
    orders = TinyFlow(FlowName.ORDERS).then(door)
    house = await works(orders)
    shop = house.shops["shop"]
    await house.look()
    await reached(door)
    await house.runner.swap(House({}, house.house().rulebook))
    assert not shop.closed
    door.let_go.set()
    await turns(200)
    assert orders.running == 0
    await house.runner.drain()
    assert shop.closed
    assert orders.begun == 1
    assert (await house.state(FlowName.ORDERS)).last_success_begun_at == NOON


async def test_a_pass_that_runs_works_by_the_rules_that_come_into_force(works: Opener) -> None:
    door = Door()
    orders = TinyFlow(FlowName.ORDERS).then(door)
    house = await works(orders)
    await house.look()
    await reached(door)
    (ctx,) = orders.contexts
    assert ctx.rulebook.version == "v"
    deciding = ctx.ruled_now()
    await house.runner.swap(replace(house.house(), rulebook=Rulebook("later", "{}")))
    assert ctx.rulebook.version == "later"
    assert deciding.rulebook.version == "v", "no decision is half by these rules and half by others"
    assert deciding.ruled_now().rulebook.version == "later", "and the next one is by those in force"
    door.let_go.set()
    await house.settle()


async def test_a_pass_of_an_account_that_was_taken_away_still_knows_its_account(works: Opener) -> None:
    door = Door()
    orders = TinyFlow(FlowName.ORDERS).then(door)
    house = await works(orders)
    await house.look()
    await reached(door)
    (ctx,) = orders.contexts
    await house.runner.swap(House({}, house.house().rulebook))
    assert (ctx.accounts, set(ctx.manifests)) == ({ctx.account.id: ctx.account}, {ctx.account.id})
    door.let_go.set()
    await turns(200)
    await house.runner.drain()


async def test_a_shorter_interval_does_not_wait_for_the_due_time_of_the_longer_one(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS)
    house = await works(orders)
    await house.every(timedelta(days=7))
    await house.start()
    await house.every(INTERVAL)
    await house.tick()
    assert orders.begun == 2
    assert (await house.state(FlowName.ORDERS)).next_due_at == NOON + INTERVAL


async def test_a_longer_interval_keeps_the_due_time_that_was_set(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS)
    house = await works(orders)
    await house.start()
    await house.every(timedelta(days=7))
    await house.tick()
    assert orders.begun == 1
    await house.pass_by(INTERVAL)
    assert orders.begun == 2


@pytest.mark.parametrize(
    "error",
    [Unavailable("down"), Throttled("slow", retry_after=timedelta(hours=2))],
    ids=["backs off", "asked to wait"],
)
async def test_a_shorter_interval_cuts_no_wait_short(works: Opener, error: Exception) -> None:
    orders = TinyFlow(FlowName.ORDERS).then(error)
    house = await works(orders, settings=SLOW)
    await house.start()
    due = (await house.state(FlowName.ORDERS)).next_due_at
    await house.every(timedelta(milliseconds=50))
    await house.tick()
    assert orders.begun == 1
    assert (await house.state(FlowName.ORDERS)).next_due_at == due
