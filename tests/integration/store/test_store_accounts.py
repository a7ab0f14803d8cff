"""Accounts: named by the configuration, remembered for ever, and stopped rather than guessed at."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from sync.domain.clock import SetClock
from sync.domain.ids import AccountId
from sync.store import accounts, audit, issues, outbox
from sync.store.accounts import Condition, Configured, NameTaken, OpenWorkLeft, Pause
from sync.store.database import Store
from sync.store.tables import account


def _wish(name: str, renamed_from: str | None = None, connector: str = "vendure") -> Configured:
    return Configured(name, connector, "storefront", renamed_from=renamed_from)


async def test_a_new_account_is_observed_only(store: Store, shop: AccountId) -> None:
    async with store.read() as tx:
        row = await accounts.by_id(tx, shop)
    assert (row.live_from, row.condition, row.fingerprint) == (None, Condition.OK, None)


async def test_a_renamed_account_keeps_its_id(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        rows = await accounts.reconcile(tx, [_wish("boutique", renamed_from="shop")])
        again = await accounts.reconcile(tx, [_wish("boutique", renamed_from="shop")])
    assert rows["boutique"].id == again["boutique"].id == shop


async def test_a_rename_onto_an_account_with_a_history_is_refused(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        await accounts.reconcile(tx, [_wish("shop"), _wish("boutique")])
        with pytest.raises(NameTaken, match="boutique cannot take over from shop: both have a history"):
            await accounts.reconcile(tx, [_wish("boutique", renamed_from="shop")])


async def test_a_name_that_vanishes_pauses_the_account_and_tells(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        assert await accounts.reconcile(tx, []) == {}
        row = await accounts.by_id(tx, shop)
        told = await issues.list_open(tx, account_id=shop)
    assert (row.condition, row.condition_reason) == (Condition.PAUSED, Pause.VANISHED)
    assert [issue.kind for issue in told] == ["account.vanished"]
    assert told[0].what == "The account shop is no longer in entrepot.yaml and is paused"
    assert "renamed_from: shop" in told[0].todo
    assert "entrepot accounts remove shop" in told[0].todo


async def test_a_name_that_comes_back_runs_again_and_its_issue_closes(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        await accounts.reconcile(tx, [])
        rows = await accounts.reconcile(tx, [_wish("shop")])
        assert rows["shop"].condition is Condition.OK
        assert rows["shop"].id == shop
        assert await issues.list_open(tx) == []


async def test_an_account_paused_by_a_person_stays_paused_over_a_restart(
    store: Store, shop: AccountId
) -> None:
    async with store.write() as tx:
        await accounts.pause(tx, shop, who="ann")
        rows = await accounts.reconcile(tx, [_wish("shop")])
    assert rows["shop"].condition_reason == Pause.BY_PERSON


async def test_another_shop_behind_the_same_name_is_not_worked_on(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        assert await accounts.check_fingerprint(tx, shop, "shop 1") is True
        assert await accounts.check_fingerprint(tx, shop, "shop 1") is True
        assert await accounts.check_fingerprint(tx, shop, "shop 2") is False
        row = await accounts.by_id(tx, shop)
        told = await issues.list_open(tx)
    assert (row.condition, row.condition_reason) == (Condition.PAUSED, Pause.OTHER_SHOP)
    assert row.fingerprint == "shop 1"
    assert told[0].what == "Another shop answers under the name shop; the account is paused"
    assert told[0].why == "it was shop 1 and is now shop 2"


async def test_when_the_right_shop_answers_again_the_account_runs_again(
    store: Store, shop: AccountId
) -> None:
    async with store.write() as tx:
        for seen in ("shop 1", "shop 2", "shop 1"):
            await accounts.check_fingerprint(tx, shop, seen)
        assert (await accounts.by_id(tx, shop)).condition is Condition.OK
        assert await issues.list_open(tx) == []


async def test_a_person_may_say_that_it_is_the_same_business(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        for seen in ("shop 1", "shop 2"):
            await accounts.check_fingerprint(tx, shop, seen)
        await accounts.accept_shop(tx, shop, who="ann")
        assert await accounts.check_fingerprint(tx, shop, "shop 2") is True


async def test_refused_credentials_stop_the_account_with_one_issue(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        assert await accounts.refuse_credentials(tx, shop, "401 at login") is True
        assert await accounts.refuse_credentials(tx, shop, "401 at login") is False
        told = await issues.list_open(tx)
        assert (await accounts.by_id(tx, shop)).condition is Condition.NEEDS_REAUTH
        assert [issue.kind for issue in told] == ["account.needs_reauth"]
        assert told[0].what.startswith("shop refuses our credentials")
        assert told[0].todo == "renew the secret of shop, then run: entrepot accounts resume shop"
        await accounts.resume(tx, shop, who="ann")
        assert (await accounts.by_id(tx, shop)).condition is Condition.OK
        assert await issues.list_open(tx) == []


async def test_going_live_is_once_and_keeps_its_moment(
    store: Store, shop: AccountId, clock: SetClock
) -> None:
    cutover = datetime(2026, 2, 1, tzinfo=UTC)
    async with store.write() as tx:
        assert await accounts.go_live(tx, shop, who="ann", live_from=cutover) == cutover
        assert await accounts.go_live(tx, shop, who="ann") == cutover
        assert (await accounts.by_id(tx, shop)).live_from == cutover
        lines = await audit.latest(tx, subject="shop")
    assert [(line.who, line.what) for line in lines] == [
        ("ann", "account live"),
        ("entrepot", "account created"),
    ]


async def test_an_account_is_live_from_the_whole_second_in_which_it_went_live(
    store: Store, shop: AccountId, clock: SetClock
) -> None:
    """Many shops tell time in whole seconds: an order placed after that moment would be one from before it."""
    noon = clock.now()
    clock.move(timedelta(seconds=7, microseconds=900_000))
    async with store.write() as tx:
        assert await accounts.go_live(tx, shop, who="ann") == noon + timedelta(seconds=7)
        assert (await accounts.by_id(tx, shop)).live_from == noon + timedelta(seconds=7)


async def test_an_account_with_open_work_cannot_be_removed_and_the_work_is_listed(
    store: Store, shop: AccountId
) -> None:
    async with store.write() as tx:
        await outbox.enqueue(tx, account_id=shop, operation="reply", key="k", aggregate="a", payload={})
        with pytest.raises(OpenWorkLeft, match="shop still has 1 writes to send or to settle: close") as told:
            await accounts.remove(tx, shop, who="ann")
    assert [(work.what, work.count) for work in told.value.left] == [("writes to send or to settle", 1)]


async def test_a_removed_account_keeps_its_history_and_frees_its_name(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        await accounts.remove(tx, shop, who="ann")
        assert await accounts.list_all(tx) == []
        rows = await accounts.reconcile(tx, [_wish("shop")])
        assert rows["shop"].id != shop
        assert await tx.scalar(sa.select(sa.func.count()).select_from(account)) == 2


async def test_an_unknown_id_is_told(store: Store) -> None:
    async with store.read() as tx:
        with pytest.raises(LookupError, match="there is no account X"):
            await accounts.by_id(tx, AccountId("X"))
