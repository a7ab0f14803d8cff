"""Names in rules: two rules of one section never share one, and conditions name accounts that exist."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from config.errors import Problem, problem_at, shown
from config.yaml import Located, MapNode
from mappings.accounts import STOREFRONT, WAREHOUSE, Accounts
from mappings.schema import (
    LineModel,
    MappingsModel,
    OfferWhenModel,
    ParcelWhenModel,
    ReturnWhenModel,
    WhenModel,
)


class Rule(Protocol):
    """One rule of any section."""

    @property
    def name(self) -> str: ...


def rule_sections(model: MappingsModel) -> Iterator[tuple[str, Sequence[Rule]]]:
    """The sections that are lists of rules, by name; those that are absent are left out."""
    for section in type(model).model_fields:
        rules = getattr(model, section)
        if isinstance(rules, tuple) and rules:
            yield section, rules


def check_names(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """Rules that are called alike, and unknown accounts in their conditions."""
    for section, rules in rule_sections(model):
        node = root.find(section)
        yield from named_twice(rules, node)
        for index, rule in enumerate(rules):
            yield from _condition(getattr(rule, "when", None), node.find(index, "when"), accounts)


def named_twice(rules: Sequence[Rule], node: Located) -> Iterator[Problem]:
    """Rules that are called alike; `node` is the located list."""
    first: dict[str, int] = {}
    for index, rule in enumerate(rules):
        place = node.find(index, "name")
        if rule.name in first:
            what = f"two rules are called {shown(rule.name)}, the first in line {first[rule.name]}"
            yield problem_at(place, place.path, what)
        first.setdefault(rule.name, place.line)


def _condition(when: object, node: Located, accounts: Accounts) -> Iterator[Problem]:
    if isinstance(when, WhenModel | OfferWhenModel | ReturnWhenModel):
        yield from accounts.each(when.account, node.find("account"), STOREFRONT)
    if isinstance(when, OfferWhenModel):
        yield from accounts.senders(when.supplier, node.find("supplier"))
    if isinstance(when, WhenModel):
        for lines in ("any_line", "all_lines"):
            wanted: LineModel | None = getattr(when, lines)
            if wanted is not None:
                yield from accounts.senders(wanted.supplier, node.find(lines, "supplier"))
    if isinstance(when, ParcelWhenModel):
        yield from accounts.each(when.warehouse, node.find("warehouse"), WAREHOUSE)
