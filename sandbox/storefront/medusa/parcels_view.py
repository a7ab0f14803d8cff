"""Fulfilments and their labels as the API shows them."""

from typing import Any

from sandbox.storefront.medusa.amounts import raw
from sandbox.storefront.medusa.books import MedusaShop
from sandbox.storefront.medusa.fields import Thing
from sandbox.storefront.medusa.goods_view import moment, stamps
from sandbox.storefront.medusa.names import outside
from sandbox.storefront.orders import Fulfilment, FulfilmentLine


def fulfilment(shop: MedusaShop, made: Fulfilment) -> Thing:
    """Units that one location packed together."""
    known = shop.departure(made)
    option = outside("shipping_option", 1)
    place = outside("delivery_address", made.id)
    own: dict[str, Any] = {
        "id": outside("fulfilment", made.id),
        "location_id": outside("location", known.location),
        "packed_at": moment(known.packed_at),
        "shipped_at": moment(known.shipped_at),
        "marked_shipped_by": outside("user", 1) if known.shipped_at else None,
        "created_by": None,
        "delivered_at": moment(known.delivered_at),
        "canceled_at": moment(known.cancelled_at),
        "data": {},
        "requires_shipping": True,
        "provider": {"id": "manual_manual"},
        "shipping_option_id": option,
        "shipping_option": {"id": option},
        "delivery_address": {"id": place},
        "metadata": known.metadata,
        **stamps(made.created_at, made.updated_at),
        "provider_id": "manual_manual",
        "delivery_address_id": place,
    }
    return Thing(
        own,
        {
            "items": lambda: [_item(made, part, n) for n, part in enumerate(made.lines)],
            "labels": lambda: [_label(made, label, n) for n, label in enumerate(known.labels)],
        },
    )


def _item(made: Fulfilment, part: FulfilmentLine, number: int) -> Thing:
    variant = part.order_line.product_variant
    own = {
        "id": outside("fulfilment_item", int(made.id) * 1000 + number),
        "title": variant.name,
        "sku": variant.sku or "",
        "barcode": "",
        "line_item_id": outside("line", part.order_line.id),
        "inventory_item_id": outside("inventory", variant.id),
        "fulfillment_id": outside("fulfilment", made.id),
        "raw_quantity": raw(part.quantity),
        **stamps(made.created_at, made.created_at),
        "quantity": part.quantity,
    }
    return Thing(own)


def _label(made: Fulfilment, label: dict[str, str], number: int) -> Thing:
    own = {
        "id": outside("label", int(made.id) * 1000 + number),
        **{name: label[name] for name in ("tracking_number", "tracking_url", "label_url")},
        "fulfillment_id": outside("fulfilment", made.id),
        **stamps(made.updated_at, made.updated_at),
    }
    return Thing(own)
