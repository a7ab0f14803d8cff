"""What the ledger is told of an order: that it was placed, called off, given money back for, and sent.

WooCommerce has no shipments. A parcel is what a tracking number was told for; an order that is completed has left
whole, with or without one.
"""

from collections import Counter
from collections.abc import Iterable

from sandbox.storefront.woocommerce.books import WooShop
from sandbox.storefront.woocommerce.money import minor
from sandbox.storefront.woocommerce.purchases import Item, MoneyBack, Parcel, Purchase

Units = list[tuple[Item, int]]
WHOLE = ""
"""The fulfilment of what was completed without a tracking number."""


def _physical(lines: Iterable[tuple[Item, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for line, units in lines:
        found[(line.post.variant.physical if line.post else None) or ""] += units
    return dict(found)


def placed(shop: WooShop, purchase: Purchase) -> None:
    """It stands, and waits to be sent; told once."""
    if purchase.told.placed:
        return
    purchase.told.placed = True
    whole = minor(purchase.total, shop.rules.decimals)
    shop.tell(
        "order_placed",
        order=str(purchase.id),
        code=str(purchase.id),
        paid=whole if purchase.paid else 0,
        lines=_physical((line, line.quantity) for line in purchase.lines),
        listings=[
            {
                "variant": str(line.post.id) if line.post else "",
                "sku": line.post.sku if line.post else "",
                "quantity": line.quantity,
                "line": str(line.id),
            }
            for line in purchase.lines
        ],
        total=whole,
        currency=purchase.currency,
    )


def left_of(purchase: Purchase) -> Units:
    """Units that were neither called off nor told to have left."""
    told = purchase.told
    found = [(line, line.quantity - told.cancelled[line.id] - told.left[line.id]) for line in purchase.lines]
    return [(line, units) for line, units in found if units > 0]


def cancelled(shop: WooShop, purchase: Purchase, lines: Units, *, whole: bool) -> None:
    """Units are not wanted any more."""
    if not purchase.told.placed or not lines:
        return
    for line, units in lines:
        purchase.told.cancelled[line.id] += units
    shop.tell("order_cancelled", code=str(purchase.id), lines=_physical(lines), whole=whole)


def refunded(shop: WooShop, purchase: Purchase, refund: MoneyBack) -> None:
    """Money went back."""
    shop.tell(
        "refunded",
        code=str(purchase.id),
        refund=str(refund.id),
        amount=minor(refund.amount, shop.rules.decimals),
        currency=purchase.currency,
    )


def sent(shop: WooShop, purchase: Purchase, number: str, lines: Units) -> None:
    """A parcel left: its number, and what is known to be in it."""
    if number in purchase.told.parcels or not purchase.told.placed:
        return
    rest = {line.id: units for line, units in left_of(purchase)}
    lines = [(line, min(units, rest.get(line.id, 0))) for line, units in lines]
    parcel = Parcel(shop.numbers.next("fulfilment"), tuple((line.id, units) for line, units in lines))
    purchase.told.parcels[number] = parcel
    for id, units in parcel.units:
        purchase.told.left[id] += units
    shop.tell(
        "fulfilment_created",
        code=str(purchase.id),
        fulfilment=parcel.id,
        tracking=number,
        lines=_physical(lines),
    )


def completed(shop: WooShop, purchase: Purchase) -> None:
    """Whatever was not told to have left has left now."""
    if lines := left_of(purchase):
        sent(shop, purchase, WHOLE, lines)


def taken_back(shop: WooShop, purchase: Purchase, number: str) -> None:
    """A parcel that was told of is not there any more."""
    parcel = purchase.told.parcels.pop(number, None)
    if parcel is None:
        return
    for id, units in parcel.units:
        purchase.told.left[id] -= units
    shop.tell(
        "fulfilment_moved",
        code=str(purchase.id),
        fulfilment=parcel.id,
        state="Cancelled",
        tracking=number,
    )
