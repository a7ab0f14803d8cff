"""Price and stock lists of the sandbox's supplier."""

from decimal import Decimal
from pathlib import Path

import pytest

from connectors.contract import AuthRejected, BadAnswer, Deadline, Unavailable
from sandbox.supplier.dialect import CHINESE, GERMAN, LINES, PLAIN, Dialect
from sandbox.supplier.postbox import Slip
from tests.conformance.feed.conftest import Line, line_of, stocked, sweep


def accept(held: str) -> None:
    """Do what the message asks of a person."""
    Path(held.rpartition("make the empty file ")[2]).touch()


@pytest.mark.parametrize("kind", ["folder", "http"])
@pytest.mark.parametrize(
    "dialect", [PLAIN, GERMAN, CHINESE, LINES], ids=["plain", "german", "chinese", "lines"]
)
async def test_each_dialect_is_read_to_the_same_offers(kind: str, dialect: Dialect, tmp_path: Path) -> None:
    async for line in line_of(kind, tmp_path, dialect):
        line.supplier.add_good("00123", "TEE-01", 123456, 5, lead_days=3)
        line.supplier.add_good("货-2", "TEE-02", 990, 0) if dialect is not GERMAN else None
        line.postbox.publish()
        offers = {offer.code: offer for offer in (await sweep(line.connector().offers)).records}
        first = offers["00123"]
        assert (first.cost, first.currency, first.stock) == (Decimal("1234.56"), "EUR", 5)
        assert (first.lead_days, first.sku) == (3, "TEE-01")
        assert dialect is GERMAN or offers["货-2"].stock == 0


async def test_a_list_comes_in_pages_each_code_once(line: Line) -> None:
    stocked(line.postbox, 25)
    line.postbox.publish()
    found = await sweep(line.connector(page_items=4).offers)
    assert [offer.code for offer in found.records] == [f"A-{n}" for n in range(1, 26)]
    assert found.pages >= 7


async def test_a_reading_goes_on_after_a_restart(line: Line) -> None:
    stocked(line.postbox, 10)
    line.postbox.publish()
    first = await line.connector(page_items=4).offers(None, Deadline.after(30))
    rest = await sweep(line.connector(page_items=4).offers, first.cursor)
    assert [offer.code for offer in (*first.records, *rest.records)] == [f"A-{n}" for n in range(1, 11)]


async def test_an_unchanged_list_is_an_empty_complete_page(line: Line) -> None:
    stocked(line.postbox)
    line.postbox.publish()
    connector = line.connector()
    once = await sweep(connector.offers)
    again = await connector.offers(once.cursor, Deadline.after(30))
    assert (again.records, again.complete) == ((), True)


async def test_only_rows_that_differ_are_given_again(line: Line) -> None:
    stocked(line.postbox)
    line.postbox.publish()
    connector = line.connector()
    once = await sweep(connector.offers)
    line.supplier.lose("A-2", 4)
    line.postbox.publish()
    again = await sweep(connector.offers, once.cursor)
    assert [(offer.code, offer.stock) for offer in again.records] == [("A-2", 6)]


async def test_a_code_that_vanished_is_unknown_not_zero(line: Line) -> None:
    stocked(line.postbox, 10)
    line.postbox.publish()
    connector = line.connector()
    once = await sweep(connector.offers)
    line.supplier.drop("A-2")
    line.postbox.publish()
    (gone,) = (await sweep(connector.offers, once.cursor)).records
    assert (gone.code, gone.stock, gone.cost) == ("A-2", None, None)


async def test_a_code_that_vanished_is_zero_where_the_admin_says_so(line: Line) -> None:
    stocked(line.postbox, 10)
    line.postbox.publish()
    options = {"list": {**line.options()["list"], "missing": "zero"}}
    connector = line.connector(**options)
    once = await sweep(connector.offers)
    line.supplier.drop("A-2")
    line.postbox.publish()
    (gone,) = (await sweep(connector.offers, once.cursor)).records
    assert (gone.code, gone.stock) == ("A-2", 0)


