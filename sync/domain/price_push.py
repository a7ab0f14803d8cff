"""Which prices go out to a shop, in what form, and what its answer to each means. Pure.

A price is an absolute write: it may be sent again, newest value only. What counts afterwards is what the shop
says that it shows. Where that is not what was sent, the shop has refused it in its own way: it is not sent again
unchanged, or the two would go round for ever.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import msgspec

from sync.domain.clock import to_micros
from sync.domain.money import exponent, price_text

NONE = ""
"""A struck-out price that shall not be there; None where it is not ours."""
BASE_LASTS = timedelta(hours=24)
"""So long the price before the day's first change is what the day's moves are measured from."""


class UnsentPrice(msgspec.Struct, frozen=True, gc=False):
    """A price that the shop does not show yet, in canonical text. A Struct, for a thousand are made at a time."""

    id: str
    listing_id: str
    external_id: str
    currency: str
    desired: str
    acked: str | None
    desired_compare_at: str | None
    acked_compare_at: str | None
    cause: str
    terms: str
    """JSON."""
    base: str | None
    base_at: int | None
    """Microseconds."""
    approved: str | None
    approved_until: int | None
    """Microseconds."""


@dataclass(frozen=True, slots=True)
class PriceOut:
    """One price as it goes out, and from where the day's moves are measured once it is sent."""

    offer: str
    listing: str
    variant: str
    currency: str
    price: str
    compare_at: str | None
    base: str | None
    base_at: int | None


@dataclass(frozen=True, slots=True)
class PriceShown:
    """The shop's answer: what it shows now, and why that is not what was sent ("" where it is)."""

    acked: str
    refused: str = ""


def plan_prices(rows: Sequence[UnsentPrice], now: datetime) -> tuple[PriceOut, ...]:
    """What to send of each unsent price."""
    return tuple(_out(row, now) for row in rows)


def _out(row: UnsentPrice, now: datetime) -> PriceOut:
    base, base_at = base_of(row.base, row.base_at, row.acked, now)
    return PriceOut(
        offer=row.id,
        listing=row.listing_id,
        variant=row.external_id,
        currency=row.currency,
        price=row.desired,
        compare_at=row.desired_compare_at,
        base=base,
        base_at=base_at,
    )


def base_of(
    base: str | None, base_at: int | None, acked: str | None, now: datetime
) -> tuple[str | None, int | None]:
    """The price at the start of the day's first change, and when that was; (None, None) where none is known.

    `base` is the one that is kept, since `base_at` (microseconds); `acked` what the shop shows now.
    """
    if base is not None and base_at is not None and base_at > to_micros(now - BASE_LASTS):
        return base, base_at
    return (None, None) if acked is None else (acked, to_micros(now))


def step(
    price: Decimal, base: Decimal, share: Decimal, least: Decimal | None, currency: str
) -> Decimal | None:
    """As far towards `price` as it may go in a day from `base`; None where it may go all the way.

    `share` is the largest move as a fraction of `base`; what is left over of a minor unit is not gone. A step
    that would stay below `least` (the floor, or the lowest advertised price) is none: then it is all the way or
    not at all, and that is for a person to say.
    """
    room = base * share
    if abs(price - base) <= room:
        return None
    up = price > base
    digits = Decimal(1).scaleb(-exponent(currency))
    edge = (base + room if up else base - room).quantize(digits, ROUND_FLOOR if up else ROUND_CEILING)
    return None if least is not None and edge < least else edge


def shown(sent: PriceOut, echo: Decimal | None) -> PriceShown:
    """What the shop's word means; a shop that echoes nothing is taken to show what was sent."""
    said = sent.price if echo is None else price_text(echo, sent.currency)
    if said == sent.price:
        return PriceShown(said)
    return PriceShown(said, f"the shop made {said} {sent.currency} of it")


def promotions_of(terms: Mapping[str, object]) -> tuple[str, ...]:
    """The promotions that a price's terms name as steps to it."""
    steps = terms.get("steps")
    found = [step for step in steps if isinstance(step, Mapping)] if isinstance(steps, list | tuple) else []
    return tuple(str(step.get("rule", "")) for step in found if step.get("step") == "promotion")


def struck(compare_at: str | None) -> Decimal | None:
    """The struck-out price as a number; None where there is to be none, which is never 0."""
    return Decimal(compare_at) if compare_at else None
