"""Orders as the API shows them, with its two statuses that are only as right as what was asked for."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.storefront.medusa.amounts import both, raw, shown
from sandbox.storefront.medusa.books import SHIPPING, MedusaShop
from sandbox.storefront.medusa.fields import Thing, Wish
from sandbox.storefront.medusa.goods_view import channel, moment, nothing, stamps, variant_of
from sandbox.storefront.medusa.names import outside
from sandbox.storefront.medusa.parcels_view import fulfilment
from sandbox.storefront.medusa.payments_view import collection
from sandbox.storefront.medusa.sums import (
    LineSums,
    OrderSums,
    line_sums,
    order_sums,
    original_total,
    rate,
    shown_quantity,
)
from sandbox.storefront.orders import Line, Order
from sandbox.storefront.states import FulfilmentState

_NONE = Decimal(0)


def order_of(shop: MedusaShop, order: Order, *, totals: bool = True) -> Thing:
    """An order; `totals` says whether its lines come with what they cost."""
    about, sums = shop.about(order), order_sums(shop, order)
    own: dict[str, Any] = {
        "id": outside("order", order.id),
        "display_id": int(order.code),
        "custom_display_id": None,
        "status": "canceled" if about.cancelled_at else "pending",
        "version": about.version,
        "summary": _summary(shop, order, sums),
        "metadata": about.metadata,
        "locale": None,
        "created_at": moment(order.order_placed_at),
        "updated_at": moment(order.updated_at),
        "canceled_at": moment(about.cancelled_at),
        "region_id": outside("region", 1),
        "customer_id": outside("customer", order.customer.id) if order.customer else None,
        "sales_channel_id": outside("channel", 1),
        "email": about.email or (order.customer.email_address if order.customer else None),
        "currency_code": order.currency_code.lower(),
        **_totals(sums),
    }
    return Thing(own, _relations(shop, order, totals))


def _relations(shop: MedusaShop, order: Order, totals: bool) -> dict[str, Callable[[], Any]]:
    return {
        "items": lambda: [
            item_of(shop, order, line, totals=totals) for line in order.lines if shown_quantity(order, line)
        ],
        "credit_lines": lambda: _credits(shop, order),
        "shipping_address": lambda: address(shop, order),
        "billing_address": lambda: None,
        "shipping_methods": lambda: [_method(shop, order, totals)] if order.shipping_lines else [],
        "payment_collections": lambda: [collection(shop, order)],
        "fulfillments": lambda: [fulfilment(shop, each) for each in order.fulfillments],
        "customer": lambda: _customer(order),
        "sales_channel": lambda: channel(shop),
    }


def _summary(shop: MedusaShop, order: Order, sums: OrderSums) -> dict[str, Any]:
    return both(
        {
            "paid_total": sums.paid,
            "refunded_total": sums.refunded,
            "accounting_total": sums.current,
            "credit_line_total": sums.credit,
            "transaction_total": sums.paid - sums.refunded,
            "pending_difference": sums.pending,
            "current_order_total": sums.current,
            "original_order_total": original_total(shop, order),
        }
    )


def _totals(sums: OrderSums) -> dict[str, Any]:
    figures = {
        "total": sums.total,
        "subtotal": sums.items + sums.shipping,
        "tax_total": sums.items_tax + sums.shipping_tax,
        "discount_total": _NONE,
        "discount_subtotal": _NONE,
        "discount_tax_total": _NONE,
        "original_total": sums.full,
        "original_subtotal": sums.items + sums.shipping,
        "original_tax_total": sums.items_tax + sums.shipping_tax,
        "item_total": sums.items + sums.items_tax,
        "item_subtotal": sums.items,
        "item_tax_total": sums.items_tax,
        "original_item_total": sums.items + sums.items_tax,
        "original_item_subtotal": sums.items,
        "original_item_tax_total": sums.items_tax,
        "shipping_total": sums.shipping + sums.shipping_tax,
        "shipping_subtotal": sums.shipping,
        "shipping_tax_total": sums.shipping_tax,
        "original_shipping_tax_total": sums.shipping_tax,
        "original_shipping_subtotal": sums.shipping,
        "original_shipping_total": sums.shipping + sums.shipping_tax,
        "credit_line_total": sums.credit,
        "credit_line_subtotal": sums.credit,
        "credit_line_tax_total": _NONE,
    }
    return {name: shown(amount) for name, amount in figures.items()}


TOTALS = frozenset(_totals(OrderSums(*[_NONE] * 7)))
"""Fields of an order that bring its lines' own totals along."""


