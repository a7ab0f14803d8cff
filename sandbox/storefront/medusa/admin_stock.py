"""The Admin API's routes of stock: items, levels, places and reservations.

A batch is done whole or not at all. What is echoed after an update names the figure available before it.
"""

from typing import Any

from sandbox.storefront.goods import Variant
from sandbox.storefront.medusa.answers import invalid, missing
from sandbox.storefront.medusa.bodies import Body, known, number, rows, text
from sandbox.storefront.medusa.books import Hold, Level, MedusaShop
from sandbox.storefront.medusa.calls import Act, Call
from sandbox.storefront.medusa.fields import Wish, render
from sandbox.storefront.medusa.goods_view import (
    channel,
    inventory,
    level_of,
    location,
    reservation,
)
from sandbox.storefront.medusa.lists import Listing
from sandbox.storefront.medusa.names import inside, outside
from sandbox.storefront.medusa.showing import page_of, shown_as

INVENTORY = ("*", "*location_levels")
LEVEL = (
    *("id", "inventory_item_id", "location_id", "stocked_quantity", "reserved_quantity", "incoming_quantity"),
    *("available_quantity", "metadata", "created_at", "updated_at"),
)
LEVEL = (
    *("id", "inventory_item_id", "location_id", "stocked_quantity", "reserved_quantity", "incoming_quantity"),
    *("available_quantity", "metadata", "created_at", "updated_at"),
)
RESERVATION = ("*", "*inventory_item")
ITEMS = Listing(
    20,
    {
        "id": lambda v: outside("inventory", v.id),
        "sku": lambda v: v.sku,
        "created_at": lambda v: v.created_at,
        "updated_at": lambda v: v.created_at,
        "q": lambda v: v.sku,
    },
)
LEVELS = Listing(50, {"location_id": lambda level: outside("location", level.location)})
LOCATIONS = Listing(20, {"id": lambda place: outside("location", place), "created_at": int})
CHANNELS = Listing(20, {"id": lambda _: outside("channel", 1), "name": lambda _: "Web"})
RESERVATIONS = Listing(
    20,
    {
        "inventory_item_id": lambda pair: outside("inventory", pair[0].id),
        "line_item_id": lambda pair: outside("line", pair[1].id) if not isinstance(pair[1], Hold) else None,
        "location_id": lambda pair: pair[2],
        "created_at": lambda pair: pair[1].created_at,
    },
)


def _stocked(shop: MedusaShop) -> list[Variant]:
    return [variant for variant in shop.catalogue.live_variants() if variant.tracked]


def inventory_items(call: Call) -> dict[str, Any]:
    shop = call.shop
    show = lambda item: inventory(shop, item)  # noqa: E731
    return page_of(call, "inventory_items", _stocked(shop), ITEMS, show, INVENTORY)


def _item(shop: MedusaShop, shown: str) -> Variant:
    found = shop.catalogue.variants.get(inside("inventory", shown) or "")
    if found is None or not found.tracked:
        raise missing(f"Inventory item with id: {shown} was not found")
    return found


def one_inventory_item(call: Call) -> dict[str, Any]:
    found = _item(call.shop, call.path["id"])
    return shown_as(call, "inventory_item", inventory(call.shop, found), INVENTORY)


def levels(call: Call) -> dict[str, Any]:
    shop, item = call.shop, _item(call.shop, call.path["id"])
    show = lambda level: level_of(shop, level)  # noqa: E731
    shown = page_of(call, "inventory_levels", shop.of_item(item.id), LEVELS, show, LEVEL)
    for level in shown["inventory_levels"]:
        if not {"stocked_quantity", "reserved_quantity"} <= set(level):
            level.pop("available_quantity", None)  # it is worked out from what is asked for
    return shown


def levels_batch(call: Call) -> dict[str, Any]:
    """Set and make levels: all or none; a level that is not there cannot be set."""
    shop = call.shop
    known(call.body, "create", "update", "delete", "force")
    updates = [_level_change(row, f"update, {n}, ") for n, row in enumerate(rows(call.body, "update"))]
    creates = [_level_change(row, f"create, {n}, ") for n, row in enumerate(rows(call.body, "create"))]
    for item, place, _ in creates:
        _creatable(shop, item, place)
    for item, place, _ in updates:
        if _known_level(shop, item, place) is None:
            raise missing(f"Item {item} is not stocked at location {place}")
    made = [_put(shop, *change, stale=False) for change in creates]
    changed = [_put(shop, *change, stale=True) for change in updates]
    answer: dict[str, Any] = {"created": made, "updated": changed}
    return answer | ({"deleted": []} if "delete" in call.body else {})


