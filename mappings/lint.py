"""What single keys cannot show: names of accounts, rules that are never reached, two rules for one thing.

Every check looks at a bound section and at its located text, and adds problems with their places. Problems
forbid the files; warnings are for a person to read.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from config.errors import Placed, Problem, listed, near, problem_at, shown
from config.units import BadUnit
from config.yaml import ListNode, Located, MapNode, ScalarNode
from mappings.couriers import Couriers
from mappings.routing import FIRST, NEAREST
from mappings.schema import ISSUE, CourierModel, HoldModel, LineModel, MappingsModel, RouteModel
from mappings.skus import listing_key
from sync.domain.shipments import FulfilmentState

STOREFRONT, WAREHOUSE, COURIER, SUPPLIER = "storefront", "warehouse", "courier", "supplier"
_TITLES = {STOREFRONT: "shop", WAREHOUSE: "warehouse", COURIER: "courier", SUPPLIER: "supplier"}
Rule = HoldModel | RouteModel | CourierModel


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts that mappings may name: their kinds by name, in the order of `entrepot.yaml`."""

    kinds: Mapping[str, str]
    couriers: Couriers
    dropship: frozenset[str] = frozenset()
    """The suppliers that send to buyers."""

    def of(self, *kinds: str) -> list[str]:
        """The names of the accounts of these kinds."""
        return [name for name, kind in self.kinds.items() if kind in kinds]

    def check(self, name: str, kinds: tuple[str, ...], place: Placed, path: str) -> Iterator[Problem]:
        """A problem where `name` is no account, or one of another kind."""
        allowed = self.of(*kinds)
        if name in allowed:
            return
        kind = self.kinds.get(name)
        what = f"there is no account {shown(name)}"
        if kind is not None:
            what = f"the account {shown(name)} is a {_TITLES.get(kind, kind)}"
        names = listed(allowed) or f"no {_TITLES[kinds[0]]} account exists"
        yield problem_at(place, path, what, allowed=names, hint=near(name, allowed))


