"""What k of n units of a paid line are worth, to the currency's minor unit, so that the parts make the whole.

Parts are differences of one rounded running sum (cumulative rounding): the first k units are worth
round(whole × k ÷ n), the next ones what is missing up to the next such figure. So no part is below nothing and
all parts together are the whole, whatever their sizes and their order, with 0, 2 or 3 decimals alike.

Tax, discount and the share of shipping are rounded each by itself; the goods take what rounding leaves over.
All amounts are integer minor units of the order's currency.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sync.domain.money import Money, split


@dataclass(frozen=True, slots=True)
class Part:
    """An amount by what it is for: `goods` without tax, less `discount` (0 or more), and a share of shipping."""

    goods: int
    tax: int = 0
    discount: int = 0
    shipping: int = 0

    @property
    def own(self) -> int:
        """The amount without shipping."""
        return self.goods + self.tax - self.discount

    @property
    def total(self) -> int:
        """What was paid for it, or is given back."""
        return self.own + self.shipping


@dataclass(frozen=True, slots=True)
class PaidLine:
    """An order line as it was charged: `units` pieces, the whole line's amounts, shares of the order's included.

    A line without units or with an amount below nothing is a ValueError.
    """

    id: str
    units: int
    whole: Part

    def __post_init__(self) -> None:
        """See the class."""
        if self.units < 1 or self.whole.own < 0 or min(self.whole.tax, self.whole.discount) < 0:
            raise ValueError(f"line {self.id}: {self.units} units for {self.whole} is no charged line")
        if self.whole.shipping < 0:
            raise ValueError(f"line {self.id}: shipping below nothing")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall be given back of a line: units, with or without their share of shipping, and an `allowance`.

    An allowance is money without goods: a part refund or price protection, in minor units, tax included.
    Figures below 0 are a ValueError.
    """

    units: int = 0
    shipping: bool = True
    allowance: int = 0

    def __post_init__(self) -> None:
        """See the class."""
        if min(self.units, self.allowance) < 0:
            raise ValueError("a refund takes nothing")


@dataclass(frozen=True, slots=True)
class Claim:
    """What one case is owed of a line: `part` for its units, less what allowances gave for them, and its own."""

    units: int
    shipping: bool
    part: Part
    absorbed: int = 0
    """Of earlier allowances, what was given for these units already."""
    allowance: int = 0

    @property
    def amount(self) -> int:
        """Minor units to give back; never below 0."""
        return self.part.total - self.absorbed + self.allowance


def cumulative(amount: int, units: int, of: int) -> int:
    """The first `units` of `of` equal shares of an amount, rounded half up. `of` is 1 or more."""
    return (2 * amount * units + of) // (2 * of)


def claim(line: PaidLine, wanted: Wanted, others: Sequence[Claim]) -> Claim:
    """What a case gets of a line when `others` are owed theirs: cut to the units and the money that are left."""
    gone = sum(other.units for other in others)
    units = min(wanted.units, max(0, line.units - gone))
    part = _part(line, units, others, shipping=wanted.shipping)
    absorbed = _absorbed(line, part, others)
    left = line.whole.total - sum(other.amount for other in others) - (part.total - absorbed)
    return Claim(units, wanted.shipping, part, absorbed, max(0, min(wanted.allowance, left)))


def _part(line: PaidLine, units: int, others: Sequence[Claim], *, shipping: bool) -> Part:
    if not units:
        return Part(0)
    upto = sum(other.units for other in others) + units
    carried = sum(other.units for other in others if other.shipping) + units
    own = _next(line.whole.own, upto, line.units, [other.part.own for other in others])
    tax = _next(line.whole.tax, upto, line.units, [other.part.tax for other in others])
    discount = _next(line.whole.discount, upto, line.units, [other.part.discount for other in others])
    freight = _next(line.whole.shipping, carried, line.units, [other.part.shipping for other in others])
    return Part(own - tax + discount, tax, discount, freight if shipping else 0)


def _next(whole: int, upto: int, of: int, before: Sequence[int]) -> int:
    return max(0, cumulative(whole, upto, of) - sum(before))


def _absorbed(line: PaidLine, part: Part, others: Sequence[Claim]) -> int:
    """What open allowances gave for this part already: first of the goods, and beyond their worth of the shipping.

    A part takes of them by its share of the worth that is left, so that the last one takes what is left of them.
    """
    pool = sum(other.allowance - other.absorbed for other in others)
    own = line.whole.own - sum(other.part.own for other in others)
    freight = line.whole.shipping - sum(other.part.shipping for other in others)
    for_goods = max(0, min(pool, own))
    for_freight = max(0, min(pool - for_goods, freight))
    of_goods = cumulative(for_goods, part.own, own) if own > 0 else 0
    of_freight = cumulative(for_freight, part.shipping, freight) if freight > 0 else 0
    return of_goods + of_freight


def paid_lines(
    currency: str,
    lines: Mapping[str, tuple[int, int, int]],
    *,
    shipping: int = 0,
    discount: int = 0,
) -> dict[str, PaidLine]:
    """An order's lines with their shares of its shipping and of a discount on the whole, by their own worth.

    `lines`: per order line id its units, goods and tax (minor units). The shares add up to the whole.
    """
    weights = [goods + tax for _, goods, tax in lines.values()]
    if not weights:
        return {}
    freight = split(Money(shipping, currency), weights)
    less = split(Money(discount, currency), weights)
    return {
        id: PaidLine(id, units, Part(goods, tax, less[place].minor, freight[place].minor))
        for place, (id, (units, goods, tax)) in enumerate(lines.items())
    }
