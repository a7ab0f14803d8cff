"""Writers side by side: what one of them checks, none of the others overtakes. On SQLite they queue."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
import sqlalchemy as sa

from sync.domain.clock import SetClock
from sync.domain.ids import AccountId, Sku
from sync.domain.listing import RemoteVariant
from sync.store import (
    accounts,
    broken,
    cases,
    issues,
    listings,
    meta,
    offers,
    orders,
    outbox,
    reservations,
    stock,
)
from sync.store.database import Store, Tx
from sync.store.locking import lock_offers, lock_skus
from sync.store.offers import Desired
from sync.store.reservations import Target
from sync.store.tables import (
    broken_record,
    customer_order,
    issue,
    listing,
    listing_component,
    offer_quantity,
    order_line,
    reservation,
    stock_level,
)
from sync.store.tables import meta as meta_table
from sync.store.tables import outbox as outbox_table
from tests.integration.store.samples import remote_order

BUYERS, UNITS = 40, 10


async def _stocked(store: Store, shop: AccountId, sku: str = "A", units: int = UNITS) -> None:
    async with store.write() as tx:
        row = {
            "account_id": shop,
            "sku": sku,
            "location": "",
            "quality": "good",
            "on_hand": units,
            "begun_at": 1,
        }
        await tx.run(sa.insert(stock_level).values(**row))


async def _ordered(store: Store, shop: AccountId, number: int) -> tuple[str, str]:
    async with store.write() as tx:
        saved = await orders.save(tx, shop, remote_order(f"{number}"), history=False, masked=False)
        line = await tx.scalar(sa.select(order_line.c.id).where(order_line.c.order_id == saved.id))
    return str(saved.id), str(line)


async def test_forty_orders_at_once_hold_ten_units_and_the_rest_is_told_short(
    store: Store, shop: AccountId
) -> None:
    await _stocked(store, shop)
    bought = [await _ordered(store, shop, n) for n in range(BUYERS)]

    async def hold(order: str, line: str) -> int:
        async with store.write() as tx:
            held = await reservations.hold(tx, order, [Target((line, "A"), shop, 1)], [])
        return sum(held.short.values())

    short = await asyncio.gather(*(hold(*one) for one in bought))
    assert sum(short) == BUYERS - UNITS
    async with store.read() as tx:
        assert await tx.scalar(sa.select(stock_level.c.reserved)) == BUYERS
        assert await tx.scalar(sa.select(sa.func.sum(reservation.c.short))) == BUYERS - UNITS


async def test_releases_beside_new_holds_lose_no_unit(store: Store, shop: AccountId, clock: SetClock) -> None:
    """The sum of a figure's reservations is right whoever counts it while others reserve."""
    await _stocked(store, shop, units=1000)
    bought = [await _ordered(store, shop, n) for n in range(20)]

    async def hold(order: str, line: str) -> None:
        async with store.write() as tx:
            await reservations.hold(tx, order, [Target((line, "A"), shop, 3)], [])

    async def count(line: str) -> None:
        async with store.write() as tx:
            await reservations.count(tx, shop, {(line, "A"): 2}, clock.now())

    async def release() -> None:
        async with store.write() as tx:
            begun = clock.now() + timedelta(seconds=5)
            await reservations.release(tx, shop, ["A"], begun, timedelta(0))

    await asyncio.gather(*(hold(*one) for one in bought[:10]))
    await asyncio.gather(
        *(hold(*one) for one in bought[10:]),
        *(count(line) for _, line in bought[:10]),
        *(release() for _ in range(5)),
    )
    held = sa.select(sa.func.sum(reservation.c.quantity - reservation.c.released))
    async with store.read() as tx:
        assert await tx.scalar(sa.select(stock_level.c.reserved)) == await tx.scalar(held)


async def test_an_order_told_by_two_flows_at_once_is_stored_once(store: Store, shop: AccountId) -> None:
    async def pull() -> bool:
        async with store.write() as tx:
            saved = await orders.save(tx, shop, remote_order("7"), history=False, masked=False)
        return saved.created

    assert sorted(await asyncio.gather(*(pull() for _ in range(8)))) == [False] * 7 + [True]
    async with store.read() as tx:
        assert await tx.scalar(sa.select(customer_order.c.version)) == 1


