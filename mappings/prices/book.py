"""`goods:`, `rates:`, `fees:`, `prices:` and `promotions:` compiled: what a listing shall cost on a shop now."""

import hashlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, localcontext

from config.yaml import Located, MapNode
from mappings.accounts import STOREFRONT
from mappings.expr import FORMULA_NAMES, compile_formula
from mappings.facts import OfferFacts
from mappings.goods import Goods, GoodsTable
from mappings.goods_tables import goods_table, rate_table
from mappings.lint.goods import check_sources, warn_clocks, warn_skus_unknown
from mappings.offers_when import Offer, compile_offer_when
from mappings.prices.bounds import FloorRule
from mappings.prices.conversion import Conversion, NotKnown, taxes
from mappings.prices.fees import FeeRules, compile_fees
from mappings.prices.pricing import EXACT, PriceRule, Work
from mappings.prices.promotions import (
    Promotion,
    PromotionRules,
    compile_promotions,
    compile_rounding,
    compile_struck,
    edges,
    in_force,
)
from mappings.prices.rates import Rates, rates_of
from mappings.reading import Reading
from mappings.schema import MappingsModel, PriceModel
from mappings.schema.prices import KEEP
from sync.domain.pricing import PriceWanted
from sync.domain.promotions import CappedPromotion


@dataclass(frozen=True, slots=True)
class PriceRules:
    """Pure functions of a listing's facts and of the moment. No rule raises."""

    rules: tuple[PriceRule, ...] = ()
    promotions: PromotionRules = field(default_factory=PromotionRules)
    fees: FeeRules = field(default_factory=FeeRules)
    goods: GoodsTable = field(default_factory=GoodsTable)
    currency: str = ""
    """What the formulas work in; empty: what the goods' own rows say."""
    rates: Rates = field(default_factory=Rates)
    zones: Mapping[str, tzinfo] = field(default_factory=dict)

    def price(self, facts: OfferFacts, now: datetime) -> PriceWanted | None:
        """What the listing shall cost; None where no rule matches, or the shop's own price is kept."""
        offer = Offer(facts, self.goods)
        rule = next((rule for rule in self.rules if rule.when.matches(offer)), None)
        if rule is None or rule.formula is None:
            return None
        promotions = self.promotions.of(offer, now)
        changes = list(edges(promotions, facts.account, now))
        conversion = Conversion(
            self.rates, self.zones.get(facts.account, UTC), now, facts.currency, "", rule.surcharge
        )
        with localcontext(EXACT):
            try:
                work = self._work(rule, offer, conversion, promotions)
                found = work.wanted()
            except NotKnown as why:
                terms = {"rule": rule.name, "steps": [], "missing": str(why)}
                found = PriceWanted(None, facts.currency, terms=terms, missing=str(why))
        return _due(found, changes, conversion)

    def capped(self, facts: OfferFacts, now: datetime) -> tuple[CappedPromotion, ...]:
        """The promotions in force for a listing of which only so many pieces are sold: `facts.sold` counts them."""
        return self.promotions.capped(Offer(facts, self.goods), now)

    def goods_of(self, sku: str) -> Goods | None:
        """What is known of a SKU; None where the table does not have it."""
        return self.goods.get(sku)

    def _work(
        self, rule: PriceRule, offer: Offer, conversion: Conversion, promotions: Sequence[Promotion]
    ) -> Work:
        conversion.goods = self._currency(rule, offer)
        conversion.goods_tax, conversion.shop_tax = taxes(rule.tax, offer.facts.includes_tax)
        forced = in_force(promotions, offer, conversion.now)
        return Work(rule, offer, conversion, self.fees, forced, self.promotions.strikes(offer))

    def _currency(self, rule: PriceRule, offer: Offer) -> str:
        """What the formula works in: as `goods` says, else what its first amount is in, else the shop's."""
        if self.currency or rule.formula is None:
            return self.currency
        for name in sorted(rule.formula.names):
            for currency in offer.amount(name).sums:
                return currency
        return offer.facts.currency


def price_rules(model: MappingsModel, root: MapNode, reading: Reading) -> PriceRules:
    """All five sections; problems and warnings of their tables and times are added to the reading."""
    shops = {name: reading.zones.get(name, UTC) for name in reading.accounts.of(STOREFRONT)}
    goods = _goods(model, root.find("goods", "table"), reading)
    reading.problems.extend(check_sources(model, root, reading))
    reading.warnings.extend(warn_skus_unknown(model, root, goods))
    reading.warnings.extend(warn_clocks(model, root, shops))
    return PriceRules(
        rules=tuple(_rule(rule) for rule in model.prices or ()),
        promotions=compile_promotions(model.promotions or (), shops),
        fees=compile_fees(model.fees or ()),
        goods=goods,
        currency=(model.goods.currency or "") if model.goods is not None else "",
        rates=_rates(model, root.find("rates", "table"), reading),
        zones=shops,
    )


def _rule(model: PriceModel) -> PriceRule:
    return PriceRule(
        name=model.name,
        when=compile_offer_when(model.when),
        formula=None if model.price == KEEP else compile_formula(model.price),
        surcharge=model.convert,
        tax=model.tax,
        floor=None if model.floor is None else FloorRule(model.floor, model.coupons),
        respects_map=model.map == "respect",
        rounding=compile_rounding(model.round),
        struck=compile_struck(model.compare_at, FORMULA_NAMES),
        largest_move=model.largest_move,
        beyond_limit=model.beyond_limit,
    )


def _goods(model: MappingsModel, place: Located, reading: Reading) -> GoodsTable:
    if model.goods is None:
        return GoodsTable()
    name, default = model.goods.table, model.goods.currency
    at = array("I")
    rows = reading.table(
        name, place, lambda path, file: goods_table(path, file, default, reading.warnings, at)
    )
    if rows is None:
        return GoodsTable(name)
    found = GoodsTable(name, rows, f"{reading.label}/{name}", at)
    reading.tables[name] = {"rows": len(rows), "sha256": found.digest()}
    return found


def _rates(model: MappingsModel, place: Located, reading: Reading) -> Rates:
    if model.rates is None:
        return Rates()
    name = model.rates.table
    at = array("I")
    rows = reading.table(name, place, lambda path, file: rate_table(path, file, reading.warnings, at))
    if rows is None:
        return Rates(name)
    reading.tables[name] = {"rows": len(rows), "sha256": _digest(rows)}
    return rates_of(name, model.rates.longest, rows, f"{reading.label}/{name}", at)


def _digest(rows: Mapping[tuple[str, str, date], Decimal]) -> str:
    text = "".join(
        f"{source} {target} {day} {rate}\n" for (source, target, day), rate in sorted(rows.items())
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _due(found: PriceWanted, changes: list[datetime], conversion: Conversion) -> PriceWanted:
    """With the next moment at which it may change by time alone."""
    changes += [used.next_at for used in conversion.used.values() if used.next_at is not None]
    return replace(found, next_at=min(changes, default=None))
