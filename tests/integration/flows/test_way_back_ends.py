"""What a request leaves behind when it ends without its goods: no paid label, no held stock, and nobody who waits."""

from dataclasses import replace
from datetime import timedelta

from connectors.contract import Deadline, Operation
from sync.domain.aftersales import RequestKind
from sync.domain.money import Money
from sync.domain.outbox import OutboxState
from sync.domain.requests import InsteadLine, RequestState
from sync.engine import returning
from sync.flows.back.doing import RETURN_LABEL
from sync.flows.back.entering import enter
from sync.flows.flow import FlowContext, FlowName
from sync.flows.sending.bringing import BookReturn
from sync.store import cases as order_cases
from sync.store import issues, outbox
from sync.store.back import cases, parcels, requests
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.test_goods_come_back import comes_back
from tests.integration.flows.test_returns_by_hand import office
from tests.integration.flows.test_way_back import asked, case_of, refunds, shipped

SHOPS = ("main",)
RULES = """
returns:
  - {name: back, when: {type: return}, do: approve, label: true, goods: {good: restock}}
  - name: swap
    when: {type: exchange}
    do: approve
    ship: after_inspection
    denies: [damaged]
    goods: {good: restock, damaged: scrap}
"""


async def taken_back(daemon: Conductor, number: str) -> None:
    """The buyer takes the request back, and the daemon looks."""
    case = await case_of(daemon, number)
    async with daemon.store.write() as tx:
        request = await requests.get(tx, case.request_id or "")
        assert request is not None
        gone = replace(request.remote, state=RequestState.WITHDRAWN)
        await requests.save(tx, case.account_id, gone, tx.now() + 1, entered_by="ann")
        await cases.reopen(tx, case.id)
    await daemon.run("main", FlowName.WAY_BACK)
    assert (await case_of(daemon, number)).state == cases.DONE


async def sent_order(daemon: Conductor) -> str:
    await daemon.change_rules("returns.yaml", RULES)
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    return number


async def test_the_label_of_a_return_that_is_taken_back_is_given_back_once(daemon: Conductor) -> None:
    number = await sent_order(daemon)
    case = await asked(daemon, number, RequestKind.RETURN)
    await daemon.settle(rounds=4)
    await taken_back(daemon, number)
    for _ in range(2):
        await daemon.run("courier", FlowName.VOIDS)
    booked = await daemon.connectors["courier"].find_bookings(case.reference, Deadline.after(20))
    assert [one.voided for one in booked] == [True]
    async with daemon.store.read() as tx:
        (parcel,) = await parcels.of_case(tx, case.id)
        assert parcel.voided_at is not None
        told = [one for one in await issues.list_open(tx) if one.kind == "return.still_expected"]
    assert [one.what for one in told] == [f"warehouse still expects {case.reference}, which does not come"]
    line = [kind for kind in await daemon.timeline(number) if kind == "voided"]
    assert len(line) == 1


async def test_what_was_not_sent_yet_is_not_sent_for_a_return_that_is_taken_back(daemon: Conductor) -> None:
    number = await sent_order(daemon)
    case = await asked(daemon, number, RequestKind.RETURN)
    await taken_back(daemon, number)
    await daemon.settle(rounds=4)
    assert await daemon.connectors["courier"].find_bookings(case.reference, Deadline.after(20)) == ()
    assert "return.still_expected" not in await daemon.issue_kinds()
    async with daemon.store.read() as tx:
        rows = await outbox.of_order(tx, (await daemon.order(number)).row.id)
    ours = {row.operation: row.state for row in rows if row.payload.get("case") == case.id}
    assert ours["return_label"] is OutboxState.WITHDRAWN
    assert ours.get(Operation.ANNOUNCE_RETURN.value, OutboxState.WITHDRAWN) is OutboxState.WITHDRAWN


async def test_a_label_that_was_put_off_once_is_not_bought_for_a_return_that_is_taken_back(
    daemon: Conductor,
) -> None:
    number = await sent_order(daemon)
    case = await asked(daemon, number, RequestKind.RETURN)
    async with daemon.store.write() as tx:
        (row,) = [
            one
            for one in await outbox.of_order(tx, (await daemon.order(number)).row.id)
            if one.operation == RETURN_LABEL
        ]
        await outbox.mark_sending(tx, row.id, tx.now())
        await outbox.retry_later(tx, row.id, "asked too often", tx.now())
    await taken_back(daemon, number)
    await daemon.run("courier", FlowName.OUTBOX)
    assert await daemon.connectors["courier"].find_bookings(case.reference, Deadline.after(20)) == ()
    async with daemon.store.read() as tx:
        left = await outbox.get(tx, row.id)
    assert left is not None
    assert left.state is OutboxState.WITHDRAWN


