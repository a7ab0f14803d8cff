"""Shipments and cancels over a bad line: nothing is made twice, and nothing is guessed."""

import httpx
import pytest

from connectors.contract import (
    CancelVerdict,
    Done,
    Rejected,
    Retry,
    Unavailable,
    Unknown,
)
from sync.domain.shipments import FulfilmentState

from .line import Act, Line, World, answering, lost_after, lost_before


@pytest.mark.parametrize("fault", [lost_before, answering(500), answering(503)])
async def test_a_creation_that_failed_in_the_dark_is_sent_once_and_unknown(world: World, fault: Act) -> None:
    world.line.fail("POST", "stock.shipment.out", fault)
    outcome = await world.warehouse.create_fulfilment(world.request(), world.soon)
    assert outcome == Unknown("shipment F-1: no answer came from Tryton")
    assert world.count("stock.shipment.out") == 1
    assert await world.warehouse.find_fulfilments("F-1", world.soon) == ()


async def test_a_refused_creation_names_the_field_and_no_person(world: World) -> None:
    message = (
        'The value \\"Ada Secret\\" for field \\"Delivery Address\\" in record \\"[F-1]\\" '
        'of \\"Stock Shipment Out\\" is not valid according to its domain.'
    )
    body = f'{{"status": 400, "message": "{message}", "description": ""}}'
    world.line.fail("POST", "stock.shipment.out", answering(400, body))
    outcome = await world.warehouse.create_fulfilment(world.request(), world.soon)
    assert outcome == Rejected(
        "shipment F-1: Tryton refused it, because of the field Delivery Address of Stock Shipment Out",
        code="refused",
    )


async def test_a_refusal_that_names_no_field_is_told_without_its_words(world: World) -> None:
    world.line.fail("POST", "stock.shipment.out", answering(400, '{"message": "Ada Secret"}'))
    outcome = await world.warehouse.create_fulfilment(world.request(), world.soon)
    assert outcome == Rejected("shipment F-1: Tryton refused it", code="refused")


async def test_a_missing_right_is_told_as_such(world: World) -> None:
    world.line.fail("POST", "stock.shipment.out", answering(403))
    outcome = await world.warehouse.create_fulfilment(world.request(), world.soon)
    assert outcome == Rejected(
        "shipment F-1: the user of the Tryton key may not do this; give it the right", code="forbidden"
    )


async def test_a_shipment_that_could_not_be_confirmed_is_unknown_and_finished_later(world: World) -> None:
    world.line.fail("POST", "wait", answering(503), times=3)
    outcome = await world.warehouse.create_fulfilment(world.request(), world.soon)
    assert outcome == Unknown("shipment F-1: it is in Tryton, and wait has not been answered")
    assert (await world.made()).state is FulfilmentState.ASSIGNED
    assert len(world.books.find("F-1")) == 1


async def test_a_confirmation_that_is_refused_is_told(world: World) -> None:
    world.line.fail("POST", "wait", answering(400, "{}"))
    outcome = await world.warehouse.create_fulfilment(world.request(), world.soon)
    assert outcome == Rejected("shipment F-1: wait: Tryton refused it", code="refused")


async def test_rows_locked_by_others_are_tried_again(world: World) -> None:
    world.books.lock_rows(1)
    assert (await world.made()).state is FulfilmentState.ASSIGNED
    assert world.count("assign_try") == 2


async def test_rows_that_stay_locked_leave_the_shipment_waiting_and_another_try_is_a_retry(
    world: World,
) -> None:
    world.books.lock_rows(3)
    made = await world.made()
    assert made.state is FulfilmentState.WAITING
    world.books.lock_rows(3)
    assert await world.warehouse.assign(made.external_id, world.soon) == Retry(
        "shipment F-1: it is in Tryton, and assign_try has not been answered"
    )
    outcome = await world.warehouse.assign(made.external_id, world.soon)
    assert isinstance(outcome, Done)
    assert outcome.echo is not None
    assert outcome.echo.state is FulfilmentState.ASSIGNED


