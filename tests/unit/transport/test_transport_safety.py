"""What is tried again, what is not, and what an answer means: every failure against every safety."""

from datetime import UTC, datetime, timedelta

import pytest
from loopback_vendor import Script, World, breaks_off, drips, hangs_up, is_silent, says

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    Deadline,
    Limits,
    Refused,
    Throttled,
    Unavailable,
)
from connectors.transport import Answer, Call, Safety, Uncertain

ALWAYS: list[tuple[str, Script]] = [
    ("dropped", hangs_up),
    ("silent", is_silent),
    ("half an answer", breaks_off),
    ("a byte now and then", drips),
    ("500", says(500)),
    ("502", says(502)),
    ("503", says(503)),
    ("504", says(504)),
    ("408", says(408)),
]


def call(safety: Safety, **more: object) -> Call:
    return Call("thing.do", "POST", "/thing", safety, body=b"{}", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("script", [each for _, each in ALWAYS], ids=[name for name, _ in ALWAYS])
@pytest.mark.parametrize("safety", [Safety.READ, Safety.ABSOLUTE])
async def test_reads_and_absolute_writes_are_tried_three_times_and_then_unavailable(
    world: World, script: Script, safety: Safety
) -> None:
    world.vendor.will(script)
    with pytest.raises(Unavailable, match=r"^shop-1: thing\.do: "):
        await world.transport().send(call(safety), Deadline.after(20))
    assert len(world.vendor.asked) == 3


@pytest.mark.parametrize("script", [each for _, each in ALWAYS], ids=[name for name, _ in ALWAYS])
async def test_a_creating_call_that_may_have_arrived_is_sent_once_and_is_uncertain(
    world: World, script: Script
) -> None:
    world.vendor.will(script)
    with pytest.raises(Uncertain, match=r"^shop-1: thing\.do: "):
        await world.transport().send(call(Safety.CREATING), Deadline.after(20))
    assert len(world.vendor.asked) == 1


@pytest.mark.parametrize("safety", list(Safety))
async def test_nobody_listening_is_unavailable_for_every_safety(world: World, safety: Safety) -> None:
    transport = world.transport(base_url="http://127.0.0.1:1")
    with pytest.raises(Unavailable, match="no connection"):
        await transport.send(call(safety), Deadline.after(5))


@pytest.mark.parametrize("safety", list(Safety))
async def test_a_throttled_call_did_nothing_and_is_tried_again(world: World, safety: Safety) -> None:
    world.vendor.will(says(429), says(429), says(200, b"done"))
    answer = await world.transport().send(call(safety), Deadline.after(5))
    assert (answer.body, len(world.vendor.asked)) == (b"done", 3)


@pytest.mark.parametrize("safety", list(Safety))
@pytest.mark.parametrize("told", ["3600", "Mon, 02 Mar 2026 13:00:00 GMT"])
async def test_a_wait_longer_than_the_deadline_is_throttled_with_the_vendors_word(
    world: World, safety: Safety, told: str
) -> None:
    world.vendor.will(says(429, Retry_After=told))
    with pytest.raises(Throttled) as error:
        await world.transport().send(call(safety), Deadline.after(5))
    assert len(world.vendor.asked) == 1
    assert error.value.retry_after is not None
    assert timedelta(seconds=3590) < error.value.retry_after <= timedelta(seconds=3600)


async def test_a_retry_after_date_counts_from_the_vendors_own_clock(world: World) -> None:
    hour_off = {"Date": "Mon, 02 Mar 2026 15:00:00 GMT", "Retry_After": "Mon, 02 Mar 2026 15:10:00 GMT"}
    world.vendor.will(says(429, **hour_off))
    with pytest.raises(Throttled) as error:
        await world.transport().send(call(Safety.READ), Deadline.after(5))
    assert error.value.retry_after is not None
    assert timedelta(seconds=590) < error.value.retry_after <= timedelta(seconds=600)


async def test_a_throttled_account_lets_no_other_call_go_meanwhile(world: World) -> None:
    transport = world.transport()
    world.vendor.will(says(429, Retry_After="3600"))
    for _ in range(2):
        with pytest.raises(Throttled):
            await transport.send(call(Safety.READ), Deadline.after(5))
    assert len(world.vendor.asked) == 1


@pytest.mark.parametrize("safety", list(Safety))
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Refused),
        (404, Refused),
        (409, Refused),
        (422, Refused),
        (401, AuthRejected),
        (403, AuthRejected),
    ],
)
async def test_a_plain_no_is_not_tried_again(
    world: World, safety: Safety, status: int, error: type[Exception]
) -> None:
    world.vendor.will(says(status))
    with pytest.raises(error, match=f"{status}"):
        await world.transport().send(call(safety), Deadline.after(5))
    assert len(world.vendor.asked) == 1