def item_of(shop: MedusaShop, order: Order, line: Line, *, totals: bool) -> Thing:
    """A line of an order; what was sent and received of it stands in its detail."""
    sums, variant = line_sums(shop, order, line), line.product_variant
    own: dict[str, Any] = {
        "id": outside("line", line.id),
        "title": variant.product.name,
        "subtitle": variant.name,
        "thumbnail": None,
        "variant_id": outside("variant", variant.id),
        "product_id": outside("product", variant.product.id),
        "product_title": variant.product.name,
        "product_description": variant.product.description or None,
        **nothing("product_subtitle", "product_type", "product_type_id", "product_collection"),
        "product_handle": variant.product.slug,
        "variant_sku": variant.sku or None,
        "variant_barcode": None,
        "variant_title": variant.name,
        "variant_option_values": None,
        "requires_shipping": True,
        "is_giftcard": False,
        "is_discountable": True,
        "is_tax_inclusive": False,
        "is_custom_price": False,
        "metadata": {},
        "raw_compare_at_unit_price": None,
        "raw_unit_price": raw(sums.unit),
        **stamps(order.order_placed_at or line.created_at, order.order_placed_at or line.created_at),
        "compare_at_unit_price": None,
        "unit_price": shown(sums.unit),
        "quantity": sums.quantity,
        "raw_quantity": raw(sums.quantity),
        "line_item_metadata": {},
        **(_item_totals(sums, *fulfilled(shop, order, line)[:2]) if totals else {}),
    }
    relations: dict[str, Callable[[], Any]] = {
        "detail": lambda: _detail(shop, order, line),
        "variant": lambda: variant_of(shop, variant),
    }
    if totals:
        relations |= {"tax_lines": lambda: _tax(shop, order, line.id, sums.tax), "adjustments": list}
    along = ("detail", "tax_lines", "adjustments") if totals else ("detail",)
    return Thing(own, relations, keys=(), along=along)


def _item_totals(sums: LineSums, packed: int, shipped: int) -> dict[str, Any]:
    per_unit = sums.total / sums.quantity if sums.quantity else _NONE
    figures = {
        "subtotal": sums.subtotal,
        "total": sums.total,
        "original_subtotal": sums.original,
        "original_total": sums.original * (1 + sums.rate / 100),
        "discount_subtotal": sums.discount,
        "discount_tax_total": sums.discount * sums.rate / 100,
        "discount_total": sums.discount * (1 + sums.rate / 100),
        "tax_total": sums.tax,
        "original_tax_total": sums.original * sums.rate / 100,
        "refundable_total_per_unit": per_unit,
        "refundable_total": sums.total,
        "fulfilled_total": per_unit * packed,
        "shipped_total": per_unit * shipped,
        "return_requested_total": _NONE,
        **dict.fromkeys(("return_received_total", "return_dismissed_total", "write_off_total"), _NONE),
    }
    return both(figures)


def _tax(shop: MedusaShop, order: Order, id: str, amount: Decimal) -> list[Thing]:
    share = rate(shop, order)
    if not share:
        return []
    own = {
        "id": outside("tax_line", id),
        "description": "VAT",
        "tax_rate_id": "txr_1",
        "code": "vat",
        "provider_id": "system",
        "metadata": None,
        "data": None,
        "item_id": outside("line", id),
        "raw_rate": raw(share),
        **stamps(order.created_at, order.created_at),
        "rate": shown(share),
        **both({"total": amount, "subtotal": amount}),
    }
    return [Thing(own)]


def _detail(shop: MedusaShop, order: Order, line: Line) -> Thing:
    sent, gone, arrived = fulfilled(shop, order, line)
    back = shop.counted(line)
    figures = {
        "quantity": shown_quantity(order, line),
        "fulfilled_quantity": sent,
        "delivered_quantity": arrived,
        "shipped_quantity": gone,
        "return_requested_quantity": back.requested,
        "return_received_quantity": back.received,
        "return_dismissed_quantity": back.dismissed,
        "written_off_quantity": back.written_off,
    }
    first = shop.about(order).version == 1
    unit = None if first else line_sums(shop, order, line).unit
    own = {
        "id": outside("detail", line.id),
        "version": shop.about(order).version,
        "metadata": {},
        "order_id": outside("order", order.id),
        "raw_unit_price": None if unit is None else raw(unit),
        "raw_compare_at_unit_price": None,
        **{f"raw_{name}": raw(value) for name, value in figures.items()},
        **stamps(order.updated_at, order.updated_at),
        "item_id": outside("line", line.id),
        "unit_price": None if unit is None else shown(unit),
        "compare_at_unit_price": None,
        **figures,
    }
    return Thing(own, keys=())


def fulfilled(shop: MedusaShop, order: Order, line: Line) -> tuple[int, int, int]:
    """Units of a line that were packed, shipped and delivered, cancelled fulfilments aside."""
    packed = shipped = delivered = 0
    for each in order.fulfillments:
        units = sum(part.quantity for part in each.lines if part.order_line is line)
        departure = shop.departure(each)
        if not departure.cancelled_at:
            packed += units
            shipped += units if departure.shipped_at else 0
            delivered += units if departure.delivered_at else 0
    return packed, shipped, delivered


