"""A person is found by blind index, shown whole, and erased so that the books still add up."""

import dataclasses
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sync.domain.clock import SetClock
from sync.domain.ids import AccountId, OrderId
from sync.domain.money import Money
from sync.domain.orders import OrderStatus, PaymentStatus, RemoteOrder, RemoteOrderLine
from sync.domain.people import Address, Person
from sync.store import (
    accounts,
    broken,
    cases,
    disclosing,
    erasing,
    events,
    issues,
    order_rows,
    orders,
    outbox,
    people,
    shredding,
)
from sync.store.database import Store, Tx
from sync.store.erasing import Erased
from sync.store.people import Ambiguous, Known
from sync.store.tables import (
    METADATA,
    customer_order,
    fulfilment,
    inbox,
    order_event,
    order_line,
    parcel,
    tracking_event,
)
from tests.databases.fixtures import Place
from tests.integration.store.conftest import NOON

ADA = Person("Ada Lovelace", "ada@example.com", "+49 30 555-0101")
HOME = Address("Ada Lovelace", None, ("Analytikergasse 7",), "Berlin", None, "10115", "DE", "030 999 0202")
VALUES = ("Ada", "Lovelace", "ada@example.com", "+49 30 555-0101", "Analytikergasse 7", "ring twice at 7")


def order(number: str = "1001", **changes: Any) -> RemoteOrder:
    price = Money(1990, "EUR")
    line = RemoteOrderLine("l1", "v1", "SKU-1", "A mug for Ada", 2, 2, Decimal("9.95"), price)
    made = RemoteOrder(
        external_id=f"x{number}",
        number=number,
        placed_at=NOON,
        status=OrderStatus.COMPLETED,
        payment=PaymentStatus.PAID,
        currency="EUR",
        lines=(line,),
        total=price,
        shipping=Money(0, "EUR"),
        adjustments=Money(0, "EUR"),
        buyer=ADA,
        ship_to=HOME,
        note="ring twice at 7",
        raw=b'{"buyer": "Ada Lovelace", "mail": "ada@example.com"}',
    )
    return dataclasses.replace(made, **changes)


async def pulled(tx: Tx, shop: AccountId, remote: RemoteOrder, *, closed: bool = True) -> OrderId:
    saved = await orders.save(tx, shop, remote, history=False, masked=False)
    if closed:
        await cases.set_order(tx, saved.id, state="shipped", closed_at=tx.now(), review_at=None)
    return saved.id


async def find(tx: Tx, asked: str) -> Known:
    return await people.find(tx, people.sought(tx.sealer, asked))


def numbers(known: Known) -> list[str]:
    return [one.number for one in known.orders]


@pytest.fixture
async def other_shop(store: Store, shop: AccountId) -> AccountId:
    async with store.write() as tx:
        wishes = [accounts.Configured(name, "vendure", "storefront") for name in ("shop", "outlet")]
        rows = await accounts.reconcile(tx, wishes)
    return rows["outlet"].id


# --- finding --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        "ada@example.com",
        " ADA@Example.COM ",
        "+49 30 555-0101",
        "0049305550101",
        "030 999 0202",
        "1001",
        "shop/1001",
    ],
)
async def test_a_person_is_found_by_mail_by_telephone_and_by_order(
    store: Store, shop: AccountId, asked: str
) -> None:
    """However they write it; the telephone of the address counts too."""
    async with store.write() as tx:
        await pulled(tx, shop, order())
        await pulled(tx, shop, order("1002", buyer=Person("Bo", "bo@example.com"), ship_to=Address()))
        assert numbers(await find(tx, asked)) == ["1001"]