@pytest.mark.parametrize("status", [401, 403, 404, 409, 500, 503])
async def test_a_status_that_the_connector_accepts_is_an_answer_with_its_body(
    world: World, status: int
) -> None:
    world.vendor.will(says(status, b"why"))
    answer = await world.transport().send(
        call(Safety.CREATING, accept=frozenset({status})), Deadline.after(5)
    )
    assert (answer.status, answer.body) == (status, b"why")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_never_followed(world: World, status: int) -> None:
    world.vendor.will(says(status, Location=f"{world.vendor.url}/elsewhere"))
    with pytest.raises(Refused, match="redirects"):
        await world.transport().send(call(Safety.READ), Deadline.after(5))
    assert [each.target for each in world.vendor.asked] == ["/thing"]


@pytest.mark.parametrize("status", [302, 303])
async def test_a_creating_call_that_is_sent_elsewhere_may_have_been_done(world: World, status: int) -> None:
    world.vendor.will(says(status, Location="/done"))
    with pytest.raises(Uncertain):
        await world.transport().send(call(Safety.CREATING), Deadline.after(5))


async def test_the_deadline_holds_against_a_slow_drip_and_is_not_the_vendors_outage(world: World) -> None:
    world.vendor.will(drips, says(200, b"ok"))
    transport = world.transport(limits=Limits(read_seconds=5, total_seconds=60))
    with pytest.raises(Unavailable, match="no whole answer in time"):
        await transport.send(call(Safety.READ), Deadline.after(0.2))
    assert len(world.vendor.asked) == 1


async def test_a_call_whose_deadline_is_over_is_not_sent(world: World) -> None:
    with pytest.raises(Throttled):
        await world.transport().send(call(Safety.CREATING), Deadline.after(-1))
    assert world.vendor.asked == []


async def test_unavailable_carries_the_vendors_wait(world: World) -> None:
    world.vendor.will(says(503, Retry_After="120"))
    with pytest.raises(Unavailable) as error:
        await world.transport().send(call(Safety.READ), Deadline.after(5))
    assert error.value.retry_after == timedelta(seconds=120)
    assert len(world.vendor.asked) == 1


async def test_an_outage_that_ends_in_time_is_not_seen(world: World) -> None:
    world.vendor.will(hangs_up, says(503), says(200, b"fine"))
    answer = await world.transport().send(call(Safety.ABSOLUTE), Deadline.after(5))
    assert answer.body == b"fine"


async def test_the_judge_may_object_to_a_200(world: World) -> None:
    def judge(answer: Answer) -> None:
        if b"errors" in answer.body:
            raise Refused("the shop says no")

    world.vendor.will(says(200, b'{"errors":[]}'))
    with pytest.raises(Refused, match="the shop says no"):
        await world.transport(judge=judge).send(call(Safety.CREATING), Deadline.after(5))


@pytest.mark.parametrize("objection", [Unavailable("internal"), BadAnswer("not as described")])
async def test_a_judge_that_cannot_tell_makes_a_creating_call_uncertain(
    world: World, objection: Exception
) -> None:
    def judge(answer: Answer) -> None:
        raise objection

    with pytest.raises(Uncertain):
        await world.transport(judge=judge).send(call(Safety.CREATING), Deadline.after(5))
    assert len(world.vendor.asked) == 1


async def test_a_judge_that_sees_a_throttle_in_a_200_has_the_call_tried_again(world: World) -> None:
    def judge(answer: Answer) -> None:
        if answer.body == b"slow down":
            raise Throttled("the shop's budget is used up")

    world.vendor.will(says(200, b"slow down"), says(200, b"ok"))
    answer = await world.transport(judge=judge).send(call(Safety.CREATING), Deadline.after(5))
    assert answer.body == b"ok"


async def test_an_answer_tells_when_it_was_asked_and_the_vendors_date(world: World) -> None:
    world.vendor.will(says(200, b"{}", Date="Mon, 02 Mar 2026 11:59:30 GMT", X_Total="7"))
    answer = await world.transport().send(call(Safety.READ), Deadline.after(5))
    assert answer.begun_at == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert answer.vendor_date == datetime(2026, 3, 2, 11, 59, 30, tzinfo=UTC)
    assert answer.headers["x-total"] == "7"
