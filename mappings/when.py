"""`when:` of every rule: keys are "and", lists are "or", and a condition on an absent fact does not match."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from mappings.expr import Expr, compile_expr
from mappings.facts import LineFacts, OrderFacts
from mappings.schema import LineModel, ParcelWhenModel, WhenModel
from sync.domain.money import Money
from sync.domain.sku import normal_sku

Condition = Callable[[OrderFacts], bool]


@dataclass(frozen=True, slots=True)
class When:
    """A compiled `when:`. Without conditions it matches everything."""

    conditions: tuple[Condition, ...] = field(default=(), repr=False)

    def matches(self, facts: OrderFacts) -> bool:
        """Whether all conditions hold."""
        return all(condition(facts) for condition in self.conditions)


def compile_when(model: WhenModel | None) -> When:
    """A pure function of the model; None matches everything."""
    return When() if model is None else When(tuple(_conditions(model)))


def _conditions(model: WhenModel) -> Iterator[Condition]:
    yield from _of_buyer(model)
    yield from _of_money_and_weight(model)
    yield from _of_lines(model)
    if model.shipped is not None:
        wanted = model.shipped
        yield lambda facts: facts.shipped is wanted
    if isinstance(model, ParcelWhenModel) and model.warehouse:
        yield _one_of(model.warehouse, lambda facts: facts.warehouse)
    if model.expr is not None:
        yield _expression(compile_expr(model.expr))


def _of_buyer(model: WhenModel) -> Iterator[Condition]:
    if model.account:
        yield _one_of(model.account, lambda facts: facts.account)
    if model.country:
        yield _one_of(model.country, lambda facts: (facts.country or "").upper())
    if model.postal_code_starts:
        starts = tuple(folded(start) for start in model.postal_code_starts)
        yield lambda facts: folded(facts.postal_code or "").startswith(starts)
    if model.channel_service:
        services = frozenset(map(folded, model.channel_service))
        yield lambda facts: folded(facts.service) in services
    if model.payment:
        payments = frozenset(model.payment)
        yield lambda facts: facts.payment in payments
    if model.note_contains:
        words = tuple(map(folded, model.note_contains))
        yield lambda facts: _holds_any(folded(facts.note), words)
    if model.tags:
        tags = frozenset(map(folded, model.tags))
        yield lambda facts: not tags.isdisjoint(map(folded, facts.tags))


def _of_money_and_weight(model: WhenModel) -> Iterator[Condition]:
    if model.total_above is not None:
        yield _total(model.total_above, lambda total, bound: total > bound)
    if model.total_at_least is not None:
        yield _total(model.total_at_least, lambda total, bound: total >= bound)
    if model.total_below is not None:
        yield _total(model.total_below, lambda total, bound: total < bound)
    if model.weight_above is not None:
        yield _weight(model.weight_above, lambda weight, bound: weight > bound)
    if model.weight_below is not None:
        yield _weight(model.weight_below, lambda weight, bound: weight < bound)


def _of_lines(model: WhenModel) -> Iterator[Condition]:
    if model.lines_at_least is not None:
        least = model.lines_at_least
        yield lambda facts: len(facts.lines) >= least
    if model.any_line is not None:
        fits_one = _line(model.any_line)
        yield lambda facts: any(map(fits_one, facts.lines))
    if model.all_lines is not None:
        fits_all = _line(model.all_lines)
        yield lambda facts: bool(facts.lines) and all(map(fits_all, facts.lines))


def _line(model: LineModel) -> Callable[[LineFacts], bool]:
    skus = frozenset(filter(None, map(normal_sku, model.sku)))
    least = model.quantity_at_least or 0
    suppliers = frozenset(model.supplier)
    return lambda line: (
        line.quantity >= least
        and (not skus or line.sku in skus)
        and (not suppliers or not suppliers.isdisjoint(line.suppliers))
    )


def _one_of(names: Iterable[str], fact: Callable[[OrderFacts], str]) -> Condition:
    wanted = frozenset(names)
    return lambda facts: fact(facts) in wanted


def _total(bound: Money, fits: Callable[[int, int], bool]) -> Condition:
    """Another currency does not match: 5000 yen say nothing about 5000 yuan."""
    return lambda facts: facts.total.currency == bound.currency and fits(facts.total.minor, bound.minor)


def _weight(bound: Decimal, fits: Callable[[Decimal, Decimal], bool]) -> Condition:
    return lambda facts: facts.weight_kg is not None and fits(facts.weight_kg, bound)


def _holds_any(text: str, words: Iterable[str]) -> bool:
    return any(word in text for word in words)


def folded(text: str) -> str:
    """As texts are compared: case and width make no difference."""
    return unicodedata.normalize("NFKC", text).casefold()


def _expression(expr: Expr) -> Condition:
    """An expression about a weight that nobody knows does not match, whatever it says."""
    needs_weight = "weight" in expr.names
    return lambda facts: not (needs_weight and facts.weight_kg is None) and expr.holds(names_of(facts))


def names_of(facts: OrderFacts) -> dict[str, object]:
    """The facts under the names of expressions. An absent text is empty; an absent weight never asked."""
    return {
        "account": facts.account,
        "country": (facts.country or "").upper(),
        "postal_code": facts.postal_code or "",
        "currency": facts.total.currency,
        "total": facts.total.major,
        "lines": Decimal(len(facts.lines)),
        "units": Decimal(sum(line.quantity for line in facts.lines)),
        "weight": facts.weight_kg if facts.weight_kg is not None else Decimal(0),
        "service": facts.service,
        "payment": str(facts.payment),
        "note": facts.note,
        "tags": facts.tags,
        "skus": tuple(line.sku for line in facts.lines if line.sku is not None),
        "shipped": facts.shipped,
        "warehouse": facts.warehouse,
    }
