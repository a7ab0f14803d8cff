"""The price of one listing on one shop now: formula, currency, tax, bounds, rounding, promotions, in that order.

Nothing here guesses: where one thing is not known there is no price, and the shop keeps what it has. A
promotion that cannot be worked out is left out and told in the terms; the regular price holds meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal

from mappings.expr import Formula
from mappings.offers_when import Offer, OfferWhen
from mappings.prices.bounds import Bounds, FloorRule
from mappings.prices.conversion import Conversion, NotKnown
from mappings.prices.fees import FeeRules
from mappings.prices.promotions import Promotion, Struck
from mappings.prices.steps import Steps, amount_text
from mappings.schema.prices import TaxModel
from sync.domain.floors import FINE
from sync.domain.pricing import BeyondLimit, PriceWanted
from sync.domain.rounding import Rounding, to_minor

EXACT = Context(prec=60, rounding=ROUND_CEILING)
"""Where a bound cannot be exact, it is rounded up in the sixtieth digit."""
_FINE = Decimal("0.000000000001")
MOST = Decimal(10) ** 12
"""No listing costs as much."""


@dataclass(frozen=True, slots=True)
class PriceRule:
    """One rule of `prices:`. Without a formula the shop keeps its own price."""

    name: str
    when: OfferWhen
    formula: Formula | None
    surcharge: Decimal | None = None
    tax: TaxModel | None = None
    floor: FloorRule | None = None
    respects_map: bool = True
    rounding: Rounding | None = None
    struck: Struck | None = None
    largest_move: Decimal | None = None
    beyond_limit: BeyondLimit = BeyondLimit.ASK


@dataclass(slots=True)
class Work:
    """One listing's price in the making. Methods raise NotKnown."""

    rule: PriceRule
    offer: Offer
    conversion: Conversion
    fees: FeeRules
    promotions: Sequence[Promotion]
    """Those in force, outermost first."""
    struck_by_promotion: bool
    """Whether a promotion of this listing, in force or not, says what is struck out."""
    steps: Steps = field(init=False)
    terms: dict[str, object] = field(init=False)
    applied: list[Promotion] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.steps = Steps(self.conversion.shop)
        self.terms = {"rule": self.rule.name, "steps": self.steps.listed}

    def wanted(self) -> PriceWanted:
        """The price with its terms; when it changes is for the caller to say."""
        if not self.conversion.shop:
            raise NotKnown("the shop does not say which currency it shows")
        bounds = self._bounds()
        regular = self._bounded(self._base(), bounds, self._rounding(self.rule.rounding))
        price = self._lowered(regular, bounds)
        lowering = self.applied if price < regular else []
        return PriceWanted(
            price,
            self.conversion.shop,
            compare_at=self._struck(price, regular),
            sets_compare_at=self.rule.struck is not None or self.struck_by_promotion,
            terms=self.terms,
            capped=next((one.name for one in lowering if one.units is not None), None),
            floor=bounds.least,
            least=bounds.map,
            largest_move=self.rule.largest_move,
            beyond_limit=self.rule.beyond_limit,
        )

    def _base(self) -> Decimal:
        """What the formula gives, as the shop would show it."""
        formula, conversion = self.rule.formula, self.conversion
        if formula is None:
            raise NotKnown("the shop's own price is kept")
        values = self._values(formula)
        found = _price(formula.value(values), formula, conversion.goods)
        known = {name: amount_text(value) for name, value in sorted(values.items())}
        self.steps.add("formula", found, conversion.goods, formula=formula.source, of=known)
        if conversion.goods != conversion.shop:
            found = conversion.converted(found, conversion.goods, conversion.shop)
            legs = [leg.term for leg in conversion.used[conversion.goods, conversion.shop].legs]
            plus = amount_text((conversion.surcharge or Decimal(0)) * 100)
            self.steps.add("convert", found, rates=legs, plus_percent=plus)
        taxed = conversion.taxed(found)
        if taxed != found:
            tax = conversion.shop_tax or -conversion.goods_tax
            self.steps.add("tax", taxed, percent=amount_text(tax * 100))
        return taxed

    def _values(self, formula: Formula) -> dict[str, Decimal]:
        """What the formula names, in the goods' currency."""
        return {name: self.conversion.goods_amount(self.offer.amount(name)) for name in formula.names}

    def _bounds(self) -> Bounds:
        map_ = self._map() if self.rule.respects_map else None
        if self.rule.floor is None:
            return Bounds(map=map_)
        found = self.rule.floor.bounds(self.offer, self.conversion, self.fees, map_)
        self.terms["floor"] = found.floor_terms
        return found

    def _map(self) -> Decimal | None:
        """Goods without a MAP have none; a bundle that has one of only some of its goods has none either."""
        amount = self.offer.amount("map")
        if amount.missing:
            if self._has_map_in_part():
                self.terms["map_left_out"] = amount.missing
            return None
        shown = self.conversion.shown(self.conversion.goods_amount(amount))
        found = to_minor(self.conversion.shop).above(shown - FINE)
        self.terms["map"] = amount_text(found)
        return found

    def _has_map_in_part(self) -> bool:
        goods = (self.offer.goods.get(sku) for sku, _ in self.offer.facts.components)
        return len(self.offer.facts.components) > 1 and any(one and one.map is not None for one in goods)

    def _rounding(self, own: Rounding | None) -> Rounding:
        found = own or to_minor(self.conversion.shop)
        if not found.fits(self.conversion.shop):
            digits = amount_text(found.offset or found.step)
            raise NotKnown(f"{self.conversion.shop} has no prices that are rounded to {digits}")
        return found

    def _bounded(self, value: Decimal, bounds: Bounds, rounding: Rounding) -> Decimal:
        """Raised to its bounds, rounded, and checked again."""
        for step, bound in (("floor", bounds.least), ("map", bounds.map)):
            if bound is not None and value < bound:
                value = bound
                self.steps.add(step, value)
        # What a division left behind the twelfth digit is no reason to go up to the next price.
        plain = value.quantize(_FINE, ROUND_HALF_EVEN)
        found = bounds.kept_by(rounding(plain, bounds.bound), rounding)
        if found > MOST:
            raise NotKnown(f"the price comes to more than {MOST}")
        if found != value:
            self.steps.add("round", found, direction=str(rounding.direction), to=amount_text(rounding.step))
        return found.quantize(to_minor(self.conversion.shop).step)

    def _lowered(self, regular: Decimal, bounds: Bounds) -> Decimal:
        """The price in the promotions that are in force; the innermost is taken off first."""
        value = regular
        for promotion in reversed(self.promotions):
            try:
                found = self._sale(promotion, value, regular)
            except NotKnown as why:
                told = {"rule": promotion.name, "why": str(why)}
                self.terms["left_out"] = [*_listed(self.terms.get("left_out")), told]
                continue
            value = found
            self.applied.insert(0, promotion)
        if not self.applied:
            return regular
        own = next((one.rounding for one in self.applied if one.rounding is not None), self.rule.rounding)
        found = self._bounded(value, bounds, self._rounding(own))
        if found > regular:
            self.steps.add("regular", regular)
        return min(found, regular)

    def _sale(self, promotion: Promotion, value: Decimal, regular: Decimal) -> Decimal:
        terms = {"rule": promotion.name}
        if promotion.formula is not None:
            values = {**self._shown(promotion.formula), "price": value}
            found = _price(promotion.formula.value(values), promotion.formula, self.conversion.shop)
            terms["formula"] = promotion.formula.source
        elif promotion.off is not None and promotion.off.amount is not None:
            found = value - self.conversion.money(promotion.off.amount, f"what {promotion.name} takes off")
            terms["off"] = str(promotion.off.amount)
        else:
            share = promotion.off.share if promotion.off is not None else Decimal(0)
            found = value * (1 - share)
            terms["off"] = f"{amount_text(share * 100)}%"
        if found <= 0:
            raise NotKnown(f"it comes to {amount_text(found)}, which is no price")
        if found >= value:
            raise NotKnown(f"it comes to {amount_text(found)}, which is no lower price")
        self.steps.add("promotion", found, **terms)
        return found

    def _shown(self, formula: Formula) -> dict[str, Decimal]:
        """What a promotion's formula names of the goods, as the shop would show it."""
        names = formula.names - {"price", "regular"}
        return {
            name: self.conversion.shown(self.conversion.goods_amount(self.offer.amount(name)))
            for name in names
        }

    def _struck(self, price: Decimal, regular: Decimal) -> Decimal | None:
        """The struck-out price, where it is above the price. A promotion that lowers nothing has no say."""
        lowering = self.applied if price < regular else []
        by = next((one for one in lowering if one.struck is not None), None)
        struck = self.rule.struck if by is None else by.struck
        if struck is None or struck.formula is None:
            return None
        terms: dict[str, object] = {
            "rule": by.name if by else self.rule.name,
            "formula": struck.formula.source,
        }
        self.terms["compare_at"] = terms
        try:
            value = self._struck_value(struck.formula, None if by is None else regular)
        except NotKnown as why:
            terms["missing"] = str(why)
            return None
        terms["gives"] = amount_text(value)
        if value > price:
            return value
        terms["why_none"] = "it is not above the price"
        return None

    def _struck_value(self, formula: Formula, regular: Decimal | None) -> Decimal:
        if regular is None:
            found = _price(formula.value(self._values(formula)), formula, self.conversion.goods)
            shown = self.conversion.shown(found)
        else:
            values = {**self._shown(formula), "regular": regular}
            shown = _price(formula.value(values), formula, self.conversion.shop)
        return shown.quantize(to_minor(self.conversion.shop).step, ROUND_HALF_EVEN)


def _price(found: Decimal | None, formula: Formula, currency: str) -> Decimal:
    if found is None or abs(found) > MOST:
        raise NotKnown(f"{formula.source} comes to no number that is a price")
    if found <= 0:
        raise NotKnown(f"{formula.source} comes to {amount_text(found)} {currency}, which is no price")
    return found


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []
