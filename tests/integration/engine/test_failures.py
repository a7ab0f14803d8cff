"""What a failed pass leads to: back-off, patience, an issue, a line in the log; never an exception in the engine."""

import asyncio
import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import BadAnswer, Throttled, Unavailable
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.store import broken, flow_states, issues, leases
from sync.store.database import LeaseLost
from tests.integration.engine.conftest import Opener
from tests.integration.engine.workshop import INTERVAL, NOON, QUICK, SLOW, Door, TinyFlow, metric, reached

SECOND = timedelta(seconds=1)


def lines(log: io.StringIO, *events: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in found if line["event"] in events]


async def test_back_off_grows_with_each_failure_and_is_forgotten_after_a_success(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS).then(*[ValueError("x")] * 5)
    house = await works(orders, settings=SLOW)
    await house.start()
    waits = []
    for failures in range(1, 6):
        state = await house.state(FlowName.ORDERS)
        assert (state.attempts, orders.begun) == (failures, failures)
        assert state.next_due_at is not None
        waits.append((state.next_due_at - house.clock.now()).total_seconds())
        await house.pass_by(state.next_due_at - house.clock.now())
    for number, wait in enumerate(waits):  # from half of 2, 4, 8, 16 and 32 seconds to the whole
        assert 2.0**number <= wait <= 2.0 ** (number + 1)
    state = await house.state(FlowName.ORDERS)
    assert (state.attempts, state.last_error) == (0, None)
    assert state.next_due_at == house.clock.now() + INTERVAL
    orders.then(ValueError("x"))
    await house.pass_by()
    assert (await house.state(FlowName.ORDERS)).attempts == 1


async def test_back_off_has_a_cap(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS).then(ValueError("x"))
    house = await works(orders, settings=SLOW)
    async with house.store.write() as tx:
        await flow_states.ensure(tx, house.views["shop"].id, FlowName.ORDERS)
        from sqlalchemy import text

        await tx.run(text("UPDATE flow_state SET attempts = 5000"))
    await house.start()
    state = await house.state(FlowName.ORDERS)
    assert state.next_due_at is not None
    assert timedelta(seconds=300) <= state.next_due_at - NOON <= timedelta(seconds=600)


@pytest.mark.parametrize("error", [ValueError("x"), Unavailable("no answer"), Throttled("later")])
@pytest.mark.parametrize("between", ["nothing", "a reload", "a command"])
async def test_a_hint_never_cuts_a_back_off_short(works: Opener, error: Exception, between: str) -> None:
    orders = TinyFlow(FlowName.ORDERS).then(error)
    house = await works(orders, settings=SLOW)
    await house.start()
    if between == "a reload":
        await house.runner.swap(house.house())
    if between == "a command":
        await house.runner.refresh()
    house.hint(FlowName.ORDERS)
    await house.tick()
    assert orders.begun == 1
    await house.pass_by(timedelta(seconds=2))
    assert orders.begun == 2


async def test_a_hint_during_a_pass_that_fails_does_not_cut_its_back_off_short(works: Opener) -> None:
    async def fail(ctx: FlowContext) -> PassResult:
        ctx.hint(ctx.account.id, FlowName.ORDERS)
        raise ValueError("x")

    orders = TinyFlow(FlowName.ORDERS).then(fail)
    house = await works(orders, settings=SLOW)
    await house.start()
    assert orders.begun == 1


async def test_the_vendors_word_how_long_to_wait_is_kept_and_is_no_failure(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS).then(Throttled("slow down", retry_after=timedelta(seconds=90)))
    house = await works(orders)
    failed = metric("passes_total", account="shop", flow="orders", outcome="failed")
    throttled = metric("passes_total", account="shop", flow="orders", outcome="throttled")
    await house.start()
    state = await house.state(FlowName.ORDERS)
    assert (state.attempts, state.next_due_at) == (0, NOON + timedelta(seconds=90))
    assert await house.issues() == []
    assert metric("passes_total", account="shop", flow="orders", outcome="failed") == failed
    assert metric("passes_total", account="shop", flow="orders", outcome="throttled") == throttled + 1
    await house.pass_by(timedelta(seconds=89))
    assert orders.begun == 1
    await house.pass_by(SECOND)
    assert orders.begun == 2


async def test_being_told_to_wait_again_and_again_grows_nothing_and_is_no_outage(
    works: Opener, log: io.StringIO
) -> None:
    orders = TinyFlow(FlowName.ORDERS).then(*[Throttled("later", retry_after=SECOND)] * 8)
    house = await works(orders)
    await house.start()
    for _ in range(7):
        await house.pass_by(SECOND)
    assert (orders.begun, (await house.state(FlowName.ORDERS)).attempts) == (8, 0)
    assert lines(log, "out", "pass failed") == []


async def test_an_outage_waits_at_least_as_long_as_the_vendor_said(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS).then(Unavailable("503", retry_after=timedelta(seconds=300)))
    house = await works(orders)
    await house.start()
    state = await house.state(FlowName.ORDERS)
    assert (state.attempts, state.next_due_at) == (1, NOON + timedelta(seconds=300))


async def test_an_outage_is_told_once_and_its_end_once(works: Opener, log: io.StringIO) -> None:
    down = [Unavailable("shop cannot be reached")] * 4
    orders, review = TinyFlow(FlowName.ORDERS).then(*down), TinyFlow(FlowName.REVIEW).then(*down)
    house = await works(orders, review)
    await house.start()
    for _ in range(6):
        await house.pass_by()
    told = [(line["event"], line["what"]) for line in lines(log, "out", "back")]
    assert told == [("out", "shop"), ("back", "shop")]


async def test_one_flow_that_gets_no_answer_is_told_once_though_the_others_go_well(
    works: Opener, log: io.StringIO
) -> None:
    orders, review = TinyFlow(FlowName.ORDERS), TinyFlow(FlowName.REVIEW)
    orders.then(*[Unavailable("orders cannot be read")] * 6)
    house = await works(orders, review)
    await house.start()
    for _ in range(5):
        await house.pass_by()
    assert review.begun == 6
    assert [line["event"] for line in lines(log, "out", "back")] == ["out"]
    await house.pass_by()
    assert [line["event"] for line in lines(log, "out", "back")] == ["out", "back"]


async def test_the_first_answer_after_an_outage_ends_the_back_off_of_all_that_met_it(works: Opener) -> None:
    fine = [PassResult()] * 5
    down, asked_to_wait = Unavailable("shop is away"), Unavailable("503", retry_after=timedelta(hours=2))
    orders, review = TinyFlow(FlowName.ORDERS).then(*fine, down), TinyFlow(FlowName.REVIEW).then(*[down] * 7)
    catalogue = TinyFlow(FlowName.CATALOGUE).then(*fine, asked_to_wait)
    prices = TinyFlow(FlowName.PUSH_PRICES).then(
        *fine[1:], down, Throttled("429", retry_after=timedelta(hours=2))
    )
    house = await works(orders, review, catalogue, prices, settings=SLOW)
    await house.start()
    for _ in range(5):
        await house.pass_by()
    state = await house.state(FlowName.REVIEW)
    assert state.attempts == 6
    assert state.next_due_at is not None
    assert state.next_due_at > house.clock.now() + 3 * SECOND
    await house.pass_by(2 * SECOND)  # the orders are answered again
    assert (orders.begun, review.begun) == (7, 7)
    assert (await house.state(FlowName.REVIEW)).attempts == 7, "its back-off goes on where it is still away"
    assert (catalogue.begun, prices.begun) == (6, 6), "who was told until when to wait waits"


async def test_half_of_a_vendor_that_is_away_is_not_asked_with_every_answer_of_the_other(
    works: Opener,
) -> None:
    orders, review = TinyFlow(FlowName.ORDERS), TinyFlow(FlowName.REVIEW)
    review.then(*[Unavailable("half of it is away")] * 9)
    house = await works(orders, review)
    await house.start()
    for _ in range(5):
        await house.pass_by()
    tried = review.begun
    for _ in range(3):
        house.hint(FlowName.ORDERS)
        await house.settle()
    assert (orders.begun, review.begun) == (9, tried)


