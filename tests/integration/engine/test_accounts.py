"""Which accounts are worked on: who holds the lease, who the shop is, and whether it takes our credentials."""

import asyncio
from datetime import timedelta

import pytest

from connectors.contract import AuthRejected, Throttled, Unavailable
from sync.domain.clock import SetClock
from sync.engine.house import House
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.store import accounts, leases
from sync.store.accounts import Condition, Pause
from sync.store.database import LeaseLost, Store
from tests.integration.engine.conftest import Opener
from tests.integration.engine.workshop import INTERVAL, SLOW, Door, Shop, TinyFlow, metric, reached, turns

REFUSED = AuthRejected("shop refuses the user name or the password")


def desk(house: object, name: str = "shop") -> object:
    return house.runner.desks.all[house.views[name].id]  # type: ignore[attr-defined]


async def test_no_flow_runs_before_the_shop_has_said_who_it_is(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS)
    house = await works(orders)
    house.shops["shop"].says.append(Unavailable("starting"))
    await house.look()
    house.hint(FlowName.ORDERS)
    await house.tick()
    assert orders.begun == 0
    await house.until(lambda: orders.begun == 1)
    await house.settle()
    assert (await house.account()).fingerprint == "shop-1"


async def test_a_shop_that_does_not_answer_keeps_no_other_from_starting(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS)
    house = await works(orders, names=("one", "two"), settings=SLOW)
    house.shops["one"].says.append(Unavailable("down"))
    await house.start()
    assert [ctx.account.name for ctx in orders.contexts] == ["two"]


async def test_refused_credentials_stop_every_flow_of_the_account_at_once(works: Opener) -> None:
    orders, review = TinyFlow(FlowName.ORDERS).then(REFUSED), TinyFlow(FlowName.REVIEW)
    house = await works(orders, review, settings=SLOW)
    await house.start()
    begun = review.begun
    house.hint(FlowName.REVIEW)
    await house.pass_by()
    assert review.begun == begun
    assert (await house.account()).condition is Condition.OK, "not yet believed"
    assert await house.issues() == []


async def test_a_refusal_is_not_believed_where_the_shop_says_who_it_is(works: Opener) -> None:
    """A server that restarts, or changes its keys, answers 401 for a moment."""
    orders = TinyFlow(FlowName.ORDERS).then(REFUSED)
    house = await works(orders)
    await house.start()
    await house.until(lambda: desk(house).open)  # type: ignore[attr-defined]
    await house.pass_by()
    assert orders.begun == 2
    assert await house.issues() == []


@pytest.mark.parametrize("between", [None, Unavailable("503 while it restarts"), Throttled("later")])
async def test_one_refusal_to_say_who_it_is_is_not_believed(works: Opener, between: Exception | None) -> None:
    orders = TinyFlow(FlowName.ORDERS).then(REFUSED)
    house = await works(orders)
    await house.start()
    shop = house.shops["shop"]
    shop.says.extend([REFUSED] if between is None else [REFUSED, between, REFUSED])
    await house.until(lambda: not shop.says and desk(house).open)  # type: ignore[attr-defined]
    assert (await house.account()).condition is Condition.OK
    assert await house.issues() == []


async def test_two_refusals_in_a_row_need_a_person_and_are_one_issue(works: Opener) -> None:
    orders, review = TinyFlow(FlowName.ORDERS).then(REFUSED), TinyFlow(FlowName.REVIEW).then(REFUSED)
    house = await works(orders, review)
    await house.start()
    shop = house.shops["shop"]
    shop.says.extend([REFUSED] * 9)
    await house.until(lambda: desk(house).condition is Condition.NEEDS_REAUTH)  # type: ignore[attr-defined]
    (issue,) = await house.issues()
    assert issue.kind == "account.needs_reauth"
    assert issue.what == "shop refuses our credentials; nothing is read from it or sent to it"
    assert issue.why == "shop refuses the user name or the password"
    assert issue.todo == "renew the secret of shop, then run: entrepot accounts resume shop"
    assert metric("account_needs_reauth", account="shop") == 1
    asked, begun = shop.asked, orders.begun
    for _ in range(5):
        await house.look()
        await house.pass_by()
    assert (shop.asked, orders.begun) == (asked, begun), "no more calls"


async def test_who_is_resumed_is_asked_at_once_and_works_again(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS)
    house = await works(orders)
    shop = house.shops["shop"]
    shop.says.extend([REFUSED] * 2)
    await house.until(lambda: desk(house).condition is Condition.NEEDS_REAUTH)  # type: ignore[attr-defined]
    await house.resume()
    asked = shop.asked
    await house.look()
    await house.settle()
    assert (shop.asked, orders.begun) == (asked + 1, 1)
    assert await house.issues() == []
    assert metric("account_needs_reauth", account="shop") == 0


