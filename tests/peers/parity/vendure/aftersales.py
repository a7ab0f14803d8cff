"""Fulfilments, cancellations, refunds and remarks."""

from typing import Any

from tests.peers.parity.sides import Shop
from tests.peers.parity.vendure.words import (
    CANCEL,
    FULFIL,
    MOVE,
    REFUND,
    SETTLE,
    WHOLE_ORDER,
    code_of,
    handler,
    placed_order,
    result,
)


def fulfilment_with_tracking(shop: Shop) -> None:
    """Part and whole fulfilment, shipped and delivered; on hand drops at creation; updatedAt stays."""
    ask, note, staff = shop.staff.session.post, shop.notes, shop.staff
    one, two = shop.goods(10), shop.goods(10)
    order = placed_order(shop, {one: 2, two: 3})
    before = staff.order(order)["updatedAt"]
    answer = ask(
        FULFIL, {"i": {"lines": staff.lines(order, {one: 2, two: 1}), "handler": handler("DHL", "T1")}}
    )
    note.answer("part", answer)
    first = result(answer)["id"]
    note.fact("stock after creation", (staff.stock(one), staff.stock(two)))
    note.fact("order after creation", staff.order(order)["state"])
    note.answer("shipped", ask(MOVE, {"i": first, "s": "Shipped"}))
    note.fact("order after part", staff.order(order)["state"])
    note.answer("shipped again", ask(MOVE, {"i": first, "s": "Shipped"}))
    note.answer(
        "too many",
        ask(FULFIL, {"i": {"lines": staff.lines(order, {two: 3}), "handler": handler("DHL", "T2")}}),
    )
    note.answer("no lines", ask(FULFIL, {"i": {"lines": [], "handler": handler("DHL", "T2")}}))
    note.answer(
        "zero units",
        ask(FULFIL, {"i": {"lines": staff.lines(order, {two: 0}), "handler": handler("DHL", "T2")}}),
    )
    note.answer(
        "unknown line",
        ask(
            FULFIL,
            {"i": {"lines": [{"orderLineId": "999999", "quantity": 1}], "handler": handler("DHL", "T2")}},
        ),
    )
    note.answer(
        "unknown handler",
        ask(
            FULFIL,
            {"i": {"lines": staff.lines(order, {two: 2}), "handler": {"code": "nobody", "arguments": []}}},
        ),
    )
    second = result(
        ask(FULFIL, {"i": {"lines": staff.lines(order, {two: 2}), "handler": handler("DHL", "T2")}})
    )["id"]
    note.answer("Pending straight to Delivered", ask(MOVE, {"i": second, "s": "Delivered"}))
    note.fact("order half delivered", staff.order(order)["state"])
    note.answer("delivered", ask(MOVE, {"i": first, "s": "Delivered"}))
    note.fact("order delivered", staff.order(order)["state"])
    note.answer("back to Shipped", ask(MOVE, {"i": first, "s": "Shipped"}))
    note.answer("no such state", ask(MOVE, {"i": first, "s": "Lost"}))
    note.answer("no such fulfilment", ask(MOVE, {"i": "999999", "s": "Shipped"}))
    note.fact("updatedAt unmoved", staff.order(order)["updatedAt"] == before)
    note.answer("order", ask(f"query($i:ID!){{order(id:$i){{{WHOLE_ORDER}}}}}", {"i": order}))
    empty = result(
        ask(
            FULFIL, {"i": {"lines": staff.lines(placed_order(shop, {one: 1})), "handler": handler("DHL", "")}}
        )
    )
    note.fact("empty tracking code", empty["trackingCode"])


def a_fulfilment_taken_back(shop: Shop) -> None:
    """A pending fulfilment can be cancelled; its units are allocated again."""
    ask, note, staff = shop.staff.session.post, shop.notes, shop.staff
    sku = shop.goods(10)
    order = placed_order(shop, {sku: 4})
    made = result(ask(FULFIL, {"i": {"lines": staff.lines(order), "handler": handler("DHL", "T")}}))["id"]
    note.fact("stock with it", staff.stock(sku))
    note.answer("cancelled", ask(MOVE, {"i": made, "s": "Cancelled"}))
    note.fact("stock without it", staff.stock(sku))
    note.fact("order", staff.order(order)["state"])
    note.answer(
        "made again", ask(FULFIL, {"i": {"lines": staff.lines(order), "handler": handler("DHL", "T")}})
    )
    note.fact("stock again", staff.stock(sku))


