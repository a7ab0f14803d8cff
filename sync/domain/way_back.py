"""Where goods and money meet: from a request, its verdict and the present to the next deeds.

A level: nothing is remembered but what stands in the situation. A plan that was carried out is followed by an
empty one, until the world moves. Goods never move money by themselves, nor money goods: the verdict says from
which custody on how much is owed (`MoneyAt`), and from when on other goods leave (`GoodsAt`).

    custody:  stopped · turned round · scanned · received · inspected ──┐
                                                                        ├─ verdict ─► owe, ship
    money:    paid · given by people · ours ────────────────────────────┘

No money goes back for goods that are out, nor is an order refunded in full while any are, unless a person or a
policy by name (refund without return) said so; else a person is asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sync.domain.aftersales import (
    Answer,
    AnswerChannel,
    ChannelAnswer,
    Deed,
    Intercept,
    Interception,
    MoneyAt,
    Owe,
    RequestKind,
    Situation,
    StopWarehouse,
)
from sync.domain.confirm import HoldWanted
from sync.domain.custody import Custody
from sync.domain.goods_back import Pieces, bringing, custody_of, disposals, pieces, question, questions
from sync.domain.ledger import Meant, Refund, RefundState, credited, short, told
from sync.domain.other_goods import (
    EVEN,
    PART_EARNED,
    UNPROCESSED,
    about_other_goods,
    charge,
    other_goods,
    part_earned,
    unpriced,
)
from sync.domain.prorating import Wanted
from sync.domain.refunds import owe
from sync.domain.waiting import Topic

_VERDICT = "verdict "
_OF_MONEY = ("goods out", "refunded before", "money ", "refund refused ")


def asks_for_verdict(rule: str) -> bool:
    """Whether a question of this name asks for the answer to the request itself."""
    return rule.startswith(_VERDICT)


def topic_of(rule: str) -> Topic:
    """Under what a question of this name waits: money that must not move yet, or anything else of the request."""
    return Topic.REFUND if rule.startswith(_OF_MONEY) else Topic.RETURN


@dataclass(frozen=True, slots=True)
class Plan:
    """The next deeds, in their order; what a person must answer; what is waited for, in words.

    The questions stand as long as their cause does. Nothing in it at all: the request is done.
    """

    deeds: tuple[Deed, ...] = ()
    questions: tuple[HoldWanted, ...] = ()
    waits: tuple[str, ...] = ()
    money_held: bool = False
    """No refund of this case may be sent: looked at again at the moment of sending."""

    @property
    def exchange_open(self) -> bool:
        """Whether staff may have to process the exchange in the shop: its request must stay open there."""
        return any(one.rule in (EVEN, UNPROCESSED) for one in self.questions)

    @property
    def done(self) -> bool:
        """Whether nothing is left to do, to ask or to wait for."""
        return not (self.deeds or self.questions or self.waits)


def plan(now: Situation) -> Plan:
    """The difference between what the verdict wants and what is. Pure; see the module's text.

    Raises KeyError where `outbound` lacks a line of the request, LookupError where the ledger lacks one.
    """
    verdict = now.verdict
    custody = custody_of(now)
    if verdict.answer == Answer.ASK:
        ask = question(now, f"{_VERDICT}{verdict.rule}", verdict.reason, "Approve or refuse the request.")
        asks = _open(now, (ask, *questions(now, custody), *_about_money(now)))
        return Plan(questions=asks, money_held=True)
    lines = pieces(now, custody)
    approved = verdict.answer == Answer.APPROVE
    due, held = _money(now, lines) if approved else (_owe(now, {}, 0), ())
    deeds = (
        *(_outwards(now, lines) if approved else ()),
        *_answer(now, lines),
        *(bringing(now, custody, lines) if approved else ()),
        *disposals(now, custody),
        *due,
        *(other_goods(now, lines) if approved else ()),
    )
    asks = (
        *questions(now, custody),
        *held,
        *(about_other_goods(now, lines) if approved else ()),
        *_about_money(now),
        *_about_answer(now, lines),
    )
    waits = tuple(_waits(now, custody, lines)) if approved else ()
    return Plan(deeds, _open(now, asks), waits, money_held=bool(held))


def _open(now: Situation, asks: tuple[HoldWanted, ...]) -> tuple[HoldWanted, ...]:
    return tuple(ask for ask in asks if ask.rule not in now.standing.decided)


def _outwards(now: Situation, lines: Mapping[str, Pieces]) -> Iterator[Deed]:
    """Stop what may still leave, then turn round what left."""
    waiting = {line: one.waiting for line, one in lines.items() if one.waiting}
    if waiting and not now.standing.stop_asked:
        yield StopWarehouse(waiting)
    away = _away(now, lines)
    if away and now.standing.interception == Interception.NONE:
        yield Intercept(away)


def _away(now: Situation, lines: Mapping[str, Pieces]) -> dict[str, int]:
    if now.verdict.money_at == MoneyAt.WITHOUT_RETURN:
        return {}
    return {line: one.late - one.turned for line, one in lines.items() if one.late > one.turned}


def _wanted_answer(now: Situation, lines: Mapping[str, Pieces]) -> ChannelAnswer | None:
    if now.verdict.answer == Answer.REFUSE:
        return ChannelAnswer.REFUSED
    if now.request.kind != RequestKind.CANCELLATION:
        return ChannelAnswer.APPROVED
    if any(one.waiting for one in lines.values()):
        return None
    late = any(one.late for one in lines.values())
    return ChannelAnswer.TOO_LATE if late else ChannelAnswer.STOPPED


def _answer(now: Situation, lines: Mapping[str, Pieces]) -> Iterator[Deed]:
    answer = _wanted_answer(now, lines)
    if answer is None or now.standing.answered is not None:
        return
    stopped = sum(one.stopped for one in lines.values())
    reason = f"{stopped} of {sum(one.wanted for one in lines.values())} were stopped"
    yield AnswerChannel(answer, reason if answer == ChannelAnswer.TOO_LATE else now.verdict.reason)


def _about_answer(now: Situation, lines: Mapping[str, Pieces]) -> Iterator[HoldWanted]:
    told_refused = now.standing.answered == ChannelAnswer.REFUSED
    refuse = now.verdict.answer == Answer.REFUSE
    promised = now.standing.answered in (ChannelAnswer.APPROVED, ChannelAnswer.STOPPED)
    if (told_refused and not refuse) or (promised and refuse):
        yield question(
            now,
            "answered otherwise",
            f"the shop was told {now.standing.answered}, and now the answer is {now.verdict.answer.value}",
            "Settle it with the buyer; an answer cannot be taken back.",
        )
    if not refuse and now.standing.interception == Interception.FAILED and _away(now, lines):
        yield question(
            now,
            "not intercepted",
            "the parcel could not be turned round",
            "Refuse, refund without return, or let the buyer send it back.",
        )


def _money(now: Situation, lines: Mapping[str, Pieces]) -> tuple[tuple[Deed, ...], tuple[HoldWanted, ...]]:
    """The level of what is owed, or the questions that keep it back."""
    if now.request.kind == RequestKind.RESEND:
        return (), ()
    if now.standing.answered is None or any(one.waiting for one in lines.values()):
        return (), ()
    wanted, less = _due(now, lines)
    asks = _open(now, tuple(_objections(now, wanted, less))) if wanted else ()
    return ((), asks) if asks else (_owe(now, wanted, less), ())


def _due(now: Situation, lines: Mapping[str, Pieces]) -> tuple[dict[str, Wanted], int]:
    earned = {line: one.earned(now) for line, one in lines.items()}
    less = now.verdict.freight
    if now.request.kind == RequestKind.EXCHANGE:
        instead_of_them = part_earned(now, lines) and PART_EARNED in now.standing.decided
        if not instead_of_them:
            if unpriced(now) or any(earned[line] < one.wanted for line, one in lines.items()):
                return {}, 0
            less += (now.request.instead.price or 0) if now.request.instead else 0
    goods = now.request.kind != RequestKind.PRICE_PROTECTION
    wanted = {
        line: Wanted(earned[line] if goods else 0, want.shipping, want.allowance)
        for line, want in now.request.lines.items()
        if (goods and earned[line]) or want.allowance
    }
    return wanted, less if wanted else 0


def _owe(now: Situation, wanted: Mapping[str, Wanted], less: int) -> tuple[Deed, ...]:
    due = now.ledger.dues.get(now.request.case)
    stands: tuple[Mapping[str, Wanted], int] = ({}, 0) if due is None else (due.wanted, due.less)
    return () if stands == (wanted, less) else (Owe(wanted, less),)


def _objections(now: Situation, wanted: Mapping[str, Wanted], less: int) -> Iterator[HoldWanted]:
    """Why money must not move before a person has spoken."""
    due = now.ledger.dues.get(now.request.case)
    known = now.before if due is None else due.before
    before = [one for one in now.ledger.by_people if known is None or one.external_id in known]
    earlier = sum(one.amount for one in before if one.meant == Meant.UNSAID)
    if earlier:
        yield question(
            now,
            "refunded before",
            f"people gave back {now.ledger.money(earlier)} before this request was known",
            "A yes says that it was apart from it, and gives the money back as well. Was it for this request: "
            "entrepot returns meant … counts.",
        )
    if now.verdict.said:
        return
    if now.request.kind == RequestKind.REFUND_ONLY and any(
        want.units > now.outbound[line].stopped for line, want in wanted.items()
    ):
        yield _goods_out(now, "money is asked for goods that left or may still leave")
        return
    after = owe(now.ledger, now.request.case, wanted, less, now.before).ledger
    coming = after.ours(RefundState.PLANNED, case=now.request.case)
    if coming and not after.left and _out(now):
        yield _goods_out(now, f"the order would be refunded in full while {_out(now)} pieces are out")


def _goods_out(now: Situation, reason: str) -> HoldWanted:
    return question(
        now, "goods out", reason, "A yes gives the money back without the goods; a no waits for them."
    )


def _out(now: Situation) -> int:
    """Pieces of the order that are, or may yet be, with the buyer and not on their way back."""
    lines = pieces(now, custody_of(now))
    out = 0
    for line, one in now.outbound.items():
        mine = lines.get(line)
        if mine is None:
            out += one.out
        elif now.request.kind == RequestKind.CANCELLATION:
            out += max(0, one.open + one.shipped - max(one.back, mine.here))
        else:
            under_way = mine.approved - mine.lost if now.standing.scanned else 0
            out += max(0, one.out - max(mine.here, under_way))
    return out


def _about_money(now: Situation) -> Iterator[HoldWanted]:
    lacking = _lacking(now)
    if lacking and not now.ledger.ours(RefundState.UNKNOWN):
        money = now.ledger.money(lacking)
        yield question(
            now,
            f"money short {money}",
            f"{money} is owed for which the payment has no room: {now.ledger.money(now.ledger.paid)} was captured, "
            f"and {now.ledger.money(now.ledger.given)} of it given back",
            "Capture the payment in the shop, and it is given back by itself. A yes says that nothing more is due.",
        )
    for text in told(now.ledger):
        yield question(now, f"money {text}", text, "Compare the order's refunds in the shop, and settle it.")
    for one in _refused(now):
        yield question(
            now,
            f"refund refused {one.key}",
            f"the gateway refused {now.ledger.money(one.amount)}: {one.reason}",
            "Mend the cause and let it be planned anew, or give the money back in the shop.",
        )


def _lacking(now: Situation) -> int:
    """What is owed and finds no room in the payment, in minor units.

    Nothing where the order is cancelled before anything was captured for it. One unit of each line and of shipping is
    the rounding of shops, whose lines need not add up to what was paid.
    """
    if now.request.kind == RequestKind.CANCELLATION and not now.ledger.paid and not _out(now):
        return 0
    lacking = short(now.ledger, now.request.case)
    return lacking if lacking > len(now.ledger.lines) + 1 else 0


def _waits(now: Situation, custody: Custody, lines: Mapping[str, Pieces]) -> Iterator[str]:
    if any(one.waiting for one in lines.values()):
        yield "for the warehouse to stop it, or to say that it is too late"
    if _away(now, lines) and now.standing.interception == Interception.ASKED:
        yield "for the courier to turn the parcel round"
    open_kind = now.request.kind in (RequestKind.RETURN, RequestKind.EXCHANGE)
    complete = now.custody is not None and now.custody.complete
    if open_kind and now.verdict.money_at != MoneyAt.WITHOUT_RETURN and not complete:
        yield "for the goods"
    if any(one.received > max(one.inspected, one.gone) for one in custody.lines):
        yield "for the inspection"
    if any(one.inspected > one.gone for one in custody.lines):
        yield "for the goods to be put where they go"
    if _unsettled(now):
        yield "for money to go back"
    if not now.standing.sent and charge(now, lines) and not now.standing.charged:
        yield "for the buyer to pay the difference"


def _unsettled(now: Situation) -> bool:
    """Whether it is still open what goes back. What is unknown of other cases may yet leave room for this one."""
    moving = (RefundState.PLANNED, RefundState.UNKNOWN)
    if now.ledger.ours(*moving, case=now.request.case) > 0 or any(_refused(now)):
        return True
    return now.ledger.ours(RefundState.UNKNOWN) > 0 and _lacking(now) > 0


def _refused(now: Situation) -> Iterator[Refund]:
    """Refunds that the gateway refused, while what they were for is still owed."""
    case = now.request.case
    due = now.ledger.dues.get(case)
    met = now.ledger.ours(RefundState.DONE, case=case) + credited(now.ledger).get(case, 0)
    if due is not None and met < due.amount:
        every = now.ledger.refunds.values()
        yield from (one for one in every if one.case == case and one.state == RefundState.REFUSED)
