"""Prices in the store: what shall be beside what the shop shows, and what of it is unsent."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from sync.domain.clock import SetClock, to_micros
from sync.domain.ids import AccountId
from sync.domain.listing import RemoteVariant
from sync.domain.money import Money
from sync.domain.orders import OrderStatus, RemoteOrderLine
from sync.domain.price_push import PriceOut, UnsentPrice, plan_prices
from sync.store import figures, listings, offer_facts, offer_prices, orders, price_answers, unsent_prices
from sync.store.database import Store
from sync.store.offer_prices import DesiredPrice, PricesStored
from sync.store.tables import offer_price
from tests.integration.store.samples import remote_order

CONFIG = "c1"


@pytest.fixture
async def ids(store: Store, shop: AccountId) -> Mapping[str, str]:
    """Three bound listings of the shop, by its ids, at 10.00 EUR each."""
    async with store.write() as tx:
        ids, _ = await listings.save_page(tx, shop, [variant(name) for name in ("v1", "v2", "v3")])
        await listings.bind(tx, {one: listings.Bound({"A": 1}) for one in ids.values()}, CONFIG)
    return ids


def variant(name: str, price: str = "10.00") -> RemoteVariant:
    return RemoteVariant(name, f"p-{name}", "A", "A mug", price=Decimal(price), currency="EUR")


def wish(
    shop: AccountId, listing: str, name: str = "v1", price: str | None = "12.00", **more: Any
) -> DesiredPrice:
    known = {"currency": "EUR", "compare_at": None, "shown": "10.00", "terms": {"rule": "all"}} | more
    return DesiredPrice(listing_id=listing, account_id=shop, external_id=name, price=price, **known)


async def want(
    store: Store, *items: DesiredPrice, cause: str = "config", config: str = CONFIG
) -> PricesStored:
    async with store.write() as tx:
        return await offer_prices.want(tx, items, cause=cause, config_version=config)


async def rows(store: Store) -> dict[str, Any]:
    async with store.read() as tx:
        return {row.external_id: row for row in await tx.all(sa.select(offer_price))}


async def unsent(store: Store, shop: AccountId, limit: int = 10) -> list[UnsentPrice]:
    async with store.read() as tx:
        return await unsent_prices.unsent(tx, shop, limit)


async def out(store: Store, shop: AccountId) -> Sequence[PriceOut]:
    return plan_prices(await unsent(store, shop), store.clock.now())


async def test_a_price_begins_with_what_the_shop_showed(
    store: Store, shop: AccountId, ids: Mapping[str, str]
) -> None:
    stored = await want(store, wish(shop, ids["v1"]), wish(shop, ids["v2"], "v2", price="10.00"))
    assert stored.accounts == {shop}
    found = await rows(store)
    assert (found["v1"].desired, found["v1"].acked, found["v1"].cause) == ("12.00", "10.00", "config")
    assert [row.external_id for row in await unsent(store, shop)] == ["v1"]


async def test_storing_the_same_again_writes_nothing(
    store: Store, shop: AccountId, ids: Mapping[str, str], clock: SetClock
) -> None:
    at = store.clock.now() + timedelta(hours=3)
    same = wish(shop, ids["v1"], price="10.00", next_at=at)
    assert (await want(store, same)).accounts == {shop}  # it will change by time
    before = (await rows(store))["v1"]
    clock.move(timedelta(minutes=5))
    assert (await want(store, same)).accounts == frozenset()
    assert (await rows(store))["v1"] == before


async def test_what_waits_waits_since_its_first_change(
    store: Store, shop: AccountId, ids: Mapping[str, str], clock: SetClock
) -> None:
    begun = to_micros(clock.now())
    await want(store, wish(shop, ids["v1"]))
    clock.move(timedelta(minutes=5))
    await want(store, wish(shop, ids["v1"], price="13.00"))
    assert (await rows(store))["v1"].changed_at == begun


async def test_other_terms_alone_move_nothing(
    store: Store, shop: AccountId, ids: Mapping[str, str], clock: SetClock
) -> None:
    await want(store, wish(shop, ids["v1"]))
    clock.move(timedelta(minutes=5))
    await want(store, wish(shop, ids["v1"], terms={"rule": "other"}, capped="flash"))
    row = (await rows(store))["v1"]
    assert (row.terms, row.capped, row.changed_at) == (
        '{"rule":"other"}',
        "flash",
        to_micros(clock.now()) - 300_000_000,
    )


async def test_the_shop_s_answer_is_kept_and_not_what_was_sent(
    store: Store, shop: AccountId, ids: Mapping[str, str]
) -> None:
    await want(store, wish(shop, ids["v1"], compare_at="20.00"))
    (sent,) = await out(store, shop)
    async with store.write() as tx:
        await price_answers.acknowledge(tx, [(sent, "11.99")])
    row = (await rows(store))["v1"]
    assert (row.acked, row.acked_compare_at) == ("11.99", "20.00")
    assert [row.external_id for row in await unsent(store, shop)] == ["v1"]
    async with store.write() as tx:
        await price_answers.acknowledge(tx, [(sent, "12.00")])
    assert await unsent(store, shop) == []


async def test_a_struck_out_price_that_is_to_go_is_unsent_until_it_was_told(
    store: Store, shop: AccountId, ids: Mapping[str, str]
) -> None:
    await want(store, wish(shop, ids["v1"], price="10.00", compare_at=""))
    (sent,) = await out(store, shop)
    assert sent.compare_at == ""
    async with store.write() as tx:
        await price_answers.acknowledge(tx, [(sent, "10.00")])
    assert await unsent(store, shop) == []


async def test_a_struck_out_price_that_is_not_ours_is_never_unsent(
    store: Store, shop: AccountId, ids: Mapping[str, str]
) -> None:
    await want(store, wish(shop, ids["v1"], price="10.00", compare_at=None))
    assert await unsent(store, shop) == []


async def test_a_struck_out_price_that_we_set_is_taken_back_when_it_is_no_longer_ours(
    store: Store, shop: AccountId, ids: Mapping[str, str]
) -> None:
    await want(store, wish(shop, ids["v1"], compare_at="20.00"))
    (sent,) = await out(store, shop)
    async with store.write() as tx:
        await price_answers.acknowledge(tx, [(sent, "12.00")])
    await want(store, wish(shop, ids["v1"], compare_at=None))
    await want(store, wish(shop, ids["v1"], compare_at=None))
    (sent,) = await out(store, shop)
    assert sent.compare_at == ""
    async with store.write() as tx:
        await price_answers.acknowledge(tx, [(sent, "12.00")])
    await want(store, wish(shop, ids["v1"], compare_at=None))
    assert (await rows(store))["v1"].desired_compare_at is None
    assert await unsent(store, shop) == []


async def test_a_refused_price_is_kept_and_not_sent_again_unchanged(
    store: Store, shop: AccountId, ids: Mapping[str, str]
) -> None:
    await want(store, wish(shop, ids["v1"]))
    (sent,) = await out(store, shop)
    async with store.write() as tx:
        assert await price_answers.refuse(tx, [(sent, "too dear")]) == {sent.offer}
    row = (await rows(store))["v1"]
    assert (row.rejected, row.rejected_reason) == ("12.00", "too dear")
    assert await unsent(store, shop) == []
    async with store.read() as tx:
        told = await figures.figures(tx)
    assert told.rejected == {("shop", "price"): 1}
    assert told.unsent == {}
    stored = await want(store, wish(shop, ids["v1"], price="13.00"))
    assert stored.freed == (ids["v1"],)
    assert [row.desired for row in await unsent(store, shop)] == ["13.00"]


async def test_an_unsent_price_counts_in_the_figures(
    store: Store, shop: AccountId, ids: Mapping[str, str]
) -> None:
    await want(store, wish(shop, ids["v1"]))
    async with store.read() as tx:
        waiting = (await figures.figures(tx)).unsent
    assert waiting[("shop", "price")].count == 1
    assert waiting[("shop", "price")].oldest == store.clock.now()


async def test_a_refusal_of_what_is_no_longer_wanted_is_none(
    store: Store, shop: AccountId, ids: Mapping[str, str]
) -> None:
    await want(store, wish(shop, ids["v1"], compare_at="20.00"))
    (sent,) = await out(store, shop)
    await want(store, wish(shop, ids["v1"], compare_at="30.00"))
    async with store.write() as tx:
        assert await price_answers.refuse(tx, [(sent, "not above")]) == frozenset()
    assert len(await unsent(store, shop)) == 1


async def test_a_listing_that_no_rule_manages_keeps_what_the_shop_has(
    store: Store, shop: AccountId, ids: Mapping[str, str]
) -> None:
    await want(store, wish(shop, ids["v1"], compare_at="20.00", next_at=store.clock.now(), capped="flash"))
    async with store.write() as tx:
        assert await offer_prices.release(tx, list(ids.values())) == (ids["v1"],)
        assert await offer_prices.release(tx, list(ids.values())) == ()
    row = (await rows(store))["v1"]
    assert (row.desired, row.desired_compare_at, row.next_at, row.capped) == (None, None, None, None)
    assert await unsent(store, shop) == []


async def test_a_price_changed_in_the_shop_is_put_right(
    store: Store, shop: AccountId, ids: Mapping[str, str], clock: SetClock
) -> None:
    await want(store, wish(shop, ids["v1"], price="10.00"))
    clock.move(timedelta(hours=1))
    async with store.write() as tx:
        said = await price_answers.note_shown(tx, shop, [variant("v1", "7")], clock.now())
    assert said.moved
    (row,) = await unsent(store, shop)
    assert (row.desired, row.acked) == ("10.00", "7.00")
    assert (await rows(store))["v1"].changed_at == to_micros(clock.now())


async def test_what_was_read_before_the_shop_s_last_word_does_not_count(
    store: Store, shop: AccountId, ids: Mapping[str, str], clock: SetClock
) -> None:
    begun = clock.now()
    await want(store, wish(shop, ids["v1"]))
    clock.move(timedelta(seconds=1))
    (sent,) = await out(store, shop)
    async with store.write() as tx:
        await price_answers.acknowledge(tx, [(sent, "12.00")])
        said = await price_answers.note_shown(tx, shop, [variant("v1", "10.00")], begun)
    assert not said.moved
    assert await unsent(store, shop) == []


async def test_a_shop_that_shows_the_refused_price_after_all_has_it(
    store: Store, shop: AccountId, ids: Mapping[str, str], clock: SetClock
) -> None:
    await want(store, wish(shop, ids["v1"]))
    (sent,) = await out(store, shop)
    async with store.write() as tx:
        await price_answers.refuse(tx, [(sent, "locked")])
        said = await price_answers.note_shown(tx, shop, [variant("v1", "12")], clock.now())
    assert said.settled == {ids["v1"]}


async def test_in_another_currency_the_old_price_says_nothing(
    store: Store, shop: AccountId, ids: Mapping[str, str]
) -> None:
    await want(store, wish(shop, ids["v1"], price="10.00", compare_at=""))
    (sent,) = await out(store, shop)
    async with store.write() as tx:
        await price_answers.acknowledge(tx, [(sent, "10.00")])
    await want(store, wish(shop, ids["v1"], price="10.00", compare_at="", currency="CHF", shown="9.00"))
    (row,) = await unsent(store, shop)
    assert (row.currency, row.acked, row.acked_compare_at) == ("CHF", "9.00", None)


@pytest.mark.parametrize(
    ("cause", "config", "told"),
    [
        ("time", CONFIG, "promotion"),
        ("config", CONFIG, "promotion"),  # the daemon was away when it began
        ("config", "c2", "config"),  # a person wrote it
        ("catalogue", CONFIG, "catalogue"),
    ],
)
async def test_only_a_promotion_that_began_by_itself_is_the_cause(
    store: Store, shop: AccountId, ids: Mapping[str, str], cause: str, config: str, told: str
) -> None:
    await want(store, wish(shop, ids["v1"]))
    promoted = wish(
        shop,
        ids["v1"],
        price="8.00",
        terms={"rule": "all", "steps": [{"step": "promotion", "rule": "flash"}]},
    )
    await want(store, promoted, cause=cause, config=config)
    assert (await rows(store))["v1"].cause == told


async def test_what_is_missing_is_counted_by_what_it_is(
    store: Store, shop: AccountId, ids: Mapping[str, str]
) -> None:
    lacking = {"terms": {"missing": "a cost"}, "missing": "a cost"}
    await want(
        store,
        wish(shop, ids["v1"], price=None, **lacking),
        wish(shop, ids["v3"], "v3", price=None, **lacking),
        wish(shop, ids["v2"], "v2"),
    )
    async with store.read() as tx:
        (found,) = await unsent_prices.missing(tx, shop, sample=1)
    assert (found.what, found.count, found.first) == ("a cost", 2, ("v1",))


async def test_what_comes_due_comes_by_its_time(
    store: Store, shop: AccountId, ids: Mapping[str, str], clock: SetClock
) -> None:
    noon = clock.now()
    await want(
        store,
        wish(shop, ids["v1"], next_at=noon + timedelta(minutes=2)),
        wish(shop, ids["v2"], "v2", next_at=noon + timedelta(minutes=1)),
        wish(shop, ids["v3"], "v3"),
    )
    async with store.read() as tx:
        assert await unsent_prices.next_at(tx, shop) == noon + timedelta(minutes=1)
        assert await unsent_prices.due(tx, shop, 10) == []
        clock.move(timedelta(minutes=2))
        assert await unsent_prices.due(tx, shop, 10) == [ids["v2"], ids["v1"]]


async def test_a_listing_that_is_gone_has_no_price(
    store: Store, shop: AccountId, ids: Mapping[str, str]
) -> None:
    await want(store, wish(shop, ids["v1"]))
    async with store.write() as tx:
        await listings.mark_gone(tx, [ids["v1"]])
    row = (await rows(store))["v1"]
    assert (row.desired, row.acked, row.next_at) == (None, None, None)


async def test_pieces_of_a_promotion_count_until_they_are_cancelled(
    store: Store, shop: AccountId, ids: Mapping[str, str]
) -> None:
    """Two pieces sold in it; others were sold before it, cancelled, of another listing, or are history."""
    await want(
        store,
        wish(shop, ids["v1"], capped="flash\nnight"),
        wish(shop, ids["v2"], "v2", capped="night"),
        wish(shop, ids["v3"], "v3"),
    )
    begun = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
    first = replace(remote_order("1"), placed_at=begun)
    line = RemoteOrderLine("l2", "v3", "B", "A jug", 5, 5, Decimal("5.00"), Money(2500, "EUR"))
    async with store.write() as tx:
        for order, history in (
            (replace(first, lines=(*first.lines, line)), False),
            (replace(remote_order("2"), placed_at=begun - timedelta(seconds=1)), False),
            (replace(remote_order("3"), status=OrderStatus.CANCELLED), False),
            (remote_order("4"), True),
        ):
            await orders.save(tx, shop, order, history=history, masked=False)
    async with store.read() as tx:
        assert await offer_facts.sold(tx, "flash", [shop], begun) == 2
        assert await offer_facts.sold(tx, "night", [shop], begun) == 2
        assert await offer_facts.sold(tx, "dawn", [shop], begun) == 0
        assert await offer_facts.capped_shops(tx) == [shop]
    less = replace(first, lines=(replace(first.lines[0], quantity=1), line))
    async with store.write() as tx:
        await orders.save(tx, shop, less, history=False, masked=False)
        assert await offer_facts.sold(tx, "flash", [shop], begun) == 1
