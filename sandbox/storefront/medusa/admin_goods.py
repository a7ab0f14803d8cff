"""The Admin API's routes of the catalogue. A batch is done whole or not at all."""

from decimal import Decimal
from typing import Any

from sandbox.storefront.goods import Asset, Product, Variant
from sandbox.storefront.medusa.amounts import exact, minor
from sandbox.storefront.medusa.answers import fault, invalid, missing
from sandbox.storefront.medusa.bodies import Body, known, rows, text
from sandbox.storefront.medusa.books import MedusaShop
from sandbox.storefront.medusa.calls import Act, Call
from sandbox.storefront.medusa.fields import render
from sandbox.storefront.medusa.goods_view import (
    product,
    variant_of,
)
from sandbox.storefront.medusa.lists import Listing
from sandbox.storefront.medusa.names import inside, outside
from sandbox.storefront.medusa.showing import page_of, shown_as, wish_of

VARIANT = ("*", "*product", "*options", "*prices")
PRODUCT = (
    *("*", "*options", "*options.values", "*tags", "*images", "*variants", "*variants.images"),
    *("*variants.options", "*variants.options.option", "*variants.prices", "*sales_channels"),
)
PRODUCT = (
    *("*", "*options", "*options.values", "*tags", "*images", "*variants", "*variants.images"),
    *("*variants.options", "*variants.options.option", "*variants.prices", "*sales_channels"),
)
STATUSES = ("draft", "proposed", "published", "rejected")
VARIANTS = Listing(
    50,
    {
        "id": lambda v: outside("variant", v.id),
        "sku": lambda v: v.sku,
        "product_id": lambda v: outside("product", v.product.id),
        "created_at": lambda v: v.created_at,
        "updated_at": lambda v: v.updated_at,
        "title": lambda v: v.name,
        "q": lambda v: v.sku,
    },
)
PRODUCTS = Listing(
    50,
    {
        "id": lambda p: outside("product", p.id),
        "handle": lambda p: p.slug,
        "title": lambda p: p.name,
        "status": lambda p: "published" if p.enabled else "draft",
        "created_at": lambda p: p.created_at,
        "updated_at": lambda p: p.updated_at,
        "q": lambda p: p.name,
    },
)


def variants(call: Call) -> dict[str, Any]:
    shop = call.shop
    live = shop.catalogue.live_variants()
    return page_of(call, "variants", live, VARIANTS, lambda v: variant_of(shop, v), VARIANT)


def products(call: Call) -> dict[str, Any]:
    shop = call.shop
    live = shop.catalogue.live_products()
    return page_of(call, "products", live, PRODUCTS, lambda p: product(shop, p), PRODUCT)


def one_product(call: Call) -> dict[str, Any]:
    return shown_as(call, "product", product(call.shop, _product(call.shop, call.path["id"])), PRODUCT)


def _product(shop: MedusaShop, shown: str) -> Product:
    found = shop.catalogue.products.get(inside("product", shown) or "")
    if found is None or found.deleted:
        raise missing("Product not found")
    return found


def change_product(call: Call) -> dict[str, Any]:
    found = _product(call.shop, call.path["id"])
    _check_product(call.body, "")
    _change(call.shop, found, call.body)
    return one_product(call)


def products_batch(call: Call) -> dict[str, Any]:
    """Change several products; a `variants` list that is not whole takes the others out of the shop."""
    known(call.body, "create", "update", "delete")
    changes = rows(call.body, "update")
    for n, change in enumerate(changes):
        text(change, "id", f"update, {n}, ")
        _check_product(change, f"update, {n}, ")
    live = {outside("product", p.id): p for p in call.shop.catalogue.live_products()}
    if strange := [change["id"] for change in changes if change["id"] not in live]:
        raise missing(f"Unable to update the products with ids: {', '.join(strange)}")
    made = [_create(call.shop, body) for body in rows(call.body, "create")]
    for change in changes:
        _change(call.shop, live[change["id"]], change)
    wanted = wish_of(call, PRODUCT)
    shown = [render(product(call.shop, live[change["id"]]), wanted) for change in changes]
    deleted = {"ids": [], "object": "product", "deleted": True}
    return {
        "created": [render(product(call.shop, p), wanted) for p in made],
        "updated": shown,
        "deleted": deleted,
    }


def _check_product(change: Body, path: str) -> None:
    if "status" in change and change["status"] not in STATUSES:
        raise invalid(f"Invalid request: Field '{path}status' is required")
    for name in ("title", "description", "thumbnail"):
        value = change.get(name, "")
        if not isinstance(value, str) and not (value is None and name != "title"):
            what = f"Expected type: 'string' for field '{path}{name}', got: '{type(value).__name__}'"
            raise invalid(f"Invalid request: {what}")
    for n, row in enumerate(rows(change, "images")):
        text(row, "url", f"{path}images, {n}, ")