async def test_units_that_a_cancel_gave_back_are_counted_once_though_two_flows_tell_of_it(
    store: Store, shop: AccountId
) -> None:
    await _ordered(store, shop, 7)
    order = remote_order("7")
    fewer = replace(order, lines=tuple(replace(line, quantity=0) for line in order.lines))

    async def pull() -> bool:
        async with store.write() as tx:
            return (await orders.save(tx, shop, fewer, history=False, masked=False)).changed

    assert sorted(await asyncio.gather(*(pull() for _ in range(8)))) == [False] * 7 + [True]


async def test_an_issue_opened_by_many_at_once_is_one_issue(store: Store) -> None:
    async def tell() -> bool:
        async with store.write() as tx:
            return await issues.raise_issue(tx, key="k:1", kind="k", what="w", why="y", todo="t")

    assert sorted(await asyncio.gather(*(tell() for _ in range(8)))) == [False] * 7 + [True]
    async with store.read() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(issue)) == 1


async def test_writes_of_one_aggregate_queued_at_once_stand_one_behind_the_other(
    store: Store, shop: AccountId
) -> None:
    async def queue(n: int) -> bool:
        async with store.write() as tx:
            return await outbox.enqueue(
                tx, account_id=shop, operation="book", key=f"k:{n}", aggregate="parcel:1", payload={}
            )

    assert all(await asyncio.gather(*(queue(n) for n in range(8))))
    async with store.read() as tx:
        found = await tx.all(sa.select(outbox_table.c.seq).order_by(outbox_table.c.seq))
    assert [row.seq for row in found] == list(range(1, 9))


async def test_a_key_queued_by_many_at_once_counts_once(store: Store, shop: AccountId) -> None:
    async def queue(n: int) -> bool:
        async with store.write() as tx:
            return await outbox.enqueue(
                tx, account_id=shop, operation="book", key="k", aggregate=f"parcel:{n}", payload={}
            )

    assert sum(await asyncio.gather(*(queue(n) for n in range(8)))) == 1


async def test_a_write_is_claimed_by_one_sender(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        await outbox.enqueue(tx, account_id=shop, operation="book", key="k", aggregate="a", payload={})
        row = await outbox.by_key(tx, "k")
    assert row is not None

    async def send() -> None:
        async with store.write() as tx:
            await outbox.mark_sending(tx, row.id, tx.now())

    results = await asyncio.gather(*(send() for _ in range(6)), return_exceptions=True)
    assert sum(1 for result in results if result is None) == 1


async def test_a_database_has_one_instance_id_whoever_asks_first(store: Store) -> None:
    async def ask() -> str:
        async with store.write() as tx:
            return await meta.instance_id(tx)

    assert len(set(await asyncio.gather(*(ask() for _ in range(6))))) == 1


async def test_a_broken_record_told_by_two_at_once_is_kept_once(store: Store, shop: AccountId) -> None:
    async def keep() -> bool:
        async with store.write() as tx:
            return await broken.keep(tx, account_id=shop, feed="orders", external_id="1", why="odd", raw=b"{")

    assert sum(await asyncio.gather(*(keep() for _ in range(6)))) == 1
    async with store.read() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(broken_record)) == 1


async def test_accounts_read_by_two_programs_at_once_are_made_once(store: Store) -> None:
    async def reconcile() -> str:
        async with store.write() as tx:
            wish = accounts.Configured("shop", "vendure", "storefront")
            return (await accounts.reconcile(tx, [wish]))["shop"].id

    assert len(set(await asyncio.gather(*(reconcile() for _ in range(4))))) == 1


@pytest.mark.parametrize("text", ["ends\0here", "\0", "emoji 🧦 and 中文"])
async def test_any_text_of_a_vendor_can_be_stored(store: Store, text: str) -> None:
    """PostgreSQL has no NUL in text: there it is told by U+FFFD."""
    async with store.write() as tx:
        await meta.write(tx, "odd", text)
    async with store.read() as tx:
        found = await meta.read(tx, "odd")
    assert found == (text if store.dialect == "sqlite" else text.replace("\0", "\N{REPLACEMENT CHARACTER}"))


async def test_driver_sql_may_hold_a_per_cent_sign_and_a_question_mark_in_quotes(store: Store) -> None:
    async with store.write() as tx:
        await tx.exec("INSERT INTO meta (name, value) VALUES (?, '100 % sure?')", ("odd",))
        found = (
            await tx.exec("SELECT value FROM meta WHERE value LIKE '100 %' AND name = ?", ("odd",))
        ).all()
    assert [row[0] for row in found] == ["100 % sure?"]


