"""A person's requests after the sale: shown with their orders, erased with them, kept no longer than they."""

import json
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from sync.domain.aftersales import Answer, ChannelAnswer, RequestKind, Standing, Verdict
from sync.domain.clock import SetClock, to_micros
from sync.domain.confirm import HoldWanted
from sync.domain.ids import AccountId, OrderId
from sync.domain.messages import Event, Fact, MessageState, Occurred, Planned
from sync.domain.people import Address, Person
from sync.domain.receipts import Condition, Disposal, Receipt, Tally
from sync.domain.requests import InsteadLine, RemoteRequest, RequestLine, RequestState
from sync.domain.waiting import About, Topic
from sync.store import disclosing, erasing, hold_comments, holds, messages, people, retention
from sync.store.back import cases, goods, parcels, requests
from sync.store.database import Store, Tx
from sync.store.erasing import Erased
from sync.store.retention import Kind, Limits
from sync.store.tables import back_tracking, customer_order, message, sale_request
from tests.integration.store.conftest import NOON
from tests.integration.store.test_store_people import (
    VALUES,
    _stands_in,
    a_life,
    everything,
    find,
    order,
    pulled,
)

RAW = b'{"note": "Lovelace at Analytikergasse 7, ring twice at 7", "mail": "ada@example.com"}'
ASKED = RemoteRequest(
    external_id="ret-1",
    order="x1001",
    kind=RequestKind.RETURN,
    state=RequestState.ASKED,
    lines=(RequestLine("l1", 1, "too small for Ada"),),
    asked_at=NOON,
    tracking=("003404341614094",),
    raw=RAW,
)


async def a_return(tx: Tx, shop: AccountId, order_id: OrderId) -> str:
    """A request of the order with everything that can hold a person's name; its case is done. Returns the case."""
    request = await requests.save(tx, shop, ASKED, 1)
    case = await cases.open_case(
        tx,
        account_id=shop,
        reference="shop/1001/R1",
        n=1,
        kind=RequestKind.RETURN,
        request_id=request,
        order_id=order_id,
    )
    verdict = Verdict("worn", Answer.REFUSE, "Mrs Lovelace, it was worn")
    await cases.judge(tx, case, verdict, kind=RequestKind.RETURN, decided_by="bob")
    await goods.expect(tx, case, ASKED.tracking)
    label, page = "https://c.example/label/ada", "https://c.example/t/ada"
    await parcels.booked(
        tx,
        case,
        ASKED.tracking[0],
        courier=shop,
        carrier="sf",
        booking="b1",
        label_url=label,
        tracking_url=page,
    )
    await goods.receive(
        tx, shop, Receipt(goods.receipt_id(shop, "9"), 1, {"SKU-1": Tally(1, 1)}, reference="shop/1001/R1")
    )
    about = About(Topic.RETURN, case, "shop/1001/R1", shop, order_id, None, "way_back")
    asks = HoldWanted("surplus SKU-1", "ada@example.com sent more", "Call +49 30 555-0101")
    hold = await holds.keep_one(tx, about, asks)
    await hold_comments.add(tx, hold, who="bob", text="Ada called: Analytikergasse 7")
    await holds.close(tx, hold, "bob")
    said = Occurred(Event.RETURN_REFUSED, f"{shop}/ret-1", NOON, {Fact.REASON: verdict.reason})
    told = await messages.add(
        tx,
        account_id=shop,
        order_id=order_id,
        one=Planned(said, "no", "mail"),
        state=MessageState.PLANNED,
        reason="",
        version="v",
    )
    assert told is not None
    letter = tx.sealer.seal("message", told, "letter", b'{"to":"ada@example.com"}')
    done = {"state": "done", "closed_at": tx.now(), "letter_sealed": letter, "key_id": tx.sealer.key_id}
    await tx.run(sa.update(message).where(message.c.id == told).values(**done))
    await cases.settle(tx, case, done=True, waits="for Lovelace", review_at=None)
    return case


async def sealed_texts(tx: Tx) -> list[str]:
    """What is sealed in the tables of the way back, opened."""
    found = []
    for row in await tx.all(sa.select(sale_request).where(sale_request.c.raw_sealed.is_not(None))):
        found.append(tx.sealer.open("sale_request", row.id, "raw", row.raw_sealed).decode())
    return found


