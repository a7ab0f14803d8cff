"""The routes of refunds: money back by amount or by lines, which go on the shelf again unless told otherwise."""

from decimal import Decimal
from typing import Any

from sandbox.storefront.woocommerce import statuses, stocking, telling
from sandbox.storefront.woocommerce.admin_orders import find
from sandbox.storefront.woocommerce.answers import invalid_id, no, refund_failed, wrong_type
from sandbox.storefront.woocommerce.books import WooShop, put_meta
from sandbox.storefront.woocommerce.calls import Body, Call, Reply, made, one
from sandbox.storefront.woocommerce.lists import Listing
from sandbox.storefront.woocommerce.money import exact
from sandbox.storefront.woocommerce.orders_view import refund
from sandbox.storefront.woocommerce.purchases import Item, ItemKind, MoneyBack, Purchase
from sandbox.storefront.woocommerce.routes_of import ID, ORDER, Table
from sandbox.storefront.woocommerce.sums import settle_refund

REFUNDS: Listing[MoneyBack] = Listing(
    lambda each: each.id, lambda each: each.created, lambda each: each.created, posts=False, sorts={}
)


def _list(call: Call) -> Reply:
    """A page of an order's refunds; of an order that is gone there are none."""
    purchase = call.shop.purchases.get(call.path["order_id"])
    if purchase is None or call.shop.hidden_order(purchase):
        return Reply([], headers={"x-wp-total": "0", "x-wp-totalpages": "0"})
    dp = call.dp
    return REFUNDS.reply(
        call,
        purchase.refunds,
        lambda each: refund(call.shop, purchase, each, call.api, dp),
        f"orders/{purchase.id}/refunds",
    )


def every_refund(call: Call) -> Reply:
    """A page of the refunds of all orders, each with its order's id."""
    owners = {each.id: owner for owner in call.shop.purchases.values() for each in owner.refunds}
    every = [each for owner in call.shop.purchases.values() for each in owner.refunds]
    dp = call.dp

    def show(each: MoneyBack) -> Body:
        owner = owners[each.id]
        return {**refund(call.shop, owner, each, call.api, dp), "parent_id": owner.id}

    return REFUNDS.reply(call, every, show, "refunds")


def _found(call: Call) -> tuple[Purchase, MoneyBack]:
    purchase = find(call.shop, call.path["order_id"])
    known = next((each for each in purchase.refunds if each.id == call.path["id"]), None)
    if known is None:
        raise invalid_id("shop_order_refund", 404)
    return purchase, known


def _one(call: Call) -> Reply:
    purchase, known = _found(call)
    return one(call, refund(call.shop, purchase, known, call.api, call.dp))


def _drop(call: Call) -> Reply:
    """Delete a refund; what it restocked stays on the shelf."""
    purchase, known = _found(call)
    if not call.switch("force", default=False):
        raise no(501, "woocommerce_rest_trash_not_supported", "The refund does not support trashing.")
    shown = refund(call.shop, purchase, known, call.api, call.dp)
    purchase.refunds.remove(known)
    call.shop.touch(purchase)
    return Reply(shown)


def _create(call: Call) -> Reply:
    """Give money back. Every failure is a 500, whatever its cause, and none is to be tried again."""
    shop, purchase, body = call.shop, find(call.shop, call.path["order_id"]), call.body
    if body.get("amount") is not None and not isinstance(body["amount"], str):
        raise wrong_type("amount", "string")
    items = _items(shop, purchase, body)
    worth = -sum((item.total + sum(item.taxes.values(), Decimal(0)) for item in items), Decimal(0))
    amount = exact(body["amount"]) if body.get("amount") else worth
    _allowed(shop, purchase, amount, by_gateway=body.get("api_refund", True) is not False)
    known = MoneyBack(shop.next_order(), amount, str(body.get("reason") or ""), shop.second(), items)
    known.by_gateway = body.get("api_refund", True) is not False
    put_meta(shop, known.meta, body.get("meta_data"))
    settle_refund(shop, known)
    known.whole = _whole(purchase, known)
    _carry_out(shop, purchase, known, restock=body.get("api_restock", True) is not False)
    shown = refund(shop, purchase, known, call.api, call.dp)
    return made(call, shown, f"orders/{purchase.id}/refunds/{known.id}")


