"""What single keys cannot show: names of accounts, rules that are never reached, two rules for one thing.

Every check looks at the bound sections and at their located text, and gives problems with their places.
Problems forbid the files; warnings are for a person to read. A new section's checks are one function in a
file of their own, `lint_SECTION.py`, and one line in CHECKS or WARNINGS.
"""

from collections.abc import Callable, Iterator

from config.errors import Problem
from config.yaml import MapNode
from mappings.accounts import COURIER, STOREFRONT, SUPPLIER, WAREHOUSE, Accounts
from mappings.lint.listings import check_listings, warn_listings
from mappings.lint.messages import check_messages, warn_messages
from mappings.lint.names import check_names
from mappings.lint.orders import check_orders
from mappings.lint.prices import check_prices, warn_prices
from mappings.lint.reach import check_reach, warn_last_rules
from mappings.lint.returns import warn_returns
from mappings.lint.skus import check_skus, warn_skus
from mappings.lint.stock import check_stock, warn_stock
from mappings.people import check_people, warn_people
from mappings.schema import MappingsModel

Check = Callable[[MappingsModel, MapNode, Accounts], Iterator[Problem]]
"""(the bound sections, their located text, the accounts) -> what is wrong. A section may be None: look first.

`root.find("prices", 2, "when")` is the located value, or the deepest one on the way that exists.
"""

CHECKS: tuple[Check, ...] = (
    check_names,
    check_reach,
    check_skus,
    check_orders,
    check_stock,
    check_prices,
    check_listings,
    check_messages,
    check_people,
)
"""What forbids the files."""

WARNINGS: tuple[Check, ...] = (
    warn_last_rules,
    warn_skus,
    warn_stock,
    warn_prices,
    warn_listings,
    warn_returns,
    warn_people,
    warn_messages,
)
"""What is allowed and probably not meant."""


def lint(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """Every problem of the sections that are there."""
    for check in CHECKS:
        yield from check(model, root, accounts)


def warnings_of(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """What is allowed and probably not meant."""
    for check in WARNINGS:
        yield from check(model, root, accounts)


__all__ = ["COURIER", "STOREFRONT", "SUPPLIER", "WAREHOUSE", "Accounts", "Check", "lint", "warnings_of"]