async def test_an_outage_becomes_one_issue_after_five_tries_and_ends_with_the_next_success(
    works: Opener,
) -> None:
    orders = TinyFlow(FlowName.ORDERS).then(*[Unavailable("shop: connection refused")] * 7)
    house = await works(orders)
    await house.start()
    for tries in range(1, 8):
        found = await house.issues()
        assert [each.kind for each in found] == (["account.unavailable"] if tries >= 5 else [])
        await house.pass_by()
    assert found[0].what == "shop does not answer the flow orders: 7 tries in a row failed"
    assert found[0].why == "shop: connection refused"
    assert found[0].todo == "look whether shop can be reached; it is tried again by itself"
    assert await house.issues() == []


async def test_an_exception_in_a_flow_is_an_issue_until_the_flow_succeeds(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS).then(ValueError("x"), ValueError("x"))
    house = await works(orders)
    await house.start()
    await house.pass_by()
    (issue,) = await house.issues()
    assert (issue.kind, issue.subject) == ("flow.failed", "orders")
    assert issue.what == "The flow orders of shop fails"
    assert issue.todo.startswith("it is tried again by itself; if this stays, look at the log lines")
    await house.pass_by()
    assert await house.issues() == []


async def test_a_failing_flow_stops_no_other_flow_and_no_other_account(works: Opener) -> None:
    async def fail_at_one(ctx: FlowContext) -> PassResult:
        if ctx.account.name == "one":
            raise ValueError("x")
        return PassResult(handled=1)

    orders = TinyFlow(FlowName.ORDERS).then(*[fail_at_one] * 2)
    review = TinyFlow(FlowName.REVIEW)
    house = await works(orders, review, names=("one", "two"))
    await house.start()
    assert (await house.state(FlowName.ORDERS, "one")).attempts == 1
    assert (await house.state(FlowName.ORDERS, "two")).last_success_at == NOON
    assert (await house.state(FlowName.REVIEW, "one")).last_success_at == NOON


async def test_the_message_of_an_unforeseen_exception_is_nowhere_shown(
    works: Opener, log: io.StringIO
) -> None:
    orders = TinyFlow(FlowName.ORDERS).then(ValueError("Erika Mustermann, Hauptstr. 1"))
    house = await works(orders)
    await house.start()
    (issue,) = await house.issues()
    assert issue.why.startswith("ValueError at ")
    shown = " ".join(
        [issue.what, issue.why, issue.todo, (await house.state(FlowName.ORDERS)).last_error or ""]
    )
    assert "Mustermann" not in shown + log.getvalue()
    assert lines(log, "pass failed")[0]["account"] == "shop"
    assert lines(log, "pass failed")[0]["flow"] == "orders"


async def test_an_answer_that_fits_no_description_is_kept_sealed(works: Opener, log: io.StringIO) -> None:
    orders = TinyFlow(FlowName.ORDERS).then(BadAnswer("page 1 is no JSON", sample=b"<html>Erika"))
    house = await works(orders)
    await house.start()
    (issue,) = await house.issues()
    assert (issue.kind, issue.why) == ("flow.failed", "page 1 is no JSON")
    async with house.store.read() as tx:
        from sqlalchemy import text

        (row,) = await tx.all(text("SELECT feed, why, raw_sealed FROM broken_record"))
    assert (row.feed, row.why) == ("orders", "page 1 is no JSON")
    assert b"Erika" not in row.raw_sealed
    assert "Erika" not in log.getvalue()
    assert broken is not None


