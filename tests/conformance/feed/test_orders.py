"""Orders, acknowledgements, despatches and cancellations with the sandbox's supplier."""

import pytest

from connectors.contract import AuthRejected, Deadline, Done, Rejected, Unavailable, Unknown
from connectors.contract.supplier import PlaceOrder
from sync.domain.people import Address
from tests.conformance.feed.conftest import Line, orders, stocked, sweep


async def test_an_order_comes_in_as_it_was_placed(line: Line, soon: Deadline) -> None:
    stocked(line.postbox)
    assert isinstance(await line.connector().place_order(orders(), soon), Done)
    (order,) = line.postbox.collect()
    assert (order.reference, dict(order.lines), order.drop_ship) == ("main/ABC-1", {"A-1": 2, "A-2": 1}, True)
    assert order.ship_to["city"] == "Köln"


async def test_an_order_that_is_placed_twice_comes_in_once(line: Line, soon: Deadline) -> None:
    stocked(line.postbox)
    first = await line.connector().place_order(orders(), soon)
    line.postbox.collect()
    assert await line.connector().place_order(orders(), soon) == first
    assert line.postbox.collect() == []
    assert len(line.supplier.orders) == 1


async def test_an_order_is_found_by_its_reference_also_when_it_was_taken_away(
    line: Line, soon: Deadline
) -> None:
    stocked(line.postbox)
    connector = line.connector()
    assert await connector.find_orders("main/ABC-1", soon) == []
    made = await connector.place_order(orders(), soon)
    assert isinstance(made, Done)
    line.postbox.collect()
    assert await line.connector().find_orders("main/ABC-1", soon) == [made.external_id]
    assert await connector.find_orders("main/ABC-2", soon) == []


@pytest.mark.parametrize("fault", ["drop_after", "drop_during"])
async def test_a_lost_answer_is_unknown_and_the_order_is_found_again(
    over_http: Line, soon: Deadline, fault: str
) -> None:
    stocked(over_http.postbox)
    over_http.fault(kind=fault, match=r"/orders/", calls=[1])
    connector = over_http.connector()
    outcome = await connector.place_order(orders(), soon)
    assert isinstance(outcome, Unknown) or (fault == "drop_during" and isinstance(outcome, Done))
    assert len(await connector.find_orders("main/ABC-1", soon)) == 1
    assert isinstance(await connector.place_order(orders(), soon), Done)
    assert len(over_http.postbox.collect()) == 1


async def test_an_order_that_never_left_is_not_found(over_http: Line, soon: Deadline) -> None:
    stocked(over_http.postbox)
    over_http.fault(kind="drop_before", match=r"/orders/", calls=[1])
    connector = over_http.connector()
    assert isinstance(await connector.place_order(orders(), soon), Unknown)
    assert await connector.find_orders("main/ABC-1", soon) == []


POST = {"folder": "orders", "method": "post", "lookup": "placed/{reference}"}


@pytest.mark.parametrize("fault", ["drop_after", "drop_before"])
async def test_a_posted_order_is_looked_up_by_its_reference(
    over_http: Line, soon: Deadline, fault: str
) -> None:
    over_http.fault(kind=fault, match="/orders", calls=[1])
    connector = over_http.connector(orders=POST)
    assert isinstance(await connector.place_order(orders(), soon), Unknown)
    there = len(await connector.find_orders("main/ABC-1", soon)) == 1
    assert there is (fault == "drop_after")
    if not there:
        assert isinstance(await connector.place_order(orders(), soon), Done)
    assert len(await over_http.connector(orders=POST).find_orders("main/ABC-1", soon)) == 1
    assert len(over_http.postbox.collect()) == 1


async def test_a_server_that_refuses_an_order_says_so(over_http: Line, soon: Deadline) -> None:
    over_http.fault(kind="error_before", status=422, match="/orders/", calls=[1])
    outcome = await over_http.connector().place_order(orders(), soon)
    assert outcome == Rejected(
        "acme: place_order: the vendor refused the request (422)", "422", mendable=True
    )