def _change(shop: MedusaShop, found: Product, change: Body) -> None:
    found.name = change.get("title", found.name)
    found.description = change.get("description", found.description)
    if "images" in change:
        found.assets = [_picture(shop, row["url"]) for row in rows(change, "images")]
    if "thumbnail" in change:
        link = change["thumbnail"]
        found.featured_asset = _picture(shop, link) if link else None
    if "status" in change:
        found.enabled = change["status"] == "published"
    if "variants" in change:
        kept = {row.get("id") for row in change["variants"]}
        for variant in found.variants:
            if not variant.deleted and outside("variant", variant.id) not in kept:
                shop.catalogue.delete_variant(variant.id)
        for row in change["variants"]:
            _change_variant(shop, row)
    found.updated_at = shop.second()


def _picture(shop: MedusaShop, link: str) -> Asset:
    """A picture elsewhere: the shop keeps its address as it is, and opens nothing."""
    now = shop.second()
    id = shop.numbers.next("picture")
    return Asset(f"at_{id}", link, "IMAGE", "", 0, 0, 0, now, now)


def create_product(call: Call) -> dict[str, Any]:
    made = _create(call.shop, call.body)
    return shown_as(call, "product", product(call.shop, made), PRODUCT)


def _create(shop: MedusaShop, body: Body) -> Product:
    name = text(body, "title")
    if not rows(body, "options"):
        raise invalid(f"Product options are not provided for: [{name}].")
    taken = {v.sku for v in shop.catalogue.live_variants() if v.sku}
    for row in rows(body, "variants"):
        if row.get("sku") in taken:
            raise invalid(f"Product variant with sku: {row['sku']}, already exists.")
    words = {"languageCode": "en", "name": name, "slug": body.get("handle") or name}
    words["description"] = body.get("description") or ""
    made = shop.catalogue.create_product(
        {"translations": [words], "enabled": body.get("status") == "published"}
    )
    made.created_at = made.updated_at = shop.second()
    for row in rows(body, "variants"):
        _create_variant(shop, made, row)
    return made


def _create_variant(shop: MedusaShop, made: Product, row: Body) -> None:
    change = {
        "productId": made.id,
        "sku": row.get("sku") or "",
        "price": 0,
        "translations": [{"languageCode": "en", "name": row.get("title") or made.name}],
        "trackInventory": "FALSE" if row.get("manage_inventory") is False else "TRUE",
    }
    (variant,) = shop.catalogue.create_variants([change])
    variant.physical = variant.sku or None
    variant.created_at = variant.updated_at = shop.second()
    _set_prices(shop, variant, rows(row, "prices"))


def _set_prices(shop: MedusaShop, variant: Variant, given: list[Body]) -> None:
    """The prices given are all that is left: a currency that is not named has none any more."""
    prices = {str(row["currency_code"]): exact(row["amount"]) for row in given}
    shop.prices[variant.id] = prices
    variant.price = minor(prices.get("eur", Decimal(0)))
    shop.catalogue.price_set(variant)


def variants_batch(call: Call) -> dict[str, Any]:
    """Change variants; the product in the address is not looked at."""
    known(call.body, "create", "update", "delete")
    changes = rows(call.body, "update")
    live = {outside("variant", v.id): v for v in call.shop.catalogue.live_variants()}
    for n, change in enumerate(changes):
        text(change, "id", f"update, {n}, ")
        for m, price in enumerate(rows(change, "prices")):
            path = f"update, {n}, prices, {m}, "
            text(price, "currency_code", path)
            if not isinstance(price.get("amount"), int | float):
                raise fault()
    if strange := [change["id"] for change in changes if change["id"] not in live]:
        raise invalid(f"Cannot update non-existing variants with ids: {', '.join(strange)}")
    for change in changes:
        _change_variant(call.shop, change)
    wanted = wish_of(call, ("*", "*options", "*prices"))
    shown = [render(variant_of(call.shop, live[change["id"]]), wanted) for change in changes]
    return {"created": [], "updated": shown, "deleted": {"ids": [], "object": "variant", "deleted": True}}


def _change_variant(shop: MedusaShop, change: Body) -> None:
    variant = shop.catalogue.variants[inside("variant", change.get("id")) or ""]
    variant.name = change.get("title", variant.name)
    variant.sku = change.get("sku", variant.sku) or ""
    if "prices" in change:
        _set_prices(shop, variant, rows(change, "prices"))
    variant.updated_at = shop.second()


ROUTES: dict[tuple[str, str], Act] = {
    ("GET", "/admin/product-variants"): variants,
    ("GET", "/admin/products"): products,
    ("POST", "/admin/products"): create_product,
    ("POST", "/admin/products/batch"): products_batch,
    ("GET", "/admin/products/{id}"): one_product,
    ("POST", "/admin/products/{id}"): change_product,
    ("POST", "/admin/products/{id}/variants/batch"): variants_batch,
}
