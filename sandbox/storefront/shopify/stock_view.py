"""How locations, inventory items and their levels are read from the books."""

from typing import Any

from sandbox.storefront.goods import Variant
from sandbox.storefront.shopify.answers import Made, count_of, stamp
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.shopify.goods_view import known_variant
from sandbox.storefront.shopify.lists import Connection, connection
from sandbox.storefront.shopify.names import gid, inside, level_gid, parts
from sandbox.storefront.shopify.records import Level, Place
from sandbox.storefront.shopify.search import matching
from sandbox.storefront.vendure.graphql.execution import FieldFault, Resolvers

Args = dict[str, Any]
QUANTITIES = (
    *("available", "on_hand", "committed", "incoming"),
    *("reserved", "damaged", "safety_stock", "quality_control"),
)


class Item:
    """A variant as something that is stocked."""

    __slots__ = ("variant",)

    def __init__(self, variant: Variant) -> None:
        self.variant = variant

    @property
    def id(self) -> str:
        """The number, which is the variant's."""
        return self.variant.id


def find_item(shop: ShopifyShop, given: str) -> Item | None:
    """An inventory item by its global id, None where there is none."""
    variant = known_variant(shop, inside("InventoryItem", given))
    return None if variant is None else Item(variant)


def find_place(shop: ShopifyShop, given: str) -> Place | None:
    """A location by its global id, None where there is none."""
    return shop.places.get(inside("Location", given))


def find_level(shop: ShopifyShop, given: str) -> Level | None:
    """A level by its global id, None where there is none."""
    kind, place, item = parts(given)
    if kind != "InventoryLevel":
        raise FieldFault(f"Invalid id: {given}", "RESOURCE_NOT_FOUND")
    return shop.levels.get((item or "", place))


def _items(_: Any, arguments: Args, call: Call) -> Connection:
    getters = {
        "default": lambda item: item.variant.sku,
        "id": lambda item: int(item.id),
        "sku": lambda item: item.variant.sku,
        "created_at": lambda item: item.variant.created_at,
        "updated_at": lambda item: item.variant.updated_at,
    }
    everything = [Item(variant) for variant in call.shop.catalogue.live_variants()]
    found, notes = matching(arguments.get("query"), everything, getters, "inventoryItems")
    call.notes += notes
    return connection(call, found, arguments, in_order=True)


def _places(_: Any, arguments: Args, call: Call) -> Connection:
    getters = {"default": lambda place: place.name, "id": lambda p: int(p.id), "name": lambda p: p.name}
    wanted = [p for p in call.shop.places.values() if p.active or arguments.get("includeInactive")]
    found, notes = matching(arguments.get("query"), wanted, getters, "locations")
    call.notes += notes
    by = (lambda place: place.name.lower()) if arguments.get("sortKey", "NAME") == "NAME" else None
    return connection(call, found, arguments, by=by)


def _levels_of(shop: ShopifyShop, id: str) -> list[Level]:
    return [level for level in shop.of_item(id) if shop.places[level.place].active]


def _of_item(item: Item, arguments: Args, call: Call) -> Connection:
    return connection(call, _levels_of(call.shop, item.id), arguments, id=lambda level: level.place)


def _of_place(place: Place, arguments: Args, call: Call) -> Connection:
    levels = [level for (_, at), level in call.shop.levels.items() if at == place.id]
    getters = {"inventory_item_id": lambda x: int(x.item), "updated_at": lambda x: x.updated_at}
    found, notes = matching(arguments.get("query"), levels, getters, "inventoryLevels")
    call.notes += notes
    return connection(call, found, arguments, id=lambda level: level.item)


def _quantities(level: Level, arguments: Args, call: Call) -> list[Made]:
    names = arguments["names"]
    if unknown := [name for name in names if name not in QUANTITIES]:
        raise FieldFault(f"Invalid quantity name: {unknown[0]}", "BAD_REQUEST")
    return [_quantity(call.shop, level, name) for name in names]


def _quantity(shop: ShopifyShop, level: Level, name: str) -> Made:
    found = {
        "available": shop.available(level.item, level.place),
        "on_hand": level.on_hand,
        "committed": shop.committed(level.item, level.place),
    }
    id = f"{level.place}?inventory_item_id={level.item}&name={name}"
    facts = {"id": gid("InventoryQuantity", id), "name": name, "quantity": found.get(name, 0)}
    return Made("InventoryQuantity", facts | {"updated_at": stamp(level.updated_at)})


