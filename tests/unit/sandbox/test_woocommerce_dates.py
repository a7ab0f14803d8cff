"""What the shop makes of dates, pages and order: the newer generation as 11.0, the older as 8.6."""

from datetime import UTC, datetime
from typing import Any

import pytest
from woocommerce_door import NEW_YORK, OLD, SHANGHAI, Door, woo

from sandbox.storefront.woocommerce.rules import Generation, Rules

AUTUMN = [
    datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
    datetime(2026, 11, 1, 5, 59, 59, tzinfo=UTC),
    datetime(2026, 11, 1, 6, 0, tzinfo=UTC),
    datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
    datetime(2026, 11, 1, 7, 0, tzinfo=UTC),
]
"""Around the hour in which New York's clocks go back, which is 06:00 UTC."""


async def autumn(door: Door) -> list[int]:
    ids = []
    for moment in AUTUMN:
        made = await door.order(status="pending")
        door.made_at(made["id"], moment)
        ids.append(made["id"])
    return ids


async def asked(door: Door, ids: list[int], **more: Any) -> list[int]:
    found = await door.ids("orders", orderby="modified", order="asc", **more)
    return [ids.index(id) + 1 for id in found]


async def test_dates_are_shown_on_the_shops_clock_and_in_utc() -> None:
    async with woo(at=datetime(2026, 11, 25, 7, 18, 57, tzinfo=UTC)) as door:
        made = await door.order(status="pending")
        assert made["date_created"] == "2026-11-25T02:18:57"
        assert made["date_created_gmt"] == "2026-11-25T07:18:57"


@pytest.mark.parametrize("generation", list(Generation))
async def test_naive_utc_that_is_said_to_be_utc_is_right_in_both_generations(generation: Generation) -> None:
    async with woo(Rules(generation=generation)) as door:
        ids = await autumn(door)
        found = await asked(door, ids, dates_are_gmt="true", modified_after="2026-11-01T05:59:59")
        assert sorted(found) == [3, 4, 5]


@pytest.mark.parametrize("generation", list(Generation))
async def test_a_bound_with_its_zone_that_is_said_to_be_utc_is_shifted_and_finds_all_in_new_york(
    generation: Generation,
) -> None:
    async with woo(Rules(generation=generation, zone=NEW_YORK)) as door:
        ids = await autumn(door)
        found = await asked(door, ids, dates_are_gmt="true", modified_after="2026-11-01T05:59:59Z")
        assert sorted(found) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("generation", list(Generation))
async def test_a_bound_with_its_zone_that_is_said_to_be_utc_misses_all_in_shanghai(
    generation: Generation,
) -> None:
    async with woo(Rules(generation=generation, zone=SHANGHAI)) as door:
        ids = await autumn(door)
        assert await asked(door, ids, dates_are_gmt="true", modified_after="2026-11-01T05:59:59Z") == []


async def test_a_bound_with_its_zone_alone_is_right_in_the_newer_generation() -> None:
    async with woo() as door:
        ids = await autumn(door)
        assert await asked(door, ids, modified_after="2026-11-01T05:59:59Z") == [3, 4, 5]
        assert await asked(door, ids, modified_after="2026-11-01T01:59:59-04:00") == [3, 4, 5]


async def test_a_bound_with_its_zone_alone_loses_orders_in_the_older_one_when_clocks_go_back() -> None:
    async with woo(OLD) as door:
        ids = await autumn(door)
        assert await asked(door, ids, modified_after="2026-11-01T05:59:59Z") == [5]
        assert await asked(door, ids, modified_after="2026-11-01T01:59:59-04:00") == [5]


async def test_a_naive_bound_is_read_on_the_shops_clock() -> None:
    async with woo() as door:
        ids = await autumn(door)
        assert await asked(door, ids, modified_after="2026-11-01T01:59:59") == [3, 4, 5]
    async with woo(OLD) as door:
        ids = await autumn(door)
        assert await asked(door, ids, modified_after="2026-11-01T01:59:59") == [5]


async def test_the_older_generation_sorts_by_the_shops_clock_so_one_hour_is_out_of_sequence() -> None:
    async with woo(OLD) as door:
        ids = await autumn(door)
        assert await asked(door, ids) == [3, 1, 4, 2, 5]
    async with woo() as door:
        ids = await autumn(door)
        assert await asked(door, ids) == [1, 2, 3, 4, 5]


async def test_changes_of_one_second_come_by_id_ascending_even_when_the_newest_come_first() -> None:
    async with woo() as door:
        ids = [(await door.order(status="pending"))["id"] for _ in range(3)]
        assert await door.ids("orders", orderby="modified", order="desc") == ids
        assert await door.ids("orders") == ids[::-1]


