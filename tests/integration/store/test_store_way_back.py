"""The way back as it is kept: levels that no older page takes back, and refunds that are each sent once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from sync.domain.aftersales import (
    Answer,
    ChannelAnswer,
    MoneyAt,
    RequestKind,
    Standing,
    Verdict,
)
from sync.domain.clock import from_micros, to_micros
from sync.domain.confirm import HoldWanted
from sync.domain.custody import Case, advise, approve
from sync.domain.ids import AccountId, OrderId
from sync.domain.ledger import Ledger, RefundState, balanced
from sync.domain.lifecycle import Release
from sync.domain.money import Money
from sync.domain.orders import PaymentStatus, RemoteOrder, RemoteOrderLine, RemotePayment, RemoteRefund
from sync.domain.outbox import IllegalMove
from sync.domain.prorating import Wanted
from sync.domain.receipts import Condition, Disposal, Receipt, Tally
from sync.domain.refunds import owe
from sync.domain.requests import InsteadLine, RemoteRequest, RequestLine, RequestState
from sync.domain.waiting import About, Topic, Via, Word
from sync.engine.deciding.deciding import decide
from sync.engine.deciding.effects import By, DecisionRefused
from sync.store import accounts, holds, issues, orders, outbox
from sync.store import cases as order_cases
from sync.store.back import cases, goods, money, requests
from sync.store.back.cases import BackCase
from sync.store.cases import StoredCase
from sync.store.database import Store, Tx
from sync.store.tables import fulfilment
from tests.integration.store.samples import remote_order

ASKED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WANTED = RemoteRequest(
    external_id="ret-1",
    order="x1",
    kind=RequestKind.RETURN,
    state=RequestState.ASKED,
    lines=(RequestLine("l1", 2, "too small"),),
    asked_at=ASKED,
    instead=(InsteadLine("v2", "B", 1),),
    tracking=("BACK-1",),
    raw=b'{"note": "jane@example.com"}',
)
TWIN = replace(WANTED, external_id="ret-2", raw=b"")


@pytest.fixture
async def house(store: Store) -> AccountId:
    async with store.write() as tx:
        rows = await accounts.reconcile(tx, [accounts.Configured("wh", "tryton", "warehouse")])
    return rows["wh"].id


async def ordered(tx: Tx, shop: AccountId) -> OrderId:
    return (await orders.save(tx, shop, remote_order("1"), history=False, masked=False)).id


async def a_case(tx: Tx, shop: AccountId) -> BackCase:
    order_id = await ordered(tx, shop)
    request = await requests.save(tx, shop, WANTED, 1)
    id = await cases.open_case(
        tx,
        account_id=shop,
        reference="shop/1/R1",
        n=await cases.next_n(tx, order_id),
        kind=RequestKind.RETURN,
        request_id=request,
        order_id=order_id,
    )
    found = await cases.get(tx, id)
    assert found is not None
    return found


async def test_a_request_is_a_level_and_an_older_page_takes_nothing_back(
    store: Store, shop: AccountId
) -> None:
    async with store.write() as tx:
        await ordered(tx, shop)
        id = await requests.save(tx, shop, WANTED, 10)
        assert id is not None
        assert await requests.save(tx, shop, WANTED, 11) is None, "nothing changed"
        newer = replace(WANTED, state=RequestState.WITHDRAWN)
        assert await requests.save(tx, shop, newer, 12) == id
        assert await requests.save(tx, shop, WANTED, 11) is None, "an older reading"
        stored = await requests.get(tx, id)
    assert stored is not None
    assert stored.remote.state == RequestState.WITHDRAWN
    assert (stored.remote.lines, stored.remote.instead) == (WANTED.lines, WANTED.instead)
    assert stored.order_id is not None
    assert "jane" not in repr(stored)


async def test_a_request_waits_for_an_order_that_is_not_known_yet(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        id = await requests.save(tx, shop, WANTED, 1)
        assert await requests.without_case(tx, shop, 0) == []
        order_id = await ordered(tx, shop)
        assert await requests.join_orders(tx, shop) == [id]
        (waiting,) = await requests.without_case(tx, shop, 0)
    assert (waiting.id, waiting.order_id) == (id, order_id)


async def test_a_case_keeps_its_verdict_its_standing_and_what_it_is_owed(
    store: Store, shop: AccountId
) -> None:
    verdict = Verdict(
        rule="seven days",
        answer=Answer.APPROVE,
        money_at=MoneyAt.RECEIPT,
        pays=frozenset({Condition.GOOD, Condition.DAMAGED}),
        denies=frozenset({Condition.WRONG}),
        disposals={Condition.DAMAGED: Disposal.SCRAPPED},
        freight=490,
        within=timedelta(hours=2),
    )
    standing = Standing(
        answered=ChannelAnswer.APPROVED,
        announced={("line", "A"): 2},
        instructed={(("line", "A"), Disposal.SCRAPPED): 1},
        scanned=True,
    )
    async with store.write() as tx:
        case = await a_case(tx, shop)
        await cases.judge(tx, case.id, verdict, kind=RequestKind.RETURN, owner="service", at_deadline=verdict)
        await cases.stand(tx, case.id, standing)
        found = await cases.get(tx, case.id)
    assert found is not None
    assert (found.verdict, found.at_deadline, found.owner) == (verdict, verdict, "service")
    assert found.standing == standing
    assert found.kind == RequestKind.RETURN


async def test_what_a_person_answered_is_not_asked_again(store: Store, shop: AccountId) -> None:
    ask = HoldWanted("R1 goods out", "why", "what to do")
    async with store.write() as tx:
        case = await a_case(tx, shop)
        about = About(Topic.RETURN, case.id, case.reference, shop, case.order_id, None, "way_back")
        await holds.keep(tx, about, [ask])
        (first,) = await holds.open_about(tx, case.id)
        await holds.keep(tx, about, [])
        assert await holds.open_about(tx, case.id) == [], "its cause is gone"
        await holds.keep(tx, about, [ask])
        (again,) = await holds.open_about(tx, case.id)
        assert again.id != first.id, "and comes back"
        await decide(tx, again.id, Word.APPROVED, By("ann", Via.TERMINAL))
        with pytest.raises(DecisionRefused, match="approved by ann"):
            await decide(tx, again.id, Word.REJECTED, By("bob", Via.TERMINAL))
        found = await cases.get(tx, case.id)
        other = await holds.open_about(tx, case.id)
    assert found is not None
    assert found.standing.decided == {ask.rule}
    assert other == []


async def test_a_question_that_a_person_said_no_to_stays_and_is_not_asked_again(
    store: Store, shop: AccountId
) -> None:
    ask = HoldWanted("R1 goods out", "why", "what to do", Release.MANUAL)
    async with store.write() as tx:
        case = await a_case(tx, shop)
        about = About(Topic.REFUND, case.id, case.reference, shop, case.order_id, None, "way_back")
        await holds.keep(tx, about, [ask])
        (asked,) = await holds.open_about(tx, case.id)
        await decide(tx, asked.id, Word.REJECTED, By("ann", Via.LINK))
        await holds.keep(tx, about, [ask])
        (stays,) = await holds.open_about(tx, case.id)
        found = await cases.get(tx, case.id)
        told = await issues.list_open(tx, kind="hold.waiting")
        await decide(tx, asked.id, Word.APPROVED, By("bob", Via.TERMINAL))
        after = await cases.get(tx, case.id)
    assert (stays.id, stays.word, stays.waits) == (asked.id, Word.REJECTED, False)
    assert told == []
    assert found is not None
    assert found.standing.decided == frozenset()
    assert after is not None
    assert after.standing.decided == {ask.rule}, "the terminal may take a no back"


def received(id: str, units: int, as_of: int = 1, **more: object) -> Receipt:
    return Receipt(id, as_of, {"A": Tally(as_of, units)}, **more)  # type: ignore[arg-type]


async def with_lines(tx: Tx, case: BackCase, units: int) -> Case:
    stored = await order_cases.load(tx, str(case.order_id))
    assert stored is not None
    key = (stored.lines[0].id, "A")
    said = approve(advise(await goods.custody(tx, case), key, units, 1), key, units, 1)
    await goods.write_lines(tx, case.id, said.lines)
    return await goods.custody(tx, case)


async def test_a_receipt_goes_to_the_case_that_it_names(
    store: Store, shop: AccountId, house: AccountId
) -> None:
    async with store.write() as tx:
        case = await a_case(tx, shop)
        await with_lines(tx, case, 2)
        id = goods.receipt_id(house, "77")
        assert await goods.receive(tx, house, received(id, 1, reference=case.reference)) == [case.id]
        assert await goods.receive(tx, house, received(id, 2, 2, complete=True)) == [case.id]
        assert await goods.receive(tx, house, received(id, 1, 1)) == [], "an older page takes nothing back"
        custody = await goods.custody(tx, case)
    assert custody.complete
    assert custody.receipts[id].tallies["A"].received == 2


async def test_goods_that_nobody_announced_join_a_later_request_by_their_number(
    store: Store, shop: AccountId, house: AccountId
) -> None:
    async with store.write() as tx:
        (stray,) = await goods.receive(
            tx, house, received(goods.receipt_id(house, "78"), 2, tracking="back 1", complete=True)
        )
        kept = await cases.get(tx, stray)
        assert kept is not None
        assert (kept.request_id, kept.account_id) == (None, house)
        case = await a_case(tx, shop)
        assert await goods.find_homes(tx, shop, case) == []
        assert await goods.expect(tx, case.id, ["BACK-1"])
        assert await goods.find_homes(tx, shop, case) == [case.id]
        assert await goods.find_homes(tx, shop, case) == [], "it joined once"
        custody = await goods.custody(tx, case)
        gone = await cases.get(tx, stray)
    assert sum(tally.received for one in custody.receipts.values() for tally in one.tallies.values()) == 2
    assert gone is not None
    assert gone.state == cases.JOINED


LABEL = "0034 0434-1614094"
"""A label's number, as a person's scanner writes it where our reference belongs."""


async def sent_by(tx: Tx, case: BackCase, house: AccountId) -> None:
    """This warehouse sent the case's order."""
    work = {"id": tx.new_id(), "order_id": case.order_id, "account_id": house, "n": 1, "created_at": 1}
    await tx.run(sa.insert(fulfilment).values(reference=f"{case.reference}/1", **work))


