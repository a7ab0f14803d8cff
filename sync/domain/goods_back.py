"""The goods' side of the way back: how many pieces of a request stopped, came back and count, and where they go."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sync.domain.aftersales import (
    Announce,
    Answer,
    Deed,
    Dispose,
    LetBack,
    MakeLabel,
    MoneyAt,
    Outbound,
    RequestKind,
    Situation,
)
from sync.domain.confirm import HoldWanted
from sync.domain.custody import Custody, LineCustody, figures
from sync.domain.lifecycle import Release
from sync.domain.receipts import Condition, Disposal
from sync.domain.routing import LineKey

NO_GOODS = Custody((), (), ())


@dataclass(frozen=True, slots=True)
class Pieces:
    """One order line of a request, in whole pieces. `waiting`: asked to stop, and the warehouse has not answered."""

    wanted: int
    stopped: int
    waiting: int
    late: int
    turned: int
    """Of the late ones, those that surely come back."""
    here: int
    """Received by this request's case."""
    approved: int
    sound: int
    """Received and not found to be anything that is not paid for."""
    passed: int
    """Inspected, and in a condition that is paid for."""
    lost: int
    """Missing, or found to be something that is not paid for."""

    def earned(self, now: Situation) -> int:
        """Pieces for which money may go back now."""
        kind, at = now.request.kind, now.verdict.money_at
        if not kind.brings_back:
            return self.wanted
        if kind == RequestKind.CANCELLATION:
            back = self.late if at == MoneyAt.WITHOUT_RETURN else min(self.late, self._back(at, self.turned))
            return self.stopped + back
        if at == MoneyAt.WITHOUT_RETURN:
            return self.wanted
        under_way = max(0, self.approved - self.lost) if now.standing.scanned else 0
        return min(self.wanted, self._back(at, under_way))

    def _back(self, at: MoneyAt, under_way: int) -> int:
        if at == MoneyAt.FIRST_SCAN:
            return max(under_way, self.sound)
        return self.sound if at == MoneyAt.RECEIPT else self.passed


def custody_of(now: Situation) -> Custody:
    """The case's figures; nothing where there is none."""
    return NO_GOODS if now.custody is None else figures(now.custody)


def pieces(now: Situation, custody: Custody) -> dict[str, Pieces]:
    """Every line of the request. KeyError where the order's lines lack one."""
    return {line: _pieces(now, custody, line) for line in now.request.lines}