def _credits(shop: MedusaShop, order: Order) -> list[Thing]:
    credit = shop.about(order).credit
    if not credit:
        return []
    own = {
        "id": outside("credit", order.id),
        "order_id": outside("order", order.id),
        "reference": "payment_collection",
        **both({"amount": credit}),
    }
    return [Thing(own)]


def address(shop: MedusaShop, order: Order) -> Thing:
    """Where the order goes; the sandbox's own shoppers gave the shared books a whole name."""
    given = shop.about(order).address
    kept, buyer = order.shipping_address, order.customer
    if given is None:
        given = {
            "first_name": buyer.first_name if buyer else "",
            "last_name": buyer.last_name if buyer else "",
            "company": kept.company,
            "address_1": kept.street_line1,
            "address_2": kept.street_line2,
            "city": kept.city,
            "country_code": (kept.country_code or "").lower() or None,
            "province": kept.province,
            "postal_code": kept.postal_code,
            "phone": kept.phone_number,
        }
    parts = (
        "company",
        "first_name",
        "last_name",
        "address_1",
        "address_2",
        "city",
        "country_code",
        "province",
    )
    own = {
        "id": outside("address", order.id),
        "customer_id": None,
        **{name: given.get(name) for name in (*parts, "postal_code", "phone")},
        "metadata": None,
        **stamps(order.created_at, order.created_at),
    }
    return Thing(own)


def _method(shop: MedusaShop, order: Order, totals: bool) -> Thing:
    (line, *_) = order.shipping_lines
    tax = SHIPPING * rate(shop, order) / 100
    own: dict[str, Any] = {
        "id": outside("method", line.id),
        "name": "Standard",
        "description": None,
        "is_tax_inclusive": False,
        "is_custom_amount": False,
        "shipping_option_id": outside("shipping_option", 1),
        "data": {},
        "metadata": None,
        "raw_amount": raw(SHIPPING),
        **stamps(order.created_at, order.created_at),
        "amount": shown(SHIPPING),
        "order_id": outside("order", order.id),
        "detail": {
            "id": outside("method_detail", line.id),
            "version": shop.about(order).version,
            "order_id": outside("order", order.id),
            **nothing("return_id", "exchange_id", "claim_id"),
            **stamps(order.created_at, order.created_at),
            "shipping_method_id": outside("method", line.id),
        },
    }
    if not totals:
        return Thing(own)
    figures = {"subtotal": SHIPPING, "total": SHIPPING + tax}
    figures |= {f"original_{name}": amount for name, amount in figures.items()}
    figures |= dict.fromkeys(("discount_total", "discount_subtotal", "discount_tax_total"), _NONE)
    own |= both({**figures, "tax_total": tax, "original_tax_total": tax})
    lines = _tax(shop, order, line.id, tax)
    for each in lines:
        each.own["shipping_method_id"] = each.own.pop("item_id").replace("ordli", "ordsm")
    relations: dict[str, Callable[[], Any]] = {"tax_lines": lambda: lines, "adjustments": list}
    return Thing(own, relations, along=("tax_lines", "adjustments"))


def _customer(order: Order) -> Thing | None:
    buyer = order.customer
    if buyer is None:
        return None
    own = {
        "id": outside("customer", buyer.id),
        "company_name": None,
        "first_name": buyer.first_name or None,
        "last_name": buyer.last_name or None,
        "email": buyer.email_address,
        "phone": buyer.phone_number,
        "has_account": False,
        "metadata": None,
        "created_by": None,
        **stamps(buyer.created_at, buyer.updated_at),
    }
    return Thing(own)


def fulfilment_status(shop: MedusaShop, order: Order, rendered: dict[str, Any] | None) -> str:
    """The status as the server works it out: from the lines that the answer holds, None for all of them.

    A line whose quantity, or whose detail, was not asked for counts as wholly fulfilled.
    """
    live = [shop.departure(f) for f in order.fulfillments if f.state is not FulfilmentState.CANCELLED]
    if not live:
        return "canceled" if order.fulfillments else "not_fulfilled"
    if rendered is None:
        left = any(fulfilled(shop, order, x)[0] < shown_quantity(order, x) for x in order.lines)
    else:
        left = any(_unfulfilled(item) for item in rendered.get("items") or ())
    for name, reached in (
        ("delivered", [d for d in live if d.delivered_at]),
        ("shipped", [d for d in live if d.shipped_at]),
        ("fulfilled", live),
    ):
        if reached:
            return name if len(reached) == len(live) and not left else f"partially_{name}"
    return "not_fulfilled"


def _unfulfilled(item: dict[str, Any]) -> bool:
    detail = item.get("detail") or {}
    if "raw_quantity" not in item or "raw_fulfilled_quantity" not in detail:
        return False
    return Decimal(detail["raw_fulfilled_quantity"]["value"]) < Decimal(item["raw_quantity"]["value"])


def asked_totals(wanted: Wish) -> bool:
    """Whether an answer needs what the lines cost."""
    return bool(wanted.names & TOTALS)
