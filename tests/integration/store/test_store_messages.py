"""Messages in the store: one an event and way, moved by the rules, sealed, exported, and erased with their person."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from sync.domain.clock import SetClock
from sync.domain.ids import AccountId, OrderId
from sync.domain.messages import Event, Fact, MessageState, Occurred, Planned
from sync.store import disclosing, erasing, messages, orders, people, retention
from sync.store.database import Store, Tx
from sync.store.messages import ERASED, INTERRUPTED, RESTORED, IllegalMessageMove, Letter
from sync.store.retention import Kind, Limits
from sync.store.tables import account, message
from tests.integration.store.conftest import NOON
from tests.integration.store.test_store_people import order

KEYS = [("shipped", "mail"), ("delivered", "channel,mail")]


async def pulled(tx: Tx, shop: AccountId, number: str = "1001") -> OrderId:
    return (await orders.save(tx, shop, order(number), history=False, masked=False)).id


async def planned(
    tx: Tx,
    shop: AccountId,
    order_id: OrderId,
    subject: str = "p1",
    *,
    state: MessageState = MessageState.PLANNED,
) -> str | None:
    happened = Occurred(Event.SHIPPED, subject, NOON, {Fact.TRACKING: "SF1", Fact.REASON: "Ada asked"})
    one = Planned(happened, "sent", "mail")
    return await messages.add(
        tx, account_id=shop, order_id=order_id, one=one, state=state, reason="", version="v"
    )


async def test_an_event_is_stored_once_by_each_way(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        order_id = await pulled(tx, shop)
        first = await planned(tx, shop, order_id)
        assert first is not None
        assert await planned(tx, shop, order_id) is None
        assert await messages.told(tx, order_id) == {("shipped:p1", "mail")}
        (due,) = await messages.due(tx, shop, 10)
    assert (due.id, due.shop, due.number, due.event) == (first, "shop", "1001", Event.SHIPPED)
    assert due.facts[Fact.TRACKING] == "SF1"
    assert due.key == "message:shipped:p1:mail"


async def test_what_was_on_its_way_when_the_program_ended_is_unknown_and_not_due(
    store: Store, shop: AccountId
) -> None:
    async with store.write() as tx:
        id = await planned(tx, shop, await pulled(tx, shop))
        assert id is not None
        await messages.mark_sending(tx, id, language="en", letter=Letter("ada@example.com", "s", "t"))
    async with store.write() as tx:
        assert [one.id for one in await messages.recover(tx, shop)] == [id]
        assert await messages.due(tx, shop, 10) == []
        assert [one.reason for one in await messages.unknown(tx, shop)] == [INTERRUPTED]
        await messages.plan_again(tx, id, "told again", tx.clock.now())
        assert [one.attempts for one in await messages.due(tx, shop, 10)] == [1]


async def test_a_move_that_there_is_not_changes_nothing(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        id = await planned(tx, shop, await pulled(tx, shop))
        assert id is not None
        with pytest.raises(IllegalMessageMove, match="that is planned cannot become done"):
            await messages.mark_done(tx, id)
        with pytest.raises(LookupError):
            await messages.mark_done(tx, "nothing")
        assert len(await messages.due(tx, shop, 10)) == 1


async def test_a_way_that_is_out_waits_and_the_others_do_not(
    store: Store, shop: AccountId, clock: SetClock
) -> None:
    async with store.write() as tx:
        await planned(tx, shop, await pulled(tx, shop))
        await messages.put_off_way(tx, shop, "mail", clock.now() + timedelta(minutes=2))
        assert await messages.due(tx, shop, 10) == []
    clock.move(timedelta(minutes=2))
    async with store.read() as tx:
        assert len(await messages.due(tx, shop, 10)) == 1
        assert await messages.due(tx, shop, 10, without=["mail"]) == []


async def test_a_rule_is_in_force_since_it_was_first_seen_and_begins_anew_when_it_comes_back(
    store: Store, shop: AccountId, clock: SetClock
) -> None:
    async with store.write() as tx:
        first = await messages.in_force(tx, shop, KEYS[:1])
    clock.move(timedelta(hours=1))
    async with store.write() as tx:
        both = await messages.in_force(tx, shop, KEYS)
        assert both[KEYS[0]] == first[KEYS[0]]
        assert both[KEYS[1]] == tx.now()
        await messages.keep_in_force(tx, shop, KEYS[1:])
    clock.move(timedelta(hours=1))
    async with store.write() as tx:
        again = await messages.in_force(tx, shop, KEYS)
        assert again[KEYS[0]] == tx.now() > again[KEYS[1]]


async def test_what_was_told_is_exported_and_goes_with_its_person(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        order_id = await pulled(tx, shop)
        sent = await planned(tx, shop, order_id, "p1")
        await planned(tx, shop, order_id, "p2")
        assert sent is not None
        await messages.mark_sending(
            tx, sent, language="en", letter=Letter("ada@example.com", "Hi", "Dear Ada")
        )
        await messages.mark_done(tx, sent)
        known = await people.find(tx, people.sought(tx.sealer, "ada@example.com"))
        document = await disclosing.document(tx, known)
        (told,) = [one for one in document["orders"][0]["message"] if one["state"] == "done"]
        assert told["letter"] == {"to": "ada@example.com", "subject": "Hi", "text": "Dear Ada"}
        await erasing.erase(tx, known)
    async with store.read() as tx:
        rows = await tx.all(sa.select(message).order_by(message.c.event_key))
        assert [(row.state, row.letter_sealed) for row in rows] == [("done", None), ("passed", None)]
        assert rows[1].reason == ERASED
        assert "Ada" not in "".join(row.facts for row in rows)


async def test_the_words_are_sealed_and_say_nothing_as_text(store: Store, shop: AccountId) -> None:
    letter = Letter("ada@example.com", "Hi", "Dear Ada")
    assert "ada" not in repr(letter).casefold()
    async with store.write() as tx:
        id = await planned(tx, shop, await pulled(tx, shop))
        assert id is not None
        await messages.mark_sending(tx, id, language="en", letter=letter)
        blob = await tx.scalar(sa.select(message.c.letter_sealed))
        assert b"ada" not in bytes(blob).lower()
        assert b"Dear Ada" in tx.sealer.open("message", id, "letter", bytes(blob))


async def test_an_account_that_becomes_masked_keeps_no_words(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        id = await planned(tx, shop, await pulled(tx, shop))
        assert id is not None
        await messages.mark_sending(tx, id, language="en", letter=Letter("a@b.c", "", "x"))
        await tx.run(sa.update(account).values(personal_data="masked"))
        done = await retention.erase_slice(tx, Limits(), 10)
        assert done[Kind.MASKED] >= 1
        assert await tx.scalar(sa.select(message.c.letter_sealed)) is None


async def test_after_a_restore_what_was_to_be_told_is_unknown(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        order_id = await pulled(tx, shop)
        await planned(tx, shop, order_id, "p1")
        await planned(tx, shop, order_id, "p2", state=MessageState.PASSED)
        assert await messages.make_unknown(tx) == 1
        assert [one.reason for one in await messages.unknown(tx, shop, RESTORED)] == [RESTORED]
