"""What staff and buyers do after the sale: refunds, returns that are asked for and answered, edits of orders."""

from typing import Any

from sandbox.storefront.orders import Line, Order, Payment
from sandbox.storefront.shopify import amounts, paying_back
from sandbox.storefront.shopify.acts import Act, Args
from sandbox.storefront.shopify.aftersales_view import calculated, find_return
from sandbox.storefront.shopify.answers import Made, Refusal, payload
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.shopify.names import gid, inside
from sandbox.storefront.shopify.orders_view import find_order, name_of
from sandbox.storefront.shopify.records import Edit, Return, ReturnState, SentBack
from sandbox.storefront.shopify.removing import take_out
from sandbox.storefront.shopify.shipping_view import find_line
from sandbox.storefront.shopify.sums import current
from sandbox.storefront.states import FulfilmentState

# --- refunds ------------------------------------------------------------------------------------------------


def refund(arguments: Args, call: Call) -> Made:
    """`refundCreate`: without transactions the units are refunded and no money moves."""
    shop, given = call.shop, arguments["input"]
    order = find_order(shop, given["orderId"])
    if order is None:
        raise Refusal("Order does not exist", "orderId")
    wish = paying_back.Wish(note=given.get("note"))
    for number, row in enumerate(given.get("refundLineItems") or ()):
        wish.units.append(_units(shop, order, row, str(number)))
    wish.shipping = _shipping(shop, order, given.get("shipping") or {})
    for number, row in enumerate(given.get("transactions") or ()):
        _transaction(shop, order, row, str(number), wish)
    if not wish.units and not any(wish.shipping) and not wish.total:
        raise Refusal("Refund must have at least one line item, shipping or transaction", "refundLineItems")
    return payload(refund=paying_back.repay(shop, order, wish), order=order)


def _units(
    shop: ShopifyShop, order: Order, row: dict[str, Any], number: str
) -> tuple[Line, int, str, str | None]:
    line = next((x for x in order.lines if x.id == inside("LineItem", row["lineItemId"])), None)
    if line is None:
        raise Refusal("Line item does not exist", "refundLineItems", number, "lineItemId")
    if not 0 < row["quantity"] <= current(shop, line):
        text = "Quantity cannot refund more items than were purchased"
        raise Refusal(text, "refundLineItems", number, "quantity")
    restock = row.get("restockType") or "NO_RESTOCK"
    if restock == "CANCEL" and row["quantity"] > shop.outstanding(line):
        text = "Quantity cannot cancel more items than are unfulfilled"
        raise Refusal(text, "refundLineItems", number, "quantity")
    place = inside("Location", row["locationId"]) if row.get("locationId") else None
    if place is not None and place not in shop.places:
        raise Refusal("Location does not exist", "refundLineItems", number, "locationId")
    return line, row["quantity"], restock, place


def _shipping(shop: ShopifyShop, order: Order, given: dict[str, Any]) -> tuple[int, int]:
    price, tax = paying_back.sending_left(shop, order)
    if given.get("fullRefund"):
        return price, tax
    if given.get("amount") is None:
        return 0, 0
    wanted = amounts.minor(given["amount"], shop.terms.precision)
    if wanted is None or not 0 <= wanted <= price:
        raise Refusal("Shipping amount cannot refund more than what is left", "shipping", "amount")
    return wanted, round(tax * wanted / price) if price else 0


def _transaction(
    shop: ShopifyShop, order: Order, row: dict[str, Any], number: str, wish: paying_back.Wish
) -> None:
    amount = amounts.minor(row["amount"], shop.terms.precision)
    if amount is None or amount <= 0:
        raise Refusal("Amount must be greater than zero", "transactions", number, "amount")
    if row["kind"] != "REFUND":
        raise Refusal("Kind must be refund", "transactions", number, "kind")
    payment = _parent(order, row["parentId"]) if row.get("parentId") else _with_money(order)
    if payment is None:
        raise Refusal("Parent transaction does not exist", "transactions", number, "parentId")
    wish.parts.append((payment, amount))


def _with_money(order: Order) -> Payment | None:
    return next((p for p in paying_back.settled(order) if p.amount > p.refunded), None)


