"""Points are waited for before a request is sent, and the more important call gets them first."""

import asyncio
from datetime import timedelta

import pytest

from connectors.contract import Deadline, Throttled
from connectors.contract.lanes import Lane, in_lane
from connectors.storefronts.shopify.budget import Budget
from connectors.storefronts.shopify.payloads import Cost, Throttle


def told(there: float, *, rate: float = 1000, most: float = 1000, wanted: float | None = None) -> Cost:
    return Cost(wanted, None, Throttle(most, there, rate))


async def test_nobody_waits_before_the_bucket_is_known() -> None:
    await Budget().take(900, Deadline.after(0.01))


async def test_what_is_held_by_one_call_is_not_there_for_another() -> None:
    budget = Budget()
    budget.tell(told(100, rate=0.001, most=100))
    await budget.take(80, Deadline.after(1))
    with pytest.raises(Throttled):
        await budget.take(80, Deadline.after(1))


async def test_points_that_were_given_back_are_taken_at_once() -> None:
    budget = Budget()
    budget.tell(told(100, rate=1, most=100))
    await budget.take(80, Deadline.after(1))
    waiting = asyncio.create_task(budget.take(80, Deadline.after(100)))
    await asyncio.sleep(0)
    budget.give_back(80)
    budget.tell(told(100, rate=1, most=100))
    await asyncio.wait_for(waiting, 2)


async def test_a_wait_beyond_the_deadline_is_told_at_once() -> None:
    budget = Budget()
    budget.tell(told(0, rate=1))
    with pytest.raises(Throttled) as error:
        await budget.take(50, Deadline.after(5))
    assert error.value.retry_after is not None
    assert timedelta(seconds=45) < error.value.retry_after <= timedelta(seconds=50)


async def test_orders_go_before_content_when_points_are_short() -> None:
    budget = Budget()
    budget.tell(told(0, rate=500))
    done: list[str] = []

    async def call(name: str, lane: Lane) -> None:
        with in_lane(lane):
            await budget.take(60, Deadline.after(10))
        done.append(name)

    async with asyncio.TaskGroup() as calls:
        calls.create_task(call("content", Lane.CONTENT))
        calls.create_task(call("orders", Lane.ORDERS))
    assert done == ["orders", "content"]


async def test_a_request_dearer_than_the_bucket_waits_for_a_full_one_only() -> None:
    budget = Budget()
    budget.tell(told(100, rate=1, most=100))
    await budget.take(5000, Deadline.after(1))


def test_the_price_of_a_request_is_the_last_one_told() -> None:
    budget = Budget()
    assert budget.price("orders 25", 400) == 400
    budget.learn("orders 25", told(0, wanted=123))
    budget.learn("orders 25", None)
    assert budget.price("orders 25", 400) == 123


@pytest.mark.parametrize(
    ("cost", "wait"),
    [
        (told(100, rate=50, wanted=350), timedelta(seconds=5)),
        (told(100, rate=50, wanted=50), timedelta(0)),
        (told(0, rate=100, most=1000, wanted=9000), timedelta(seconds=10)),
        (told(0, rate=0, wanted=10), None),
        (Cost(10), None),
        (None, None),
    ],
)
def test_a_throttled_request_s_wait_is_what_it_lacks_by_what_comes_back(
    cost: Cost | None, wait: timedelta | None
) -> None:
    assert Budget().short_by(cost) == wait
