"""The outbox: once per key, in order per aggregate, never sent again without a look."""

import pytest

from sync.domain.clock import SetClock, to_micros
from sync.domain.ids import AccountId, OutboxId
from sync.domain.outbox import IllegalMove, OutboxState
from sync.store import outbox
from sync.store.database import Store, Tx
from sync.store.outbox import OutboxRow

SECOND = 1_000_000


async def _queue(
    tx: Tx, shop: AccountId, key: str, aggregate: str = "order:1", op: str = "create"
) -> OutboxId:
    assert await outbox.enqueue(
        tx, account_id=shop, operation=op, key=key, aggregate=aggregate, payload={"order": 1}
    )
    row = await outbox.by_key(tx, key)
    assert row is not None
    return row.id


async def _heads(tx: Tx, shop: AccountId, later: int = 0) -> list[str]:
    return [row.key for row in await outbox.heads(tx, shop, tx.now() + later, 100)]


async def _get(tx: Tx, id: OutboxId) -> OutboxRow:
    row = await outbox.get(tx, id)
    assert row is not None
    return row


async def test_a_key_counts_once(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        await _queue(tx, shop, "shop:1:create:1")
        again = await outbox.enqueue(
            tx, account_id=shop, operation="create", key="shop:1:create:1", aggregate="order:1", payload={}
        )
        assert again is False
        assert await _heads(tx, shop) == ["shop:1:create:1"]
        row = await outbox.by_key(tx, "shop:1:create:1")
    assert row is not None
    assert (row.payload, row.seq, row.attempts, row.state) == ({"order": 1}, 1, 0, OutboxState.QUEUED)


async def test_only_the_head_of_an_aggregate_is_sendable(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        first = await _queue(tx, shop, "create")
        await _queue(tx, shop, "cancel")
        await _queue(tx, shop, "other", aggregate="order:2")
        assert await _heads(tx, shop) == ["create", "other"]
        await outbox.mark_sending(tx, first, tx.now() + 60 * SECOND)
        assert await _heads(tx, shop) == ["other"]
        await outbox.mark_done(tx, first, {"id": "F1"})
        assert await _heads(tx, shop) == ["cancel", "other"]


async def test_a_held_row_keeps_its_aggregate_waiting(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        first = await _queue(tx, shop, "create")
        await _queue(tx, shop, "cancel")
        await outbox.hold_row(tx, first, "no look-up can exist")
        assert await _heads(tx, shop) == []
        await outbox.withdraw(tx, first, "a person says that it did not happen")
        assert await _heads(tx, shop) == ["cancel"]


async def test_an_unknown_one_is_due_only_after_its_quiet_time(store: Store, shop: AccountId) -> None:
    """'Not found' before the vendor has settled is not 'not sent'."""
    async with store.write() as tx:
        id = await _queue(tx, shop, "create")
        await outbox.mark_sending(tx, id, tx.now() + 60 * SECOND)
        await outbox.mark_unknown(tx, id, "no answer", tx.now() + SECOND)
        assert await _heads(tx, shop, 59 * SECOND) == []
        assert await _heads(tx, shop, 60 * SECOND) == ["create"]
        row = await _get(tx, id)
    assert (row.state, row.attempts, row.last_error) == (OutboxState.UNKNOWN, 1, "no answer")


async def test_what_shall_be_tried_later_is_not_due_before(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        id = await _queue(tx, shop, "create")
        await outbox.mark_sending(tx, id, tx.now())
        await outbox.retry_later(tx, id, "the vendor is busy", tx.now() + 5 * SECOND)
        assert await _heads(tx, shop, 4 * SECOND) == []
        assert await _heads(tx, shop, 5 * SECOND) == ["create"]


async def test_a_create_that_was_never_sent_and_its_cancel_annihilate(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        id = await _queue(tx, shop, "create")
        gone = await outbox.withdraw_unsent(tx, "order:1", "create")
        assert [row.key for row in gone] == ["create"]
        assert (await _get(tx, id)).state is OutboxState.WITHDRAWN
        assert await _heads(tx, shop) == []


async def test_what_was_sent_once_is_not_annihilated(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        id = await _queue(tx, shop, "create")
        await outbox.mark_sending(tx, id, tx.now())
        await outbox.retry_later(tx, id, "the vendor is busy", tx.now())
        assert await outbox.withdraw_unsent(tx, "order:1", "create") == []


async def test_what_a_dead_process_was_sending_is_looked_up_and_not_sent(
    store: Store, shop: AccountId, clock: SetClock
) -> None:
    async with store.write() as tx:
        id = await _queue(tx, shop, "create")
        quiet = tx.now() + 60 * SECOND
        await outbox.mark_sending(tx, id, quiet)
        assert await outbox.recover_sending(tx, shop) == 1
        row = await _get(tx, id)
        assert await _heads(tx, shop, 59 * SECOND) == []
    assert (row.state, row.next_at, row.quiet_until) == (OutboxState.UNKNOWN, quiet, quiet)
    assert row.sent_at == clock.now()


@pytest.mark.parametrize(
    ("path", "illegal"),
    [
        ("done", "withdraw"),
        ("done", "sending"),
        ("unknown", "withdraw"),
        ("withdraw", "sending"),
        ("rejected", "sending"),
        ("queued", "done"),
    ],
)
async def test_a_move_that_the_table_lacks_is_refused_and_changes_nothing(
    store: Store, shop: AccountId, path: str, illegal: str
) -> None:
    async def go(tx: Tx, id: OutboxId, move: str) -> None:
        moves = {
            "sending": lambda: outbox.mark_sending(tx, id, tx.now()),
            "done": lambda: outbox.mark_done(tx, id, {}),
            "unknown": lambda: outbox.mark_unknown(tx, id, "no answer", tx.now()),
            "rejected": lambda: outbox.mark_rejected(tx, id, "no"),
            "withdraw": lambda: outbox.withdraw(tx, id, "not wanted"),
        }
        await moves[move]()

    async with store.write() as tx:
        id = await _queue(tx, shop, "create")
        if path in ("done", "unknown", "rejected"):
            await go(tx, id, "sending")
        if path != "queued":
            await go(tx, id, path)
        before = await _get(tx, id)
        with pytest.raises(IllegalMove, match=f"that is {before.state} cannot become"):
            await go(tx, id, illegal)
        assert await _get(tx, id) == before


async def test_a_person_may_queue_again_what_the_vendor_rejected(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        id = await _queue(tx, shop, "create")
        await outbox.mark_sending(tx, id, tx.now())
        await outbox.mark_rejected(tx, id, "the product is missing")
        assert await _heads(tx, shop) == []
        await outbox.retry_later(tx, id, "ann: the product is there now", tx.now())
        assert await _heads(tx, shop) == ["create"]


async def test_a_write_that_does_not_exist_is_named(store: Store) -> None:
    async with store.write() as tx:
        with pytest.raises(LookupError, match="no creating write X"):
            await outbox.mark_done(tx, OutboxId("X"), {})


async def test_an_account_sees_only_its_own_heads_longest_due_first(
    store: Store, shop: AccountId, clock: SetClock
) -> None:
    async with store.write() as tx:
        late = await _queue(tx, shop, "b", aggregate="b")
        await _queue(tx, shop, "a", aggregate="a")
        await outbox.retry_later(tx, late, "", to_micros(clock.now()) - SECOND)
        assert await _heads(tx, shop) == ["b", "a"]
        assert await outbox.heads(tx, shop, tx.now(), 1) == [await _get(tx, late)]
        assert await outbox.heads(tx, AccountId("another"), tx.now(), 10) == []
