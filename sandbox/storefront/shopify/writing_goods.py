"""How the pieces of a product are written into the books: text, options, variants, pictures.

A product without options has one variant, whose option is called "Title" and chooses "Default Title".
"""

from datetime import timedelta
from typing import Any

from sandbox.storefront.goods import Option, Product, Variant
from sandbox.storefront.shopify import amounts
from sandbox.storefront.shopify.answers import Refusal
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.goods_view import live
from sandbox.storefront.shopify.names import inside, number_in
from sandbox.storefront.shopify.records import Picture

Given = dict[str, Any]
DEFAULT = "Default Title"
HIGHEST_PRICE = 10**18


def new_product(shop: ShopifyShop, given: Given) -> Product:
    """A product without variants; drafts and active ones are on no publication at first."""
    title = (given.get("title") or "").strip()
    if not title:
        raise Refusal("Title can't be blank", "title")
    handle = given.get("handle")
    if handle and handle in shop.catalogue.slugs:
        text = f"Handle '{handle}' already in use. Please provide a new handle."
        raise Refusal(text, "input", "handle")
    body = given.get("descriptionHtml") or ""
    words = {"languageCode": "en", "name": title, "slug": handle or title, "description": body}
    product = shop.catalogue.create_product({"translations": [words], "enabled": False})
    shop.sheet(product).status = given.get("status") or "ACTIVE"
    dress(shop, product, given)
    return product


def change_product(shop: ShopifyShop, product: Product, given: Given) -> None:
    """What is given replaces what was there."""
    if "title" in given and not (given["title"] or "").strip():
        raise Refusal("Title can't be blank", "title")
    handle = given.get("handle")
    if handle and handle != product.slug and handle in shop.catalogue.slugs:
        raise Refusal(f"Handle '{handle}' already in use. Please provide a new handle.", "input", "handle")
    words: Given = {"languageCode": "en", "name": given.get("title"), "slug": handle}
    words["description"] = given.get("descriptionHtml")
    shop.catalogue.update_product({"id": product.id, "translations": [words]})
    if given.get("status"):
        shop.sheet(product).status = given["status"]
    dress(shop, product, given)
    shop.follow_sheet(product)


def dress(shop: ShopifyShop, product: Product, given: Given) -> None:
    """The words beside title and text."""
    sheet = shop.sheet(product)
    sheet.vendor = given.get("vendor") or sheet.vendor
    sheet.kind = given.get("productType") or sheet.kind
    if given.get("tags") is not None:
        sheet.tags = list(given["tags"])
    if given.get("seo") is not None:
        sheet.seo_title = given["seo"].get("title", sheet.seo_title)
        sheet.seo_description = given["seo"].get("description", sheet.seo_description)


# --- options ------------------------------------------------------------------------------------------------


def set_options(shop: ShopifyShop, product: Product, given: list[Given]) -> None:
    """Options with their values; the one of a product without options is not kept."""
    for row in given:
        name, values = row.get("name") or "", [each.get("name") or "" for each in row.get("values") or ()]
        if name == "Title" and values == [DEFAULT]:
            continue
        if any(group.name == name for group in product.option_groups):
            continue
        options = [
            {"code": value, "translations": [{"languageCode": "en", "name": value}]} for value in values
        ]
        words = [{"languageCode": "en", "name": name}]
        group = shop.catalogue.create_group({"code": name, "translations": words, "options": options})
        shop.catalogue.add_group(product.id, group.id)


def chosen(shop: ShopifyShop, product: Product, given: list[Given], path: tuple[str, ...]) -> list[Option]:
    """The options that a variant's values name, made where they are new; one of every group."""
    found: dict[str, Option] = {}
    for row in given:
        group = next((g for g in product.option_groups if g.name == row.get("optionName")), None)
        if row.get("optionId"):
            group = next((g for g in product.option_groups if g.id == number_in(row["optionId"])), None)
        if group is None:
            if row.get("name") == DEFAULT and not product.option_groups:
                continue
            raise Refusal("Option does not exist", *path, "optionValues", code="INVALID_INPUT")
        words = [{"languageCode": "en", "name": row.get("name") or ""}]
        known = next((o for o in group.options if o.name == row.get("name")), None)
        change = {"productOptionGroupId": group.id, "code": row.get("name") or "", "translations": words}
        found[group.id] = known or shop.catalogue.create_option(change)
    if len(found) < len(product.option_groups):
        raise Refusal("You need to add option values", *path, code="NEED_TO_ADD_OPTION_VALUES")
    return list(found.values())


# --- variants -----------------------------------------------------------------------------------------------


def checked_amount(shop: ShopifyShop, given: Any, name: str, path: tuple[str, ...]) -> int | None:
    """Minor units of a price; one that cannot be is refused."""
    if given is None:
        return None
    found = amounts.minor(given, shop.terms.precision)
    if found is None:
        raise Refusal("is not a number", *path, name, code="INVALID_INPUT")
    if found >= HIGHEST_PRICE * 10**shop.terms.precision:
        raise Refusal(f"must be less than {HIGHEST_PRICE}", *path, name, code="INVALID_INPUT")
    if found < 0:
        word = "Price" if name == "price" else "Compare at price"
        text = f"{word} must be greater than or equal to 0"
        raise Refusal(text, *path, name, code="GREATER_THAN_OR_EQUAL_TO")
    return found