def _address(place: Place, _: Args, __: Call) -> Made:
    lines = {"address1": "Speicherstr. 1", "address2": None, "city": "Hamburg", "zip": "20457", "phone": None}
    facts = {**lines, "country_code": place.country, "country": "Germany"}
    return Made("LocationAddress", facts | {"formatted": ["Speicherstr. 1", "20457 Hamburg", "Germany"]})


def _duplicates(item: Item, _: Args, call: Call) -> int:
    sku = item.variant.sku
    return sum(
        1 for v in call.shop.catalogue.live_variants() if sku and v.sku == sku and v is not item.variant
    )


def _waits(place: Place, call: Call) -> bool:
    return any(errand.open for errand in call.shop.errands.values() if errand.place == place.id)


def _level_at(item: str, place: str, call: Call) -> Level | None:
    return call.shop.levels.get((item, place))


VIEW: Resolvers = {
    ("QueryRoot", "inventoryItem"): lambda _, a, call: find_item(call.shop, a["id"]),
    ("QueryRoot", "inventoryItems"): _items,
    ("QueryRoot", "inventoryLevel"): lambda _, a, call: find_level(call.shop, a["id"]),
    ("QueryRoot", "location"): lambda _, a, call: (
        find_place(call.shop, a["id"]) if a.get("id") else next(iter(call.shop.places.values()), None)
    ),
    ("QueryRoot", "locations"): _places,
    ("ProductVariant", "inventoryItem"): lambda variant, _, __: Item(variant),
    ("InventoryItem", "createdAt"): lambda i, _, __: stamp(i.variant.created_at),
    ("InventoryItem", "duplicateSkuCount"): _duplicates,
    ("InventoryItem", "id"): lambda i, _, __: gid("InventoryItem", i.id),
    ("InventoryItem", "inventoryLevel"): lambda i, a, call: _level_at(
        i.id, inside("Location", a["locationId"]), call
    ),
    ("InventoryItem", "inventoryLevels"): _of_item,
    ("InventoryItem", "legacyResourceId"): lambda i, _, __: i.id,
    ("InventoryItem", "locationsCount"): lambda i, _, call: count_of(len(_levels_of(call.shop, i.id))),
    ("InventoryItem", "requiresShipping"): lambda i, _, call: (
        call.shop.extras_of(i.variant).requires_shipping
    ),
    ("InventoryItem", "sku"): lambda i, _, __: i.variant.sku or None,
    ("InventoryItem", "tracked"): lambda i, _, __: i.variant.tracked,
    ("InventoryItem", "unitCost"): lambda _, __, ___: None,
    ("InventoryItem", "updatedAt"): lambda i, _, __: stamp(i.variant.updated_at),
    ("InventoryItem", "variants"): lambda i, a, call: connection(call, [i.variant], a),
    ("InventoryLevel", "canDeactivate"): lambda x, _, call: not call.shop.committed(x.item, x.place),
    ("InventoryLevel", "createdAt"): lambda x, _, __: stamp(x.created_at),
    ("InventoryLevel", "id"): lambda x, _, __: level_gid(x.place, x.item),
    ("InventoryLevel", "isActive"): lambda x, _, call: call.shop.places[x.place].active,
    ("InventoryLevel", "item"): lambda x, _, call: Item(call.shop.catalogue.variants[x.item]),
    ("InventoryLevel", "location"): lambda x, _, call: call.shop.places[x.place],
    ("InventoryLevel", "quantities"): _quantities,
    ("InventoryLevel", "updatedAt"): lambda x, _, __: stamp(x.updated_at),
    ("Location", "activatable"): lambda p, _, __: not p.active,
    ("Location", "address"): _address,
    ("Location", "createdAt"): lambda p, _, __: stamp(p.created_at),
    ("Location", "fulfillsOnlineOrders"): lambda p, _, __: p.active,
    ("Location", "hasActiveInventory"): lambda p, _, call: any(
        level.on_hand for (_, at), level in call.shop.levels.items() if at == p.id
    ),
    ("Location", "hasUnfulfilledOrders"): lambda p, _, call: _waits(p, call),
    ("Location", "id"): lambda p, _, __: gid("Location", p.id),
    ("Location", "inventoryLevel"): lambda p, a, call: _level_at(
        inside("InventoryItem", a["inventoryItemId"]), p.id, call
    ),
    ("Location", "inventoryLevels"): _of_place,
    ("Location", "isActive"): lambda p, _, __: p.active,
    ("Location", "isFulfillmentService"): lambda _, __, ___: False,
    ("Location", "legacyResourceId"): lambda p, _, __: p.id,
    ("Location", "shipsInventory"): lambda _, __, ___: True,
    ("Location", "updatedAt"): lambda p, _, __: stamp(p.created_at),
}
