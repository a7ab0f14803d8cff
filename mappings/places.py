"""Where each rule stands, so that terms need hold its name alone."""

from collections.abc import Iterator, Mapping

from config.yaml import ListNode, Located, MapNode
from mappings.reading import rule_at
from sync.domain.rules import RuleRef


def places_of(root: MapNode) -> Mapping[tuple[str, str], RuleRef]:
    """By (section, rule's name). A list of rules within a section is called `stock.reserve`."""
    return dict(_places(root, ""))


def _places(section: MapNode, prefix: str) -> Iterator[tuple[tuple[str, str], RuleRef]]:
    for key, value in section:
        name = f"{prefix}{key.text}"
        if isinstance(value, ListNode):
            yield from _rules(name, value)
        elif isinstance(value, MapNode) and not prefix:
            yield from _places(value, f"{name}.")


def _rules(section: str, node: ListNode) -> Iterator[tuple[tuple[str, str], RuleRef]]:
    for index, item in enumerate(node.items):
        rule = _name(item)
        if rule is not None:
            yield (section, rule), rule_at(node, index, rule)


def _name(item: Located) -> str | None:
    return item.text("name") if isinstance(item, MapNode) else None
