"""What a listing's price may not pass below: the floor of its rule, and the lowest advertised price (MAP)."""

from dataclasses import dataclass
from decimal import Decimal

from mappings.offers_when import Offer
from mappings.prices.conversion import Conversion, NotKnown
from mappings.prices.fees import Fee, FeeRules
from mappings.prices.steps import amount_text
from mappings.schema.prices import FloorModel
from sync.domain.floors import ZERO, Floor, MarginOf, Part
from sync.domain.rounding import Rounding, to_minor

_COSTS = ("cost", "landed_cost")
_TRIES = 8


@dataclass(frozen=True, slots=True)
class Bounds:
    """In the shop's currency, in whole smallest units; None: there is no such bound."""

    floor: Floor | None = None
    least: Decimal | None = None
    """The lowest price that the floor allows."""
    map: Decimal | None = None
    floor_terms: dict[str, object] | None = None

    @property
    def bound(self) -> Decimal | None:
        """The higher of the two."""
        return max((one for one in (self.least, self.map) if one is not None), default=None)

    def kept_by(self, price: Decimal, rounding: Rounding) -> Decimal:
        """The price itself, or the next rounded one above it that keeps the floor, checked again exactly."""
        for _ in range(_TRIES):
            if self.floor is None or self.floor.holds(price):
                return price
            price = rounding.above(price + rounding.step / 2)
        raise NotKnown("no rounded price keeps the floor")


@dataclass(frozen=True, slots=True)
class FloorRule:
    """`floor:` and `coupons:` of a price rule."""

    model: FloorModel
    coupons: Part | None

    def bounds(self, offer: Offer, conversion: Conversion, fees: FeeRules, map_: Decimal | None) -> Bounds:
        """The bounds of one listing. NotKnown where one of the things that it covers is not known."""
        cost = self._cost(offer, conversion)
        found = list(fees.of(offer, self.model.cover))
        fixed = {fee.name: self._fixed(fee, conversion) for fee in found}
        share, amount = self._margin(cost, conversion)
        coupons = self.coupons or Part()
        coupon = ZERO if coupons.amount is None else conversion.money(coupons.amount, "coupons")
        floor = Floor(
            cost=cost + amount,
            fees=sum((fee.share for fee in found), ZERO),
            fixed=sum(fixed.values(), ZERO),
            margin=share,
            coupons=coupons.share,
            coupon=coupon,
            tax=conversion.shop_tax,
        )
        exact = floor.least()
        if exact is None:
            raise NotKnown("no price keeps the floor: fees, margin, tax and coupons take all of it")
        minor = to_minor(conversion.shop)
        bounds = Bounds(floor, map=map_)
        least = bounds.kept_by(minor.above(exact), minor)
        terms = self._terms(floor, least, cost, amount, [(fee, fixed[fee.name]) for fee in found])
        return Bounds(floor, least, map_, terms)

    def _cost(self, offer: Offer, conversion: Conversion) -> Decimal:
        """Without tax, in the shop's currency."""
        names = [name for name in self.model.cover if name in _COSTS]
        return sum((conversion.net(conversion.goods_amount(offer.amount(name))) for name in names), ZERO)

    def _fixed(self, fee: Fee, conversion: Conversion) -> Decimal:
        return ZERO if fee.fixed is None else conversion.money(fee.fixed, f"the fee {fee.name}")

    def _margin(self, cost: Decimal, conversion: Conversion) -> tuple[Decimal, Decimal]:
        """(share of the price without tax, amount)."""
        margin = self.model.margin
        if margin is None:
            return ZERO, ZERO
        if margin.amount is not None:
            return ZERO, conversion.money(margin.amount, "the margin")
        return (margin.share, ZERO) if margin.of is MarginOf.PRICE else (ZERO, margin.share * cost)

    def _terms(
        self, floor: Floor, least: Decimal, cost: Decimal, amount: Decimal, fees: list[tuple[Fee, Decimal]]
    ) -> dict[str, object]:
        """What the lowest price is made of; `spare` is what rounding up left over."""
        parts: list[tuple[dict[str, object], Decimal]] = []
        covered = next((name for name in self.model.cover if name in _COSTS), None)
        if covered is not None:
            parts.append(({"part": covered}, cost))
        for fee, fixed in fees:
            terms = {"part": fee.part, "rule": fee.name, "percent": amount_text(fee.share * 100)}
            parts.append(({**terms, "fixed": amount_text(fixed)}, fee.share * least + fixed))
        coupons = floor.coupons * least + floor.coupon
        net = (least - coupons) / (1 + floor.tax)
        if self.model.margin is not None:
            margin = floor.margin * least / (1 + floor.tax) + amount
            parts.append(({"part": "margin", "of": str(self.model.margin.of)}, margin))
        if self.coupons is not None:
            parts.append(({"part": "coupons"}, coupons))
        if floor.tax:
            parts.append(({"part": "tax"}, least - coupons - net))
        spare = least - sum((part for _, part in parts), ZERO)
        told = [{**terms, "is": amount_text(part)} for terms, part in parts]
        return {"is": amount_text(least), "covers": [*told, {"part": "spare", "is": amount_text(spare)}]}