async def test_bad_rows_are_listed_by_line_and_the_others_go_on(line: Line) -> None:
    stocked(line.postbox, 6)
    line.postbox.publish(Slip.BAD_ROWS)
    found = await sweep(line.connector().offers)
    assert [offer.code for offer in found.records] == ["A-2", "A-3", "A-5", "A-6"]
    spoilt = '"#REF!" is a spreadsheet\'s formula or error, not a value'
    assert found.broken == [f"stock.csv line {n}: stock: {spoilt}" for n in (2, 5)]


async def test_what_a_code_had_is_unknown_once_its_row_cannot_be_read(line: Line) -> None:
    stocked(line.postbox, 6)
    line.postbox.publish()
    connector = line.connector()
    once = await sweep(connector.offers)
    line.postbox.publish(Slip.BAD_ROWS)
    guard = {"fewer_rows": "90%", "less_stock": "90%"}
    patient = line.connector(list={**line.options()["list"], "guard": guard})
    again = await sweep(patient.offers, once.cursor)
    assert [(offer.code, offer.stock) for offer in again.records] == [("A-1", None), ("A-4", None)]


@pytest.mark.parametrize("slip", [Slip.SHORT, Slip.SOLD_OUT])
async def test_a_list_that_lost_too_much_is_held_until_it_is_accepted(line: Line, slip: Slip) -> None:
    stocked(line.postbox, 20)
    line.postbox.publish()
    connector = line.connector()
    once = await sweep(connector.offers)
    line.postbox.publish(slip)
    with pytest.raises(BadAnswer, match=r"stock.csv is held: .* make the empty file ") as held:
        await connector.offers(once.cursor, Deadline.after(30))
    accept(str(held.value))
    accepted = await sweep(connector.offers, once.cursor)
    assert len(accepted.records) == (20 if slip is Slip.SOLD_OUT else 18)


async def test_a_held_list_gives_way_to_the_next_good_one(line: Line) -> None:
    stocked(line.postbox, 20)
    line.postbox.publish()
    connector = line.connector()
    once = await sweep(connector.offers)
    line.postbox.publish(Slip.SHORT)
    with pytest.raises(BadAnswer):
        await connector.offers(once.cursor, Deadline.after(30))
    line.supplier.lose("A-1", 1)
    line.postbox.publish()
    (changed,) = (await sweep(connector.offers, once.cursor)).records
    assert (changed.code, changed.stock) == ("A-1", 9)


async def test_a_half_written_list_is_waited_for(in_folder: Line) -> None:
    stocked(in_folder.postbox)
    in_folder.postbox.publish(Slip.HALF)
    connector = in_folder.connector()
    with pytest.raises(Unavailable, match=r"there is no list yet: no whole stock.csv"):
        await connector.offers(None, Deadline.after(30))
    in_folder.postbox.publish()
    assert len((await sweep(connector.offers)).records) == 3


async def test_while_a_list_is_written_the_last_one_stands(in_folder: Line) -> None:
    stocked(in_folder.postbox)
    in_folder.postbox.publish()
    connector = in_folder.connector()
    once = await sweep(connector.offers)
    in_folder.postbox.publish(Slip.HALF)
    again = await connector.offers(once.cursor, Deadline.after(30))
    assert (again.records, again.complete) == ((), True)


async def test_a_list_that_is_replaced_in_the_middle_leaves_nothing_behind(line: Line) -> None:
    stocked(line.postbox, 10)
    line.postbox.publish()
    settled = await sweep(line.connector(page_items=3).offers)
    line.supplier.lose("A-1", 5)
    line.postbox.publish()
    begun = await line.connector(page_items=1).offers(settled.cursor, Deadline.after(30))
    assert [(offer.code, offer.stock) for offer in begun.records] == [("A-1", 5)]
    line.supplier.receive("A-1", 5)
    line.supplier.receive("A-3", 1)
    line.postbox.publish()
    if (
        line.served is not None
    ):  # the list that was begun is given to its end before the server is asked again
        begun_rest = await sweep(line.connector(page_items=3).offers, begun.cursor)
        rest = await sweep(line.connector(page_items=3).offers, begun_rest.cursor)
    else:
        rest = await sweep(line.connector(page_items=3).offers, begun.cursor)
    last = {offer.code: offer.stock for offer in rest.records}
    assert (last["A-1"], last["A-3"]) == (10, 11)


