"""The way back: returns that are announced or not, how the dock's people receive them, and what is told of it."""

import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from connectors.contract import (
    Deadline,
    Done,
    FulfilmentLine,
    Refused,
    Rejected,
    ReturnAnnouncement,
    ReturnReceipt,
)
from connectors.warehouse.tryton.connector import TrytonWarehouse
from connectors.warehouse.tryton.cursors import Changes, written
from sync.domain.clock import SystemClock, to_micros
from sync.domain.people import Address
from sync.domain.receipts import Condition, Disposal
from tests.peers.books.dock import RETURN, Dock

from .conftest import ADA, Hall

GOOD, DAMAGED, WRONG = Condition.GOOD, Condition.DAMAGED, Condition.WRONG
RESTOCKED, SCRAPPED = Disposal.RESTOCKED, Disposal.SCRAPPED


def fresh(prefix: str) -> str:
    return f"{prefix}{uuid.uuid4().hex[:10].upper()}"


def asks(tracking: str | None = None, sender: Address = ADA, **lines: int) -> ReturnAnnouncement:
    wanted = tuple(FulfilmentLine(sku, "", units) for sku, units in lines.items())
    return ReturnAnnouncement(f"main/{fresh('')}/R1", wanted, sender, tracking)


@dataclass(frozen=True, slots=True)
class Way:
    """The connector, the dock, and everything that the feed has shown so far."""

    warehouse: TrytonWarehouse
    dock: Dock
    soon: Deadline

    async def announce(self, request: ReturnAnnouncement) -> int:
        outcome = await self.warehouse.announce_return(request, self.soon)
        assert isinstance(outcome, Done), outcome
        return int(outcome.external_id)

    async def told(self, cursor: str | None = None) -> tuple[Mapping[int, ReturnReceipt], str | None]:
        """All returns that the feed has for now, by id, and where it goes on."""
        found: dict[int, ReturnReceipt] = {}
        while True:
            page = await self.warehouse.return_receipts(cursor, self.soon)
            assert page.broken == ()
            found.update({int(record.external_id): record for record in page.records})
            cursor = page.cursor
            if page.complete:
                return found, cursor

    async def figures(self, number: int) -> dict[str, tuple[int, dict[str, int], dict[str, int]]]:
        """(received, by condition, by disposal) for each SKU of one return."""
        receipt = (await self.told())[0][number]
        assert {tally.as_of for tally in receipt.tallies.values()} == {to_micros(receipt.at)}
        return {
            sku: (tally.received, dict(tally.conditions), dict(tally.disposed))
            for sku, tally in receipt.tallies.items()
        }


@pytest.fixture
def way(hall: Hall, warehouse: TrytonWarehouse, soon: Deadline) -> Way:
    return Way(warehouse, Dock(hall.people), soon)


# --- announcing ---------------------------------------------------------------------------------------------


async def test_a_return_is_announced_once(hall: Hall, way: Way) -> None:
    request = asks(tracking="JD 0001", **{hall.sku(5): 2})
    number = await way.announce(request)
    assert await way.announce(request) == number
    shown = way.dock.shown(number, "reference", "state", "contact_address.city", "warehouse.code")
    assert shown["reference"] == f"{request.reference} | JD 0001"
    assert (shown["state"], shown["contact_address"]["city"]) == ("draft", "Berlin")
    assert shown["warehouse"]["code"] == "WH-MAIN"


async def test_a_tracking_number_that_comes_later_is_put_on_the_return(hall: Hall, way: Way) -> None:
    request = asks(**{hall.sku(5): 2})
    number = await way.announce(request)
    assert way.dock.shown(number, "reference")["reference"] == request.reference
    assert await way.announce(replace(request, tracking="JD1")) == number
    assert way.dock.shown(number, "reference")["reference"] == f"{request.reference} | JD1"
    assert await way.announce(request) == number
    assert way.dock.shown(number, "reference")["reference"] == f"{request.reference} | JD1"


async def test_a_sender_without_a_place_is_left_out(hall: Hall, way: Way) -> None:
    number = await way.announce(asks(sender=Address(name="Ada Test"), **{hall.sku(5): 1}))
    assert way.dock.shown(number, "contact_address")["contact_address"] is None


async def test_a_reference_that_begins_like_another_is_another(hall: Hall, way: Way) -> None:
    """`_` is a letter here, not any letter."""
    request = asks(tracking="JD1", **{hall.sku(5): 1})
    first = replace(request, reference=f"{request.reference}_1")
    second = replace(request, reference=f"{request.reference}x1")
    numbers = [await way.announce(one) for one in (second, first, request)]
    assert len(set(numbers)) == 3
    assert [await way.announce(one) for one in (second, first, request)] == numbers


async def test_a_reference_without_a_slash_is_refused(hall: Hall, way: Way) -> None:
    outcome = await way.warehouse.announce_return(replace(asks(X=1), reference="R-1"), way.soon)
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.mendable) == ("reference_form", False)


