"""How products, variants, pictures and publications are read from the books."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.storefront.goods import Product, Variant
from sandbox.storefront.shopify import amounts
from sandbox.storefront.shopify.answers import Made, count_of, stamp
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.shopify.lists import Connection, connection
from sandbox.storefront.shopify.names import gid, inside
from sandbox.storefront.shopify.records import ONLINE_STORE, Picture
from sandbox.storefront.shopify.search import Getter, matching
from sandbox.storefront.vendure.graphql.execution import Resolvers

Args = dict[str, Any]
LEVEL_LIMIT = 2**31 - 1
_TAGS = re.compile(r"<[^>]+>")


def live(product: Product) -> list[Variant]:
    """The product's variants that are not deleted, in their order."""
    return [variant for variant in product.variants if not variant.deleted]


def title_of(variant: Variant) -> str:
    """The variant's own title: its options, or that there is but one."""
    return " / ".join(option.name for option in variant.options) or "Default Title"


def sellable(variant: Variant) -> int:
    """How many more can be sold; of what is not counted the figure is what it is."""
    return variant.on_hand - variant.allocated


def product_getters(shop: ShopifyShop) -> Mapping[str, Getter]:
    """What products are searched by."""
    return {
        "default": lambda p: [p.name, *(v.sku for v in live(p))],
        "id": lambda p: int(p.id),
        "title": lambda p: p.name,
        "handle": lambda p: p.slug,
        "sku": lambda p: [v.sku for v in live(p)],
        "status": lambda p: shop.sheet(p).status,
        "published_status": lambda p: (
            "published" if ONLINE_STORE in shop.sheet(p).published else "unpublished"
        ),
        "tag": lambda p: list(shop.sheet(p).tags),
        "vendor": lambda p: shop.sheet(p).vendor,
        "product_type": lambda p: shop.sheet(p).kind,
        "created_at": lambda p: p.created_at,
        "updated_at": lambda p: p.updated_at,
        "inventory_total": lambda p: sum(sellable(v) for v in live(p)),
    }


def variant_getters(shop: ShopifyShop) -> Mapping[str, Getter]:
    """What variants are searched by."""
    return {
        "default": lambda v: [v.sku, v.product.name],
        "id": lambda v: int(v.id),
        "sku": lambda v: v.sku,
        "barcode": lambda v: shop.extras_of(v).barcode,
        "title": title_of,
        "product_id": lambda v: int(v.product.id),
        "product_status": lambda v: shop.sheet(v.product).status,
        "updated_at": lambda v: v.updated_at,
        "inventory_quantity": sellable,
    }


_PRODUCT_KEYS: Mapping[str, Getter] = {
    "CREATED_AT": lambda p: p.created_at,
    "UPDATED_AT": lambda p: p.updated_at,
    "TITLE": lambda p: p.name.lower(),
}


def products(_: Any, arguments: Args, call: Call) -> Connection:
    shop = call.shop
    found, notes = matching(
        arguments.get("query"), shop.catalogue.live_products(), product_getters(shop), "products"
    )
    call.notes += notes
    by = _PRODUCT_KEYS.get(arguments.get("sortKey", "ID"))
    return connection(call, found, arguments, by=by, in_order=True)


def products_count(_: Any, arguments: Args, call: Call) -> Made:
    shop = call.shop
    found, notes = matching(
        arguments.get("query"), shop.catalogue.live_products(), product_getters(shop), "productsCount"
    )
    call.notes += notes
    return count_of(len(found), arguments.get("limit"))


def variants(_: Any, arguments: Args, call: Call) -> Connection:
    shop = call.shop
    found, notes = matching(
        arguments.get("query"), shop.catalogue.live_variants(), variant_getters(shop), "productVariants"
    )
    call.notes += notes
    by = (lambda v: v.sku.lower()) if arguments.get("sortKey") == "SKU" else None
    return connection(call, found, arguments, by=by, in_order=True)


