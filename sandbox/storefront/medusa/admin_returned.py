"""The Admin API's routes of returns and their receipts, and the shopper's own way to ask for a return."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.storefront.medusa import returned
from sandbox.storefront.medusa.answers import fault, invalid, missing, not_allowed
from sandbox.storefront.medusa.bodies import number, rows, text
from sandbox.storefront.medusa.books import SHIPPING
from sandbox.storefront.medusa.calls import Act, Call
from sandbox.storefront.medusa.deeds import find_order
from sandbox.storefront.medusa.desk import Desk, by_whom, cancellable
from sandbox.storefront.medusa.edits import Edits, preview
from sandbox.storefront.medusa.fields import render, wish
from sandbox.storefront.medusa.goods_view import moment
from sandbox.storefront.medusa.lists import Listing
from sandbox.storefront.medusa.names import inside, outside
from sandbox.storefront.medusa.returned import (
    BACK,
    DISMISS,
    RECEIVE,
    Action,
    Return,
)
from sandbox.storefront.medusa.returned_view import (
    RETURN,
    RETURN_WHOLE,
    reason_of,
    return_of,
)
from sandbox.storefront.medusa.sums import rate

GETTERS: dict[str, Callable[[Any], Any]] = {
    "order_id": lambda x: outside("order", x.order.id),
    "created_at": lambda x: x.at,
    "updated_at": lambda x: x.updated_at,
}
RETURNS = Listing(20, {**GETTERS, "id": lambda x: outside("return", x.id), "status": lambda x: x.status})


def routes(edits: Edits) -> dict[tuple[str, str], Act]:
    """The routes over one shop's changes."""
    desk = Returns(edits)
    one = "/admin/returns/{id}"
    table: dict[tuple[str, str], Act] = {
        ("GET", "/admin/return-reasons"): reasons,
        ("POST", "/admin/return-reasons"): new_reason,
        ("POST", "/store/returns"): desk.ask,
        ("GET", "/admin/returns"): lambda call: call.many(
            "returns", call.shop.returns.values(), RETURNS, lambda x: return_of(call.shop, x), RETURN
        ),
        ("POST", "/admin/returns"): desk.begin_return,
        ("GET", one): lambda call: call.one("return", return_of(call.shop, _return(call)), RETURN_WHOLE),
        ("POST", one): desk.change_return,
        ("POST", f"{one}/request-items"): desk.request_items,
        ("POST", f"{one}/request"): desk.confirm_return,
        ("POST", f"{one}/cancel"): desk.cancel_return,
        ("POST", f"{one}/receive"): desk.begin_receipt,
        ("DELETE", f"{one}/receive"): desk.drop_receipt,
        ("POST", f"{one}/receive-items"): lambda call: desk.fill_receipt(call, RECEIVE),
        ("POST", f"{one}/dismiss-items"): lambda call: desk.fill_receipt(call, DISMISS),
        ("POST", f"{one}/receive/confirm"): desk.confirm_receipt,
        ("POST", "/admin/fulfillments/{id}/cancel"): cancel_parcel,
    }
    return table


def reasons(call: Call) -> dict[str, Any]:
    """Why things come back, by the shop's own list."""
    found = [render(reason_of(call.shop, id), _whole()) for id in call.shop.reasons]
    return {"return_reasons": found, "count": len(found), "offset": 0, "limit": 20}


def new_reason(call: Call) -> dict[str, Any]:
    value, label = text(call.body, "value"), text(call.body, "label")
    id = outside("reason", call.shop.numbers.next("reason"))
    call.shop.reasons[id] = (value, label)
    return {"return_reason": render(reason_of(call.shop, id), _whole())}


def _whole() -> Any:
    wanted = wish(None, ())
    wanted.whole = True
    return wanted


def cancel_parcel(call: Call) -> dict[str, Any]:
    """A parcel of a return does not come."""
    for back in call.shop.returns.values():
        for parcel in back.parcels:
            if outside("fulfilment", parcel.id) == call.path["id"]:
                if parcel.cancelled_at:
                    raise not_allowed("The fulfillment is already canceled")
                parcel.cancelled_at = call.shop.second()
                return {"fulfillment": {"id": call.path["id"], "canceled_at": moment(parcel.cancelled_at)}}
    raise missing(f"Fulfillment with id: {call.path['id']} was not found")


def _return(call: Call) -> Return:
    back = call.shop.returns.get(inside("return", call.path["id"]) or "")
    if back is None:
        raise missing(f"Return id not found: {call.path['id']}")
    return back


