"""Cancelling units of an order, as far as WooCommerce can.

The whole order is cancelled by its status, which puts the goods back and gives no money back. Units of it are
cancelled by a refund of no money whose lines say how many: so the order's lines and total stay, and what is
still wanted is counted from the refunds. Both are absolute: what is cancelled already is not cancelled again. The
goods are not put back by it, for the quantity comes from the warehouse.
"""

from collections.abc import Mapping

from connectors.contract import CancelLines, Deadline, Done, Outcome, Refused, Rejected, Unknown
from connectors.storefronts.woocommerce import parcels, payloads, translate
from connectors.storefronts.woocommerce.client import ShopFailed, make, put
from connectors.storefronts.woocommerce.orders import Orders, Record
from connectors.storefronts.woocommerce.refunds import units_only
from connectors.storefronts.woocommerce.refusals import no_order, refusal
from connectors.storefronts.woocommerce.shop import Shop
from connectors.transport import Uncertain
from sync.domain.orders import OrderStatus

CANCELLED = "cancelled"


def to_cancel(record: Record, request: CancelLines) -> dict[int, int] | Rejected:
    """Units of each line (by id) that are wanted and shall not be."""
    what = f"order {record.order.number or record.order.id}"
    left = translate.wanted(record.order, record.refunds)
    gone = parcels.in_parcels(record.order)
    less: dict[int, int] = {}
    for line, stay in parcels.added(request.left).items():
        if line not in left:
            return Rejected(f"{what} has no such line", code="NO_LINE", mendable=False)
        if stay < gone.get(line, 0):
            return Rejected(
                f"{what}: {gone[line]} units of line {line} have left already", code="ALREADY_FULFILLED"
            )
        if stay < left[line]:
            less[line] = left[line] - stay
    return less


def nothing_stays(record: Record, less: Mapping[int, int]) -> bool:
    """Whether this cancels all that is still wanted, and nothing has left."""
    left = translate.wanted(record.order, record.refunds)
    return not any(units - less.get(line, 0) for line, units in left.items())


class Cancels:
    """Cancels units of one shop's orders."""

    def __init__(self, shop: Shop, orders: Orders) -> None:
        self._shop = shop
        self._orders = orders

    async def cancel(self, request: CancelLines, deadline: Deadline) -> Outcome[None]:
        """The whole order by its status, else units by a refund of no money."""
        record = await self._orders.read(request.order, deadline)
        if record is None:
            return no_order(request.order)
        status = self._orders.status(record)
        if status == OrderStatus.CANCELLED:
            return Done(external_id=request.order)
        less = to_cancel(record, request)
        if isinstance(less, Rejected):
            return less
        if not less:
            return Done(external_id=request.order)
        if status == OrderStatus.COMPLETED:
            what = f"order {record.order.number or record.order.id}"
            return Rejected(f"{what} is completed in the shop: nothing can be cancelled", code="COMPLETED")
        try:
            if nothing_stays(record, less):
                return await self._whole(request, deadline)
            return await self._part(request, less, deadline)
        except Refused as error:
            return refusal(error.code, f"cancelling order {record.order.number or record.order.id}")

    async def _whole(self, request: CancelLines, deadline: Deadline) -> Outcome[None]:
        asked = put("cancel_order", "orders", request.order, body={"status": CANCELLED})
        try:
            shown = (await self._shop.client.send(asked, deadline)).read(payloads.Switched)
        except ShopFailed as error:
            return Unknown(str(error))
        if shown.status != CANCELLED:
            return Unknown("the shop does not show the order as cancelled")
        return Done(external_id=request.order)

    async def _part(self, request: CancelLines, less: Mapping[int, int], deadline: Deadline) -> Outcome[None]:
        body = {
            "amount": "0",
            "reason": request.reason,
            "api_refund": False,
            "api_restock": False,
            "line_items": units_only(less),
        }
        asked = make("cancel_units", "orders", request.order, "refunds", body=body)
        try:
            (await self._shop.client.send(asked, deadline)).read(payloads.Refund)
        except Uncertain as error:
            return Unknown(str(error))
        return Done(external_id=request.order)
