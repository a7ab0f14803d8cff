"""Following a list over time: whatever is cut short, replaced or restarted, the receiver ends with the last list."""

import asyncio
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import Deadline, Throttled, Unavailable
from tests.unit.feed.conftest import Shelf

LOOSE = {"guard": {"fewer_rows": "100%", "less_stock": "100%"}}
HEAD = "code,cost,stock\n"

CODES = st.sampled_from([f"C{n}" for n in range(12)])
STOCKS = st.one_of(st.integers(0, 9).map(str), st.just("bad"))
LISTS = st.dictionaries(CODES, STOCKS, min_size=1, max_size=12)


@dataclass(frozen=True)
class Step:
    """A list that appears, read for so many pages (None: to its end), then perhaps a restart."""

    rows: dict[str, str]
    pages: int | None
    restart: bool


STEPS = st.lists(
    st.builds(Step, LISTS, st.one_of(st.none(), st.integers(0, 4)), st.booleans()), min_size=1, max_size=6
)
seen: Counter[str] = Counter()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, page_items=st.integers(1, 5), zero=st.booleans())
def test_the_receiver_ends_with_what_the_last_list_says(
    steps: list[Step], page_items: int, zero: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_follow(Shelf(Path(folder)), steps, page_items, zero))


async def _follow(shelf: Shelf, steps: list[Step], page_items: int, zero: bool) -> None:
    form = {**LOOSE, "missing": "zero" if zero else "unknown"}
    receiver: dict[str, int | None] = {}
    connector = shelf.connector(form, page_items=page_items)
    cursor: str | None = None
    last = len(steps) - 1
    for n, step in enumerate(steps):
        usable = any(stock != "bad" for stock in step.rows.values())
        rows = step.rows if usable else {**step.rows, "C0": "1"}
        body = HEAD + "".join(f"{code},1,{stock}\n" for code, stock in rows.items())
        shelf.put("stock.csv", body, age=1000 - n)
        left = None if n == last else step.pages
        while left is None or left > 0:
            page = await connector.offers(cursor, Deadline.after(30))
            receiver.update({offer.code: offer.stock for offer in page.records})
            cursor = page.cursor
            assert len(page.records) + len(page.broken) <= page_items
            left = None if left is None else left - 1
            if page.complete:
                break
            seen["cut short"] += left == 0
        if step.restart:
            await connector.close()
            connector = shelf.connector(form, page_items=page_items)
            seen["restarted"] += 1
        seen["with a bad row"] += "bad" in rows.values()
        seen["steps"] += 1
    for each in shelf.opened:
        await each.close()
    for code, stock in receiver.items():
        expected = rows.get(code)
        if expected is None:
            assert stock in ({None, 0} if zero else {None}), code
        else:
            allowed = (
                {None, 0} if expected == "bad" and zero else {None if expected == "bad" else int(expected)}
            )
            assert stock in allowed, code
    assert {code for code, stock in rows.items() if stock != "bad"} <= set(receiver)


def test_each_kind_of_trouble_came_up() -> None:
    for kind in ("cut short", "restarted", "with a bad row"):
        assert seen[kind] >= seen["steps"] * 0.02, kind


async def test_a_list_given_whole_after_our_marks_were_lost(shelf: Shelf) -> None:
    shelf.put("stock.csv", HEAD + "A,1,1\nB,1,1\n", age=100)
    connector = shelf.connector(LOOSE)
    _, _, cursor = await shelf.read(connector)
    for path in (shelf.root / ".entrepot" / "lists").iterdir():
        path.unlink()
    shelf.put("stock.csv", HEAD + "A,1,1\nB,1,2\n", age=50)
    offers, _, _ = await shelf.read(connector, cursor)
    assert [offer.code for offer in offers] == ["A", "B"]


async def test_a_lost_cursor_gives_the_whole_list_and_what_vanished_since(shelf: Shelf) -> None:
    shelf.put("stock.csv", HEAD + "A,1,1\nB,1,1\n", age=100)
    connector = shelf.connector(LOOSE)
    await shelf.read(connector)
    shelf.put("stock.csv", HEAD + "A,1,1\n", age=50)
    offers, _, _ = await shelf.read(connector, None)
    assert [(offer.code, offer.stock) for offer in offers] == [("A", 1), ("B", None)]


async def test_the_same_content_under_another_time_is_nothing_new(shelf: Shelf) -> None:
    shelf.put("stock.csv", HEAD + "A,1,1\n", age=100)
    connector = shelf.connector()
    _, _, cursor = await shelf.read(connector)
    shelf.put("stock.csv", HEAD + "A,1,1\n", age=50)
    page = await connector.offers(cursor, Deadline.after(5))
    assert (page.records, page.complete) == ((), True)


async def test_the_newest_of_several_lists_wins(shelf: Shelf) -> None:
    shelf.put("stock-1.csv", HEAD + "A,1,1\n", age=50)
    shelf.put("stock-2.csv", HEAD + "A,1,2\n", age=100)
    ((offer,), _, _) = await shelf.read(shelf.connector())
    assert offer.stock == 1
    by_name = {"guard": {"dated_by": "name"}}
    shelf.put("stock-2026-01-02.csv", HEAD + "A,1,3\n", age=900)
    shelf.put("stock-2026-01-01.csv", HEAD + "A,1,4\n", age=800)
    (shelf.root / "stock-1.csv").unlink()
    (shelf.root / "stock-2.csv").unlink()
    ((offer,), _, _) = await shelf.read(shelf.connector(by_name))
    assert offer.stock == 3