async def test_a_label_that_was_scanned_for_a_reference_finds_its_case(
    store: Store, shop: AccountId, house: AccountId
) -> None:
    async with store.write() as tx:
        case = await a_case(tx, shop)
        await sent_by(tx, case, house)
        await goods.expect(tx, case.id, ["003404341614094"])
        id = goods.receipt_id(house, "80")
        assert await goods.receive(tx, house, received(id, 1, reference=LABEL)) == [case.id]
        assert await goods.receive(tx, house, received(id, 2, 2, reference=LABEL)) == [case.id], "counted on"


@pytest.mark.parametrize(
    "why", ["another number", "too short", "closed", "another warehouse", "two await it"]
)
async def test_a_reference_that_may_be_another_number_joins_nothing(
    store: Store, shop: AccountId, house: AccountId, why: str
) -> None:
    reference = "DHL-77" if why == "too short" else LABEL
    async with store.write() as tx:
        case = await a_case(tx, shop)
        await sent_by(tx, case, shop if why == "another warehouse" else house)
        await goods.expect(tx, case.id, ["0034043416140949" if why == "another number" else reference])
        if why == "closed":
            await cases.settle(tx, case.id, done=True, waits="", review_at=None)
        if why == "two await it":
            other = await cases.open_case(
                tx, account_id=shop, reference="shop/1/R2", n=2, kind=RequestKind.RETURN,
                order_id=case.order_id, request_id=await requests.save(tx, shop, TWIN, 1),
            )  # fmt: skip
            await goods.expect(tx, other, [reference])
        id = goods.receipt_id(house, "80")
        (home,) = await goods.receive(tx, house, received(id, 1, reference=reference))
        found = await cases.get(tx, home)
    assert found is not None
    assert found.request_id is None, "it waits for a person"


