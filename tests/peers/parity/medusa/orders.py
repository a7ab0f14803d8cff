"""Orders as the feed and the single read show them, and what `fields` does to their status."""

from typing import Any

from tests.peers.books.people import LI
from tests.peers.parity.medusa.side import MedusaSide

WHOLE = (
    "id,display_id,status,currency_code,email,created_at,updated_at,total,sales_channel_id,metadata,summary,"
    "*items,*items.detail,*shipping_address,*fulfillments,*fulfillments.items,*fulfillments.labels,"
    "*payment_collections.payments,*payment_collections.payments.captures,"
    "*payment_collections.payments.refunds"
)


def an_order_whole(shop: MedusaSide) -> None:
    """Every field that an order has when it is placed; sums are unrounded."""
    note, clerk = shop.notes, shop.clerk
    one, two = shop.goods(9, 19.9), shop.goods(9, 3.333)
    id = shop.buy({one: 3, two: 1})
    note.answer("whole", clerk.get(f"/admin/orders/{id}", fields=WHOLE))
    order = clerk.order(id)
    note.fact("total", order["total"])
    note.fact("summary", {k: v for k, v in order["summary"].items() if not k.startswith("raw_")})
    # Medusa reads the lines without an order: the database gives them as it likes
    note.fact("lines", sorted((x["quantity"], x["unit_price"]) for x in order["items"]))
    note.fact("statuses", (order["status"], order["payment_status"], order["fulfillment_status"]))
    abroad = clerk.order(shop.buy({one: 1}, LI))
    note.fact("another country's tax", abroad["total"])
    kept = abroad["shipping_address"]
    note.fact(
        "as it was given", (kept["first_name"], kept["last_name"], kept["address_1"], kept["country_code"])
    )
    note.answer("unknown", clerk.get("/admin/orders/order_unknown"))


def what_fields_do_to_a_status(shop: MedusaSide) -> None:
    """One of three fulfilled: without its lines in the answer a single read says "fulfilled"."""
    note, clerk = shop.notes, shop.clerk
    sku = shop.goods(9)
    id = shop.buy({sku: 3})
    clerk.fulfil(id, {sku: 1})
    for fields in (
        "id,fulfillment_status",
        "id",
        "id,*items",
        "id,*items.detail",
        "id,*fulfillments",
        "id,*items,*items.detail,*fulfillments",
    ):
        one = clerk.get(f"/admin/orders/{id}", fields=fields)
        many = clerk.http.get("/admin/orders", params=[("id[]", id), ("fields", fields)])
        note.answer(f"one, {fields}", one)
        note.answer(f"list, {fields}", many)
        found = one.json()["order"], many.json()["orders"][0]
        note.fact(f"status, {fields}", [order["fulfillment_status"] for order in found])


def orders_since(shop: MedusaSide) -> None:
    """The feed by updated_at: the bound counts, carts are out, an unknown parameter is passed over."""
    note, clerk = shop.notes, shop.clerk
    sku = shop.goods(9)
    with shop.visitor() as slow:
        slow.begin({sku: 1})
        one, two = shop.buy({sku: 1}), shop.buy({sku: 1})
    names = {one: "one", two: "two"}
    since = clerk.order(one)["updated_at"]

    def feed(**asked: Any) -> list[str]:
        found = clerk.get("/admin/orders", fields="id,updated_at", limit=1000, **asked).json()["orders"]
        return [names.get(order["id"], "another") for order in found]

    note.fact("from the moment on", feed(**{"updated_at[$gte]": since, "order": "updated_at"}))
    note.fact("after it", feed(**{"updated_at[$gt]": since, "order": "updated_at"}))
    note.fact("newest first", feed(**{"updated_at[$gte]": since, "order": "-updated_at"}))
    note.fact("an unknown parameter", clerk.get("/admin/orders", nonsense=1, limit=0).status_code)
    page = clerk.get("/admin/orders", **{"updated_at[$gte]": since, "order": "updated_at", "limit": 1})
    note.answer("by default", page)
    clerk.fulfil(one)
    note.fact("a change moves it", feed(**{"updated_at[$gte]": since, "order": "updated_at"}))


