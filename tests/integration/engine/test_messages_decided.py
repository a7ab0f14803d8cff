"""What a person says of messages that were perhaps told, or refused; over the socket and by the command itself."""

from typing import Any

import pytest

from sync.domain.ids import OrderId
from sync.domain.messages import Event, MessageState, Occurred, Planned
from sync.engine.commands import CommandRefused
from sync.flows.flow import FlowName
from sync.store import audit, issues, messages, orders
from tests.integration.engine.bureau import LISTENING, Bureau
from tests.integration.store.samples import remote_order

pytestmark = pytest.mark.usefixtures("no_key_outside")


async def stored(office: Bureau, after: MessageState, subject: str = "p1") -> str:
    """A message that ended so, with its issue."""

    async def act(tx: Any) -> str:
        saved = await orders.save(tx, office.id, remote_order("1"), history=False, masked=False)
        happened = Occurred(Event.SHIPPED, subject, tx.clock.now())
        one = Planned(happened, "sent", "mail")
        id = await messages.add(
            tx,
            account_id=office.id,
            order_id=OrderId(saved.id),
            one=one,
            state=MessageState.PLANNED,
            reason="",
            version="",
        )
        assert id is not None
        await messages.mark_sending(tx, id, language="en", letter=None)
        if after is MessageState.UNKNOWN:
            await messages.mark_unknown(tx, id, "no answer")
        if after is MessageState.REFUSED:
            await messages.mark_refused(tx, id, "550")
        kind = f"message.{after.value}"
        await issues.raise_issue(tx, key=f"{kind}:{id}", kind=kind, what="", why="", todo="")
        return id

    id: str = await office.in_store(act)
    return id


async def state(office: Bureau, id: str) -> MessageState:
    found = await office.in_store(lambda tx: messages.get(tx, id))
    assert found is not None
    one: MessageState = found.state
    return one


async def test_one_that_arrived_counts_as_told_and_its_issue_is_closed(office: Bureau) -> None:
    id = await stored(office, MessageState.UNKNOWN)
    assert await office.do("issue-done", issue=id) == {"issue": id, "closed": True}
    assert await state(office, id) is MessageState.DONE
    assert await office.in_store(issues.list_open) == []
    lines = await office.in_store(audit.latest)
    assert (lines[0].who, lines[0].what) == ("ann", "issue settled")


@pytest.mark.parametrize("before", [MessageState.UNKNOWN, MessageState.REFUSED])
async def test_one_is_told_again_by_a_persons_word(office: Bureau, before: MessageState) -> None:
    id = await stored(office, before)
    told = await office.do("issue-retry", issue=id)
    assert told == {"write": "message:shipped:p1:mail", "state": "planned"}
    assert await state(office, id) is MessageState.PLANNED
    assert await office.in_store(issues.list_open) == []
    if office.listening == LISTENING:
        assert office.hints == [FlowName.MESSAGES]


async def test_one_that_is_not_unknown_cannot_be_settled(office: Bureau) -> None:
    id = await stored(office, MessageState.REFUSED)
    with pytest.raises(CommandRefused, match="that message is refused"):
        await office.do("issue-done", issue=id)
    assert await state(office, id) is MessageState.REFUSED
    assert (await office.do("issue-done", issue=f"message.refused:{id}"))["closed"]


async def test_one_that_was_told_is_not_told_again(office: Bureau) -> None:
    id = await stored(office, MessageState.UNKNOWN)
    await office.do("issue-done", issue=id)
    with pytest.raises(CommandRefused, match="a message that is done cannot become planned"):
        await office.do("issue-retry", issue=id)


async def test_all_of_a_shop_are_let_be_at_once(office: Bureau) -> None:
    ids = [await stored(office, MessageState.UNKNOWN, subject) for subject in ("p1", "p2")]
    assert await office.do("messages-settle", account="shop") == {"account": "shop", "settled": 2}
    assert [await state(office, id) for id in ids] == [MessageState.DONE, MessageState.DONE]
    assert await office.in_store(issues.list_open) == []