def _parent(order: Order, given: str) -> Payment | None:
    number = int(inside("OrderTransaction", given)) // 10
    return next((payment for payment in paying_back.settled(order) if payment.id == str(number)), None)


# --- returns ------------------------------------------------------------------------------------------------


def _of(found: Return) -> Made:
    facts: dict[str, Any] = {"return": found}
    return payload(**facts)


def ask_return(arguments: Args, call: Call) -> Made:
    """`returnRequest`: a buyer wants to send fulfilled units back."""
    shop, given = call.shop, arguments["input"]
    order = find_order(shop, given["orderId"])
    if order is None:
        raise Refusal("Order does not exist", "input", "orderId", code="NOT_FOUND")
    wanted = [_sent_back(shop, order, row, str(n)) for n, row in enumerate(given["returnLineItems"])]
    if not wanted:
        raise Refusal("Return line items can't be blank", "input", "returnLineItems", code="BLANK")
    return _of(open_return(shop, order, wanted))


def open_return(shop: ShopifyShop, order: Order, wanted: list[SentBack]) -> Return:
    """Note a buyer's wish; it waits for an answer."""
    about, id = shop.about(order), shop.numbers.next("return")
    made = Return(id, f"{name_of(order)}-R{len(about.returns) + 1}", order, shop.second(), wanted)
    about.returns.append(made)
    shop.returns[id] = made
    shop.touch(order)
    shop.record("return_requested", code=order.code, units=sum(back.quantity for back in wanted))
    shop.announce("RETURNS_REQUEST", made)
    return made


def _sent_back(shop: ShopifyShop, order: Order, row: dict[str, Any], number: str) -> SentBack:
    path = ("input", "returnLineItems", number)
    if row.get("returnReason") is None:
        raise Refusal("Return reason can't be blank", *path, "returnReason", code="BLANK")
    part = find_line(shop, row["fulfillmentLineItemId"])
    if (
        part is None
        or part.order_line.order is not order
        or part.fulfillment.state is FulfilmentState.CANCELLED
    ):
        raise Refusal(
            "Fulfillment line item was not found.", *path, "fulfillmentLineItemId", code="NOT_FOUND"
        )
    free = part.quantity - asked_back(shop, part.order_line, part.fulfillment.id)
    if not 0 < row["quantity"] <= free:
        raise Refusal("Quantity is not available for return.", *path, "quantity", code="INVALID")
    reason, note = row["returnReason"], row.get("customerNote")
    id = shop.numbers.next("return line")
    return SentBack(id, part.order_line, part.fulfillment, row["quantity"], reason, note)


def asked_back(shop: ShopifyShop, line: Line, fulfilment: str) -> int:
    """Units of a line of a fulfilment that returns name already."""
    return sum(
        back.quantity
        for each in shop.about(line.order).returns
        if each.state not in (ReturnState.DECLINED, ReturnState.CANCELED)
        for back in each.lines
        if back.line is line and back.fulfilment.id == fulfilment
    )


def _asked(shop: ShopifyShop, given: str, *path: str, state: ReturnState) -> Return:
    found = find_return(shop, given)
    if found is None:
        raise Refusal("Return not found.", *path, code="NOT_FOUND")
    if found.state is not state:
        word = state.value.lower()
        raise Refusal(f"Return is not in a {word} state.", *path, code="INVALID_STATE")
    return found


def approve(arguments: Args, call: Call) -> Made:
    """`returnApproveRequest`: the goods may come."""
    shop = call.shop
    found = _asked(shop, arguments["input"]["id"], "input", "id", state=ReturnState.REQUESTED)
    found.state, found.approved_at = ReturnState.OPEN, shop.second()
    shop.touch(found.order)
    shop.record("return_answered", code=found.order.code, approved=True)
    shop.announce("RETURNS_APPROVE", found)
    return _of(found)


def decline(arguments: Args, call: Call) -> Made:
    """`returnDeclineRequest`: the goods may not come."""
    shop, given = call.shop, arguments["input"]
    found = _asked(shop, given["id"], "input", "id", state=ReturnState.REQUESTED)
    found.state = ReturnState.DECLINED
    found.declined = (given["declineReason"], given.get("declineNote"))
    shop.touch(found.order)
    shop.record("return_answered", code=found.order.code, approved=False)
    shop.announce("RETURNS_DECLINE", found)
    return _of(found)


