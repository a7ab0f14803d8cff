"""How an order's lines, its sending, discounts, taxes and transactions are read from the books."""

from typing import Any

from sandbox.storefront.orders import Line, Order
from sandbox.storefront.particulars import Adjustment
from sandbox.storefront.postage import ShippingLine
from sandbox.storefront.shopify.answers import Made, bag
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.shopify.goods_view import known_variant, title_of
from sandbox.storefront.shopify.lists import Connection, connection, first_of
from sandbox.storefront.shopify.names import gid
from sandbox.storefront.shopify.sums import (
    Sum,
    current,
    line_sum,
    order_sums,
    promised,
    sending_sum,
    unfulfilled,
)
from sandbox.storefront.vendure.graphql.execution import Resolvers

Args = dict[str, Any]


# --- discounts and taxes ------------------------------------------------------------------------------------


def applications(order: Order) -> list[Made]:
    """The order's discounts by their index: a code's on the goods, and its own on the sending."""
    found: list[Made] = []
    for coupon in order.coupons:
        targets = [("LINE_ITEM", coupon.percent)] if coupon.percent else []
        targets += [("SHIPPING_LINE", 100)] if coupon.free_shipping and order.shipping_lines else []
        for target, percent in targets:
            value = Made("PricingPercentageValue", {"percentage": float(percent)})
            facts = {"code": coupon.code, "index": len(found), "target_type": target, "value": value}
            more = {
                "allocation_method": "ACROSS",
                "target_selection": "ALL",
                "source": f"PROMOTION:{coupon.id}",
            }
            found.append(Made("DiscountCodeApplication", facts | more))
    return found


def _application(order: Order, adjustment: Adjustment, target: str) -> Made:
    return next(a for a in applications(order) if (a.source, a.target_type) == (adjustment.source, target))


def _allocations(line: Line, _: Args, call: Call) -> list[Made]:
    facts = [
        {
            "allocated_amount_set": bag(call.shop, -a.amount),
            "discount_application": _application(line.order, a, "LINE_ITEM"),
        }
        for a in line.adjustments
        if a.amount and promised(a)
    ]
    return [Made("DiscountAllocation", each) for each in facts]


def _sent_allocations(sent: "Sent", _: Args, call: Call) -> list[Made]:
    given = [a for a in sent.line.adjustments if a.amount and promised(a)]
    if not given:
        return []
    off = sending_sum(sent.order, sent.line).discount
    application = _application(sent.order, given[0], "SHIPPING_LINE")
    facts = {"allocated_amount_set": bag(call.shop, off), "discount_application": application}
    return [Made("DiscountAllocation", facts)]


def tax_line(shop: ShopifyShop, order: Order, amount: int) -> list[Made]:
    """The one tax that the shop knows; none where its rate is zero. A channel that collects it owes it itself."""
    rate = shop.tariff.rate
    if not rate:
        return []
    facts = {
        "title": "VAT",
        "rate": rate / 100,
        "rate_percentage": rate,
        "price_set": bag(shop, amount),
        "channel_liable": shop.about(order).channel_liable,
        "source": "Shopify",
    }
    return [Made("TaxLine", facts)]


# --- lines --------------------------------------------------------------------------------------------------


def _placed(line: Line) -> Sum:
    return line_sum(line, line.order_placed_quantity)


