"""What buyers are told of the way back: each event once, in their language, and none is dead."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.notifiers.mail import Mail, MailServer, Wrapping
from sync.domain.aftersales import RequestKind
from sync.domain.messages import Event, MessageState
from sync.domain.money import Money
from sync.domain.requests import InsteadLine, RequestState
from sync.domain.waiting import Topic, Via, Word
from sync.engine.deciding.deciding import decide
from sync.engine.deciding.effects import By
from sync.flows.back.entering import enter
from sync.flows.flow import FlowName
from sync.store import holds, messages, restored
from sync.store.back import cases, parcels, requests
from sync.store.back.cases import BackCase
from sync.store.restored import Restored
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.test_customers_told import ANN, LILEI, bought, scanned, shipped, told
from tests.mail.post_office import PostOffice, opened

pytestmark = pytest.mark.timeout(400)
SHOPS = ("main",)
RETURNS = """
returns:
  - {name: stop, when: {type: cancellation}, do: stop_then_refund}
  - {name: protect, when: {type: price_protection}, do: approve, reason: "It is cheaper now."}
  - {name: again, when: {type: resend}, do: approve}
  - {name: swap, when: {type: exchange}, do: approve, ship: at_request, refund: at_receipt}
  - {name: worn, when: {reason: [worn]}, do: refuse, reason: "Worn goods stay with you."}
  - name: back
    when: {type: return}
    do: approve
    refund: at_first_scan
    goods: {good: restock}
"""
ASKED_OF_A_PERSON = """
returns:
  - name: late
    when: {type: return}
    do: ask
    owner: service
    answer_within: 1 day
    at_deadline: refuse
    reason: "Too late."
