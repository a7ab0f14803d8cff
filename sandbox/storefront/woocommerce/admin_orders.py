"""The routes of orders: one record says all, and writing the same twice makes two."""

from typing import Any

from sandbox.storefront.woocommerce import batches, order_edits, statuses
from sandbox.storefront.woocommerce.answers import invalid_id, no, not_one_of
from sandbox.storefront.woocommerce.books import WooShop
from sandbox.storefront.woocommerce.calls import Body, Call, Query, Reply, made, one
from sandbox.storefront.woocommerce.lists import Listing
from sandbox.storefront.woocommerce.orders_view import order
from sandbox.storefront.woocommerce.posts import TRASH
from sandbox.storefront.woocommerce.purchases import DRAFT, Purchase
from sandbox.storefront.woocommerce.routes_of import ID, Table


def find(shop: WooShop, id: int, status: int = 404) -> Purchase:
    """An order by id. Raises No with that status."""
    purchase = shop.purchases.get(id)
    if purchase is None or shop.hidden_order(purchase):
        raise invalid_id("shop_order", status)
    return purchase


def orders(call: Call) -> Reply:
    """A page of orders; trash and drafts are left out, unless they are asked for."""
    listing: Listing[Purchase] = Listing(
        lambda each: each.id,
        lambda each: each.created,
        lambda each: each.modified,
        posts=not call.shop.rules.new,
        sorts={"title": lambda each: each.id, "slug": lambda each: each.id},
    )
    wanted = _statuses(call)
    kept = [
        each
        for each in call.shop.purchases.values()
        if not call.shop.hidden_order(each) and _shown(call.shop, each, wanted) and _fits(each, call.query)
    ]
    dp = call.dp
    return listing.reply(call, kept, lambda each: order(call.shop, each, call.api, dp), "orders")


def _statuses(call: Call) -> list[str]:
    allowed = ["any", TRASH, *order_edits.statuses(call.shop)]
    wanted = call.query.many("status") or ["any"]
    for place, status in enumerate(wanted):
        if status not in allowed:
            raise not_one_of(f"status[{place}]", allowed, under="status")
    return wanted


def _shown(shop: WooShop, purchase: Purchase, wanted: list[str]) -> bool:
    """The newer generation shows no order whose status no plugin knows any more."""
    if "any" not in wanted:
        return purchase.status in wanted
    if purchase.status in (TRASH, DRAFT, "auto-draft"):
        return False
    return purchase.status in shop.statuses or not shop.rules.new


def _fits(purchase: Purchase, query: Query) -> bool:
    customer, product = query.get("customer"), query.ids("product")
    if customer is not None and str(purchase.words.get("customer_id") or 0) != customer:
        return False
    if product and not any(line.post and line.post.id in product for line in purchase.lines):
        return False
    search = (query.get("search") or "").lower()
    texts: list[Any] = [purchase.id, purchase.words.get("transaction_id")]
    texts += [*purchase.billing.values(), *(line.name for line in purchase.lines)]
    return any(search in str(text or "").lower() for text in texts)


def _one(call: Call) -> Reply:
    return one(call, order(call.shop, find(call.shop, call.path["id"]), call.api, call.dp))


def create(call: Call, body: Body) -> Body:
    """A new order; nobody asks whether there is enough of anything."""
    shop = call.shop
    order_edits.check(shop, body)
    now = shop.second()
    currency = str(body.get("currency") or shop.rules.currency)
    purchase = Purchase(shop.next_order(), shop.new_key(), currency, now, now)
    if body.get("status") == DRAFT:
        purchase.status = DRAFT
    order_edits.write(shop, purchase, body, new=True)
    shop.purchases[purchase.id] = purchase
    _move(shop, purchase, body, payable=True)
    shop.heard("order.created", purchase.id)
    shop.heard("order.updated", purchase.id)
    return order(shop, purchase, call.api, call.dp)


def _move(shop: WooShop, purchase: Purchase, body: Body, *, payable: bool) -> None:
    if isinstance(body.get("status"), str):
        statuses.move(shop, purchase, body["status"])
    if payable and body.get("set_paid") is True:
        statuses.pay(shop, purchase, str(body.get("transaction_id") or ""))


def change(call: Call, id: int, body: Body) -> Body:
    """Change an order; without a difference only the newer generation moves its date."""
    shop = call.shop
    purchase = find(shop, id, 400)
    order_edits.check(shop, body, purchase)
    before = order(shop, purchase, call.api, call.dp)
    payable, trashed = purchase.needs_payment, purchase.status == TRASH
    order_edits.write(shop, purchase, body, new=False)
    _move(shop, purchase, body, payable=payable)
    if trashed and purchase.status != TRASH:
        shop.heard("order.restored", id)
    if shop.rules.new or order(shop, purchase, call.api, call.dp) != before:
        shop.touch(purchase)
    return order(shop, purchase, call.api, call.dp)


def drop(call: Call, id: int, *, force: bool) -> Body:
    """Delete; the answer shows the order as it was. The trash is told of with the id alone, the end not at all."""
    shop = call.shop
    purchase = find(shop, id)
    if not force and purchase.status == TRASH:
        raise no(410, "woocommerce_rest_already_trashed", "The order has already been deleted.")
    shown = order(shop, purchase, call.api, call.dp)
    if force:
        del shop.purchases[id]
        return shown
    purchase.before_trash, purchase.status = purchase.status, TRASH
    purchase.modified = shop.second()
    shop.heard("order.deleted", id)
    return shown


def _create(call: Call) -> Reply:
    if call.body.get("id"):
        raise no(400, "woocommerce_rest_shop_order_exists", "Cannot create existing shop_order.")
    shown = create(call, call.body)
    return made(call, shown, f"orders/{shown['id']}")


def _change(call: Call) -> Reply:
    return one(call, change(call, call.path["id"], call.body))


def _drop(call: Call) -> Reply:
    return Reply(drop(call, call.path["id"], force=call.switch("force", default=False)))


def _drop_for_good(call: Call, id: int) -> Body:
    return drop(call, id, force=True)


def _batch(call: Call) -> Reply:
    return batches.batch(call, create=create, update=change, delete=_drop_for_good)


ROUTES: Table = {
    "/wc/v3/orders": {"GET": orders, "POST": _create},
    "/wc/v3/orders/batch": {"EDIT": _batch},
    f"/wc/v3/orders/{ID}": {"GET": _one, "EDIT": _change, "DELETE": _drop},
}
