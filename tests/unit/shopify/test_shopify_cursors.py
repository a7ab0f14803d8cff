"""How the feeds find their place again."""

from datetime import UTC, datetime

import pytest
from msgspec import Raw

from connectors.contract import Refused
from connectors.storefronts.shopify.cursors import (
    OrdersCursor,
    ProductsCursor,
    Row,
    Stage,
    advance,
    iso,
    seconds,
)
from connectors.storefronts.shopify.rows import rows_of

FAR = 10_000


def test_a_cursor_survives_its_text() -> None:
    cursor = OrdersCursor(5, 7, {"a": (7, 11)})
    assert OrdersCursor.parse(cursor.text(), None) == cursor
    place = ProductsCursor(5, 9, 3, Stage.BULK, "gid://shopify/BulkOperation/1", 4096)
    assert ProductsCursor.parse(place.text()) == place


@pytest.mark.parametrize("text", ["", "nonsense", '{"begun":"x"}', "[]"])
def test_a_text_that_is_no_cursor_is_refused_in_words(text: str) -> None:
    for parse in (lambda: OrdersCursor.parse(text, None), lambda: ProductsCursor.parse(text)):
        with pytest.raises(Refused, match="read the feed from its begin"):
            parse()


def test_the_feed_begins_where_the_options_say() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert OrdersCursor.parse(None, start).begin == seconds(start)
    assert OrdersCursor.parse(None, None).begin == 0


def test_moments_are_written_as_the_search_takes_them() -> None:
    assert iso(seconds(datetime(2026, 3, 1, 10, 0, 5, 999_000, tzinfo=UTC))) == "2026-03-01T10:00:05Z"
    assert iso(-5) == "1970-01-01T00:00:00Z"


def test_a_full_page_goes_on_at_its_last_moment() -> None:
    rows = [Row("a", 10, 1), Row("b", 20, 1)]
    after = advance(OrdersCursor(), rows, full=True, horizon=FAR)
    assert after.begin == 20
    assert after.knows(Row("b", 20, 1))


def test_a_record_that_does_not_fit_is_passed_over_like_the_others_once_it_was_given_out() -> None:
    good, bad = b'{"id":"a","updatedAt":"2026-03-01T10:00:00Z"}', b'{"id":"b","updatedAt":{}}'
    rows = rows_of([Raw(good), Raw(bad), Raw(b"[]")], 5)
    assert [row.moved for row in rows] == [rows[0].moved] * 3
    after = advance(OrdersCursor(5), rows, full=True, horizon=2_000_000_000)
    assert all(after.knows(row) for row in rows_of([Raw(good), Raw(bad), Raw(b"[]")], after.begin))


def test_an_order_that_changed_twice_in_a_second_is_not_known() -> None:
    after = advance(OrdersCursor(), [Row("a", 10, 1)], full=False, horizon=FAR)
    assert after.knows(Row("a", 10, 1))
    assert not after.knows(Row("a", 10, 2))


def test_the_place_stays_behind_the_shop_s_clock_by_the_overlap() -> None:
    after = advance(OrdersCursor(), [Row("a", 10, 1), Row("b", 200, 1)], full=False, horizon=100)
    assert after.after == 10
    assert set(after.seen) == {"a", "b"}


def test_what_lies_before_the_place_is_forgotten() -> None:
    cursor = advance(OrdersCursor(), [Row("a", 10, 1), Row("b", 20, 1)], full=False, horizon=FAR)
    assert set(advance(cursor, [Row("c", 30, 1)], full=False, horizon=FAR).seen) == {"c"}


def test_the_place_never_goes_back() -> None:
    cursor = OrdersCursor(50)
    assert advance(cursor, [Row("a", 10, 1)], full=False, horizon=FAR).after == 50


def test_a_round_of_changes_asks_for_products_after_variants() -> None:
    sweep = ProductsCursor(begun=100, last=7)
    first = sweep.ended()
    assert (first.since, first.stage, first.last) == (100, Stage.VARIANTS, 0)
    second = first.ended()
    assert (second.since, second.stage) == (100, Stage.PRODUCTS)
    assert second.ended().stage is Stage.VARIANTS


def test_a_failed_bulk_operation_leads_to_a_sweep_page_by_page() -> None:
    place = ProductsCursor(100, 0, None, Stage.BULK, "gid://shopify/BulkOperation/1", 77)
    assert place.page_by_page() == ProductsCursor(begun=100)