async def test_the_bound_itself_is_left_out_at_one_seconds_resolution() -> None:
    async with woo() as door:
        made = await door.order(status="pending")
        at = made["date_modified_gmt"]
        assert await door.ids("orders", dates_are_gmt="true", modified_after=at) == []
        door.clock.advance(0.9)
        await door.put(f"orders/{made['id']}", customer_note="x")
        assert await door.ids("orders", dates_are_gmt="true", modified_after=at) == []
        door.clock.advance(0.1)
        await door.put(f"orders/{made['id']}", customer_note="y")
        assert await door.ids("orders", dates_are_gmt="true", modified_after=at) == [made["id"]]


async def test_what_is_no_date_is_refused() -> None:
    async with woo() as door:
        answer = await door.http.get("orders", params={"modified_after": "yesterday"})
        body = answer.json()
        assert (answer.status_code, body["code"]) == (400, "rest_invalid_param")
        assert body["data"]["details"]["modified_after"]["code"] == "rest_invalid_date"


async def test_a_change_that_changes_nothing_moves_the_date_in_the_newer_generation_only() -> None:
    for rules, moved in ((Rules(), True), (OLD, False)):
        async with woo(rules) as door:
            made = await door.order(status="pending")
            door.clock.advance(5)
            after = await door.put(f"orders/{made['id']}", status="pending")
            assert (after["date_modified_gmt"] != made["date_modified_gmt"]) is moved


async def test_the_default_list_leaves_out_trash_and_drafts() -> None:
    async with woo() as door:
        kept = (await door.order(status="pending"))["id"]
        draft = (await door.order(status="checkout-draft"))["id"]
        trashed = (await door.order(status="pending"))["id"]
        await door.delete(f"orders/{trashed}")
        assert await door.ids("orders") == [kept]
        assert await door.ids("orders", status="any") == [kept]
        assert await door.ids("orders", status="trash") == [trashed]
        assert await door.ids("orders", status="checkout-draft,pending") == [draft, kept]


async def test_a_status_that_nobody_knows_is_refused_with_all_that_are_known() -> None:
    async with woo(Rules(statuses=("packed",))) as door:
        answer = await door.http.get("orders", params={"status": "nonsense"})
        assert answer.json()["data"]["params"]["status"] == (
            "status[0] is not one of any, trash, auto-draft, pending, processing, on-hold, completed, cancelled,"
            " refunded, failed, packed, and checkout-draft."
        )


async def test_a_status_whose_plugin_is_off_vanishes_from_the_newer_lists_and_is_there_by_id() -> None:
    for generation, shown in ((Generation.V11, False), (Generation.V8, True)):
        async with woo(Rules(generation=generation, statuses=("packed",))) as door:
            made = await door.order(status="packed")
            assert await door.ids("orders") == [made["id"]]
            door.opened.shop.statuses.remove("packed")
            assert (await door.ids("orders") == [made["id"]]) is shown
            assert await door.ids("orders", status="any") == ([made["id"]] if shown else [])
            assert (await door.get(f"orders/{made['id']}"))["status"] == "packed"


async def test_past_the_end_the_page_is_empty_and_the_count_depends_on_the_generation() -> None:
    for rules, total in ((Rules(), "0"), (OLD, "3")):
        async with woo(rules) as door:
            for _ in range(3):
                await door.order(status="pending")
            first = await door.http.get("orders", params={"per_page": 2})
            assert (first.headers["x-wp-total"], first.headers["x-wp-totalpages"]) == ("3", "2")
            assert 'rel="next"' in first.headers["link"]
            beyond = await door.http.get("orders", params={"per_page": 2, "page": 9})
            assert (beyond.status_code, beyond.json(), beyond.headers["x-wp-total"]) == (200, [], total)


@pytest.mark.parametrize(
    ("asked_for", "text"),
    [
        ({"per_page": "101"}, "per_page must be between 1 (inclusive) and 100 (inclusive)"),
        ({"page": "0"}, "page must be greater than or equal to 1"),
    ],
)
async def test_a_page_out_of_bounds_is_refused(asked_for: dict[str, str], text: str) -> None:
    async with woo() as door:
        answer = await door.http.get("orders", params=asked_for)
        (name,) = asked_for
        assert answer.status_code == 400
        assert answer.json()["data"]["params"][name] == text


async def test_an_order_that_is_new_between_two_pages_shows_one_twice() -> None:
    async with woo() as door:
        for _ in range(4):
            await door.order(status="pending")
        first = await door.ids("orders", per_page=2, page=1)
        await door.order(status="pending")
        second = await door.ids("orders", per_page=2, page=2)
        assert second[0] == first[-1]


async def test_an_order_that_is_changed_between_two_pages_hides_another() -> None:
    async with woo() as door:
        ids = []
        for _ in range(4):
            ids.append((await door.order(status="pending"))["id"])
            door.clock.advance(1)
        first = await door.ids("orders", per_page=2, page=1, orderby="modified", order="asc")
        await door.put(f"orders/{first[0]}", customer_note="x")
        second = await door.ids("orders", per_page=2, page=2, orderby="modified", order="asc")
        assert set(ids) - {*first, *second} == {ids[2]}