async def test_who_is_resumed_needs_two_refusals_again(works: Opener) -> None:
    house = await works(TinyFlow(FlowName.ORDERS))
    shop = house.shops["shop"]
    shop.says.extend([REFUSED] * 2)
    await house.until(lambda: desk(house).condition is Condition.NEEDS_REAUTH)  # type: ignore[attr-defined]
    await house.resume()
    shop.says.append(REFUSED)
    await house.until(lambda: desk(house).open)  # type: ignore[attr-defined]
    assert (await house.account()).condition is Condition.OK


async def test_new_credentials_end_the_need_for_a_person(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS)
    house = await works(orders)
    house.shops["shop"].says.extend([REFUSED] * 2)
    await house.until(lambda: desk(house).condition is Condition.NEEDS_REAUTH)  # type: ignore[attr-defined]
    house.shops["shop"], house.faces["shop"] = Shop("shop-1"), "another secret"
    await house.configure()
    await house.start()
    assert orders.begun == 1
    assert await house.issues() == []


async def test_new_credentials_do_not_end_a_pause_by_a_person(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS)
    house = await works(orders)
    async with house.store.write() as tx:
        await accounts.pause(tx, house.views["shop"].id, who="ann")
    house.shops["shop"], house.faces["shop"] = Shop("shop-1"), "another secret"
    await house.configure()
    await house.start()
    assert orders.begun == 0
    assert (await house.account()).condition_reason == Pause.BY_PERSON


async def test_another_shop_behind_the_name_is_paused_until_the_right_one_answers(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS)
    house = await works(orders)
    await house.start()
    house.shops["shop"], house.faces["shop"] = Shop("somebody else"), "another URL"
    await house.configure()
    await house.start()
    await house.pass_by()
    assert orders.begun == 1
    (issue,) = await house.issues()
    assert (issue.kind, issue.why) == ("account.other_shop", "it was shop-1 and is now somebody else")
    house.shops["shop"], house.faces["shop"] = Shop("shop-1"), ""
    await house.configure()
    await house.until(lambda: orders.begun == 2)
    assert await house.issues() == []


async def test_a_shop_that_says_nothing_sensible_is_an_issue_until_it_does(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS)
    house = await works(orders)
    house.shops["shop"].says.append(ValueError("Erika"))
    await house.look()
    (issue,) = await house.issues()
    assert issue.kind == "account.unknown"
    assert issue.what == "shop does not say who it is; its flows wait"
    assert issue.todo == (
        "check the URL and the options of shop in entrepot.yaml; it is asked again by itself"
    )
    assert "Erika" not in issue.why
    await house.until(lambda: orders.begun == 1)
    assert await house.issues() == []


async def test_one_process_owns_an_account_until_it_gives_it_back(
    works: Opener, store: Store, clock: SetClock
) -> None:
    mine, theirs = TinyFlow(FlowName.ORDERS), TinyFlow(FlowName.ORDERS)
    first, second = await works(mine, owner="host:1"), await works(theirs, owner="host:2")
    await first.start()
    await second.look()
    await second.pass_by()
    assert (mine.begun, theirs.begun) == (1, 0)
    await first.runner.drain()
    await second.until(lambda: theirs.begun == 1)


async def test_an_account_that_a_dead_process_held_is_ours_after_end_all(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS)
    house = await works(orders)
    id = house.views["shop"].id
    async with house.store.write() as tx:
        dead = await leases.take_account(tx, id, "host:dead", 3600)
        assert dead is not None
        fence = await leases.take_flow(tx, dead, FlowName.ORDERS, 3600)
    await house.start()
    assert orders.begun == 0
    async with house.store.write() as tx:
        assert await leases.end_all(tx) == 1
    await house.start()
    assert orders.begun == 1
    with pytest.raises(LeaseLost):
        async with house.store.write(fence):
            raise AssertionError("a dead process's pass must not write")


async def test_an_account_that_was_taken_over_is_taken_back_when_it_is_free(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS)
    house = await works(orders)
    await house.start()
    id = house.views["shop"].id
    async with house.store.write() as tx:
        await leases.end_all(tx)
        other = await leases.take_account(tx, id, "other:2", 3600)
        assert other is not None
    await house.look()
    await house.pass_by()
    assert orders.begun == 1
    async with house.store.write() as tx:
        await leases.release_account(tx, other)
    await house.until(lambda: orders.begun == 2)


async def test_draining_lets_a_pass_end_starts_nothing_more_and_gives_the_leases_back(works: Opener) -> None:
    door = Door(PassResult(more=True))
    orders, review = TinyFlow(FlowName.ORDERS).then(door), TinyFlow(FlowName.REVIEW)
    house = await works(orders, review)
    await house.look()
    await reached(door)
    await house.until(lambda: review.begun == 1 and not review.running)
    draining = asyncio.create_task(house.runner.drain())
    await turns()
    begun = review.begun
    house.hint(FlowName.REVIEW)
    house.hint(FlowName.ORDERS)
    await house.runner.tick()
    door.let_go.set()
    assert await draining is True
    assert (orders.begun, review.begun) == (1, begun)
    assert (await house.state(FlowName.ORDERS)).more is True, "its end was recorded"
    assert house.shops["shop"].closed
    async with house.store.write() as tx:
        assert await leases.take_account(tx, house.views["shop"].id, "next:2", 60) is not None


