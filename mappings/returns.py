"""`returns:` compiled: the first rule that matches a request gives the verdict on it.

A rule never moves money or goods by itself: what a verdict comes to is worked out from the present, each time
anew, by sync.domain.way_back.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from mappings.expr import REQUEST_NAMES, Expr, compile_expr
from mappings.facts import RequestFacts, RequestLineFacts
from mappings.goods import GoodsTable
from mappings.schema import ReturnLineModel, ReturnModel, ReturnWhenModel
from mappings.schema.returns import Do, Goes, ShipAt, When
from mappings.when import folded
from sync.domain.aftersales import Answer, GoodsAt, MoneyAt, RequestKind, Verdict
from sync.domain.money import Money
from sync.domain.receipts import Condition, Disposal

_MONEY = {
    When.WITHOUT_RETURN: MoneyAt.WITHOUT_RETURN,
    When.AT_FIRST_SCAN: MoneyAt.FIRST_SCAN,
    When.AT_RECEIPT: MoneyAt.RECEIPT,
    When.AFTER_INSPECTION: MoneyAt.INSPECTION,
}
_SHIP = {
    ShipAt.AT_REQUEST: GoodsAt.REQUEST,
    ShipAt.AT_FIRST_SCAN: GoodsAt.FIRST_SCAN,
    ShipAt.AT_RECEIPT: GoodsAt.RECEIPT,
    ShipAt.AFTER_INSPECTION: GoodsAt.INSPECTION,
}
_GOES = {
    Goes.RESTOCK: Disposal.RESTOCKED,
    Goes.SCRAP: Disposal.SCRAPPED,
    Goes.TO_SUPPLIER: Disposal.TO_SUPPLIER,
    Goes.TO_CUSTOMER: Disposal.TO_CUSTOMER,
}
_ANSWERS = {
    Do.APPROVE: Answer.APPROVE,
    Do.STOP_THEN_REFUND: Answer.APPROVE,
    Do.REFUSE: Answer.REFUSE,
    Do.ASK: Answer.ASK,
    Do.QUARANTINE: Answer.ASK,
}
_STOPPABLE = frozenset({RequestKind.CANCELLATION, RequestKind.REFUND_ONLY})
_NOBODY = "no rule of `returns` matches this request"
_UNKNOWN_NUMBERS = ("days_since_delivery", "customer_requests", "customer_orders")


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with what the request is treated as, and whom a person's answer is wanted from until when.

    `at_deadline` is the verdict that stands if nobody answers; None: it is told, and goes on waiting.
    """

    verdict: Verdict
    kind: RequestKind | None
    """None: goods without a request."""
    owner: str = ""
    at_deadline: Verdict | None = None


