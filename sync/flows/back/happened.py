"""What has happened to a request that its buyer may be told of, as its stored state shows it.

Goods that left instead of others, or once more, are told by the order that they belong to
(sync.flows.messages.happened). A refund that people make in the shop is the shop's to tell.
"""

from collections.abc import Iterator
from datetime import datetime

from sync.domain.aftersales import Answer, ChannelAnswer, MoneyAt, RequestKind
from sync.domain.messages import Event, Fact, Occurred
from sync.domain.money import Money
from sync.domain.people import Address
from sync.flows.back.doing import RETURN_LABEL
from sync.flows.back.houses import house_of
from sync.flows.back.situation import Matter, order_name
from sync.flows.flow import FlowContext
from sync.flows.messages.planning import tell
from sync.flows.wakes import Wakes
from sync.store import orders, outbox
from sync.store.back import goods, money
from sync.store.database import Tx
from sync.store.sealing import Unsealable
from sync.telemetry.logs import logger

_BY_BUYER = (RequestKind.RETURN, RequestKind.EXCHANGE)
"""Kinds for which the buyer sends goods."""
_log = logger("flows.back")


async def tell_buyer(tx: Tx, ctx: FlowContext, matter: Matter, wakes: Wakes) -> None:
    """Plan what the buyer is to be told of the request by now; what was told is not told again."""
    row = matter.order.row
    if not ctx.rulebook.messages.of(ctx.accounts[row.account_id].name):
        return
    what = [*_answered(ctx, matter, await _label_closed(tx, matter)), *await _received(tx, matter)]
    what += await _refunded(tx, ctx, matter)
    if not what:
        return
    try:
        buyer = await orders.buyer(tx, row.id)
    except Unsealable as error:
        _log.warning("a buyer cannot be told anything", why=str(error))
        return
    await tell(tx, ctx, row, buyer, what, wakes, after_sale=True)


def said(number: str, n: int) -> str:
    """What the buyer knows a request by: the shop's number of it, else which of the order's it is."""
    return number or f"R{n}"


def _subject(matter: Matter) -> str:
    """The request wherever it is read again, after a backup was put back too."""
    return f"{matter.order.row.account_id}/{matter.name}"


async def _label_closed(tx: Tx, matter: Matter) -> datetime | None:
    """When the way back's label was bought or given up; None while it is awaited. Without one: when it was judged."""
    judged = matter.case.judged_at
    row = await outbox.by_key(tx, f"{RETURN_LABEL}:{matter.order.row.account_id}:{matter.name}")
    if row is None:
        return judged
    if row.closed_at is None or judged is None:
        return None
    return max(judged, row.closed_at)


def _answered(ctx: FlowContext, matter: Matter, label: datetime | None) -> Iterator[Occurred]:
    """The answer, once the shop has it too."""
    case, answer = matter.case, matter.case.standing.answered
    if answer is None or case.judged_at is None or case.verdict is None:
        return
    facts = {Fact.REASON: case.verdict.reason} if case.verdict.reason else {}
    number = said(matter.request.remote.number, case.n)
    refused = answer in (ChannelAnswer.REFUSED, ChannelAnswer.TOO_LATE)
    if case.kind is RequestKind.CANCELLATION:
        if refused:
            yield Occurred(Event.CANCEL_REFUSED, _subject(matter), case.judged_at, facts)
        return
    facts[Fact.REQUEST] = number
    if refused:
        yield Occurred(Event.RETURN_REFUSED, _subject(matter), case.judged_at, facts)
    elif _comes_back(matter) and label is not None:
        facts |= _way_back(ctx, matter)
        yield Occurred(Event.RETURN_APPROVED, _subject(matter), label, facts)


def _comes_back(matter: Matter) -> bool:
    """Whether the buyer is to send goods that are not here yet."""
    verdict = matter.case.verdict
    wanted = verdict is not None and verdict.money_at is not MoneyAt.WITHOUT_RETURN
    return wanted and matter.case.kind in _BY_BUYER and not _arrived(matter)


def _arrived(matter: Matter) -> bool:
    return any(receipt.arrived for receipt in matter.custody.receipts.values())


def _way_back(ctx: FlowContext, matter: Matter) -> dict[Fact, str]:
    """Where the goods go to, and the label if there is one."""
    house = house_of(ctx, matter.order)
    sender = None if house is None else ctx.accounts[house].sender
    label = next((one for one in matter.parcels if one.booked), None)
    known = {
        Fact.RETURN_ADDRESS: "" if sender is None else one_line(sender),
        Fact.LABEL_URL: label.label_url if label else None,
        Fact.TRACKING: label.written if label else None,
        Fact.COURIER: label.carrier if label else None,
    }
    return {fact: value for fact, value in known.items() if value}


def one_line(address: Address) -> str:
    """An address as it is written in a sentence."""
    town = " ".join(part for part in (address.postal_code, address.city) if part)
    parts = (address.name, address.company, *address.street, town, address.region, address.country)
    return ", ".join(dict.fromkeys(part for part in parts if part))


async def _received(tx: Tx, matter: Matter) -> list[Occurred]:
    if not _arrived(matter) or matter.case.kind not in _BY_BUYER:
        return []
    first = await goods.first_arrival(tx, matter.case.id)
    at = matter.case.opened_at if first is None else max(first, matter.case.opened_at)
    facts = {Fact.REQUEST: said(matter.request.remote.number, matter.case.n)}
    return [Occurred(Event.RETURN_RECEIVED, _subject(matter), at, facts)]


async def _refunded(tx: Tx, ctx: FlowContext, matter: Matter) -> list[Occurred]:
    """Each refund of ours that was done, those too of which only the shop's books know any more."""
    order, case = matter.order.row, matter.case
    facts = {Fact.REQUEST: said(matter.request.remote.number, case.n)}
    if case.verdict is not None and case.verdict.answer is Answer.APPROVE and case.verdict.reason:
        facts[Fact.REASON] = case.verdict.reason
    name = order_name(ctx, matter.order)
    return [
        Occurred(
            Event.REFUNDED, one.key, one.at, {**facts, Fact.AMOUNT: str(Money(one.amount, order.currency))}
        )
        for one in await money.given(tx, order.id, name, matter.name)
    ]
