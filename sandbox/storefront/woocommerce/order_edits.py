"""Writes orders from what a client sends: lines, addresses, fees, and what WooCommerce silently makes of them."""

from typing import Any

from sandbox.storefront.woocommerce import discounts, parcels, stocking
from sandbox.storefront.woocommerce.answers import no, not_one_of, wrong_type
from sandbox.storefront.woocommerce.books import WooShop, put_meta
from sandbox.storefront.woocommerce.calls import Body
from sandbox.storefront.woocommerce.codes import Code, asked
from sandbox.storefront.woocommerce.money import exact, price_of
from sandbox.storefront.woocommerce.posts import Meta, Post, price_in, same_sku
from sandbox.storefront.woocommerce.purchases import CORE, DRAFT, Item, ItemKind, Purchase
from sandbox.storefront.woocommerce.sums import net, recalculate

_KEPT = ("payment_method", "payment_method_title", "transaction_id", "customer_note", "customer_id")
_LISTS = {
    "line_items": ItemKind.LINE,
    "shipping_lines": ItemKind.SHIPPING,
    "fee_lines": ItemKind.FEE,
}


def statuses(shop: WooShop) -> list[str]:
    """Every status that an order may be put into, in the order that refusals name them."""
    added = [each for each in shop.statuses if each not in CORE]
    return ["auto-draft", *CORE, *added, DRAFT]


def check(shop: WooShop, body: Body, purchase: Purchase | None = None) -> None:
    """Refuse what cannot be written, before anything is done; `purchase` is the order that is changed."""
    if body.get("status") is not None and body["status"] not in statuses(shop):
        raise not_one_of("status", statuses(shop))
    for name in _LISTS:
        for place, row in enumerate(_rows(body, name)):
            _check_row(name, place, row)
            _check_item(name, row, purchase)
    for row in _rows(body, "coupon_lines"):
        _coupon(shop, row)


def _check_row(name: str, place: int, row: Body) -> None:
    for key in ("total", "subtotal"):
        if row.get(key) is not None and not isinstance(row[key], str):
            raise wrong_type(f"{name}[{place}][{key}]", "string", under=name)
    quantity = row.get("quantity", 1)
    if isinstance(quantity, bool) or not str(quantity).lstrip("-").isdigit():
        raise wrong_type(f"{name}[{place}][quantity]", "integer", under=name)


def _check_item(name: str, row: Body, purchase: Purchase | None) -> None:
    """An item with an id is one of the order; a line without one says what it sells."""
    if row.get("id"):
        known = purchase.of(_LISTS[name]) if purchase is not None else []
        if all(item.id != row["id"] for item in known):
            text = "Order item ID provided is not associated with order."
            raise no(400, "woocommerce_rest_invalid_item_id", text)
    elif name == "line_items" and not any(row.get(each) for each in ("product_id", "variation_id", "sku")):
        text = "Product ID or SKU is required."
        raise no(400, "woocommerce_rest_required_product_reference", text)


def _coupon(shop: WooShop, row: Body) -> Code:
    if row.get("id"):
        raise no(400, "woocommerce_rest_coupon_item_id_readonly", "Coupon item ID is readonly.")
    wanted = asked(str(row.get("code") or ""))
    for code in shop.codes.values():
        if code.code == wanted:
            return code
    text = f'Coupon "{wanted}" does not exist!'
    if shop.rules.new:
        text = f"Coupon &quot;{wanted}&quot; cannot be applied because it does not exist."
    raise no(400, "woocommerce_rest_invalid_coupon", text)


def _rows(body: Body, name: str) -> list[Body]:
    found = body.get(name)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def write(shop: WooShop, purchase: Purchase, body: Body, *, new: bool) -> None:
    """Put a body's fields into an order and work its sums out; its status is another matter."""
    _describe(shop, purchase, body)
    touched = [_items(shop, purchase, name, kind, body) for name, kind in _LISTS.items()]
    if any(touched) or new:
        recalculate(shop, purchase)
    _coupons(shop, purchase, body)
    put_meta(shop, purchase.meta, body.get("meta_data"))
    if "meta_data" in body:
        parcels.tell(shop, purchase)