class Returns(Desk):
    """Where returns are worked out and received."""

    # --- returns --------------------------------------------------------------------------------------

    def ask(self, call: Call) -> dict[str, Any]:
        """A shopper asks for a return: requested at once, with a parcel that comes back."""
        shop, body = call.shop, call.body
        order = find_order(shop, text(body, "order_id"))
        wanted = self.back_items(shop, order, rows(body, "items"))
        given = body.get("return_shipping")
        if not isinstance(given, dict):
            raise invalid("Invalid request: Field 'return_shipping' is required")
        text(given, "option_id", "return_shipping, ")
        change = self.begin(shop, order, "return_request", None)
        back = self.new_return(shop, order, inside("location", body.get("location_id")), None)
        change.about = back
        change.actions += [Action(BACK, line.id, units, reason) for line, units, reason in wanted]
        price = given.get("price", SHIPPING)
        back.postage = Decimal(str(price)) * (1 + rate(shop, order) / 100)
        back.parcels.append(returned.Parcel(shop.numbers.next("fulfilment")))
        self.requested(shop, back, change)
        return {"return": render(return_of(shop, back), wish("+location_id", RETURN_WHOLE))}

    def begin_return(self, call: Call) -> dict[str, Any]:
        order = find_order(call.shop, text(call.body, "order_id"))
        change = self.begin(call.shop, order, "return_request", call.body.get("internal_note"))
        place = inside("location", call.body.get("location_id"))
        change.about = back = self.new_return(call.shop, order, place, by_whom(call))
        return self.with_order(call, "return", return_of(call.shop, back), RETURN)

    def change_return(self, call: Call) -> dict[str, Any]:
        back = _return(call)
        self.active(back.order, back)
        if place := inside("location", call.body.get("location_id")):
            back.location = place
            back.updated_at = call.shop.second()
        return self._previewed(call, back)

    def request_items(self, call: Call) -> dict[str, Any]:
        back = _return(call)
        change = self.active(back.order, back)
        for line, units, reason in self.back_items(call.shop, back.order, rows(call.body, "items")):
            change.actions.append(Action(BACK, line.id, units, reason))
        return self._previewed(call, back)

    def confirm_return(self, call: Call) -> dict[str, Any]:
        back = _return(call)
        change = self.active(back.order, back)
        if not any(action.kind == BACK for action in change.actions):
            raise invalid("Order return request should have at least 1 item")
        self.requested(call.shop, back, change)
        return self._previewed(call, back)

    def cancel_return(self, call: Call) -> dict[str, Any]:
        back = _return(call)
        cancellable(back, "a return")
        if back.cancelled_at:
            raise invalid(f"Return with id {outside('return', back.id)} has been canceled.")
        returned.cancel(call.shop, back)
        return call.one("return", return_of(call.shop, back), RETURN_WHOLE)

    # --- receipts -------------------------------------------------------------------------------------

    def begin_receipt(self, call: Call) -> dict[str, Any]:
        back = _return(call)
        if back.cancelled_at:
            raise invalid(f"Return with id {outside('return', back.id)} has been canceled.")
        change = self.begin(call.shop, back.order, "return_receive", call.body.get("internal_note"))
        change.about = back
        return self.with_order(call, "return", return_of(call.shop, back), RETURN_WHOLE)

    def drop_receipt(self, call: Call) -> dict[str, Any]:
        back = _return(call)
        self.edits.known.remove(self.active(back.order, back))
        return {"id": call.path["id"], "object": "return", "deleted": True}

    def fill_receipt(self, call: Call, kind: str) -> dict[str, Any]:
        back = _return(call)
        change = self.active(back.order, back)
        own = {outside("line", item.line.id): item.line for item in back.items}
        wanted = rows(call.body, "items")
        if strange := [row["id"] for row in wanted if text(row, "id") not in own]:
            name = outside("return", back.id)
            raise invalid(f"Items with ids {', '.join(strange)} does not exist in return with id {name}.")
        for n, row in enumerate(wanted):
            line = own[row["id"]]
            units = int(number(row, "quantity", f"items, {n}, ", least=1))
            staged = sum(x.units for x in change.actions if x.subject == line.id)
            if units + staged > call.shop.counted(line).requested:
                raise invalid(
                    f"Cannot receive more items than what was requested to be returned for item {row['id']}."
                )
            change.actions.append(Action(kind, line.id, units))
        return self._previewed(call, back)

    def confirm_receipt(self, call: Call) -> dict[str, Any]:
        """Without a location that keeps the goods the server fails inside."""
        back = _return(call)
        change = self.active(back.order, back)
        tracked = [item.line.product_variant for item in back.items if item.line.product_variant.tracked]
        if tracked and not any((variant.id, back.location) in call.shop.levels for variant in tracked):
            raise fault()
        change.status = "confirmed"
        returned.receive(call.shop, back, change.actions)
        return self._previewed(call, back)

    def _previewed(self, call: Call, back: Return) -> dict[str, Any]:
        return {
            **preview(call.shop, back.order),
            **call.one("return", return_of(call.shop, back), RETURN_WHOLE),
        }
