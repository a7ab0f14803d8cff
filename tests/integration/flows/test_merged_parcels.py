"""Scenario 6: two orders of one buyer share a parcel as far as they are clean, judged by everybody's own books."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from connectors.contract import Booking, Deadline, Outcome, Rejected
from sync.domain.aftersales import RequestKind
from sync.domain.clock import to_micros
from sync.domain.lifecycle import CancelState, OrderState
from sync.flows.back.entering import enter
from sync.flows.flow import FlowName as F
from sync.store.cases import StoredCase
from sync.store.parcels import Parcel
from sync.store.tables import order_line, outbox, parcel
from tests.integration.flows.conductor import Conductor

SHOPS = ("main",)
MERGING = "merging:\n  - {name: same door, when: {account: main}, within: 2 hours, spare: 1 hour}\n"
RETURNS = "returns:\n  - {name: rest, do: ask, owner: service, answer_within: 1 day}\n"
ADA = {
    "first_name": "Ada",
    "last_name": "Byron",
    "full_name": "Ada Byron",
    "street": "Hauptstr. 1",
    "city": "Hamburg",
    "postal_code": "20095",
    "country": "DE",
    "email": "ada@example.com",
    "phone": "+4940123456",
}


async def buy(daemon: Conductor, buyer: dict[str, str] = ADA, **lines: int) -> str:
    wanted = [{"sku": sku.replace("_", "-"), "quantity": units} for sku, units in lines.items()]
    return str((await daemon.act("/buy", shop="main", lines=wanted, buyer=buyer))["order"])


async def pack(daemon: Conductor, number: str, parcels: int = 1, n: int = 1) -> None:
    await daemon.act("/warehouse/work", reference=f"main/{number}/{n}", until="packed", parcels=parcels)


async def ask(daemon: Conductor, number: str, kind: RequestKind, *lines: int) -> None:
    """A person enters a request about these lines (by place)."""
    order = await daemon.order(number)
    wanted = {order.lines[one].external_id: (1, 0) for one in lines}
    async with daemon.store.write() as tx:
        await enter(tx, order, kind, wanted, who="ann")
    await daemon.run("main", F.WAY_BACK)


async def due(daemon: Conductor, number: str, within: timedelta) -> None:
    """The channel's deadline of an order's lines, from now."""
    order = await daemon.order(number)
    at = to_micros(daemon.clock.now() + within)
    async with daemon.store.write() as tx:
        await tx.run(sa.update(order_line).where(order_line.c.order_id == order.row.id).values(ship_by=at))


def holds(case: StoredCase, line: int) -> Parcel:
    """The parcel that one line of the order (by place) is in."""
    return next(one for one in case.parcels if any(id == case.lines[line].id for id, _ in one.lines))


async def bought(daemon: Conductor) -> dict[str, str]:
    """The labels that stand in the courier's books: our reference by tracking number."""
    shipments = (await daemon.books())["courier"]["shipments"]
    there = [one for one in shipments if one["status"] not in ("cancelled", "draft")]
    return {number: one["reference"] for one in there for number in one["tracking"]}


async def told(daemon: Conductor, number: str) -> dict[str, set[str]]:
    """By tracking number, the lines that the shop shows as sent under it."""
    order = await daemon.order(number)
    shown = await daemon.connectors["main"].order(order.row.external_id, Deadline.after(20))
    return {one.tracking: {line for line, _ in one.lines} for one in shown.shipments}


async def prices(daemon: Conductor, number: str) -> list[int | None]:
    order = await daemon.order(number)
    async with daemon.store.read() as tx:
        rows = await tx.all(sa.select(parcel.c.charge_minor).where(parcel.c.order_id == order.row.id))
    return [row.charge_minor for row in rows]