async def test_a_refused_assignment_is_told(world: World) -> None:
    world.line.fail("POST", "assign_try", answering(403))
    made = await world.made()
    world.line.fail("POST", "assign_try", answering(403))
    assert await world.warehouse.assign(made.external_id, world.soon) == Rejected(
        "shipment F-1: assign_try: the user of the Tryton key may not do this; give it the right",
        code="forbidden",
    )


@pytest.mark.parametrize("fault", [lost_before, answering(503)])
async def test_an_address_without_an_answer_sends_no_shipment(world: World, fault: Act) -> None:
    world.line.fail("POST", "party.address", fault)
    with pytest.raises(Unavailable, match="no answer came about the delivery address"):
        await world.warehouse.create_fulfilment(world.request(), world.soon)
    assert world.count("stock.shipment.out") == 0


async def test_an_address_that_a_crash_left_is_used_again(world: World) -> None:
    world.line.fail("POST", "party.address", lost_after)
    with pytest.raises(Unavailable):
        await world.warehouse.create_fulfilment(world.request(), world.soon)
    await world.made()
    assert world.count("party.address") == 1


async def test_a_refused_address_is_told(world: World) -> None:
    world.line.fail("POST", "party.address", answering(400, "{}"))
    outcome = await world.warehouse.create_fulfilment(world.request(), world.soon)
    assert outcome == Rejected("the delivery address: Tryton refused it", code="refused")


async def test_a_cancel_whose_answer_is_lost_is_read_back(world: World) -> None:
    made = await world.made()
    world.line.fail("POST", "cancel", lost_after)
    outcome = await world.warehouse.cancel_fulfilment(made.external_id, world.soon)
    assert outcome == Done(made.external_id, CancelVerdict.STOPPED)
    assert world.count("cancel") == 1


async def test_a_cancel_that_never_arrived_is_a_retry_and_not_repeated_blindly(world: World) -> None:
    made = await world.made()
    world.line.fail("POST", "cancel", lost_before)
    outcome = await world.warehouse.cancel_fulfilment(made.external_id, world.soon)
    assert outcome == Retry(f"shipment {made.external_id}: Tryton did not cancel it")
    assert world.count("cancel") == 1


async def test_a_cancel_that_tryton_refuses_is_told(world: World) -> None:
    made = await world.made()
    world.line.fail("POST", "cancel", answering(403))
    assert await world.warehouse.cancel_fulfilment(made.external_id, world.soon) == Rejected(
        f"shipment {made.external_id}: cancel: the user of the Tryton key may not do this; give it the right",
        code="forbidden",
    )


def meanwhile(world: World, until: str) -> Act:
    """The packers go on between our look and our cancel."""

    async def go_on(line: Line, request: httpx.Request) -> httpx.Response:
        (number,) = world.books.find("F-1")
        world.books.work(number, until, unlabelled=True)
        return await line.server.handle_async_request(request)

    return go_on


async def test_goods_that_leave_in_the_moment_of_the_cancel_are_found_out(world: World) -> None:
    made = await world.made()
    world.line.fail("POST", "cancel", meanwhile(world, "done"))
    outcome = await world.warehouse.cancel_fulfilment(made.external_id, world.soon)
    assert isinstance(outcome, Rejected)
    assert outcome.code == "cancelled_after_done"


async def test_a_shipment_that_vanishes_while_it_is_cancelled_is_unknown(world: World) -> None:
    made = await world.made()
    await world.warehouse.fulfilment(made.external_id, world.soon)

    async def gone(line: Line, request: httpx.Request) -> httpx.Response:
        line.fail("GET", "stock.shipment.out", answering(200, "[]"))
        return await line.server.handle_async_request(request)

    world.line.fail("POST", "cancel", gone)
    outcome = await world.warehouse.cancel_fulfilment(made.external_id, world.soon)
    assert outcome == Unknown(f"shipment {made.external_id}: it is no longer there after it was cancelled")


async def test_a_state_that_is_not_known_cannot_be_cancelled(world: World) -> None:
    world.line.fail("GET", "stock.shipment.out", answering(200, '[{"id": 1, "state": "lost"}]'))
    outcome = await world.warehouse.cancel_fulfilment("1", world.soon)
    assert outcome == Rejected("shipment 1 is in a state that is not known", code="unknown_state")