def lint(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """Every problem of the sections that are there."""
    for rules, section in _rule_sections(model):
        yield from _names(rules, root.find(section))
        yield from _shops(rules, root.find(section), accounts)
    if model.skus is not None:
        yield from _overrides(model, root.find("skus", "overrides"), accounts)
    if model.stock is not None:
        yield from _keys(root.find("stock", "by_account"), accounts, STOREFRONT)
        yield from _suppliers(root.find("stock", "suppliers"), accounts, sending=True)
    if model.suppliers is not None:
        yield from _suppliers(root.find("suppliers"), accounts, sending=False)
    if model.routing is not None:
        yield from _unreachable(model.routing, root.find("routing"))
        yield from _routes(model.routing, root.find("routing"), accounts)
    if model.couriers is not None:
        yield from _unreachable(model.couriers, root.find("couriers"))
        yield from _carriers(model.couriers, root.find("couriers"), accounts)
    if model.statuses is not None:
        yield from _statuses(root.find("statuses"), accounts)


def warnings_of(model: MappingsModel, root: MapNode) -> Iterator[Problem]:
    """What is allowed and probably not meant."""
    for rules, section in ((model.routing, "routing"), (model.couriers, "couriers")):
        if rules and rules[-1].when is not None:
            node = root.find(section, len(rules) - 1)
            what = "the last rule has a `when`: what matches no rule is held for a person"
            yield problem_at(node, node.path, what)


def _rule_sections(model: MappingsModel) -> Iterator[tuple[Sequence[Rule], str]]:
    yield model.holds or (), "holds"
    yield model.routing or (), "routing"
    yield model.couriers or (), "couriers"


def _names(rules: Sequence[Rule], node: Located) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, rule in enumerate(rules):
        place = node.find(index, "name")
        if rule.name in first:
            what = f"two rules are called {shown(rule.name)}, the first in line {first[rule.name]}"
            yield problem_at(place, place.path, what)
        first.setdefault(rule.name, place.line)


def _shops(rules: Sequence[Rule], node: Located, accounts: Accounts) -> Iterator[Problem]:
    for index, rule in enumerate(rules):
        if rule.when is not None:
            yield from _each(rule.when.account, node.find(index, "when", "account"), accounts, STOREFRONT)
            for lines in ("any_line", "all_lines"):
                wanted: LineModel | None = getattr(rule.when, lines)
                if wanted is not None:
                    place = node.find(index, "when", lines, "supplier")
                    yield from _senders(wanted.supplier, place, accounts)
        if isinstance(rule, CourierModel) and rule.when is not None:
            yield from _each(rule.when.warehouse, node.find(index, "when", "warehouse"), accounts, WAREHOUSE)


def _each(names: Collection[str], node: Located, accounts: Accounts, kind: str) -> Iterator[Problem]:
    for index, name in enumerate(names):
        place = node.find(index) if isinstance(node, ListNode) else node
        yield from accounts.check(name, (kind,), place, place.path)


def _keys(node: Located, accounts: Accounts, kind: str) -> Iterator[Problem]:
    if isinstance(node, MapNode) and node.path.endswith("by_account"):
        for key, _ in node:
            yield from accounts.check(key.text, (kind,), key, key.path)


def _senders(names: Collection[str], node: Located, accounts: Accounts) -> Iterator[Problem]:
    for index, name in enumerate(names):
        place = node.find(index) if isinstance(node, ListNode) else node
        yield from _sender(name, place, place.path, accounts)


def _sender(name: str, place: Placed, path: str, accounts: Accounts) -> Iterator[Problem]:
    """A problem where an account is no supplier that sends to buyers."""
    problems = list(accounts.check(name, (SUPPLIER,), place, path))
    if not problems and name not in accounts.dropship:
        what = f"{shown(name)} does not send to buyers"
        problems.append(problem_at(place, path, what, allowed=f"dropship: true at {name} in entrepot.yaml"))
    yield from problems


def _suppliers(node: Located, accounts: Accounts, *, sending: bool) -> Iterator[Problem]:
    if isinstance(node, MapNode) and node.path.endswith("suppliers"):
        for key, _ in node:
            if sending:
                yield from _sender(key.text, key, key.path, accounts)
            else:
                yield from accounts.check(key.text, (SUPPLIER,), key, key.path)


def _overrides(model: MappingsModel, node: Located, accounts: Accounts) -> Iterator[Problem]:
    first: dict[tuple[str, str], int] = {}
    for index, override in enumerate(model.skus.overrides if model.skus else ()):
        place = node.find(index, "listing")
        account, _, listing = override.listing.partition(":")
        yield from accounts.check(account, (STOREFRONT,), place, place.path)
        key = listing_key(account, listing)
        if key in first:
            what = f"this listing has an override already, in line {first[key]}"
            yield problem_at(place, place.path, what)
        first.setdefault(key, place.line)


def _unreachable(rules: Sequence[RouteModel | CourierModel], node: Located) -> Iterator[Problem]:
    """In a section where the first match decides, what stands behind a rule that takes as much."""
    for index, rule in enumerate(rules):
        before = next((r for r in rules[:index] if r.when is None or r.when == rule.when), None)
        if before is not None:
            place = node.find(index, "name")
            takes = "takes everything" if before.when is None else "has the same `when`"
            what = f"this rule is never reached: {shown(before.name)} stands before it and {takes}"
            yield problem_at(place, place.path, what)


def _routes(rules: Sequence[RouteModel], node: Located, accounts: Accounts) -> Iterator[Problem]:
    for index, rule in enumerate(rules):
        place = node.find(index, "to")
        if rule.to in (FIRST, NEAREST):
            continue
        if rule.to in accounts.of(SUPPLIER):
            yield from _sender(rule.to, place, place.path, accounts)
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