async def test_two_living_returns_of_one_reference_are_told(hall: Hall, way: Way) -> None:
    request = asks(**{hall.sku(5): 2})
    await way.announce(request)
    second = await way.announce(replace(request, reference=request.reference + "-2"))
    way.dock.rest.call("PUT", f"{RETURN}/{second}", {"reference": request.reference})
    assert await way.warehouse.announce_return(request, way.soon) == Rejected(
        f"return {request.reference}: Tryton has 2 with this reference; cancel all but one of them",
        code="duplicate_reference",
    )


# --- receiving ----------------------------------------------------------------------------------------------


async def test_each_step_of_the_dock_moves_the_feed_and_its_number_grows(hall: Hall, way: Way) -> None:
    sku = hall.sku(5)
    request = asks(tracking="JD2", **{sku: 2})
    number = await way.announce(request)
    seen = []
    for step in (None, "receive", "do"):
        cursor = written(Changes.from_moment(SystemClock().now())) if step else None
        if step:
            way.dock.step(number, step)
        receipt = (await way.told(cursor))[0][number]
        assert (receipt.reference, receipt.tracking) == (request.reference, "JD2")
        tally = receipt.tallies[sku]
        seen.append((tally.received, dict(tally.conditions), dict(tally.disposed), receipt.complete))
        seen.append(tally.as_of)
    assert seen[::2] == [(0, {}, {}, False), (2, {}, {}, True), (2, {GOOD: 2}, {RESTOCKED: 2}, True)]
    assert seen[1] < seen[3] < seen[5]
    assert hall.people.free(sku) == 7


async def test_damaged_goods_go_to_waste(hall: Hall, way: Way) -> None:
    sku = hall.sku(5)
    number = await way.announce(asks(**{sku: 3}))
    waste = way.dock.place(fresh("W-"), "lost_found")
    way.dock.step(number, "receive")
    way.dock.bring(number, sku, 1, waste)
    way.dock.step(number, "do")
    assert await way.figures(number) == {sku: (3, {GOOD: 2, DAMAGED: 1}, {RESTOCKED: 2, SCRAPPED: 1})}
    assert hall.people.free(sku) == 7


async def test_all_may_be_waste(hall: Hall, way: Way) -> None:
    sku = hall.sku(5)
    number = await way.announce(asks(**{sku: 2}))
    waste = way.dock.place(fresh("W-"), "lost_found")
    way.dock.step(number, "receive")
    way.dock.bring(number, sku, 2, waste)
    way.dock.step(number, "do")
    assert await way.figures(number) == {sku: (2, {DAMAGED: 2}, {SCRAPPED: 2})}


async def test_fewer_and_more_than_announced_are_told_as_they_came(hall: Hall, way: Way) -> None:
    short, long, none = hall.sku(5), hall.sku(5), hall.sku(5)
    number = await way.announce(asks(**{short: 3, long: 1, none: 1}))
    way.dock.count(number, {short: 1, long: 4, none: 0})
    way.dock.step(number, "receive", "do")
    assert await way.figures(number) == {
        short: (1, {GOOD: 1}, {RESTOCKED: 1}),
        long: (4, {GOOD: 4}, {RESTOCKED: 4}),
        none: (0, {}, {}),
    }


async def test_another_good_is_wrong_where_it_names_the_one_that_was_expected(hall: Hall, way: Way) -> None:
    expected, other = hall.sku(5), hall.sku(5)
    number = await way.announce(asks(**{expected: 2}))
    way.dock.count(number, {expected: 1})
    way.dock.add(number, other, 1, instead_of=expected)
    way.dock.step(number, "receive")
    assert await way.figures(number) == {expected: (2, {}, {})}
    way.dock.step(number, "do")
    assert await way.figures(number) == {expected: (2, {GOOD: 1, WRONG: 1}, {RESTOCKED: 2})}
    assert (hall.people.free(expected), hall.people.free(other)) == (6, 6)


async def test_another_good_that_names_none_is_a_line_of_its_own(hall: Hall, way: Way) -> None:
    expected, other = hall.sku(5), hall.sku(5)
    number = await way.announce(asks(**{expected: 1}))
    way.dock.count(number, {expected: 0})
    way.dock.add(number, other, 1)
    way.dock.step(number, "receive", "do")
    assert await way.figures(number) == {expected: (0, {}, {}), other: (1, {GOOD: 1}, {RESTOCKED: 1})}


@pytest.mark.parametrize("steps", [("receive",), ("receive", "do")], ids=["received", "done"])
async def test_a_return_that_is_cancelled_brought_nothing(
    hall: Hall, way: Way, steps: tuple[str, ...]
) -> None:
    sku = hall.sku(5)
    number = await way.announce(asks(**{sku: 2}))
    way.dock.step(number, *steps)
    before = (await way.told())[0][number].tallies[sku]
    way.dock.step(number, "cancel")
    assert await way.figures(number) == {sku: (0, {}, {})}
    after = (await way.told())[0][number]
    assert after.complete
    assert after.tallies[sku].as_of > before.as_of
    assert before.joined(after.tallies[sku]).received == 0