def _each(line: Line, total: int) -> int:
    units = line.order_placed_quantity or 1
    return int((2 * total + units) // (2 * units))


def _variant_title(line: Line, _: Args, __: Call) -> str | None:
    return title_of(line.product_variant) if line.product_variant.options else None


def _name(line: Line, _: Args, call: Call) -> str:
    title = _variant_title(line, {}, call)
    name = line.product_variant.product.name
    return f"{name} - {title}" if title else name


def _refundable_units(line: Line, _: Args, call: Call) -> int:
    return max(0, current(call.shop, line))


def _line_status(line: Line, _: Args, call: Call) -> str:
    waiting, left = unfulfilled(call.shop, line), line.order.fulfilled(line)
    if not left:
        return "unfulfilled"
    return "partial" if waiting else "fulfilled"


class Sent:
    """One way of sending, with its order."""

    __slots__ = ("line", "order")

    def __init__(self, order: Order, line: ShippingLine) -> None:
        self.order, self.line = order, line

    @property
    def id(self) -> str:
        """The number."""
        return self.line.id


def sent_of(order: Order) -> list[Sent]:
    """The order's ways of sending."""
    return [Sent(order, line) for line in order.shipping_lines]


def _sent_now(sent: Sent, _: Args, call: Call) -> Made:
    back = sum(r.shipping[0] for r in call.shop.about(sent.order).repayments)
    return bag(call.shop, sending_sum(sent.order, sent.line, placed=False).listed - back)


def _applications(order: Order, arguments: Args, call: Call) -> Connection:
    return connection(call, applications(order), arguments, id=lambda made: str(made.index))


VIEW: Resolvers = {
    ("Order", "discountApplications"): _applications,
    ("Order", "lineItems"): lambda o, a, call: connection(call, o.lines, a),
    ("Order", "shippingLine"): lambda o, _, __: next(iter(sent_of(o)), None),
    ("Order", "shippingLines"): lambda o, a, call: connection(call, sent_of(o), a),
    ("Order", "taxLines"): lambda o, _, call: tax_line(call.shop, o, order_sums(call.shop, o).tax),
    ("Order", "currentTaxLines"): lambda o, _, call: tax_line(call.shop, o, order_sums(call.shop, o).tax_now),
    ("LineItem", "currentQuantity"): lambda x, _, call: current(call.shop, x),
    ("LineItem", "customAttributes"): lambda _, __, ___: [],
    ("LineItem", "discountAllocations"): _allocations,
    ("LineItem", "discountedTotalSet"): lambda x, a, call: bag(
        call.shop, _placed(x).listed if a.get("withCodeDiscounts") else _placed(x).original
    ),
    ("LineItem", "discountedUnitPriceAfterAllDiscountsSet"): lambda x, _, call: bag(
        call.shop, _each(x, _placed(x).listed)
    ),
    ("LineItem", "discountedUnitPriceSet"): lambda x, _, call: bag(call.shop, x.list_price),
    ("LineItem", "fulfillableQuantity"): lambda x, _, call: unfulfilled(call.shop, x),
    ("LineItem", "fulfillmentStatus"): _line_status,
    ("LineItem", "id"): lambda x, _, __: gid("LineItem", x.id),
    ("LineItem", "isGiftCard"): lambda _, __, ___: False,
    ("LineItem", "name"): _name,
    ("LineItem", "nonFulfillableQuantity"): lambda x, _, call: max(
        0, x.order_placed_quantity - x.order.fulfilled(x) - unfulfilled(call.shop, x)
    ),
    ("LineItem", "originalTotalSet"): lambda x, _, call: bag(call.shop, _placed(x).original),
    ("LineItem", "originalUnitPriceSet"): lambda x, _, call: bag(call.shop, x.list_price),
    ("LineItem", "product"): lambda x, _, __: (
        None if x.product_variant.product.deleted else x.product_variant.product
    ),
    ("LineItem", "quantity"): lambda x, _, __: x.order_placed_quantity,
    ("LineItem", "refundableQuantity"): _refundable_units,
    ("LineItem", "requiresShipping"): lambda x, _, call: (
        call.shop.extras_of(x.product_variant).requires_shipping
    ),
    ("LineItem", "restockable"): lambda _, __, ___: True,
    ("LineItem", "sku"): lambda x, _, __: x.product_variant.sku or None,
    ("LineItem", "taxLines"): lambda x, a, call: first_of(tax_line(call.shop, x.order, _placed(x).tax), a),
    ("LineItem", "taxable"): lambda x, _, call: call.shop.extras_of(x.product_variant).taxable,
    ("LineItem", "title"): lambda x, _, __: x.product_variant.product.name,
    ("LineItem", "totalDiscountSet"): lambda x, _, call: bag(call.shop, _placed(x).discount),
    ("LineItem", "unfulfilledQuantity"): lambda x, _, call: unfulfilled(call.shop, x),
    ("LineItem", "variant"): lambda x, _, call: known_variant(call.shop, x.product_variant.id),
    ("LineItem", "variantTitle"): _variant_title,
    ("LineItem", "vendor"): lambda x, _, call: (
        call.shop.sheet(x.product_variant.product).vendor or call.shop.name
    ),
    ("ShippingLine", "carrierIdentifier"): lambda _, __, ___: None,
    ("ShippingLine", "code"): lambda s, _, __: s.line.shipping_method.code,
    ("ShippingLine", "currentDiscountedPriceSet"): _sent_now,
    ("ShippingLine", "custom"): lambda _, __, ___: False,
    ("ShippingLine", "discountAllocations"): _sent_allocations,
    ("ShippingLine", "discountedPriceSet"): lambda s, _, call: bag(
        call.shop, sending_sum(s.order, s.line).listed
    ),
    ("ShippingLine", "id"): lambda s, _, __: gid("ShippingLine", s.id),
    ("ShippingLine", "isRemoved"): lambda _, __, ___: False,
    ("ShippingLine", "originalPriceSet"): lambda s, _, call: bag(
        call.shop, sending_sum(s.order, s.line).original
    ),
    ("ShippingLine", "source"): lambda _, __, ___: "shopify",
    ("ShippingLine", "taxLines"): lambda s, _, call: tax_line(
        call.shop, s.order, sending_sum(s.order, s.line).tax
    ),
    ("ShippingLine", "title"): lambda s, _, __: s.line.shipping_method.name,
}
