"""The money of one order as values: what was paid, what people gave back, what we give, and their balance.

What is owed is a level per case. After every change the balance makes what is planned the difference between
what is owed and what was given, cut to what is left of the payment, so that at every moment

    paid + excess + at risk ≥ people + done + unknown + planned

where excess (given beyond what was paid) and risk (what unknown ones would add to it) come only from what others
did, and are told. The moves of a refund are in sync.domain.refunds. Amounts are integer minor units of the order's
currency.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from sync.domain.money import Money
from sync.domain.prorating import Claim, PaidLine, Wanted


class RefundState(StrEnum):
    """How far one refund of ours is."""

    PLANNED = "planned"
    UNKNOWN = "unknown"
    """It is being sent, or was, and no answer is known."""
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_S = RefundState
MOVES: Mapping[RefundState, frozenset[RefundState]] = {
    _S.PLANNED: frozenset({_S.UNKNOWN, _S.WITHDRAWN, _S.DONE}),
    _S.UNKNOWN: frozenset({_S.PLANNED, _S.DONE, _S.REFUSED}),
    _S.REFUSED: frozenset({_S.WITHDRAWN, _S.DONE}),
    _S.WITHDRAWN: frozenset({_S.DONE}),
    _S.DONE: frozenset(),
}
"""From each state, where a refund may go; into `done` from everywhere, for it was found with our key."""


class IllegalRefundMove(Exception):
    """A refund cannot go from this state to that one."""

    def __init__(self, key: str, before: RefundState, after: RefundState) -> None:
        super().__init__(f"refund {key} is {before} and cannot become {after}")


@dataclass(frozen=True, slots=True)
class Refund:
    """The nth refund of ours for a case. `sent`: it was sent at least once, and keeps its amount under its key."""

    key: str
    case: str
    n: int
    amount: int
    state: RefundState = RefundState.PLANNED
    sent: bool = False
    external_id: str | None = None
    """The shop's id of it, once known: by it the shop's books show it as ours."""
    reason: str = ""


class Meant(StrEnum):
    """What a person says that a refund in the shop is for."""

    UNSAID = "unsaid"
    """Nobody said: it counts for the cases that stood open when it came, and for none that came up later."""
    COUNTS = "counts"
    """For the cases, those that came up later too."""
    APART = "apart"
    """For none of them."""


@dataclass(frozen=True, slots=True)
class ShopRefund:
    """A refund as the shop's books show it: a level, 0 where it failed."""

    external_id: str
    amount: int
    as_of: int
    """Grows at its source, as in sync.domain.receipts."""
    meant: Meant = Meant.UNSAID


@dataclass(frozen=True, slots=True)
class Due:
    """What a case is owed: `wanted` of each line, `less` what the customer owes for it (goods sent, freight)."""

    case: str
    wanted: Mapping[str, Wanted]
    less: int
    claims: Mapping[str, Claim]
    before: frozenset[str]
    """The shop's refunds that stood there when the case came up; later ones count towards it."""

    @property
    def amount(self) -> int:
        """Minor units, never below 0."""
        return max(0, sum(one.amount for one in self.claims.values()) - self.less)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The money of one order. `paid` is what was captured; `lines` say what it was paid for."""

    order: str
    currency: str
    paid: int
    lines: Mapping[str, PaidLine]
    paid_as_of: int = -1
    shop: Mapping[str, ShopRefund] = field(default_factory=dict)
    dues: Mapping[str, Due] = field(default_factory=dict)
    refunds: Mapping[str, Refund] = field(default_factory=dict)

    def ours(self, *states: RefundState, case: str | None = None) -> int:
        """The sum of our refunds in these states, of one case or of all."""
        return sum(
            one.amount for one in self.refunds.values() if one.state in states and case in (None, one.case)
        )

    @property
    def by_people(self) -> tuple[ShopRefund, ...]:
        """The shop's refunds that are not known as ours."""
        ours = {one.external_id for one in self.refunds.values() if one.state == RefundState.DONE}
        return tuple(one for one in self.shop.values() if one.external_id not in ours)

    @property
    def people(self) -> int:
        """What people gave back in the shop."""
        return sum(one.amount for one in self.by_people)

    @property
    def given(self) -> int:
        """What surely was given back, by whomever."""
        return self.people + self.ours(_S.DONE)

    @property
    def left(self) -> int:
        """What may still be planned."""
        return max(0, self.paid - self.given - self.ours(_S.UNKNOWN, _S.PLANNED))

    @property
    def excess(self) -> int:
        """Given back beyond what was paid."""
        return max(0, self.given - self.paid)

    @property
    def at_risk(self) -> int:
        """What would be excess besides, were all that is unknown done."""
        return max(0, self.given + self.ours(_S.UNKNOWN) - self.paid) - self.excess

    def money(self, minor: int) -> Money:
        """An amount of this ledger as money."""
        return Money(minor, self.currency)


