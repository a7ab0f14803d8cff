"""What a person tells the daemon: over the socket, and where no daemon runs by the command itself, under the lock."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from sync.domain.ids import OrderId, OutboxId
from sync.domain.money import Money
from sync.domain.orders import OrderStatus, PaymentStatus, RemoteOrder, RemoteOrderLine
from sync.domain.outbox import OutboxState
from sync.engine.refusals import CommandRefused
from sync.flows.flow import FlowName
from sync.store import accounts, audit, cases, hold_comments, holds, issues, orders, outbox
from sync.store.accounts import Condition
from tests.integration.engine.bureau import Bureau

pytestmark = pytest.mark.usefixtures("no_key_outside")
EUR = "EUR"


async def test_live_lets_an_account_be_written_to_from_now_on(office: Bureau) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    told = await office.do("live", account="shop")
    row = await office.account()
    assert row.live_from is not None
    assert before <= row.live_from <= datetime.now(UTC)
    assert told == {"account": "shop", "live_from": row.live_from.isoformat()}


async def test_live_with_a_cut_over_counts_from_then(office: Bureau) -> None:
    await office.do("live", account="shop", cutover="2026-03-01T00:00:00+01:00")
    assert (await office.account()).live_from == datetime(2026, 2, 28, 23, tzinfo=UTC)


async def test_a_cut_over_that_is_no_moment_is_refused(office: Bureau) -> None:
    with pytest.raises(CommandRefused) as refused:
        await office.do("live", account="shop", cutover="next week")
    assert str(refused.value) == "'next week' is no moment; write it as in 2026-03-01T00:00:00+01:00"
    assert (await office.account()).live_from is None


async def test_pause_and_resume_are_kept_and_audited(office: Bureau) -> None:
    assert await office.do("pause", account="shop") == {"account": "shop", "condition": "paused"}
    assert (await office.account()).condition is Condition.PAUSED
    assert await office.do("resume", account="shop") == {"account": "shop", "condition": "ok"}
    assert (await office.account()).condition is Condition.OK
    lines = await office.in_store(audit.latest)
    assert [(line.who, line.what) for line in lines[:2]] == [("ann", "account ok"), ("ann", "account paused")]


async def test_an_unknown_account_is_told_with_those_that_there_are(office: Bureau) -> None:
    with pytest.raises(CommandRefused) as refused:
        await office.do("pause", account="shopp")
    assert str(refused.value) == "there is no account 'shopp'; there are: shop"


async def test_another_shop_can_be_accepted_as_the_same_business(office: Bureau) -> None:
    async def learn(tx: Any) -> None:
        await accounts.check_fingerprint(tx, office.id, "old")
        await accounts.check_fingerprint(tx, office.id, "new")

    await office.in_store(learn)
    assert (await office.account()).condition is Condition.PAUSED
    await office.do("accept-shop", account="shop")
    row = await office.account()
    assert (row.condition, row.fingerprint) == (Condition.OK, None)
    assert await office.in_store(issues.list_open) == []


async def write(office: Bureau, *states: OutboxState) -> OutboxId:
    """A creating write that went through these states."""

    async def put(tx: Any) -> OutboxId:
        key = "shop/1001/fulfilment/1"
        await outbox.enqueue(
            tx, account_id=office.id, operation="create_fulfilment", key=key, aggregate="order:1", payload={}
        )
        row = await outbox.by_key(tx, key)
        assert row is not None
        moves = {
            OutboxState.SENDING: lambda: outbox.mark_sending(tx, row.id, 0),
            OutboxState.HELD: lambda: outbox.hold_row(tx, row.id, "nobody knows"),
            OutboxState.REJECTED: lambda: outbox.mark_rejected(tx, row.id, "no such country"),
        }
        for state in states:
            await moves[state]()
        await issues.raise_issue(
            tx, key=f"outbox.unknown:{row.id}", kind="outbox.unknown", what="w", why="y", todo="t"
        )
        return row.id

    made: OutboxId = await office.in_store(put)
    return made


async def row_of(office: Bureau, id: OutboxId) -> outbox.OutboxRow:
    found = await office.in_store(lambda tx: outbox.get(tx, id))
    assert found is not None
    result: outbox.OutboxRow = found
    return result


async def test_a_refused_write_is_sent_again_when_a_person_says_so(office: Bureau) -> None:
    id = await write(office, OutboxState.SENDING, OutboxState.REJECTED)
    told = await office.do("issue-retry", issue=id)
    assert told == {"write": "shop/1001/fulfilment/1", "state": "queued"}
    row = await row_of(office, id)
    assert (row.state, row.last_error) == (OutboxState.QUEUED, "sent again by ann")
    assert office.hints == ([FlowName.OUTBOX] if office.listening else [])


async def test_a_held_write_that_did_happen_is_called_done_and_its_issue_closes(office: Bureau) -> None:
    id = await write(office, OutboxState.SENDING, OutboxState.HELD)
    assert await office.do("issue-done", issue=id) == {"issue": id, "closed": True}
    row = await row_of(office, id)
    assert (row.state, row.result) == (OutboxState.DONE, {"by": "ann"})
    assert await office.in_store(issues.list_open) == []


async def test_a_write_that_is_not_held_cannot_be_called_done(office: Bureau) -> None:
    id = await write(office)
    with pytest.raises(CommandRefused) as refused:
        await office.do("issue-done", issue=id)
    assert str(refused.value) == "that write is queued; only a held one can be called done"


async def test_what_is_no_write_cannot_be_sent_again(office: Bureau) -> None:
    with pytest.raises(CommandRefused) as refused:
        await office.do("issue-retry", issue="x")
    assert str(refused.value) == "x is not a write that can be sent again; see: entrepot issues"


async def test_a_write_that_is_done_cannot_be_sent_again(office: Bureau) -> None:
    id = await write(office, OutboxState.SENDING, OutboxState.HELD)
    await office.do("issue-done", issue=id)
    with pytest.raises(CommandRefused) as refused:
        await office.do("issue-retry", issue=id)
    assert str(refused.value) == "a creating write that is done cannot become queued"


@pytest.mark.parametrize("by", ["id", "key"])
async def test_an_issue_is_settled_by_its_id_or_its_key(office: Bureau, by: str) -> None:
    async def put(tx: Any) -> str:
        await issues.raise_issue(tx, key="sku.unknown:1", kind="sku.unknown", what="w", why="y", todo="t")
        (issue,) = await issues.list_open(tx)
        return str(issue.id if by == "id" else issue.key)

    await office.do("issue-done", issue=await office.in_store(put))
    assert await office.in_store(issues.list_open) == []


async def test_an_issue_that_is_not_open_is_told(office: Bureau) -> None:
    with pytest.raises(CommandRefused) as refused:
        await office.do("issue-done", issue="nothing")
    assert str(refused.value) == "there is no open issue nothing; see: entrepot issues"


async def held_order(office: Bureau, *rules: str) -> OrderId:
    """An order 1001 that these rules hold."""
    price = Money(1000, EUR)
    line = RemoteOrderLine("L1", "V1", "A-1", "A", 1, 1, Decimal(10), price)
    order = RemoteOrder(
        external_id="O1",
        number="1001",
        placed_at=datetime(2026, 3, 1, tzinfo=UTC),
        status=OrderStatus.OPEN,
        payment=PaymentStatus.PAID,
        currency=EUR,
        lines=(line,),
        total=price,
        shipping=Money(0, EUR),
        adjustments=Money(0, EUR),
    )

    async def put(tx: Any) -> OrderId:
        saved = await orders.save(tx, office.id, order, history=False, masked=False)
        for rule in rules:
            await cases.open_hold(tx, saved.id, rule=rule, **HOLD)
        return saved.id

    made: OrderId = await office.in_store(put)
    return made


HOLD: dict[str, Any] = {"release": "manual", "reason": "as the rule says"}


@pytest.mark.parametrize("name", ["1001", "shop/1001"])
async def test_a_person_ends_an_orders_holds(office: Bureau, name: str) -> None:
    id = await held_order(office, "look first", "too dear")
    told = await office.do("release", order=name)
    assert told == {"order": "1001", "released": ["look first", "too dear"]}
    case = await office.in_store(lambda tx: cases.load(tx, id))
    assert list(case.open_holds) == []
    assert office.hints == ([FlowName.REVIEW] if office.listening else [])


async def test_one_hold_can_be_ended_by_its_rule(office: Bureau) -> None:
    id = await held_order(office, "look first", "too dear")
    assert (await office.do("release", order="1001", rule="too dear"))["released"] == ["too dear"]
    case = await office.in_store(lambda tx: cases.load(tx, id))
    assert list(case.open_holds) == ["look first"]


@pytest.mark.parametrize(
    ("rules", "args", "text"),
    [
        (("look first",), {"rule": "x"}, "order 1001 has no such hold; it is held by: look first"),
        ((), {}, "order 1001 has no such hold"),
        ((), {"order": "77"}, "there is no order 77"),
        ((), {"order": "other/1001"}, "there is no account 'other'; there are: shop"),
    ],
)
async def test_what_cannot_be_released_is_told(
    office: Bureau, rules: tuple[str, ...], args: dict[str, str], text: str
) -> None:
    await held_order(office, *rules)
    with pytest.raises(CommandRefused) as refused:
        await office.do("release", **{"order": "1001", **args})
    assert str(refused.value) == text


async def test_a_flow_that_there_is_not_cannot_be_woken(office: Bureau) -> None:
    with pytest.raises(CommandRefused) as refused:
        await office.do("hint", account="shop", flow="order")
    assert str(refused.value).startswith("there is no flow 'order'; there are: orders, review, ")


async def held_id(office: Bureau, rule: str = "look first") -> str:
    """The hold of order 1001."""
    order = await held_order(office, rule)

    async def name_it(tx: Any) -> str:
        case = await cases.load(tx, order)
        id = case.open_holds[rule].id
        await cases.set_hold(tx, id, subject="shop/1001", account_id=office.id)
        return str(id)

    id: str = await office.in_store(name_it)
    return id


@pytest.mark.parametrize(("command", "word"), [("hold-approve", "approved"), ("hold-reject", "rejected")])
@pytest.mark.parametrize("named", ["id", "shop/1001", "order:shop/1001"])
async def test_what_waits_is_decided_by_its_id_or_its_subject(
    office: Bureau, command: str, word: str, named: str
) -> None:
    id = await held_id(office)
    told = await office.do(command, hold=id if named == "id" else named, comment="as said")
    assert told == {
        "hold": id,
        "topic": "order",
        "subject": "shop/1001",
        "rule": "look first",
        "word": word,
    }
    hold = await office.in_store(lambda tx: holds.get(tx, id))
    assert (hold.word.value, hold.decided_by, hold.decided_via.value) == (word, "ann", "terminal")
    (said,) = await office.in_store(lambda tx: hold_comments.of(tx, id))
    assert (said.who, said.text) == ("ann", "as said")
    assert office.hints == ([FlowName.REVIEW] if office.listening else [])


async def test_a_rejection_can_be_taken_back_on_the_terminal_and_an_approval_cannot(office: Bureau) -> None:
    id = await held_id(office)
    await office.do("hold-reject", hold=id)
    with pytest.raises(CommandRefused, match="is decided already: rejected by ann"):
        await office.do("hold-reject", hold=id)
    await office.do("hold-approve", hold=id)
    with pytest.raises(CommandRefused, match="waits no more: approved by ann"):
        await office.do("hold-reject", hold=id)


async def test_a_rejected_order_is_released_as_any_other(office: Bureau) -> None:
    id = await held_id(office)
    await office.do("hold-reject", hold=id)
    assert (await office.do("release", order="1001"))["released"] == ["look first"]
    assert not (await office.in_store(lambda tx: holds.get(tx, id))).open


async def test_what_waits_is_handed_on_and_commented(office: Bureau) -> None:
    id = await held_id(office)
    assert (await office.do("hold-assign", hold="shop/1001", owner="service"))["owner"] == "service"
    await office.do("hold-comment", hold=id, text="  asked by phone ")
    hold = await office.in_store(lambda tx: holds.get(tx, id))
    (said,) = await office.in_store(lambda tx: hold_comments.of(tx, id))
    assert (hold.owner, said.text, said.word) == ("service", "asked by phone", None)
    written = await office.in_store(audit.latest)
    assert {one.what for one in written} >= {"hold assigned", "hold commented"}
    assert "phone" not in str(written)


@pytest.mark.parametrize(
    ("command", "args", "text"),
    [
        ("hold-approve", {"hold": "x"}, "there is no hold x; see: entrepot holds list"),
        ("hold-assign", {"hold": "x", "owner": "a"}, "there is no hold x; see: entrepot holds list"),
        ("hold-comment", {"hold": "shop/1001", "text": " "}, "a comment says something"),
        (
            "hold-reject",
            {"hold": "shop/1001", "comment": "x" * 2001},
            "a comment has 2000 characters at most",
        ),
    ],
)
async def test_what_cannot_be_decided_is_told(
    office: Bureau, command: str, args: dict[str, str], text: str
) -> None:
    await held_id(office)
    with pytest.raises(CommandRefused) as refused:
        await office.do(command, **args)
    assert str(refused.value) == text


async def test_of_several_that_wait_one_is_to_be_named(office: Bureau) -> None:
    order = await held_order(office, "look first", "too dear")

    async def name_them(tx: Any) -> None:
        for hold in (await cases.load(tx, order)).open_holds.values():
            await cases.set_hold(tx, hold.id, subject="shop/1001")

    await office.in_store(name_them)
    with pytest.raises(CommandRefused, match="2 things of shop/1001 wait: name one by its id"):
        await office.do("hold-approve", hold="shop/1001")
