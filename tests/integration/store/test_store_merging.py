"""Orders to one door as they are kept: found by a keyed hash alone, held together, and asked about by line."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from sync.domain.aftersales import RequestKind
from sync.domain.clock import SetClock, to_micros
from sync.domain.ids import AccountId, OrderId
from sync.domain.lifecycle import WorkState
from sync.domain.merging import label_key
from sync.domain.money import Money
from sync.domain.orders import RemoteOrderLine
from sync.domain.people import Address
from sync.domain.requests import RemoteRequest, RequestLine, RequestState
from sync.domain.shipments import RemoteParcel
from sync.store import accounts, erasing, fulfilments, merging, orders, outbox, parcels, people
from sync.store.back import cases, requests
from sync.store.database import Store, Tx
from sync.store.tables import customer_order, order_line
from tests.integration.store.samples import remote_order

ADA = Address(
    name="Ada Byron", street=("Hauptstr. 1",), city="Hamburg", country="DE", email="ada@example.com"
)
IDA = replace(ADA, name="Ida Byron")


@dataclass(frozen=True, slots=True)
class Packed:
    """An order with one packed parcel."""

    order: OrderId
    work: str
    parcel: str
    line: str


@pytest.fixture
async def house(store: Store) -> AccountId:
    async with store.write() as tx:
        rows = await accounts.reconcile(tx, [accounts.Configured("wh", "tryton", "warehouse")])
    return rows["wh"].id


async def packed(
    tx: Tx, shop: AccountId, house: AccountId, number: str, to: Address = ADA, *, lines: int = 1
) -> Packed:
    remote = remote_order(number)
    more = tuple(
        RemoteOrderLine(f"l{n}", "v1", "A", "A mug", 1, 1, Decimal("9.95"), Money(995, "EUR"))
        for n in range(2, lines + 1)
    )
    saved = await orders.save(
        tx, shop, replace(remote, ship_to=to, lines=remote.lines + more), history=False, masked=False
    )
    line = str(
        await tx.scalar(
            sa.select(order_line.c.id).where(
                order_line.c.order_id == saved.id, order_line.c.external_id == "l1"
            )
        )
    )
    units = {(line, "A"): 2}
    work = await fulfilments.create(
        tx,
        order_id=saved.id,
        account=house,
        reference=f"shop/{number}/1",
        n=1,
        lines=units,
        rule="",
        config_version="",
    )
    await fulfilments.set_state(tx, work, WorkState.PACKED)
    box = RemoteParcel("7", f"box {number}", (("A", 2),))
    await parcels.save_packed(tx, order_id=saved.id, fulfilment_id=work, packed=[(box, units)], left=False)
    (parcel,) = await parcels.of_order(tx, saved.id)
    return Packed(saved.id, work, parcel.id, line)


async def shared(tx: Tx, *members: Packed) -> None:
    for one in members:
        await parcels.change(tx, one.parcel, label_of=members[0].parcel)


async def test_parcels_to_one_door_are_found_from_either_order(
    store: Store, shop: AccountId, house: AccountId
) -> None:
    async with store.write() as tx:
        one = await packed(tx, shop, house, "1")
        other = await packed(tx, shop, house, "2", replace(ADA, street=("HAUPTSTR 1",)))
        await packed(tx, shop, house, "3", IDA)
        nowhere = await packed(tx, shop, house, "4", Address(country="DE"))
        for order in (one.order, other.order):
            assert [found.parcel for found in await merging.unlabelled(tx, order)] == [
                one.parcel,
                other.parcel,
            ]
        assert await merging.beside(tx, one.order) == [other.order]
        assert await merging.unlabelled(tx, nowhere.order) == []


async def test_what_has_a_number_a_label_under_way_or_an_end_is_not_among_them(
    store: Store, shop: AccountId, house: AccountId
) -> None:
    async with store.write() as tx:
        found = [await packed(tx, shop, house, f"{n}") for n in range(1, 7)]
        await parcels.change(tx, found[0].parcel, tracking="T1")
        await parcels.change(tx, found[1].parcel, label_of=found[1].parcel)
        await parcels.change(tx, found[2].parcel, voided_at=tx.now())
        await fulfilments.set_state(tx, found[3].work, WorkState.SHIPPED)
        await outbox.enqueue(
            tx,
            account_id=house,
            operation="book",
            key=label_key([("shop/5/1", "7")]),
            aggregate=f"parcel:{found[4].parcel}",
            payload={},
        )
        assert [one.parcel for one in await merging.unlabelled(tx, found[0].order)] == [found[5].parcel]


async def test_a_shared_label_that_came_to_nothing_leaves_its_parcels_free_for_another(
    store: Store, shop: AccountId, house: AccountId
) -> None:
    """Their own key is not taken by the one that they shared."""
    async with store.write() as tx:
        one, other = await packed(tx, shop, house, "1"), await packed(tx, shop, house, "2")
        key = label_key([("shop/1/1", "7"), ("shop/2/1", "7")])
        await outbox.enqueue(
            tx, account_id=house, operation="book", key=key, aggregate=f"parcel:{one.parcel}", payload={}
        )
        assert {found.parcel for found in await merging.unlabelled(tx, one.order)} == {
            one.parcel,
            other.parcel,
        }


async def test_the_door_is_kept_as_a_keyed_hash_and_goes_with_the_person(
    store: Store, shop: AccountId, house: AccountId
) -> None:
    index = sa.select(customer_order.c.ship_to_index)
    async with store.write() as tx:
        one = await packed(tx, shop, house, "1")
        kept = await tx.scalar(index.where(customer_order.c.id == one.order))
        assert len(bytes(kept)) == 16
        assert b"Ada" not in bytes(kept)
        await erasing.erase(tx, await people.find(tx, people.sought(tx.sealer, "ada@example.com")))
        assert await tx.scalar(index.where(customer_order.c.id == one.order)) is None


async def test_a_masked_shop_has_no_doors(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        saved = await orders.save(
            tx, shop, replace(remote_order("1"), ship_to=ADA), history=False, masked=True
        )
        index = sa.select(customer_order.c.ship_to_index).where(customer_order.c.id == saved.id)
        assert await tx.scalar(index) is None


async def test_another_address_is_another_door(store: Store, shop: AccountId, house: AccountId) -> None:
    async with store.write() as tx:
        one, other = await packed(tx, shop, house, "1"), await packed(tx, shop, house, "2")
        moved = replace(remote_order("2"), ship_to=replace(ADA, street=("Ringstr. 9",)))
        await orders.save(tx, shop, moved, history=False, masked=False)
        assert [found.parcel for found in await merging.unlabelled(tx, one.order)] == [one.parcel]
        assert [found.parcel for found in await merging.unlabelled(tx, other.order)] == [other.parcel]


# --- what is asked about --------------------------------------------------------------------------------


def request(number: str, state: RequestState, *lines: str) -> RemoteRequest:
    return RemoteRequest(
        external_id=f"ask {number}",
        order=f"x{number}",
        kind=RequestKind.REFUND_ONLY,
        state=state,
        lines=tuple(RequestLine(line, 1) for line in lines),
        asked_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("lines", "state", "about"),
    [
        (("l1",), RequestState.ASKED, {"l1"}),
        (("l1",), RequestState.OPEN, {"l1"}),
        ((), RequestState.ASKED, {"l1", "l2"}),
        (("l1", "gone"), RequestState.ASKED, {"l1", "l2"}),
        (("l1",), RequestState.WITHDRAWN, set()),
        (("l1",), RequestState.CLOSED, set()),
    ],
)
async def test_an_open_request_is_about_its_lines_and_about_all_where_it_names_none(
    store: Store,
    shop: AccountId,
    house: AccountId,
    lines: tuple[str, ...],
    state: RequestState,
    about: set[str],
) -> None:
    async with store.write() as tx:
        one = await packed(tx, shop, house, "1", lines=2)
        await requests.save(tx, shop, request("1", state, *lines), 1)
        rows = await tx.all(sa.select(order_line.c.id, order_line.c.external_id))
        named = {row.id: row.external_id for row in rows}
        assert {named[line] for line in await merging.asked(tx, one.order)} == about


async def test_a_request_is_open_until_its_case_is_done(
    store: Store, shop: AccountId, house: AccountId
) -> None:
    async with store.write() as tx:
        one = await packed(tx, shop, house, "1")
        id = await requests.save(tx, shop, request("1", RequestState.CLOSED, "l1"), 1)
        case = await cases.open_case(
            tx,
            account_id=shop,
            reference="shop/1/R1",
            n=1,
            kind=RequestKind.REFUND_ONLY,
            request_id=id,
            order_id=one.order,
        )
        assert await merging.asked(tx, one.order) == {one.line}
        await cases.settle(tx, case, done=True, waits="", review_at=None)
        assert await merging.asked(tx, one.order) == frozenset()


async def test_a_request_that_came_before_its_order_counts(
    store: Store, shop: AccountId, house: AccountId
) -> None:
    async with store.write() as tx:
        await requests.save(tx, shop, request("1", RequestState.ASKED, "l1"), 1)
        one = await packed(tx, shop, house, "1")
        assert await merging.asked(tx, one.order) == {one.line}


# --- under one label ------------------------------------------------------------------------------------


async def test_a_label_is_needed_until_its_last_parcel_stays_behind(
    store: Store, shop: AccountId, house: AccountId
) -> None:
    async with store.write() as tx:
        one, other = await packed(tx, shop, house, "1"), await packed(tx, shop, house, "2")
        assert not await merging.alive_beside(tx, one.parcel, None)
        await shared(tx, one, other)
        assert sorted(await merging.members(tx, one.parcel)) == sorted([one.parcel, other.parcel])
        assert await merging.sharers(tx, one.order) == {one.parcel: ["shop/2"]}
        assert await merging.alive_beside(tx, one.parcel, one.parcel)
        await parcels.change(tx, other.parcel, voided_at=tx.now())
        assert not await merging.alive_beside(tx, one.parcel, one.parcel)
        assert await merging.sharers(tx, one.order) == {}


async def test_of_two_that_stay_behind_at_once_one_sees_that_it_is_the_last(
    store: Store, shop: AccountId, house: AccountId
) -> None:
    """Else nobody would give the label back."""
    async with store.write() as tx:
        both = [await packed(tx, shop, house, "1"), await packed(tx, shop, house, "2")]
        await shared(tx, *both)

    async def stay(one: Packed) -> bool:
        async with store.write() as tx:
            used = await merging.alive_beside(tx, one.parcel, both[0].parcel)
            await asyncio.sleep(0.05)
            await parcels.change(tx, one.parcel, voided_at=tx.now())
        return used

    assert sorted(await asyncio.gather(*(stay(one) for one in both))) == [False, True]


async def test_what_has_waited_long_enough_is_found(
    store: Store, shop: AccountId, house: AccountId, clock: SetClock
) -> None:
    async with store.write() as tx:
        one, other = await packed(tx, shop, house, "1"), await packed(tx, shop, house, "2")
        until = clock.now() + timedelta(hours=1)
        await parcels.change(tx, one.parcel, waits_until=to_micros(until))
        await parcels.change(tx, other.parcel, waits_until=to_micros(until + timedelta(hours=1)))
        assert await merging.done_waiting(tx, shop, 10) == []
    clock.move(timedelta(hours=1))
    async with store.write() as tx:
        assert await merging.done_waiting(tx, shop, 10) == [one.order]
        assert await merging.done_waiting(tx, house, 10) == []
        assert await merging.end_waits(tx, shop) == 1
        assert await merging.done_waiting(tx, shop, 10) == [one.order, other.order]


async def test_whoever_plans_for_a_door_holds_every_order_to_it(
    store: Store, shop: AccountId, house: AccountId
) -> None:
    """Two reviews of two orders never both believe that they are the first to buy."""
    async with store.write() as tx:
        both = [await packed(tx, shop, house, "1"), await packed(tx, shop, house, "2")]

    async def plan(one: Packed) -> int:
        async with store.write() as tx:
            await merging.hold_beside(tx, one.order)
            free = await merging.unlabelled(tx, one.order)
            await asyncio.sleep(0.05)
            for found in free:
                await parcels.change(tx, found.parcel, label_of=both[0].parcel)
        return len(free)

    assert sorted(await asyncio.gather(*(plan(one) for one in both))) == [0, 2]