async def test_only_the_clean_lines_of_two_orders_share_a_parcel(daemon: Conductor) -> None:
    """One label for them, one for what a refund is asked for; each order is told its own lines and numbers."""
    await daemon.change_rules("merging.yaml", MERGING)
    await daemon.change_rules("returns.yaml", RETURNS)
    first, second = await buy(daemon, TEE_02=1, TEE_03=1), await buy(daemon, TEE_02=2)
    await daemon.settle(rounds=2)
    await ask(daemon, first, RequestKind.REFUND_ONLY, 1)
    await due(daemon, second, timedelta(hours=20))
    await due(daemon, first, timedelta(hours=30))
    await pack(daemon, first, parcels=2)
    await pack(daemon, second)
    await daemon.settle(rounds=3)

    one, other = await daemon.order(first), await daemon.order(second)
    clean, unclean, theirs = holds(one, 0), holds(one, 1), holds(other, 0)
    assert clean.tracking is not None
    assert clean.tracking == theirs.tracking
    assert unclean.tracking not in (None, clean.tracking)
    labels = await bought(daemon)
    assert set(labels) == {clean.tracking, unclean.tracking}
    assert second in labels[str(clean.tracking)], "the earlier deadline rules: its order leads"
    assert [price is None for price in await prices(daemon, second)] == [False]
    assert sorted(price is None for price in await prices(daemon, first)) == [False, True]

    for number in (first, second):
        await daemon.act("/warehouse/work", reference=f"main/{number}/1", until="done")
    await daemon.settle(rounds=3)
    assert await told(daemon, first) == {
        clean.tracking: {one.lines[0].external_id},
        unclean.tracking: {one.lines[1].external_id},
    }
    assert await told(daemon, second) == {theirs.tracking: {other.lines[0].external_id}}
    shipments = {s["reference"]: s for s in (await daemon.books())["warehouse"]["shipments"]}
    assert clean.tracking in str(shipments[f"main/{first}/1"])
    assert clean.tracking in str(shipments[f"main/{second}/1"])

    for tracking in (clean.tracking, unclean.tracking):
        for status in ("picked_up", "in_transit", "delivered"):
            await daemon.act("/courier/scan", tracking=tracking, status=status)
    await daemon.later(timedelta(seconds=70))
    await daemon.settle(rounds=3)
    for case in (await daemon.order(first), await daemon.order(second)):
        assert all(box.delivered_at is not None and box.delivery_told_at is not None for box in case.parcels)
    verdict = await daemon.judged()
    assert (verdict["duplicate_effects"], verdict["lost_orders"], verdict["oversold_units"]) == (0, 0, 0)


async def test_a_packed_parcel_waits_for_another_order_and_not_beyond_the_earlier_deadline(
    daemon: Conductor,
) -> None:
    await daemon.change_rules("merging.yaml", MERGING)
    first, second = await buy(daemon, TEE_02=1), await buy(daemon, TEE_02=2)
    await daemon.settle(rounds=2)
    await due(daemon, second, timedelta(minutes=90))
    await pack(daemon, first)
    await daemon.settle(rounds=2)
    waiting = (await daemon.order(first)).parcels[0]
    assert waiting.tracking is None
    assert waiting.waits_until is not None
    assert "waits_for_others" in await daemon.timeline(first)
    await daemon.later(timedelta(minutes=25))
    await daemon.settle(rounds=2)
    assert (await daemon.order(first)).parcels[0].tracking is None
    await daemon.later(timedelta(minutes=5))
    await daemon.settle(rounds=3)
    assert (await daemon.order(first)).parcels[0].tracking is not None, (
        "an hour is left of the other's deadline"
    )
    await pack(daemon, second)
    await daemon.settle(rounds=3)
    assert len(await bought(daemon)) == 2


async def test_what_was_waited_for_comes_and_goes_along(daemon: Conductor) -> None:
    await daemon.change_rules("merging.yaml", MERGING)
    first, second = await buy(daemon, TEE_02=1), await buy(daemon, TEE_02=2)
    await daemon.settle(rounds=2)
    await pack(daemon, first)
    await daemon.settle(rounds=2)
    await pack(daemon, second)
    await daemon.settle(rounds=3)
    numbers = {(await daemon.order(number)).parcels[0].tracking for number in (first, second)}
    assert len(numbers) == 1
    assert None not in numbers
    assert len(await bought(daemon)) == 1


async def test_nobody_waits_for_an_order_that_is_held_or_stopped_meanwhile(daemon: Conductor) -> None:
    await daemon.change_rules("merging.yaml", MERGING)
    first, second = await buy(daemon, TEE_02=1), await buy(daemon, TEE_02=2)
    await daemon.settle(rounds=2)
    await pack(daemon, first)
    await daemon.settle(rounds=2)
    assert (await daemon.order(first)).parcels[0].waits_until is not None
    await daemon.act("/cancel", shop="main", order=second)
    await daemon.settle(rounds=3)
    found = (await daemon.order(first)).parcels[0]
    assert (found.tracking is not None, found.waits_until) == (True, None)


