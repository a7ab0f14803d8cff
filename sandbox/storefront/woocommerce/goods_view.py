"""How products and variations look in the API."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from sandbox.storefront.woocommerce.books import WooShop
from sandbox.storefront.woocommerce.links import links
from sandbox.storefront.woocommerce.moments import pair, plain
from sandbox.storefront.woocommerce.money import exact, shown
from sandbox.storefront.woocommerce.posts import Kind, Meta, Post

SYMBOLS = {"USD": "$", "EUR": "€", "JPY": "¥", "GBP": "£", "CNY": "¥", "KWD": "د.ك", "BHD": ".د.ب"}
_DIMENSIONS = {"length": "", "width": "", "height": ""}


def meta_of(entries: list[Meta]) -> list[dict[str, Any]]:
    """A record's own data, without what is nobody's business."""
    ordered = sorted(entries, key=lambda each: each.key)
    return [{"id": each.id, "key": each.key, "value": each.value} for each in ordered]


def price(shop: WooShop, post: Post) -> str:
    """What is asked now; a variable product asks what its cheapest variation does."""
    now = shop.clock.now()
    if post.kind is not Kind.VARIABLE:
        return post.price(now)
    asked = [each.price(now) for each in shop.children(post) if each.status == "publish"]
    return min((text for text in asked if text), key=exact, default="")


def _common(shop: WooShop, post: Post, *, edit: bool) -> dict[str, Any]:
    """What products and variations share, but for their beginning and end."""
    words = post.words
    tax_class = post.tax_class
    if post.kind is Kind.VARIATION and edit and not tax_class:
        tax_class = "parent"
    return {
        "sku": post.sku if edit else inherited(post, post.sku, lambda parent: parent.sku),
        "price": price(shop, post),
        "regular_price": post.regular_price,
        "sale_price": post.sale_price,
        **pair(shop, "date_on_sale_from", post.sale_from),
        **pair(shop, "date_on_sale_to", post.sale_to),
        "on_sale": post.on_sale(shop.clock.now()),
        "purchasable": bool(price(shop, post)) and post.kind is not Kind.EXTERNAL,
        "virtual": bool(words.get("virtual")),
        "downloadable": bool(words.get("downloadable")),
        "downloads": [],
        "download_limit": -1,
        "download_expiry": -1,
        "tax_status": words.get("tax_status", "taxable"),
        "tax_class": tax_class,
        **_stock(post),
        "weight": words.get("weight", ""),
        "dimensions": {**_DIMENSIONS, **words.get("dimensions", {})},
        "shipping_class": words.get("shipping_class", ""),
        "shipping_class_id": 0,
        "menu_order": words.get("menu_order", 0),
        "meta_data": meta_of(post.meta),
    }


def inherited(post: Post, own: str, of: Callable[[Post], str]) -> str:
    """What is shown of a variation that has none of its own: its product's."""
    return own or (of(post.parent) if post.parent is not None else "")


def _gtin(post: Post) -> str:
    return str(post.words.get("global_unique_id", ""))


def _stock(post: Post) -> dict[str, Any]:
    holder = post.holder
    managed: bool | str = post.managed
    if holder is not None and holder is not post:
        managed = "parent"
    backorders = holder.backorders if holder is not None else post.backorders
    quantity = post.quantity
    short = quantity is not None and quantity <= 0 and backorders != "no"
    return {
        "manage_stock": managed,
        "stock_quantity": quantity,
        "stock_status": post.stock_status,
        "backorders": backorders,
        "backorders_allowed": backorders != "no",
        "backordered": short or (quantity is None and post.stock_status == "onbackorder"),
        "low_stock_amount": post.words.get("low_stock_amount"),
    }


def product(shop: WooShop, post: Post, api: str, *, edit: bool = False) -> dict[str, Any]:
    """A product; a variation looks like one too, where it is asked for as one."""
    common = _common(shop, post, edit=edit)
    stock = common.pop("stock_status")
    menu, meta = common.pop("menu_order"), common.pop("meta_data")
    words = post.words
    home = api.removesuffix("/wp-json/wc/v3")
    found = {
        "id": post.id,
        "name": post.full_name,
        "slug": post.product.slug,
        "permalink": permalink(post, home),
        **pair(shop, "date_created", post.created),
        **pair(shop, "date_modified", post.modified),
        "type": str(post.kind),
        "status": post.status,
        "featured": bool(words.get("featured")),
        "catalog_visibility": words.get("catalog_visibility", "visible"),
        "description": _paragraphs(_description(post), raw=edit),
        "short_description": _paragraphs(words.get("short_description", ""), raw=edit),
        **common,
        "sold_individually": bool(words.get("sold_individually")),
        "total_sales": post.sales if post.parent is None else str(post.sales),
        "external_url": words.get("external_url", ""),
        "button_text": words.get("button_text", ""),
        "shipping_required": not words.get("virtual"),
        "shipping_taxable": not words.get("virtual"),
        "reviews_allowed": words.get("reviews_allowed", post.parent is None),
        "average_rating": "0" if edit else "0.00",
        "rating_count": 0,
        "upsell_ids": [],
        "cross_sell_ids": [],
        "parent_id": post.parent.id if post.parent is not None else 0,
        "purchase_note": words.get("purchase_note", ""),
        "categories": _terms(shop, "categories", post.categories),
        "tags": _terms(shop, "tags", post.tags),
        "images": post.images,
        "attributes": _attributes(post),
        "default_attributes": words.get("default_attributes", []),
        "variations": [each.id for each in shop.children(post)],
        "grouped_products": words.get("grouped_products", []),
        "menu_order": menu,
        "price_html": price_html(shop, post),
        "related_ids": [],
        "meta_data": meta,
        "stock_status": stock,
        "has_options": post.kind is Kind.VARIABLE,
        "post_password": words.get("post_password", ""),
        **({"brands": [], "global_unique_id": words.get("global_unique_id", "")} if shop.rules.new else {}),
        "_links": links(shop.rules, api, f"products/{post.id}", collection="products"),
    }
    if edit:
        found["permalink_template"] = f"{home}/product/%pagename%/"
        found["generated_slug"] = post.product.slug
    return found