def cancelling(shop: Shop) -> None:
    """Whole and by lines; no money moves; quantity shrinks, orderPlacedQuantity stays."""
    ask, note, staff = shop.staff.session.post, shop.notes, shop.staff
    sku = shop.goods(10)

    def cancel(step: str, order: str, lines: Any = None, **more: Any) -> None:
        change = {"orderId": order, "reason": "changed mind", "cancelShipping": lines is None, **more}
        if lines is not None:
            change["lines"] = lines
        answer = ask(CANCEL, {"i": change})
        note.answer(step, answer)
        note.fact(f"{step}: code", code_of(answer))
        after = staff.order(order)
        counts = sorted((x["quantity"], x["orderPlacedQuantity"]) for x in after["lines"])
        note.fact(
            f"{step}: leaves",
            (after["state"], after["active"], counts, after["totalWithTax"], staff.stock(sku)),
        )
        refunds = [refund["total"] for payment in after["payments"] for refund in payment["refunds"]]
        note.fact(f"{step}: refunds", refunds)

    order = placed_order(shop, {sku: 5})
    cancel("two units", order, staff.lines(order, {sku: 2}))
    cancel("too many", order, staff.lines(order, {sku: 9}))
    cancel("none", order, [])
    cancel("the rest", order)
    cancel("twice", order)
    shipped = placed_order(shop, {sku: 3})
    fulfilment = staff.fulfil(shipped, None, "DHL", "T")
    cancel("a fulfilled unit", shipped, staff.lines(shipped, {sku: 1}))
    staff.move(fulfilment, "Shipped")
    staff.move(fulfilment, "Delivered")
    cancel("a delivered unit", shipped, staff.lines(shipped, {sku: 1}))
    cancel("the delivered rest", shipped)
    with shop.visitor() as shopper:
        shopper.begin({sku: 1})
        cart = shopper.session.ask("{activeOrder{id}}")["id"]
        cancel("a cart", cart)
    note.answer("unknown order", ask(CANCEL, {"i": {"orderId": "999999"}}))


def cancelling_a_partly_fulfilled_line(shop: Shop) -> None:
    """Releases an allocation and restocks too: one unit too many."""
    note, staff = shop.notes, shop.staff
    sku = shop.goods(500)
    order = placed_order(shop, {sku: 5})
    fulfilment = staff.fulfil(order, {sku: 2}, "DHL", "T")
    note.fact("after fulfilling two", staff.stock(sku))
    staff.cancel(order, {sku: 1})
    note.fact("after cancelling one", staff.stock(sku))
    staff.move(fulfilment, "Shipped")
    note.fact("state", staff.order(order)["state"])
    staff.cancel(order, {sku: 1})
    note.fact("after cancelling another", (staff.stock(sku), staff.order(order)["state"]))


def updated_at(shop: Shop) -> None:
    """Only cancelOrder with lines moves Order.updatedAt."""
    staff = shop.staff
    sku = shop.goods(9)
    order = placed_order(shop, {sku: 3})
    before = staff.order(order)["updatedAt"]
    staff.refund(order, 10)
    shop.notes.fact("refund", staff.order(order)["updatedAt"] == before)
    fulfilment = staff.fulfil(order, {sku: 1}, "DHL", "T")
    staff.move(fulfilment, "Shipped")
    shop.notes.fact("ship", staff.order(order)["updatedAt"] == before)


def refunds(shop: Shop) -> None:
    """Every field must be given; never more than was paid; settled by hand."""
    ask, note, staff = shop.staff.session.post, shop.notes, shop.staff
    sku = shop.goods(9, 1000)
    order = placed_order(shop, {sku: 3})
    payment = staff.order(order)["payments"][0]["id"]
    whole = {"paymentId": payment, "lines": [], "shipping": 0, "adjustment": 0, "reason": "goodwill"}
    note.answer("amount alone", ask(REFUND, {"i": {"paymentId": payment, "amount": 100}}))
    note.fact("amount alone leaves", [r["total"] for r in staff.order(order)["payments"][0]["refunds"]])
    made = ask(REFUND, {"i": {**whole, "amount": 1000}})
    note.answer("goodwill", made)
    note.answer("too much", ask(REFUND, {"i": {**whole, "amount": 999_999}}))
    note.answer("nothing", ask(REFUND, {"i": {**whole, "amount": 0}}))
    note.answer("negative", ask(REFUND, {"i": {**whole, "amount": -5}}))
    note.answer("settled", ask(SETTLE, {"i": {"id": result(made)["id"], "transactionId": "bank-1"}}))
    note.answer("settled twice", ask(SETTLE, {"i": {"id": result(made)["id"], "transactionId": "bank-2"}}))
    lines = staff.lines(order, {sku: 1})
    note.answer("with a line", ask(REFUND, {"i": {**whole, "lines": lines, "amount": 1200}}))
    note.answer("line without amount", ask(REFUND, {"i": {**whole, "lines": lines, "shipping": 100}}))
    note.fact("refunds", [(r["state"], r["total"]) for r in staff.order(order)["payments"][0]["refunds"]])
    note.fact("order", (staff.order(order)["state"], staff.stock(sku)))
    note.answer("unknown payment", ask(REFUND, {"i": {**whole, "paymentId": "999999", "amount": 1}}))
    note.answer("unknown refund", ask(SETTLE, {"i": {"id": "999999", "transactionId": "x"}}))


def notes(shop: Shop) -> None:
    """Staff's remarks."""
    order = placed_order(shop, {shop.goods(9): 1})
    add = "mutation($i:AddNoteToOrderInput!){addNoteToOrder(input:$i){id}}"
    shop.notes.answer(
        "note",
        shop.staff.session.post(add, {"i": {"id": order, "note": "call before noon", "isPublic": False}}),
    )


SCRIPTS = (
    fulfilment_with_tracking,
    a_fulfilment_taken_back,
    cancelling,
    cancelling_a_partly_fulfilled_line,
    updated_at,
    refunds,
    notes,
)
