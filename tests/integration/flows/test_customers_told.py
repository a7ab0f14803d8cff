"""What customers are told of a real order's life: once, in their language, by a real mail server or their shop."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.notifiers.mail import Mail, MailServer, Wrapping
from sync.domain.messages import Event, MessageState, Occurred
from sync.engine.telling import tell_again
from sync.flows.flow import FlowName
from sync.flows.messages.planning import tell
from sync.flows.wakes import Wakes
from sync.store import issues, messages, orders, restored
from sync.store.messages import Message
from sync.store.restored import Restored
from tests.integration.flows.conductor import Conductor
from tests.mail.post_office import PostOffice, opened

SHOPS = ("main",)
RULES = """
messages:
  defaults: {language: en, by_country: {CN: zh}, shops: {main: Green Garden}}
  scanned:
    when: first_scan
    via: mail
    zh: {subject: "订单 {order} 已发出", text: "{name|您好}，订单 {order} 已由 {courier|快递} 揽收，单号 {tracking}。"}
    en: {subject: "Order {order} is on its way", text: "Dear {name|customer}, {shop} sent it: {tracking}."}
  arrived: {when: delivered, via: channel, zh: "订单 {order} 已送达。", en: "Order {order} is there."}
  stopped:
    when: cancelled
    via: [mail, channel]
    en: {subject: "Order {order} was cancelled", text: "Order {order} was cancelled."}
"""
LILEI = {
    "first_name": "雷", "last_name": "李", "full_name": "李雷", "street": "文三路 1 号", "city": "杭州",
    "postal_code": "310012", "country": "CN", "email": "lilei@example.cn",
}  # fmt: skip
ANN = {
    "first_name": "Ann", "last_name": "Example", "full_name": "Ann Example", "street": "1 High St",
    "city": "Leeds", "postal_code": "LS1 1AA", "country": "GB", "email": "ann@example.co.uk",
}  # fmt: skip


@pytest.fixture
async def office(daemon: Conductor) -> AsyncIterator[PostOffice]:
    """The mail server that the daemon gives mails to; the messages above are in force."""
    async with opened() as office:
        server = MailServer("127.0.0.1", office.port, Wrapping.NONE, "Green Garden <orders@green.example>")
        daemon.notifiers["mail"] = Mail(server)
        await daemon.change_rules("messages.yaml", RULES)
        yield office


async def bought(daemon: Conductor, buyer: dict[str, str]) -> str:
    lines = [{"sku": "TEE-02", "quantity": 1}]
    return str((await daemon.act("/buy", shop="main", lines=lines, buyer=buyer))["order"])


async def shipped(daemon: Conductor, *numbers: str) -> list[str]:
    """Every order's parcel is out of the house; their tracking numbers."""
    await daemon.settle(rounds=2)
    for until in ("packed", "done"):
        for number in numbers:
            await daemon.act("/warehouse/work", reference=f"main/{number}/1", until=until)
        await daemon.settle(rounds=3)
    return [str((await daemon.order(number)).parcels[0].tracking) for number in numbers]


async def scanned(daemon: Conductor, tracking: str, *statuses: str) -> None:
    for status in statuses:
        await daemon.act("/courier/scan", tracking=tracking, status=status)
    await daemon.later(timedelta(seconds=70))
    await daemon.settle(rounds=2)


async def told(daemon: Conductor, number: str) -> list[Message]:
    order = await daemon.order(number)
    async with daemon.store.read() as tx:
        found = await messages.listed(tx, order_ids=[order.row.id])
    return sorted(found, key=lambda one: one.event)


async def notes(daemon: Conductor, number: str) -> list[str]:
    shop = (await daemon.books())["shops"]["main"]
    return [note for order in shop["orders"] if order["code"] == number for note in order["notes"]]