async def test_nobody_waits_for_goods_that_are_not_there_or_for_a_person(daemon: Conductor) -> None:
    await daemon.change_rules(
        "holds.yaml", "holds:\n  - {name: large, when: {total_above: 100 EUR}, owner: ops}\n"
    )
    await daemon.change_rules("merging.yaml", MERGING)
    first = await buy(daemon, TEE_02=1)
    await daemon.act("/shop-stock", shop="main", sku="TEE-03", quantity=8)  # there are fewer
    held, short = await buy(daemon, TEE_02=9), await buy(daemon, TEE_03=5)
    await daemon.settle(rounds=2)
    assert (await daemon.order(held)).state == OrderState.HELD
    assert any(row.short for row in (await daemon.order(short)).reservations)
    await pack(daemon, first)
    await daemon.settle(rounds=3)
    found = (await daemon.order(first)).parcels[0]
    assert (found.tracking is not None, found.waits_until) == (True, None)
    assert "waits_for_others" not in await daemon.timeline(first)


async def test_without_a_rule_and_for_another_recipient_each_parcel_has_its_label(daemon: Conductor) -> None:
    first, second = await buy(daemon, TEE_02=1), await buy(daemon, TEE_02=2)
    await daemon.settle(rounds=2)
    for number in (first, second):
        await pack(daemon, number)
    await daemon.settle(rounds=3)
    assert len(await bought(daemon)) == 2
    await daemon.change_rules("merging.yaml", MERGING)
    third = await buy(daemon, TEE_02=3)
    fourth = await buy(daemon, ADA | {"full_name": "Ida Byron", "first_name": "Ida"}, TEE_02=4)
    await daemon.settle(rounds=2)
    for number in (third, fourth):
        await pack(daemon, number)
    await daemon.settle(rounds=3)
    assert len(await bought(daemon)) == 4


async def _queued(daemon: Conductor) -> tuple[str, str]:
    """Two orders whose shared label is queued and not bought yet."""
    await daemon.change_rules("merging.yaml", MERGING)
    await daemon.change_rules("returns.yaml", RETURNS)
    first, second = await buy(daemon, TEE_02=1), await buy(daemon, TEE_02=2)
    await daemon.settle(rounds=2)
    for number in (first, second):
        await pack(daemon, number)
    await daemon.settle(rounds=2, without=("courier",))
    cases = [await daemon.order(number) for number in (first, second)]
    assert len({case.parcels[0].label_of for case in cases} - {None}) == 1
    return first, second


async def test_a_request_that_comes_before_the_label_is_bought_parts_the_parcels(daemon: Conductor) -> None:
    first, second = await _queued(daemon)
    await ask(daemon, first, RequestKind.REFUND_ONLY, 0)
    await daemon.settle(rounds=3)
    labels = set(await bought(daemon))
    numbers = [(await daemon.order(number)).parcels[0].tracking for number in (first, second)]
    assert labels == set(numbers)
    assert len(labels) == 2
    assert "not_shared" in await daemon.timeline(second)


async def test_a_cancel_before_the_label_is_bought_leaves_the_other_its_own(daemon: Conductor) -> None:
    first, second = await _queued(daemon)
    await daemon.act("/cancel", shop="main", order=second)
    await daemon.run("main", F.OPEN_ORDERS, F.REVIEW)
    await daemon.settle(rounds=4)
    assert (await daemon.order(second)).state == OrderState.CANCELLED
    assert (await daemon.order(first)).parcels[0].tracking is not None
    assert len(await bought(daemon)) == 1


async def test_a_shared_label_is_given_back_with_the_last_of_its_parcels(daemon: Conductor) -> None:
    first, second = await _queued(daemon)
    await daemon.settle(rounds=3)
    await daemon.act("/cancel", shop="main", order=second)
    await daemon.settle(rounds=5)
    stopped = await daemon.order(second)
    assert stopped.state == OrderState.CANCELLED
    assert stopped.parcels[0].voided_at is not None
    assert len(await bought(daemon)) == 1, "the other goes out under it"
    await daemon.act("/cancel", shop="main", order=first)
    await daemon.settle(rounds=5)
    assert (await daemon.order(first)).state == OrderState.CANCELLED
    assert await bought(daemon) == {}
    assert (await daemon.judged())["duplicate_effects"] == 0


