"""Parcels on the way back: the first scan is money, whoever told the number, and no other parcel's is."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from connectors.contract import BookRequest, Deadline, Done, PackageSpec
from sync.domain.aftersales import RequestKind
from sync.engine.commands import Office
from sync.engine.receiving import received
from sync.flows.back.entering import enter
from sync.flows.flow import FlowName
from sync.store.back import cases, parcels
from sync.store.back.cases import BackCase
from sync.store.back.parcels import BackParcel
from sync.store.figures import figures
from tests.integration.flows.conductor import SENDER, Conductor
from tests.integration.flows.test_way_back import refunds, shipped

SHOPS = ("main",)
RULES = """
returns:
  - {name: back, when: {type: return}, do: approve, refund: at_first_scan, goods: {good: restock}, label: LABEL}
"""
WITHOUT, WITH = RULES.replace("LABEL", "false"), RULES.replace("LABEL", "true")


async def coming_back(daemon: Conductor, number: str, tracking: Sequence[str] = ()) -> BackCase:
    """A buyer sends everything back, under these numbers."""
    order = await daemon.order(number)
    lines = {line.external_id: (line.quantity, 0) for line in order.lines}
    async with daemon.store.write() as tx:
        await enter(tx, order, RequestKind.RETURN, lines, who="ann", tracking=tracking)
    await daemon.settle(rounds=2)
    async with daemon.store.read() as tx:
        return (await cases.of_order(tx, order.row.id))[-1]


async def numbers(daemon: Conductor, case: BackCase) -> tuple[BackParcel, ...]:
    async with daemon.store.read() as tx:
        return await parcels.of_case(tx, case.id)


async def at_the_counter(daemon: Conductor, name: str) -> str:
    """A label that the buyer bought at the same carrier; its number."""
    request = BookRequest(
        reference=name, carrier="loopback", service="", sender=SENDER, ship_to=SENDER,
        package=PackageSpec(Decimal(1)), order_number=name,
    )  # fmt: skip
    made = await daemon.connectors["courier"].book(request, Deadline.after(20))
    assert isinstance(made, Done) and made.echo is not None
    return str(made.echo.tracking)


async def looked_at(daemon: Conductor) -> None:
    await daemon.later(timedelta(minutes=11))
    await daemon.run("courier", FlowName.TRACKING)
    await daemon.run("main", FlowName.WAY_BACK, FlowName.OUTBOX, FlowName.WAY_BACK, FlowName.OUTBOX)


async def test_the_first_scan_of_a_number_that_the_buyer_told_is_money(daemon: Conductor) -> None:
    await daemon.change_rules("returns.yaml", WITHOUT)
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    mine = await at_the_counter(daemon, "buyer-1")
    case = await coming_back(daemon, number, [f" {mine[:4]}-{mine[4:]}", mine])
    await looked_at(daemon)
    (one,) = await numbers(daemon, case)
    assert (one.booked, one.first_scan_at) == (False, None)
    assert await refunds(daemon, number) == []
    await daemon.act("/courier/scan", tracking=mine, status="in_transit")
    await looked_at(daemon)
    assert sum(await refunds(daemon, number)) == (await daemon.order(number)).row.total_minor
    assert "tracking_back" in await daemon.timeline(number)


async def test_the_way_out_and_a_parcel_from_before_are_no_way_back(daemon: Conductor) -> None:
    await daemon.change_rules("returns.yaml", WITHOUT)
    old = await at_the_counter(daemon, "old-1")
    await daemon.act("/courier/scan", tracking=old, status="in_transit")
    await daemon.later(timedelta(days=3))
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    out = str((await daemon.order(number)).parcels[0].tracking)
    await daemon.act("/courier/scan", tracking=out, status="in_transit")
    case = await coming_back(daemon, number, [out.upper(), old])
    for _ in range(2):
        await looked_at(daemon)
    assert [one.first_scan_at for one in await numbers(daemon, case)] == [None, None]
    assert await refunds(daemon, number) == []
    assert {one.number for one in await numbers(daemon, case) if one.courier_id} == {old.upper()}


async def test_a_label_that_nobody_uses_is_no_parcel_of_ours_that_is_late(daemon: Conductor) -> None:
    await daemon.change_rules("returns.yaml", WITH)
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    out = str((await daemon.order(number)).parcels[0].tracking)
    for status in ("in_transit", "delivered"):
        await daemon.act("/courier/scan", tracking=out, status=status)
        await looked_at(daemon)
    case = await coming_back(daemon, number)
    await daemon.settle(rounds=1)
    (label,) = await numbers(daemon, case)
    assert label.booked
    await daemon.later(timedelta(days=20))
    await daemon.settle(rounds=1)
    assert [kind for kind in await daemon.issue_kinds() if kind.startswith("parcel.")] == []
    async with daemon.store.read() as tx:
        now = await figures(tx)
    assert (dict(now.parcels), now.parcels_troubled) == ({}, 0)


async def test_goods_that_a_person_counted_are_paid_for_like_those_of_a_warehouse(daemon: Conductor) -> None:
    await daemon.change_rules("returns.yaml", WITHOUT.replace("at_first_scan", "after_inspection"))
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    case = await coming_back(daemon, number)

    async def nothing() -> None:
        return None

    office = Office(daemon.store, nothing, lambda account, flow: None, None)  # type: ignore[arg-type]
    goods = {"units": {"TEE-02": "1"}, "restocked": {"TEE-02": "1"}, "complete": True, "anyway": True}
    await received(office, {"case": case.reference, "who": "ann", **goods})
    await looked_at(daemon)
    await looked_at(daemon)
    assert sum(await refunds(daemon, number)) == (await daemon.order(number)).row.total_minor
    async with daemon.store.read() as tx:
        found = await cases.get(tx, case.id)
    assert found is not None
    assert found.state == cases.DONE
