"""Refunds, move by move: each has a key, a state and one effect.

    planned ──► unknown ──► done        sent, and it happened
      │  ▲         ├──────► refused     the gateway said no, or failed it: a person decides
      │  └─────────┘           │        a look-up found surely nothing: the same refund may be sent again
      ▼                        │
    withdrawn ◄────────────────┘        no longer wanted, or tried anew under another key

`unknown` begins before the call and ends with what is known of its outcome; till then it is money that may be gone.
What bears our key is done, whatever was believed before. After every move the ledger is balanced again
(sync.domain.ledger). Every function gives a new ledger; an unknown key is a KeyError, a move that the table does not
have an IllegalRefundMove.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from sync.domain.ledger import (
    MOVES,
    Due,
    IllegalRefundMove,
    Ledger,
    Meant,
    Refund,
    RefundState,
    ShopRefund,
    balanced,
    refund_key,
    short,
)
from sync.domain.prorating import Claim, PaidLine, Wanted, claim

_S = RefundState


class Grant(StrEnum):
    """What became of a wish to refund."""

    WHOLE = "whole"
    CUT = "cut"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Owed:
    """The ledger with the new level, and what became of the wish; `reason` where it is not whole."""

    ledger: Ledger
    grant: Grant
    reason: str = ""


def owe(
    ledger: Ledger,
    case: str,
    wanted: Mapping[str, Wanted],
    less: int = 0,
    before: frozenset[str] | None = None,
) -> Owed:
    """A case shall be owed this in all. The same level again changes nothing; a lower one withdraws what is planned.

    `before`: the shop's refunds that were there when the case came up, by default all that are shown when it is owed
    something for the first time.
    Raises LookupError for a line that the order has not. `less` below 0 is a ValueError.
    """
    if less < 0:
        raise ValueError("what is owed is made greater by lines alone")
    old = ledger.dues.get(case)
    claims = {line: _claim(ledger, case, line, want) for line, want in wanted.items()}
    first = frozenset(ledger.shop) if before is None else before
    due = Due(case, dict(wanted), less, claims, first if old is None else old.before)
    after = balanced(replace(ledger, dues={**ledger.dues, case: due}))
    grant, reason = _judged(after, due)
    return Owed(after, grant, reason)


def worth(ledger: Ledger, case: str, wanted: Mapping[str, Wanted]) -> int:
    """What `owe` would count for these lines, in minor units, before anything is taken off."""
    return sum(_claim(ledger, case, line, want).amount for line, want in wanted.items())


def _claim(ledger: Ledger, case: str, line: str, want: Wanted) -> Claim:
    if line not in ledger.lines:
        raise LookupError(f"order {ledger.order} has no paid line {line}")
    old = ledger.dues.get(case)
    if old is not None and old.wanted.get(line) == want:
        return old.claims[line]
    others = [due.claims[line] for due in ledger.dues.values() if due.case != case and line in due.claims]
    return claim(ledger.lines[line], want, others)


def _judged(ledger: Ledger, due: Due) -> tuple[Grant, str]:
    cut = [
        f"line {line}: {due.claims[line].units} of {want.units} units are left to refund"
        for line, want in due.wanted.items()
        if due.claims[line].units < want.units
    ]
    cut += [
        f"line {line}: {ledger.money(due.claims[line].allowance)} of {ledger.money(want.allowance)} is left of it"
        for line, want in due.wanted.items()
        if due.claims[line].allowance < want.allowance
    ]
    granted = due.amount - short(ledger, due.case)
    if granted < due.amount:
        can, of = ledger.money(granted), ledger.money(due.amount)
        cut.append(f"{can} of {of} is left of {ledger.money(ledger.paid)} paid")
    if not cut:
        return Grant.WHOLE, ""
    return (Grant.CUT if granted else Grant.REFUSED), "; ".join(cut)


def see(ledger: Ledger, refund: ShopRefund) -> Ledger:
    """The shop's books show this refund. It counts at once: what is planned shrinks or is withdrawn."""
    old = ledger.shop.get(refund.external_id)
    newest = refund if old is None else max(old, refund, key=lambda one: (one.as_of, one.amount))
    meant = newest.meant if old is None else old.meant
    return balanced(replace(ledger, shop={**ledger.shop, refund.external_id: replace(newest, meant=meant)}))