async def test_a_scanned_label_joins_the_request_that_names_its_number_later(
    store: Store, shop: AccountId, house: AccountId
) -> None:
    async with store.write() as tx:
        (stray,) = await goods.receive(tx, house, received(goods.receipt_id(house, "81"), 2, reference=LABEL))
        case = await a_case(tx, shop)
        await sent_by(tx, case, house)
        await goods.expect(tx, case.id, ["003404341614094"])
        assert await goods.find_homes(tx, shop, case) == [case.id]
        gone = await cases.get(tx, stray)
    assert gone is not None
    assert gone.state == cases.JOINED


async def books(tx: Tx, case: BackCase) -> tuple[StoredCase, Ledger]:
    stored = await order_cases.load(tx, str(case.order_id))
    assert stored is not None
    ledger = await money.ledger(tx, "shop/1", stored, [case])
    assert ledger is not None
    return stored, ledger


async def owed(tx: Tx, shop: AccountId, case: BackCase, units: int) -> Ledger:
    """The case is owed so many pieces, and the outbox is as the ledger says."""
    stored, before = await books(tx, case)
    after = owe(before, "ret-1", {stored.lines[0].id: Wanted(units)}).ledger
    await cases.owe(tx, case.id, after.dues["ret-1"])
    order = OrderId(stored.row.id)
    await money.write(tx, shop, order, before, after, config_version="v")
    return after


