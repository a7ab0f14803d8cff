"""How units that have not left are taken out of a placed order, by whichever mutation; the ledger is told."""

from sandbox.storefront.movements import units_of
from sandbox.storefront.orders import Line, Order
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.states import OrderState


def take_out(
    shop: ShopifyShop, order: Order, wanted: list[tuple[Line, int]], *, restock: bool, reason: str | None
) -> None:
    """Take so many units that have not left out of each line.

    Restocked units can be sold again; others leave the stock on hand as well, so that what is available stays.
    """
    wanted = [(line, units) for line, units in wanted if units]
    if not wanted:
        return
    for line, units in wanted:
        _take(shop, line, units, restock)
    if not order.total_quantity:
        order.state = OrderState.CANCELLED
    lines = [{"orderLineId": line.id, "quantity": units} for line, units in wanted]
    with shop.quietly():
        shop.remember(
            order, "ORDER_CANCELLATION", {"lines": lines, "reason": reason, "shippingCancelled": False}
        )
    shop.touch(order)
    shop.record("order_cancelled", code=order.code, lines=units_of(wanted), whole=not order.total_quantity)


def _take(shop: ShopifyShop, line: Line, units: int, restock: bool) -> None:
    variant = line.product_variant
    dropped = shop.drop(shop.held(line), units)
    line.releases += units
    line.quantity -= units
    if not variant.tracked:
        return
    variant.allocated -= units
    for portion, taken in dropped:
        level = shop.levels.get((variant.id, portion.errand.place))
        if level is not None and not restock:
            shop.put(variant.id, level.place, level.on_hand - taken)
    shop.follow_levels(variant)
    for level in shop.of_item(variant.id):
        shop.announce("INVENTORY_LEVELS_UPDATE", level)
