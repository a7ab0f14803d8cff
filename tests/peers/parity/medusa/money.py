"""Captures, refunds and cancels: what they do to the money, the stock, and the order's updatedAt."""

from tests.peers.parity.medusa.side import MedusaSide


def figures(shop: MedusaSide, id: str) -> tuple[object, ...]:
    """The statuses and sums that must be alike."""
    order = shop.clerk.order(id)
    names = ("paid_total", "refunded_total", "transaction_total", "pending_difference")
    sums = [round(order["summary"][name], 3) for name in names]
    return order["status"], order["payment_status"], sums, round(order["total"], 3)


def captured_and_refunded(shop: MedusaSide) -> None:
    """A capture leaves updatedAt alone; a refund beyond what is owed adds a credit line and moves it."""
    note, clerk = shop.notes, shop.clerk
    id = shop.buy({shop.goods(9, 20): 2})
    payment, placed = clerk.payment(id)["id"], clerk.order(id)["updated_at"]
    path = f"/admin/payments/{payment}"
    note.fact("placed", figures(shop, id))
    note.answer("refund before the capture", clerk.post(f"{path}/refund", {"amount": 1}))
    note.answer("capture", clerk.post(f"{path}/capture"))
    note.fact("captured", (figures(shop, id), clerk.order(id)["updated_at"] == placed))
    note.answer("capture twice", clerk.post(f"{path}/capture"))
    note.answer("refund", clerk.post(f"{path}/refund", {"amount": 5.125, "note": "goodwill"}))
    note.fact("refunded", (figures(shop, id), clerk.order(id)["updated_at"] > placed))
    note.answer("too much", clerk.post(f"{path}/refund", {"amount": 500}))
    note.answer("nothing", clerk.post(f"{path}/refund", {"amount": 0}))
    note.answer("payment", clerk.get(path))
    note.answer("unknown payment", clerk.post("/admin/payments/pay_unknown/capture"))
    fields = "id,*payment_collections.payments.captures,*payment_collections.payments.refunds"
    note.answer("in the order", clerk.get(f"/admin/orders/{id}", fields=fields))


def a_refund_that_is_owed(shop: MedusaSide) -> None:
    """Within what is owed a refund leaves updatedAt alone."""
    note, clerk = shop.notes, shop.clerk
    id = shop.buy({shop.goods(9, 20): 3})
    clerk.capture(id)
    line = clerk.lines(id)[0]["id"]
    clerk.post("/admin/order-edits", {"order_id": id})
    clerk.post(f"/admin/order-edits/{id}/items/item/{line}", {"quantity": 2})
    clerk.post(f"/admin/order-edits/{id}/confirm")
    owed, changed = -clerk.order(id)["summary"]["pending_difference"], clerk.order(id)["updated_at"]
    note.fact("owed", round(owed, 3))
    clerk.refund(id, owed)
    note.fact("given back", (figures(shop, id), clerk.order(id)["updated_at"] == changed))


def a_refund_while_the_order_is_being_changed(shop: MedusaSide) -> None:
    """Within what is owed it is made. Beyond it the shop calls it refused, for the credit line, and it is made too."""
    note, clerk = shop.notes, shop.clerk
    id = shop.buy({shop.goods(9, 20): 3})
    clerk.capture(id)
    payment = clerk.payment(id)["id"]
    note.fact("begun", clerk.post("/admin/order-edits", {"order_id": id}).status_code)
    note.status("refund", clerk.post(f"/admin/payments/{payment}/refund", {"amount": 5, "note": "goodwill"}))
    given = [float(one["amount"]) for one in clerk.payment(id)["refunds"]]
    note.fact("made all the same", given)


def cancelled(shop: MedusaSide) -> None:
    """Unpaid: the payment is let go. Captured: the money goes back. The stock is on sale again."""
    note, clerk = shop.notes, shop.clerk
    sku = shop.goods(9, 20)
    unpaid, paid = shop.buy({sku: 2}), shop.buy({sku: 3})
    payment = clerk.payment(unpaid)["id"]
    clerk.capture(paid)
    for name, id in (("unpaid", unpaid), ("paid", paid)):
        before = clerk.order(id)["updated_at"]
        note.fact(f"{name}: answer", clerk.post(f"/admin/orders/{id}/cancel").status_code)
        order = clerk.order(id)
        note.fact(name, (figures(shop, id), order["fulfillment_status"], clerk.stock(sku)))
        note.fact(f"{name}: lines", [item["quantity"] for item in order["items"]])
        note.fact(f"{name}: moved", order["updated_at"] > before)
    note.answer("twice", clerk.post(f"/admin/orders/{paid}/cancel"))
    note.answer("capture afterwards", clerk.post(f"/admin/payments/{payment}/capture"))
    items = {"location_id": clerk.locations[0], "items": [{"id": order["items"][0]["id"], "quantity": 1}]}
    note.status("pack afterwards", clerk.post(f"/admin/orders/{paid}/fulfillments", items))
    note.status("unknown order", clerk.post("/admin/orders/order_unknown/cancel"))


def no_cancel_while_something_is_packed(shop: MedusaSide) -> None:
    """Any uncancelled fulfilment stands in the way, shipped or not."""
    note, clerk = shop.notes, shop.clerk
    sku = shop.goods(9)
    id = shop.buy({sku: 2})
    made = clerk.fulfil(id, {sku: 1})
    note.answer("packed", clerk.post(f"/admin/orders/{id}/cancel"))
    clerk.ship(id, made, "T-1")
    note.answer("shipped", clerk.post(f"/admin/orders/{id}/cancel"))
    other = shop.buy({sku: 2})
    taken_back = clerk.fulfil(other, {sku: 1})
    clerk.post(f"/admin/orders/{other}/fulfillments/{taken_back}/cancel")
    note.fact("taken back", clerk.post(f"/admin/orders/{other}/cancel").status_code)
    note.fact("stock", clerk.stock(sku))
    order = clerk.order(other)
    note.fact("words", (order["status"], order["fulfillment_status"]))


SCRIPTS = (
    captured_and_refunded,
    a_refund_that_is_owed,
    a_refund_while_the_order_is_being_changed,
    cancelled,
    no_cancel_while_something_is_packed,
)
