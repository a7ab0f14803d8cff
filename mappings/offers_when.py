"""`when:` of rules about listings: keys are "and", lists are "or"; what is not known does not match."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from mappings.expr import OFFER_NAMES, Expr, compile_expr
from mappings.facts import OfferFacts
from mappings.goods import Amount, GoodsTable
from mappings.schema import OfferWhenModel
from sync.domain.money import Money

_EXPR_AMOUNTS = ("cost", "landed_cost", "list_price")
_UNASKED = Decimal(0)


@dataclass(slots=True)
class Offer:
    """One listing with what is known of its goods, looked up once."""

    facts: OfferFacts
    goods: GoodsTable
    _amounts: dict[str, Amount] = field(default_factory=dict, repr=False)
    _tags: tuple[str, ...] | None = field(default=None, repr=False)

    def amount(self, name: str) -> Amount:
        """cost, landed_cost, list_price or map of one piece."""
        found = self._amounts.get(name)
        if found is None:
            found = self._amounts[name] = self.goods.amount(name, self.facts)
        return found

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of its goods, as they are written."""
        if self._tags is None:
            self._tags = self.goods.tags(self.facts)
        return self._tags


Condition = Callable[[Offer], bool]


@dataclass(frozen=True, slots=True)
class OfferWhen:
    """A compiled `when:`. Without conditions it matches everything."""

    accounts: frozenset[str] = frozenset()
    """The shops that it is for; empty: all of them."""
    conditions: tuple[Condition, ...] = field(default=(), repr=False)

    def matches(self, offer: Offer) -> bool:
        """Whether all conditions hold."""
        if self.accounts and offer.facts.account not in self.accounts:
            return False
        return all(condition(offer) for condition in self.conditions)


def compile_offer_when(model: OfferWhenModel | None) -> OfferWhen:
    """A pure function of the model; None matches everything."""
    if model is None:
        return OfferWhen()
    return OfferWhen(frozenset(model.account), tuple(_conditions(model)))


def _conditions(model: OfferWhenModel) -> Iterator[Condition]:
    if model.sku:
        skus = frozenset(model.sku)
        yield lambda offer: any(sku in skus for sku, _ in offer.facts.components)
    if model.supplier:
        suppliers = frozenset(model.supplier)
        yield lambda offer: not suppliers.isdisjoint(offer.facts.suppliers)
    if model.tags:
        tags = frozenset(map(_folded, model.tags))
        yield lambda offer: not tags.isdisjoint(map(_folded, offer.tags))
    if model.cost_above is not None:
        yield _cost(model.cost_above, lambda cost, bound: cost > bound)
    if model.cost_below is not None:
        yield _cost(model.cost_below, lambda cost, bound: cost < bound)
    if model.expr is not None:
        yield _expression(compile_expr(model.expr, OFFER_NAMES))


def _cost(bound: Money, fits: Callable[[Decimal, Decimal], bool]) -> Condition:
    """Another currency does not match: 10 dollars say nothing about 10 euros."""
    amount = bound.major

    def holds(offer: Offer) -> bool:
        found = offer.amount("cost").single
        return found is not None and found[1] == bound.currency and fits(found[0], amount)

    return holds


def _expression(expr: Expr) -> Condition:
    """An expression about an amount that nobody knows does not match, whatever it says."""
    needed = [name for name in _EXPR_AMOUNTS if name in expr.names]

    def holds(offer: Offer) -> bool:
        singles = {name: offer.amount(name).single for name in needed}
        known = {name: found[0] for name, found in singles.items() if found is not None}
        return len(known) == len(needed) and expr.holds(_names(offer, known))

    return holds


def _names(offer: Offer, known: dict[str, Decimal]) -> dict[str, object]:
    facts = offer.facts
    return {
        **dict.fromkeys(_EXPR_AMOUNTS, _UNASKED),
        **known,
        "account": facts.account,
        "currency": facts.currency,
        "skus": tuple(sku for sku, _ in facts.components),
        "tags": offer.tags,
        "suppliers": tuple(sorted(facts.suppliers)),
    }


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


__all__ = ["Condition", "Offer", "OfferWhen", "compile_offer_when"]