async def test_a_label_that_turns_out_to_be_bought_after_the_end_is_given_back(daemon: Conductor) -> None:
    """Its answer was lost; it is found after the return was taken back."""
    number = await sent_order(daemon)
    case = await asked(daemon, number, RequestKind.RETURN)
    key = f"{RETURN_LABEL}:{case.account_id}:{(await daemon.order(number)).row.external_id}/by-hand-1"

    async def answer_lost(ctx: FlowContext) -> None:
        async with ctx.store.write(ctx.fence) as tx:
            row = await outbox.by_key(tx, key)
            assert row is not None
            request = await BookReturn().identify(tx, ctx, row)
            assert request is not None
            await outbox.mark_sending(tx, row.id, tx.now())
            await outbox.mark_unknown(tx, row.id, "no answer came", tx.now())
        await ctx.courier.book(request, Deadline.after(20))

    await daemon.under_lease("courier", answer_lost)
    await taken_back(daemon, number)
    await daemon.later(timedelta(minutes=5))
    for flow in (FlowName.OUTBOX, FlowName.VOIDS):
        await daemon.run("courier", flow)
    booked = await daemon.connectors["courier"].find_bookings(case.reference, Deadline.after(20))
    assert [one.voided for one in booked] == [True]


async def test_a_courier_that_does_not_take_a_label_back_is_told_to_a_person(daemon: Conductor) -> None:
    number = await sent_order(daemon)
    case = await asked(daemon, number, RequestKind.RETURN)
    await daemon.settle(rounds=4)
    (booked,) = await daemon.connectors["courier"].find_bookings(case.reference, Deadline.after(20))
    await daemon.act("/courier/scan", tracking=booked.tracking, status="in_transit")
    await taken_back(daemon, number)
    for _ in range(2):
        await daemon.run("courier", FlowName.VOIDS)
    async with daemon.store.read() as tx:
        (told,) = [one for one in await issues.list_open(tx) if one.kind == "return.not_voided"]
        assert await parcels.to_void(tx, case.account_id, 9) == []
    assert told.key in told.todo


async def test_goods_once_more_of_an_order_from_before_the_cut_over_are_sent_by_a_person(
    daemon: Conductor,
) -> None:
    await daemon.change_rules("returns.yaml", "returns: [{name: again, when: {type: resend}, do: approve}]")
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    order = await daemon.order(number)
    async with daemon.store.write() as tx:
        await order_cases.set_order(tx, order.row.id, state="history")
        wanted = {order.lines[0].external_id: (1, 0)}
        more = [InsteadLine(None, "TEE-02", 1)]
        await enter(tx, order, RequestKind.RESEND, wanted, who="ann", instead=more)
    await daemon.run("main", FlowName.WAY_BACK)
    case = await case_of(daemon, number)
    assert (case.state, case.standing.sent) == (cases.OPEN, False)
    await returning.answer(office(daemon), {"case": case.reference, "rule": "send by hand", "who": "ann"})
    await daemon.run("main", FlowName.WAY_BACK)
    assert (await case_of(daemon, number)).state == cases.DONE


async def exchanged(daemon: Conductor) -> tuple[str, cases.BackCase]:
    """One piece comes back for another, at the same price."""
    number = await sent_order(daemon)
    order = await daemon.order(number)
    async with daemon.store.write() as tx:
        await enter(
            tx,
            order,
            RequestKind.EXCHANGE,
            {order.lines[0].external_id: (1, 0)},
            who="ann",
            instead=[InsteadLine(None, "TEE-04", 1)],
            price=Money(order.lines[0].total_minor, order.row.currency),
        )
    await daemon.run("main", FlowName.WAY_BACK)
    await daemon.settle(rounds=3)
    assert await daemon.held_units(number) == 1
    return number, await case_of(daemon, number)


async def test_goods_that_earn_nothing_let_the_others_go_and_a_persons_word_takes_them_up_again(
    daemon: Conductor,
) -> None:
    number, case = await exchanged(daemon)
    await comes_back(daemon, case.reference, {"sku": "TEE-02", "damaged": 1})
    assert (await case_of(daemon, number)).state == cases.DONE
    assert await daemon.held_units(number) == 0
    assert await refunds(daemon, number) == []
    wish = {"case": case.reference, "condition": "damaged", "paid": True, "who": "ann"}
    await returning.treat(office(daemon), wish)
    await daemon.settle(rounds=4)
    assert (await case_of(daemon, number)).standing.sent
    left = [one for one in await daemon.open_shipments() if one["reference"].startswith(f"main/{number}/")]
    assert [one["lines"] for one in left] == [{"TEE-04": 1}]


async def test_goods_that_a_request_names_by_their_listing_are_kept_and_told_if_they_are_not_earned(
    daemon: Conductor,
) -> None:
    await daemon.change_rules("returns.yaml", RULES)
    number = await daemon.buy("main", TEE_02=1, TEE_04=1)
    await daemon.run("main", FlowName.ORDERS)
    back, late = sorted((await daemon.order(number)).lines, key=lambda line: str(line.remote_sku))
    async with daemon.store.write() as tx:
        await order_cases.let_wait(tx, [late.id], wait=True)
    await shipped(daemon, number)
    order = await daemon.order(number)
    async with daemon.store.write() as tx:
        await enter(
            tx,
            order,
            RequestKind.EXCHANGE,
            {back.external_id: (1, 0)},
            who="ann",
            instead=[InsteadLine(late.variant_external_id, None, 1)],
            price=Money(back.total_minor, order.row.currency),
        )
    await daemon.run("main", FlowName.WAY_BACK)
    await daemon.settle(rounds=3)
    await comes_back(daemon, (await case_of(daemon, number)).reference, {"sku": "TEE-02", "damaged": 1})
    assert (await case_of(daemon, number)).state == cases.DONE
    assert "return.instead_kept" in await daemon.issue_kinds()
    assert [line.waits for line in (await daemon.order(number)).lines if line.id == late.id] == [True]
