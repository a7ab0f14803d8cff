"""What is known of a shop's quantities, and when one may be raised: each law of pushing by itself."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.contract import Unavailable
from sync.flows.flow import FlowName as F
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.interludes import Interlude

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SHOPS = ("main", "yen", "dinar")
TEE, OTHER = "TEE-02", "TEE-05"


async def _shown(daemon: Conductor, shop: str, sku: str) -> int:
    """What the shop would still sell, by its own books."""
    variants = (await daemon.books())["shops"][shop]["variants"]
    return next(one["saleable"] for one in variants if one["sku"] == sku)


async def test_what_the_shop_says_it_sells_now_counts_and_not_what_was_sent(daemon: Conductor) -> None:
    """A buyer is quicker than the write: fewer are for sale than were sent, and that stays unsent."""
    real = daemon.connectors["yen"]

    async def buy() -> None:
        await daemon.buy("yen", TEE_02=2)

    await daemon.buy("main", TEE_02=6)
    await daemon.run("main", F.ORDERS)
    daemon.connectors["yen"] = Interlude(real, "set_quantities", before=buy)
    await daemon.run("yen", F.PUSH_STOCK)
    daemon.connectors["yen"] = real
    offer = (await daemon.offers(TEE))["yen"]
    assert offer.acked == await _shown(daemon, "yen", TEE) == offer.desired - 2


async def test_a_quantity_that_got_no_answer_is_not_taken_for_shown(daemon: Conductor) -> None:
    async def go_away() -> None:
        raise Unavailable("the shop went away")

    real = daemon.connectors["yen"]
    await daemon.buy("main", TEE_02=6)
    await daemon.run("main", F.ORDERS)
    before = (await daemon.offers(TEE))["yen"]
    daemon.connectors["yen"] = Interlude(real, "set_quantities", before=go_away)
    with pytest.raises(Unavailable):
        await daemon.run("yen", F.PUSH_STOCK)
    daemon.connectors["yen"] = real
    after = (await daemon.offers(TEE))["yen"]
    assert (after.acked, after.desired) == (before.acked, before.desired)
    assert after.acked != after.desired, "it is still to be sent"
    await daemon.settle(rounds=2)
    assert await _shown(daemon, "yen", TEE) == after.desired


async def test_each_answer_belongs_to_the_item_that_it_names(daemon: Conductor) -> None:
    """Vendors answer in any order."""

    def reversed_order(answers: Mapping[str, Any]) -> Mapping[str, Any]:
        return dict(reversed(list(answers.items())))

    real = daemon.connectors["yen"]
    await daemon.buy("main", TEE_02=6)
    await daemon.buy("main", TEE_05=3)
    await daemon.run("main", F.ORDERS)
    daemon.connectors["yen"] = Interlude(real, "set_quantities", after=reversed_order)
    await daemon.run("yen", F.PUSH_STOCK)
    daemon.connectors["yen"] = real
    one, other = (await daemon.offers(TEE))["yen"], (await daemon.offers(OTHER))["yen"]
    assert one.acked != other.acked
    assert (one.acked, other.acked) == (await _shown(daemon, "yen", TEE), await _shown(daemon, "yen", OTHER))


async def test_a_sale_makes_what_the_shop_shows_unknown_until_it_is_seen_again(daemon: Conductor) -> None:
    assert (await daemon.offers(TEE))["main"].acked is not None
    await daemon.buy("main", TEE_02=1)
    await daemon.run("main", F.ORDERS)
    offers = await daemon.offers(TEE)
    assert offers["main"].acked is None
    assert offers["yen"].acked is not None, "nothing was sold there"


async def test_nothing_is_raised_before_the_orders_placed_meanwhile_are_known(daemon: Conductor) -> None:
    """A buyer comes between the reading and the raise; the unit that was bought is not put up again."""
    real = daemon.connectors["yen"]
    number = await daemon.buy("main", TEE_02=30)
    await daemon.settle(rounds=3)
    await daemon.act("/cancel", shop="main", order=number)
    await daemon.later(timedelta(seconds=3))
    await daemon.run("main", F.OPEN_ORDERS, F.REVIEW)
    await daemon.run("warehouse", F.OUTBOX, F.FULFILMENT)
    await daemon.run("main", F.REVIEW)
    await daemon.run("warehouse", F.STOCK)

    async def buy() -> None:
        await daemon.buy("yen", TEE_02=3)

    assert (await daemon.offers(TEE))["yen"].desired > await _shown(daemon, "yen", TEE), "it may go up"
    daemon.connectors["yen"] = Interlude(real, "orders", before=buy)
    known: list[int] = []

    async def look() -> None:
        async with daemon.store.read() as tx:
            known.append(int(await tx.scalar(sa.text("SELECT count(*) FROM customer_order")) or 0))

    before = len((await daemon.books())["shops"]["yen"]["orders"])
    daemon.connectors["yen"] = Interlude(daemon.connectors["yen"], "set_quantities", before=look)
    await daemon.run("yen", F.PUSH_STOCK)
    daemon.connectors["yen"] = real
    bought = len((await daemon.books())["shops"]["yen"]["orders"]) - before
    assert bought, "order intake is read again before anything is raised"
    everything = sum(len(shop["orders"]) for shop in (await daemon.books())["shops"].values())
    assert known == [everything] * len(known), "and what it found is known by the time of the write"


async def test_nothing_is_raised_on_a_figure_that_the_warehouse_has_not_confirmed_lately(
    daemon: Conductor,
) -> None:
    number = await daemon.buy("main", TEE_02=30)
    await daemon.run("main", F.ORDERS)
    await daemon.settle(rounds=2)
    shown = await _shown(daemon, "yen", TEE)
    await daemon.act("/cancel", shop="main", order=number)
    await daemon.settle(rounds=2, without=["yen", "warehouse"])
    await daemon.run("warehouse", F.OUTBOX, F.FULFILMENT, F.STOCK)
    await daemon.run("main", F.REVIEW)
    await daemon.later(timedelta(seconds=3 * daemon.timing.full_stock_seconds))
    await daemon.run("yen", F.PUSH_STOCK)
    assert await _shown(daemon, "yen", TEE) == shown, "the warehouse has been silent for too long"
    await daemon.run("warehouse", F.STOCK)
    await daemon.later(timedelta(seconds=20))
    await daemon.run("yen", F.PUSH_STOCK)
    assert await _shown(daemon, "yen", TEE) > shown


async def test_what_sells_fast_is_promised_with_a_guard_against_sales_not_seen_yet(daemon: Conductor) -> None:
    daemon.timing = type(daemon.timing)(
        intervals=dict.fromkeys(F, 60.0),
        full_stock_seconds=3600.0,
        call_seconds=20.0,
        velocity_window_seconds=600.0,
    )
    await daemon.buy("main", TEE_02=20)
    await daemon.run("main", F.ORDERS)
    level, offers = await daemon.level(TEE), await daemon.offers(TEE)
    # 20 units in 600 s, and 60 s of polling with 60 s of pushing during which more may be sold: 4
    assert sum(offer.desired for offer in offers.values()) == level.on_hand - level.reserved - 4


async def test_every_quantity_is_the_sum_of_its_terms_and_is_what_the_shop_sells(daemon: Conductor) -> None:
    await daemon.buy("main", TEE_02=7)
    await daemon.run("main", F.ORDERS)
    for shop in ("yen", "dinar", "main"):
        await daemon.run(shop, F.PUSH_STOCK)
    assert (await daemon.level(TEE)).reserved == 7, "the warehouse has not been read since"
    for shop, offer in (await daemon.offers(TEE)).items():
        terms = json.loads(offer.terms)
        (one,) = terms["skus"]
        free = sum(each["free"] for each in one["suppliers"])
        own = one["on_hand"] - one["reserved"] - one["safety"] - one["velocity"] + one["inbound"]
        assert one["promise"] == max(0, own + free)
        assert one["share"] in {one["promise"] // one["sharing"], one["promise"] // one["sharing"] + 1}
        assert offer.desired == (one["share"] - one["buffer"]) // one["units"]
        if shop != "main":  # which sold, and may go up only when the others have come down
            assert offer.desired == await _shown(daemon, shop, TEE)
        assert (one["on_hand"], one["reserved"]) == tuple(await _figure(daemon))


async def _figure(daemon: Conductor) -> tuple[int, int]:
    level = await daemon.level(TEE)
    return level.on_hand, level.reserved
