"""A parcel comes back that nobody announced: it waits apart, a later request with its number joins it, one refund."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.domain.aftersales import ChannelAnswer, RequestKind
from sync.store import issues
from sync.store.back import cases
from tests.databases.fixtures import Place
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.returning import bought, build, conducted, entries, fair

NUMBER = "BACK 7700-1"
RULES = """
returns:
  - {name: nobody asked, when: {request: none}, do: quarantine, owner: dock, answer_within: 3 days}
  - {name: back, when: {type: return}, do: approve, refund: after_inspection, goods: {good: restock}}
"""


@pytest.fixture
async def daemon(tmp_path: Path, database: Place) -> AsyncIterator[Conductor]:
    async with conducted(tmp_path, build("vendure", "shopify"), database.address, RULES) as daemon:
        yield daemon


async def _stray(daemon: Conductor, tracking: str | None, units: int = 1) -> int:
    """A parcel of shirts is opened at the dock; nobody has looked at them yet. Its document's number."""
    lines = [{"sku": "TEE-02", "good": units}]
    made = await daemon.act("/warehouse/return", tracking=tracking, lines=lines, until="received")
    await daemon.settle(rounds=2)
    return int(made["return"])


async def _quarantined(daemon: Conductor) -> list[str]:
    async with daemon.store.read() as tx:
        return [one.owner for one in await issues.list_open(tx, kind="return.unannounced")]


async def test_it_is_quarantined_joins_the_request_that_names_its_number_and_is_paid_back_once(
    daemon: Conductor,
) -> None:
    order = await bought(daemon, "main", TEE_02=2)
    await order.scanned(await order.sent(), "picked_up", "delivered")
    document = await _stray(daemon, NUMBER)
    assert await _quarantined(daemon) == ["dock"]
    assert await entries(daemon, "refunded") == []

    case = await order.entered(RequestKind.RETURN, {"TEE-02": (1, 0)}, tracking=["back77001"])
    assert case.standing.answered == ChannelAnswer.APPROVED
    await daemon.settle(rounds=2)
    assert await _quarantined(daemon) == []
    assert await order.refunds() == [], "nobody has looked at it yet"
    await daemon.act("/warehouse/return", **{"return": document})
    await daemon.settle(rounds=5)
    (paid,) = [facts["paid"] for facts in await order.entries("order_placed")]
    assert await order.refunds() == [paid // 2]
    assert (await order.case()).state == cases.DONE

    await daemon.settle(rounds=3)
    assert await order.refunds() == [paid // 2]
    assert await entries(daemon, "return_announced") == [], "it is here: nothing is announced"
    assert len(await entries(daemon, "label_bought")) == 1, "nor is a label bought for it"
    await fair(daemon)


async def test_a_parcel_without_the_number_joins_nobody_and_moves_no_money(daemon: Conductor) -> None:
    order = await bought(daemon, "shopify", TEE_02=2)
    await order.scanned(await order.sent(), "picked_up", "delivered")
    await _stray(daemon, None)
    await _stray(daemon, "ANOTHER")
    await order.asks({"TEE-02": 1}, tracking=[NUMBER])
    await daemon.settle(rounds=4)
    assert await _quarantined(daemon) == ["dock", "dock"]
    assert (await order.case()).standing.answered == ChannelAnswer.APPROVED
    assert await entries(daemon, "refunded") == []


async def test_what_comes_beyond_the_request_is_kept_apart_and_not_paid_back(daemon: Conductor) -> None:
    order = await bought(daemon, "shopify", TEE_02=3)
    await order.scanned(await order.sent(), "picked_up", "delivered")
    document = await _stray(daemon, NUMBER, units=2)
    await order.asks({"TEE-02": 1}, tracking=[NUMBER])
    await daemon.act("/warehouse/return", **{"return": document})
    await daemon.settle(rounds=5)
    (paid,) = [facts["paid"] for facts in await order.entries("order_placed")]
    (back,) = await order.refunds()
    assert abs(back - paid / 3) <= 1
    assert await _quarantined(daemon) == []
    assert [facts["approved"] for facts in await order.entries("return_answered")] == [True]
    assert [facts["units"] for facts in await order.entries("returned_goods")] == [1]
    async with daemon.store.read() as tx:
        asked = [one.why for one in await issues.list_open(tx, kind="hold.waiting")]
    assert any("1 more of TEE-02 came back" in why for why in asked)
