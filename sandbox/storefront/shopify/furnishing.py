"""How a pretend Shopify shop is furnished: products with variants, prices and stock, which are no events."""

from typing import Any

from sandbox.storefront.goods import Variant
from sandbox.storefront.shopify import writing_goods
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.names import gid
from sandbox.storefront.shopify.records import ONLINE_STORE


def furnish(shop: ShopifyShop, body: dict[str, Any]) -> dict[str, Any]:
    """List a product with its variants as `/street/products` describes it; answers with their ids."""
    rows = body.get("variants") or [body]
    title = body.get("title") or rows[0]["sku"] or "A product"
    product = writing_goods.new_product(shop, {"title": title, "descriptionHtml": body.get("description")})
    if any(row.get("option") for row in rows):
        values = [{"name": row["option"]} for row in rows]
        writing_goods.set_options(shop, product, [{"name": "Size", "values": values}])
    made = []
    for row in rows:
        chosen = [{"optionName": "Size", "name": row["option"]}] if row.get("option") else []
        options = writing_goods.chosen(shop, product, chosen, ())
        given: dict[str, Any] = {"sku": row.get("sku"), "price": row.get("price", "10.00")}
        given["inventoryItem"] = {"tracked": row.get("tracked", True)}
        given["compareAtPrice"] = row.get("compare_at")
        variant = writing_goods.new_variant(shop, product, given, options, ())
        variant.physical = row.get("physical", row.get("sku"))
        _stock(shop, variant, row.get("units", {}))
        made.append({"sku": variant.sku, "variant": gid("ProductVariant", variant.id)})
        made[-1]["item"] = gid("InventoryItem", variant.id)
    if body.get("published", True):
        shop.sheet(product).published[ONLINE_STORE] = shop.second()
    shop.follow_sheet(product)
    places = {id: gid("Location", id) for id in shop.places}
    return {"product": gid("Product", product.id), "variants": made, "locations": places}


def _stock(shop: ShopifyShop, variant: Variant, units: int | dict[str, int]) -> None:
    wanted = units if isinstance(units, dict) else {next(iter(shop.places)): units}
    for place, figure in wanted.items():
        shop.put(variant.id, str(place), int(figure))
    shop.follow_levels(variant)
