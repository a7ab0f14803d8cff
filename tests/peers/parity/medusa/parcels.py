"""Fulfilments, shipments with labels, and deliveries."""

from typing import Any

from tests.peers.parity.medusa.side import MedusaSide

LABEL = {"tracking_number": "T-1", "tracking_url": "https://example.com/T-1", "label_url": "#"}


def packed_shipped_delivered(shop: MedusaSide) -> None:
    """Each step moves the order; its words follow, and its lines count."""
    note, clerk = shop.notes, shop.clerk
    sku = shop.goods(9)
    id = shop.buy({sku: 3})
    moved = [clerk.order(id)["updated_at"]]

    def see(step: str) -> None:
        order = clerk.order(id)
        detail = order["items"][0]["detail"]
        counts = [detail[f"{name}_quantity"] for name in ("fulfilled", "shipped", "delivered")]
        moved.append(order["updated_at"])
        note.fact(step, (order["status"], order["fulfillment_status"], counts, clerk.stock(sku)))
        note.fact(f"{step} moves updatedAt", moved[-1] > moved[-2])

    first = clerk.fulfil(id, {sku: 1})
    see("packed one")
    clerk.ship(id, first, "T-1")
    see("shipped one")
    note.answer(
        "shipped", clerk.get(f"/admin/orders/{id}", fields="id,*fulfillments.items,*fulfillments.labels")
    )
    second = clerk.fulfil(id, {sku: 2})
    see("packed the rest")
    clerk.deliver(id, second)
    see("delivered unshipped")
    clerk.deliver(id, first)
    see("delivered all")


def a_fulfilment_that_does_not_fit(shop: MedusaSide) -> None:
    """More than is reserved, other lines, no lines, other places."""
    note, clerk = shop.notes, shop.clerk
    sku = shop.goods(9)
    id = shop.buy({sku: 2})
    path, line = f"/admin/orders/{id}/fulfillments", clerk.lines(id)[0]["id"]

    def ask(items: list[dict[str, Any]], place: str | None = clerk.locations[0]) -> Any:
        return clerk.post(path, {"items": items, **({"location_id": place} if place else {})})

    note.answer("too many", ask([{"id": line, "quantity": 3}]))
    note.status("another line", ask([{"id": "ordli_unknown", "quantity": 1}]))
    note.answer("no lines", ask([]))
    note.answer("no such place", ask([{"id": line, "quantity": 1}], "sloc_unknown"))
    note.fact("as it was", clerk.stock(sku))
    note.fact("no place", ask([{"id": line, "quantity": 1}], None).status_code)
    made = clerk.post(path, {"location_id": clerk.locations[0], "items": [{"id": line, "quantity": 1}]})
    note.answer("made", made)
    note.answer(
        "of an unknown order",
        clerk.post(
            "/admin/orders/order_unknown/fulfillments",
            {"items": [{"id": line, "quantity": 1}], "location_id": clerk.locations[0]},
        ),
    )


def metadata_of_a_fulfilment(shop: MedusaSide) -> None:
    """What the maker notes on it comes back."""
    note, clerk = shop.notes, shop.clerk
    sku = shop.goods(9)
    id = shop.buy({sku: 1})
    body = {"location_id": clerk.locations[0], "items": clerk.lines(id), "metadata": {"mark": "ours"}}
    fields = "id,fulfillments.id,fulfillments.metadata,fulfillments.canceled_at"
    answer = clerk.post(f"/admin/orders/{id}/fulfillments", body, fields=fields)
    note.answer("made", answer)
    note.fact("noted", answer.json()["order"]["fulfillments"][0]["metadata"])


def labels_and_repeats(shop: MedusaSide) -> None:
    """A label needs its three fields; a shipment and a delivery take place once."""
    note, clerk = shop.notes, shop.clerk
    sku = shop.goods(9)
    id = shop.buy({sku: 1})
    path = f"/admin/orders/{id}/fulfillments/{clerk.fulfil(id)}"
    items = clerk.lines(id)
    for missing in LABEL:
        label = {name: value for name, value in LABEL.items() if name != missing}
        note.answer(f"no {missing}", clerk.post(f"{path}/shipments", {"items": items, "labels": [label]}))
    note.fact("shipped", clerk.post(f"{path}/shipments", {"items": items, "labels": [LABEL]}).status_code)
    note.answer("shipped twice", clerk.post(f"{path}/shipments", {"items": items, "labels": [LABEL]}))
    note.answer("taken back", clerk.post(f"{path}/cancel"))
    note.fact("delivered", clerk.post(f"{path}/mark-as-delivered").status_code)
    note.answer("delivered twice", clerk.post(f"{path}/mark-as-delivered"))
    other = f"/admin/orders/{id}/fulfillments/ful_unknown"
    note.answer("an unknown one", clerk.post(f"{other}/shipments", {"items": items, "labels": [LABEL]}))


def a_fulfilment_taken_back(shop: MedusaSide) -> None:
    """Its units are on the shelf and reserved again, and can be packed anew."""
    note, clerk = shop.notes, shop.clerk
    sku = shop.goods(9)
    id = shop.buy({sku: 2})
    made = clerk.fulfil(id)
    note.fact("packed", clerk.stock(sku))
    path = f"/admin/orders/{id}/fulfillments/{made}"
    note.fact("taken back", clerk.post(f"{path}/cancel").status_code)
    order = clerk.order(id)
    note.fact(
        "afterwards",
        (clerk.stock(sku), order["fulfillment_status"], order["items"][0]["detail"]["fulfilled_quantity"]),
    )
    note.answer("twice", clerk.post(f"{path}/cancel"))
    note.answer("ship it", clerk.post(f"{path}/shipments", {"items": clerk.lines(id), "labels": [LABEL]}))
    clerk.fulfil(id)
    note.fact("packed anew", (clerk.stock(sku), clerk.order(id)["fulfillment_status"]))


def packed_elsewhere(shop: MedusaSide) -> None:
    """Reserved in one place and packed in another: it stays reserved in the first for good."""
    note, clerk = shop.notes, shop.clerk
    sku = shop.goods(9)
    id = shop.buy({sku: 3})
    clerk.add_level(sku, 1, 1)
    line = clerk.lines(id)[0]["id"]
    body = {"location_id": clerk.locations[1], "items": [{"id": line, "quantity": 1}]}
    note.fact("packed there", clerk.post(f"/admin/orders/{id}/fulfillments", body).status_code)
    note.fact("stock", clerk.stock(sku))
    note.answer("too little there", clerk.post(f"/admin/orders/{id}/fulfillments", body))


SCRIPTS = (
    packed_shipped_delivered,
    a_fulfilment_that_does_not_fit,
    metadata_of_a_fulfilment,
    labels_and_repeats,
    a_fulfilment_taken_back,
    packed_elsewhere,
)