def _description(post: Post) -> str:
    own = post.words.get("description", "") if post.kind is Kind.VARIATION else post.product.description
    return str(own)


def _paragraphs(text: str, *, raw: bool) -> str:
    """A text as the shop's pages show it; whoever has just written it sees it as it is kept."""
    if raw or not text.strip():
        return text
    shown = text.strip()
    return f"{shown}\n" if shown.startswith("<p") else f"<p>{shown}</p>\n"


def permalink(post: Post, home: str) -> str:
    """Where shoppers see it."""
    address = f"{home}/product/{post.product.slug}/"
    if post.parent is None:
        return address
    chosen = [f"attribute_{_slug(each['name'])}={quote(str(each['option']))}" for each in post.attributes]
    return f"{address}?{'&'.join(chosen)}"


def _slug(name: object) -> str:
    return "-".join(str(name).lower().split())


def _attributes(post: Post) -> list[dict[str, Any]]:
    if post.kind is Kind.VARIATION:
        return [
            {"id": 0, "name": each["name"], "slug": _slug(each["name"]), "option": each["option"]}
            for each in post.attributes
        ]
    return [
        {
            "id": 0,
            "name": each["name"],
            "slug": each["name"],
            "position": each.get("position", 0),
            "visible": bool(each.get("visible", False)),
            "variation": bool(each.get("variation", False)),
            "options": list(each.get("options") or []),
        }
        for each in post.attributes
    ]


def _terms(shop: WooShop, kind: str, ids: list[int]) -> list[dict[str, Any]]:
    known = shop.terms_of[kind]
    return [{"id": id, "name": known[id]["name"], "slug": known[id]["slug"]} for id in ids if id in known]


def price_html(shop: WooShop, post: Post) -> str:
    """A price as the shop's pages show it."""
    asked = price(shop, post)
    if not asked:
        return ""
    symbol = "".join(f"&#{ord(sign)};" for sign in SYMBOLS.get(shop.rules.currency, shop.rules.currency))
    inner = f'<span class="woocommerce-Price-currencySymbol" translate="no">{symbol}</span>'
    amount = shown(exact(asked), shop.rules.decimals)
    return f'<span class="woocommerce-Price-amount amount"><bdi>{inner}{amount}</bdi></span>'


def variation(shop: WooShop, post: Post, api: str, *, edit: bool = False) -> dict[str, Any]:
    """A variation, where it is asked for as one."""
    parent = post.parent
    if parent is None:
        raise ValueError("a variation has a parent")
    common = _common(shop, post, edit=edit)
    menu, meta = common.pop("menu_order"), common.pop("meta_data")
    home = api.removesuffix("/wp-json/wc/v3")
    path = f"products/{parent.id}/variations"
    newer = (
        {
            "type": "variation",
            "global_unique_id": inherited(post, _gtin(post), _gtin),
            "gallery_image_ids": [],
        }
        if shop.rules.new
        else {}
    )
    return {
        "id": post.id,
        **newer,
        **pair(shop, "date_created", post.created),
        **pair(shop, "date_modified", post.modified),
        "description": _paragraphs(post.words.get("description", ""), raw=edit),
        "permalink": permalink(post, home),
        **common,
        "status": post.status,
        "image": post.images[0] if post.images else None,
        "attributes": _attributes(post),
        "menu_order": menu,
        "meta_data": meta,
        "name": post.name,
        "parent_id": parent.id,
        "_links": links(shop.rules, api, f"{path}/{post.id}", collection=path, up=f"products/{parent.id}"),
    }


def image(shop: WooShop, row: dict[str, Any], home: str) -> dict[str, Any]:
    """A picture that the shop fetched and keeps under an address of its own."""
    now = shop.second()
    id = int(row.get("id") or shop.numbers.next("post"))
    name = str(row.get("src") or "picture").rsplit("/", 1)[-1].split("?")[0] or "picture"
    return {
        "id": id,
        "date_created": plain(shop.local(now)),
        "date_created_gmt": plain(now),
        "date_modified": plain(shop.local(now)),
        "date_modified_gmt": plain(now),
        "src": f"{home}/wp-content/uploads/{name}",
        "name": str(row.get("name") or name),
        "alt": str(row.get("alt") or ""),
    }