def on_the_way_to_an_order(shop: MedusaSide) -> None:
    """What a cart lacks is said when it is completed; a completed cart gives its order again."""
    note, sku = shop.notes, shop.goods(3)
    with shop.visitor() as visitor:
        note.answer("too many", visitor.begin({sku: 4}))
        visitor.begin({sku: 1})
        complete = f"/store/carts/{visitor.cart}/complete"
        note.answer("no payment", visitor.post(complete))
        visitor.pay()
        note.answer("no shipping", visitor.post(complete))
        note.answer(
            "no such way",
            visitor.post(f"/store/carts/{visitor.cart}/shipping-methods", {"option_id": "so_no"}),
        )
        first = visitor.finish()
        note.fact("placed", (first.status_code, first.json()["type"]))
        again = visitor.post(complete)
        note.fact("again", again.json()["order"]["id"] == first.json()["order"]["id"])
        note.answer("unknown cart", visitor.http.get("/store/carts/cart_unknown"))
        row = {"variant_id": "variant_unknown", "quantity": 1}
        body = {"region_id": visitor.region(), "items": [row]}
        note.answer("unknown variant", visitor.post("/store/carts", body))


def metadata(shop: MedusaSide) -> None:
    """Names are added to what is there; an empty text takes one out."""
    note, clerk = shop.notes, shop.clerk
    id = shop.buy({shop.goods(3): 1})
    path = f"/admin/orders/{id}"
    note.answer("write", clerk.post(path, {"metadata": {"one": "1"}}, fields="id,metadata"))
    clerk.post(path, {"metadata": {"two": "2"}})
    clerk.post(path, {"metadata": {"one": ""}})
    note.fact("kept", clerk.get(path, fields="id,metadata").json()["order"]["metadata"])


def a_line_is_changed(shop: MedusaSide) -> None:
    """Staff take units off a line: nothing moves until the change is confirmed."""
    note, clerk = shop.notes, shop.clerk
    sku = shop.goods(9)
    id = shop.buy({sku: 3})
    clerk.capture(id)
    before = clerk.order(id)["updated_at"]
    note.answer("begin", clerk.post("/admin/order-edits", {"order_id": id, "internal_note": "n"}))
    note.answer("begin twice", clerk.post("/admin/order-edits", {"order_id": id}))
    line = clerk.lines(id)[0]["id"]
    step = clerk.post(f"/admin/order-edits/{id}/items/item/{line}", {"quantity": 1})
    note.fact("set", step.status_code)
    note.fact("not yet", (clerk.order(id)["items"][0]["quantity"], clerk.stock(sku)))
    note.fact("request", clerk.post(f"/admin/order-edits/{id}/request").status_code)
    note.fact("confirm", clerk.post(f"/admin/order-edits/{id}/confirm").status_code)
    order = clerk.order(id)
    note.fact("afterwards", (order["items"][0]["quantity"], clerk.stock(sku), order["updated_at"] > before))
    note.fact("owed", round(order["summary"]["pending_difference"], 3))
    note.answer("none to confirm", clerk.post(f"/admin/order-edits/{id}/confirm"))
    changes = f"/admin/orders/{id}/changes"
    note.answer("changes", clerk.get(changes, fields="id,status,internal_note"))
    clerk.post("/admin/order-edits", {"order_id": id})
    note.answer("drop", clerk.http.delete(f"/admin/order-edits/{id}"))
    note.fact("dropped", [x["status"] for x in clerk.get(changes).json()["order_changes"]])


SCRIPTS = (
    an_order_whole,
    what_fields_do_to_a_status,
    orders_since,
    on_the_way_to_an_order,
    metadata,
    a_line_is_changed,
)