async def test_each_customer_is_told_once_in_their_own_language_by_mail_and_through_the_shop(
    daemon: Conductor, office: PostOffice
) -> None:
    chinese, english = await bought(daemon, LILEI), await bought(daemon, ANN)
    parcels = await shipped(daemon, chinese, english)
    assert office.mails == [], "nothing was scanned yet"
    for tracking in parcels:
        await scanned(daemon, tracking, "picked_up", "in_transit")
    mails = {given.recipient: given.mail for given in office.mails}
    assert mails["lilei@example.cn"]["Subject"] == f"订单 {chinese} 已发出"
    assert parcels[0] in mails["lilei@example.cn"].get_content()
    assert "揽收" in mails["lilei@example.cn"].get_content()
    assert mails["ann@example.co.uk"]["Subject"] == f"Order {english} is on its way"
    said = mails["ann@example.co.uk"].get_content()
    assert said.strip() == f"Dear Ann Example, Green Garden sent it: {parcels[1]}."
    for tracking in parcels:
        await scanned(daemon, tracking, "delivered")
    await daemon.settle(rounds=3)
    assert len(office.mails) == 2, "each once, however often it is looked at"
    for number, word in ((chinese, "已送达"), (english, "is there")):
        assert [(one.way, one.state) for one in await told(daemon, number)] == [
            ("channel", MessageState.DONE),
            ("mail", MessageState.DONE),
        ]
        assert len([note for note in await notes(daemon, number) if word in note]) == 1
    assert "customer_told" in await daemon.timeline(english)


async def test_a_mail_without_an_answer_is_not_sent_twice_and_a_person_decides(
    daemon: Conductor, office: PostOffice
) -> None:
    office.at_end = "drop"
    number = await bought(daemon, ANN)
    (tracking,) = await shipped(daemon, number)
    await scanned(daemon, tracking, "picked_up")
    await daemon.later(timedelta(hours=5))
    await daemon.settle(rounds=2)
    assert len(office.mails) == 1
    (one,) = await told(daemon, number)
    assert one.state is MessageState.UNKNOWN
    async with daemon.store.read() as tx:
        (issue,) = [one for one in await issues.list_open(tx) if one.kind == "message.unknown"]
    assert f"entrepot issues done {one.id}" in issue.todo
    assert "ann@" not in issue.what + issue.why + issue.todo


async def test_a_refused_recipient_is_told_to_a_person_and_keeps_nobody_else_waiting(
    daemon: Conductor, office: PostOffice
) -> None:
    office.recipients = {LILEI["email"]: "550 5.1.1 no such user"}
    refused, fine = await bought(daemon, LILEI), await bought(daemon, ANN)
    for tracking in await shipped(daemon, refused, fine):
        await scanned(daemon, tracking, "picked_up")
    assert [given.recipient for given in office.mails] == [ANN["email"]]
    assert [one.state for one in await told(daemon, refused)] == [MessageState.REFUSED]
    assert "message.refused" in await daemon.issue_kinds()


async def test_while_the_mail_server_is_out_messages_wait_and_that_is_told_once(
    daemon: Conductor, office: PostOffice
) -> None:
    office.at_data = "drop"
    number = await bought(daemon, ANN)
    (tracking,) = await shipped(daemon, number)
    await scanned(daemon, tracking, "picked_up")
    assert (await daemon.issue_kinds()).count("message.way") == 1
    assert [one.state for one in await told(daemon, number)] == [MessageState.PLANNED]
    office.at_data = ""
    await daemon.later(timedelta(hours=2))
    await daemon.settle(rounds=2)
    assert len(office.mails) == 1
    assert "message.way" not in await daemon.issue_kinds()


async def test_what_waits_longer_than_it_is_worth_telling_is_noted_and_not_told(
    daemon: Conductor, office: PostOffice
) -> None:
    office.at_data = "drop"
    number = await bought(daemon, ANN)
    (tracking,) = await shipped(daemon, number)
    await scanned(daemon, tracking, "picked_up")
    office.at_data = ""
    await daemon.later(timedelta(days=3, hours=1))
    await daemon.settle(rounds=2)
    assert office.mails == []
    assert [one.state for one in await told(daemon, number)] == [MessageState.PASSED]
    assert "customer_not_told" in await daemon.timeline(number)


async def test_what_a_person_has_told_again_is_told_however_long_ago_it_happened(
    daemon: Conductor, office: PostOffice
) -> None:
    office.recipients = {ANN["email"]: "550 5.1.1 no such user"}
    number = await bought(daemon, ANN)
    (tracking,) = await shipped(daemon, number)
    await scanned(daemon, tracking, "picked_up")
    office.recipients = {}
    await daemon.later(timedelta(days=10))
    (refused,) = await told(daemon, number)
    async with daemon.store.write() as tx:
        await tell_again(tx, refused, "lin")
    await daemon.settle(rounds=2)
    assert [given.recipient for given in office.mails] == [ANN["email"]]
    assert [one.state for one in await told(daemon, number)] == [MessageState.DONE]