def _items(shop: WooShop, purchase: Purchase, body: Body) -> list[Item]:
    """What a refund is for; items that the order does not have are passed over."""
    rows = body.get("line_items")
    wanted = {row.get("id"): row for row in rows if isinstance(row, dict)} if isinstance(rows, list) else {}
    return [_item(shop, item, wanted[item.id]) for item in purchase.items if item.id in wanted]


def _item(shop: WooShop, item: Item, row: dict[str, Any]) -> Item:
    taxes = row.get("refund_tax")
    return Item(
        shop.next_item(),
        item.kind,
        item.name,
        total=-exact(row.get("refund_total")),
        quantity=-int(row.get("quantity") or 0),
        post=item.post,
        tax_class=item.tax_class,
        taxable=item.taxable,
        method=item.method,
        taxes={
            int(each["id"]): -exact(each.get("refund_total"))
            for each in (taxes if isinstance(taxes, list) else ())
        },
        refunds_item=item.id,
    )


def _allowed(shop: WooShop, purchase: Purchase, amount: Decimal, *, by_gateway: bool) -> None:
    if amount < 0:
        text = "Refund amount must be greater than zero."
        raise refund_failed(text, code="invalid_order_refund", data=400)
    if amount > purchase.total - purchase.refunded:
        raise refund_failed("Invalid refund amount.")
    if by_gateway and not purchase.payment_method:
        raise refund_failed("The payment gateway for this order does not exist.")
    if by_gateway and purchase.payment_method not in shop.rules.gateways:
        raise refund_failed("The payment gateway for this order does not support automatic refunds.")


def _whole(purchase: Purchase, known: MoneyBack) -> bool:
    """Nothing is left to give back: no money, nor units of a line that cost nothing."""
    if purchase.total - purchase.refunded - known.amount > 0:
        return False
    free = any(line.total == 0 for line in purchase.lines)
    units = sum(line.quantity for line in purchase.lines)
    back = [item for each in (*purchase.refunds, known) for item in each.items]
    gone = -sum(item.quantity for item in back if item.kind is ItemKind.LINE)
    return not (free and units - gone > 0)


def _carry_out(shop: WooShop, purchase: Purchase, known: MoneyBack, *, restock: bool) -> None:
    """The order's own lines and total stay; only its date moves, and its status once nothing is left."""
    purchase.refunds.append(known)
    by_id = {line.id: line for line in purchase.lines}
    units = [(by_id[item.refunds_item], -item.quantity) for item in known.items if item.refunds_item in by_id]
    for line, quantity in units:
        if restock:
            stocking.give_back(shop, line, quantity)
    telling.refunded(shop, purchase, known)
    left = {line.id: quantity for line, quantity in telling.left_of(purchase)}
    unsent = [(line, min(quantity, left.get(line.id, 0))) for line, quantity in units]
    telling.cancelled(shop, purchase, [each for each in unsent if each[1] > 0], whole=False)
    for line, quantity in units:
        if line.mirror is not None:
            line.mirror.quantity = max(0, line.mirror.quantity - quantity)
    if known.whole:
        statuses.move(shop, purchase, "refunded")
    shop.touch(purchase)


_PATH = f"/wc/v3/orders/{ORDER}/refunds"
ROUTES: Table = {
    _PATH: {"GET": _list, "POST": _create},
    f"{_PATH}/{ID}": {"GET": _one, "DELETE": _drop},
}
NEW: Table = {"/wc/v3/refunds": {"GET": every_refund}}
"""What the older generation does not have."""
