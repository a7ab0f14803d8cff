"""Returns, exchanges, claims and their reasons as the API shows them."""

from collections.abc import Callable
from typing import Any

from sandbox.storefront.medusa.amounts import raw
from sandbox.storefront.medusa.books import MedusaShop
from sandbox.storefront.medusa.fields import Thing
from sandbox.storefront.medusa.goods_view import moment, nothing, stamps
from sandbox.storefront.medusa.names import outside
from sandbox.storefront.medusa.orders_view import item_of
from sandbox.storefront.medusa.returned import BackItem, Parcel, Return, Swap, SwapItem

RETURN = (
    *("id", "order_id", "exchange_id", "claim_id", "display_id", "location_id", "order_version", "status"),
    *("metadata", "no_notification", "refund_amount", "created_by", "created_at", "updated_at"),
    *("canceled_at", "requested_at", "received_at"),
)
RETURN_WHOLE = (*RETURN, "*items", "*items.reason")
EXCHANGE = (
    *("id", "order_id", "return_id", "display_id", "order_version", "created_by", "created_at"),
    *("updated_at", "canceled_at"),
)
EXCHANGE_WHOLE = (*EXCHANGE, "*additional_items")
CLAIM = (*EXCHANGE, "type", "refund_amount")
CLAIM_WHOLE = (*CLAIM, "*additional_items", "*claim_items", "*claim_items.reason")


def return_of(shop: MedusaShop, back: Return) -> Thing:
    """A return."""
    owner = back.owner
    own: dict[str, Any] = {
        "id": outside("return", back.id),
        "order_id": outside("order", back.order.id),
        "exchange_id": outside("exchange", owner.id) if owner and owner.kind == "exchange" else None,
        "claim_id": outside("claim", owner.id) if owner and owner.kind == "claim" else None,
        "display_id": int(back.id),
        "location_id": outside("location", back.location) if back.location else None,
        "order_version": shop.about(back.order).version,
        "status": back.status,
        **nothing("metadata", "no_notification", "refund_amount"),
        "created_by": back.by,
        "canceled_at": moment(back.cancelled_at),
        "requested_at": moment(back.requested_at),
        "received_at": moment(back.received_at),
        **stamps(back.at, back.updated_at),
    }
    relations: dict[str, Callable[[], Any]] = {
        "items": lambda: [_item(shop, back, each) for each in back.items],
        "fulfillments": lambda: [_parcel(back, each) for each in back.parcels],
    }
    return Thing(own, relations)


def _item(shop: MedusaShop, back: Return, item: BackItem) -> Thing:
    figures = {
        "quantity": item.quantity,
        "received_quantity": item.received,
        "damaged_quantity": item.damaged,
    }
    own = {
        "id": outside("return_item", item.id),
        **nothing("note", "metadata"),
        "reason_id": item.reason,
        "return_id": outside("return", back.id),
        "item_id": outside("line", item.line.id),
        **{f"raw_{name}": raw(value) for name, value in figures.items()},
        **stamps(back.at, back.updated_at),
        **figures,
    }
    return Thing(own, {"reason": lambda: reason_of(shop, item.reason) if item.reason else None})


def _parcel(back: Return, parcel: Parcel) -> Thing:
    own = {
        "id": outside("fulfilment", parcel.id),
        "location_id": outside("location", back.location) if back.location else None,
        "provider_id": "manual_manual",
        "canceled_at": moment(parcel.cancelled_at),
        **stamps(back.at, back.at),
    }
    labels = [
        Thing(
            {
                "id": outside("label", int(parcel.id) * 1000 + n),
                "tracking_number": each,
                "tracking_url": "#",
                "label_url": "#",
            }
        )
        for n, each in enumerate(parcel.labels)
    ]
    return Thing(own, {"labels": lambda: labels, "items": list})


def swap_of(shop: MedusaShop, swap: Swap) -> Thing:
    """An exchange or a claim."""
    own: dict[str, Any] = {
        "id": outside(swap.kind, swap.id),
        "order_id": outside("order", swap.order.id),
        "return_id": outside("return", swap.back.id) if swap.back else None,
        "display_id": int(swap.id),
        "order_version": shop.about(swap.order).version,
        "created_by": swap.by,
        "canceled_at": moment(swap.cancelled_at),
        **stamps(swap.at, swap.updated_at),
        **({"type": swap.type, "refund_amount": None} if swap.type else {}),
    }
    relations: dict[str, Callable[[], Any]] = {
        "additional_items": lambda: [_swapped(shop, swap, each) for each in swap.items if each.added],
        "return": lambda: return_of(shop, swap.back) if swap.back else None,
    }
    if swap.type:
        relations["claim_items"] = lambda: [
            _swapped(shop, swap, each) for each in swap.items if not each.added
        ]
    return Thing(own, relations)


def _swapped(shop: MedusaShop, swap: Swap, item: SwapItem) -> Thing:
    own = {
        "id": outside(f"{swap.kind}_item", item.id),
        "quantity": item.units,
        "raw_quantity": raw(item.units),
        "item_id": outside("line", item.line.id),
        f"{swap.kind}_id": outside(swap.kind, swap.id),
        **({"reason": item.reason, "is_additional_item": item.added} if swap.type else {}),
        **stamps(swap.at, swap.updated_at),
    }
    return Thing(own, {"item": lambda: item_of(shop, swap.order, item.line, totals=False)})


def reason_of(shop: MedusaShop, id: str) -> Thing:
    """A reason of the shop's list."""
    value, label = shop.reasons[id]
    own = {
        "id": id,
        "value": value,
        "label": label,
        **nothing("description", "metadata", "parent_return_reason_id"),
        **stamps(shop.opened_at, shop.opened_at),
    }
    return Thing(own)
