"""Writes products and variations from what a client sends, with all that the real shop silently makes of it."""

import re
from dataclasses import dataclass
from typing import Any

from sandbox.storefront.goods import Product, Variant
from sandbox.storefront.woocommerce.answers import (
    invalid_id,
    no,
    not_one_of,
    taken_sku,
    trashed_sku,
    wrong_type,
)
from sandbox.storefront.woocommerce.books import WooShop, put_meta
from sandbox.storefront.woocommerce.calls import Body
from sandbox.storefront.woocommerce.goods_view import image
from sandbox.storefront.woocommerce.moments import to_utc
from sandbox.storefront.woocommerce.money import exact, price_of
from sandbox.storefront.woocommerce.posts import TRASH, Kind, Post, same_sku

STATUSES = ["draft", "pending", "private", "publish", "future", "auto-draft", TRASH]
_BACKORDERS = ["no", "notify", "yes"]
_STOCK = ["instock", "outofstock", "onbackorder"]
_KEPT = (
    *("short_description", "weight", "dimensions", "tax_status", "tax_class", "virtual", "downloadable"),
    *("featured", "catalog_visibility", "sold_individually", "external_url", "button_text", "purchase_note"),
    *("reviews_allowed", "menu_order", "shipping_class", "default_attributes", "grouped_products"),
    *("low_stock_amount", "global_unique_id"),
)
DEFAULT_CATEGORY = 15


def check(body: Body) -> None:
    """Refuse what the schema refuses, before anything is done."""
    for name in ("regular_price", "sale_price", "sku", "name", "description"):
        if body.get(name) is not None and not isinstance(body[name], str):
            raise wrong_type(name, "string")
    if "stock_quantity" in body:
        _whole("stock_quantity", body["stock_quantity"])
    for name, allowed in (("status", STATUSES), ("backorders", _BACKORDERS), ("stock_status", _STOCK)):
        if body.get(name) is not None and body[name] not in allowed:
            raise not_one_of(name, allowed)
    kinds = [str(kind) for kind in Kind if kind is not Kind.VARIATION]
    if body.get("type") is not None and body["type"] not in kinds:
        raise not_one_of("type", kinds)


def _whole(name: str, value: Any) -> None:
    if value is None:
        return
    try:
        fits = not isinstance(value, bool) and float(value) == int(float(value))
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise wrong_type(name, "integer")


def clean(text: str) -> str:
    """A name as WordPress keeps it."""
    return text.replace("\\", "").replace("&amp;", "&").replace("&", "&amp;")


def check_sku(shop: WooShop, sku: str, own: Post | None) -> None:
    """Refuse a SKU that another post bears; one in the trash holds its own too."""
    wanted = same_sku(sku)
    for other in shop.posts.values():
        if not wanted or other is own or other.gone or same_sku(other.sku) != wanted:
            continue
        if own is None and other.status == TRASH:
            raise trashed_sku(sku.strip())
        raise taken_sku(sku.strip(), other.id)


def create_product(shop: WooShop, body: Body, home: str) -> Post:
    """A new product. Raises No, and then nothing was made."""
    check(body)
    sku = _sku(body)
    check_sku(shop, sku, None)
    kind = Kind(body.get("type") or "simple")
    words = {"name": clean(body.get("name") or "Product"), "slug": body.get("slug") or body.get("name") or ""}
    product = shop.catalogue.create_product({"translations": [words]})
    variant = _variant(shop, product, product.id, sku)
    now = shop.second()
    post = Post(int(product.id), kind, product, variant, now, now, categories=[DEFAULT_CATEGORY])
    shop.posts[post.id] = post
    if kind is not Kind.VARIABLE:
        shop.posts_catalogue.add(variant)
    else:
        post.stock_status = "outofstock"
    write(shop, post, body, home)
    shop.heard("product.created", post.id)
    return post


def create_variation(shop: WooShop, parent: Post, body: Body, home: str) -> Post:
    """A new variation of a product."""
    check({name: value for name, value in body.items() if name != "type"})
    sku = _sku(body)
    check_sku(shop, sku, None)
    variant = _variant(shop, parent.product, shop.numbers.next("post"), sku)
    now = shop.second()
    post = Post(int(variant.id), Kind.VARIATION, parent.product, variant, now, now, parent=parent)
    shop.posts[post.id] = post
    shop.posts_catalogue.add(variant)
    parent.variations.append(post)
    write(shop, post, body, home)
    shop.heard("product.created", post.id)
    follow_children(shop, parent)
    return post


def _sku(body: Body) -> str:
    return without_tags(body.get("sku") or "")


def without_tags(text: str) -> str:
    """A text as WordPress cleans it: what stands in angle brackets vanishes."""
    return re.sub(r"<[^>]*>", "", text).strip()


def _variant(shop: WooShop, product: Product, id: str, sku: str) -> Variant:
    now = shop.second()
    variant = Variant(id, product, sku, product.name, 0, now, now, now)
    variant.physical = sku or None
    variant.track = "FALSE"
    return variant


@dataclass(frozen=True, slots=True)
class Before:
    """What a change may have changed, for the newer and the older generation's dates."""

    post: tuple[Any, ...]

    @classmethod
    def of(cls, post: Post) -> "Before":
        """As it stands."""
        return cls(
            (
                post.sku,
                post.name,
                post.product.description,
                post.status,
                post.regular_price,
                post.sale_price,
                post.sale_from,
                post.sale_to,
                post.managed,
                post.quantity,
                post.backorders,
                post.stock_status,
                repr(post.attributes),
                repr(post.categories),
                repr(post.tags),
                repr(post.images),
                repr(post.meta),
                repr(post.words),
            )
        )