def new_variant(
    shop: ShopifyShop, product: Product, given: Given, options: list[Option], path: tuple[str, ...]
) -> Variant:
    """A variant; it is stocked at the first location, with nothing, unless the client says where and how many."""
    price = checked_amount(shop, given.get("price"), "price", path)
    checked_amount(shop, given.get("compareAtPrice"), "compareAtPrice", path)
    item = given.get("inventoryItem") or {}
    change = {
        "productId": product.id,
        "sku": given.get("sku") or item.get("sku") or "",
        "price": price or 0,
        "translations": [{"languageCode": "en", "name": product.name}],
        "optionIds": [option.id for option in options],
        "trackInventory": "TRUE" if item.get("tracked") else "FALSE",
    }
    (variant,) = shop.catalogue.create_variants([change])
    shop.put(variant.id, next(iter(shop.places)), 0)
    dress_variant(shop, variant, given, path)
    stock_variant(shop, variant, given.get("inventoryQuantities") or (), path)
    return variant


def change_variant(shop: ShopifyShop, variant: Variant, given: Given, path: tuple[str, ...]) -> None:
    """What is given replaces what was there; a price is told to the ledger."""
    price = checked_amount(shop, given.get("price"), "price", path)
    item = given.get("inventoryItem") or {}
    change: Given = {"id": variant.id}
    sku = given.get("sku") if given.get("sku") is not None else item.get("sku")
    if sku is not None:
        change["sku"] = sku
    if price is not None:
        change["price"] = price
    if item.get("tracked") is not None:
        change["trackInventory"] = "TRUE" if item["tracked"] else "FALSE"
    shop.catalogue.update_variants([change])
    dress_variant(shop, variant, given, path)
    variant.product.updated_at = shop.second()


def dress_variant(shop: ShopifyShop, variant: Variant, given: Given, path: tuple[str, ...]) -> None:
    """What a variant has beside price and SKU."""
    extra = shop.extras_of(variant)
    if "compareAtPrice" in given:
        extra.compare_at = checked_amount(shop, given["compareAtPrice"], "compareAtPrice", path)
    extra.barcode = given.get("barcode", extra.barcode)
    extra.taxable = given["taxable"] if given.get("taxable") is not None else extra.taxable
    if given.get("inventoryPolicy"):
        variant.global_threshold = given["inventoryPolicy"] == "DENY"
        variant.threshold = 0 if variant.global_threshold else -(10**9)
    item = given.get("inventoryItem") or {}
    if item.get("requiresShipping") is not None:
        extra.requires_shipping = item["requiresShipping"]


def stock_variant(shop: ShopifyShop, variant: Variant, rows: Any, path: tuple[str, ...]) -> None:
    """Units at locations, as a new variant brings them."""
    for row in rows:
        place = inside("Location", row["locationId"])
        if place not in shop.places:
            code = "TRACKED_VARIANT_LOCATION_NOT_FOUND"
            raise Refusal("Location does not exist", *path, "inventoryQuantities", code=code)
        figure = row.get("availableQuantity", row.get("quantity"))
        waiting = 0 if row.get("name") == "on_hand" else shop.committed(variant.id, place)
        shop.put(variant.id, place, figure + waiting)
    if rows:
        shop.follow_levels(variant)
        shop.tell_stock(variant)


def same_choice(product: Product, options: list[Option]) -> Variant | None:
    """The product's variant with exactly these options."""
    wanted = frozenset(option.id for option in options)
    return next((variant for variant in live(product) if variant.choices == wanted), None)


# --- pictures -----------------------------------------------------------------------------------------------


def add_pictures(shop: ShopifyShop, product: Product, given: list[Given]) -> None:
    """Pictures by their addresses; each is ready a moment later."""
    for number, row in enumerate(given):
        source = row.get("originalSource") or ""
        if not source.startswith(("https://", "http://")):
            raise Refusal("Image URL is invalid", "media", str(number), "originalSource")
        _picture(shop, product, source, row.get("alt"))


def set_pictures(shop: ShopifyShop, product: Product, given: list[Given]) -> None:
    """Exactly these pictures: known ones by id, new ones by their addresses."""
    sheet = shop.sheet(product)
    before, sheet.pictures = {picture.id: picture for picture in sheet.pictures}, []
    for number, row in enumerate(given):
        known = before.get(number_in(row["id"])) if row.get("id") else None
        if known is not None:
            known.alt = row.get("alt", known.alt)
            sheet.pictures.append(known)
            continue
        source = row.get("originalSource") or ""
        if not source.startswith(("https://", "http://")):
            raise Refusal("Image URL is invalid", "input", "files", str(number), code="INVALID_INPUT")
        _picture(shop, product, source, row.get("alt"))


def _picture(shop: ShopifyShop, product: Product, source: str, alt: str | None) -> None:
    now = shop.clock.now()
    ready = now + timedelta(seconds=shop.pace.picture)
    picture = Picture(shop.numbers.next("picture"), source, alt, now, ready)
    shop.sheet(product).pictures.append(picture)
    shop.pictures[picture.id] = picture
