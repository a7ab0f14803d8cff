"""Changes of an order's lines by staff: begun, worked out, requested and confirmed; one at a time per order.

Nothing moves until the change is confirmed; then units that were taken off are on sale again.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.storefront.medusa.admin_orders import ORDER
from sandbox.storefront.medusa.answers import invalid
from sandbox.storefront.medusa.bodies import number, text
from sandbox.storefront.medusa.books import MedusaShop
from sandbox.storefront.medusa.calls import Act, Call
from sandbox.storefront.medusa.deeds import find_order
from sandbox.storefront.medusa.fields import Thing, render, wish
from sandbox.storefront.medusa.goods_view import nothing, stamps
from sandbox.storefront.medusa.names import inside, outside
from sandbox.storefront.medusa.orders_view import fulfilled, order_of
from sandbox.storefront.medusa.returned import Action, Return, Swap
from sandbox.storefront.movements import move, units_of
from sandbox.storefront.orders import Line, Order


@dataclass(slots=True)
class Edit:
    """One change of one order; `quantities` are what its lines shall hold."""

    id: str
    order: Order
    version: int
    note: str | None
    begun_at: datetime
    status: str = "pending"
    quantities: dict[str, int] = field(default_factory=dict)
    kind: str = "edit"
    about: Return | Swap | None = None
    """The return, exchange or claim that it works out."""
    actions: list[Action] = field(default_factory=list)


@dataclass(slots=True)
class Edits:
    """All changes of a shop's orders."""

    known: list[Edit] = field(default_factory=list)

    def of(self, order: Order) -> list[Edit]:
        """The changes of an order."""
        return [edit for edit in self.known if edit.order is order]

    def active(self, order: Order) -> Edit | None:
        """The change that is neither confirmed nor dropped."""
        return next((edit for edit in self.of(order) if edit.status != "confirmed"), None)

    def begin(self, shop: MedusaShop, order: Order, kind: str, note: str | None) -> Edit:
        """Begin a change where no other one is active."""
        if self.active(order):
            name = outside("order", order.id)
            raise invalid(f"Order ({name}) already has an existing active order change")
        version = shop.about(order).version + 1
        edit = Edit(shop.numbers.next("edit"), order, version, note, shop.second(), kind=kind)
        self.known.append(edit)
        return edit


def routes(edits: Edits) -> dict[tuple[str, str], Act]:
    """The routes over one shop's changes."""
    return {
        ("POST", "/admin/order-edits"): lambda call: begin(edits, call),
        ("DELETE", "/admin/order-edits/{id}"): lambda call: drop(edits, call),
        ("POST", "/admin/order-edits/{id}/items/item/{line}"): lambda call: set_quantity(edits, call),
        ("POST", "/admin/order-edits/{id}/request"): lambda call: request(edits, call),
        ("POST", "/admin/order-edits/{id}/confirm"): lambda call: confirm(edits, call),
        ("GET", "/admin/orders/{id}/changes"): lambda call: changes(edits, call),
    }


def begin(edits: Edits, call: Call) -> dict[str, Any]:
    order = find_order(call.shop, text(call.body, "order_id"))
    edit = edits.begin(call.shop, order, "edit", call.body.get("internal_note"))
    return {"order_change": _thing(edit).own | {"actions": []}}


def _thing(edit: Edit) -> Thing:
    blank = ("created_by", "requested_by", "requested_at", "confirmed_by", "confirmed_at", "declined_by")
    own = {
        "id": outside("change", edit.id),
        **_subjects(edit),
        "version": edit.version,
        "change_type": edit.kind,
        "description": None,
        "status": edit.status,
        "internal_note": edit.note,
        **nothing(*blank, "declined_reason", "metadata", "declined_at", "canceled_by", "canceled_at"),
        "carry_over_promotions": None,
        "order_id": outside("order", edit.order.id),
        **stamps(edit.begun_at, edit.begun_at),
    }
    return Thing(own, {"actions": lambda: [_action(edit, each, n) for n, each in enumerate(edit.actions)]})


def _subjects(edit: Edit) -> dict[str, str | None]:
    about = edit.about
    swap = about if isinstance(about, Swap) else about.owner if about else None
    back = about if isinstance(about, Return) else about.back if about else None
    return {
        "return_id": outside("return", back.id) if back else None,
        "claim_id": outside("claim", swap.id) if swap and swap.kind == "claim" else None,
        "exchange_id": outside("exchange", swap.id) if swap and swap.kind == "exchange" else None,
    }


def _action(edit: Edit, action: Action, number: int) -> Thing:
    own = {
        "id": outside("action", int(edit.id) * 1000 + number),
        "action": action.kind,
        "details": {"reference_id": outside("line", action.subject), "quantity": action.units},
        **_subjects(edit),
        **stamps(edit.begun_at, edit.begun_at),
    }
    return Thing(own)


def _open(edits: Edits, call: Call) -> Edit:
    edit = edits.active(find_order(call.shop, call.path["id"]))
    if edit is None:
        raise invalid("An active Order Change is required to proceed")
    return edit


def drop(edits: Edits, call: Call) -> dict[str, Any]:
    edits.known.remove(_open(edits, call))
    return {"id": call.path["id"], "object": "order-edit", "deleted": True}


def set_quantity(edits: Edits, call: Call) -> dict[str, Any]:
    edit = _open(edits, call)
    line = next((x for x in edit.order.lines if x.id == inside("line", call.path["line"])), None)
    if line is None:
        raise invalid(f"Item {call.path['line']} does not exist in the order.")
    wanted = int(number(call.body, "quantity"))
    if wanted < fulfilled(call.shop, edit.order, line)[0]:
        raise invalid("Item quantity cannot be less than the fulfilled quantity")
    edit.quantities[line.id] = wanted
    return preview(call.shop, edit.order)


def request(edits: Edits, call: Call) -> dict[str, Any]:
    edit = _open(edits, call)
    edit.status = "requested"
    return preview(call.shop, edit.order)


def confirm(edits: Edits, call: Call) -> dict[str, Any]:
    """Let the change take place: what is taken off is released, and more of a line is reserved."""
    shop, edit = call.shop, _open(edits, call)
    edit.status = "confirmed"
    less: list[tuple[Line, int]] = []
    for line in edit.order.lines:
        by = edit.quantities.get(line.id, line.quantity) - line.quantity
        line.quantity += by
        if by < 0:
            line.releases -= by
            less.append((line, -by))
        else:
            line.allocations += by
        move(shop, line, allocated=by)
    if less:
        shop.record("order_cancelled", code=edit.order.code, lines=units_of(less), whole=False)
    shop.touch(edit.order)
    return preview(shop, edit.order)


def preview(shop: MedusaShop, order: Order) -> dict[str, Any]:
    """The order as it would be after its change."""
    shown = render(order_of(shop, order), wish(None, ORDER))
    return {"order_preview": shown | {"return_requested_total": 0}}


def changes(edits: Edits, call: Call) -> dict[str, Any]:
    order = find_order(call.shop, call.path["id"])
    found = [_thing(edit) for edit in edits.of(order)]
    given = call.query.get("fields")
    wanted = wish(given, ())
    wanted.whole = given is None
    return {"order_changes": [render(thing, wanted) for thing in found]}