"""
_EN = {
    Event.SHIPPED: "left {tracking|}",
    Event.FIRST_SCAN: "scanned {tracking}",
    Event.DELIVERED: "there {tracking}",
    Event.CANCELLED: "cancelled {reason|}",
    Event.CANCEL_REFUSED: "too late {reason|}",
    Event.RETURN_APPROVED: "{reason|}send {request} to {return_address|us}, label {label_url|none} {tracking|}",
    Event.RETURN_REFUSED: "no to {request}: {reason|}",
    Event.RETURN_RECEIVED: "{request} is here",
    Event.REFUNDED: "{amount} for {request|}: {reason|}",
    Event.EXCHANGE_SENT: "instead, {request}: {tracking|}",
    Event.RESENT: "once more, {request}: {tracking|}",
}
RULES = (
    "messages:\n  defaults: {language: en, by_country: {CN: zh}, shops: {main: Green Garden}}\n"
    + "".join(
        f"  {event.value}:\n    when: {event.value}\n    via: mail\n"
        f'    en: {{subject: "{event.value} {{order}}", text: "{text}"}}\n'
        f'    zh: {{subject: "订单 {{order}}：{event.value}", text: "您好：{text}"}}\n'
        for event, text in _EN.items()
    )
)


@pytest.fixture
async def office(daemon: Conductor) -> AsyncIterator[PostOffice]:
    """The mail server that the daemon gives mails to; every event has a message."""
    async with opened() as office:
        server = MailServer("127.0.0.1", office.port, Wrapping.NONE, "Green Garden <orders@green.example>")
        daemon.notifiers["mail"] = Mail(server)
        await daemon.change_rules("returns.yaml", RETURNS)
        await daemon.change_rules("messages.yaml", RULES)
        yield office


async def asked(
    daemon: Conductor,
    number: str,
    kind: RequestKind,
    lines: Mapping[int, tuple[int, int]] | None = None,
    *,
    reason: str = "",
    instead: tuple[InsteadLine, ...] = (),
) -> BackCase:
    """A person enters a request, and the daemon looks at it some times."""
    order = await daemon.order(number)
    wanted = {order.lines[n].external_id: one for n, one in (lines or {0: (1, 0)}).items()}
    async with daemon.store.write() as tx:
        price = Money(order.lines[0].total_minor, order.row.currency) if instead else None
        await enter(tx, order, kind, wanted, who="ann", reason=reason, instead=instead, price=price)
    await daemon.settle(rounds=5 if kind is RequestKind.RETURN and not reason else 3)
    async with daemon.store.read() as tx:
        return (await cases.of_order(tx, order.row.id))[-1]


def said(office: PostOffice, event: Event) -> list[str]:
    """The words of the mails about an event, in the order in which they were given."""
    found = [given.mail for given in office.mails if event.value in given.mail["Subject"].split("：")[-1]]
    return [str(mail.get_content()).strip() for mail in found]


async def approved(daemon: Conductor) -> None:
    """A person says yes to the request that waits."""
    async with daemon.store.write() as tx:
        (hold,) = await holds.queue(tx, topic=Topic.RETURN)
        await decide(tx, hold.id, Word.APPROVED, By("lin", Via.LINK))
    await daemon.settle(rounds=5)


async def label(daemon: Conductor, case: BackCase) -> str:
    async with daemon.store.read() as tx:
        (parcel,) = await parcels.of_case(tx, case.id)
    assert parcel.booked
    return parcel.written


async def test_a_return_is_told_from_the_yes_to_the_money_once_each_in_two_languages(
    daemon: Conductor, office: PostOffice
) -> None:
    numbers = [await bought(daemon, LILEI), await bought(daemon, ANN)]
    await shipped(daemon, *numbers)
    for number, hello in zip(numbers, ("您好：", ""), strict=True):
        office.mails.clear()
        case = await asked(daemon, number, RequestKind.RETURN)
        back = await label(daemon, case)
        (yes,) = said(office, Event.RETURN_APPROVED)
        assert yes.startswith(f"{hello}send R1 to Main, Hauptstr. 1, 20095 Hamburg, DE, label ")
        assert yes.endswith(back)
        assert "none" not in yes, "the label is there before it is told"
        assert said(office, Event.REFUNDED) == []
        await daemon.act("/courier/scan", tracking=back, status="in_transit")
        await daemon.later(timedelta(minutes=11))
        await daemon.settle(rounds=4)
        (money,) = said(office, Event.REFUNDED)
        total = (await daemon.order(number)).row.total_minor
        assert money == f"{hello}{total // 100}.{total % 100:02} EUR for R1:"
        await daemon.act("/warehouse/return", reference=case.reference)
        await daemon.settle(rounds=4)
        assert said(office, Event.RETURN_RECEIVED) == [f"{hello}R1 is here"]
        await daemon.later(timedelta(hours=3))
        await daemon.settle(rounds=3)
        for event in (Event.RETURN_APPROVED, Event.RETURN_RECEIVED, Event.REFUNDED):
            assert len(said(office, event)) == 1, "however often it is looked at"


async def test_a_refusal_is_told_with_the_reason_that_is_for_the_buyer(
    daemon: Conductor, office: PostOffice
) -> None:
    number = await bought(daemon, ANN)
    await shipped(daemon, number)
    await asked(daemon, number, RequestKind.RETURN, reason="worn")
    assert said(office, Event.RETURN_REFUSED) == ["no to R1: Worn goods stay with you."]
    assert said(office, Event.RETURN_APPROVED) == []


async def test_why_a_person_was_asked_is_not_told_as_the_reason_of_their_yes(
    daemon: Conductor, office: PostOffice
) -> None:
    await daemon.change_rules("returns.yaml", ASKED_OF_A_PERSON)
    number = await bought(daemon, ANN)
    await shipped(daemon, number)
    await asked(daemon, number, RequestKind.RETURN, reason="small")
    await approved(daemon)
    (yes,) = said(office, Event.RETURN_APPROVED)
    assert yes.startswith("send R1 to Main"), "no word of what a refusal at the deadline would say"
    await asked(daemon, number, RequestKind.PRICE_PROTECTION, {0: (0, 300)})
    await approved(daemon)
    assert said(office, Event.REFUNDED) == ["3.00 EUR for R2:"], "nor that no rule matches"


async def test_what_was_granted_in_the_shop_has_no_reason_of_ours(
    daemon: Conductor, office: PostOffice
) -> None:
    await daemon.change_rules("returns.yaml", ASKED_OF_A_PERSON)
    number = await bought(daemon, ANN)
    await shipped(daemon, number)
    case = await asked(daemon, number, RequestKind.RETURN, reason="small")
    async with daemon.store.write() as tx:
        request = await requests.get(tx, case.request_id or "")
        assert request is not None
        granted = replace(request.remote, state=RequestState.OPEN)
        await requests.save(tx, case.account_id, granted, tx.now() + 1, entered_by="ann")
        await cases.reopen(tx, case.id)
    await daemon.settle(rounds=5)
    (yes,) = said(office, Event.RETURN_APPROVED)
    assert yes.startswith("send R1 to Main")


async def test_money_without_goods_is_told_with_its_amount(daemon: Conductor, office: PostOffice) -> None:
    number = await bought(daemon, ANN)
    await shipped(daemon, number)
    await asked(daemon, number, RequestKind.PRICE_PROTECTION, {0: (0, 300)})
    assert said(office, Event.REFUNDED) == ["3.00 EUR for R1: It is cheaper now."]
    assert said(office, Event.RETURN_APPROVED) == [], "nothing is sent back"


async def test_no_event_that_a_message_may_tell_is_dead(daemon: Conductor, office: PostOffice) -> None:
    stopped, sent = await bought(daemon, ANN), await bought(daemon, LILEI)
    await daemon.settle(rounds=2)
    await daemon.act("/cancel", shop="main", order=stopped)
    await daemon.settle(rounds=4)
    (first,) = await shipped(daemon, sent)
    await asked(daemon, sent, RequestKind.RETURN, reason="worn")
    await asked(daemon, sent, RequestKind.PRICE_PROTECTION, {0: (0, 100)})
    await scanned(daemon, first, "picked_up")
    await asked(daemon, sent, RequestKind.CANCELLATION)
    await scanned(daemon, first, "delivered")
    returned = await asked(daemon, sent, RequestKind.RETURN)
    await daemon.act("/warehouse/return", reference=returned.reference)
    for kind in (RequestKind.RESEND, RequestKind.EXCHANGE):
        await asked(daemon, sent, kind, instead=(InsteadLine(None, "TEE-02", 1),))
        work = [one.reference for one in (await daemon.order(sent)).work if one.closed_at is None]
        for until in ("packed", "done"):
            await daemon.act("/warehouse/work", reference=work[-1], until=until)
            await daemon.settle(rounds=3)
    found = {one.event for number in (stopped, sent) for one in await told(daemon, number)}
    assert sorted(set(Event) - found) == []
    assert len(said(office, Event.SHIPPED)) == 1, "what leaves instead, or once more, is told as that alone"


async def test_what_may_have_been_told_before_a_restore_waits_for_a_person(
    daemon: Conductor, office: PostOffice
) -> None:
    number = await bought(daemon, ANN)
    await shipped(daemon, number)
    later = int((daemon.clock.now() + timedelta(hours=1)).timestamp() * 1_000_000)
    async with daemon.store.write() as tx:
        await restored.note(tx, Restored(later, later, 1))
    office.mails.clear()
    await asked(daemon, number, RequestKind.RETURN, reason="worn")
    assert office.mails == []
    states = [one.state for one in await told(daemon, number) if one.event is Event.RETURN_REFUSED]
    assert states == [MessageState.UNKNOWN]


async def test_an_answer_that_was_told_before_a_crash_is_not_told_again(
    daemon: Conductor, office: PostOffice
) -> None:
    number = await bought(daemon, ANN)
    await shipped(daemon, number)
    case = await asked(daemon, number, RequestKind.RETURN, reason="worn")
    async with daemon.store.write() as tx:
        await cases.reopen(tx, case.id)
    await daemon.run("main", FlowName.WAY_BACK, FlowName.MESSAGES)
    async with daemon.store.read() as tx:
        rows = await messages.listed(tx, order_ids=[(await daemon.order(number)).row.id])
    assert len([one for one in rows if one.event is Event.RETURN_REFUSED]) == 1
    assert len(said(office, Event.RETURN_REFUSED)) == 1
