"""How the parts of an order or a refund look in the API: lines, shipping, fees, taxes, coupons."""

import json
from typing import Any, cast

from sandbox.storefront.woocommerce.codes import CodeKind
from sandbox.storefront.woocommerce.money import bare, number, shown
from sandbox.storefront.woocommerce.posts import Kind, Meta
from sandbox.storefront.woocommerce.purchases import CouponLine, Item, TaxLine
from sandbox.storefront.woocommerce.rules import Rules
from sandbox.storefront.woocommerce.taxes import Taxes


def _taxes(rules: Rules, item: Item, dp: int) -> list[dict[str, Any]]:
    """The older generation shows taxes as they were worked out, whatever the currency's digits."""

    def text(taxes: Taxes, rate: int) -> str:
        if rate not in taxes:
            return ""
        return shown(taxes[rate], dp) if rules.new else bare(taxes[rate])

    return [
        {"id": rate, "total": text(item.taxes, rate), "subtotal": text(item.subtotal_taxes, rate)}
        for rate in item.taxes
    ]


def _item_meta(item: Item) -> list[dict[str, Any]]:
    own = list(item.meta)
    place = item.id * 10
    if item.refunds_item:
        own.append(Meta(place, "_refunded_item_id", str(item.refunds_item)))
    if item.reduced is not None:
        own.append(Meta(place + 1, "_reduced_stock", str(item.reduced)))
    if item.restocked:
        own.append(Meta(place + 2, "_restock_refunded_items", str(item.restocked)))
    return [
        {
            "id": each.id,
            "key": each.key,
            "value": each.value,
            "display_key": each.key.capitalize() if not each.key.startswith("_") else each.key,
            "display_value": each.value,
        }
        for each in own
    ]


def line(rules: Rules, item: Item, dp: int) -> dict[str, Any]:
    """A line; its SKU is what the product bears now, its name what it bore then."""
    post, varied = item.post, item.post is not None and item.post.kind is Kind.VARIATION
    product_id, variation_id, sku = 0, 0, None
    if post is not None and post.parent is not None and not post.parent.gone:
        product_id, variation_id = post.parent.id, post.id
        sku = post.parent.sku if post.gone else post.sku or post.parent.sku
    elif post is not None and post.parent is None and not post.gone:
        product_id, sku = post.id, post.sku
    newer = {}
    if rules.new:
        newer = {
            "global_unique_id": post.words.get("global_unique_id", "") if sku is not None and post else None
        }
    return {
        "id": item.id,
        "name": item.name,
        "product_id": product_id,
        "variation_id": variation_id,
        "quantity": item.quantity,
        "tax_class": item.tax_class,
        "subtotal": shown(item.subtotal, dp),
        "subtotal_tax": shown(item.subtotal_tax, dp),
        "total": shown(item.total, dp),
        "total_tax": shown(item.total_tax, dp),
        "taxes": _taxes(rules, item, dp),
        "meta_data": _item_meta(item),
        "sku": sku,
        **newer,
        "price": _price(item),
        "image": {"id": 0 if varied or sku is None else "", "src": ""},
        "parent_name": post.parent.name if post is not None and post.parent is not None else None,
    }


def _price(item: Item) -> int | float:
    """One unit's, without tax and after discount; never below zero."""
    return number(abs(float(item.total) / item.quantity) if item.quantity else 0.0)


def shipping_line(rules: Rules, item: Item, dp: int) -> dict[str, Any]:
    """A way of sending."""
    return {
        "id": item.id,
        "method_title": item.name,
        "method_id": item.method,
        "instance_id": "",
        "total": shown(item.total, dp),
        "total_tax": shown(item.total_tax, dp),
        "taxes": _without_subtotals(_taxes(rules, item, dp)),
        **({"tax_status": "taxable" if item.taxable else "none"} if rules.new else {}),
        "meta_data": _item_meta(item),
    }


def fee_line(rules: Rules, item: Item, dp: int) -> dict[str, Any]:
    """A fee, or a reduction."""
    return {
        "id": item.id,
        "name": item.name,
        "tax_class": item.tax_class,
        "tax_status": "taxable" if item.taxable else "none",
        "amount": "",
        "total": shown(item.total, dp),
        "total_tax": shown(item.total_tax, dp),
        "taxes": _without_subtotals(_taxes(rules, item, dp)),
        "meta_data": _item_meta(item),
    }


def _without_subtotals(taxes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**each, "subtotal": ""} for each in taxes]


def tax_line(rules: Rules, each: TaxLine, dp: int) -> dict[str, Any]:
    """What one rate comes to."""
    rate = next(rate for rate in rules.rates if rate.id == each.rate)
    return {
        "id": each.id,
        "rate_code": rate.code,
        "rate_id": rate.id,
        "label": rate.name,
        "compound": False,
        "tax_total": shown(each.items, dp),
        "shipping_tax_total": shown(each.shipping, dp),
        "rate_percent": number(float(rate.percent)),
        "meta_data": [],
    }


def coupon_line(rules: Rules, each: CouponLine) -> dict[str, Any]:
    """A code that was used; the newer generation keeps what it was in a short text."""
    code = each.code
    amount, value = number(float(code.amount)), cast(Any, None)
    if rules.new:
        kind = None if code.kind is CodeKind.CART else str(code.kind)
        key, value = "coupon_info", json.dumps([code.id, code.code, kind, amount], separators=(",", ":"))
        newer = {
            "discount_type": str(code.kind),
            "nominal_amount": amount,
            "free_shipping": code.free_shipping,
        }
    else:
        key, newer = "coupon_data", {}
        value = {
            "id": code.id,
            "code": code.code,
            "amount": bare(code.amount),
            "discount_type": str(code.kind),
        }
    data = {"id": each.id * 10, "key": key, "value": value, "display_key": key, "display_value": value}
    return {
        "id": each.id,
        "code": code.code,
        "discount": each.discount,
        "discount_tax": each.discount_tax,
        "meta_data": [data],
        **newer,
    }
