"""Orders where several shops sell one stock, and of a shop that goes live when it has orders already."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sync.domain.lifecycle import OrderState
from sync.flows.flow import FlowName
from tests.integration.flows.conductor import Conductor

SHOPS = ("main", "yen", "dinar")
TEE = "TEE-02"


async def test_a_unit_sold_unseen_leaves_no_room_for_another_shops_raise(daemon: Conductor) -> None:
    """A shop seen to sell less may have sold the rest: its room is not free until its orders were read."""
    await daemon.buy("yen", TEE_02=1)
    await daemon.buy("dinar", TEE_02=1)
    await daemon.run("yen", FlowName.ORDERS)
    await daemon.run("dinar", FlowName.PUSH_STOCK)
    assert (await daemon.offers(TEE))["dinar"].acked == 83, "the shop has moved, and shows what it shall show"
    await daemon.run("yen", FlowName.PUSH_STOCK)
    assert (await daemon.offers(TEE))["yen"].acked is None, (
        "250, less one known and one unknown sale: 82 stay"
    )
    await daemon.settle(rounds=3)
    offers = await daemon.offers(TEE)
    assert sum(offer.acked for offer in offers.values()) == 248


async def test_orders_from_before_an_account_went_live_are_history(daemon: Conductor) -> None:
    daemon.clock.offset = timedelta(0)
    number = await daemon.buy("yen", TEE_02=1)
    view = daemon.view("yen")
    daemon.views[view.id] = replace(view, live_from=daemon.clock.now() + timedelta(hours=1))
    await daemon.settle(rounds=2)
    case = await daemon.order(number)
    assert case.state == OrderState.HISTORY
    assert await daemon.held_units(number) == 0
    assert number not in str((await daemon.books())["warehouse"]["shipments"])


@pytest.mark.parametrize("off", [-45, 45])
async def test_what_was_placed_before_going_live_is_judged_by_the_shops_own_clock(
    daemon: Conductor, off: int
) -> None:
    """A shop whose clock is behind would have its first orders taken for history, and never sent."""
    seconds = daemon.clock.offset.total_seconds() + off
    assert (await daemon.control.put("/clocks", json={"shop:yen": seconds})).status_code == 200
    before = await daemon.buy("yen", TEE_02=1)
    view = daemon.view("yen")
    daemon.clock.offset += timedelta(seconds=10)
    daemon.views[view.id] = replace(view, live_from=daemon.clock.now())
    daemon.clock.offset += timedelta(seconds=10)
    assert (await daemon.control.put("/clocks", json={"shop:yen": seconds + 20})).status_code == 200
    after = await daemon.buy("yen", TEE_02=1)
    for _ in range(3):
        await daemon.run("yen", FlowName.CATALOGUE, FlowName.ORDERS)
    assert (await daemon.order(before)).state == OrderState.HISTORY
    assert (await daemon.order(after)).state != OrderState.HISTORY