async def test_nothing_of_the_persons_requests_is_left_in_any_table(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        order_id = await a_life(tx, shop)
        await a_return(tx, shop, order_id)
        before = "\n".join(await everything(tx)).casefold()
        assert "too small for ada" in before and "mrs lovelace" in before and "label/ada" in before
        assert await erasing.erase(tx, await find(tx, "1001")) == Erased(1, 0)
        left = "\n".join(await everything(tx)).casefold()
        assert [value for value in VALUES if _stands_in(value, left)] == []
        assert await sealed_texts(tx) == []
        assert await tx.scalar(sa.select(sa.func.count()).where(message.c.letter_sealed.is_not(None))) == 0
        parcel = await tx.one(sa.select(back_tracking))
        request = await requests.of_account(tx, shop, "ret-1")
    assert parcel is not None
    assert (parcel.label_url, parcel.tracking_url, parcel.number) == (None, None, ASKED.tracking[0])
    assert request is not None
    assert request.remote.lines[0].units == 1, "the books still add up"


async def test_a_name_that_is_a_word_of_ours_leaves_the_case_readable(store: Store, shop: AccountId) -> None:
    """The buyer's names are a condition of goods, a moment for money, an answer, and a key."""
    named = order(
        buyer=Person(name="Good Scrapped"), ship_to=Address(name="Reason", company="Approved Inspection")
    )
    granted = Verdict(
        "r", Answer.APPROVE, "Mr Good, it is fine", disposals={Condition.GOOD: Disposal.SCRAPPED}
    )
    standing = Standing(answered=ChannelAnswer.APPROVED)
    async with store.write() as tx:
        order_id = await pulled(tx, shop, named)
        case = await a_return(tx, shop, order_id)
        instead = (InsteadLine(None, "MUG-GOOD", 1),)
        await requests.save(tx, shop, replace(ASKED, instead=instead), 2)
        await cases.judge(tx, case, granted, kind=RequestKind.RETURN)
        await cases.stand(tx, case, standing)
        await erasing.erase_order(tx, order_id)
        kept = await cases.get(tx, case)
        request = await requests.of_account(tx, shop, "ret-1")
    assert kept is not None and request is not None
    assert kept.verdict == replace(granted, reason="Mr [erased], it is fine")
    assert kept.standing == standing
    assert request.remote.instead == instead, "an SKU names goods"


async def test_a_shop_that_tells_the_request_again_does_not_bring_its_words_back(
    store: Store, shop: AccountId
) -> None:
    async with store.write() as tx:
        await a_return(tx, shop, await a_life(tx, shop))
        await erasing.erase(tx, await find(tx, "1001"))
        again = RemoteRequest(
            "ret-1", "x1001", RequestKind.RETURN, RequestState.CLOSED, (), NOON, raw=b'{"note": "Ada wrote"}'
        )
        assert await requests.save(tx, shop, again, 2) is not None
        assert await sealed_texts(tx) == []


async def test_a_request_without_a_known_order_is_found_by_what_stands_in_it_and_goes(
    store: Store, shop: AccountId
) -> None:
    async with store.write() as tx:
        await requests.save(tx, shop, ASKED, 1)
        known = await find(tx, "ada@example.com")
        assert [(raw.table, raw.what) for raw in known.raws] == [("sale_request", "request ret-1")]
        (shown,) = (await disclosing.document(tx, known))["records"]
        assert shown["content"]["mail"] == "ada@example.com"
        assert await erasing.erase(tx, known) == Erased(0, 1)
        assert await sealed_texts(tx) == []
        assert (await find(tx, "bo@example.com")).raws == ()


async def test_the_document_holds_requests_numbers_and_what_people_wrote(
    store: Store, shop: AccountId
) -> None:
    async with store.write() as tx:
        await a_return(tx, shop, await a_life(tx, shop))
        document = await disclosing.document(tx, await find(tx, "1001"))
    (told,) = document["orders"]
    (asked,) = told["sale_request"]
    assert asked["as_the_shop_told_it"] == json.loads(RAW)
    assert asked["asked_at"] == NOON.isoformat()
    assert [one["reference"] for one in told["back_case"]] == ["shop/1001/R1"]
    assert [one["label_url"] for one in told["back_tracking"]] == ["https://c.example/label/ada"]
    assert [one["text"] for one in told["hold_comment"]] == ["Ada called: Analytikergasse 7"]
    assert [one["letter"] for one in told["message"]] == [{"to": "ada@example.com"}]
    json.dumps(document)


async def test_an_open_return_must_be_finished_first(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        case = await a_return(tx, shop, await a_life(tx, shop))
        await cases.reopen(tx, case)
        assert await people.unfinished(tx, await find(tx, "1001")) == [
            "order shop/1001 is shipped: 1 return(s) open"
        ]


async def test_raw_requests_and_persons_go_in_time_and_not_while_goods_come_back(
    store: Store, shop: AccountId, clock: SetClock
) -> None:
    async with store.write() as tx:
        case = await a_return(tx, shop, await a_life(tx, shop))
        await cases.reopen(tx, case)
        clock.move(timedelta(days=100))
        late = Limits(personal_data=to_micros(clock.now()), raw_payloads=to_micros(clock.now()))
        await retention.erase_slice(tx, late, 10)
        assert len(await sealed_texts(tx)) == 1, "its return is open"
        person = sa.select(customer_order.c.person_sealed)
        assert await tx.scalar(person) is not None
        await cases.settle(tx, case, done=True, waits="", review_at=None)
        clock.move(timedelta(days=1))
        late = Limits(personal_data=to_micros(clock.now()), raw_payloads=to_micros(clock.now()))
        done = await retention.erase_slice(tx, late, 10)
        assert done[Kind.PERSONAL_DATA] == 1
        assert await sealed_texts(tx) == []
        assert await tx.scalar(person) is None
