"""An account that keeps failing is left alone and probed; an outage is told once, and its end once."""

import asyncio
import json
from io import StringIO

import pytest
from loopback_vendor import World, hangs_up, says

from connectors.contract import Deadline, Limits, Refused, Throttled, Unavailable
from connectors.contract.lanes import Lane, in_lane
from connectors.transport import BreakerPolicy, Call, Patience, Safety, Uncertain
from connectors.transport.breaker import Breaker, BreakerOpen
from sync.telemetry.logs import LogForm, set_up_logs
from sync.telemetry.metrics import REGISTRY

READ = Call("page.read", "GET", "/page", Safety.READ)
CREATE = Call("thing.make", "POST", "/thing", Safety.CREATING, body=b"{}")
ONCE = Patience(attempts=1)


class Hand:
    """A clock for the breaker."""

    def __init__(self) -> None:
        self.at = 0.0
        self.shown: list[float] = []

    def breaker(self) -> Breaker:
        return Breaker(
            BreakerPolicy(failures=3, rest=10, longest_rest=40), lambda: self.at, self.shown.append
        )


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        breaker.failed(breaker.admit())


def test_it_opens_after_failures_in_a_row_only() -> None:
    hand = Hand()
    breaker = hand.breaker()
    fail(breaker, 2)
    breaker.succeeded()
    fail(breaker, 2)
    assert not breaker.is_open
    fail(breaker)
    assert breaker.is_open
    assert hand.shown == [1]


def test_while_it_rests_nothing_is_let_through_and_the_wait_is_told() -> None:
    hand = Hand()
    breaker = hand.breaker()
    fail(breaker, 3)
    hand.at = 4.0
    with pytest.raises(BreakerOpen) as error:
        breaker.admit()
    assert error.value.wait == 6.0


def test_after_the_rest_one_probe_goes_and_its_success_closes_it() -> None:
    hand = Hand()
    breaker = hand.breaker()
    fail(breaker, 3)
    hand.at = 10.0
    assert breaker.admit() is True
    with pytest.raises(BreakerOpen):
        breaker.admit()
    breaker.succeeded()
    assert (breaker.admit(), hand.shown) == (False, [1, 0])


def test_a_failed_probe_doubles_the_rest_up_to_the_longest() -> None:
    hand = Hand()
    breaker = hand.breaker()
    fail(breaker, 3)
    rests = []
    for _ in range(4):
        with pytest.raises(BreakerOpen) as error:
            breaker.check()
        rests.append(error.value.wait)
        hand.at += error.value.wait
        fail(breaker)
    assert rests == [10, 20, 40, 40]


def test_a_probe_that_is_given_up_lets_another_one_go() -> None:
    hand = Hand()
    breaker = hand.breaker()
    fail(breaker, 3)
    hand.at = 10.0
    breaker.gave_up(breaker.admit())
    assert breaker.admit() is True


def test_a_late_failure_of_an_old_call_is_not_taken_for_the_probes() -> None:
    hand = Hand()
    breaker = hand.breaker()
    old = breaker.admit()
    fail(breaker, 3)
    hand.at = 10.0
    breaker.admit()
    breaker.failed(old)
    breaker.gave_up(old)
    with pytest.raises(BreakerOpen):
        breaker.admit()


@pytest.mark.parametrize("call", [READ, CREATE], ids=["read", "creating"])
async def test_an_account_that_is_out_is_not_called_while_it_rests(world: World, call: Call) -> None:
    world.vendor.will(hangs_up)
    transport = world.transport(patience=ONCE, breaker=BreakerPolicy(failures=3, rest=3600))
    for _ in range(3):
        with pytest.raises((Unavailable, Uncertain)):
            await transport.send(call, Deadline.after(5))
    with pytest.raises(Unavailable, match="not called, since the last calls failed"):
        await transport.send(call, Deadline.after(5))
    assert len(world.vendor.asked) == 3
    labels = {"account": "shop-1", "connector": "testshop"}
    assert REGISTRY.get_sample_value("entrepot_breaker_open", labels) == 1


@pytest.mark.parametrize("status", [500, 404, 429, 401])
async def test_one_request_that_fails_does_not_shut_off_the_account(world: World, status: int) -> None:
    world.vendor.will(*[says(status)] * 5, says(200, b"fine"))
    transport = world.transport(patience=ONCE, breaker=BreakerPolicy(failures=3, rest=3600))
    for _ in range(5):
        with pytest.raises(Exception, match="shop-1"):
            await transport.send(READ, Deadline.after(0.02 if status == 429 else 5))
        await asyncio.sleep(0.001)
    if status != 429:
        assert (await transport.send(READ, Deadline.after(5))).body == b"fine"