def pay(ledger: Ledger, paid: int, lines: Mapping[str, PaidLine], as_of: int) -> Ledger:
    """The shop captured so much in all, for these lines: a level. More for an exchange, less after an edit."""
    if (as_of, paid) < (ledger.paid_as_of, ledger.paid):
        return ledger
    return balanced(replace(ledger, paid=paid, lines=lines, paid_as_of=as_of))


def say(ledger: Ledger, external_id: str, meant: Meant) -> Ledger:
    """A person says what a refund in the shop is for."""
    shown = replace(ledger.shop[external_id], meant=meant)
    return balanced(replace(ledger, shop={**ledger.shop, external_id: shown}))


def send(ledger: Ledger, key: str) -> Ledger:
    """About to be sent: committed before the call, so that a crash leaves it unknown."""
    return _moved(ledger, key, RefundState.UNKNOWN, sent=True)


def done(ledger: Ledger, key: str, external_id: str | None = None, amount: int | None = None) -> Ledger:
    """It happened: the answer or a look-up says so, with the amount that the gateway names. Twice is once."""
    old = ledger.refunds[key]
    if old.state == RefundState.DONE:
        known = replace(old, external_id=old.external_id or external_id)
        return balanced(replace(ledger, refunds={**ledger.refunds, key: known}))
    named = old.amount if amount is None else amount
    return _moved(ledger, key, RefundState.DONE, sent=True, external_id=external_id, amount=named)


def found(ledger: Ledger, case: str, n: int, external_id: str, amount: int) -> Ledger:
    """The shop's books show a refund with our key: it is done, also where the ledger does not know of it.

    So it is after a backup was put back.
    """
    key = refund_key(ledger.order, case, n)
    if key in ledger.refunds:
        return done(ledger, key, external_id, amount)
    new = Refund(key, case, n, amount, RefundState.DONE, sent=True, external_id=external_id)
    return balanced(replace(ledger, refunds={**ledger.refunds, key: new}))


def refused(ledger: Ledger, key: str, reason: str) -> Ledger:
    """The gateway said no. Nothing is planned in its place until a person says so (`let_go`)."""
    return _moved(ledger, key, RefundState.REFUSED, reason=reason)


def not_there(ledger: Ledger, key: str) -> Ledger:
    """A look-up after the quiet time found surely nothing: it may be sent again, if it still fits."""
    return _moved(ledger, key, RefundState.PLANNED)


def let_go(ledger: Ledger, key: str) -> Ledger:
    """A person ends a refused refund; what is still owed is planned anew, under another key."""
    if ledger.refunds[key].state == RefundState.PLANNED:
        raise IllegalRefundMove(key, RefundState.PLANNED, RefundState.WITHDRAWN)
    return _moved(ledger, key, RefundState.WITHDRAWN)


def restored(ledger: Ledger) -> Ledger:
    """A backup was put back: what it calls planned may have been sent since, and is looked up first."""
    refunds = {
        key: replace(one, state=RefundState.UNKNOWN, sent=True) if one.state == RefundState.PLANNED else one
        for key, one in ledger.refunds.items()
    }
    return balanced(replace(ledger, refunds=refunds))


def _moved(ledger: Ledger, key: str, state: RefundState, **changes: object) -> Ledger:
    old = ledger.refunds[key]
    if state not in MOVES[old.state]:
        raise IllegalRefundMove(key, old.state, state)
    new = replace(old, state=state, **changes)  # type: ignore[arg-type]
    return balanced(replace(ledger, refunds={**ledger.refunds, key: new}))


@dataclass(frozen=True, slots=True)
class Difference:
    """What is between goods that come back and those that go out instead: at most one is more than 0."""

    charge: int
    refund: int


def difference(returned: int, price: int) -> Difference:
    """Goods worth `returned` come back for goods that cost `price`, both in minor units with tax."""
    return Difference(max(0, price - returned), max(0, returned - price))
