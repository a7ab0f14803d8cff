"""Global ids: the books count from 1 in every kind, the API shows `gid://shopify/Kind/number`."""

import re

from sandbox.storefront.vendure.graphql.execution import FieldFault

_GID = re.compile(r"gid://shopify/(\w+)/(\d+)(?:\?inventory_item_id=(\d+))?")


def gid(kind: str, id: object) -> str:
    """The global id of a record."""
    return f"gid://shopify/{kind}/{id}"


def level_gid(location: str, item: str) -> str:
    """The global id of an inventory level: its location, and its item as a parameter."""
    return f"gid://shopify/InventoryLevel/{location}?inventory_item_id={item}"


def parts(given: str) -> tuple[str, str, str | None]:
    """Kind, number and item of a global id; what is none is refused."""
    match = _GID.fullmatch(given)
    if match is None:
        raise FieldFault(f"Invalid global id '{given}'", "INVALID_VARIABLE")
    return match[1], match[2], match[3]


def inside(kind: str, given: str) -> str:
    """The number in a global id of this kind; one of another kind is refused as the real server does it."""
    found, number, _ = parts(given)
    if found != kind:
        raise FieldFault(f"Invalid id: {given}", "RESOURCE_NOT_FOUND")
    return number


def number_in(given: str) -> str:
    """The number in a global id of any kind."""
    return parts(given)[1]
