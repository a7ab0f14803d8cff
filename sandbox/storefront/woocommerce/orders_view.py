"""How orders, refunds and notes look in the API. Amounts are texts with `dp` digits; a line's price is a number."""

from typing import Any

from sandbox.storefront.woocommerce.books import WooShop
from sandbox.storefront.woocommerce.goods_view import SYMBOLS, meta_of
from sandbox.storefront.woocommerce.items_view import coupon_line, fee_line, line, shipping_line, tax_line
from sandbox.storefront.woocommerce.links import BRIEF, links
from sandbox.storefront.woocommerce.moments import pair
from sandbox.storefront.woocommerce.money import shown
from sandbox.storefront.woocommerce.posts import Meta
from sandbox.storefront.woocommerce.purchases import Item, ItemKind, MoneyBack, Note, Purchase
from sandbox.storefront.woocommerce.rules import Rules

ADDRESS = (
    *("first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode"),
    "country",
)
_EDITABLE = ("pending", "on-hold", "auto-draft")


def order(shop: WooShop, purchase: Purchase, api: str, dp: int) -> dict[str, Any]:
    """A whole order."""
    home = api.removesuffix("/wp-json/wc/v3")
    words, rules = purchase.words, shop.rules
    made, changed = (
        pair(shop, "date_created", purchase.created),
        pair(shop, "date_modified", purchase.modified),
    )
    paid, done = pair(shop, "date_paid", purchase.paid), pair(shop, "date_completed", purchase.completed)
    return {
        "id": purchase.id,
        "parent_id": 0,
        "status": purchase.status,
        "currency": purchase.currency,
        "version": rules.generation.version,
        "prices_include_tax": rules.prices_include_tax,
        "date_created": made["date_created"],
        "date_modified": changed["date_modified"],
        **_totals(purchase, dp),
        "customer_id": int(words.get("customer_id") or 0),
        "order_key": purchase.key,
        "billing": {name: purchase.billing.get(name, "") for name in (*ADDRESS, "email", "phone")},
        "shipping": {name: purchase.shipping.get(name, "") for name in (*ADDRESS, "phone")},
        "payment_method": words.get("payment_method", ""),
        "payment_method_title": words.get("payment_method_title", ""),
        "transaction_id": words.get("transaction_id", ""),
        "customer_ip_address": "",
        "customer_user_agent": "",
        "created_via": purchase.created_via,
        "customer_note": words.get("customer_note", ""),
        "date_completed": done["date_completed"],
        "date_paid": paid["date_paid"],
        "cart_hash": "",
        "number": str(purchase.id),
        "meta_data": meta_of(purchase.meta),
        "line_items": [line(rules, item, dp) for item in purchase.lines],
        "tax_lines": [tax_line(rules, each, dp) for each in purchase.tax_lines],
        "shipping_lines": [shipping_line(rules, item, dp) for item in purchase.of(ItemKind.SHIPPING)],
        "fee_lines": [fee_line(rules, item, dp) for item in purchase.of(ItemKind.FEE)],
        "coupon_lines": [coupon_line(rules, each) for each in purchase.coupons],
        "refunds": [_brief(rules, each, dp) for each in purchase.refunds],
        "payment_url": f"{home}/checkout/order-pay/{purchase.id}/?pay_for_order=true&key={purchase.key}",
        "is_editable": purchase.status in _EDITABLE,
        "needs_payment": purchase.needs_payment,
        "needs_processing": any(
            not (item.post and item.post.words.get("virtual")) for item in purchase.lines
        ),
        "date_created_gmt": made["date_created_gmt"],
        "date_modified_gmt": changed["date_modified_gmt"],
        "date_completed_gmt": done["date_completed_gmt"],
        "date_paid_gmt": paid["date_paid_gmt"],
        "currency_symbol": SYMBOLS.get(purchase.currency, purchase.currency),
        "_links": _order_links(rules, purchase, api),
    }


def _order_links(rules: Rules, purchase: Purchase, api: str) -> dict[str, Any]:
    path = f"orders/{purchase.id}"
    found = links(rules, api, path, collection="orders")
    if rules.new:
        mails = {"embeddable": True, "href": f"{api}/{path}/actions/email_templates"}
        found["email_templates"] = [mails]
    if customer := purchase.words.get("customer_id"):
        found["customer"] = [{"href": f"{api}/customers/{customer}"}]
    return found


def _totals(purchase: Purchase, dp: int) -> dict[str, str]:
    names = (
        *("discount_total", "discount_tax", "shipping_total", "shipping_tax", "cart_tax", "total"),
        "total_tax",
    )
    return {name: shown(getattr(purchase, name), dp) for name in names}


def _brief(rules: Rules, each: MoneyBack, dp: int) -> dict[str, Any]:
    """A refund as its order shows it."""
    tax = {"total_tax": shown(each.tax, dp)} if rules.new else {}
    return {"id": each.id, "reason": each.reason, "total": f"-{shown(each.amount, dp)}", **tax}


def refund(shop: WooShop, purchase: Purchase, each: MoneyBack, api: str, dp: int) -> dict[str, Any]:
    """A whole refund."""
    path = f"orders/{purchase.id}/refunds"
    rules = shop.rules
    meta = list(each.meta)
    if rules.new:
        meta.append(Meta(each.id, "_refund_type", "full" if each.whole else "partial"))

    def of(kind: ItemKind) -> list[Item]:
        return [item for item in each.items if item.kind is kind]

    return {
        "id": each.id,
        **pair(shop, "date_created", each.created),
        "amount": shown(each.amount, dp),
        "reason": each.reason,
        "refunded_by": 1,
        "refunded_payment": each.by_gateway,
        "meta_data": meta_of(meta),
        "line_items": [line(rules, item, dp) for item in of(ItemKind.LINE)],
        "shipping_lines": [shipping_line(rules, item, dp) for item in of(ItemKind.SHIPPING)],
        "tax_lines": [tax_line(rules, found, dp) for found in each.tax_lines],
        "fee_lines": [fee_line(rules, item, dp) for item in of(ItemKind.FEE)],
        "_links": links(
            rules,
            api,
            f"{path}/{each.id}",
            collection=path,
            up=f"orders/{purchase.id}",
            verbs=BRIEF,
        ),
    }


def note(shop: WooShop, purchase: Purchase, each: Note, api: str) -> dict[str, Any]:
    """A note."""
    path = f"orders/{purchase.id}/notes"
    return {
        "id": each.id,
        "author": each.author,
        **pair(shop, "date_created", each.at),
        "note": each.text,
        "customer_note": each.for_customer,
        "_links": links(
            shop.rules,
            api,
            f"{path}/{each.id}",
            collection=path,
            up=f"orders/{purchase.id}",
            verbs=BRIEF,
        ),
    }