@dataclass(frozen=True, slots=True)
class ReturnRule:
    """One rule: its answer, and how the way back goes if it is a yes."""

    model: ReturnModel = field(repr=False)
    conditions: tuple[Callable[["Asked"], bool], ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """As audit and `explain` quote it."""
        return self.model.name

    def matches(self, asked: "Asked") -> bool:
        """Whether all conditions hold. A rule for goods without a request is never one for a request."""
        when = self.model.when
        for_none = when is not None and when.request is not None
        if asked.facts.kind is None and when is not None:
            return for_none
        return not for_none and all(condition(asked) for condition in self.conditions)

    def judge(self, facts: RequestFacts) -> Judged:
        """What it says of a request that it matches."""
        kind = facts.kind
        answer, reason = _ANSWERS[self.model.do], self.model.reason
        if kind is None and answer != Answer.ASK:
            answer, reason = Answer.ASK, "goods came back that nobody announced"
        if self.model.do == Do.STOP_THEN_REFUND and kind is not None:
            if kind not in _STOPPABLE:
                answer, reason = Answer.ASK, f"{Do.STOP_THEN_REFUND} does not fit a request of type {kind}"
            else:
                kind = RequestKind.CANCELLATION
        freight = self._freight(facts)
        if freight is None and answer == Answer.APPROVE:
            answer, reason = (
                Answer.ASK,
                f"the rule's freight is not in {facts.value.currency}, as the order is",
            )
        verdict = self._verdict(answer, reason, freight or 0)
        return Judged(verdict, kind, self.model.owner or "", self._at_deadline(verdict, freight))

    def _verdict(self, answer: Answer, reason: str, freight: int) -> Verdict:
        model = self.model
        return Verdict(
            rule=model.name,
            answer=answer,
            reason=reason,
            money_at=_MONEY[model.refund],
            goods_at=_SHIP[model.ship],
            pays=frozenset(model.pays),
            denies=frozenset(model.denies),
            disposals={one: _GOES[goes] for one in Condition if (goes := model.goods.of(one)) is not None},
            label=model.label,
            freight=freight,
            within=model.answer_within,
            shipping=model.shipping,
        )

    def _freight(self, facts: RequestFacts) -> int | None:
        """In minor units of the order's currency; None where it is written in another one."""
        wanted = self.model.freight
        if wanted is None:
            return 0
        return wanted.minor if wanted.currency == facts.value.currency else None

    def _at_deadline(self, verdict: Verdict, freight: int | None) -> Verdict | None:
        if self.model.at_deadline is None or verdict.answer != Answer.ASK or freight is None:
            return None
        return replace(verdict, answer=_ANSWERS[self.model.at_deadline], within=None)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request beside what is known of our goods."""

    facts: RequestFacts
    goods: GoodsTable

    def tags(self, line: RequestLineFacts) -> frozenset[str]:
        """The tags of a line's good, folded."""
        known = self.goods.get(line.sku) if line.sku is not None else None
        return frozenset(map(folded, known.tags)) if known is not None else frozenset()


@dataclass(frozen=True, slots=True)
class ReturnRules:
    """`returns:` compiled."""

    rules: tuple[ReturnRule, ...] = ()
    goods: GoodsTable = field(default_factory=GoodsTable, repr=False)

    def judge(self, facts: RequestFacts) -> Judged:
        """The first rule that matches decides; where none does, a person is asked."""
        asked = Asked(facts, self.goods)
        rule = next((rule for rule in self.rules if rule.matches(asked)), None)
        if rule is None:
            return Judged(Verdict(rule="no rule", answer=Answer.ASK, reason=_NOBODY), facts.kind)
        return rule.judge(facts)


def compile_returns(models: Sequence[ReturnModel], goods: GoodsTable) -> ReturnRules:
    """A pure function of models that `lint` found good."""
    return ReturnRules(tuple(ReturnRule(model, tuple(_conditions(model.when))) for model in models), goods)


def _conditions(when: ReturnWhenModel | None) -> Iterator[Callable[[Asked], bool]]:
    if when is None:
        return
    yield from _of_request(when)
    yield from _of_amounts(when)
    if when.any_line is not None:
        one = _line(when.any_line)
        yield lambda asked: any(one(asked, line) for line in asked.facts.lines)
    if when.all_lines is not None:
        each = _line(when.all_lines)
        yield lambda asked: bool(asked.facts.lines) and all(each(asked, line) for line in asked.facts.lines)
    if when.expr is not None:
        yield _expression(compile_expr(when.expr, REQUEST_NAMES))


def _of_request(when: ReturnWhenModel) -> Iterator[Callable[[Asked], bool]]:
    if when.type:
        kinds = frozenset(when.type)
        yield lambda asked: asked.facts.kind in kinds
    if when.account:
        accounts = frozenset(when.account)
        yield lambda asked: asked.facts.account in accounts
    if when.country:
        countries = frozenset(when.country)
        yield lambda asked: (asked.facts.country or "").upper() in countries
    if when.shipped is not None:
        shipped = when.shipped
        yield lambda asked: asked.facts.shipped is shipped
    if when.days_since_delivery_at_most is not None:
        days = timedelta(days=when.days_since_delivery_at_most + 1)
        yield lambda asked: asked.facts.since_delivery is not None and asked.facts.since_delivery < days
    if when.reason:
        reasons = frozenset(map(folded, when.reason))
        yield lambda asked: not reasons.isdisjoint(map(folded, asked.facts.reasons))


def _of_amounts(when: ReturnWhenModel) -> Iterator[Callable[[Asked], bool]]:
    if when.value_above is not None:
        yield _value(when.value_above, lambda value, bound: value > bound)
    if when.value_at_least is not None:
        yield _value(when.value_at_least, lambda value, bound: value >= bound)
    if when.value_below is not None:
        yield _value(when.value_below, lambda value, bound: value < bound)
    if when.customer_requests_at_least is not None:
        yield _at_least(when.customer_requests_at_least, lambda facts: facts.customer_requests)
    if when.customer_orders_at_least is not None:
        yield _at_least(when.customer_orders_at_least, lambda facts: facts.customer_orders)


def _value(bound: Money, fits: Callable[[int, int], bool]) -> Callable[[Asked], bool]:
    """Another currency does not match: 50 yen say nothing about 50 euros."""

    def holds(asked: Asked) -> bool:
        value = asked.facts.value
        return value.currency == bound.currency and fits(value.minor, bound.minor)

    return holds


def _at_least(least: int, fact: Callable[[RequestFacts], int | None]) -> Callable[[Asked], bool]:
    def holds(asked: Asked) -> bool:
        found = fact(asked.facts)
        return found is not None and found >= least

    return holds


def _line(model: ReturnLineModel) -> Callable[[Asked, RequestLineFacts], bool]:
    skus, tags = frozenset(model.sku), frozenset(map(folded, model.tags))
    least = model.quantity_at_least or 0
    return lambda asked, line: (
        line.quantity >= least
        and (not skus or line.sku in skus)
        and (not tags or not tags.isdisjoint(asked.tags(line)))
    )


def _expression(expr: Expr) -> Callable[[Asked], bool]:
    """An expression about a number that nobody knows does not match, whatever it says."""
    needed = [name for name in _UNKNOWN_NUMBERS if name in expr.names]

    def holds(asked: Asked) -> bool:
        names = asked.facts.names()
        if any(names[name] is None for name in needed):
            return False
        tags = {tag for line in asked.facts.lines for tag in asked.tags(line)}
        return expr.holds({**names, "tags": tuple(sorted(tags))})

    return holds