async def test_an_outage_is_told_once_and_its_end_once(world: World) -> None:
    lines = StringIO()
    set_up_logs(LogForm.JSON, "INFO", lines)
    world.vendor.will(*[hangs_up] * 6, says(200))
    transport = world.transport()
    for _ in range(2):
        with pytest.raises(Unavailable):
            await transport.send(READ, Deadline.after(5))
    for _ in range(2):
        await transport.send(READ, Deadline.after(5))
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [(each["event"], each["what"]) for each in told] == [("out", "shop-1"), ("back", "shop-1")]


async def test_an_outage_that_ends_with_a_refusal_has_ended(world: World) -> None:
    lines = StringIO()
    set_up_logs(LogForm.JSON, "INFO", lines)
    world.vendor.will(*[hangs_up] * 3, says(404))
    transport = world.transport()
    with pytest.raises(Unavailable):
        await transport.send(READ, Deadline.after(5))
    with pytest.raises(Refused):
        await transport.send(READ, Deadline.after(5))
    assert [json.loads(line)["event"] for line in lines.getvalue().splitlines()] == ["out", "back"]


async def test_the_lane_of_the_pass_decides_whose_call_goes_first(world: World) -> None:
    transport = world.transport(limits=Limits(concurrency=1, total_seconds=5))
    went = []

    async def one(lane: Lane) -> None:
        with in_lane(lane):
            await transport.send(READ, Deadline.after(5))
            went.append(lane)

    came = [Lane.ORDERS, Lane.CONTENT, Lane.PRICES, Lane.SHIPMENTS, Lane.ORDERS]
    await asyncio.gather(*(one(lane) for lane in came))
    assert went == sorted(came)


async def test_every_attempt_is_counted_by_how_it_ended(world: World) -> None:
    def counted(outcome: str) -> float:
        labels = {"account": "counted", "connector": "testshop", "operation": "page.read", "outcome": outcome}
        return REGISTRY.get_sample_value("entrepot_api_calls_total", labels) or 0

    world.vendor.will(hangs_up, says(429), says(200), says(404), says(401), says(200, b"x" * 2000))
    transport = world.transport(account="counted", limits=Limits(answer_bytes=1000))
    await transport.send(READ, Deadline.after(5))
    for _ in range(3):
        with pytest.raises(Exception, match="counted"):
            await transport.send(READ, Deadline.after(5))
    outcomes = ["unavailable", "throttled", "ok", "refused", "auth", "bad_answer", "uncertain"]
    assert [counted(each) for each in outcomes] == [1, 1, 1, 1, 1, 1, 0]
    labels = {"account": "counted", "connector": "testshop", "operation": "page.read"}
    assert REGISTRY.get_sample_value("entrepot_throttled_total", labels) == 1
    assert REGISTRY.get_sample_value("entrepot_api_seconds_count", labels) == 6


async def test_a_call_that_waits_in_vain_is_not_counted_as_a_request(world: World) -> None:
    transport = world.transport(account="waiting")
    transport.pace.pause(["account"], 3600)
    with pytest.raises(Throttled, match="waits for the vendor's rate limit"):
        await transport.send(READ, Deadline.after(1))
    labels = {"account": "waiting", "connector": "testshop", "operation": "page.read", "outcome": "throttled"}
    assert REGISTRY.get_sample_value("entrepot_api_calls_total", labels) is None
    assert (
        REGISTRY.get_sample_value("entrepot_pace_waiting", {k: labels[k] for k in ("account", "connector")})
        == 0
    )


async def test_a_cancelled_call_is_counted_and_gives_its_place_back(world: World) -> None:
    arrived = asyncio.Event()

    async def never(writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await asyncio.sleep(60)

    world.vendor.will(never, says(200))
    transport = world.transport(account="cancelled", limits=Limits(concurrency=1))
    call = asyncio.ensure_future(transport.send(READ, Deadline.after(50)))
    await arrived.wait()
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await transport.send(READ, Deadline.after(5))
    labels = {
        "account": "cancelled",
        "connector": "testshop",
        "operation": "page.read",
        "outcome": "cancelled",
    }
    assert REGISTRY.get_sample_value("entrepot_api_calls_total", labels) == 1
