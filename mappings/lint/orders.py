"""Routing, couriers and statuses: accounts, carriers and states that exist."""

from collections.abc import Iterator, Sequence

from config.errors import Problem, listed, near, problem_at, shown
from config.units import BadUnit
from config.yaml import Located, MapNode, ScalarNode
from mappings.accounts import SUPPLIER, WAREHOUSE, Accounts
from mappings.routing import FIRST, NEAREST
from mappings.schema import ISSUE, CourierModel, MappingsModel, RouteModel
from sync.domain.shipments import FulfilmentState


def check_orders(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """Where orders and parcels may go, and what warehouses' texts mean."""
    yield from _routes(model.routing or (), root.find("routing"), accounts)
    yield from _carriers(model.couriers or (), root.find("couriers"), accounts)
    if model.statuses is not None:
        yield from _statuses(root.find("statuses"), accounts)


def _routes(rules: Sequence[RouteModel], node: Located, accounts: Accounts) -> Iterator[Problem]:
    for index, rule in enumerate(rules):
        place = node.find(index, "to")
        if rule.to in (FIRST, NEAREST):
            continue
        if rule.to in accounts.of(SUPPLIER):
            yield from accounts.sender(rule.to, place, place.path)
        for problem in accounts.check(rule.to, (WAREHOUSE, SUPPLIER), place, place.path):
            names = [*accounts.of(WAREHOUSE, SUPPLIER), FIRST, NEAREST]
            yield problem_at(
                place, place.path, problem.what, allowed=listed(names), hint=near(rule.to, names)
            )


def _carriers(rules: Sequence[CourierModel], node: Located, accounts: Accounts) -> Iterator[Problem]:
    for index, rule in enumerate(rules):
        use = node.find(index, "use")
        for number, word in enumerate(rule.use):
            place = use.find(number)
            try:
                accounts.couriers.resolve(word)
            except BadUnit as error:
                yield problem_at(place, place.path, error.what, allowed=error.allowed, hint=error.hint)


def _statuses(node: Located, accounts: Accounts) -> Iterator[Problem]:
    if not isinstance(node, MapNode):
        return
    for key, value in node:
        if key.text == "unknown":
            if value.plain() != ISSUE:
                what = "an unknown status never maps silently"
                yield problem_at(value, value.path, what, allowed=ISSUE)
            continue
        yield from accounts.check(key.text, (WAREHOUSE,), key, key.path)
        if not isinstance(value, MapNode):
            allowed = "a mapping of the vendor's texts to states"
            yield problem_at(value, value.path, "this is not a mapping", allowed=allowed)
            continue
        for _, state in value:
            yield from _state(state)


def _state(node: Located) -> Iterator[Problem]:
    states = [*(state.value for state in FulfilmentState), ISSUE]
    text = node.plain() if isinstance(node, ScalarNode) else None
    if text not in states:
        what = f"{shown(text or '')} is not a state of a fulfilment"
        yield problem_at(node, node.path, what, allowed=listed(states), hint=near(text or "", states))
