"""Which of the due keys a tick starts."""

import asyncio

from sync.domain.ids import AccountId
from sync.engine.keys import Key, Keys
from sync.flows.flow import Flow, FlowName
from tests.integration.engine.conftest import Opener
from tests.integration.engine.workshop import TinyFlow


async def keys_of(works: Opener, *flows: Flow) -> tuple[Keys, AccountId]:
    house = await works(*flows)
    keys = Keys(flows)
    keys.swap(house.house(), [], house.clock.now())
    return keys, house.views["shop"].id


def named(found: list[Key]) -> list[FlowName]:
    return [key.flow.name for key in found]


async def test_due_keys_are_started_in_the_declared_order(works: Opener) -> None:
    keys, shop = await keys_of(works, TinyFlow(FlowName.CATALOGUE), TinyFlow(FlowName.ORDERS))
    due = [(shop, "catalogue"), (shop, "orders"), (shop, "attended")]
    assert named(keys.idle(due, 1.0)) == [FlowName.ORDERS, FlowName.CATALOGUE]


async def test_a_key_that_runs_is_not_started(works: Opener) -> None:
    keys, shop = await keys_of(works, TinyFlow(FlowName.ORDERS))
    (key,) = keys
    key.task = asyncio.create_task(asyncio.sleep(0))
    assert keys.idle([(shop, "orders")], 1.0) == []
    await key.task


async def test_a_key_whose_pass_ended_while_the_due_ones_were_read_is_not_started_again(
    works: Opener,
) -> None:
    keys, shop = await keys_of(works, TinyFlow(FlowName.ORDERS))
    (key,) = keys
    key.ended_at = 2.0
    assert keys.idle([(shop, "orders")], 1.0) == []
    assert keys.idle([(shop, "orders")], 3.0) == [key]
