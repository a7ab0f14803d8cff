"""Guards: how much may change at a shop before a person is asked. Pure.

A guard remembers no event. Each push counts what is unsent now and what was sent within the last hour, and holds
that against a share of what the shop has:

    count <= limit                  all of it passes
    count > limit                   all of it waits, and an issue asks
    count > limit, but approved     as many pass as were approved; the rest waits on

What waits stays unsent, so the next push judges it anew: once the cause is gone, so is the wait. What an order
has caused is never counted and never waits, and neither does a first push: nothing is known then that it would
change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from sync.domain.money import Money

WINDOW = timedelta(hours=1)
"""What was sent within it is counted with what is unsent."""
PRICE_WINDOW = timedelta(days=1)
"""A price's move is measured from what it was so long ago."""


class Guard(StrEnum):
    """Every guard by the name under which it is approved; its issue's kind is `guard.` and this name."""

    PRICE_MOVE = "price_move"
    PRICES_CHANGING = "prices_changing"
    QUANTITIES_CHANGING = "quantities_changing"
    GOING_TO_ZERO = "going_to_zero"
    GOING_DOWN = "going_down"
    FIGURES = "figures"
    """Figures of a warehouse or supplier that read zero all at once."""


@dataclass(frozen=True, slots=True)
class Guards:
    """The admins' limits. Shares are fractions of 1; None is off."""

    price_move: Decimal | None = Decimal("0.30")
    """Of one price a day, where its rule says nothing else."""
    prices_changing: Decimal | None = Decimal("0.30")
    quantities_changing: Decimal | None = Decimal("0.50")
    going_to_zero: Decimal | None = Decimal("0.20")
    going_down: Decimal | None = Decimal("0.10")
    figures_to_zero: Decimal | None = Decimal("0.30")
    least: int = 20
    """A share guards nothing below so many."""
    approval_lasts: timedelta = timedelta(hours=2)
    refunds: int = 50
    """Automatic refunds of a shop within an hour."""
    refunds_value: Money | None = None
    """Their sum within an hour; other currencies have the number alone."""

    def share(self, guard: Guard) -> Decimal | None:
        """The guard's limit as a fraction of 1; None where it is off."""
        return {
            Guard.PRICE_MOVE: self.price_move,
            Guard.PRICES_CHANGING: self.prices_changing,
            Guard.QUANTITIES_CHANGING: self.quantities_changing,
            Guard.GOING_TO_ZERO: self.going_to_zero,
            Guard.GOING_DOWN: self.going_down,
            Guard.FIGURES: self.figures_to_zero,
        }[guard]

    def limit(self, guard: Guard, of: int) -> int | None:
        """The most that passes unasked where there are so many in all; None: any number.

        A price that moves too far waits however few there are; where this guard is off, that is a price that
        moves further than its own rule allows.
        """
        if guard is Guard.PRICE_MOVE:
            return 0
        share = self.share(guard)
        return None if share is None else max(self.least - 1, int(share * of))


@dataclass(frozen=True, slots=True)
class Approved:
    """A person's word that so many may pass until then, and how many have passed by it."""

    most: int
    used: int
    expires_at: datetime

    @property
    def left(self) -> int:
        """As many may pass still."""
        return max(0, self.most - self.used)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one guard says of one account now."""

    guard: Guard
    unsent: int
    """Changes of its kind that have not gone out."""
    sent: int
    """Those that went out within the last hour, without any approval."""
    of: int
    """So many there are in all: the shop's offers, or the figures of a reading."""
    limit: int | None
    allowance: int | None
    """So many may pass now; None: all of them."""

    @property
    def waiting(self) -> int:
        """So many wait."""
        return 0 if self.allowance is None else max(0, self.unsent - self.allowance)

    @property
    def waits(self) -> bool:
        """Whether anything does."""
        return self.waiting > 0

    @property
    def by_approval(self) -> bool:
        """Whether what passes does so by a person's word alone."""
        return self.allowance is not None


def judge(
    guards: Guards, guard: Guard, *, unsent: int, sent: int, of: int, approved: Approved | None
) -> Verdict:
    """Hold a count against its limit."""
    limit = guards.limit(guard, of)
    if limit is None or not unsent or unsent + sent <= limit:
        return Verdict(guard, unsent, sent, of, limit, None)
    return Verdict(guard, unsent, sent, of, limit, 0 if approved is None else approved.left)


@dataclass(frozen=True, slots=True)
class Reading:
    """Figures of one reading by what they say of units that were there before."""

    above_zero: int
    """Figures in it that were above zero before."""
    to_zero: int
    """Those of them that read zero now, and that no order of ours explains."""
    waiting_elsewhere: int = 0
    """Figures outside it that wait already."""


def figures_verdict(guards: Guards, reading: Reading, approved: Approved | None) -> Verdict:
    """Whether figures that read zero may count. Those that wait already are judged with them."""
    return judge(
        guards,
        Guard.FIGURES,
        unsent=reading.to_zero + reading.waiting_elsewhere,
        sent=0,
        of=reading.above_zero + reading.waiting_elsewhere,
        approved=approved,
    )


def explained(units: int, reserved: int) -> bool:
    """Whether our own orders explain that a figure fell from so many units to zero: they hold as many."""
    return units <= reserved


def refunds_over(guards: Guards, sent: Sequence[int], amount: Money) -> str:
    """Why one more automatic refund would be too many within the hour; empty where it may go.

    `sent` are those of the last hour, in minor units of the same currency.
    """
    if len(sent) >= guards.refunds:
        return f"{len(sent)} went out within an hour"
    most = guards.refunds_value
    if most is not None and most.currency == amount.currency and sum(sent) + amount.minor > most.minor:
        return f"{Money(sum(sent), amount.currency)} went out within an hour, and {most} are allowed"
    return ""
