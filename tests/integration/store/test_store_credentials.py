"""Tokens in the store: sealed, replaced, found again under another key."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from connectors.transport import Secret, Token
from sync.domain.ids import AccountId
from sync.engine.tokens import StoreBox
from sync.store import credentials, rotation
from sync.store.database import Store
from sync.store.sealing import Sealer, Unsealable
from sync.store.tables import credential


async def test_a_token_is_kept_sealed_and_replaced(store: Store, shop: AccountId) -> None:
    box = StoreBox(store, shop)
    assert await box.take() is None
    async with store.read() as tx:
        ends = tx.clock.now() + timedelta(hours=1)
    await box.put(Token(Secret("access-1"), ends, Secret("refresh-1"), "read_orders"))
    await box.put(Token(Secret("access-2"), ends, Secret("refresh-2"), "read_orders"))
    found = await box.take()
    assert found is not None
    assert found.refresh is not None
    assert (found.access.reveal(), found.refresh.reveal(), found.ends_at) == ("access-2", "refresh-2", ends)
    async with store.read() as tx:
        rows = await tx.all(sa.select(credential.c.token_sealed))
    assert len(rows) == 1
    assert b"access" not in rows[0].token_sealed


async def test_who_reads_beside_the_daemon_keeps_nothing(store: Store, shop: AccountId) -> None:
    await StoreBox(store, shop, ours=False).put(Token(Secret("access-1")))
    assert await StoreBox(store, shop).take() is None


async def test_a_token_is_let_go_once(store: Store, shop: AccountId) -> None:
    await StoreBox(store, shop).put(Token(Secret("access-1")))
    async with store.write() as tx:
        assert [await credentials.forget(tx, shop), await credentials.forget(tx, shop)] == [True, False]
    assert await StoreBox(store, shop).take() is None


async def test_a_token_that_was_moved_to_another_account_stays_shut(store: Store, shop: AccountId) -> None:
    await StoreBox(store, shop).put(Token(Secret("access-1")))
    async with store.write() as tx:
        await tx.run(sa.update(credential).values(id="another"))
    with pytest.raises(Unsealable):
        await StoreBox(store, AccountId("another")).take()


async def test_a_rotation_reseals_it_and_it_opens_without_the_old_key(
    store: Store, shop: AccountId, sealer: Sealer
) -> None:
    await StoreBox(store, shop).put(Token(Secret("access-1"), None, Secret("refresh-1")))
    sealer.renew(sealer.ring.with_new_key())
    async with store.write() as tx:
        assert (await rotation.left(tx), (await rotation.reseal(tx, "", 10)).resealed) == (1, 1)
    sealer.renew(sealer.ring.without_old_keys())
    found = await StoreBox(store, shop).take()
    assert found is not None
    assert found.refresh is not None
    assert (found.access.reveal(), found.refresh.reveal()) == ("access-1", "refresh-1")


def test_a_token_shows_nothing_of_itself() -> None:
    assert "secret" not in repr(credentials.StoredToken("secret-1", "secret-2"))
    assert "secret" not in repr(Token(Secret("secret-1"), None, Secret("secret-2")))
