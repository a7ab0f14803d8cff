"""Overrides: of shops that exist, one for each listing, and none that another one makes idle."""

from collections.abc import Callable, Iterator

from config.errors import Problem, problem_at
from config.yaml import Located, MapNode
from mappings.accounts import STOREFRONT, Accounts
from mappings.schema import MappingsModel, SkusModel
from mappings.skus import ListingKey, listing_key


def check_skus(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """Overrides of unknown shops, and two for one listing."""
    if model.skus is None:
        return
    node = root.find("skus", "overrides")
    first: dict[ListingKey, int] = {}
    for index, override in enumerate(model.skus.overrides):
        place = node.find(index, "listing")
        account, _, listing = override.listing.partition(":")
        yield from accounts.check(account, (STOREFRONT,), place, place.path)
        key = listing_key(account, listing)
        if key in first:
            what = f"this listing has an override already, in line {first[key]}"
            yield problem_at(place, place.path, what)
        first.setdefault(key, place.line)


def warn_skus(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """Overrides by product and variant, where another one names the variant alone: that one is the more exact."""
    if model.skus is None:
        return
    node = root.find("skus", "overrides")
    lines = {
        listing_key(*_parts(override.listing)): node.find(index, "listing").line
        for index, override in enumerate(model.skus.overrides)
    }
    for index, override in enumerate(model.skus.overrides):
        variant = _variant(listing_key(*_parts(override.listing)))
        if variant in lines:
            place = node.find(index, "listing")
            what = f"this override does nothing: the one in line {lines[variant]} names the same listing, and wins"
            yield problem_at(place, place.path, what)


def override_places(model: SkusModel, node: Located) -> Callable[[ListingKey], str]:
    """Where an override stands that says what a table's row would say: `file:line`, or an empty text."""
    places: dict[ListingKey, str] = {}
    for index, override in enumerate(model.overrides):
        place = node.find("overrides", index, "listing")
        key = listing_key(*_parts(override.listing))
        for one in (key, _variant(key)):
            if one is not None:
                places.setdefault(one, f"{place.file}:{place.line}")

    def overridden(key: ListingKey) -> str:
        variant = _variant(key)
        return places.get(key, "") or (places.get(variant, "") if variant is not None else "")

    return overridden


def _parts(text: str) -> tuple[str, str]:
    account, _, listing = text.partition(":")
    return account, listing


def _variant(key: ListingKey) -> ListingKey | None:
    """`PRODUCT/VARIANT` as the variant alone; None for what is written otherwise."""
    account, listing = key
    product, slash, variant = listing.partition("/")
    return (account, variant) if product and slash and variant and "/" not in variant else None
