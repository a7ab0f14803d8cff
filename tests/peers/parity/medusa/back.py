"""Returns, exchanges and claims: how they stand, what they do to stock, sums and lines, and what is refused."""

from typing import Any

from tests.peers.parity.medusa.side import MedusaSide

RETURN = "id,status,exchange_id,claim_id,created_by,*items,*items.reason,*fulfillments"


def sent(shop: MedusaSide, units: int = 3) -> tuple[str, str, str]:
    """(order, its line, SKU) of goods that left, paid."""
    sku = shop.goods(9, 20)
    id = shop.buy({sku: units})
    shop.clerk.capture(id)
    shop.clerk.fulfil(id)
    return id, str(shop.clerk.lines(id)[0]["id"]), sku


def ask(shop: MedusaSide, order: str, rows: list[dict[str, Any]], **more: Any) -> Any:
    """The shopper's request, as it is answered."""
    with shop.visitor() as visitor:
        place = shop.clerk.get("/admin/stock-locations").json()["stock_locations"][0]["id"]
        known = shop.clerk.get(f"/admin/orders/{order}", fields="id,*shipping_methods").json()["order"]
        option = known["shipping_methods"][0]["shipping_option_id"]
        body = {"order_id": order, "items": rows, "location_id": place} | {
            "return_shipping": {"option_id": option, "price": 0}
        }
        return visitor.post("/store/returns", {k: v for k, v in (body | more).items() if v is not None})


def standing(shop: MedusaSide, back: str) -> tuple[object, ...]:
    """(status, figures of its items)"""
    found = shop.clerk.get(f"/admin/returns/{back}", fields=RETURN).json()["return"]
    rows = [(x["quantity"], x["received_quantity"], x["damaged_quantity"]) for x in found["items"]]
    return found["status"], rows


def counted(shop: MedusaSide, order: str) -> list[tuple[int, ...]]:
    """What stands against each line of the order, and what is still to be paid."""
    names = ("return_requested", "return_received", "return_dismissed", "written_off")
    found = shop.clerk.order(order)
    lines = [tuple(x["detail"][f"{name}_quantity"] for name in names) for x in found["items"]]
    return [*lines, (round(found["summary"]["pending_difference"], 3),)]


def receive(shop: MedusaSide, back: str, line: str, good: int, bad: int = 0) -> list[int]:
    """Each step's status."""
    post, path = shop.clerk.post, f"/admin/returns/{back}"
    said = [post(f"{path}/receive", {"internal_note": "n"}).status_code]
    for way, units in (("receive-items", good), ("dismiss-items", bad)):
        if units:
            said.append(post(f"{path}/{way}", {"items": [{"id": line, "quantity": units}]}).status_code)
    return [*said, post(f"{path}/receive/confirm").status_code]


def a_shopper_s_return(shop: MedusaSide) -> None:
    """It is requested at once, and from then on its sum is owed; nobody granted it."""
    note, clerk = shop.notes, shop.clerk
    order, line, _ = sent(shop)
    body = {"value": f"torn-{order[-8:]}", "label": "Torn"}
    reason = clerk.post("/admin/return-reasons", body).json()["return_reason"]["id"]
    before = clerk.order(order)["updated_at"]
    asked = ask(shop, order, [{"id": line, "quantity": 2, "reason_id": reason}])
    note.fact("asked", asked.status_code)
    back = asked.json()["return"]["id"]
    note.answer("as it is", clerk.get(f"/admin/returns/{back}", fields="id,status,created_by,*items"))
    note.fact("standing", standing(shop, back))
    note.fact("counted", (counted(shop, order), clerk.order(order)["updated_at"] > before))
    found = clerk.get("/admin/returns", **{"order_id": order, "fields": RETURN}).json()["returns"]
    note.fact(
        "in the list",
        [(x["created_by"], x["items"][0]["reason"]["label"], len(x["fulfillments"])) for x in found],
    )
    note.answer("too many", ask(shop, order, [{"id": line, "quantity": 3}]))
    note.answer("no way to send it", ask(shop, order, [{"id": line, "quantity": 1}], return_shipping=None))
    note.answer("another line", ask(shop, order, [{"id": "ordli_no", "quantity": 1}]))
    note.answer("unknown return", clerk.get("/admin/returns/return_no"))