# --- parcels that nobody announced --------------------------------------------------------------------------


async def test_a_parcel_that_nobody_announced_is_told_with_its_number(hall: Hall, way: Way) -> None:
    sku, tracking = hall.sku(5), fresh("JD")
    number = way.dock.write(tracking, {sku: 1})
    assert number not in (await way.told())[0]
    way.dock.step(number, "receive")
    receipt = (await way.told())[0][number]
    assert (receipt.reference, receipt.tracking, receipt.complete) == (None, tracking, True)
    assert await way.figures(number) == {sku: (1, {}, {})}


async def test_a_parcel_without_a_number_is_told_without_one(hall: Hall, way: Way) -> None:
    sku = hall.sku(5)
    number = way.dock.write(None, {sku: 1})
    way.dock.step(number, "receive", "do")
    receipt = (await way.told())[0][number]
    assert (receipt.reference, receipt.tracking) == (None, None)


async def test_a_parcel_that_people_book_under_our_reference_bears_it(hall: Hall, way: Way) -> None:
    sku, reference = hall.sku(5), f"main/{fresh('')}/R1"
    number = way.dock.write(reference, {sku: 1})
    way.dock.step(number, "receive")
    assert (await way.told())[0][number].reference == reference


async def test_an_unannounced_return_is_told_as_nothing_only_if_it_was_told_before(
    hall: Hall, way: Way
) -> None:
    sku = hall.sku(5)
    never, once = way.dock.write(fresh("JD"), {sku: 1}), way.dock.write(fresh("JD"), {sku: 1})
    way.dock.step(once, "receive")
    for number in (never, once):
        way.dock.step(number, "cancel")
    found, _ = await way.told()
    assert never not in found
    assert found[once].tallies[sku].received == 0


# --- shelves that the options name --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Second:
    """The second warehouse, with a picking place and shelves beside it, by option."""

    way: Way
    shelves: Mapping[str, int]


@pytest.fixture
async def second(hall: Hall, soon: Deadline) -> AsyncIterator[Second]:
    dock = Dock(hall.people, "WH-2")
    names = {option: fresh("S-") for option in ("damaged", "wrong", "scrap", "quarantine")}
    dock.pick_from(dock.place(fresh("P-"), parent=dock.storage))
    shelves = {option: dock.place(code, parent=dock.storage) for option, code in names.items()}
    codes = {f"{option}_location": code for option, code in names.items()}
    connector = hall.connector(warehouse="WH-2", **codes)
    yield Second(Way(connector, dock, soon), shelves)
    await connector.close()
    dock.pick_from(None)


async def test_shelves_say_what_lies_on_them_and_are_not_for_sale(
    hall: Hall, second: Second, soon: Deadline
) -> None:
    way, sku = second.way, hall.sku()
    assert await way.warehouse.identity(soon)
    number = await way.announce(asks(**{sku: 7}))
    way.dock.step(number, "receive")
    for shelf in second.shelves.values():
        way.dock.bring(number, sku, 1, shelf)
    below = way.dock.place(fresh("B-"), parent=second.shelves["damaged"])
    way.dock.bring(number, sku, 1, below)
    way.dock.step(number, "do")
    assert await way.figures(number) == {
        sku: (7, {GOOD: 2, DAMAGED: 3, WRONG: 1}, {RESTOCKED: 2, SCRAPPED: 1})
    }
    product = str(hall.people.product(sku))
    assert await sold(way, product) == 2


async def sold(way: Way, product: str) -> int:
    """What the stock feed says of a product: in its snapshot, and the same in the changes after it."""
    before = written(Changes.from_moment(SystemClock().now() - timedelta(minutes=1)))
    figures = []
    for cursor in (None, before):
        page = await way.warehouse.stock(cursor, way.soon)
        found = list(page.records)
        while not page.complete:
            page = await way.warehouse.stock(page.cursor, way.soon)
            found.extend(page.records)
        (figure,) = {one.quantity for one in found if one.product_external_id == product}
        figures.append(int(figure))
    assert figures[0] == figures[1]
    return figures[0]


async def test_a_shelf_that_tryton_would_pick_from_is_refused(hall: Hall, way: Way) -> None:
    code = fresh("S-")
    way.dock.place(code, parent=way.dock.storage)
    connector = hall.connector(damaged_location=code)
    with pytest.raises(Refused) as refused:
        await connector.identity(way.soon)
    assert refused.value.code == "picked_from"
    with pytest.raises(Refused):
        await connector.return_receipts(None, way.soon)
    await connector.close()


@pytest.mark.parametrize("option", ["damaged_location", "quarantine_location"])
async def test_a_shelf_that_is_not_there_or_outside_is_refused(hall: Hall, way: Way, option: str) -> None:
    for code in (fresh("S-"), "OUT"):
        connector = hall.connector(**{option: code})
        with pytest.raises(Refused) as refused:
            await connector.identity(way.soon)
        assert refused.value.code == "no_shelf"
        assert code in str(refused.value)
        await connector.close()
