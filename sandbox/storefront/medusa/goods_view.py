"""Products, variants, prices and stock as the API shows them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.storefront.goods import Asset, Product, Variant
from sandbox.storefront.medusa.amounts import raw, shown
from sandbox.storefront.medusa.books import Hold, Level, MedusaShop
from sandbox.storefront.medusa.fields import Thing
from sandbox.storefront.medusa.names import outside
from sandbox.storefront.orders import Line

_SIZES = ("hs_code", "origin_country", "mid_code", "material", "weight", "length", "height", "width")


def moment(when: datetime | None) -> str | None:
    """An instant as the API writes it: UTC, in milliseconds."""
    return None if when is None else f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z"


def nothing(*names: str) -> dict[str, None]:
    """Fields that this shop never fills."""
    return dict.fromkeys(names)


def stamps(born: datetime, changed: datetime) -> dict[str, Any]:
    """The three stamps that most records carry."""
    return {"created_at": moment(born), "updated_at": moment(changed), "deleted_at": None}


def product(shop: MedusaShop, item: Product) -> Thing:
    """A product."""
    own = {
        "id": outside("product", item.id),
        "title": item.name,
        "subtitle": None,
        "status": "published" if item.enabled else "draft",
        "external_id": None,
        "description": item.description or None,
        "handle": item.slug,
        "is_giftcard": False,
        "discountable": True,
        "thumbnail": _address(item.featured_asset) if item.featured_asset else None,
        **nothing("collection_id", "type_id", *_SIZES, "metadata", "type", "collection"),
        **stamps(item.created_at, item.updated_at),
    }
    live = [variant for variant in item.variants if not variant.deleted]
    return Thing(
        own,
        {
            "variants": lambda: [variant_of(shop, variant) for variant in live],
            "options": lambda: [_option(item)],
            "images": lambda: _images(item),
            "tags": list,
            "sales_channels": lambda: [channel(shop)],
        },
    )


def _address(asset: Asset) -> str:
    """Where a picture is: elsewhere, where its name is an address."""
    return asset.name if "://" in asset.name else asset.source


def _images(item: Product) -> list[Thing]:
    """The last one first: Medusa gives pictures in any order, and `rank` says which it is."""
    ranked = enumerate(item.assets)
    return [Thing({"id": f"img_{a.id}", "url": _address(a), "rank": rank}) for rank, a in ranked][::-1]


def _option(item: Product) -> Thing:
    values = [_value(item, variant) for variant in item.variants if not variant.deleted]
    return Thing(_option_own(item), {"values": lambda: values})


def _option_own(item: Product) -> dict[str, Any]:
    return {
        "id": outside("option", item.id),
        "title": "Title",
        "is_exclusive": True,
        "metadata": None,
        **stamps(item.created_at, item.created_at),
    }


def _value(item: Product, variant: Variant, *, of_variant: bool = False) -> Thing:
    own: dict[str, Any] = {
        "id": outside("value", variant.id),
        "value": variant.name,
        "rank": None,
        "metadata": None,
        "option_id": outside("option", item.id),
        **({"option": {"id": outside("option", item.id)}} if of_variant else {}),
        **stamps(item.created_at, item.created_at),
    }
    return Thing(own, {"option": lambda: Thing(_option_own(item))} if of_variant else {})


def variant_of(shop: MedusaShop, item: Variant) -> Thing:
    """A variant."""
    own = {
        "id": outside("variant", item.id),
        "title": item.name,
        "sku": item.sku or None,
        **nothing("thumbnail", "barcode", "ean", "upc"),
        "allow_backorder": False,
        "manage_inventory": item.tracked,
        **nothing(*_SIZES, "metadata"),
        "variant_rank": 0,
        "product_id": outside("product", item.product.id),
        **stamps(item.created_at, item.updated_at),
    }
    return Thing(
        own,
        {
            "product": lambda: product(shop, item.product),
            "prices": lambda: [_price(item, code, at) for code, at in shop.price_list(item).items()],
            "options": lambda: [_value(item.product, item, of_variant=True)],
            "inventory_items": lambda: [_link(shop, item)] if item.tracked else [],
            "images": list,
        },
        follows={"product": "product_id"},
    )


def _price(item: Variant, currency: str, amount: Decimal) -> Thing:
    own: dict[str, Any] = {
        "id": outside("price", item.id),
        "amount": shown(amount),
        "currency_code": currency,
        "min_quantity": None,
        "max_quantity": None,
        "variant_id": outside("variant", item.id),
        "created_at": moment(item.updated_at),
        "updated_at": moment(item.updated_at),
        "rules": {},
    }
    return Thing(own, {"price_rules": list})


def _link(shop: MedusaShop, item: Variant) -> Thing:
    own = {
        "variant_id": outside("variant", item.id),
        "inventory_item_id": outside("inventory", item.id),
        "id": outside("link", item.id),
        "required_quantity": 1,
        **stamps(item.created_at, item.created_at),
    }
    keys = ("variant_id", "inventory_item_id")
    return Thing(own, {"inventory": lambda: inventory(shop, item, bare=True)}, keys=keys)


def inventory(shop: MedusaShop, item: Variant, *, bare: bool = False) -> Thing:
    """What is stocked; `bare` as it stands below a variant, without its sums."""
    levels = shop.of_item(item.id)
    sums = {
        "reserved_quantity": sum(shop.reserved(item.id, level.location) for level in levels),
        "stocked_quantity": sum(level.stocked for level in levels),
    }
    own = {
        "id": outside("inventory", item.id),
        "sku": item.sku or None,
        "title": item.name,
        "description": item.name,
        "thumbnail": None,
        **nothing("origin_country", "hs_code"),
        "requires_shipping": True,
        **nothing("mid_code", "material", "weight", "length", "height", "width", "metadata"),
        **({"deleted_at": None, **dict.fromkeys(sums)} if bare else sums),
        "created_at": moment(item.created_at),
        "updated_at": moment(item.created_at),
    }
    return Thing(own, {"location_levels": lambda: [level_of(shop, level, keys=()) for level in levels]})


def level_of(
    shop: MedusaShop, level: Level, *, keys: tuple[str, ...] = ("id",), stale: float | None = None
) -> Thing:
    """The stock at one location; `stale` is the figure available before a change that is being echoed."""
    reserved = shop.reserved(level.item, level.location)
    figures = {
        "stocked_quantity": _number(level.stocked),
        "reserved_quantity": _number(reserved),
        "incoming_quantity": 0,
    }
    own: dict[str, Any] = {
        "id": outside("level", level.id),
        "location_id": level.location
        if not level.location.isdigit()
        else outside("location", level.location),
        "metadata": None,
        "inventory_item_id": outside("inventory", level.item),
        **{f"raw_{name}": raw(Decimal(str(value))) for name, value in figures.items()},
        **stamps(level.created_at, level.updated_at),
        "available_quantity": _number(level.stocked - reserved if stale is None else stale),
        **figures,
    }
    return Thing(own, keys=keys)


def _number(value: float) -> float | int:
    return int(value) if value == int(value) else value


def reservation(shop: MedusaShop, item: Variant, held: Line | Hold) -> Thing:
    """Units held for an order's line, or by staff."""
    by_order = isinstance(held, Line)
    place = shop.places[held.id] if isinstance(held, Line) else held.location
    born = held.created_at
    own = {
        "id": outside("reservation", int(held.id) * 2 + by_order),
        "location_id": outside("location", place),
        "inventory_item_id": outside("inventory", item.id),
        "quantity": shop.outstanding(held) if isinstance(held, Line) else _number(held.quantity),
        "line_item_id": outside("line", held.id) if by_order else None,
        "description": None if isinstance(held, Line) else held.description,
        "metadata": None,
        "created_at": moment(born),
        "updated_at": moment(born),
    }
    return Thing(own, {"inventory_item": lambda: inventory(shop, item)})


def location(shop: MedusaShop, id: str) -> Thing:
    """A stock location."""
    own = {
        "id": outside("location", id),
        "name": shop.locations[id],
        "metadata": None,
        "created_at": moment(shop.opened_at),
        "updated_at": moment(shop.opened_at),
    }
    return Thing(own, {"address": lambda: None, "sales_channels": lambda: [channel(shop)]})


def channel(shop: MedusaShop) -> Thing:
    """The one sales channel."""
    own = {
        "id": outside("channel", 1),
        "name": "Web",
        "description": None,
        "is_disabled": False,
        **stamps(shop.opened_at, shop.opened_at),
        "metadata": None,
    }
    return Thing(own)