async def test_refused_credentials_are_told_as_such(over_http: Line) -> None:
    stocked(over_http.postbox)
    over_http.postbox.publish()
    with pytest.raises(AuthRejected, match=r"acme: list: the vendor refuses the credentials"):
        await over_http.connector(key="wrong").offers(None, Deadline.after(30))


async def test_a_list_that_is_not_there_yet_is_waited_for(over_http: Line) -> None:
    with pytest.raises(Unavailable, match=r"list: there is no stock.csv on the server yet"):
        await over_http.connector().offers(None, Deadline.after(30))


async def test_a_broken_connection_loses_nothing(over_http: Line) -> None:
    stocked(over_http.postbox)
    over_http.postbox.publish()
    over_http.fault(kind="drop_during", calls=[1])
    assert len((await sweep(over_http.connector().offers)).records) == 3


async def test_a_folder_that_is_not_there_is_an_outage(in_folder: Line, tmp_path: Path) -> None:
    connector = in_folder.connector(folder=str(tmp_path / "elsewhere"))
    with pytest.raises(Unavailable, match=r"acme: the folder cannot be used: No such file or directory"):
        await connector.identity(Deadline.after(5))


async def test_the_identity_stays_and_two_suppliers_differ(
    line: Line, soon: Deadline, tmp_path: Path
) -> None:
    mine = await line.connector().identity(soon)
    assert mine == await line.connector().identity(soon)
    other = tmp_path / "other"
    other.mkdir()
    elsewhere = {"url": f"{line.served.base}/suppliers/acme/other"} if line.served else {"state": str(other)}
    assert mine != await line.connector(**elsewhere).identity(soon)


async def test_a_document_that_is_too_large_is_refused(over_http: Line) -> None:
    stocked(over_http.postbox)
    over_http.postbox.publish()
    over_http.fault(kind="huge", calls=[1])
    with pytest.raises(BadAnswer, match=r"acme: list: the answer is larger than 1,000,000 bytes"):
        await over_http.connector(max_bytes=1_000_000).offers(None, Deadline.after(30))


async def test_a_throttle_is_waited_out(over_http: Line) -> None:
    stocked(over_http.postbox)
    over_http.postbox.publish()
    over_http.fault(kind="throttle", calls=[1], seconds=1)
    assert len((await sweep(over_http.connector().offers)).records) == 3


async def test_the_deadline_is_kept(over_http: Line) -> None:
    stocked(over_http.postbox)
    over_http.postbox.publish()
    over_http.fault(kind="delay", calls=[1], seconds=20)
    with pytest.raises(Unavailable):
        await over_http.connector().offers(None, Deadline.after(0.3))


async def test_half_a_document_is_never_taken_for_the_whole(over_http: Line) -> None:
    """The connection says how long it is; where it does not, the guard compares."""
    stocked(over_http.postbox, 20)
    over_http.postbox.publish()
    connector = over_http.connector()
    once = await sweep(connector.offers)
    over_http.supplier.lose("A-1", 1)
    over_http.postbox.publish()
    over_http.fault(kind="truncate", calls=[1])
    with pytest.raises(BadAnswer, match=r"stock\.csv is held: it has 9 usable rows, 55 % fewer than the 20"):
        await sweep(connector.offers, once.cursor)
    (changed,) = (await sweep(connector.offers, once.cursor)).records
    assert (changed.code, changed.stock) == ("A-1", 9)


async def test_our_secret_is_in_no_text(over_http: Line, caplog: pytest.LogCaptureFixture) -> None:
    connector = over_http.connector(key="s3cret-canary")
    with pytest.raises(AuthRejected) as refused:
        await connector.offers(None, Deadline.after(30))
    assert "s3cret-canary" not in str(refused.value) + repr(connector) + caplog.text
