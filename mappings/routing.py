"""Routing by rule: the first rule that matches says which warehouse or supplier may fulfil an order."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from mappings.facts import OrderFacts
from mappings.schema import RouteModel
from mappings.when import When, compile_when

FIRST = "first"
NEAREST = "nearest_with_everything"


class Choose(StrEnum):
    """How one of the candidates is chosen."""

    GIVEN = "given"
    """The rule names the account."""
    FIRST = "first"
    """The first of `entrepot.yaml` that has everything."""
    NEAREST = "nearest_with_everything"
    """The nearest to the consignee that has everything."""


class Otherwise(StrEnum):
    """What happens where no single candidate has everything."""

    SPLIT = "split"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Route:
    """A rule's verdict: `candidates` are accounts, tried in this order (for NEAREST, by distance)."""

    rule: str
    choose: Choose
    candidates: tuple[str, ...]
    otherwise: Otherwise


@dataclass(frozen=True, slots=True)
class RouteRules:
    """`routing:` compiled."""

    rules: tuple[tuple[When, Route], ...] = field(default=(), repr=False)

    def first(self, facts: OrderFacts, without: Collection[str] = ()) -> Route | None:
        """The first rule's route; None where no rule matches (the order is then held).

        `without` are accounts that cannot take it: a rule that leads to one of them alone is passed over.
        """
        return next(
            (
                route
                for when, route in self.rules
                if when.matches(facts)
                and not (route.choose is Choose.GIVEN and route.candidates[0] in without)
            ),
            None,
        )


def compile_routes(models: Sequence[RouteModel], warehouses: Sequence[str]) -> RouteRules:
    """A pure function of the models and the warehouses, which stand in the order of `entrepot.yaml`."""
    return RouteRules(tuple((compile_when(model.when), _route(model, warehouses)) for model in models))


def _route(model: RouteModel, warehouses: Sequence[str]) -> Route:
    choose = Choose(model.to) if model.to in (FIRST, NEAREST) else Choose.GIVEN
    candidates = (model.to,) if choose is Choose.GIVEN else tuple(warehouses)
    return Route(model.name, choose, candidates, Otherwise(model.otherwise))
