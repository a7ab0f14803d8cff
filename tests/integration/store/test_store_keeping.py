"""Re-sealing and erasing in slices say the same on both databases."""

from datetime import timedelta

import sqlalchemy as sa

from sync.domain.clock import SetClock, to_micros
from sync.domain.ids import AccountId
from sync.store import broken, forgetting, orders, retention, rotation
from sync.store.database import Store
from sync.store.retention import Kind, Limits
from sync.store.sealing import Sealer
from sync.store.tables import broken_record, customer_order, forgotten
from tests.integration.store.test_store_people import ADA, order, pulled


async def test_every_row_is_resealed_whatever_its_table(
    store: Store, shop: AccountId, sealer: Sealer
) -> None:
    async with store.write() as tx:
        for n in range(3):
            await pulled(tx, shop, order(str(n)))
            await broken.keep(tx, account_id=shop, feed="orders", external_id=str(n), why="", raw=b"{}")
        sealer.renew(sealer.ring.with_new_key())
        assert await rotation.left(tx) == 6
        at: str | None = ""
        slices = []
        while at is not None:
            done = await rotation.reseal(tx, at, 2)
            slices.append(done.resealed)
            at = done.at
        assert slices == [2, 1, 2, 1, 0]
        assert (await rotation.left(tx), await rotation.sealed_with(tx, 1)) == (0, 0)
        sealer.renew(sealer.ring.without_old_keys())
        for row in await tx.all(sa.select(customer_order.c.id)):
            assert (await orders.buyer(tx, row.id)).person == ADA
        for row in await tx.all(sa.select(broken_record.c.id)):
            assert await broken.raw(tx, row.id) == b"{}"


async def test_what_is_too_old_goes_slice_by_slice(store: Store, shop: AccountId, clock: SetClock) -> None:
    async with store.write() as tx:
        for n in range(3):
            await pulled(tx, shop, order(str(n)))
            await broken.keep(tx, account_id=shop, feed="orders", external_id=str(n), why="", raw=b"{}")
        clock.move(timedelta(days=100))
        limits = Limits(raw_payloads=tx.now(), broken_records=tx.now(), deliveries=tx.now())
        assert await retention.erase_slice(tx, limits, 2) == {Kind.RAW_PAYLOADS: 2, Kind.BROKEN_RECORDS: 2}
        assert await retention.erase_slice(tx, limits, 2) == {Kind.RAW_PAYLOADS: 1, Kind.BROKEN_RECORDS: 1}
        assert await retention.erase_slice(tx, Limits(personal_data=tx.now()), 5) == {Kind.PERSONAL_DATA: 3}
        assert await retention.erase_slice(tx, limits, 2) == {}


async def test_a_newer_erasure_is_not_forgotten_for_an_older_one(store: Store, clock: SetClock) -> None:
    digest = b"\x01" * 16
    now = to_micros(clock.now())
    async with store.write() as tx:
        await forgetting.remember(tx, {digest: now})
        await forgetting.remember(tx, {digest: now - 5})
        assert await tx.scalar(sa.select(forgotten.c.at)) == now
        assert await forgetting.was_forgotten(tx, {digest}, now)
        assert not await forgetting.was_forgotten(tx, {digest}, now + 1)
