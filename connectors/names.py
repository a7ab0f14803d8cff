"""The names of the connectors, without the connectors: what is named may be checked before anything is imported.

The built-in ones stand here; other packages offer theirs by an entry point of the group `entrepot.connectors`.
"""

from functools import cache
from importlib.metadata import EntryPoint, entry_points

GROUP = "entrepot.connectors"

BUILT_IN = {
    "vendure": "connectors.storefronts.vendure",
    "medusa": "connectors.storefronts.medusa",
    "woocommerce": "connectors.storefronts.woocommerce",
    "shopify": "connectors.storefronts.shopify",
    "tryton": "connectors.warehouse.tryton",
    "karrio": "connectors.couriers.karrio",
    "feed": "connectors.suppliers.feed",
}
"""By name: the package that has it."""


def names() -> tuple[str, ...]:
    """All names that `registry.find` knows, sorted."""
    return tuple(sorted({*BUILT_IN, *foreign()}))


@cache
def offered() -> tuple[EntryPoint, ...]:
    """What other packages offer, under whatever name."""
    return tuple(entry_points(group=GROUP))


@cache
def foreign() -> dict[str, tuple[EntryPoint, ...]]:
    """By name, what other packages offer under names that are not taken: more than one entry is nobody's."""
    found: dict[str, tuple[EntryPoint, ...]] = {}
    for point in offered():
        if point.name not in BUILT_IN:
            found[point.name] = (*found.get(point.name, ()), point)
    return found