async def test_a_cancelled_order_is_told_and_one_from_before_the_message_was_in_force_is_not(
    daemon: Conductor, office: PostOffice
) -> None:
    number = await bought(daemon, ANN)
    await daemon.settle(rounds=2)
    await daemon.act("/cancel", shop="main", order=number)
    await daemon.settle(rounds=4)
    assert [given.mail["Subject"] for given in office.mails] == [f"Order {number} was cancelled"]
    more = (
        RULES
        + '  again: {when: cancelled, via: channel, accounts: main, en: "Order {order} was cancelled."}\n'
    )
    await daemon.change_rules("messages.yaml", more.replace("via: [mail, channel]", "via: mail"))
    order = await daemon.order(number)
    async with daemon.store.write() as tx:
        await orders.ask_review(tx, [order.row.id])
    await daemon.settle(rounds=2)
    assert len(office.mails) == 1
    assert len(await told(daemon, number)) == 1


async def test_an_observed_shop_tells_nobody_and_what_happened_then_is_not_told_later(
    daemon: Conductor, office: PostOffice
) -> None:
    number = await bought(daemon, ANN)
    await daemon.settle(rounds=1)
    order = await daemon.order(number)
    now = daemon.clock.now()
    async with daemon.store.read() as tx:
        buyer = await orders.buyer(tx, order.row.id)

    async def plan(**view: Any) -> int:
        shop = daemon.view("main")
        daemon.views[shop.id] = type(shop)(**{**{f: getattr(shop, f) for f in shop.__slots__}, **view})
        found: list[int] = []

        async def act(ctx: Any) -> None:
            async with daemon.store.write(ctx.fence) as tx:
                happened = [Occurred(Event.CANCELLED, order.row.id, now)]
                found.append(await tell(tx, ctx, order.row, buyer, happened, Wakes()))

        await daemon.under_lease("main", act)
        return found[0]

    live_from = daemon.view("main").live_from
    assert await plan(live_from=None) == 0
    assert await plan(live_from=now + timedelta(seconds=1)) == 0
    assert await plan(live_from=live_from) == 1
    assert await plan(live_from=live_from) == 0


async def test_what_may_have_been_told_before_a_restore_waits_for_a_person(
    daemon: Conductor, office: PostOffice
) -> None:
    number = await bought(daemon, ANN)
    (tracking,) = await shipped(daemon, number)
    later = int((daemon.clock.now() + timedelta(hours=1)).timestamp() * 1_000_000)
    async with daemon.store.write() as tx:
        await restored.note(tx, Restored(later, later, 1))
    await scanned(daemon, tracking, "picked_up", "delivered")
    await daemon.settle(rounds=2)
    assert office.mails == []
    states = {one.way: one.state for one in await told(daemon, number)}
    assert states == {"channel": MessageState.DONE}, "the shop recognises a repeat; the scan is over"


async def test_at_night_nothing_is_told_and_in_the_morning_it_is(
    daemon: Conductor, office: PostOffice
) -> None:
    shanghai = timedelta(hours=8)
    local = datetime.now(UTC) + shanghai
    quiet = f'{{from: "{local - timedelta(hours=1):%H:%M}", until: "{local + timedelta(hours=6):%H:%M}"}}'
    await daemon.change_rules(
        "messages.yaml", RULES.replace("language: en", f"language: en, quiet_hours: {quiet}")
    )
    number = await bought(daemon, LILEI)
    (tracking,) = await shipped(daemon, number)
    await scanned(daemon, tracking, "picked_up")
    assert office.mails == []
    (one,) = await told(daemon, number)
    assert one.state is MessageState.PLANNED
    assert one.next_at > daemon.clock.now() + timedelta(hours=4)
    await daemon.later(timedelta(hours=7))
    await daemon.run("main", FlowName.MESSAGES)
    assert [given.recipient for given in office.mails] == [LILEI["email"]]