def refund_key(order: str, case: str, n: int) -> str:
    """What makes a refund count once: business ids alone. `order` names its shop too: `shop/10042`."""
    return f"{order}/{case}/refund/{n}"


def credited(ledger: Ledger) -> dict[str, int]:
    """What people gave back since a case came up, counted towards the cases in their order, once each.

    It is the same buyer: what our own refunds of a case did not do, people's did.
    """
    return _counted(ledger)[0]


def _counted(ledger: Ledger) -> tuple[dict[str, int], dict[str, int]]:
    """(credit by case, what is left over by the shop's id)"""
    left = {one.external_id: one.amount for one in ledger.by_people if one.meant != Meant.APART}
    found = {}
    for due in ledger.dues.values():
        need = max(0, due.amount - ledger.ours(_S.DONE, case=due.case))
        found[due.case] = 0
        for id in sorted(left):
            if id in due.before and ledger.shop[id].meant != Meant.COUNTS:
                continue
            taken = min(need, left[id])
            left[id] -= taken
            need -= taken
            found[due.case] += taken
    return found, left


def short(ledger: Ledger, case: str) -> int:
    """What a case is owed beyond what was given and is planned, in minor units: the payment has no room for it."""
    due = ledger.dues.get(case)
    if due is None:
        return 0
    ours = ledger.ours(_S.PLANNED, _S.UNKNOWN, _S.DONE, _S.REFUSED, case=case)
    return max(0, due.amount - ours - credited(ledger).get(case, 0))


def balanced(ledger: Ledger) -> Ledger:
    """Every case's planned refunds as they should be now. Run twice, it changes nothing the second time.

    A refund that was sent once keeps its amount under its key: where it no longer fits it is withdrawn, and
    another key takes the rest. A refused one keeps its sum from being planned again until a person lets it go.
    """
    credit = credited(ledger)
    room = max(0, ledger.paid - ledger.given - ledger.ours(_S.UNKNOWN))
    refunds = dict(ledger.refunds)
    for due in ledger.dues.values():
        met = credit[due.case] + ledger.ours(_S.UNKNOWN, _S.DONE, _S.REFUSED, case=due.case)
        wanted = max(0, due.amount - met)
        left = min(wanted, room)
        why = f"{ledger.money(credit[due.case])} was given in the shop, {ledger.money(room)} is left of the payment"
        for one in _planned(refunds, due.case):
            fits = one.amount <= left if one.sent else left > 0
            kept = (one.amount if one.sent else left) if fits else 0
            if not fits:
                refunds[one.key] = replace(one, state=_S.WITHDRAWN, reason=why)
            elif kept != one.amount:
                refunds[one.key] = replace(one, amount=kept, reason=why)
            left -= kept
            room -= kept
        if left:
            n = max((one.n for one in refunds.values() if one.case == due.case), default=0) + 1
            key = refund_key(ledger.order, due.case, n)
            refunds[key] = Refund(key, due.case, n, left)
            room -= left
    return replace(ledger, refunds=refunds)


def _planned(refunds: Mapping[str, Refund], case: str) -> list[Refund]:
    """Those of a case, the ones that keep their amount first."""
    found = [one for one in refunds.values() if one.case == case and one.state == _S.PLANNED]
    return sorted(found, key=lambda one: not one.sent)


def told(ledger: Ledger) -> tuple[str, ...]:
    """What a person must hear of: money given beyond what was paid or owed. Empty where all is well."""
    return tuple(_told(ledger))


def _told(ledger: Ledger) -> Iterator[str]:
    if ledger.excess:
        yield f"{ledger.money(ledger.excess)} more was given back than the {ledger.money(ledger.paid)} paid"
    if ledger.at_risk:
        yield f"{ledger.money(ledger.at_risk)} more than was paid will be given back if what is unknown was done"
    for due in ledger.dues.values():
        over = ledger.ours(_S.DONE, case=due.case) - due.amount
        if over > 0:
            yield f"case {due.case}: {ledger.money(over)} more was given back than is owed"
    left = _counted(ledger)[1]
    first = next((due for due in ledger.dues.values() if due.wanted), None)
    beyond = sum(amount for id, amount in left.items() if first and id not in first.before)
    if beyond:
        yield f"people gave back {ledger.money(beyond)} in the shop that no case accounts for"
