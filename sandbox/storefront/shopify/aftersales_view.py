"""How refunds, returns and edits are read from the books."""

from typing import Any

from sandbox.storefront.orders import Line
from sandbox.storefront.shopify.answers import Made, bag, stamp
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.shopify.goods_view import known_variant, title_of
from sandbox.storefront.shopify.lines_view import sent_of
from sandbox.storefront.shopify.lists import Connection, connection, first_of
from sandbox.storefront.shopify.names import gid, inside
from sandbox.storefront.shopify.records import (
    Disposition,
    Edit,
    Exchanged,
    RepaidLine,
    Repayment,
    Return,
    ReturnState,
    SentBack,
)
from sandbox.storefront.shopify.sums import current, line_sum, order_sums
from sandbox.storefront.shopify.transactions_view import of_repayment
from sandbox.storefront.vendure.graphql.execution import Resolvers

Args = dict[str, Any]


def find_repayment(shop: ShopifyShop, given: str) -> Repayment | None:
    """A refund by its global id, None where there is none."""
    return shop.repayments.get(inside("Refund", given))


def find_return(shop: ShopifyShop, given: str) -> Return | None:
    """A return by its global id, None where there is none."""
    return shop.returns.get(inside("Return", given))


# --- refunds ------------------------------------------------------------------------------------------------


def _adjustments(repayment: Repayment, arguments: Args, call: Call) -> Connection:
    found = []
    if repayment.adjustment:
        facts = {"number": repayment.id, "id": gid("OrderAdjustment", repayment.id)}
        money = {"amount_set": bag(call.shop, -repayment.adjustment), "tax_amount_set": bag(call.shop, 0)}
        found = [Made("OrderAdjustment", {**facts, **money, "reason": "REFUND_DISCREPANCY"})]
    return connection(call, found, arguments, id=lambda made: made.number)


def _shipping(repayment: Repayment, arguments: Args, call: Call) -> Connection:
    found = []
    sent = next(iter(sent_of(repayment.order)), None)
    if any(repayment.shipping) and sent is not None:
        price, tax = (bag(call.shop, amount) for amount in repayment.shipping)
        facts = {"number": repayment.id, "id": gid("RefundShippingLine", repayment.id), "shipping_line": sent}
        found = [Made("RefundShippingLine", facts | {"subtotal_amount_set": price, "tax_amount_set": tax})]
    return connection(call, found, arguments, id=lambda made: made.number)


def _repaid_transactions(repayment: Repayment, arguments: Args, call: Call) -> Connection:
    return connection(call, of_repayment(call.shop, repayment), arguments, id=lambda made: made.number)


