"""Parcels that a shop was told of: the Shipment Tracking extension's entries, and tracking numbers in meta data.

The extension keeps its list in the order's own data, so both ways end in the same place.
"""

from collections.abc import Iterator
from typing import Any

from sandbox.storefront.woocommerce import telling
from sandbox.storefront.woocommerce.books import WooShop
from sandbox.storefront.woocommerce.posts import Meta
from sandbox.storefront.woocommerce.purchases import Purchase

KEY = "_wc_shipment_tracking_items"
_NUMBERS = ("tracking_number", "tracking")
"""What own data call a parcel's number."""


def entries(purchase: Purchase) -> list[dict[str, Any]]:
    """The extension's list of an order."""
    found: Any = next((each.value for each in purchase.meta if each.key == KEY), None)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def keep(shop: WooShop, purchase: Purchase, rows: list[dict[str, Any]]) -> None:
    """Write the extension's list."""
    known = next((each for each in purchase.meta if each.key == KEY), None)
    if known is None:
        known = Meta(shop.next_meta(), KEY, rows)
        purchase.meta.append(known)
    known.value = rows
    tell(shop, purchase)


def tell(shop: WooShop, purchase: Purchase) -> None:
    """Tell the ledger of parcels that are new, and of those that are not there any more."""
    found = dict(_numbers(purchase))
    for number in [each for each in purchase.told.parcels if each and each not in found]:
        telling.taken_back(shop, purchase, number)
    lines = {line.id: line for line in purchase.lines}
    for number, units in found.items():
        known = [(lines[id], quantity) for id, quantity in units if id in lines]
        telling.sent(shop, purchase, number, known)


def _numbers(purchase: Purchase) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    for entry in purchase.meta:
        if entry.key.endswith(_NUMBERS) and isinstance(entry.value, str) and entry.value:
            yield entry.value, []
        yield from _within(entry.value)


def _within(value: Any) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    if isinstance(value, list):
        for each in value:
            yield from _within(each)
    elif isinstance(value, dict):
        number = next((value[name] for name in _NUMBERS if value.get(name)), None)
        if isinstance(number, str):
            yield number, _units(value)
        else:
            for each in value.values():
                yield from _within(each)


def _units(row: dict[str, Any]) -> list[tuple[int, int]]:
    """(item, units) of an entry that says what is in its parcel."""
    found = row.get("products_list") or row.get("products")
    if not isinstance(found, list):
        return []
    rows = [each for each in found if isinstance(each, dict)]
    return [(int(each.get("item_id") or 0), int(each.get("qty") or 0)) for each in rows]