def received_in_two_goes(shop: MedusaSide) -> None:
    """Good pieces are stocked, dismissed ones not; a second receipt takes the place of the first in the return."""
    note, clerk = shop.notes, shop.clerk
    order, line, sku = sent(shop)
    back = ask(shop, order, [{"id": line, "quantity": 3}]).json()["return"]["id"]
    stocked = clerk.stock(sku)[0][0]
    note.fact("first", receive(shop, back, line, 1))
    note.fact("then", (standing(shop, back), counted(shop, order), clerk.stock(sku)[0][0] - stocked))
    note.fact("second", receive(shop, back, line, 1, 1))
    note.fact("at last", (standing(shop, back), counted(shop, order), clerk.stock(sku)[0][0] - stocked))
    fields = "id,status,change_type,return_id,internal_note,*actions"
    changes = clerk.get(f"/admin/orders/{order}/changes", fields=fields).json()["order_changes"]
    told = [
        (
            x["status"],
            x["change_type"],
            x["return_id"] == back,
            sorted((a["action"], a["details"].get("quantity")) for a in x["actions"]),
        )
        for x in changes
        if x["change_type"] == "return_receive"
    ]
    note.fact("changes", sorted(told))
    note.answer("nothing begun", clerk.post(f"/admin/returns/{back}/receive/confirm"))


def received_whole(shop: MedusaSide) -> None:
    """In one go it is received; what is begun can be dropped, and one change stands in another's way."""
    note, clerk = shop.notes, shop.clerk
    order, line, _ = sent(shop)
    back = ask(shop, order, [{"id": line, "quantity": 2}]).json()["return"]["id"]
    path = f"/admin/returns/{back}"
    note.fact("begun", clerk.post(f"{path}/receive").status_code)
    note.answer("begun twice", clerk.post(f"{path}/receive"))
    row = {"items": [{"id": line, "quantity": 5}]}
    note.answer("too many", clerk.post(f"{path}/receive-items", row))
    note.answer(
        "another line", clerk.post(f"{path}/receive-items", {"items": [{"id": "ordli_no", "quantity": 1}]})
    )
    note.answer("dropped", clerk.http.delete(f"{path}/receive"))
    note.fact("steps", receive(shop, back, line, 1, 1))
    note.fact("received", (standing(shop, back), counted(shop, order)))
    note.answer("too late", clerk.post(f"{path}/cancel"))


def a_return_is_cancelled(shop: MedusaSide) -> None:
    """Its parcel is cancelled before it."""
    note, clerk = shop.notes, shop.clerk
    order, line, _ = sent(shop)
    back = ask(shop, order, [{"id": line, "quantity": 2}]).json()["return"]["id"]
    note.answer("its parcel stands", clerk.post(f"/admin/returns/{back}/cancel"))
    fields = "id,*fulfillments"
    (parcel,) = clerk.get(f"/admin/returns/{back}", fields=fields).json()["return"]["fulfillments"]
    note.fact("parcel", clerk.post(f"/admin/fulfillments/{parcel['id']}/cancel").status_code)
    note.fact("cancel", clerk.post(f"/admin/returns/{back}/cancel").status_code)
    note.fact("afterwards", (standing(shop, back), counted(shop, order)))
    note.answer("twice", clerk.post(f"/admin/returns/{back}/cancel"))


def swap(shop: MedusaSide, name: str, order: str, **body: str) -> str:
    """An exchange or a claim that is begun."""
    return str(shop.clerk.post(f"/admin/{name}s", {"order_id": order, **body}).json()[name]["id"])


