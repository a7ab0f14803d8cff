"""What has been kept long enough is erased by night: of closed orders only, in slices, counted and audited."""

import dataclasses
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from config import RetentionModel, Settings, load_settings
from sync.domain.clock import SetClock
from sync.domain.ids import AccountId
from sync.engine.retention import Retention, limits_of
from sync.store import accounts, audit, broken, cases, erasing, orders, people, retention
from sync.store.database import Store, Tx
from sync.store.retention import Kind, Limits
from sync.store.tables import broken_record, customer_order, inbox
from tests.integration.engine.workshop import NOON, metric
from tests.integration.store.test_store_people import order, personal, pulled

MIDNIGHT = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "entrepot.yaml").write_text("accounts: {}\n")
    return load_settings(tmp_path / "entrepot.yaml")


@pytest.fixture
async def shop(store: Store) -> AccountId:
    async with store.write() as tx:
        rows = await accounts.reconcile(tx, [accounts.Configured("shop", "vendure", "storefront")])
    return rows["shop"].id


@pytest.fixture
def errand(store: Store, clock: SetClock, settings: Settings) -> Retention:
    return Retention(store, clock, lambda: settings)


async def within(store: Store, act: Callable[[Tx], Awaitable[Any]]) -> Any:
    async with store.write() as tx:
        return await act(tx)


async def columns(tx: Tx, order_id: str) -> tuple[bool, bool]:
    """Whether the person, and whether the raw record is still there."""
    row = await tx.one(sa.select(customer_order).where(customer_order.c.id == order_id))
    assert row is not None
    return row.person_sealed is not None, row.raw_sealed is not None


def test_the_defaults_are_what_the_docs_say() -> None:
    kept = RetentionModel()
    assert limits_of(kept, datetime(2026, 1, 1, tzinfo=UTC)) == Limits(
        personal_data=1704153600000000, raw_payloads=1759449600000000,
        broken_records=1759449600000000, deliveries=1764633600000000,
    )  # fmt: skip
    assert kept.personal_data == timedelta(days=730)


async def test_raw_records_go_before_the_person_and_the_books_stay(
    store: Store, clock: SetClock, shop: AccountId, errand: Retention
) -> None:
    order_id = await within(store, lambda tx: pulled(tx, shop, order()))
    for days, left in ((0, (True, True)), (91, (True, False)), (729, (True, False)), (731, (False, False))):
        clock.move(NOON + timedelta(days=days) - clock.now())
        await errand.look()
        assert await within(store, lambda tx: columns(tx, order_id)) == left, days
    assert await within(store, lambda tx: tx.scalar(sa.select(customer_order.c.total_minor))) == 1990


async def test_an_open_order_keeps_everything(
    store: Store, clock: SetClock, shop: AccountId, errand: Retention
) -> None:
    order_id = await within(store, lambda tx: pulled(tx, shop, order(), closed=False))
    clock.move(timedelta(days=4000))
    await errand.look()
    assert await within(store, lambda tx: columns(tx, order_id)) == (True, True)


async def test_for_ever_is_kept(store: Store, clock: SetClock, shop: AccountId, settings: Settings) -> None:
    order_id = await within(store, lambda tx: pulled(tx, shop, order()))
    for_ever = RetentionModel(personal_data=None, raw_payloads=None)
    errand = Retention(store, clock, lambda: dataclasses.replace(settings, retention=for_ever))
    clock.move(timedelta(days=4000))
    await errand.look()
    assert await within(store, lambda tx: columns(tx, order_id)) == (True, True)


async def test_a_run_is_counted_and_audited_without_a_name(
    store: Store, clock: SetClock, shop: AccountId, errand: Retention
) -> None:
    before = metric("erased_total", kind="personal_data")
    for number in ("1001", "1002"):
        await within(store, lambda tx, n=number: pulled(tx, shop, order(n)))  # type: ignore[misc]
    clock.move(timedelta(days=731))
    await errand.look()
    assert metric("erased_total", kind="personal_data") == before + 2
    assert metric("retention_last_run_timestamp_seconds") == clock.now().timestamp()
    (line,) = (await within(store, audit.latest))[:1]
    assert (line.who, line.what, line.subject) == ("entrepot", "personal data erased", "")
    assert json.loads(line.data) == {"counts": {"personal_data": 2}}