async def test_a_user_and_a_password_are_taken_as_well_as_a_token(over_http: Line, soon: Deadline) -> None:
    assert (await over_http.connector(username="shop").despatches(None, soon)).complete
    with pytest.raises(AuthRejected):
        await over_http.connector(username="thief").despatches(None, soon)


async def test_an_order_cannot_be_placed_in_a_folder_that_is_gone(in_folder: Line, soon: Deadline) -> None:
    connector = in_folder.connector()
    assert in_folder.postbox.folder is not None
    in_folder.postbox.folder.rename(in_folder.postbox.folder.with_name("away"))
    with pytest.raises(Unavailable, match=r"acme: the folder cannot be used"):
        await connector.place_order(orders(), soon)


async def test_accepted_and_refused_lines_come_in_two_reports(line: Line, soon: Deadline) -> None:
    stocked(line.postbox)
    connector = line.connector()
    await connector.place_order(orders(), soon)
    line.postbox.collect()
    line.supplier.acknowledge("main/ABC-1", refuse=["A-2"])
    line.postbox.send()
    accepted, refused = (await sweep(connector.acknowledgements)).records
    assert (accepted.reference, accepted.lines, accepted.refused) == ("main/ABC-1", (("A-1", 2),), False)
    assert (refused.lines, refused.refused, refused.reason) == ((("A-2", 1),), True, "sold out")


async def test_each_despatch_comes_with_its_tracking_once(line: Line, soon: Deadline) -> None:
    stocked(line.postbox)
    connector = line.connector()
    await connector.place_order(orders(), soon)
    line.postbox.collect()
    line.supplier.acknowledge("main/ABC-1")
    line.supplier.despatch("main/ABC-1", {"A-1": 2}, tracking="T1", carrier="DHL")
    line.postbox.send()
    first = await sweep(connector.despatches)
    line.supplier.despatch("main/ABC-1", {"A-2": 1}, tracking="T2", carrier="DHL")
    line.postbox.send()
    second = await sweep(connector.despatches, first.cursor)
    reports = {report.external_id: report for report in (*first.records, *second.records)}
    assert sorted((r.tracking, r.carrier, r.lines) for r in reports.values()) == [
        ("T1", "DHL", (("A-1", 2),)),
        ("T2", "DHL", (("A-2", 1),)),
    ]
    assert (await sweep(connector.despatches, second.cursor)).records == []


async def test_reports_come_in_pages_and_go_on_after_a_restart(line: Line, soon: Deadline) -> None:
    stocked(line.postbox, 9)
    connector = line.connector(page_items=2)
    for n in range(1, 8):
        await connector.place_order(orders(f"R-{n}", (f"A-{n}", 1)), soon)
    line.postbox.collect()
    for n in range(1, 8):
        line.supplier.acknowledge(f"R-{n}")
    line.postbox.send()
    first = await connector.acknowledgements(None, soon)
    rest = await sweep(line.connector(page_items=2).acknowledgements, first.cursor)
    found = [report.reference for report in (*first.records, *rest.records)]
    assert found == [f"R-{n}" for n in range(1, 8)]


async def test_no_papers_yet_is_an_empty_complete_page(line: Line, soon: Deadline) -> None:
    page = await line.connector().despatches(None, soon)
    assert (page.records, page.complete) == ((), True)


@pytest.mark.parametrize("stopped", [True, False])
async def test_a_cancellation_is_unknown_until_the_supplier_answers_it(
    line: Line, soon: Deadline, stopped: bool
) -> None:
    stocked(line.postbox)
    connector = line.connector()
    await connector.place_order(orders(), soon)
    line.postbox.collect()
    line.supplier.acknowledge("main/ABC-1")
    line.postbox.send()
    for _ in range(2):
        assert isinstance(await connector.cancel_order("main/ABC-1", soon), Unknown)
        line.postbox.collect()
    asked = [entry for entry in line.supplier._ledger.entries() if entry.kind == "cancel_asked"]
    assert len(asked) == 1
    line.supplier.answer_cancel("main/ABC-1", stopped=stopped)
    line.postbox.send()
    outcome = await connector.cancel_order("main/ABC-1", soon)
    assert isinstance(outcome, Done)
    assert outcome.echo is stopped
    assert [r.refused for r in (await sweep(connector.acknowledgements)).records] == [False]


