"""What staff do with products: create, change, set whole, delete, publish, and change variants in bulk."""

from typing import Any

from sandbox.storefront.goods import Product, Variant
from sandbox.storefront.shopify import writing_goods
from sandbox.storefront.shopify.acts import Act, Args
from sandbox.storefront.shopify.answers import Made, Refusal, payload
from sandbox.storefront.shopify.books import PUBLICATIONS, ShopifyShop
from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.shopify.goods_view import find_product, live
from sandbox.storefront.shopify.names import inside, number_in
from sandbox.storefront.shopify.writing_goods import Given

_MUST_CREATE = (
    "Inventory quantities can only be provided during create. To update inventory for existing variants, use "
    "inventoryAdjustQuantities."
)


def create(arguments: Args, call: Call) -> Made:
    """`productCreate`: with its options and one variant, on no publication."""
    shop, given = call.shop, arguments.get("product") or {}
    product = writing_goods.new_product(shop, given)
    writing_goods.set_options(shop, product, given.get("productOptions") or [])
    first = [group.options[0] for group in product.option_groups if group.options]
    writing_goods.new_variant(shop, product, {}, first, ())
    writing_goods.add_pictures(shop, product, arguments.get("media") or [])
    shop.follow_sheet(product)
    shop.announce("PRODUCTS_CREATE", product)
    return payload(product=product)


def update(arguments: Args, call: Call) -> Made:
    """`productUpdate`: its words, its status, and more pictures."""
    shop, given = call.shop, arguments.get("product") or {}
    product = find_product(shop, given["id"]) if given.get("id") else None
    if product is None:
        raise Refusal("Product does not exist", "id")
    writing_goods.change_product(shop, product, given)
    writing_goods.add_pictures(shop, product, arguments.get("media") or [])
    shop.announce("PRODUCTS_UPDATE", product)
    return payload(product=product)


def delete(arguments: Args, call: Call) -> Made:
    """`productDelete`."""
    product = find_product(call.shop, arguments["input"]["id"])
    if product is None:
        raise Refusal("Product does not exist", "id")
    call.shop.catalogue.delete_product(product.id)
    call.shop.announce("PRODUCTS_DELETE", product)
    return payload(deleted_product_id=arguments["input"]["id"])


# --- publications -------------------------------------------------------------------------------------------


def publish(arguments: Args, call: Call) -> Made:
    """`publishablePublish`."""
    return _published(arguments, call, published=True)


def unpublish(arguments: Args, call: Call) -> Made:
    """`publishableUnpublish`."""
    return _published(arguments, call, published=False)


def _published(arguments: Args, call: Call, *, published: bool) -> Made:
    shop = call.shop
    product = find_product(shop, arguments["id"])
    if product is None:
        raise Refusal("Resource does not exist", "id")
    ids = [number_in(row.get("publicationId") or "gid://shopify/Publication/0") for row in arguments["input"]]
    for number, id in enumerate(ids):
        if id not in PUBLICATIONS:
            raise Refusal(
                "Publication does not exist or is not publishable", "input", str(number), "publicationId"
            )
    known = shop.sheet(product).published
    for id in ids:
        if published:
            known.setdefault(id, shop.second())
        else:
            known.pop(id, None)
    shop.follow_sheet(product)
    shop.announce("PRODUCTS_UPDATE", product)
    return payload(publishable=product)


# --- variants in bulk ---------------------------------------------------------------------------------------