async def test_refunds_are_rows_of_the_outbox_and_shrink_with_what_people_gave(
    store: Store, shop: AccountId
) -> None:
    async with store.write() as tx:
        case = await a_case(tx, shop)
        order = OrderId(str(case.order_id))
        assert await money.ledger(tx, "shop/1", (await books_of(tx, case)), [case]) is None
        await money.see(tx, await books_of(tx, case), money.Seen(1990, (), 1))
        after = await owed(tx, shop, case, 2)
        (key,) = after.refunds
        row = await outbox.by_key(tx, key)
        assert row is not None
        assert (row.payload["amount"], row.aggregate) == (1990, money.aggregate(order))
        assert await money.see(tx, await books_of(tx, case), money.Seen(1990, (("re-1", 500, "", None),), 2))
        assert not await money.see(
            tx, await books_of(tx, case), money.Seen(1990, (("re-1", 500, "", None),), 3)
        )
        case = await again(tx, case)
        _, seen = await books(tx, case)
        await money.write(tx, shop, order, seen, balanced(seen), config_version="v")
        row = await outbox.by_key(tx, key)
        assert row is not None
        assert row.payload["amount"] == 1490
        _, final = await books(tx, await again(tx, case))
    assert final.refunds[key].state == RefundState.PLANNED
    assert final.people + final.ours(RefundState.PLANNED) == 1990


async def test_a_refund_came_before_a_request_by_the_shop_s_clock_or_else_by_when_it_was_seen(
    store: Store, shop: AccountId
) -> None:
    asked = to_micros(ASKED)
    shown = (("early", 1, "", asked - 1), ("late", 2, "", asked), ("untold", 3, "", None))
    async with store.write() as tx:
        case = await a_case(tx, shop)
        order = OrderId(str(case.order_id))
        await money.see(tx, await books_of(tx, case), money.Seen(1990, shown, 2))
        now, later = from_micros(tx.now()), from_micros(tx.now() + 1)
        assert await money.came_before(tx, order, ASKED, now) == {"early"}
        assert await money.came_before(tx, order, ASKED, later) == {"early", "untold"}


async def test_what_was_given_back_is_known_from_our_writes_and_from_the_shops_books(
    store: Store, shop: AccountId
) -> None:
    """After a backup was put back the shop alone knows of a refund of ours: by the key that it bears, once."""
    lost = (
        ("re-1", 500, "shop/1/ret-1/refund/1", 7),
        ("re-2", 300, "", None),
        ("re-3", 0, "shop/1/ret-1/refund/9", 7),
    )
    async with store.write() as tx:
        case = await a_case(tx, shop)
        order = OrderId(str(case.order_id))
        await money.see(tx, await books_of(tx, case), money.Seen(1990, lost, 1))
        (seen,) = await money.given(tx, order, "shop/1", "ret-1")
        assert (seen.key, seen.amount, seen.at.timestamp()) == ("shop/1/ret-1/refund/1", 500, 7e-6)
        assert await money.given(tx, order, "shop/1", "ret-2") == [], "another case's"
        after = await owed(tx, shop, case, 2)
        (key,) = after.refunds
        row = await outbox.by_key(tx, key)
        assert row is not None
        assert [one.key for one in await money.given(tx, order, "shop/1", "ret-1")] == [seen.key], "not yet"
        await outbox.mark_sending(tx, row.id, tx.now())
        await outbox.mark_done(tx, row.id, {"refund": "re-4", "amount": 1490})
        found = await money.given(tx, order, "shop/1", "ret-1")
    assert {one.key: one.amount for one in found} == {seen.key: 500, key: 1490}


