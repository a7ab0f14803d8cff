"""Rules that no offer, order or parcel can reach: behind one that takes as much, or with bounds that cross.

Only sections where the first match decides are looked at. A supplier may refuse an order, which then goes by the
rules behind; so a rule that leads to one hides only what leads to the same one.
"""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from config.errors import Problem, problem_at, shown
from config.yaml import Located, MapNode
from mappings.accounts import SUPPLIER, Accounts
from mappings.lint.implying import implies, never
from mappings.lint.names import Rule, rule_sections
from mappings.schema import MappingsModel, RouteModel

_FIRST_MATCH = frozenset({"prices", "listings", "routing", "couriers", "merging", "returns"})
_ENDS = dict.fromkeys(("routing", "couriers", "returns"), "is held for a person")


def check_reach(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """What stands behind a rule that takes as much, and a `when` that nothing can meet."""
    suppliers = frozenset(accounts.of(SUPPLIER))
    for section, rules in rule_sections(model):
        node = root.find(section)
        if section in _FIRST_MATCH:
            yield from _unreachable(rules, node, suppliers)
        for index, rule in enumerate(rules):
            when = _when(rule)
            if when is not None and (why := never(when)):
                place = node.find(index, "when")
                yield problem_at(place, place.path, f"nothing can meet this `when`: {why}")


def warn_last_rules(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """A section whose last rule does not take everything."""
    for section, rules in rule_sections(model):
        if section in _ENDS and _when(rules[-1]) is not None:
            node = root.find(section, len(rules) - 1)
            what = f"the last rule has a `when`: what matches no rule {_ENDS[section]}"
            yield problem_at(node, node.path, what)


def _unreachable(rules: Sequence[Rule], node: Located, suppliers: frozenset[str]) -> Iterator[Problem]:
    for index, rule in enumerate(rules):
        before = next((one for one in rules[:index] if _hides(one, rule, suppliers)), None)
        if before is not None:
            place = node.find(index, "name")
            what = f"this rule is never reached: {shown(before.name)} stands before it and {_takes(before, rule)}"
            yield problem_at(place, place.path, what)


def _hides(before: Rule, rule: Rule, suppliers: frozenset[str]) -> bool:
    may_refuse = isinstance(before, RouteModel) and before.to in suppliers
    if may_refuse and getattr(rule, "to", "") != getattr(before, "to", ""):
        return False
    return implies(_when(rule), _when(before))


def _takes(before: Rule, rule: Rule) -> str:
    if _when(before) is None:
        return "takes everything"
    same = implies(_when(before), _when(rule))
    return "has the same `when`" if same else "matches all that this one does"


def _when(rule: Rule) -> BaseModel | None:
    found = getattr(rule, "when", None)
    return found if isinstance(found, BaseModel) else None