async def test_more_than_one_slice_is_erased_to_the_end(
    store: Store, clock: SetClock, shop: AccountId
) -> None:
    async with store.write() as tx:
        for n in range(5):
            await pulled(tx, shop, order(str(n)))
        clock.move(timedelta(days=731))
        limits = limits_of(RetentionModel(), clock.now())
        erased = [await retention.erase_slice(tx, limits, 2) for _ in range(4)]
    assert [one.get(Kind.PERSONAL_DATA, 0) for one in erased] == [2, 2, 1, 0]
    assert erased[3] == {}


async def test_between_nights_nothing_is_erased(
    store: Store, clock: SetClock, shop: AccountId, errand: Retention
) -> None:
    order_id = await within(store, lambda tx: pulled(tx, shop, order()))
    clock.move(MIDNIGHT + timedelta(days=729) - clock.now())
    await errand.look()  # the night's run: nothing is old enough
    clock.move(MIDNIGHT + timedelta(days=729, hours=12) - clock.now())
    await errand.look()
    assert (await within(store, lambda tx: columns(tx, order_id)))[0]
    clock.move(MIDNIGHT + timedelta(days=730) - clock.now())
    await errand.look()
    assert not (await within(store, lambda tx: columns(tx, order_id)))[0]


async def test_a_daemon_that_sleeps_by_night_catches_up_by_day(
    store: Store, clock: SetClock, shop: AccountId, errand: Retention
) -> None:
    order_id = await within(store, lambda tx: pulled(tx, shop, order()))
    clock.move(NOON + timedelta(days=729) - clock.now())
    await errand.look()
    clock.move(NOON + timedelta(days=731) - clock.now())
    await errand.look()
    assert not (await within(store, lambda tx: columns(tx, order_id)))[0]


async def test_records_that_could_not_be_read_and_deliveries_go_too(
    store: Store, clock: SetClock, shop: AccountId, errand: Retention
) -> None:
    async with store.write() as tx:
        await broken.keep(tx, account_id=shop, feed="orders", external_id="7", why="", raw=b"{}")
        for key, processed in (("done", tx.now()), ("waiting", None)):
            row = {"id": tx.new_id(), "account_id": shop, "key": key, "received_at": tx.now(), "key_id": 1}
            await tx.run(sa.insert(inbox).values(**row, payload_sealed=b"x", processed_at=processed))
    clock.move(91 * DAY)
    await errand.look()
    async with store.read() as tx:
        assert await tx.scalar(sa.select(broken_record.c.raw_sealed)) is None
        left = await tx.all(sa.select(inbox.c.key).where(inbox.c.payload_sealed.is_not(None)))
    assert [row.key for row in left] == ["waiting"]


async def test_what_an_erased_person_had_open_goes_when_it_is_closed(
    store: Store, clock: SetClock, shop: AccountId, errand: Retention
) -> None:
    async with store.write() as tx:
        await pulled(tx, shop, order())
        known = await people.find(tx, people.sought(tx.sealer, "ada@example.com"))
        await erasing.erase(tx, known)
        late = await pulled(tx, shop, order("900", status=order().status.OPEN), closed=False)
    await errand.look()
    assert len(await within(store, lambda tx: personal(tx, late))) == 6
    await within(store, lambda tx: cases.set_order(tx, late, closed_at=tx.now()))
    clock.move(2 * DAY)
    await errand.look()
    assert await within(store, lambda tx: personal(tx, late)) == []


async def test_an_account_that_becomes_masked_loses_what_it_stored_in_plain(
    store: Store, clock: SetClock, shop: AccountId, errand: Retention
) -> None:
    async with store.write() as tx:
        remote = order(buyer=dataclasses.replace(order().buyer, token="oaid-1"))
        order_id = await pulled(tx, shop, remote, closed=False)
        await broken.keep(tx, account_id=shop, feed="orders", external_id="7", why="", raw=b"{}")
        wish = accounts.Configured("shop", "vendure", "storefront", personal_data="masked")
        await accounts.reconcile(tx, [wish])
    await errand.look()
    async with store.read() as tx:
        buyer = await orders.buyer(tx, order_id)
        assert (buyer.person.token, buyer.person.name, buyer.note) == ("oaid-1", None, "")
        assert (buyer.ship_to.country, buyer.ship_to.street) == ("DE", ())
        assert await columns(tx, order_id) == (True, False)
        assert await tx.scalar(sa.select(broken_record.c.raw_sealed)) is None
        assert await tx.scalar(sa.select(customer_order.c.email_index)) is None
