"""`promotions:` compiled: which are in force for a listing on a shop, and when that changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from mappings.expr import Formula, Type, compile_formula
from mappings.offers_when import Offer, OfferWhen, compile_offer_when
from mappings.schema import PromotionModel
from mappings.schema.prices import NONE, SALE_NAMES, STRUCK_NAMES, RoundModel
from sync.domain.floors import Part
from sync.domain.promotions import CappedPromotion
from sync.domain.rounding import Rounding, ending_in
from sync.domain.windows import Window

_KEPT = 512


@dataclass(frozen=True, slots=True)
class Struck:
    """A struck-out price that is ours: a formula, or none at all."""

    formula: Formula | None


@dataclass(frozen=True, slots=True)
class Span:
    """When a promotion is in force on one shop, aware UTC. None: without such an end."""

    start: datetime | None
    end: datetime | None

    def holds(self, now: datetime) -> bool:
        return (self.start is None or self.start <= now) and not self.is_over(now)

    def is_over(self, now: datetime) -> bool:
        return self.end is not None and self.end <= now


@dataclass(frozen=True, slots=True)
class Promotion:
    """One rule. Either `off` or `formula` says its price."""

    name: str
    when: OfferWhen
    window: Window
    spans: Mapping[str, Span]
    """By shop: the window in the shop's zone."""
    off: Part | None = None
    formula: Formula | None = None
    units: int | None = None
    stack: bool = False
    struck: Struck | None = None
    rounding: Rounding | None = None

    def span(self, account: str) -> Span:
        """On a shop that the load did not know: in UTC."""
        found = self.spans.get(account)
        return Span(self.window.starts_at(UTC), self.window.ends_at(UTC)) if found is None else found

    def shops(self) -> frozenset[str]:
        """The shops that it is for."""
        return self.when.accounts or frozenset(self.spans)

    def is_sold_out(self, offer: Offer) -> bool:
        """Whether so many pieces are sold in it as it is for."""
        return self.units is not None and offer.facts.sold.get(self.name, 0) >= self.units


@dataclass(frozen=True, slots=True)
class PromotionRules:
    """The rules in their order."""

    rules: tuple[Promotion, ...] = ()
    _alive: dict[tuple[str, datetime], tuple[Promotion, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def of(self, offer: Offer, now: datetime) -> tuple[Promotion, ...]:
        """All that match a listing and are not over, in force or to come."""
        return tuple(rule for rule in self._not_over(offer.facts.account, now) if rule.when.matches(offer))

    def strikes(self, offer: Offer) -> bool:
        """Whether one for a listing says what is struck out, before, in and after its time: it must go away, too."""
        return any(rule.struck is not None and rule.when.matches(offer) for rule in self.rules)

    def capped(self, offer: Offer, now: datetime) -> tuple[CappedPromotion, ...]:
        """Those in force for a listing of which only so many pieces are sold."""
        account = offer.facts.account
        having = (rule for rule in self._not_over(account, now) if rule.units is not None)
        found = [rule for rule in having if rule.span(account).holds(now) and rule.when.matches(offer)]
        return tuple(
            CappedPromotion(rule.name, _since(rule), rule.shops(), rule.units or 0) for rule in found
        )

    def _not_over(self, account: str, now: datetime) -> tuple[Promotion, ...]:
        """A pass asks with one `now`, for hundred thousands of listings."""
        key = (account, now)
        found = self._alive.get(key)
        if found is None:
            if len(self._alive) >= _KEPT:
                self._alive.clear()
            found = self._alive[key] = tuple(
                rule
                for rule in self.rules
                if not rule.span(account).is_over(now)
                and (not rule.when.accounts or account in rule.when.accounts)
            )
        return found


def in_force(rules: Sequence[Promotion], offer: Offer, now: datetime) -> list[Promotion]:
    """Those that make the price, outermost first: the first one, and what a stacking one comes on top of."""
    found: list[Promotion] = []
    for rule in rules:
        if rule.span(offer.facts.account).holds(now) and not rule.is_sold_out(offer):
            found.append(rule)
            if not rule.stack:
                break
    return found


def edges(rules: Sequence[Promotion], account: str, now: datetime) -> Iterator[datetime]:
    """The moments after `now` at which one of them begins or ends on a shop."""
    for rule in rules:
        span = rule.span(account)
        yield from (edge for edge in (span.start, span.end) if edge is not None and edge > now)


def compile_promotions(models: Sequence[PromotionModel], zones: Mapping[str, tzinfo]) -> PromotionRules:
    """A pure function of the models; `zones` are those of all shops."""
    return PromotionRules(tuple(_promotion(model, zones) for model in models))


def compile_struck(source: str | None, names: Mapping[str, Type]) -> Struck | None:
    """`none`, a formula over the names, or None where it is not ours."""
    if source is None:
        return None
    return Struck(None if source == NONE else compile_formula(source, names))


def compile_rounding(model: RoundModel | None) -> Rounding | None:
    """How a price is rounded; None: to the currency's smallest unit."""
    if model is None:
        return None
    if model.to is not None:
        return Rounding(Decimal(model.to), direction=model.direction)
    return ending_in(model.end_in or "", model.direction)


def _promotion(model: PromotionModel, zones: Mapping[str, tzinfo]) -> Promotion:
    window = Window(model.start, model.until)
    return Promotion(
        name=model.name,
        when=compile_offer_when(model.when),
        window=window,
        spans={shop: Span(window.starts_at(zone), window.ends_at(zone)) for shop, zone in zones.items()},
        off=model.off,
        formula=None if model.price is None else compile_formula(model.price, SALE_NAMES),
        units=model.units,
        stack=model.stack,
        struck=compile_struck(model.compare_at, STRUCK_NAMES),
        rounding=compile_rounding(model.round),
    )


def _since(rule: Promotion) -> datetime:
    starts = [start for shop in rule.shops() if (start := rule.span(shop).start) is not None]
    return min(starts)