async def test_an_error_inside_a_savepoint_leaves_the_rest_of_the_transaction(store: Store) -> None:
    async with store.write() as tx:
        await meta.write(tx, "first", "1")
        with pytest.raises(sa.exc.IntegrityError):
            async with tx.savepoint():
                await tx.exec("INSERT INTO meta (name, value) VALUES (?, ?)", ("first", "2"))
        await meta.write(tx, "second", "2")
    async with store.read() as tx:
        assert (await meta.read(tx, "first"), await meta.read(tx, "second")) == ("1", "2")


async def test_many_rows_at_once_hold_what_they_were_given_or_none_of_them_is_there(store: Store) -> None:
    rows = [
        {"name": f"n{n}", "value": value} for n, value in enumerate(["plain", "a\tb\\n", "\\N", "", "袜子\n"])
    ]
    async with store.write() as tx:
        await tx.insert(meta_table, rows)
        with pytest.raises(sa.exc.IntegrityError):
            async with tx.savepoint():
                await tx.insert(meta_table, [{"name": "new", "value": "1"}, rows[0]])
    async with store.read() as tx:
        found = await tx.all(sa.select(meta_table.c.name, meta_table.c.value).order_by(meta_table.c.name))
    assert [dict(row._mapping) for row in found if row.name[0] == "n"] == rows


async def test_shops_words_and_new_quantities_of_the_same_offers_end_neither_writer(
    store: Store, shop: AccountId
) -> None:
    """A push stores its echoes in the order in which it sent, a figure's change in that of the listings."""
    names = [f"listing-{n}" for n in range(16)]
    rows = [{"id": name, "account_id": shop, "external_id": name, "remote_sku": name} for name in names]
    async with store.write() as tx:
        await tx.run(sa.insert(listing), [{**row, "seen_at": 1, "hash": "", "title": ""} for row in rows])
    await _want(store, shop, names, 0)
    async with store.read() as tx:
        ids = [row.id for row in await tx.all(sa.select(offer_quantity.c.id))]
    chance = Random(7)

    async def acknowledge(n: int) -> None:
        mine = chance.sample(ids, len(ids))
        async with store.write() as tx:
            await lock_offers(tx, mine)
            for offer in mine:
                await offers.acknowledge(tx, {offer: n})

    writers = [acknowledge(n) for n in range(12)]
    writers += [_want(store, shop, chance.sample(names, len(names)), n) for n in range(12)]
    await asyncio.gather(*writers)
    async with store.read() as tx:
        rows_now = await tx.all(sa.select(offer_quantity.c.acked, offer_quantity.c.desired))
    assert len({tuple(row) for row in rows_now}) == 1, "each writer's word is whole"


async def _want(store: Store, shop: AccountId, listings: list[str], quantity: int) -> None:
    wanted = [Desired(name, shop, name, quantity, {"quantity": quantity}) for name in listings]
    async with store.write() as tx:
        await offers.want(tx, wanted, cause=lambda _: "stock", config_version="v")


Look = Callable[[Tx], Awaitable[Collection[object]]]


async def _figures_of_a(tx: Tx) -> Collection[object]:
    return [figure.on_hand for figure in (await stock.figures(tx, ["A"])).get("A", [])]


async def _known_of_a(tx: Tx) -> Collection[object]:
    return await stock.known_skus(tx, ["A"])


async def _tell_of_a(tx: Tx, shop: AccountId) -> None:
    figures = {Sku("A"): (7, "p1")}
    await stock.save_figures(tx, shop, figures, basis="gross", begun_at=tx.clock.now(), full=True)


LOOKS = pytest.mark.parametrize(
    ("look", "there"), [(_figures_of_a, [7]), (_known_of_a, {"A"})], ids=["its figure", "its name"]
)


@LOOKS
async def test_the_first_word_of_a_sku_waits_for_who_rests_on_its_absence(
    store: Store, shop: AccountId, look: Look, there: Collection[object]
) -> None:
    """Else a listing read at the same moment would stay unbound, or show nothing, until something moved again."""
    told = asyncio.Event()

    async def tell() -> None:
        async with store.write() as tx:
            await _tell_of_a(tx, shop)
            told.set()

    async with store.write() as tx:
        assert not await look(tx)
        writer = asyncio.create_task(tell())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(told.wait(), 0.5)
    await asyncio.wait_for(writer, 20)
    async with store.read() as tx:
        assert await look(tx) == there