def an_exchange(shop: MedusaSide) -> None:
    """Half done it shows nothing; requested, other goods are a line of the order, and its return names it."""
    note, clerk = shop.notes, shop.clerk
    order, line, _ = sent(shop)
    other = clerk.variant(shop.goods(9, 30))["id"]
    id = swap(shop, "exchange", order)
    path = f"/admin/exchanges/{id}"
    row = {"items": [{"id": line, "quantity": 1}]}
    note.fact("inbound", clerk.post(f"{path}/inbound/items", row).status_code)
    added = {"items": [{"variant_id": other, "quantity": 2}]}
    note.fact("outbound", clerk.post(f"{path}/outbound/items", added).status_code)
    fields = "id,return_id,created_by,updated_at,canceled_at,*additional_items,*additional_items.item"
    draft = clerk.get(path, fields=fields).json()["exchange"]
    note.fact("half done", (len(draft["additional_items"]), standing(shop, draft["return_id"])))
    note.fact("requested", clerk.post(f"{path}/request").status_code)
    made = clerk.get(path, fields=fields).json()["exchange"]
    note.fact("its moment", made["updated_at"] == draft["updated_at"])
    note.fact(
        "wanted instead",
        [(x["quantity"], x["item"]["variant_id"] == other) for x in made["additional_items"]],
    )
    note.fact("standing", standing(shop, made["return_id"]))
    lines = clerk.order(order)["items"]
    note.fact("the order's lines", sorted((x["quantity"], x["unit_price"]) for x in lines))
    found = clerk.get(f"/admin/returns/{made['return_id']}", fields=RETURN).json()["return"]
    note.fact("names it", (found["exchange_id"] == id, found.get("claim_id")))
    note.fact("cancel", clerk.post(f"{path}/cancel").status_code)
    gone = clerk.get(path, fields=fields).json()["exchange"]
    note.fact("cancelled", (gone.get("canceled_at") is not None, standing(shop, gone["return_id"])))
    note.answer("unknown", clerk.get("/admin/exchanges/oexc_no"))


def claims(shop: MedusaSide) -> None:
    """With goods that come back and without; requesting one moves nothing of it."""
    note, clerk = shop.notes, shop.clerk
    fields = "id,type,return_id,updated_at,*additional_items,*claim_items"
    for type, back in (("refund", False), ("refund", True), ("replace", False), ("replace", True)):
        order, line, _ = sent(shop)
        id = swap(shop, "claim", order, type=type)
        path, name = f"/admin/claims/{id}", f"{type}, {'back' if back else 'kept'}"
        row = {"id": line, "quantity": 1} | ({} if back else {"reason": "wrong_item"})
        way = "inbound/items" if back else "claim-items"
        note.fact(f"{name}: filled", clerk.post(f"{path}/{way}", {"items": [row]}).status_code)
        if type == "replace":
            variant = clerk.variant(shop.goods(9, 30))["id"]
            added = {"items": [{"variant_id": variant, "quantity": 1}]}
            clerk.post(f"{path}/outbound/items", added)
        draft = clerk.get(path, fields=fields).json()["claim"]
        note.fact(f"{name}: requested", clerk.post(f"{path}/request").status_code)
        made = clerk.get(path, fields=fields).json()["claim"]
        complained = [
            (x["quantity"], x["reason"]) for x in made["claim_items"] if not x["is_additional_item"]
        ]
        sent_out = [x["quantity"] for x in made["additional_items"] if x["is_additional_item"]]
        note.fact(
            f"{name}: as it is", (made["type"], made.get("return_id") is not None, complained, sent_out)
        )
        note.fact(f"{name}: its moment", made["updated_at"] == draft["updated_at"])
        note.fact(f"{name}: what it costs", sorted(counted(shop, order)))
    note.answer("unknown", clerk.get("/admin/claims/claim_no"))


SCRIPTS = (
    a_shopper_s_return,
    received_in_two_goes,
    received_whole,
    a_return_is_cancelled,
    an_exchange,
    claims,
)
