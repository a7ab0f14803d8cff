"""The guard: what holds a list, in which words, and how a person accepts it."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import BadAnswer, Deadline
from connectors.suppliers.feed.guard import ListHeld
from tests.unit.feed.conftest import Shelf

HEAD = "code,cost,stock\n"


def rows(number: int, stock: int = 1) -> str:
    return HEAD + "".join(f"A{n},1,{stock}\n" for n in range(number))


async def held(shelf: Shelf, form: dict[str, Any], first: str, second: str, name: str = "stock.csv") -> str:
    shelf.put(name, first, age=100)
    connector = shelf.connector(form)
    _, _, cursor = await shelf.read(connector)
    shelf.put(name, second, age=50)
    with pytest.raises(ListHeld) as told:
        await connector.offers(cursor, Deadline.after(5))
    return str(told.value)


async def test_a_list_with_far_fewer_rows_is_held(shelf: Shelf) -> None:
    assert await held(shelf, {}, rows(10), rows(6)) == (
        "stock.csv is held: it has 6 usable rows, 40 % fewer than the 10 of the last list. "
        f"The last figures stay; if it is right, make the empty file {shelf.root}/stock.csv.accepted"
    )


async def test_a_list_where_much_less_is_in_stock_is_held(shelf: Shelf) -> None:
    told = await held(shelf, {}, rows(10), rows(10, stock=0))
    assert (
        "stock.csv is held: 0 codes have stock, 100 % fewer than the 10 of the last list. The last figures"
        in told
    )


@pytest.mark.parametrize(("number", "is_held"), [(7, False), (6, True)])
async def test_thirty_percent_fewer_rows_are_let_through(shelf: Shelf, number: int, is_held: bool) -> None:
    shelf.put("stock.csv", rows(10), age=100)
    connector = shelf.connector()
    _, _, cursor = await shelf.read(connector)
    shelf.put("stock.csv", rows(number), age=50)
    if is_held:
        with pytest.raises(ListHeld, match=r"it has 6 usable rows, 40 % fewer than the 10 of the last list"):
            await shelf.read(connector, cursor)
    else:
        assert len((await shelf.read(connector, cursor))[0]) == 3


async def test_an_older_list_is_held(shelf: Shelf) -> None:
    shelf.put("stock.csv", rows(3), age=100)
    connector = shelf.connector()
    _, _, cursor = await shelf.read(connector)
    shelf.put("stock.csv", rows(4), age=200)
    with pytest.raises(
        ListHeld, match=r"stock\.csv is held: it is of .* UTC, older than the last list, of .* UTC\."
    ):
        await shelf.read(connector, cursor)


async def test_the_date_of_a_column_counts_where_it_is_said(shelf: Shelf) -> None:
    form = {"columns": {"code": "code", "date": "as of"}, "guard": {"dated_by": "column"}}
    body = "code,as of\nA,2026-01-{}\nB,2026-01-01\n"
    shelf.put("stock.csv", body.format("20"), age=100)
    connector = shelf.connector(form)
    _, _, cursor = await shelf.read(connector)
    shelf.put("stock.csv", body.format("19"), age=50)
    with pytest.raises(
        ListHeld, match=r"it is of 2026-01-18 23:00 UTC, older than the last list, of 2026-01-19 23:00 UTC"
    ):
        await shelf.read(connector, cursor)


@pytest.mark.parametrize(("allowed", "words"), [("2 days", "2 days"), ("36 hours", "36 hours")])
async def test_a_list_that_has_grown_old_is_held_although_it_is_unchanged(
    shelf: Shelf, allowed: str, words: str
) -> None:
    shelf.put("stock.csv", rows(3), age=100)
    connector = shelf.connector({"guard": {"max_age": allowed}})
    _, _, cursor = await shelf.read(connector)
    shelf.clock.move(timedelta(days=3))
    with pytest.raises(
        ListHeld, match=rf"stock\.csv is held: it is of .*, older than max_age allows \({words}\)\."
    ):
        await shelf.read(connector, cursor)


async def test_an_accepted_file_counts_for_that_list_alone(shelf: Shelf) -> None:
    await held(shelf, {}, rows(10), rows(2))
    connector = shelf.opened[-1]
    shelf.put("stock.csv.accepted", "", age=60)
    with pytest.raises(ListHeld):  # older than the list
        await shelf.read(connector, await first_cursor(shelf))
    shelf.put("stock.csv.accepted", "", age=40)
    offers, _, cursor = await shelf.read(connector, await first_cursor(shelf))
    assert len(offers) == 8
    shelf.put("stock.csv", rows(1), age=35)
    with pytest.raises(ListHeld):
        await shelf.read(connector, cursor)


async def first_cursor(shelf: Shelf) -> str | None:
    """The cursor of after the ten rows, as a flow would have stored it."""
    listing = (shelf.root / "stock.csv").read_text()
    at = (shelf.root / "stock.csv").stat().st_mtime
    shelf.put("stock.csv", rows(10), age=100)
    _, _, cursor = await shelf.read(shelf.connector())
    path = shelf.put("stock.csv", listing)
    os.utime(path, (at, at))
    return cursor


async def test_a_list_that_is_held_is_not_given_in_part(shelf: Shelf) -> None:
    await held(shelf, {}, rows(10), rows(2))
    with pytest.raises(BadAnswer):
        await shelf.opened[-1].offers(await first_cursor(shelf), Deadline.after(5))


async def test_the_first_list_is_believed_unless_it_is_empty(shelf: Shelf) -> None:
    shelf.put("stock.csv", rows(1, stock=0))
    assert len((await shelf.read(shelf.connector()))[0]) == 1
    assert datetime.now(UTC) >= shelf.clock.now()