@pytest.mark.parametrize(
    ("leaves", "kind", "attempts"),
    [
        ((Throttled("t", retry_after=SECOND), Unavailable("down", retry_after=SECOND)), "outage", 1),
        ((Throttled("t", retry_after=SECOND), Throttled("t")), "patience", 0),
        ((ValueError("x"), KeyError("y")), "flow", 1),
    ],
)
async def test_of_several_exceptions_at_once_the_gravest_counts(
    works: Opener, leaves: tuple[Exception, ...], kind: str, attempts: int
) -> None:
    orders = TinyFlow(FlowName.ORDERS).then(ExceptionGroup("several", list(leaves)))
    house = await works(orders)
    await house.start()
    state = await house.state(FlowName.ORDERS)
    assert state.attempts == attempts
    assert [each.kind for each in await house.issues()] == (["flow.failed"] if kind == "flow" else [])


async def test_a_pass_that_takes_too_long_is_stopped_and_is_a_failure(works: Opener) -> None:
    orders = TinyFlow(FlowName.ORDERS).then(Door())
    house = await works(orders, settings=replace(QUICK, pass_limit_seconds=0.02))
    await house.start()
    assert orders.running == 0
    (issue,) = await house.issues()
    assert issue.why.startswith("PassTooLong")


async def test_a_flows_own_time_limit_is_not_taken_for_the_engines(works: Opener) -> None:
    async def limited(ctx: FlowContext) -> PassResult:
        async with asyncio.timeout(0.001):
            await asyncio.sleep(5)
        return PassResult()

    house = await works(TinyFlow(FlowName.ORDERS).then(limited))
    await house.start()
    (issue,) = await house.issues()
    assert issue.why.startswith("TimeoutError")


async def test_a_pass_that_lost_its_lease_writes_nothing_and_fails_nothing(works: Opener) -> None:
    door, caught = Door(), []

    async def late(ctx: FlowContext) -> PassResult:
        await door(ctx)
        try:
            async with ctx.store.write(ctx.fence) as tx:
                await issues.raise_issue(tx, key="k", kind="late", what="w", why="y", todo="t")
        except LeaseLost as error:
            caught.append(error)
            raise
        return PassResult()

    orders = TinyFlow(FlowName.ORDERS).then(late)
    house = await works(orders)
    lost = metric("lease_lost_total", account="shop", flow="orders")
    await house.look()
    await reached(door)
    async with house.store.write() as tx:  # another process takes the account while this one is frozen
        await leases.end_all(tx)
        taken = await leases.take_account(tx, house.views["shop"].id, "other:2", 60)
    assert taken is not None
    door.let_go.set()
    await house.settle()
    assert len(caught) == 1
    state = await house.state(FlowName.ORDERS)
    assert (state.attempts, state.last_error, state.last_success_at) == (0, None, None)
    assert await house.issues() == []
    assert metric("lease_lost_total", account="shop", flow="orders") == lost + 1


async def test_an_end_that_comes_after_the_lease_was_lost_is_not_recorded(works: Opener) -> None:
    door = Door()
    orders = TinyFlow(FlowName.ORDERS).then(door)
    house = await works(orders)
    await house.look()
    await reached(door)
    async with house.store.write() as tx:
        await leases.end_all(tx)
        await leases.take_account(tx, house.views["shop"].id, "other:2", 60)
    door.let_go.set()
    await house.settle()
    assert (await house.state(FlowName.ORDERS)).last_success_at is None
    house.hint(FlowName.ORDERS)
    await house.tick()
    assert orders.begun == 1, "the account is another process's now"


async def test_a_clock_that_was_set_back_lets_no_key_wait_for_days(works: Opener, log: io.StringIO) -> None:
    orders = TinyFlow(FlowName.ORDERS)
    house = await works(orders)
    await house.start()
    house.clock.move(timedelta(days=-3))
    await house.tick()
    state = await house.state(FlowName.ORDERS)
    assert state.next_due_at == house.clock.now() + timedelta(seconds=600)
    (line,) = lines(log, "the clock was set back; check the machine's time")
    assert line["seconds"] == 3 * 24 * 3600
    await house.pass_by(timedelta(seconds=600))
    assert orders.begun == 2