def _describe(shop: WooShop, purchase: Purchase, body: Body) -> None:
    purchase.words.update({name: body[name] for name in _KEPT if body.get(name) is not None})
    if not shop.rules.new and "customer_note" in body:
        purchase.words["customer_note"] = str(body["customer_note"]).replace("\\", "")
    for name in ("billing", "shipping"):
        given = body.get(name)
        if isinstance(given, dict):
            getattr(purchase, name).update({key: str(value or "") for key, value in given.items()})


def _items(shop: WooShop, purchase: Purchase, name: str, kind: ItemKind, body: Body) -> bool:
    """Append items without id, change those with one, take out those whose product or method is null."""
    rows = _rows(body, name)
    for row in rows:
        if not row.get("id"):
            item = _NEW[kind](shop, row)
            purchase.items.append(item)
            stocking.adjust(shop, purchase, item, item.quantity if kind is ItemKind.LINE else 0)
            continue
        known = [each for each in purchase.of(kind) if each.id == row["id"]]
        for item in known:
            _change_item(shop, purchase, item, row)
    return bool(rows)


def _change_item(shop: WooShop, purchase: Purchase, item: Item, row: Body) -> None:
    nulls = [name for name in ("product_id", "method_id", "name") if name in row and row[name] is None]
    quantity = int(row.get("quantity", item.quantity))
    if nulls or quantity == 0:
        stocking.adjust(shop, purchase, item, 0)
        purchase.items.remove(item)
        return
    if item.kind is ItemKind.LINE and quantity != item.quantity:
        item.quantity = quantity
        stocking.adjust(shop, purchase, item, quantity)
    _amounts(item, row)
    put_meta(shop, item.meta, row.get("meta_data"))
    item.name = row.get("method_title") or row.get("name") or item.name


def _amounts(item: Item, row: Body) -> None:
    """Amounts that are given hold; a quantity alone leaves them."""
    if row.get("total") is not None:
        item.total = exact(price_of(row["total"]))
    if row.get("subtotal") is not None:
        item.subtotal = exact(price_of(row["subtotal"]))


def _new_line(shop: WooShop, row: Body) -> Item:
    """A line; a product that nobody knows makes one that costs nothing."""
    post = _sold(shop, row)
    item = Item(shop.next_item(), ItemKind.LINE, row.get("name") or "", quantity=int(row.get("quantity", 1)))
    if post is not None:
        listed = price_in(post, shop.clock.now()) * item.quantity
        item.total = item.subtotal = net(shop.rules, listed, post)
        item.post, item.name = post, item.name or post.full_name
        item.tax_class, item.taxable = post.tax_class, post.taxable
        if post.parent is not None:
            item.meta = [
                Meta(shop.next_meta(), str(each["name"]).lower(), each["option"]) for each in post.attributes
            ]
        post.sales += item.quantity
    _amounts(item, row)
    put_meta(shop, item.meta, row.get("meta_data"))
    return item


def _sold(shop: WooShop, row: Body) -> Post | None:
    if sku := row.get("sku"):
        wanted = same_sku(str(sku))
        return next((post for post in shop.posts.values() if same_sku(post.sku) == wanted), None)
    id = row.get("variation_id") or row.get("product_id") or 0
    return shop.posts.get(int(id)) if str(id).isdigit() else None


def _new_shipping(shop: WooShop, row: Body) -> Item:
    item = Item(shop.next_item(), ItemKind.SHIPPING, str(row.get("method_title") or ""))
    item.method = str(row.get("method_id") or "")
    _amounts(item, row)
    return item


def _new_fee(shop: WooShop, row: Body) -> Item:
    item = Item(shop.next_item(), ItemKind.FEE, str(row.get("name") or "Fee"))
    item.taxable = row.get("tax_status", "taxable") == "taxable"
    item.tax_class = str(row.get("tax_class") or "")
    _amounts(item, row)
    return item


_NEW: dict[ItemKind, Any] = {
    ItemKind.LINE: _new_line,
    ItemKind.SHIPPING: _new_shipping,
    ItemKind.FEE: _new_fee,
}


def _coupons(shop: WooShop, purchase: Purchase, body: Body) -> None:
    """The codes that are named are those of the order from now on; an empty list takes all of them off."""
    if not isinstance(body.get("coupon_lines"), list):
        return
    codes = [_coupon(shop, row) for row in _rows(body, "coupon_lines")]
    if codes or purchase.coupons:
        discounts.apply(shop, purchase, codes)