def _level_change(row: Body, path: str) -> tuple[str, str, float]:
    item, place = text(row, "inventory_item_id", path), text(row, "location_id", path)
    return item, place, number(row, "stocked_quantity", path)


def _key(item: str, place: str) -> tuple[str, str]:
    """The books' own key of a level; a location that does not exist keeps the name that it was given."""
    return inside("inventory", item) or "", inside("location", place) or place


def _known_level(shop: MedusaShop, item: str, place: str) -> Level | None:
    return shop.levels.get(_key(item, place))


def _creatable(shop: MedusaShop, item: str, place: str) -> None:
    if inside("inventory", item) not in shop.catalogue.variants:
        raise missing(
            f"You tried to set relationship inventory_item_id: {item}, but such entity does not exist"
        )
    if _known_level(shop, item, place) is not None:
        raise invalid(
            f"Inventory level with inventory_item_id: {item}, location_id: {place}, already exists."
        )


def _put(shop: MedusaShop, shown: str, place: str, stocked: float, *, stale: bool) -> dict[str, Any]:
    item, location_id = _key(shown, place)
    before = shop.available(item, location_id) if stale else None
    level = shop.put(item, location_id, stocked)
    shop.follow(item)
    variant = shop.catalogue.variants[item]
    shop.record(
        "stock_set",
        variant=variant.id,
        sku=variant.sku,
        physical=variant.physical or "",
        value=variant.on_hand,
        allocated=variant.allocated,
    )
    echoed = render(level_of(shop, level, stale=before), Wish(whole=True))
    if not stale:
        del echoed["available_quantity"]
        return echoed
    ghost = {"id": shown, "reserved_quantity": None, "stocked_quantity": None}
    return echoed | {"inventory_item": ghost}


def locations(call: Call) -> dict[str, Any]:
    shop = call.shop
    show = lambda place: location(shop, place)  # noqa: E731
    return page_of(call, "stock_locations", list(shop.locations), LOCATIONS, show, ("*", "address"))


def channels(call: Call) -> dict[str, Any]:
    return page_of(call, "sales_channels", [1], CHANNELS, lambda _: channel(call.shop), ("*",))


def reservations(call: Call) -> dict[str, Any]:
    shop = call.shop
    found: list[tuple[Variant, Any, str]] = [
        (line.product_variant, line, outside("location", shop.places[line.id]))
        for held in list(shop.reserving.values())
        for line in held
        if shop.outstanding(line) > 0
    ]
    found += [
        (shop.catalogue.variants[hold.item], hold, outside("location", hold.location))
        for hold in shop.holds.values()
    ]
    show = lambda row: reservation(shop, row[0], row[1])  # noqa: E731
    return page_of(call, "reservations", found, RESERVATIONS, show, RESERVATION)


def reserve(call: Call) -> dict[str, Any]:
    shop, body = call.shop, call.body
    item, place = text(body, "inventory_item_id"), text(body, "location_id")
    quantity = number(body, "quantity")
    level = _known_level(shop, item, place)
    if level is None:
        raise missing(f"Item {item} is not stocked at location {place}")
    if shop.available(level.item, level.location) < quantity:
        raise invalid(f"Not enough stock available for item {item} at location {place}")
    hold = Hold(
        shop.numbers.next("hold"),
        level.item,
        level.location,
        quantity,
        body.get("description"),
        shop.second(),
    )
    shop.holds[hold.id] = hold
    shop.catalogue.variants[level.item].allocated += int(quantity)
    variant = shop.catalogue.variants[level.item]
    return shown_as(call, "reservation", reservation(shop, variant, hold), RESERVATION)


ROUTES: dict[tuple[str, str], Act] = {
    ("GET", "/admin/inventory-items"): inventory_items,
    ("POST", "/admin/inventory-items/location-levels/batch"): levels_batch,
    ("GET", "/admin/inventory-items/{id}"): one_inventory_item,
    ("GET", "/admin/inventory-items/{id}/location-levels"): levels,
    ("GET", "/admin/stock-locations"): locations,
    ("GET", "/admin/sales-channels"): channels,
    ("GET", "/admin/reservations"): reservations,
    ("POST", "/admin/reservations"): reserve,
}