def create_variants(arguments: Args, call: Call) -> Made:
    """`productVariantsBulkCreate`: all of them, or none."""
    shop, rows = call.shop, arguments["variants"]
    product = _product(shop, arguments["productId"])
    for number, row in enumerate(rows):
        path = _at(number)
        for name in ("price", "compareAtPrice"):
            writing_goods.checked_amount(shop, row.get(name), name, path)
    if arguments.get("strategy", "DEFAULT") == "REMOVE_STANDALONE_VARIANT":
        for standalone in [variant for variant in live(product) if not variant.options]:
            shop.catalogue.delete_variant(standalone.id)
    made: list[Variant] = []
    for number, row in enumerate(rows):
        path = _at(number)
        options = writing_goods.chosen(shop, product, row.get("optionValues") or [], path)
        if writing_goods.same_choice(product, options) is not None:
            title = " / ".join(option.name for option in options) or writing_goods.DEFAULT
            raise Refusal(f"The variant '{title}' already exists.", *path, code="VARIANT_ALREADY_EXISTS")
        made.append(writing_goods.new_variant(shop, product, row, options, path))
    shop.announce("PRODUCTS_UPDATE", product)
    return payload(product=product, product_variants=made)


def update_variants(arguments: Args, call: Call) -> Made:
    """`productVariantsBulkUpdate`: all or none, unless the client takes what can be done.

    A partial update answers with every variant that was named, changed or not.
    """
    shop, rows = call.shop, arguments["variants"]
    product = _product(shop, arguments["productId"])
    errors: list[Made] = []
    good: list[tuple[Variant, Given, tuple[str, ...]]] = []
    named: list[Variant] = []
    for number, row in enumerate(rows):
        path = _at(number)
        try:
            variant = _own_variant(product, row, path)
        except Refusal as refusal:
            errors.append(refusal.shown())
            continue
        named.append(variant)
        if wrong := _wrong(shop, row, path):
            errors += wrong
        else:
            good.append((variant, row, path))
    if errors and not arguments.get("allowPartialUpdates"):
        return payload(errors, product=product)
    for variant, row, path in good:
        writing_goods.change_variant(shop, variant, row, path)
    if good:
        shop.announce("PRODUCTS_UPDATE", product)
    return payload(errors, product=product, product_variants=named)


def _at(number: int) -> tuple[str, ...]:
    return ("variants", str(number))


def _product(shop: ShopifyShop, given: str) -> Product:
    product = find_product(shop, given)
    if product is None:
        raise Refusal("Product does not exist", "productId", code="PRODUCT_DOES_NOT_EXIST")
    return product


def _own_variant(product: Product, row: Given, path: tuple[str, ...]) -> Variant:
    if not row.get("id"):
        code = "PRODUCT_VARIANT_ID_MISSING"
        raise Refusal("Product variant is missing ID attribute", *path, "id", code=code)
    number = inside("ProductVariant", row["id"])
    variant = next((v for v in live(product) if v.id == number), None)
    if variant is None:
        code = "PRODUCT_VARIANT_DOES_NOT_EXIST"
        raise Refusal("Product variant does not exist", *path, "id", code=code)
    return variant


def _wrong(shop: ShopifyShop, row: Given, path: tuple[str, ...]) -> list[Made]:
    """Every fault of one row, the struck-out price before the price, as the real server has them."""
    errors: list[Made] = []
    for name in ("compareAtPrice", "price"):
        try:
            writing_goods.checked_amount(shop, row.get(name), name, path)
        except Refusal as refusal:
            errors.append(refusal.shown())
    if row.get("inventoryQuantities"):
        code = "NO_INVENTORY_QUANTITIES_ON_VARIANTS_UPDATE"
        errors.append(Refusal(_MUST_CREATE, *path, "inventoryQuantities", code=code).shown())
    return errors


# --- the whole product --------------------------------------------------------------------------------------