def close_return(arguments: Args, call: Call) -> Made:
    """`returnClose`: nothing more is to come."""
    shop = call.shop
    found = _asked(shop, arguments["id"], "id", state=ReturnState.OPEN)
    found.state, found.closed_at = ReturnState.CLOSED, shop.second()
    shop.touch(found.order)
    shop.announce("RETURNS_CLOSE", found)
    return _of(found)


def cancel_return(arguments: Args, call: Call) -> Made:
    """`returnCancel`: as long as nothing came back."""
    shop = call.shop
    found = _asked(shop, arguments["id"], "id", state=ReturnState.OPEN)
    if any(back.dispositions for back in found.lines):
        raise Refusal("Return is not cancelable.", "id", code="INVALID_STATE")
    found.state = ReturnState.CANCELED
    shop.touch(found.order)
    shop.announce("RETURNS_CANCEL", found)
    return _of(found)


# --- edits --------------------------------------------------------------------------------------------------


def begin_edit(arguments: Args, call: Call) -> Made:
    """`orderEditBegin`: nothing changes yet."""
    shop = call.shop
    order = find_order(shop, arguments["id"])
    if order is None:
        raise Refusal("The order does not exist.", "id")
    if shop.about(order).cancelled_at:
        raise Refusal("The order cannot be edited.", "id")
    edit = Edit(shop.numbers.next("edit"), order)
    shop.edits[edit.id] = edit
    return payload(calculated_order=edit, order_edit_session=_session(edit))


def _session(edit: Edit) -> Made:
    return Made("OrderEditSession", {"id": gid("OrderEditSession", edit.id)})


def _edit(shop: ShopifyShop, given: str) -> Edit:
    edit = shop.edits.get(inside("CalculatedOrder", given))
    if edit is None or edit.committed:
        raise Refusal("The calculated order does not exist.", "id")
    return edit


def set_quantity(arguments: Args, call: Call) -> Made:
    """`orderEditSetQuantity`: units that have not left may go; this shop's orders cannot be made larger."""
    shop = call.shop
    edit = _edit(shop, arguments["id"])
    number = inside("CalculatedLineItem", arguments["lineItemId"])
    line = next((x for x in edit.order.lines if x.id == number), None)
    if line is None:
        raise Refusal("The calculated line item does not exist.", "lineItemId")
    now, wanted = current(shop, line), arguments["quantity"]
    if not now - shop.outstanding(line) <= wanted <= now:
        text = f"Quantity must be between {now - shop.outstanding(line)} and {now}."
        raise Refusal(text, "quantity")
    edit.wanted[line.id] = (wanted, bool(arguments.get("restock")))
    made = calculated(edit, line, shop)
    return payload(calculated_line_item=made, calculated_order=edit, order_edit_session=_session(edit))


def commit_edit(arguments: Args, call: Call) -> Made:
    """`orderEditCommit`: refused where goods left meanwhile."""
    shop = call.shop
    edit = _edit(shop, arguments["id"])
    off: dict[bool, list[tuple[Line, int]]] = {True: [], False: []}
    for line in edit.order.lines:
        left, restock = edit.wanted.get(line.id, (current(shop, line), False))
        units = current(shop, line) - left
        if units > shop.outstanding(line):
            raise Refusal("The order has changed since the edit began.", "id")
        off[restock].append((line, max(0, units)))
    edit.committed = True
    shop.about(edit.order).edited = True
    for restock, rows in off.items():
        take_out(shop, edit.order, rows, restock=restock, reason=arguments.get("staffNote"))
    shop.touch(edit.order)
    shop.announce("ORDERS_EDITED", edit.order)
    return payload(order=edit.order, success_messages=["Order updated"])


ACTS: dict[str, Act] = {
    "refundCreate": refund,
    "returnRequest": ask_return,
    "returnApproveRequest": approve,
    "returnDeclineRequest": decline,
    "returnClose": close_return,
    "returnCancel": cancel_return,
    "orderEditBegin": begin_edit,
    "orderEditSetQuantity": set_quantity,
    "orderEditCommit": commit_edit,
}