def _each(repaid: RepaidLine, _: Args, call: Call) -> Made:
    return bag(call.shop, repaid.subtotal // max(1, repaid.quantity))


# --- returns ------------------------------------------------------------------------------------------------


def _part_of(back: SentBack) -> Any:
    return next(part for part in back.fulfilment.lines if part.order_line is back.line)


def _refunded(back: SentBack, _: Args, call: Call) -> int:
    return min(back.quantity, call.shop.about(back.line.order).returned.get(back.line.id, 0))


def _to_process(back: SentBack, _: Args, call: Call) -> int:
    owner = next(r for r in call.shop.about(back.line.order).returns if back in r.lines)
    return back.quantity if owner.state is ReturnState.OPEN else 0


def _reverse_orders(back: Return) -> list[Return]:
    """One place takes all of a return back, from when it is granted."""
    return [] if back.state in (ReturnState.REQUESTED, ReturnState.DECLINED) else [back]


def find_reverse_order(shop: ShopifyShop, given: str) -> Return | None:
    """What shall be taken back, by its global id; it bears its return's number."""
    found = shop.returns.get(inside("ReverseFulfillmentOrder", given))
    return found if found is not None and _reverse_orders(found) else None


def _reverse_status(back: Return, _: Args, __: Call) -> str:
    return back.state.value if back.state in (ReturnState.CLOSED, ReturnState.CANCELED) else "OPEN"


def _wanted(line: Exchanged, _: Args, __: Call) -> str:
    return gid("ProductVariant", line.variant)


def _deliveries(back: Return, arguments: Args, call: Call) -> Connection:
    made = [
        Made("ReverseDelivery", {"number": str(n), "back": back, "tracking": parcel})
        for n, parcel in enumerate(back.parcels, int(back.id) * 100)
    ]
    return connection(call, made, arguments, id=lambda each: each.number)


def _deliverable(parcel: Made, _: Args, __: Call) -> Made:
    tracking = {"number": parcel.tracking, "carrier_name": "DHL", "url": None}
    facts = {"tracking": Made("ReverseDeliveryTrackingV2", tracking)}
    return Made("ReverseDeliveryShippingDeliverable", facts)


def _at(made: Disposition, _: Args, call: Call) -> Any:
    return call.shop.places.get(made.place) if made.place else None


def _reason(back: SentBack, _: Args, __: Call) -> Made:
    facts = {
        "id": gid("ReturnReasonDefinition", 1),
        "deleted": False,
        "handle": back.reason.lower().replace("_", "-"),
    }
    return Made("ReturnReasonDefinition", facts | {"name": back.reason.replace("_", " ").capitalize()})


def _declined(back: Return, _: Args, __: Call) -> Made | None:
    if back.declined is None:
        return None
    return Made("ReturnDecline", {"reason": back.declined[0], "note": back.declined[1]})


# --- edits --------------------------------------------------------------------------------------------------


def calculated(edit: Edit, line: Line, shop: ShopifyShop) -> Made:
    """A line as it would be after the edit."""
    now = current(shop, line)
    left, restock = edit.wanted.get(line.id, (now, False))
    fixed = now - shop.outstanding(line)
    facts = {
        "number": line.id,
        "id": gid("CalculatedLineItem", line.id),
        "title": line.product_variant.product.name,
        "variant_title": title_of(line.product_variant) if line.product_variant.options else None,
        "variant": known_variant(shop, line.product_variant.id),
        "sku": line.product_variant.sku or None,
        "quantity": left,
        "editable_quantity": max(0, left - fixed),
        "editable_quantity_before_changes": max(0, now - fixed),
        "original_unit_price_set": bag(shop, line.list_price),
        "restockable": True,
        "restocking": restock,
    }
    return Made("CalculatedLineItem", facts)


def _calculated_lines(edit: Edit, arguments: Args, call: Call) -> Connection:
    made = [calculated(edit, line, call.shop) for line in edit.order.lines]
    return connection(call, made, arguments, id=lambda line: line.number)


def _change(edit: Edit, shop: ShopifyShop) -> tuple[int, int]:
    """What an edit takes off: as listed, and with tax."""
    listed = gross = 0
    for line in edit.order.lines:
        now = current(shop, line)
        before, after = line_sum(line, now), line_sum(line, edit.wanted.get(line.id, (now, False))[0])
        listed += before.listed - after.listed
        gross += before.gross - after.gross
    return listed, gross


def _units(edit: Edit, _: Args, call: Call) -> int:
    return sum(calculated(edit, line, call.shop).quantity for line in edit.order.lines)


VIEW: Resolvers = {
    ("QueryRoot", "refund"): lambda _, a, call: find_repayment(call.shop, a["id"]),
    ("QueryRoot", "return"): lambda _, a, call: find_return(call.shop, a["id"]),
    ("QueryRoot", "reverseFulfillmentOrder"): lambda _, a, call: find_reverse_order(call.shop, a["id"]),
    ("Order", "refunds"): lambda o, a, call: first_of(call.shop.about(o).repayments, a),
    ("Order", "returns"): lambda o, a, call: connection(call, call.shop.about(o).returns, a),
    ("Refund", "createdAt"): lambda r, _, __: stamp(r.created_at),
    ("Refund", "processedAt"): lambda r, _, __: stamp(r.created_at),
    ("Refund", "updatedAt"): lambda r, _, __: stamp(r.created_at),
    ("Refund", "id"): lambda r, _, __: gid("Refund", r.id),
    ("Refund", "legacyResourceId"): lambda r, _, __: r.id,
    ("Refund", "orderAdjustments"): _adjustments,
    ("Refund", "refundLineItems"): lambda r, a, call: connection(call, r.lines, a),
    ("Refund", "refundShippingLines"): _shipping,
    ("Refund", "return"): lambda _, __, ___: None,
    ("Refund", "totalRefundedSet"): lambda r, _, call: bag(call.shop, r.total),
    ("Refund", "transactions"): _repaid_transactions,
    ("RefundLineItem", "id"): lambda x, _, __: gid("RefundLineItem", x.id),
    ("RefundLineItem", "lineItem"): lambda x, _, __: x.line,
    ("RefundLineItem", "location"): lambda x, _, call: call.shop.places.get(x.place) if x.place else None,
    ("RefundLineItem", "priceSet"): _each,
    ("RefundLineItem", "restockType"): lambda x, _, __: x.restock,
    ("RefundLineItem", "restocked"): lambda x, _, __: x.restock != "NO_RESTOCK",
    ("RefundLineItem", "subtotalSet"): lambda x, _, call: bag(call.shop, x.subtotal),
    ("RefundLineItem", "totalTaxSet"): lambda x, _, call: bag(call.shop, x.tax),
    ("Return", "closedAt"): lambda r, _, __: stamp(r.closed_at),
    ("Return", "createdAt"): lambda r, _, __: stamp(r.created_at),
    ("Return", "decline"): _declined,
    ("Return", "exchangeLineItems"): lambda r, a, call: connection(call, r.instead, a),
    ("Return", "reverseFulfillmentOrders"): lambda r, a, call: connection(call, _reverse_orders(r), a),
    ("Return", "id"): lambda r, _, __: gid("Return", r.id),
    ("Return", "refunds"): lambda _, a, call: connection(call, [], a),
    ("Return", "requestApprovedAt"): lambda r, _, __: stamp(r.approved_at),
    ("Return", "returnLineItems"): lambda r, a, call: connection(call, r.lines, a),
    ("Return", "status"): lambda r, _, __: r.state.value,
    ("Return", "totalQuantity"): lambda r, _, __: sum(back.quantity for back in r.lines),
    ("ReturnLineItem", "customerNote"): lambda b, _, __: b.note,
    ("ReturnLineItem", "fulfillmentLineItem"): lambda b, _, __: _part_of(b),
    ("ReturnLineItem", "id"): lambda b, _, __: gid("ReturnLineItem", b.id),
    ("ReturnLineItem", "processableQuantity"): _to_process,
    ("ReturnLineItem", "processedQuantity"): lambda b, a, call: b.quantity - _to_process(b, a, call),
    ("ReturnLineItem", "refundableQuantity"): lambda b, a, call: b.quantity - _refunded(b, a, call),
    ("ReturnLineItem", "refundedQuantity"): _refunded,
    ("ReturnLineItem", "returnReason"): lambda b, _, __: b.reason,
    ("ReturnLineItem", "returnReasonDefinition"): _reason,
    ("ReturnLineItem", "returnReasonNote"): lambda _, __, ___: "",
    ("ReturnLineItem", "unprocessedQuantity"): _to_process,
    ("ExchangeLineItem", "id"): lambda e, _, __: gid("ExchangeLineItem", e.id),
    ("ExchangeLineItem", "lineItems"): lambda _, __, ___: [],
    ("ExchangeLineItem", "processableQuantity"): lambda e, _, __: e.units,
    ("ExchangeLineItem", "processedQuantity"): lambda _, __, ___: 0,
    ("ExchangeLineItem", "quantity"): lambda e, _, __: e.units,
    ("ExchangeLineItem", "unprocessedQuantity"): lambda e, _, __: e.units,
    ("ExchangeLineItem", "variantId"): _wanted,
    ("ReverseFulfillmentOrder", "id"): lambda r, _, __: gid("ReverseFulfillmentOrder", r.id),
    ("ReverseFulfillmentOrder", "lineItems"): lambda r, a, call: connection(call, r.lines, a),
    ("ReverseFulfillmentOrder", "reverseDeliveries"): _deliveries,
    ("ReverseFulfillmentOrder", "status"): _reverse_status,
    ("ReverseFulfillmentOrderLineItem", "fulfillmentLineItem"): lambda b, _, __: _part_of(b),
    ("ReverseFulfillmentOrderLineItem", "id"): lambda b, _, __: gid("ReverseFulfillmentOrderLineItem", b.id),
    ("ReverseFulfillmentOrderLineItem", "totalQuantity"): lambda b, _, __: b.quantity,
    ("ReverseFulfillmentOrderDisposition", "createdAt"): lambda d, _, __: stamp(d.at),
    ("ReverseFulfillmentOrderDisposition", "id"): lambda d, _, __: gid(
        "ReverseFulfillmentOrderDisposition", d.id
    ),
    ("ReverseFulfillmentOrderDisposition", "location"): _at,
    ("ReverseFulfillmentOrderDisposition", "quantity"): lambda d, _, __: d.units,
    ("ReverseFulfillmentOrderDisposition", "type"): lambda d, _, __: d.kind,
    ("ReverseDelivery", "deliverable"): _deliverable,
    ("ReverseDelivery", "id"): lambda p, _, __: gid("ReverseDelivery", p.number),
    ("ReverseDelivery", "reverseFulfillmentOrder"): lambda p, _, __: p.back,
    ("CalculatedOrder", "addedLineItems"): lambda _, a, call: connection(call, [], a),
    ("CalculatedOrder", "id"): lambda e, _, __: gid("CalculatedOrder", e.id),
    ("CalculatedOrder", "lineItems"): _calculated_lines,
    ("CalculatedOrder", "originalOrder"): lambda e, _, __: e.order,
    ("CalculatedOrder", "subtotalLineItemsQuantity"): _units,
    ("CalculatedOrder", "subtotalPriceSet"): lambda e, _, call: bag(
        call.shop, order_sums(call.shop, e.order).subtotal_now - _change(e, call.shop)[0]
    ),
    ("CalculatedOrder", "totalOutstandingSet"): lambda e, _, call: bag(
        call.shop, order_sums(call.shop, e.order).outstanding - _change(e, call.shop)[1]
    ),
    ("CalculatedOrder", "totalPriceSet"): lambda e, _, call: bag(
        call.shop, order_sums(call.shop, e.order).total_now - _change(e, call.shop)[1]
    ),
}
