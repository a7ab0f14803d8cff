"""A shop is told no quantities before it is known what there is and who else sells it, or a while has gone by."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from connectors.contract import Unavailable
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.store import accounts
from tests.integration.engine.conftest import Opener
from tests.integration.engine.workshop import INTERVAL, NOON, QUICK, SLOW, Door, TinyFlow, Works, reached

TWO = ("shop", "other")
PATIENCE = timedelta(seconds=QUICK.first_looks_seconds)


def only(
    name: str, act: Callable[[FlowContext], Awaitable[PassResult]]
) -> Callable[..., Awaitable[PassResult]]:
    """The same, for one account; nothing for another."""

    async def step(ctx: FlowContext) -> PassResult:
        return await act(ctx) if ctx.account.name == name else PassResult()

    return step


def flows() -> tuple[TinyFlow, TinyFlow]:
    return TinyFlow(FlowName.CATALOGUE), TinyFlow(FlowName.PUSH_STOCK, observes=False)


def pushed(push: TinyFlow) -> list[str]:
    return sorted(ctx.account.name for ctx in push.contexts)


async def test_the_first_push_waits_for_the_last_first_look(works: Opener) -> None:
    catalogue, push = flows()
    door = Door()
    catalogue.then(only("other", door), only("other", door))
    house = await works(catalogue, push, names=TWO)
    await house.look()
    await house.runner.tick()
    await reached(door)
    house.hint(FlowName.PUSH_STOCK)
    await house.runner.tick()
    assert pushed(push) == []
    door.let_go.set()
    await house.settle()
    assert pushed(push) == ["other", "shop"], "nobody need look again for it"


async def test_a_look_that_has_not_come_to_its_end_is_waited_for(works: Opener) -> None:
    catalogue, push = flows()
    door = Door()
    catalogue.then(PassResult(more=True), door)
    house = await works(catalogue, push)
    await house.look()
    await house.runner.tick()
    await reached(door)
    await house.runner.tick()
    assert pushed(push) == []
    door.let_go.set()
    await house.settle()
    assert pushed(push) == ["shop"]


async def silent(works: Opener, *, live: bool = True) -> tuple[Works, TinyFlow]:
    """A house with a shop whose listings cannot be read; it is live or only observed, the first one is live."""
    catalogue, push = flows()

    async def fail(ctx: FlowContext) -> PassResult:
        raise Unavailable("away")

    catalogue.steps.extend([only("other", fail)] * 1000)
    house = await works(catalogue, push, names=TWO, settings=SLOW, live=live)
    async with house.store.write() as tx:
        await accounts.go_live(tx, house.views["shop"].id, who="ann")
    await house.configure(live=live)
    return house, push


async def test_a_system_that_stays_silent_is_not_waited_for_for_ever(works: Opener) -> None:
    house, push = await silent(works)
    await house.start()
    await house.pass_by(PATIENCE - timedelta(seconds=1))
    assert pushed(push) == []
    await house.pass_by(timedelta(seconds=1))
    assert pushed(push) == ["other", "shop"]


async def test_a_shop_that_is_only_observed_is_not_waited_for(works: Opener) -> None:
    house, push = await silent(works, live=False)
    await house.start()
    assert pushed(push) == ["shop"]


async def test_a_shop_that_was_pushed_before_waits_for_nobody(works: Opener) -> None:
    catalogue, push = flows()
    house = await works(catalogue, push)
    await house.start()
    assert pushed(push) == ["shop"]
    await house.pass_by(INTERVAL)
    assert pushed(push) == ["shop", "shop"]
    assert (await house.state(FlowName.PUSH_STOCK)).last_success_begun_at == NOON + INTERVAL


async def test_a_single_round_waits_and_then_pushes(works: Opener) -> None:
    catalogue, push = flows()
    house = await works(catalogue, push, names=TWO)
    report = await house.runner.once()
    assert pushed(push) == ["other", "shop"]
    assert report.passes == 4


async def test_a_single_round_of_the_push_alone_waits_for_nothing(works: Opener) -> None:
    catalogue, push = flows()
    house = await works(catalogue, push, names=TWO)
    await house.runner.once(["shop"], [FlowName.PUSH_STOCK])
    assert pushed(push) == ["shop"]
    assert catalogue.begun == 0