async def test_a_pass_that_does_not_end_in_time_is_stopped_and_loses_its_lease(works: Opener) -> None:
    from dataclasses import replace

    from tests.integration.engine.workshop import QUICK

    door = Door()
    fences = []

    async def stuck(ctx: FlowContext) -> PassResult:
        fences.append(ctx.fence)
        return await door(ctx)

    house = await works(TinyFlow(FlowName.ORDERS).then(stuck), settings=replace(QUICK, drain_seconds=0.02))
    await house.look()
    await reached(door)
    assert await house.runner.drain() is False
    async with house.store.write() as tx:
        assert await leases.take_account(tx, house.views["shop"].id, "next:2", 60) is not None
    with pytest.raises(LeaseLost):
        async with house.store.write(fences[0]):
            raise AssertionError("a stopped pass must not write")


async def test_a_drain_stops_a_pass_of_an_account_that_is_gone_too(works: Opener) -> None:
    from dataclasses import replace

    from tests.integration.engine.workshop import QUICK

    door = Door()
    house = await works(TinyFlow(FlowName.ORDERS).then(door), settings=replace(QUICK, drain_seconds=0.02))
    shop = house.shops["shop"]
    await house.look()
    await reached(door)
    await house.runner.swap(House({}, house.house().rulebook))
    assert await house.runner.drain() is False
    assert shop.closed


async def test_a_connector_that_was_opened_anew_is_used_at_once_and_the_old_one_closed_after_its_pass(
    works: Opener,
) -> None:
    door = Door()
    orders = TinyFlow(FlowName.ORDERS).then(door)
    house = await works(orders)
    old = house.shops["shop"]
    await house.look()
    await reached(door)
    house.shops["shop"], house.faces["shop"] = Shop("shop-1"), "another secret"
    await house.configure()
    await turns()
    assert not old.closed
    house.clock.move(INTERVAL)
    door.let_go.set()
    await house.settle()
    await house.start()
    assert old.closed
    assert [ctx.connector for ctx in orders.contexts] == [old, house.shops["shop"]]


async def test_once_runs_what_is_due_and_what_that_wakes_and_says_what_it_did(works: Opener) -> None:
    async def wake(ctx: FlowContext) -> PassResult:
        ctx.hint(ctx.account.id, FlowName.REVIEW)
        return PassResult(handled=3, troubled=1)

    orders, review = TinyFlow(FlowName.ORDERS), TinyFlow(FlowName.REVIEW)
    push = TinyFlow(FlowName.PUSH_STOCK)
    house = await works(orders, review, push, names=("one", "two"), settings=SLOW)
    house.shops["two"].says.append(Unavailable("down"))
    await house.start()
    house.clock.move(timedelta(seconds=59))
    async with house.store.write() as tx:
        from sync.store import flow_states

        await flow_states.make_due(tx, house.views["one"].id, FlowName.ORDERS)
    orders.then(wake)
    report = await house.runner.once()
    assert (report.passes, report.handled, report.troubled) == (2, 3, 1)
    assert (report.waiting, report.failed, report.unfinished) == (["two"], [], False)
    assert (orders.begun, review.begun, push.begun) == (2, 2, 1)


async def test_once_runs_a_flow_that_is_named_though_it_is_not_due_and_no_other(works: Opener) -> None:
    orders, review = TinyFlow(FlowName.ORDERS), TinyFlow(FlowName.REVIEW)
    house = await works(orders, review, names=("one", "two"))
    await house.start()
    orders.then(ValueError("x"))
    report = await house.runner.once(["one"], [FlowName.ORDERS])
    assert (orders.begun, review.begun) == (3, 2)
    assert (report.passes, report.failed) == (1, [("one", "orders")])


async def test_once_ends_at_its_bound_and_says_so(works: Opener) -> None:
    door = Door()
    house = await works(TinyFlow(FlowName.ORDERS).then(door))
    report = await house.runner.once(seconds=0.2)
    assert report.unfinished is True
    door.let_go.set()


async def test_a_shop_that_never_answers_becomes_an_issue_that_its_answer_clears(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS)
    house = await works(orders)
    house.shops["shop"].says.extend(Unavailable("down") for _ in range(6))
    await house.until(lambda: desk(house).failures >= 5)  # type: ignore[attr-defined]
    await house.settle()
    (issue,) = await house.issues()
    assert issue.kind == "account.unknown"
    await house.until(lambda: orders.begun == 1)
    await house.settle()
    assert await house.issues() == []