def set_product(arguments: Args, call: Call) -> Made:
    """`productSet`: makes the product, or makes it what is given; lists that are given are whole lists."""
    shop, given = call.shop, arguments["input"]
    product = _identified(shop, arguments.get("identifier") or {})
    if given.get("variants") is not None and given.get("productOptions") is None and product is None:
        text = "Product options input is required when updating variants"
        raise Refusal(text, "input", "productOptions", code="PRODUCT_OPTIONS_INPUT_MISSING")
    _checked_set(shop, given)
    handle = (arguments.get("identifier") or {}).get("handle")
    created = product is None
    if product is None:
        product = writing_goods.new_product(
            shop, given if given.get("handle") else given | {"handle": handle}
        )
    else:
        writing_goods.change_product(shop, product, given)
    writing_goods.set_options(shop, product, given.get("productOptions") or [])
    if given.get("variants") is not None:
        try:
            _set_variants(shop, product, given["variants"])
        except Refusal as refusal:
            raise Refusal(str(refusal), *(refusal.field or ()), code="INVALID_VARIANT") from None
    elif created:
        first = [group.options[0] for group in product.option_groups if group.options]
        writing_goods.new_variant(shop, product, {}, first, ())
    if given.get("files") is not None:
        writing_goods.set_pictures(shop, product, given["files"])
    shop.follow_sheet(product)
    shop.announce("PRODUCTS_CREATE" if created else "PRODUCTS_UPDATE", product)
    return payload(product=product)


def _identified(shop: ShopifyShop, identifier: dict[str, Any]) -> Product | None:
    if identifier.get("id"):
        product = find_product(shop, identifier["id"])
        if product is None:
            code = "PRODUCT_DOES_NOT_EXIST"
            raise Refusal("Product does not exist", "identifier", "id", code=code)
        return product
    handle = (identifier.get("handle") or "").lower()
    return next((p for p in shop.catalogue.live_products() if handle and p.slug == handle), None)


def _checked_set(shop: ShopifyShop, given: Given) -> None:
    for number, row in enumerate(given.get("variants") or ()):
        path = ("input", "variants", str(number))
        for name in ("price", "compareAtPrice"):
            try:
                writing_goods.checked_amount(shop, row.get(name), name, path)
            except Refusal as refusal:
                raise Refusal(str(refusal), *path, name, code="INVALID_VARIANT") from None


def _set_variants(shop: ShopifyShop, product: Product, rows: list[Given]) -> None:
    kept: set[str] = set()
    for number, row in enumerate(rows):
        path = ("input", "variants", str(number))
        options = writing_goods.chosen(shop, product, row["optionValues"], path)
        variant = _known(product, row, path) or writing_goods.same_choice(product, options)
        if variant is None:
            variant = writing_goods.new_variant(shop, product, row, options, path)
        else:
            variant.options = tuple(options)
            writing_goods.change_variant(shop, variant, row, path)
            writing_goods.stock_variant(shop, variant, row.get("inventoryQuantities") or (), path)
        kept.add(variant.id)
    for variant in live(product):
        if variant.id not in kept:
            shop.catalogue.delete_variant(variant.id)


def _known(product: Product, row: Given, path: tuple[str, ...]) -> Variant | None:
    if not row.get("id"):
        return None
    number = inside("ProductVariant", row["id"])
    found = next((v for v in live(product) if v.id == number), None)
    if found is None:
        code = "PRODUCT_VARIANT_DOES_NOT_EXIST"
        raise Refusal("Product variant does not exist", *path, "id", code=code)
    return found


def stage(arguments: Args, call: Call) -> Made:
    """`stagedUploadsCreate`: where files may be put before a product names them."""
    targets = []
    for row in arguments["input"]:
        url = f"{call.base}/staged/{call.shop.numbers.next('upload')}/{row['filename']}"
        signed = [Made("StagedUploadParameter", {"name": "content_type", "value": row["mimeType"]})]
        facts = {"url": f"{url}?signature=made", "resource_url": url, "parameters": signed}
        targets.append(Made("StagedMediaUploadTarget", facts))
    return payload(staged_targets=targets)


ACTS: dict[str, Act] = {
    "productCreate": create,
    "productUpdate": update,
    "productDelete": delete,
    "productSet": set_product,
    "productVariantsBulkCreate": create_variants,
    "productVariantsBulkUpdate": update_variants,
    "publishablePublish": publish,
    "publishableUnpublish": unpublish,
    "stagedUploadsCreate": stage,
}
