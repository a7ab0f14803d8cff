"""What staff do with orders as a whole: notes, closing, and cancelling, which is a job done a moment later."""

from sandbox.storefront.orders import Order
from sandbox.storefront.particulars import Adjustment
from sandbox.storefront.shopify import paying_back
from sandbox.storefront.shopify.acts import Act, Args
from sandbox.storefront.shopify.answers import Made, Refusal, payload, user_error
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.shopify.names import gid, inside
from sandbox.storefront.shopify.orders_view import find_order
from sandbox.storefront.shopify.records import Job
from sandbox.storefront.shopify.removing import take_out
from sandbox.storefront.states import FulfilmentState
from sandbox.storefront.vendure.graphql.execution import Resolvers

LONGEST_NOTE = 5000


def update(arguments: Args, call: Call) -> Made:
    """`orderUpdate`: what is given replaces what was there."""
    shop, given = call.shop, arguments["input"]
    order = find_order(shop, given["id"])
    if order is None:
        raise Refusal("Order does not exist", "id")
    if len(given.get("note") or "") > LONGEST_NOTE:
        raise Refusal(f"Note is too long (maximum is {LONGEST_NOTE} characters)", "note")
    about = shop.about(order)
    if "note" in given and given["note"] != about.note:
        about.note = given["note"]
        if about.note:
            shop.remember(order, "ORDER_NOTE", {"note": about.note}, public=False)
            shop.record("note_added", code=order.code, public=False)
    about.email = given.get("email", about.email)
    about.phone = given.get("phone", about.phone)
    about.po_number = given.get("poNumber", about.po_number)
    if given.get("tags") is not None:
        about.tags = list(given["tags"])
    if given.get("customAttributes") is not None:
        about.attributes = [(row["key"], row["value"]) for row in given["customAttributes"]]
    shop.touch(order)
    shop.announce("ORDERS_UPDATED", order)
    return payload(order=order)


def close(arguments: Args, call: Call) -> Made:
    """`orderClose`: put it away."""
    order = find_order(call.shop, arguments["input"]["id"])
    if order is None:
        raise Refusal("Order does not exist", "id")
    about = call.shop.about(order)
    about.closed_at = about.closed_at or call.shop.second()
    call.shop.touch(order)
    call.shop.announce("ORDERS_UPDATED", order)
    return payload(order=order)


def cancel(arguments: Args, call: Call) -> Made:
    """`orderCancel`: refused at once where goods have left, else done by a job; it looks again when it begins."""
    shop = call.shop
    order = find_order(shop, arguments["orderId"])
    if order is None:
        return _not_cancelled("Order does not exist", "NOT_FOUND")
    if shop.about(order).cancelled_at:
        return _not_cancelled("Order has already been cancelled", "INVALID")
    if any(job.done is False and job.order == order.id for job in shop.jobs.values()):
        return _not_cancelled("Cancellation is already in progress", "INVALID")
    if _left(order):
        return _not_cancelled("Cannot cancel an order that has outstanding fulfillments", "INVALID")
    job = Job(shop.numbers.next("job"), shop.clock.now(), order=order.id)
    shop.jobs[job.id] = job

    def work() -> None:
        job.done = True
        if not _left(order) and not shop.about(order).cancelled_at:
            _cancel(shop, order, arguments)

    job.due = shop.agenda.later(shop.pace.job, work)
    return payload(job=job, order_cancel_user_errors=[])


def _left(order: Order) -> bool:
    return any(f.state is not FulfilmentState.CANCELLED for f in order.fulfillments)


def _not_cancelled(message: str, code: str) -> Made:
    error = user_error(message, ["orderId"], code)
    return payload([error], order_cancel_user_errors=[error])


def _cancel(shop: ShopifyShop, order: Order, arguments: Args) -> None:
    restock, about = arguments["restock"], shop.about(order)
    refund = arguments.get("refund") or (arguments.get("refundMethod") or {}).get(
        "originalPaymentMethodsRefund"
    )
    rows = [(line, line.quantity) for line in order.lines]
    about.cancelled_at = about.closed_at = shop.second()
    about.cancel_reason, about.staff_note = arguments["reason"], arguments.get("staffNote")
    if refund and order.paid:
        paying_back.repay_all(shop, order, rows, restock=restock)
    else:
        take_out(shop, order, rows, restock=restock, reason=arguments["reason"])
        for sent in order.shipping_lines:
            off = Adjustment("CANCEL_ORDER", "OTHER", "shipping cancellation", -sent.discounted_price)
            sent.adjustments.append(off)
    shop.touch(order)
    shop.announce("ORDERS_CANCELLED", order)


def _job(arguments: Args, call: Call) -> Job | None:
    return call.shop.jobs.get(inside("Job", arguments["id"]))


ACTS: dict[str, Act] = {"orderUpdate": update, "orderClose": close, "orderCancel": cancel}
VIEW: Resolvers = {
    ("QueryRoot", "job"): lambda _, arguments, call: _job(arguments, call),
    ("Job", "id"): lambda job, _, __: gid("Job", job.id),
}
