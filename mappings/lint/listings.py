"""Listing states and content: what their keys alone cannot show."""

from collections.abc import Iterator

from config.errors import Problem, problem_at
from config.yaml import MapNode
from mappings.accounts import STOREFRONT, Accounts
from mappings.schema import MappingsModel
from sync.domain.publishing import Cause


def check_listings(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """Content for accounts that are no shops."""
    if model.content is not None:
        yield from accounts.each(model.content.accounts, root.find("content", "accounts"), STOREFRONT)


def warn_listings(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """Rules that look at goods where no table of goods says anything."""
    if model.goods is not None and model.goods.table is not None:
        return
    for index, rule in enumerate(model.listings or ()):
        for cause in (Cause.EXPIRED, Cause.BLOCKED):
            if cause in rule.take_down:
                place = root.find("listings", index, "take_down")
                what = f"nothing is ever {cause}: the section goods names no table"
                yield problem_at(place, place.path, what)
                break