def _pieces(now: Situation, custody: Custody, line: str) -> Pieces:
    out = now.outbound[line]
    units = now.request.lines[line].units
    stopped = waiting = late = 0
    if now.request.kind == RequestKind.CANCELLATION:
        stopped = min(units, out.stopped)
        waiting = units - stopped if out.open else 0
        late = units - stopped - waiting
    here = _whole(custody, line, out, lambda one: one.received)
    return Pieces(
        wanted=units,
        stopped=stopped,
        waiting=waiting,
        late=late,
        turned=min(late, max(out.back - out.claimed, here)),
        here=here,
        approved=_whole(custody, line, out, lambda one: one.approved),
        sound=_whole(custody, line, out, lambda one: one.received - _unpaid(now, one)),
        passed=_whole(custody, line, out, lambda one: one.inspected - _unpaid(now, one)),
        lost=max(
            (-(-(one.missing + _unpaid(now, one)) // per) for one, per in _parts(custody, line, out)),
            default=0,
        ),
    )


def _unpaid(now: Situation, line: LineCustody) -> int:
    """Units in a condition that the verdict does not pay for, those it is silent about too."""
    return sum(units for condition, units in line.conditions.items() if condition not in now.verdict.pays)


def _parts(custody: Custody, line: str, out: Outbound) -> list[tuple[LineCustody, int]]:
    """The custody of an order line's SKUs, each with its units in one piece."""
    return [(one, out.components.get(one.key[1], 1)) for one in custody.lines if one.key[0] == line]


def _whole(custody: Custody, line: str, out: Outbound, units: Callable[[LineCustody], int]) -> int:
    """Whole pieces: a bundle is back when all its parts are."""
    parts = _parts(custody, line, out)
    if {one.key[1] for one, _ in parts} < set(out.components):
        return 0
    return max(0, min((units(one) // per for one, per in parts), default=0))


def bringing(now: Situation, custody: Custody, lines: dict[str, Pieces]) -> Iterator[Deed]:
    """What may come back; a label, and the word to the warehouse, for what is yet to come."""
    let = _let_back(now, custody)
    if any(one.approved != let.get(one.key, one.approved) for one in custody.lines):
        yield LetBack(let)
        return
    coming = _coming(now, custody, lines)
    received = {one.key: one.received for one in custody.lines}
    if all(received.get(key, 0) >= units for key, units in coming.items()):
        return
    if now.custody is not None and now.custody.complete:
        return
    labelled = now.request.kind != RequestKind.CANCELLATION and now.verdict.label
    if labelled and not now.standing.label:
        yield MakeLabel()
    elif dict(now.standing.announced) != coming:
        yield Announce(coming)


def _let_back(now: Situation, custody: Custody) -> dict[LineKey, int]:
    """Units to approve: what is advised, as far as it is asked for. Nothing where the goods need not come."""
    if now.request.kind == RequestKind.CANCELLATION or now.verdict.money_at == MoneyAt.WITHOUT_RETURN:
        return {}
    return {
        one.key: min(one.advised, now.request.lines[line].units * per)
        for line in now.request.lines
        for one, per in _parts(custody, line, now.outbound[line])
    }


def _coming(now: Situation, custody: Custody, lines: dict[str, Pieces]) -> dict[LineKey, int]:
    if now.verdict.money_at == MoneyAt.WITHOUT_RETURN or not now.request.kind.brings_back:
        return {}
    if now.request.kind == RequestKind.CANCELLATION:
        return {
            (line, sku): one.turned * units
            for line, one in lines.items()
            for sku, units in now.outbound[line].components.items()
            if one.turned
        }
    return {one.key: one.approved for one in custody.lines if one.approved}


def disposals(now: Situation, custody: Custody) -> Iterator[Dispose]:
    """Where inspected units go by their condition, as far as they did not go anywhere yet."""
    for line in custody.lines:
        target: dict[Disposal, int] = {}
        for condition, units in line.conditions.items():
            if now.verdict.answer == Answer.REFUSE or (
                condition in now.verdict.denies and condition not in now.verdict.disposals
            ):
                goes: Disposal | None = Disposal.TO_CUSTOMER
            else:
                goes = now.verdict.disposals.get(condition)
            if goes is not None:
                target[goes] = target.get(goes, 0) + units
        left = line.received - line.gone
        for disposal, units in target.items():
            gone = line.disposed.get(disposal, 0)
            more = min(left, max(0, units - gone))
            left -= more
            if more and gone + more > now.standing.instructed.get((line.key, disposal), 0):
                yield Dispose(line.key, disposal, gone + more)


def questions(now: Situation, custody: Custody) -> Iterator[HoldWanted]:
    """What a person must look at among the goods."""
    for text in custody.doubts:
        yield question(now, f"doubt {text.partition(':')[0]}", text, "Have the warehouse count again.")
    for beyond in custody.surplus:
        yield question(
            now,
            f"surplus {beyond.sku}",
            f"{beyond.units} more of {beyond.sku} came back than was announced",
            "Find out whose they are; they are kept apart until then.",
        )
    if now.verdict.answer == Answer.APPROVE:
        for line in custody.lines:
            yield from _about_line(now, line)


def _about_line(now: Situation, line: LineCustody) -> Iterator[HoldWanted]:
    name = line.key[1]
    if line.missing and now.verdict.money_at != MoneyAt.WITHOUT_RETURN:
        yield question(
            now,
            f"missing {line.key[0]} {line.key[1]}",
            f"{line.missing} of {line.approved} {name} did not come back",
            "Ask the buyer and the courier; what is not here is not refunded.",
        )
    for condition, units in line.conditions.items():
        if condition not in now.verdict.pays | now.verdict.denies:
            yield question(
                now,
                f"{condition.value} {line.key[0]} {line.key[1]}",
                f"{units} {name} came back {condition.value}",
                f"A yes pays for all {condition.value} ones of this request; a no sends them back to the buyer.",
            )


def condition_asked(rule: str) -> Condition | None:
    """The condition of which a question of this name asks whether it is paid for; None for other questions."""
    word = rule.partition(" ")[0]
    return Condition(word) if word in list(Condition) else None


def question(now: Situation, rule: str, reason: str, todo: str) -> HoldWanted:
    """A question to a person, with the verdict's time to answer."""
    return HoldWanted(rule, reason, todo, release=Release.MANUAL, within=now.verdict.within)
