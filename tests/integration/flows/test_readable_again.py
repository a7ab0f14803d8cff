"""A record that could not be read is no issue any more once it was read rightly, or once all was read without it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from connectors.contract import BadAnswer, Broken, Page
from sync.flows.flow import FlowName
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.interludes import Interlude

SHOPS = ("main",)
FULL = timedelta(seconds=3670)
"""After so long the whole stock is read again."""


def _with_one_more(page: Page[Any]) -> Page[Any]:
    return replace(page, broken=(*page.broken, Broken("777", "its number is a word", b"{}")))


def _all_broken(page: Page[Any]) -> Page[Any]:
    unread = tuple(Broken(record.external_id, "its state is a number", b"{}") for record in page.records)
    return replace(page, records=(), broken=unread)


async def _broken(daemon: Conductor) -> int:
    return (await daemon.issue_kinds()).count("record.broken")


async def test_of_a_listing_after_a_sweep_that_met_it_no_more(daemon: Conductor) -> None:
    real = daemon.connectors["main"]
    daemon.connectors["main"] = Interlude(real, "products", after=_with_one_more)
    await daemon.run("main", FlowName.CATALOGUE)
    assert await _broken(daemon) == 1
    await daemon.run("main", FlowName.CATALOGUE)
    assert await _broken(daemon) == 1, "it is broken still"
    daemon.connectors["main"] = real
    await daemon.later(timedelta(seconds=1))
    await daemon.run("main", FlowName.CATALOGUE)
    assert await _broken(daemon) == 0


async def test_of_a_fulfilment_that_is_read_rightly(daemon: Conductor) -> None:
    await daemon.buy("main", TEE_02=1)
    await daemon.settle(rounds=1)
    real = daemon.connectors["warehouse"]
    daemon.connectors["warehouse"] = Interlude(real, "fulfilments", after=_all_broken)
    (shipment,) = await daemon.open_shipments()
    await daemon.act("/warehouse/work", reference=shipment["reference"], until="packed")
    await daemon.run("warehouse", FlowName.FULFILMENT)
    assert await _broken(daemon) == 1
    daemon.connectors["warehouse"] = real
    await daemon.act("/warehouse/work", reference=shipment["reference"], until="done")
    await daemon.run("warehouse", FlowName.FULFILMENT)
    assert await _broken(daemon) == 0


async def test_of_a_figure_after_a_whole_reading_without_it(daemon: Conductor) -> None:
    real = daemon.connectors["warehouse"]
    daemon.connectors["warehouse"] = Interlude(real, "stock", after=_with_one_more)
    await daemon.run("warehouse", FlowName.STOCK)
    assert await _broken(daemon) == 1
    daemon.connectors["warehouse"] = real
    await daemon.run("warehouse", FlowName.STOCK)
    assert await _broken(daemon) == 1, "what has changed was read, and that is not all"
    for _ in range(2):  # a whole reading counts from the end of the one before
        await daemon.later(FULL)
        await daemon.run("warehouse", FlowName.STOCK)
    assert await _broken(daemon) == 0


async def test_of_a_fulfilment_by_its_id_that_has_ended_since(daemon: Conductor) -> None:
    number = await daemon.buy("main", TEE_02=1)
    await daemon.settle(rounds=1)

    def unreadable(_: Any) -> Any:
        raise BadAnswer("its state is a number")

    daemon.connectors["warehouse"] = Interlude(daemon.connectors["warehouse"], "fulfilment", after=unreadable)
    await daemon.later(timedelta(minutes=1))
    await daemon.run("warehouse", FlowName.FULFILMENT)
    assert "fulfilment.unreadable" in await daemon.issue_kinds()
    await daemon.act("/cancel", shop="main", order=number)
    await daemon.settle(rounds=3)
    assert await daemon.open_shipments() == []
    assert "fulfilment.unreadable" not in await daemon.issue_kinds()