async def test_a_refund_that_is_being_sent_is_not_changed(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        case = await a_case(tx, shop)
        order = OrderId(str(case.order_id))
        await money.see(tx, await books_of(tx, case), money.Seen(1990, (), 1))
        after = await owed(tx, shop, case, 2)
        (key,) = after.refunds
        row = await outbox.by_key(tx, key)
        assert row is not None
        await outbox.mark_sending(tx, row.id, tx.now())
        less = replace(after, refunds={key: replace(after.refunds[key], amount=5)})
        with pytest.raises(IllegalMove):
            await money.write(tx, shop, order, after, less, config_version="v")
        _, now = await books(tx, await again(tx, case))
    assert (now.refunds[key].state, now.refunds[key].amount) == (RefundState.UNKNOWN, 1990)


async def test_a_refused_refund_is_let_go_by_a_persons_word(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        case = await a_case(tx, shop)
        await money.see(tx, await books_of(tx, case), money.Seen(1990, (), 1))
        (key,) = (await owed(tx, shop, case, 2)).refunds
        row = await outbox.by_key(tx, key)
        assert row is not None
        await outbox.mark_sending(tx, row.id, tx.now())
        await outbox.mark_rejected(tx, row.id, "card expired")
        _, refused = await books(tx, await again(tx, case))
        assert refused.refunds[key].state == RefundState.REFUSED
        rule = money.refused_rule(key)
        about = About(Topic.REFUND, case.id, case.reference, shop, case.order_id, None, "way_back")
        hold = await holds.keep_one(tx, about, HoldWanted(rule, "why", "todo", Release.MANUAL))
        await decide(tx, hold, Word.APPROVED, By("ann", Via.TERMINAL))
        _, gone = await books(tx, await again(tx, case))
    assert gone.refunds[key].state == RefundState.WITHDRAWN


async def test_a_refund_of_ours_that_is_made_and_not_finished_is_nothing_that_people_gave(
    store: Store, shop: AccountId
) -> None:
    """A shop may make a refund and refuse to settle it: taken for people's it was forgotten."""
    async with store.write() as tx:
        case = await a_case(tx, shop)
        await money.see(tx, await books_of(tx, case), money.Seen(1990, (), 1))
        (key,) = (await owed(tx, shop, case, 2)).refunds
        pending = money.Seen(1990, (("re-1", 1990, key, None),), 2)
        await money.see(tx, await books_of(tx, case), pending)
        row = await outbox.by_key(tx, key)
        assert row is not None

        async def now(state: RefundState) -> Ledger:
            _, found = await books(tx, await again(tx, case))
            assert (found.refunds[key].state, balanced(found)) == (state, found)
            return found

        await outbox.mark_sending(tx, row.id, tx.now())
        assert (await now(RefundState.UNKNOWN)).at_risk == 0
        await outbox.retry_later(tx, row.id, "made, and not settled", tx.now())
        assert (await now(RefundState.PLANNED)).people == 0
        await outbox.mark_sending(tx, row.id, tx.now())
        await outbox.mark_rejected(tx, row.id, "the shop does not settle it")
        assert (await now(RefundState.REFUSED)).people == 0
        assert await money.given(tx, OrderId(str(case.order_id)), "shop/1", "ret-1") == [], "nor told"
        about = About(Topic.REFUND, case.id, case.reference, shop, case.order_id, None, "way_back")
        ask = HoldWanted(money.refused_rule(key), "why", "todo", Release.MANUAL)
        await decide(tx, await holds.keep_one(tx, about, ask), Word.APPROVED, By("ann", Via.TERMINAL))
        let_go = await now(RefundState.WITHDRAWN)
    assert (let_go.people, let_go.left) == (1990, 0), "it stands in the shop: nothing is given besides"


async def test_a_refund_that_fails_after_it_was_made_is_asked_about_and_paid_again_by_a_persons_word(
    store: Store, shop: AccountId
) -> None:
    def showing(minor: int, key: str) -> RemoteOrder:
        given = RemoteRefund("re-1", Money(minor, "EUR"), False, None, f"late [{key}]")
        paid = RemotePayment("p", Money(1990, "EUR"), PaymentStatus.PAID, refunds=(given,))
        return replace(remote_order("1"), payments=(paid,))

    async with store.write() as tx:
        case = await a_case(tx, shop)
        order = OrderId(str(case.order_id))
        await money.see(tx, await books_of(tx, case), money.Seen(1990, (), 1))
        (key,) = (await owed(tx, shop, case, 2)).refunds
        row = await outbox.by_key(tx, key)
        assert row is not None
        await outbox.mark_sending(tx, row.id, tx.now())
        await outbox.mark_done(tx, row.id, {"refund": "re-1", "amount": 1990})
        await cases.settle(tx, case.id, done=True, waits="", review_at=None)
        await money.reopen_failed(tx, shop, showing(1990, key))
        assert (await again(tx, case)).state == cases.DONE
        await money.reopen_failed(tx, shop, showing(0, key))
        assert (await again(tx, case)).state == cases.OPEN
        await money.see(tx, await books_of(tx, case), money.Seen(1990, (("re-1", 0, key, None),), 2))
        _, failed = await books(tx, await again(tx, case))
        assert (failed.refunds[key].state, failed.given) == (RefundState.REFUSED, 0)
        assert balanced(failed) == failed, "nothing is paid again before a person says so"
        assert await money.given(tx, order, "shop/1", "ret-1") == []
        about = About(Topic.REFUND, case.id, case.reference, shop, case.order_id, None, "way_back")
        ask = HoldWanted(money.refused_rule(key), "why", "todo", Release.MANUAL)
        await decide(tx, await holds.keep_one(tx, about, ask), Word.APPROVED, By("ann", Via.TERMINAL))
        _, said = await books(tx, await again(tx, case))
    assert said.refunds[key].state == RefundState.WITHDRAWN
    assert balanced(said).ours(RefundState.PLANNED) == 1990


async def again(tx: Tx, case: BackCase) -> BackCase:
    found = await cases.get(tx, case.id)
    assert found is not None
    return found


async def books_of(tx: Tx, case: BackCase) -> StoredCase:
    stored = await order_cases.load(tx, str(case.order_id))
    assert stored is not None
    return stored


async def test_goods_that_went_out_instead_have_no_share_of_what_the_order_was_shipped_for(
    store: Store, shop: AccountId
) -> None:
    async with store.write() as tx:
        case = await a_case(tx, shop)
        stored = await books_of(tx, case)
        own = stored.lines[0]
        later = replace(own, id="later", external_id="case:shop/1/R1/B")
        order = replace(stored, lines=(own, later))
        shared = money.lines_of(order)
        alone = money.lines_of(order, instead=frozenset({"later"}))
        first = money.lines_of(stored)
    assert alone[own.id] == first[own.id], "what the first goods are worth does not hang on what came later"
    assert alone["later"].whole.shipping == 0
    assert sum(one.whole.shipping for one in shared.values()) == alone[own.id].whole.shipping


async def test_a_line_that_was_cancelled_before_the_money_was_read_was_paid_for_all_the_same(
    store: Store, shop: AccountId
) -> None:
    async with store.write() as tx:
        case = await a_case(tx, shop)
        stored = await books_of(tx, case)
        whole = money.lines_of(stored)
        gone = replace(stored, lines=tuple(replace(line, quantity=0) for line in stored.lines))
    assert money.lines_of(gone) == whole


async def test_a_piece_has_its_price_whenever_another_one_of_its_line_was_cancelled(
    store: Store, shop: AccountId
) -> None:
    """Most shops leave a line's total as it was, one counts it anew: `charged` says which pieces it is for."""
    two = remote_order("1")
    one_gone = replace(two.lines[0], quantity=1)
    counted_anew = replace(one_gone, total=Money(995, "EUR"), charged=1)
    all_gone = replace(one_gone, quantity=0, total=Money(0, "EUR"), charged=0)

    async def paid(tx: Tx, *shown: RemoteOrderLine) -> tuple[int, int]:
        charged = money.Charged()
        for line in shown:
            stored = await orders.save(tx, shop, replace(two, lines=(line,)), history=False, masked=False)
            order = await order_cases.load(tx, stored.id)
            assert order is not None
            charged = charged.joined(money.charged_now(order))
        (found,) = money.lines_of(order, charged).values()
        return found.units, found.whole.own

    async with store.write() as tx:
        assert await paid(tx, one_gone) == (2, 1990)
        assert await paid(tx, counted_anew) == (1, 995)
        assert await paid(tx, two.lines[0], counted_anew) == (2, 1990)
        assert await paid(tx, counted_anew, all_gone) == (1, 995)


async def test_what_comes_while_a_case_is_looked_at_has_it_looked_at_again(
    store: Store, shop: AccountId
) -> None:
    """A receipt that reopens it is not forgotten with the look that knew nothing of it."""
    async with store.write() as tx:
        case = await a_case(tx, shop)
        await cases.settle(tx, case.id, done=False, waits="", review_at=tx.now() - 1)
        read = await cases.get(tx, case.id)
        assert read is not None
    async with store.write() as tx:
        await cases.reopen(tx, case.id)
        assert not await cases.settle(
            tx, case.id, done=True, waits="", review_at=None, read_at=read.review_at
        )
        assert await cases.due_reviews(tx, shop, 9) == [case.id]
        read = await cases.get(tx, case.id)
        assert read is not None
        assert await cases.settle(tx, case.id, done=True, waits="", review_at=None, read_at=read.review_at)
        assert await cases.due_reviews(tx, shop, 9) == []
