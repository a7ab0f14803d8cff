"""Setting stock: by compare-and-set at locations, in batches that take place whole or not at all."""

import re
from typing import Any

from sandbox.storefront.shopify.acts import Act, Args
from sandbox.storefront.shopify.answers import Made, Refusal, payload, stamp, user_error
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.shopify.goods_view import known_variant
from sandbox.storefront.shopify.names import gid, inside
from sandbox.storefront.shopify.records import Level
from sandbox.storefront.shopify.stock_view import Item, find_item, find_place
from sandbox.storefront.vendure.graphql.execution import FieldFault, Resolvers

MOST = 1_000_000_000
REASONS = (
    *("correction", "cycle_count_available", "damaged", "movement_canceled", "movement_created"),
    *("movement_received", "movement_updated", "other", "promotion", "quality_control", "received"),
    *(
        "reservation_created",
        "reservation_deleted",
        "reservation_updated",
        "restock",
        "safety_stock",
        "shrinkage",
    ),
)
_URI = re.compile(r"[a-z][a-z0-9+.-]*://\S+")


def set_quantities(arguments: Args, call: Call) -> Made:
    """`inventorySetQuantities`: every figure is set, or none."""
    given, rows = arguments["input"], arguments["input"]["quantities"]
    if any("changeFromQuantity" not in row for row in rows):
        raise FieldFault(
            "InventoryQuantityInput must include the following argument: changeFromQuantity.",
            "INVALID_FIELD_ARGUMENTS",
        )
    errors = [*_wrong_whole(given), *_doubled(rows)]
    for number, row in enumerate(rows):
        errors += _wrong_row(call.shop, given["name"], row, ["input", "quantities", str(number)])
    if errors:
        return payload(errors)
    changes: list[Made] = []
    for row in rows:
        changes += _set(call.shop, given["name"], row)
    if not changes:
        return payload()
    id = call.shop.numbers.next("adjustment")
    facts = {
        "id": gid("InventoryAdjustmentGroup", id),
        "created_at": stamp(call.shop.clock.now()),
        "reason": given["reason"],
        "reference_document_uri": given.get("referenceDocumentUri"),
        "changes": changes,
    }
    return payload(inventory_adjustment_group=Made("InventoryAdjustmentGroup", facts))


def _error(message: str, code: str, *field: str) -> Made:
    return user_error(message, list(field), code)


def _wrong_whole(given: dict[str, Any]) -> list[Made]:
    errors = []
    if given["name"] not in ("available", "on_hand"):
        text = "The quantity name must be either 'available' or 'on_hand'."
        errors.append(_error(text, "INVALID_NAME", "input", "name"))
    if given["reason"] not in REASONS:
        text = f"The specified reason is invalid. Valid values are: {', '.join(REASONS)}."
        errors.append(_error(text, "INVALID_REASON", "input", "reason"))
    uri = given.get("referenceDocumentUri")
    if uri is not None and not _URI.fullmatch(uri):
        text = "The specified reference document is invalid."
        errors.append(_error(text, "INVALID_REFERENCE_DOCUMENT", "input", "referenceDocumentUri"))
    return errors


def _doubled(rows: list[dict[str, Any]]) -> list[Made]:
    pairs = [(row["inventoryItemId"], row["locationId"]) for row in rows]
    text = "The combination of inventoryItemId and locationId must be unique."
    code = "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"
    return [
        _error(text, code, "input", "quantities", str(n), "locationId")
        for n, pair in enumerate(pairs)
        if pairs.count(pair) > 1
    ]


def _wrong_row(shop: ShopifyShop, name: str, row: dict[str, Any], path: list[str]) -> list[Made]:
    errors, quantity = [], row["quantity"]
    item, place = find_item(shop, row["inventoryItemId"]), find_place(shop, row["locationId"])
    if item is None:
        text = "The specified inventory item could not be found."
        errors.append(_error(text, "INVALID_INVENTORY_ITEM", *path, "inventoryItemId"))
    if place is None:
        text = "The specified location could not be found."
        errors.append(_error(text, "INVALID_LOCATION", *path, "locationId"))
    if quantity > MOST:
        text = "The quantity can't be higher than 1,000,000,000."
        errors.append(_error(text, "INVALID_QUANTITY_TOO_HIGH", *path, "quantity"))
    elif quantity < -MOST:
        text = "The quantity can't be lower than -1,000,000,000."
        errors.append(_error(text, "INVALID_QUANTITY_TOO_LOW", *path, "quantity"))
    elif quantity < 0:
        errors.append(
            _error("The quantity can't be negative.", "INVALID_QUANTITY_NEGATIVE", *path, "quantity")
        )
    if errors or item is None or place is None:
        return errors
    return _wrong_level(shop, name, row, shop.levels.get((item.id, place.id)), path)