def change(shop: WooShop, post: Post, body: Body, home: str) -> None:
    """Change a post; without a difference only the newer generation moves its date."""
    check({name: value for name, value in body.items() if name != "type"})
    if body.get("sku") is not None:
        check_sku(shop, _sku(body), post)
    before = Before.of(post)
    if body.get("sku") is not None:
        post.variant.sku = _sku(body)
        post.variant.physical = post.variant.physical or post.variant.sku or None
    write(shop, post, body, home)
    if shop.rules.new or Before.of(post) != before:
        shop.touch_post(post)
    if post.parent is not None:
        follow_children(shop, post.parent)


def write(shop: WooShop, post: Post, body: Body, home: str) -> None:
    """Put the fields of a body, which was checked, into a post."""
    _describe(shop, post, body, home)
    _price(shop, post, body)
    _stock(shop, post, body)
    put_meta(shop, post.meta, body.get("meta_data"))
    post.settle_sale()
    shop.repriced(post)


def _describe(shop: WooShop, post: Post, body: Body, home: str) -> None:
    if isinstance(body.get("name"), str) and post.parent is None:
        post.product.name = clean(body["name"])
    if isinstance(body.get("description"), str):
        text = clean(body["description"])
        if post.parent is None:
            post.product.description = text
        else:
            post.words["description"] = text
    post.words.update({name: body[name] for name in _KEPT if body.get(name) is not None})
    if post.words.get("tax_class") == "parent":
        post.words["tax_class"] = post.parent.tax_class if post.parent else ""
    post.status = body.get("status") or post.status
    if isinstance(body.get("type"), str) and post.parent is None:
        post.kind = Kind(body["type"])
    if isinstance(body.get("attributes"), list):
        post.attributes = [dict(row) for row in body["attributes"] if row.get("name") or row.get("id")]
    for kind in ("categories", "tags"):
        if isinstance(body.get(kind), list):
            ids = [int(row["id"]) for row in body[kind] if isinstance(row, dict) and row.get("id")]
            known = [id for id in ids if id in shop.terms_of[kind]]
            setattr(post, kind, known or ([DEFAULT_CATEGORY] if kind == "categories" else []))
    pictures = body.get("images") if post.parent is None else [body["image"]] if body.get("image") else None
    if isinstance(pictures, list):
        old = {each["id"]: each for each in post.images}
        post.images = [old.get(row.get("id")) or image(shop, row, home) for row in pictures]


def _price(shop: WooShop, post: Post, body: Body) -> None:
    """Prices are cleaned, not refused; a sale price that is no reduction vanishes. Only "" clears a date."""
    for name in ("regular_price", "sale_price"):
        if body.get(name) is not None and post.kind is not Kind.VARIABLE:
            setattr(post, name, price_of(body[name]))
    for name in ("from", "to"):
        for suffix, gmt in (("", False), ("_gmt", True)):
            field = f"date_on_sale_{name}{suffix}"
            if body.get(field) is not None:
                setattr(post, f"sale_{name}", to_utc(shop, body[field], gmt=gmt))
    if post.sale_price and exact(post.sale_price) >= exact(post.regular_price):
        post.sale_price = ""


def _stock(shop: WooShop, post: Post, body: Body) -> None:
    """A quantity is written only where stock is counted at this very post; null is nothing left."""
    managed = body.get("manage_stock")
    if managed is not None:
        post.managed = managed is True or managed in ("true", "yes", "1", 1)
    post.variant.track = "TRUE" if post.managed else "FALSE"
    post.backorders = body.get("backorders") or post.backorders
    post.stock_status = body.get("stock_status") or post.stock_status
    if post.managed and "stock_quantity" in body:
        figure = int(float(body["stock_quantity"] or 0)) + post.variant.allocated
        if figure != post.variant.on_hand:
            post.variant.on_hand = figure
            shop.catalogue.stock_set(post.variant)
    for each in (post, *(post.variations if post.managed else ())):
        each.settle_stock()


def follow_children(shop: WooShop, parent: Post) -> None:
    """A variable product is in stock while one of its variations is."""
    if not parent.managed:
        found = {each.stock_status for each in shop.children(parent)}
        order = ("instock", "onbackorder", "outofstock")
        parent.stock_status = next((status for status in order if status in found), "outofstock")


def delete(shop: WooShop, post: Post, *, force: bool) -> None:
    """Take a post off the shop: to the trash, where it keeps its SKU, or for good."""
    if not force and post.status == TRASH:
        raise no(410, "woocommerce_rest_already_trashed", "The product has already been deleted.")
    if not force:
        post.status = TRASH
        post.modified = shop.second()
        post.settle_sale()
        shop.heard("product.deleted", post.id)
        return
    for each in (post, *post.variations):
        each.gone, each.variant.deleted, each.variant.enabled = True, True, False
        shop.posts.pop(each.id, None)
    if post.parent is not None:
        post.parent.variations.remove(post)
    else:
        post.product.deleted = True
    shop.posts_catalogue.forget()


def find(shop: WooShop, id: int, status: int) -> Post:
    """A product (or variation) by id. Raises No with that status."""
    post = shop.posts.get(id)
    if post is None:
        raise invalid_id("product", status)
    return post