async def test_a_file_is_read_only_when_it_has_rested(shelf: Shelf) -> None:
    shelf.put("stock.csv", HEAD + "A,1,1\n", age=10)
    with pytest.raises(Unavailable, match=r"acme: there is no list yet: no whole stock\*\.\*"):
        await shelf.read(shelf.connector())
    assert len((await shelf.read(shelf.connector(settle="5 seconds")))[0]) == 1


async def test_a_file_of_the_future_must_rest_before_our_eyes(shelf: Shelf) -> None:
    shelf.put("stock.csv", HEAD + "A,1,1\n", age=-3600)
    connector = shelf.connector(settle="10 ms")
    with pytest.raises(Unavailable):
        await shelf.read(connector)
    await asyncio.sleep(0.02)
    assert len((await shelf.read(connector))[0]) == 1


async def test_with_a_marker_a_file_is_read_when_its_marker_is_there(shelf: Shelf) -> None:
    shelf.put("stock.csv", HEAD + "A,1,1\n", age=0)
    connector = shelf.connector(done_marker=".done")
    with pytest.raises(Unavailable):
        await shelf.read(connector)
    shelf.put("stock.csv.done", "", age=0)
    _, _, cursor = await shelf.read(connector)
    shelf.put("stock.csv", HEAD + "A,1,2\n", age=-5)
    assert (await shelf.read(connector, cursor))[0] == []


async def test_the_old_list_put_back_over_one_that_was_given_in_part_is_given_again(shelf: Shelf) -> None:
    shelf.put("stock.csv", HEAD + "A,1,1\n", age=100)
    connector = shelf.connector(LOOSE, page_items=1)
    _, _, cursor = await shelf.read(connector)
    shelf.put("stock.csv", HEAD + "A,1,2\nB,1,1\n", age=90)
    page = await connector.offers(cursor, Deadline.after(5))
    assert [(offer.code, offer.stock) for offer in page.records] == [("A", 2)]
    shelf.put("stock.csv", HEAD + "A,1,1\n", age=80)
    offers, _, _ = await shelf.read(connector, page.cursor)
    assert [(offer.code, offer.stock) for offer in offers] == [("A", 1), ("B", None)]


async def test_the_same_list_sent_again_after_changes_overrules_them(shelf: Shelf) -> None:
    shelf.put("stock.csv", HEAD + "A,1,1\n", age=100)
    shelf.put("changes-1.csv", HEAD + "A,1,5\n", age=90)
    connector = shelf.connector({"changes": "changes-*.csv"})
    _, _, cursor = await shelf.read(connector)
    shelf.put("stock.csv", HEAD + "A,1,1\n", age=50)
    offers, _, _ = await shelf.read(connector, cursor)
    assert [(offer.code, offer.stock) for offer in offers] == [("A", 1)]


async def test_uploads_under_way_are_no_lists(shelf: Shelf) -> None:
    shelf.put("stock.csv", HEAD + "A,1,1\n", age=100)
    shelf.put("stock.csv.filepart", "x", age=50)
    shelf.put("stock.csv.part", "x", age=50)
    assert len((await shelf.read(shelf.connector()))[0]) == 1


async def test_changes_are_read_once_each_after_the_list(shelf: Shelf) -> None:
    shelf.put("stock.csv", HEAD + "A,1,1\nB,1,1\n", age=100)
    shelf.put("changes-0.csv", HEAD + "A,1,9\n", age=200)
    shelf.put("changes-1.csv", HEAD + "A,1,5\nA,1,6\n", age=90)
    shelf.put("changes-2.csv", HEAD + "A,1,7\nC,1,1\n", age=80)
    connector = shelf.connector({"changes": "changes-*.csv"})
    offers, broken, cursor = await shelf.read(connector)
    assert [(o.code, o.stock) for o in offers] == [("A", 1), ("B", 1), ("A", 5), ("A", 7), ("C", 1)]
    assert broken == ['changes-1.csv line 3: code: "A" stands in line 2 already']
    assert (await shelf.read(connector, cursor))[0] == []


async def test_a_full_list_after_changes_is_given_whole(shelf: Shelf) -> None:
    shelf.put("stock.csv", HEAD + "A,1,1\nB,1,1\n", age=100)
    shelf.put("changes-1.csv", HEAD + "A,1,5\n", age=90)
    connector = shelf.connector({"changes": "changes-*.csv"})
    _, _, cursor = await shelf.read(connector)
    shelf.put("stock.csv", HEAD + "A,1,1\nB,1,2\n", age=50)
    offers, _, _ = await shelf.read(connector, cursor)
    assert [(o.code, o.stock) for o in offers] == [("A", 1), ("B", 2)]


async def test_a_list_that_takes_long_is_read_through_over_several_calls(shelf: Shelf) -> None:
    shelf.put("stock.csv", HEAD + "".join(f"A{n},1,1\n" for n in range(7000)), age=100)
    connector = shelf.connector(page_items=5000)
    cursor, calls, given = None, 0, 0
    while True:
        try:
            page = await connector.offers(cursor, Deadline.after(1.5))
        except (Unavailable, Throttled) as late:
            raise AssertionError(late) from None
        cursor, calls, given = page.cursor, calls + 1, given + len(page.records)
        if page.complete:
            break
    assert given == 7000
    assert calls > 5
