"""What staff do at one desk: returns, exchanges and claims are worked out in a change of the order, and requested.

An order has one change at a time; what is worked out in it counts once it is requested.
"""

from typing import Any

from sandbox.storefront.medusa import returned
from sandbox.storefront.medusa.answers import invalid, not_allowed
from sandbox.storefront.medusa.bodies import Body, number, text
from sandbox.storefront.medusa.books import MedusaShop
from sandbox.storefront.medusa.calls import Call
from sandbox.storefront.medusa.deeds import find_order
from sandbox.storefront.medusa.edits import Edit, Edits
from sandbox.storefront.medusa.fields import Thing, render, wish
from sandbox.storefront.medusa.names import outside
from sandbox.storefront.medusa.orders_view import fulfilled, order_of
from sandbox.storefront.medusa.returned import BACK, BackItem, Return, Swap
from sandbox.storefront.orders import Line, Order

_ORDER = ("id", "status", "version", "display_id")


def line_of(order: Order, given: str) -> Line:
    """A line of the order by the id that the API shows."""
    found = next((line for line in order.lines if outside("line", line.id) == given), None)
    if found is None:
        name = outside("order", order.id)
        raise invalid(f"Items with ids {given} does not exist in order with id {name}.")
    return found


class Desk:
    """Where they are worked out."""

    def __init__(self, edits: Edits) -> None:
        self.edits = edits

    def new_return(self, shop: MedusaShop, order: Order, place: str | None, by: str | None) -> Return:
        """A return that nobody has requested yet."""
        now = shop.second()
        back = Return(shop.numbers.next("return"), order, now, now, place, by)
        shop.returns[back.id] = back
        return back

    def back_items(
        self, shop: MedusaShop, order: Order, wanted: list[Body]
    ) -> list[tuple[Line, int, str | None]]:
        """(line, units, reason) of what shall come back."""
        found = []
        for n, row in enumerate(wanted):
            line = line_of(order, text(row, "id", f"items, {n}, "))
            units, reason = int(number(row, "quantity", f"items, {n}, ")), row.get("reason_id")
            if units > fulfilled(shop, order, line)[0] - shop.counted(line).requested:
                name = outside("line", line.id)
                raise invalid(f"Cannot request to return more items than what was fulfilled for item {name}.")
            if reason is not None and reason not in shop.reasons:
                raise invalid(f"Return reason with id {reason} does not exists.")
            found.append((line, units, reason))
        return found

    def requested(self, shop: MedusaShop, back: Return, change: Edit) -> None:
        """Its goods are wanted back."""
        lines = {line.id: line for line in back.order.lines}
        for action in change.actions:
            if action.kind == BACK:
                id = shop.numbers.next("return_item")
                back.items.append(BackItem(id, lines[action.subject], action.units, action.reason))
        change.status = "confirmed"
        returned.request(shop, back)

    def begin(self, shop: MedusaShop, order: Order, kind: str, note: str | None) -> Edit:
        """A change of the order, where it has none and stands."""
        if shop.about(order).cancelled_at:
            raise invalid(f"Order with id {outside('order', order.id)} has been canceled.")
        return self.edits.begin(shop, order, kind, note)

    def active(self, order: Order, about: Return | Swap) -> Edit:
        """The change in which this one is worked out."""
        change = self.edits.active(order)
        if change is None or (
            change.about is not about and getattr(about, "owner", None) is not change.about
        ):
            raise invalid("An active Order Change is required to proceed")
        return change

    def with_order(self, call: Call, name: str, thing: Thing, fields: tuple[str, ...]) -> dict[str, Any]:
        """The thing, with its order beside it."""
        order = find_order(call.shop, thing.own["order_id"])
        shown = render(order_of(call.shop, order, totals=False), wish(None, _ORDER))
        return {"order": shown, **call.one(name, thing, fields)}


def by_whom(call: Call) -> str:
    """Who is asking."""
    return outside("user" if call.by_token else "key", 1)


def cancellable(back: Return, what: str) -> None:
    """Refuse to cancel what comes back, or came."""
    if any(parcel.cancelled_at is None for parcel in back.parcels):
        raise not_allowed(f"All fulfillments must be canceled before canceling {what}")
    if any(item.received for item in back.items):
        raise not_allowed("Can't cancel a return which has returned items")