@LOOKS
async def test_who_looks_for_a_sku_waits_for_its_first_word(
    store: Store, shop: AccountId, look: Look, there: Collection[object]
) -> None:
    async def looked() -> Collection[object]:
        async with store.write() as tx:
            return await look(tx)

    async with store.write() as tx:
        await _tell_of_a(tx, shop)
        looking = asyncio.create_task(looked())
        await asyncio.sleep(0.3)
    assert await asyncio.wait_for(looking, 20) == there


async def test_a_review_that_is_asked_for_while_another_one_runs_is_not_lost(
    store: Store, shop: AccountId
) -> None:
    """Whoever reviews has read the order before the change, and clears what was asked for until then."""
    order, _ = await _ordered(store, shop, 7)

    async def ask() -> None:
        async with store.write() as tx:
            await orders.ask_review(tx, [order])

    async with store.write() as tx:
        case = await cases.load(tx, order)
        assert case is not None
        assert case.row.review_at is not None
        asking = asyncio.create_task(ask())
        await asyncio.sleep(0.3)
        await cases.set_order(tx, order, review_at=None)
    await asyncio.wait_for(asking, 20)
    async with store.read() as tx:
        assert await orders.due_reviews(tx, shop, 10) == [order]


async def test_who_sells_a_sku_is_read_once_nobody_changes_it_any_more(store: Store, shop: AccountId) -> None:
    """Else two shops that list it at once would each get all of it, and nothing would work it out again."""

    async def sellers() -> list[str]:
        async with store.write() as tx:
            return [one.listing_id for one in await offers.selling(tx, ["A"])]

    async with store.write() as tx:
        await _tell_of_a(tx, shop)
    async with store.write() as tx:
        row = {"id": "listing-1", "account_id": shop, "external_id": "1", "seen_at": 1, "bound": 1}
        await tx.run(sa.insert(listing).values(**row))
        await tx.run(sa.insert(listing_component).values(listing_id="listing-1", sku="A", units=1))
        assert [one.listing_id for one in await offers.selling(tx, ["A"])] == ["listing-1"]
        looking = asyncio.create_task(sellers())
        await asyncio.sleep(0.3)
    assert await asyncio.wait_for(looking, 20) == ["listing-1"]


async def test_listings_are_bound_by_new_rules_once_nobody_stores_them_any_more(
    store: Store, shop: AccountId
) -> None:
    """Else a listing that sells another SKU from this page on would be bound to the one before, and stay so."""

    async def bound_again() -> list[str | None]:
        async with store.write() as tx:
            return [row.remote.sku for row in await listings.present(tx, shop, "", 10)]

    before = RemoteVariant("1", "p-1", "A", "A mug", price=Decimal(5), currency="EUR")
    async with store.write() as tx:
        await listings.save_page(tx, shop, [before])
    async with store.write() as tx:
        await listings.save_page(tx, shop, [replace(before, sku="B")])
        laying = asyncio.create_task(bound_again())
        await asyncio.sleep(0.3)
    assert await asyncio.wait_for(laying, 20) == ["B"]


async def test_a_bundles_parts_are_held_together_whichever_is_asked_for_first(
    store: Store, shop: AccountId
) -> None:
    """Orders of one part each work out what the bundle may show: with the other part held later, they meet."""
    figures = {Sku("A"): (7, "p1"), Sku("Z"): (7, "p2")}
    async with store.write() as tx:
        await stock.save_figures(tx, shop, figures, basis="gross", begun_at=tx.clock.now(), full=True)
        row = {"id": "set", "account_id": shop, "external_id": "1", "seen_at": 1, "bound": 1}
        await tx.run(sa.insert(listing).values(**row))
        parts = [{"listing_id": "set", "sku": sku, "units": 1} for sku in ("A", "Z")]
        await tx.run(sa.insert(listing_component), parts)

    async def works_out(mine: str, other: str) -> list[str]:
        async with store.write() as tx:
            await lock_skus(tx, [mine])
            await asyncio.sleep(0.05)
            return [one.listing_id for one in await offers.selling(tx, [other], mates=False)]

    ways = (("A", "Z"), ("Z", "A")) * 4
    assert await asyncio.gather(*(works_out(*way) for way in ways)) == [["set"]] * 8