def variants_count(_: Any, arguments: Args, call: Call) -> Made:
    shop = call.shop
    found, notes = matching(
        arguments.get("query"), shop.catalogue.live_variants(), variant_getters(shop), "productVariantsCount"
    )
    call.notes += notes
    return count_of(len(found), arguments.get("limit"))


def find_product(shop: ShopifyShop, given: str) -> Product | None:
    """A product by its global id, None where there is none."""
    found = shop.catalogue.products.get(inside("Product", given))
    return None if found is None or found.deleted else found


def find_variant(shop: ShopifyShop, given: str) -> Variant | None:
    """A variant by its global id, None where there is none."""
    return known_variant(shop, inside("ProductVariant", given))


def known_variant(shop: ShopifyShop, id: str) -> Variant | None:
    """A variant by the books' id; what was deleted is not there."""
    found = shop.catalogue.variants.get(id)
    return None if found is None or found.deleted or found.product.deleted else found


def _ready(picture: Picture, call: Call) -> bool:
    return picture.ready_at <= call.shop.clock.now()


def _image(picture: Picture, call: Call) -> Made | None:
    if not _ready(picture, call):
        return None
    name = picture.source.rsplit("/", 1)[-1].split("?")[0] or "picture"
    facts = {"id": gid("ImageSource", picture.id), "alt_text": picture.alt, "width": 800, "height": 800}
    return Made("Image", facts | {"url": f"{call.base}/cdn/files/{picture.id}/{name}"})


def _media(product: Product, arguments: Args, call: Call) -> Connection:
    pictures = call.shop.sheet(product).pictures
    return connection(call, pictures, arguments, by=pictures.index)


def _product_variants(product: Product, arguments: Args, call: Call) -> Connection:
    return connection(call, live(product), arguments)


def _shown_variant_price(variant: Variant, _: Args, call: Call) -> str:
    return amounts.price(variant.price, call.shop.terms.precision)


def _compare_at(variant: Variant, _: Args, call: Call) -> str | None:
    known = call.shop.extras_of(variant).compare_at
    return None if known is None else amounts.price(known, call.shop.terms.precision)


def _policy(variant: Variant, _: Args, __: Call) -> str:
    return "DENY" if variant.global_threshold else "CONTINUE"


def _sellable_online(variant: Variant, _: Args, __: Call) -> int:
    return LEVEL_LIMIT if not variant.tracked else max(0, sellable(variant))


def _description(product: Product, arguments: Args, _: Call) -> str:
    text = _TAGS.sub("", product.description)
    most = arguments.get("truncateAt")
    return text if most is None or len(text) <= most else text[: max(0, most - 3)] + "..."