async def test_an_order_leads_to_the_others_of_the_same_mail_address(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        for number in ("1001", "1002"):
            await pulled(tx, shop, order(number))
        assert numbers(await find(tx, "1002")) == ["1001", "1002"]


async def test_an_order_without_mail_leads_on_by_telephone(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        for number in ("1001", "1002"):
            await pulled(tx, shop, order(number, buyer=Person("Ada", phone="+49 30 555-0101")))
        assert numbers(await find(tx, "1001")) == ["1001", "1002"]


async def test_an_order_of_a_buyer_without_any_contact_is_found_alone(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        for number in ("1001", "1002"):
            await pulled(tx, shop, order(number, buyer=Person(), ship_to=Address()))
        assert numbers(await find(tx, "1001")) == ["1001"]


async def test_a_number_of_several_shops_must_be_said_with_its_shop(
    store: Store, shop: AccountId, other_shop: AccountId
) -> None:
    async with store.write() as tx:
        for account in (shop, other_shop):
            await pulled(tx, account, order(buyer=Person(), ship_to=Address()))
        with pytest.raises(Ambiguous) as refused:
            await find(tx, "1001")
        assert str(refused.value) == (
            "several shops have an order 1001: say which, as in shop/1001, outlet/1001"
        )
        assert numbers(await find(tx, "outlet/1001")) == ["1001"]


async def test_what_is_an_order_and_a_telephone_must_be_said_clearly(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        await pulled(tx, shop, order("49305550101", buyer=Person(), ship_to=Address()))
        await pulled(tx, shop, order("1002"))
        with pytest.raises(Ambiguous) as refused:
            await find(tx, "49305550101")
        assert str(refused.value) == (
            "this is the number of an order and a telephone number too: "
            "write shop/number for the order, or the telephone number with its + sign"
        )
        assert numbers(await find(tx, "+49305550101")) == ["1002"]
        assert numbers(await find(tx, "shop/49305550101")) == ["49305550101"]


async def test_a_broken_record_and_a_delivery_are_found_by_what_stands_in_them(
    store: Store, shop: AccountId
) -> None:
    async with store.write() as tx:
        await keep_raws(tx, shop)
        known = await find(tx, "ada@example.com")
        assert [(raw.what, raw.open) for raw in known.raws] == [
            ("record 77 of orders", False),
            ("delivery push-1", True),
        ]
        assert (await find(tx, "bo@example.com")).raws == ()


async def keep_raws(tx: Tx, shop: AccountId) -> None:
    await broken.keep(
        tx,
        account_id=shop,
        feed="orders",
        external_id="77",
        why="no total",
        raw=b'{"mail":"ada@example.com"}',
    )
    id = tx.new_id()
    await tx.run(
        sa.insert(inbox).values(
            id=id,
            account_id=shop,
            key="push-1",
            topic="parcel",
            payload_sealed=tx.sealer.seal("inbox", id, "payload", b'{"tel": "+49 30 555-0101 "}'),
            key_id=tx.sealer.key_id,
            received_at=tx.now(),
        )
    )
    await tx.run(
        sa.insert(inbox).values(
            id=tx.new_id(), account_id=shop, key="push-2", topic="parcel", received_at=tx.now()
        )
    )
    await pulled(tx, shop, order())


# --- showing --------------------------------------------------------------------------------------------


async def test_the_document_holds_everything_that_is_known(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        await keep_raws(tx, shop)
        known = await find(tx, "ada@example.com")
        document = await disclosing.document(tx, known)
    (told,) = document["orders"]
    assert (told["shop"], told["number"], told["total_minor"]) == ("shop", "1001", 1990)
    assert told["buyer"] == {
        "name": "Ada Lovelace", "email": "ada@example.com", "phone": "+49 30 555-0101", "token": None
    }  # fmt: skip
    assert told["ship_to"]["street"] == ("Analytikergasse 7",)
    assert told["note"] == "ring twice at 7"
    assert told["as_the_shop_told_it"] == {"buyer": "Ada Lovelace", "mail": "ada@example.com"}
    assert told["placed_at"] == NOON.isoformat()
    assert [line["title"] for line in told["order_line"]] == ["A mug for Ada"]
    assert [event["kind"] for event in told["order_event"]] == ["pulled"]
    assert [record["content"] for record in document["records"]] == [
        {"mail": "ada@example.com"},
        {"tel": "+49 30 555-0101 "},
    ]
    json.dumps(document)


# --- erasing --------------------------------------------------------------------------------------------


async def a_life(tx: Tx, shop: AccountId) -> OrderId:
    """A closed order with everything that can hold a person's name."""
    order_id = await pulled(tx, shop, order(), closed=False)
    await events.add_event(
        tx, order_id, "refused", "the courier refused: LOVELACE is no consignee", by=["Ada", 7]
    )
    await issues.raise_issue(
        tx, key="parcel.not_told:1", kind="parcel.not_told", order_id=order_id,
        what="order 1001 is not told", why="ada@example.com bounced", todo="call +49 30 555-0101",
    )  # fmt: skip
    await outbox.enqueue(
        tx, account_id=shop, operation="book", key="k", aggregate="a", payload={"to": "Ada Lovelace"},
        order_id=order_id,
    )  # fmt: skip
    row = await outbox.by_key(tx, "k")
    assert row is not None
    await outbox.withdraw(tx, row.id, "Analytikergasse 7 is unknown")
    work, box = tx.new_id(), tx.new_id()
    await tx.run(
        sa.insert(fulfilment).values(
            id=work, order_id=order_id, account_id=shop, reference="shop/1001/1", n=1, created_at=1,
            closed_at=2,
        )
    )  # fmt: skip
    await tx.run(
        sa.insert(parcel).values(
            id=box, order_id=order_id, fulfilment_id=work, external_id="p1", created_at=1, tracking="T1",
            label_url="https://c.example/label/ada", tracking_url="https://c.example/t/ada",
        )
    )  # fmt: skip
    await tx.run(
        sa.insert(tracking_event).values(
            parcel_id=box, event_key="1", status="delivered", seen_at=1, description="signed by Lovelace",
            place="Analytikergasse 7",
        )
    )  # fmt: skip
    await cases.set_order(tx, order_id, state="shipped", closed_at=tx.now(), review_at=None)
    return order_id


async def everything(tx: Tx) -> Iterator[str]:
    """Every stored value, sealed ones opened by nobody."""
    found = []
    for table in METADATA.tables.values():
        for row in await tx.all(sa.select(table)):
            found.append(repr(tuple(row)))
    return iter(found)


def _stands_in(value: str, text: str) -> bool:
    """As a word: an id or a digest in hexadecimal may hold "ada" by chance."""
    return re.search(rf"(?<![0-9a-z]){re.escape(value.casefold())}(?![0-9a-z])", text) is not None


async def test_nothing_that_names_the_person_is_left(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        order_id = await a_life(tx, shop)
        assert await erasing.erase(tx, await find(tx, "1001")) == Erased(1, 0)
        left = "\n".join(await everything(tx)).casefold()
        assert [value for value in VALUES if _stands_in(value, left.replace("mug for [erased]", ""))] == []
        buyer = await orders.buyer(tx, order_id)
        assert (buyer.person, buyer.ship_to, buyer.note) == (Person(), Address(), "")
        row = await tx.one(sa.select(customer_order).where(customer_order.c.id == order_id))
        assert row is not None
        assert [getattr(row, name) for name in order_rows.NOBODY] == [None] * 7
        (event,) = await tx.all(sa.select(order_event).where(order_event.c.kind == "refused"))
        assert event.what == "the courier refused: [erased] is no consignee"
        assert json.loads(event.data) == {"by": ["[erased]", 7]}
        box = await tx.one(sa.select(parcel))
        assert box is not None
        assert (box.tracking, box.label_url, box.tracking_url) == ("T1", None, None)


async def test_the_books_still_add_up(store: Store, shop: AccountId) -> None:
    figures = (
        "number", "state", "status", "payment", "currency", "total_minor", "shipping_minor",
        "adjustments_minor", "country", "placed_at", "closed_at", "cart_hash",
    )  # fmt: skip
    lines = sa.select(order_line.c.ordered, order_line.c.quantity, order_line.c.total_minor)
    books = sa.select(*(customer_order.c[name] for name in figures))
    async with store.write() as tx:
        await a_life(tx, shop)
        before = (await tx.all(books), await tx.all(lines))
        await erasing.erase(tx, await find(tx, "1001"))
        assert (await tx.all(books), await tx.all(lines)) == before


async def test_erasing_twice_changes_nothing(store: Store, shop: AccountId, clock: SetClock) -> None:
    async with store.write() as tx:
        await a_life(tx, shop)
        await erasing.erase(tx, await find(tx, "ada@example.com"))
        first = list(await everything(tx))
        clock.move(timedelta(days=1))
        for asked in ("ada@example.com", "1001"):
            known = await find(tx, asked)
            assert not known.left
            assert await erasing.erase(tx, known) == Erased(0, 0)
        assert (await find(tx, "ada@example.com")).forgotten_at == NOON
        assert list(await everything(tx)) == first


async def test_raw_records_that_name_the_person_go_too_and_do_not_come_back(
    store: Store, shop: AccountId
) -> None:
    async with store.write() as tx:
        await keep_raws(tx, shop)
        assert (await erasing.erase(tx, await find(tx, "ada@example.com"))).records == 2
        assert (await find(tx, "ada@example.com")).raws == ()
        record = {"account_id": shop, "feed": "orders", "external_id": "77", "why": "no total"}
        await broken.keep(tx, raw=b'{"mail":"ada@example.com"}', **record)
        (kept,) = await broken.list_open(tx, shop)
        with pytest.raises(LookupError, match="or nothing of it is kept"):
            await broken.raw(tx, kept.id)


async def test_what_is_open_must_be_finished_first(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        order_id = await pulled(tx, shop, order(), closed=False)
        await outbox.enqueue(
            tx, account_id=shop, operation="book", key="k", aggregate="a", payload={}, order_id=order_id
        )
        await keep_raws_only(tx, shop)
        assert await people.unfinished(tx, await find(tx, "1001")) == [
            "order shop/1001 is received: 1 write(s) to send or to settle",
            "delivery push-9 is not worked on yet",
        ]


async def keep_raws_only(tx: Tx, shop: AccountId) -> None:
    id = tx.new_id()
    sealed = tx.sealer.seal("inbox", id, "payload", b"ada@example.com")
    row = {"id": id, "account_id": shop, "key": "push-9", "received_at": 1, "payload_sealed": sealed}
    await tx.run(sa.insert(inbox).values(**row, key_id=tx.sealer.key_id))


# --- what comes again -----------------------------------------------------------------------------------


async def personal(tx: Tx, order_id: str) -> list[Any]:
    row = await tx.one(sa.select(customer_order).where(customer_order.c.id == order_id))
    assert row is not None
    return [value for name in order_rows.NOBODY if (value := getattr(row, name)) is not None]


@pytest.mark.parametrize("status", [OrderStatus.COMPLETED, OrderStatus.OPEN, OrderStatus.CANCELLED])
async def test_a_shop_that_tells_the_order_again_does_not_bring_the_person_back(
    store: Store, shop: AccountId, status: OrderStatus
) -> None:
    """Unchanged or changed, even opened again: the figures follow the shop, the person stays out."""
    async with store.write() as tx:
        order_id = await pulled(tx, shop, order())
        await erasing.erase(tx, await find(tx, "1001"))
        unchanged = await orders.save(tx, shop, order(), history=False, masked=False)
        assert not unchanged.changed
        changed = order(status=status, total=Money(2990, "EUR"))
        assert (await orders.save(tx, shop, changed, history=False, masked=False)).changed
        assert await tx.scalar(sa.select(customer_order.c.total_minor)) == 2990
        assert await personal(tx, order_id) == []


async def test_an_ended_order_from_before_that_comes_for_the_first_time_comes_without_the_person(
    store: Store, shop: AccountId, clock: SetClock
) -> None:
    async with store.write() as tx:
        await pulled(tx, shop, order())
        await erasing.erase(tx, await find(tx, "ada@example.com"))
        clock.move(timedelta(days=1))
        late = await pulled(tx, shop, order("900", placed_at=NOON - timedelta(days=3)))
        assert await personal(tx, late) == []
        assert await tx.scalar(sa.select(customer_order.c.erased_at).where(customer_order.c.id == late))


async def test_an_open_order_from_before_keeps_its_address_until_it_is_shipped(
    store: Store, shop: AccountId
) -> None:
    async with store.write() as tx:
        await pulled(tx, shop, order())
        await erasing.erase(tx, await find(tx, "ada@example.com"))
        late = await pulled(tx, shop, order("900", status=OrderStatus.OPEN), closed=False)
        assert len(await personal(tx, late)) == 6


async def test_an_order_placed_after_the_erasure_is_a_new_relation(
    store: Store, shop: AccountId, clock: SetClock
) -> None:
    async with store.write() as tx:
        await pulled(tx, shop, order())
        await erasing.erase(tx, await find(tx, "ada@example.com"))
        clock.move(timedelta(days=2))
        new = await pulled(tx, shop, order("1003", placed_at=NOON + timedelta(days=1)))
        assert len(await personal(tx, new)) == 6


async def test_the_sealed_bytes_are_gone_from_the_file_and_from_its_log(
    store: Store, shop: AccountId, database: Place
) -> None:
    """On SQLite. PostgreSQL keeps them until autovacuum has been there."""
    if not isinstance(database.address, Path):
        assert await shredding.cut_log(store)
        return
    file = database.address
    async with store.write() as tx:
        order_id = await pulled(tx, shop, order(raw=b"x" * 9000))
        row = await tx.one(sa.select(customer_order).where(customer_order.c.id == order_id))
        assert row is not None
        pieces = [row.person_sealed[20:60], row.raw_sealed[20:60], row.email_index]
    assert all(piece in on_disk(file) for piece in pieces)
    async with store.write() as tx:
        await shredding.overwrite_freed(tx)
        await erasing.erase(tx, await find(tx, "shop/1001"))
    assert await shredding.cut_log(store)
    left = on_disk(file)
    assert pieces[0] not in left
    assert pieces[1] not in left


def on_disk(file: Path) -> bytes:
    names = (file, file.with_name(f"{file.name}-wal"))
    return b"".join(name.read_bytes() for name in names if name.exists())
