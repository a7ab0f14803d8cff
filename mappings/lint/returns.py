"""Requests after the sale: what the keys of a rule alone cannot show."""

from collections.abc import Iterator

from config.errors import Problem, problem_at
from config.yaml import MapNode
from mappings.accounts import Accounts
from mappings.schema import MappingsModel


def warn_returns(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """Tags where no table has any, and goods without a request that no rule keeps."""
    rules = model.returns or ()
    without_table = model.goods is None or model.goods.table is None
    for index, rule in enumerate(rules):
        for lines in ("any_line", "all_lines"):
            wanted = getattr(rule.when, lines, None)
            if without_table and wanted is not None and wanted.tags:
                place = root.find("returns", index, "when", lines, "tags")
                what = "no good bears a tag: the section goods names no table"
                yield problem_at(place, place.path, what)
    keeps = any(rule.when is None or rule.when.request is not None for rule in rules)
    if rules and not keeps:
        node = root.find("returns")
        what = "no rule has `request: none`: goods that nobody announced wait without an owner or a time"
        yield problem_at(node, node.path, what)