VIEW: Resolvers = {
    ("QueryRoot", "product"): lambda _, a, call: find_product(call.shop, a["id"]),
    ("QueryRoot", "products"): products,
    ("QueryRoot", "productsCount"): products_count,
    ("QueryRoot", "productVariant"): lambda _, a, call: find_variant(call.shop, a["id"]),
    ("QueryRoot", "productVariants"): variants,
    ("QueryRoot", "productVariantsCount"): variants_count,
    ("Product", "createdAt"): lambda p, _, __: stamp(p.created_at),
    ("Product", "defaultCursor"): lambda p, _, __: p.id,
    ("Product", "description"): _description,
    ("Product", "descriptionHtml"): lambda p, _, __: p.description,
    ("Product", "featuredMedia"): lambda p, _, call: next(iter(call.shop.sheet(p).pictures), None),
    ("Product", "handle"): lambda p, _, __: p.slug,
    ("Product", "hasOnlyDefaultVariant"): lambda p, _, __: not p.option_groups,
    ("Product", "hasOutOfStockVariants"): lambda p, _, __: any(
        v.tracked and sellable(v) < 1 for v in live(p)
    ),
    ("Product", "id"): lambda p, _, __: gid("Product", p.id),
    ("Product", "isGiftCard"): lambda _, __, ___: False,
    ("Product", "legacyResourceId"): lambda p, _, __: p.id,
    ("Product", "media"): _media,
    ("Product", "mediaCount"): lambda p, _, call: count_of(len(call.shop.sheet(p).pictures)),
    ("Product", "onlineStoreUrl"): lambda p, _, call: f"{call.base}/products/{p.slug}" if p.enabled else None,
    ("Product", "productType"): lambda p, _, call: call.shop.sheet(p).kind,
    ("Product", "seo"): lambda p, _, call: Made(
        "SEO", {"title": call.shop.sheet(p).seo_title, "description": call.shop.sheet(p).seo_description}
    ),
    ("Product", "status"): lambda p, _, call: call.shop.sheet(p).status,
    ("Product", "tags"): lambda p, _, call: call.shop.sheet(p).tags,
    ("Product", "title"): lambda p, _, __: p.name,
    ("Product", "totalInventory"): lambda p, _, __: sum(sellable(v) for v in live(p) if v.tracked),
    ("Product", "tracksInventory"): lambda p, _, __: any(v.tracked for v in live(p)),
    ("Product", "updatedAt"): lambda p, _, __: stamp(p.updated_at),
    ("Product", "variants"): _product_variants,
    ("Product", "variantsCount"): lambda p, _, __: count_of(len(live(p))),
    ("Product", "vendor"): lambda p, _, call: call.shop.sheet(p).vendor or call.shop.name,
    ("ProductVariant", "availableForSale"): lambda v, _, __: v.live and v.saleable > 0,
    ("ProductVariant", "barcode"): lambda v, _, call: call.shop.extras_of(v).barcode,
    ("ProductVariant", "compareAtPrice"): _compare_at,
    ("ProductVariant", "createdAt"): lambda v, _, __: stamp(v.created_at),
    ("ProductVariant", "defaultCursor"): lambda v, _, __: v.id,
    ("ProductVariant", "displayName"): lambda v, _, __: f"{v.product.name} - {title_of(v)}",
    ("ProductVariant", "id"): lambda v, _, __: gid("ProductVariant", v.id),
    ("ProductVariant", "inventoryPolicy"): _policy,
    ("ProductVariant", "inventoryQuantity"): lambda v, _, __: sellable(v),
    ("ProductVariant", "legacyResourceId"): lambda v, _, __: v.id,
    ("ProductVariant", "media"): lambda _, a, call: connection(call, [], a),
    ("ProductVariant", "position"): lambda v, _, __: live(v.product).index(v) + 1 if not v.deleted else 1,
    ("ProductVariant", "price"): _shown_variant_price,
    ("ProductVariant", "sellableOnlineQuantity"): _sellable_online,
    ("ProductVariant", "sku"): lambda v, _, __: v.sku or None,
    ("ProductVariant", "taxable"): lambda v, _, call: call.shop.extras_of(v).taxable,
    ("ProductVariant", "title"): lambda v, _, __: title_of(v),
    ("ProductVariant", "updatedAt"): lambda v, _, __: stamp(v.updated_at),
    ("MediaImage", "createdAt"): lambda p, _, __: stamp(p.created_at),
    ("MediaImage", "updatedAt"): lambda p, _, __: stamp(p.ready_at),
    ("MediaImage", "id"): lambda p, _, __: gid("MediaImage", p.id),
    ("MediaImage", "image"): lambda p, _, call: _image(p, call),
    ("MediaImage", "mediaContentType"): lambda _, __, ___: "IMAGE",
    ("MediaImage", "mimeType"): lambda _, __, ___: "image/jpeg",
    ("MediaImage", "status"): lambda p, _, call: "READY" if _ready(p, call) else "PROCESSING",
    ("MediaImage", "preview"): lambda p, _, call: Made(
        "MediaPreviewImage",
        {"image": _image(p, call), "status": "READY" if _ready(p, call) else "PROCESSING"},
    ),
}
