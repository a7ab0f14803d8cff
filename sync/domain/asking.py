"""What a guard asks a person, in words: what waits, why, and what there is to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sync.domain.guards import Guard, Guards, Verdict


@dataclass(frozen=True, slots=True)
class Asked:
    """The issue's kind and its three sentences."""

    kind: str
    what: str
    why: str
    todo: str


@dataclass(frozen=True, slots=True)
class _Words:
    kind: str
    what: str
    look: str = "Look at the largest of them: entrepot approve."


_WORDS: Mapping[Guard, _Words] = {
    Guard.PRICE_MOVE: _Words(
        kind="guard.price_move", what="{waiting} price(s) of {account} would move too far at once, and wait"
    ),
    Guard.PRICES_CHANGING: _Words(
        kind="guard.prices_changing", what="{waiting} price(s) of {account} would change at once, and wait"
    ),
    Guard.QUANTITIES_CHANGING: _Words(
        kind="guard.quantities_changing",
        what="{waiting} quantity(s) of {account} would change at once, and wait",
    ),
    Guard.GOING_TO_ZERO: _Words(
        kind="guard.going_to_zero", what="{waiting} offer(s) of {account} would go to zero at once, and wait"
    ),
    Guard.GOING_DOWN: _Words(
        kind="guard.going_down",
        what="{waiting} listing(s) of {account} would be taken down at once, and wait",
    ),
    Guard.FIGURES: _Words(
        kind="guard.figures",
        what="{waiting} figure(s) of {account} read zero at once, and do not count yet",
        look="Look into the warehouse system or the supplier's list: are these goods gone?",
    ),
}


def asked(verdict: Verdict, account: str, guards: Guards) -> Asked:
    """The issue of what a guard keeps back at an account."""
    words = _WORDS[verdict.guard]
    return Asked(
        kind=words.kind,
        what=words.what.format(waiting=verdict.waiting, account=account),
        why=_why(verdict, guards) + _passing(verdict),
        todo=f"{words.look} If they are meant, let them through: "
        f"entrepot approve {verdict.guard.value} --account {account}. Else mend the cause: what is wanted no "
        "longer waits no longer, and this clears itself.",
    )


def percent(share: Decimal) -> str:
    """A fraction as a person writes it: `30%`, `2.5%`."""
    return f"{format((share * 100).normalize(), 'f')}%"


def _why(verdict: Verdict, guards: Guards) -> str:
    share = guards.share(verdict.guard)
    if verdict.guard is Guard.PRICE_MOVE:
        by_guard = "" if share is None else f", or else the guard ({percent(share)}),"
        return f"a price that moves further in a day than its rule{by_guard} allows is not sent unasked"
    limit = f"{percent(share or Decimal(0))} of {verdict.of}"
    if verdict.guard is Guard.FIGURES:
        return (
            f"the guard allows {verdict.limit} ({limit} that were above zero) in one reading, "
            "and no order of ours explains them; the figures before stay in force"
        )
    lately = f"; {verdict.sent} went out within the last hour" if verdict.sent else ""
    return f"the guard allows {verdict.limit} ({limit}) within an hour{lately}"


def _passing(verdict: Verdict) -> str:
    return f"; {verdict.allowance} of them were approved and may pass" if verdict.allowance else ""
