"""Issues, flow states, broken records, keys, versions and the figures."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from sync.domain.clock import SetClock
from sync.domain.ids import AccountId, OrderId
from sync.store import (
    audit,
    broken,
    config_bundles,
    events,
    flow_states,
    issues,
    leases,
    meta,
    orders,
    outbox,
    reports,
)
from sync.store.database import Fence, Store, Tx
from sync.store.figures import figures
from sync.store.issues import Issue
from sync.store.sealing import KeyRing, Sealer, WrongKey, new_key
from sync.store.tables import broken_record, customer_order, issue, listing, offer_quantity
from tests.integration.store.samples import remote_order


async def _raise(tx: Tx, key: str, what: str = "w", kind: str = "sku.unknown") -> bool:
    return await issues.raise_issue(tx, key=key, kind=kind, what=what, why="y", todo="t")


async def _keys(tx: Tx) -> list[str]:
    return [each.key for each in await issues.list_open(tx)]


async def test_an_issue_is_open_once_per_key_and_says_the_latest(store: Store) -> None:
    async with store.write() as tx:
        assert await _raise(tx, "sku.unknown:1", "first") is True
        assert await _raise(tx, "sku.unknown:1", "second") is False
        opened: list[Issue] = await issues.list_open(tx)
    assert [each.what for each in opened] == ["second"]


async def test_an_issue_that_was_closed_opens_anew(store: Store) -> None:
    async with store.write() as tx:
        await _raise(tx, "a")
        assert await issues.clear(tx, "a") is True
        assert await issues.clear(tx, "a") is False
        assert not await issues.is_open(tx, "a")
        assert await _raise(tx, "a") is True
        assert await tx.scalar(sa.select(sa.func.count()).select_from(issue)) == 2


async def test_issues_whose_cause_is_not_among_the_present_ones_close(store: Store) -> None:
    async with store.write() as tx:
        for key in ("sku:1", "sku:2", "SKU:3", "sku_:4", "other:5"):
            await _raise(tx, key)
        assert await issues.clear_except(tx, "sku:", {"sku:2"}) == 1
        assert sorted(await _keys(tx)) == ["SKU:3", "other:5", "sku:2", "sku_:4"]
        assert await issues.clear_except(tx, "sku_", set()) == 1


async def test_thousands_of_issues_close_at_once(store: Store) -> None:
    async with store.write() as tx:
        for n in range(1200):
            await _raise(tx, f"many:{n}")
        assert await issues.clear_except(tx, "many:", {"many:7"}) == 1199
        assert await _keys(tx) == ["many:7"]


async def test_issues_are_listed_by_due_time_then_age(store: Store, clock: SetClock) -> None:
    async with store.write() as tx:
        await _raise(tx, "old")
        clock.move(timedelta(minutes=1))
        await _raise(tx, "young", kind="flow.failed")
        due = clock.now() + timedelta(hours=1)
        await issues.raise_issue(tx, key="due", kind="hold", what="w", why="y", todo="t", due_at=due)
        assert await _keys(tx) == ["due", "old", "young"]
        assert [each.key for each in await issues.list_open(tx, kind="flow.failed")] == ["young"]
        first = (await issues.list_open(tx, limit=1))[0]
        assert await issues.get(tx, first.id) == first
        assert first.due_at == due


async def _fence(tx: Tx, shop: AccountId, flow: str) -> Fence:
    held = await leases.take_account(tx, shop, "host:1", 30)
    assert held is not None
    fence = await leases.take_flow(tx, held, flow, 30)
    assert fence is not None
    return fence


async def test_a_key_is_due_at_once_then_when_its_success_said(
    store: Store, shop: AccountId, clock: SetClock
) -> None:
    async with store.write() as tx:
        await flow_states.ensure(tx, shop, "orders")
        assert await flow_states.due(tx) == [(shop, "orders")]
        fence = await _fence(tx, shop, "orders")
        await flow_states.begin(tx, fence)
        begun, later = clock.now(), clock.now() + timedelta(seconds=15)
        clock.move(timedelta(seconds=2))
        await flow_states.succeed(tx, fence, begun_at=begun, next_due_at=later, more=False)
        assert await flow_states.due(tx) == []
        assert await flow_states.last_success_begun_at(tx, shop, "orders") == begun
        clock.move(timedelta(seconds=13))
        assert await flow_states.due(tx) == [(shop, "orders")]


async def test_a_pass_with_more_to_do_has_not_read_to_the_end(
    store: Store, shop: AccountId, clock: SetClock
) -> None:
    """What waits for fresh orders must not take the first of several pages for all of them."""
    async with store.write() as tx:
        fence = await _fence(tx, shop, "orders")
        first = clock.now()
        await flow_states.succeed(tx, fence, begun_at=first, next_due_at=first, more=True)
        assert await flow_states.last_success_begun_at(tx, shop, "orders") is None
        clock.move(timedelta(seconds=1))
        last = clock.now()
        await flow_states.succeed(tx, fence, begun_at=last, next_due_at=last, more=False)
        assert await flow_states.last_success_begun_at(tx, shop, "orders") == last


async def test_failures_are_counted_in_a_row_and_patience_is_not_a_failure(
    store: Store, shop: AccountId, clock: SetClock
) -> None:
    async with store.write() as tx:
        fence = await _fence(tx, shop, "orders")
        later = clock.now() + timedelta(seconds=60)
        assert await flow_states.fail(tx, fence, error="down", next_due_at=later) == 1
        assert await flow_states.fail(tx, fence, error="down", next_due_at=later) == 2
        assert await flow_states.fail(tx, fence, error="busy", next_due_at=later, counts=False) == 2
        failed = await flow_states.state(tx, shop, "orders")
        assert failed is not None
        assert (failed.last_error, failed.next_due_at) == ("busy", later)
        await flow_states.succeed(tx, fence, begun_at=clock.now(), next_due_at=later, more=True)
        well = await flow_states.state(tx, shop, "orders")
    assert well is not None
    assert (well.attempts, well.last_error, well.more) == (0, None, True)


async def test_a_cursor_of_none_keeps_the_one_before(store: Store, shop: AccountId, clock: SetClock) -> None:
    async with store.write() as tx:
        assert await flow_states.cursor(tx, shop, "stock") is None
        await flow_states.save_cursor(tx, shop, "stock", "p2", clock.now(), full=True)
        first = clock.now()
        clock.move(timedelta(minutes=1))
        await flow_states.save_cursor(tx, shop, "stock", None, clock.now(), False)
        kept = await flow_states.state(tx, shop, "stock")
        assert kept is not None
        assert (kept.cursor, kept.cursor_at, kept.full_at) == ("p2", clock.now(), first)
        await flow_states.forget_cursor(tx, shop, "stock")
        assert await flow_states.cursor(tx, shop, "stock") is None


async def test_due_times_beyond_a_clock_that_was_set_back_are_pulled_back(
    store: Store, shop: AccountId, clock: SetClock
) -> None:
    async with store.write() as tx:
        fence = await _fence(tx, shop, "orders")
        far = clock.now() + timedelta(days=400)
        await flow_states.fail(tx, fence, error="down", next_due_at=far)
        limit = clock.now() + timedelta(minutes=30)
        assert await flow_states.pull_due_times_back(tx, limit) == 1
        held = await flow_states.state(tx, shop, "orders")
        assert held is not None
        assert held.next_due_at == limit
        assert await flow_states.make_due(tx, shop) == 1
        assert await flow_states.due(tx) == [(shop, "orders")]


async def test_a_broken_record_is_kept_sealed_until_it_is_read_rightly(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        kept = {"account_id": shop, "feed": "orders", "external_id": "7", "why": "no total"}
        assert await broken.keep(tx, raw=b'{"buyer": "Ann"}', **kept) is True
        assert await broken.keep(tx, raw=b'{"buyer": "Ann B"}', **kept) is False
        (record,) = await broken.list_open(tx, shop, "orders")
        assert await broken.raw(tx, record.id) == b'{"buyer": "Ann B"}'
        assert b"Ann" not in await tx.scalar(sa.select(broken_record.c.raw_sealed))
        assert await broken.resolve(tx, shop, "orders", ["7", "8"]) == ["7"]
        assert await broken.list_open(tx, shop) == []
        assert await broken.keep(tx, raw=b"{}", **kept) is True
        with pytest.raises(LookupError, match="no broken record X"):
            await broken.raw(tx, "X")


async def test_the_keys_that_sealed_a_database_are_the_only_ones_that_open_it(
    store: Store, sealer: Sealer, shop: AccountId
) -> None:
    before = sealer.ring
    async with store.write() as tx:
        await meta.adopt_keys(tx, sealer.ring)
        await meta.check_keys(tx, sealer.ring)
        with pytest.raises(WrongKey, match="is not the one that sealed this database"):
            await meta.check_keys(tx, KeyRing.parse(new_key()))
        rotated = sealer.ring.with_new_key()
        await meta.adopt_keys(tx, rotated)
        await meta.check_keys(tx, before)
        sealer.renew(rotated)
        await broken.keep(tx, account_id=shop, feed="orders", external_id="9", why="", raw=b"{}")
        with pytest.raises(WrongKey, match="key 2 is missing: data of this database are sealed with it"):
            await meta.check_keys(tx, before)
        other = KeyRing(rotated.keys, bytes(32))
        with pytest.raises(WrongKey, match="the blind index key is not the one"):
            await meta.check_keys(tx, other)


async def test_an_installation_keeps_its_id(store: Store) -> None:
    async with store.write() as tx:
        first = await meta.instance_id(tx)
        assert await meta.instance_id(tx) == first
        await meta.forget(tx, meta.INSTANCE_ID)
        assert await meta.instance_id(tx) != first


async def test_a_version_of_the_mappings_can_be_read_again(store: Store) -> None:
    async with store.write() as tx:
        assert await config_bundles.keep(tx, "v1", "skus: …") is True
        assert await config_bundles.keep(tx, "v1", "changed") is False
        bundle = await config_bundles.get(tx, "v1")
        assert await config_bundles.get(tx, "v2") is None
    assert bundle is not None
    assert bundle.content == "skus: …"


async def test_an_orders_timeline_is_read_in_the_order_in_which_it_happened(
    store: Store, shop: AccountId
) -> None:
    """Also where everything happened in one instant."""
    async with store.write() as tx:
        row = {"id": "o1", "account_id": shop, "external_id": "1", "number": "1"}
        await tx.run(sa.insert(customer_order).values(placed_at=tx.now(), pulled_at=tx.now(), **row))
        for n in range(20):
            await events.add_event(tx, OrderId("o1"), "step", f"step {n}", n=n, at=tx.clock.now())
        lines = await events.timeline(tx, OrderId("o1"))
    assert [line.what for line in lines] == [f"step {n}" for n in range(20)]
    assert lines[3].data == {"n": 3, "at": "2026-03-01 12:00:00+00:00"}


async def test_the_audit_trail_is_read_newest_first(store: Store) -> None:
    async with store.write() as tx:
        await audit.record(tx, who="ann", what="one", units=3)
        await audit.record(tx, who="ann", what="two")
        lines = await audit.latest(tx, 5)
    assert [line.what for line in lines] == ["two", "one"]
    assert lines[1].data == '{"units":3}'


async def test_the_figures_name_accounts_and_count_what_is_open(
    store: Store, shop: AccountId, clock: SetClock
) -> None:
    async with store.write() as tx:
        empty = await figures(tx)
        assert (empty.unsent, empty.orders, empty.reserved_units, empty.issues) == ({}, {}, 0, {})
        opened = clock.now()
        await outbox.enqueue(tx, account_id=shop, operation="reply", key="k1", aggregate="a", payload={})
        await outbox.enqueue(tx, account_id=shop, operation="reply", key="k2", aggregate="b", payload={})
        await _raise(tx, "x")
        await broken.keep(tx, account_id=shop, feed="orders", external_id="7", why="", raw=b"")
        row = {"account_id": shop, "external_id": "v1", "seen_at": tx.now()}
        await tx.run(sa.insert(listing).values(id="l1", **row))
        offers = [("o1", 5, 4, None), ("o2", 5, None, 5), ("o3", 5, 5, None), ("o4", None, 3, None)]
        for id, desired, acked, rejected in offers:
            await tx.run(
                sa.insert(offer_quantity).values(
                    id=id, account_id=shop, listing_id="l1", external_id=id, desired=desired, acked=acked,
                    rejected=rejected, changed_at=tx.now(),
                )
            )  # fmt: skip
        clock.move(timedelta(minutes=1))
        seen = await figures(tx)
    assert seen.at == clock.now()
    (backlog,) = seen.outbox.values()
    assert list(seen.outbox) == [("shop", "reply", "queued")]
    assert (backlog.count, backlog.oldest) == (2, opened)
    assert {where: each.count for where, each in seen.unsent.items()} == {("shop", "quantity"): 1}
    assert seen.rejected == {("shop", "quantity"): 1}
    assert seen.issues == {"sku.unknown": 1}
    assert seen.broken == {("shop", "orders"): 1}


async def test_an_order_is_found_without_the_sign_that_its_shop_puts_before_the_number(
    store: Store, shop: AccountId
) -> None:
    """`entrepot orders show #1001` would be a comment to the shell."""
    async with store.write() as tx:
        for number in ("#1001", "1002"):
            await orders.save(tx, shop, remote_order(number), history=False, masked=False)

    async def found(named: str) -> list[str]:
        async with store.read() as tx:
            return [case.row.number for _, case in await reports.find_orders(tx, named)]

    assert await found("1001") == await found("#1001") == await found("shop/1001") == ["#1001"]
    assert (await found("1002"), await found("100")) == (["1002"], [])