async def test_a_refund_that_is_asked_for_after_the_label_is_bought_is_too_late(daemon: Conductor) -> None:
    first, second = await _queued(daemon)
    await daemon.settle(rounds=3)
    before = await bought(daemon)
    await ask(daemon, first, RequestKind.REFUND_ONLY, 0)
    await daemon.settle(rounds=3)
    assert await bought(daemon) == before
    numbers = {(await daemon.order(number)).parcels[0].tracking for number in (first, second)}
    assert len(numbers) == 1


class _Together:
    """A courier that sells no label for several orders: it refuses what weighs as much."""

    def __init__(self, real: Any, above: float) -> None:
        self._real, self._above, self.asked = real, above, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def book(self, request: Any, deadline: Deadline) -> Outcome[Booking]:
        self.asked += 1
        if float(request.package.weight_kg) > self._above:
            return Rejected("too heavy")
        found: Outcome[Booking] = await self._real.book(request, deadline)
        return found


async def test_a_courier_that_refuses_the_whole_sells_one_each(daemon: Conductor) -> None:
    first, second = await _queued(daemon)
    async with daemon.store.read() as tx:
        (row,) = await tx.all(sa.select(outbox).where(outbox.c.operation == "book"))
    assert '"weight_kg":"3"' in row.payload.replace(".0", ""), "both weigh together"
    real = daemon.connectors["courier"]
    daemon.connectors["courier"] = narrow = _Together(real, 2.5)
    await daemon.settle(rounds=3)
    daemon.connectors["courier"] = real
    assert narrow.asked == 3
    numbers = {(await daemon.order(number)).parcels[0].tracking for number in (first, second)}
    assert len(numbers - {None}) == 2
    assert "parcel.not_booked" not in await daemon.issue_kinds()


async def test_courier_rules_that_part_the_orders_part_the_parcels(daemon: Conductor) -> None:
    await daemon.change_rules(
        "couriers.yaml",
        "couriers:\n  - {name: dear, when: {total_above: 30 EUR}, use: [first], service: loopback_express}\n"
        "  - {name: rest, use: [first]}\n",
    )
    await daemon.change_rules("merging.yaml", MERGING)
    first, second = await buy(daemon, TEE_02=9), await buy(daemon, TEE_02=1)
    await daemon.settle(rounds=2)
    for number in (first, second):
        await pack(daemon, number)
    await daemon.settle(rounds=3)
    assert (await daemon.order(first)).parcels[0].label_of is None
    assert (await daemon.order(second)).parcels[0].label_of is None


async def test_a_label_whose_answer_was_lost_is_found_and_counts_for_both(daemon: Conductor) -> None:
    first, second = await _queued(daemon)
    await daemon.settle(rounds=3)
    async with daemon.store.write() as tx:
        await tx.run(
            sa.text("UPDATE outbox SET state = 'sending', closed_at = NULL WHERE operation = 'book'")
        )
        await tx.run(
            sa.text("UPDATE parcel SET tracking = NULL, booking_external_id = NULL, courier_id = NULL")
        )
    await daemon.later(timedelta(minutes=5))
    await daemon.run("courier", F.OUTBOX)
    numbers = {(await daemon.order(number)).parcels[0].tracking for number in (first, second)}
    assert numbers == set(await bought(daemon))


async def test_goods_of_another_order_are_not_turned_round_with_a_shared_parcel(daemon: Conductor) -> None:
    await daemon.change_rules(
        "returns.yaml",
        "returns:\n  - {name: cancel, when: {type: cancellation}, do: stop_then_refund}\n"
        "  - {name: rest, do: ask, owner: service, answer_within: 1 day}\n",
    )
    await daemon.change_rules("merging.yaml", MERGING)
    first, second = await buy(daemon, TEE_02=1), await buy(daemon, TEE_02=2)
    await daemon.settle(rounds=2)
    for number in (first, second):
        await pack(daemon, number)
    await daemon.settle(rounds=3)
    for number in (first, second):
        await daemon.act("/warehouse/work", reference=f"main/{number}/1", until="done")
    await daemon.settle(rounds=3)
    await ask(daemon, first, RequestKind.CANCELLATION, 0)
    await daemon.settle(rounds=3)
    async with daemon.store.read() as tx:
        asked = await tx.all(sa.select(outbox.c.id).where(outbox.c.operation == "intercept"))
    assert asked == []
    assert (await daemon.order(second)).row.cancel == CancelState.NONE
    assert "hold.waiting" in await daemon.issue_kinds(), "a person is asked"
