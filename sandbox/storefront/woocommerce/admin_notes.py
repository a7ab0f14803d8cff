"""The routes of an order's notes, which leave the order's date alone."""

from sandbox.storefront.woocommerce.admin_orders import find
from sandbox.storefront.woocommerce.answers import invalid_id, no, not_one_of
from sandbox.storefront.woocommerce.calls import Call, Reply, made, one, picked
from sandbox.storefront.woocommerce.orders_view import note
from sandbox.storefront.woocommerce.purchases import Note, Purchase
from sandbox.storefront.woocommerce.routes_of import ID, ORDER, Table

_KINDS = ["any", "customer", "internal"]


def _list(call: Call) -> Reply:
    """All notes at once, the newest first, uncounted in the headers."""
    purchase = find(call.shop, call.path["order_id"])
    kind = call.query.get("type") or "any"
    if kind not in _KINDS:
        raise not_one_of("type", _KINDS)
    fields = call.query.many("_fields")
    kept = [each for each in purchase.notes if kind == "any" or each.for_customer == (kind == "customer")]
    ordered = sorted(kept, key=lambda each: (each.at, each.id), reverse=True)
    shown = [note(call.shop, purchase, each, call.api) for each in ordered]
    return Reply([picked(each, fields, links=False) for each in shown])


def _create(call: Call) -> Reply:
    purchase = find(call.shop, call.path["order_id"])
    text = call.given("note")
    if not isinstance(text, str) or not text:
        raise no(
            400,
            "rest_missing_callback_param",
            "Missing parameter(s): note",
            params=["note"],
        )
    known = call.shop.write_note(
        purchase,
        _kept(text, escaped=call.shop.rules.new),
        for_customer=call.switch("customer_note", default=False),
        by_call=True,
    )
    if call.switch("added_by_user", default=False):
        known.author = "admin"
    call.shop.tell("note_added", code=str(purchase.id), public=known.for_customer)
    if known.for_customer:
        call.shop.e_mailed(purchase, "Customer note")
    return made(call, note(call.shop, purchase, known, call.api), f"orders/{purchase.id}/notes/{known.id}")


def _kept(text: str, *, escaped: bool) -> str:
    text = text.replace("\\", "")
    return text.replace("&amp;", "&").replace("&", "&amp;") if escaped else text


def _found(call: Call) -> tuple[Purchase, Note]:
    purchase = find(call.shop, call.path["order_id"])
    known = next((each for each in purchase.notes if each.id == call.path["id"]), None)
    if known is None:
        raise invalid_id("order_note", 404)
    return purchase, known


def _one(call: Call) -> Reply:
    purchase, known = _found(call)
    return one(call, note(call.shop, purchase, known, call.api))


def _drop(call: Call) -> Reply:
    purchase, known = _found(call)
    if not call.switch("force", default=False):
        raise no(501, "woocommerce_rest_trash_not_supported", "Order notes do not support trashing.")
    purchase.notes.remove(known)
    return Reply(note(call.shop, purchase, known, call.api))


_PATH = f"/wc/v3/orders/{ORDER}/notes"
ROUTES: Table = {
    _PATH: {"GET": _list, "POST": _create},
    f"{_PATH}/{ID}": {"GET": _one, "DELETE": _drop},
}