async def test_an_answer_to_a_cancellation_that_overtakes_ours_is_good(
    over_http: Line, soon: Deadline
) -> None:
    """The supplier has the request, and nobody has told us yet: its answer is read all the same."""
    stocked(over_http.postbox)
    connector = over_http.connector()
    await connector.place_order(orders(), soon)
    over_http.postbox.collect()
    over_http.fault(kind="drop_after", match=r"cancel", calls=[1])
    assert isinstance(await connector.cancel_order("main/ABC-1", soon), Unknown)
    over_http.postbox.collect()
    over_http.supplier.answer_cancel("main/ABC-1", stopped=True)
    over_http.postbox.send()
    swept = await sweep(connector.acknowledgements)
    assert list(swept.broken) == []
    assert (await connector.cancel_order("main/ABC-1", soon)) == Done("main/ABC-1", True)


async def test_what_has_left_cannot_be_cancelled(line: Line, soon: Deadline) -> None:
    stocked(line.postbox)
    connector = line.connector()
    await connector.place_order(orders(), soon)
    line.postbox.collect()
    line.supplier.acknowledge("main/ABC-1")
    line.supplier.despatch("main/ABC-1")
    line.postbox.send()
    outcome = await connector.cancel_order("main/ABC-1", soon)
    assert isinstance(outcome, Done)
    assert outcome.echo is False


async def test_orders_in_packs_use_the_pack_sizes_of_the_list(line: Line, soon: Deadline) -> None:
    line.supplier.add_good("BOX", "SKU-B", 600, 60, pack=6)
    line.postbox.publish()
    columns = {"reference": "reference", "code": "code", "pieces": "packs", "drop_ship": "drop_ship"}
    connector = line.connector(orders={"columns": columns})
    await sweep(connector.offers)
    odd = await connector.place_order(PlaceOrder("P-1", (("BOX", 7),), Address()), soon)
    assert getattr(odd, "reason", "") == "BOX comes in packs of 6: 7 pieces are no whole number of packs"
    strange = await connector.place_order(PlaceOrder("P-1", (("NEW", 6),), Address()), soon)
    assert getattr(strange, "reason", "").startswith("the supplier's list has no pack size of NEW")
    await connector.place_order(PlaceOrder("P-1", (("BOX", 12),), Address()), soon)
    (order,) = line.postbox.collect()
    assert dict(order.lines) == {"BOX": 2}


async def test_files_that_were_read_are_moved_when_their_content_is_stored(
    in_folder: Line, soon: Deadline
) -> None:
    stocked(in_folder.postbox)
    options = in_folder.options()
    options["acknowledgements"]["done"] = "acks/done"
    connector = in_folder.connector(acknowledgements=options["acknowledgements"])
    await connector.place_order(orders(), soon)
    in_folder.postbox.collect()
    in_folder.supplier.acknowledge("main/ABC-1")
    (name,) = in_folder.postbox.send()
    folder = in_folder.postbox.folder
    assert folder is not None
    page = await connector.acknowledgements(None, soon)
    assert (folder / name).exists()
    again = await connector.acknowledgements(page.cursor, soon)
    assert (len(page.records), again.records) == (1, ())
    assert not (folder / name).exists()
    assert (folder / "acks/done/acks-0001.csv").exists()
    restored = await connector.acknowledgements(None, soon)
    assert restored.records == page.records


async def test_nothing_personal_is_shown_by_an_order(line: Line, soon: Deadline) -> None:
    assert "Ada" not in repr(orders())
    assert "Ada" not in repr(await line.connector().place_order(orders(), soon))