def _wrong_level(
    shop: ShopifyShop, name: str, row: dict[str, Any], level: Level | None, path: list[str]
) -> list[Made]:
    if level is None:
        text = "The specified inventory item is not stocked at the location."
        return [_error(text, "ITEM_NOT_STOCKED_AT_LOCATION", *path, "locationId")]
    seen = row["changeFromQuantity"]
    if seen is not None and seen != _figure(shop, name, level):
        text = "The changeFromQuantity argument no longer matches the persisted quantity."
        return [_error(text, "CHANGE_FROM_QUANTITY_STALE", *path, "changeFromQuantity")]
    return []


def _figure(shop: ShopifyShop, name: str, level: Level) -> int:
    return level.on_hand if name == "on_hand" else shop.available(level.item, level.place)


def _set(shop: ShopifyShop, name: str, row: dict[str, Any]) -> list[Made]:
    item, place = inside("InventoryItem", row["inventoryItemId"]), inside("Location", row["locationId"])
    level = shop.levels[item, place]
    delta = row["quantity"] - _figure(shop, name, level)
    variant = shop.catalogue.variants[item]
    if delta:
        shop.put(item, place, level.on_hand + delta)
        shop.follow_levels(variant)
    shop.tell_stock(variant)
    return _changes(shop, item, place, delta) if delta else []


def _changes(shop: ShopifyShop, item: str, place: str, delta: int) -> list[Made]:
    """What is available and what is on hand both changed; the figures afterwards are not told."""
    return [
        Made(
            "InventoryChange",
            {
                "name": name,
                "delta": delta,
                "quantity_after_change": None,
                "ledger_document_uri": None,
                "item": Item(shop.catalogue.variants[item]),
                "location": shop.places[place],
            },
        )
        for name in ("available", "on_hand")
    ]


def activate(arguments: Args, call: Call) -> Made:
    """`inventoryActivate`: stock an item at a location."""
    shop = call.shop
    item, place = find_item(shop, arguments["inventoryItemId"]), find_place(shop, arguments["locationId"])
    if item is None:
        raise Refusal("The specified inventory item could not be found.", "inventoryItemId")
    if place is None:
        raise Refusal("The specified location could not be found.", "locationId")
    available, on_hand = arguments.get("available"), arguments.get("onHand")
    if available is not None and on_hand is not None:
        text = (
            f"The product couldn't be stocked at {place.name} because not allowed to set available and on_hand "
            "quantities at the same time."
        )
        return payload([user_error(text, ["available"]), user_error(text, ["onHand"])])
    level = shop.levels.get((item.id, place.id))
    if level is not None:
        if on_hand is not None:
            text = "Not allowed to set an on_hand quantity when the item is already active at the location."
            raise Refusal(text, "onHand")
        if available is not None:
            text = "Not allowed to set available quantity when the item is already active at the location."
            raise Refusal(text, "available")
        return payload(inventory_level=level)
    figure = on_hand if on_hand is not None else available or 0
    if not -MOST <= figure <= MOST:
        text = (
            f"The product couldn't be stocked at {place.name} because the quantity needs to be between -1 billion "
            "and 1 billion."
        )
        raise Refusal(text, "onHand" if on_hand is not None else "available")
    made = shop.put(item.id, place.id, figure)
    shop.follow_levels(item.variant)
    shop.tell_stock(item.variant)
    shop.announce("INVENTORY_LEVELS_CONNECT", made)
    return payload(inventory_level=made)


def update_item(arguments: Args, call: Call) -> Made:
    """`inventoryItemUpdate`: the SKU, and whether the item is counted."""
    shop, given = call.shop, arguments["input"]
    variant = known_variant(shop, inside("InventoryItem", arguments["id"]))
    if variant is None:
        raise Refusal("The specified inventory item could not be found.", "id")
    change: dict[str, Any] = {"id": variant.id}
    if given.get("sku") is not None:
        change["sku"] = given["sku"]
    if given.get("tracked") is not None:
        change["trackInventory"] = "TRUE" if given["tracked"] else "FALSE"
    shop.catalogue.update_variants([change])
    if given.get("requiresShipping") is not None:
        shop.extras_of(variant).requires_shipping = given["requiresShipping"]
    shop.announce("INVENTORY_ITEMS_UPDATE", variant)
    return payload(inventory_item=Item(variant))


def _group_changes(group: Made, arguments: Args, _: Call) -> list[Made]:
    names, items = arguments.get("quantityNames"), arguments.get("inventoryItemIds")
    places = arguments.get("locationIds")
    return [
        change
        for change in group.changes
        if (names is None or change.name in names)
        and (items is None or gid("InventoryItem", change.item.id) in items)
        and (places is None or gid("Location", change.location.id) in places)
    ]


ACTS: dict[str, Act] = {
    "inventorySetQuantities": set_quantities,
    "inventoryActivate": activate,
    "inventoryItemUpdate": update_item,
}
VIEW: Resolvers = {("InventoryAdjustmentGroup", "changes"): _group_changes}
