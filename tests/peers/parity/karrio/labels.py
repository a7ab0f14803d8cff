"""Rates, labels, finding them again and voiding them."""

from typing import Any

import httpx

from tests.peers.books.karrio import address
from tests.peers.books.people import ADA, LI
from tests.peers.parity.karrio.words import parcel
from tests.peers.parity.sides import Courier, fresh


def rates(side: Courier) -> None:
    """By a draft shipment, or without one; a parcel too heavy has none."""
    note, desk = side.notes, side.desk
    only = {"carrier_ids": [desk.carrier_id]}
    quoted = desk.send("POST", "/v1/proxy/rates", parcel("", **only))
    note.answer("proxy rates", quoted)
    found = sorted(
        (r["service"], r["total_charge"], r["currency"], r["transit_days"]) for r in quoted.json()["rates"]
    )
    note.fact("proxy rates", found)
    for name, more in {
        "heavy": {"parcels": [{"weight": 20, "weight_unit": "KG"}]},
        "too heavy": {"parcels": [{"weight": 31, "weight_unit": "KG"}]},
        "grams": {"parcels": [{"weight": 800, "weight_unit": "G"}]},
        "pounds": {"parcels": [{"weight": 2, "weight_unit": "LB"}]},
        "two parcels": {"parcels": [{"weight": 0.5, "weight_unit": "KG"}] * 2},
        "no weight": {"parcels": [{"weight_unit": "KG"}]},
        "no parcels": {"parcels": []},
        "unknown carrier": {"carrier_ids": ["nobody"]},
        "one service": {"services": ["loopback_express"]},
        "unknown service": {"services": ["no_such_service"]},
        "null recipient": {"recipient": None},
        "unknown country": {"recipient": {**address(ADA), "country_code": "XX"}},
        "no country": {"recipient": {**address(ADA), "country_code": ""}},
    }.items():
        answer = desk.send("POST", "/v1/proxy/rates", {**parcel("", **only), **more})
        note.answer(name, answer)
        if answer.is_success:
            figures = sorted((r["service"], r["total_charge"]) for r in answer.json()["rates"])
            note.fact(f"{name}: figures", figures)


def a_label_in_two_calls(side: Courier) -> None:
    """Draft with rates, then purchase; a repeat is 409; the label is a PDF."""
    note, desk = side.notes, side.desk
    reference = fresh("K")
    draft = desk.send(
        "POST", "/v1/shipments", parcel(reference, LI, carrier_ids=[desk.carrier_id], metadata={"order": "1"})
    )
    note.answer("draft", draft)
    shipment = draft.json()
    path = f"/v1/shipments/{shipment['id']}"
    note.answer("draft read", desk.send("GET", path))
    note.fact(
        "kept",
        [shipment["recipient"][name] for name in ("person_name", "address_line1", "city", "postal_code")],
    )
    note.answer("unknown rate", desk.send("POST", f"{path}/purchase", {"selected_rate_id": "rat_nothing"}))
    note.answer("no rate", desk.send("POST", f"{path}/purchase", {}))
    cheapest = min(shipment["rates"], key=lambda rate: rate["total_charge"])
    bought = desk.send("POST", f"{path}/purchase", {"selected_rate_id": cheapest["id"]})
    note.answer("purchase", bought)
    label = bought.json()
    note.fact(
        "bought",
        (
            label["status"],
            label["service"],
            label["carrier_id"] == desk.carrier_id,
            label["reference"] == reference,
        ),
    )
    note.answer("purchase again", desk.send("POST", f"{path}/purchase", {"selected_rate_id": cheapest["id"]}))
    note.answer("read", desk.send("GET", path))
    pdf = desk.http.get(label["label_url"])
    note.status("label", pdf)
    note.fact("label is a PDF", pdf.content.startswith(b"%PDF"))
    strangers = httpx.get(
        label["label_url"] if label["label_url"].startswith("http") else f"{side.url}{label['label_url']}"
    )
    note.status("label without a token", strangers)
    note.fact("form of the label's address", label["label_url"].startswith("http"))
    tracker = desk.send("GET", f"/v1/trackers/{label['tracker_id']}")
    note.answer("its tracker", tracker)
    note.fact(
        "its tracker", (tracker.json()["status"], tracker.json()["delivered"], len(tracker.json()["events"]))
    )
    note.answer("by tracking number", desk.send("GET", f"/v1/trackers/{label['tracking_number']}"))


def a_label_in_one_call(side: Courier) -> None:
    """`service` in the draft's body buys at once."""
    note, desk = side.notes, side.desk
    body = parcel(fresh("K"), carrier_ids=[desk.carrier_id])
    answer = desk.send("POST", "/v1/shipments", {**body, "service": "loopback_express"})
    note.answer("one call", answer)
    note.fact("one call", (answer.json().get("status"), answer.json().get("service")))
    note.answer("unknown service", desk.send("POST", "/v1/shipments", {**body, "service": "no_such_service"}))


def drafts_that_are_refused(side: Courier) -> None:
    """What Karrio checks, and what it takes."""
    note, desk = side.notes, side.desk
    note.answer("empty body", desk.send("POST", "/v1/shipments", {}))
    note.status(
        "not JSON",
        desk.http.post("/v1/shipments", content=b"{", headers={"content-type": "application/json"}),
    )
    for name, more in {
        "null recipient": {"recipient": None},
        "no parcels": {"parcels": []},
        "unknown carrier": {"carrier_ids": ["nobody"]},
        "too heavy": {"parcels": [{"weight": 31, "weight_unit": "KG"}]},
        "unknown unit": {"parcels": [{"weight": 1, "weight_unit": "STONE"}]},
        "unknown country": {"recipient": {**address(ADA), "country_code": "XX"}},
        "no name": {"recipient": {**address(ADA), "person_name": ""}},
        "empty phone": {"recipient": {**address(ADA), "phone_number": ""}},
        "an odd phone": {"recipient": {**address(ADA), "phone_number": "12"}},
        "no street": {"recipient": {**address(ADA), "address_line1": ""}},
        "long street": {"recipient": {**address(ADA), "address_line1": "x" * 300}},
        "long reference": {"reference": "r" * 101},
        "an unknown field": {"colour": "red"},
    }.items():
        answer = desk.send(
            "POST", "/v1/shipments", {**parcel(fresh("K"), carrier_ids=[desk.carrier_id]), **more}
        )
        note.answer(name, answer)
    note.answer("unknown shipment", desk.send("GET", "/v1/shipments/shp_nothing"))
    note.answer(
        "buy an unknown shipment",
        desk.send("POST", "/v1/shipments/shp_nothing/purchase", {"selected_rate_id": "x"}),
    )
    note.answer("void an unknown shipment", desk.send("POST", "/v1/shipments/shp_nothing/cancel", {}))


def finding_shipments(side: Courier) -> None:
    """By reference, tracking number, status, time; the way back after an unknown outcome."""
    note, desk = side.notes, side.desk
    reference = fresh("K")
    bought = desk.buy(reference)
    desk.draft(reference)
    ours = {bought["id"]: "bought"}

    def find(step: str, **query: Any) -> None:
        answer = desk.send("GET", "/v1/shipments", **query)
        note.answer(step, answer) if answer.json().get("results") else note.status(step, answer)
        found = [
            ours.get(item["id"], item["status"])
            for item in answer.json().get("results", [])
            if item["reference"] == reference
        ]
        note.fact(f"{step}: finds", sorted(found))

    find("reference", reference=reference)
    find("tracking number", tracking_number=bought["tracking_number"])
    find("status", reference=reference, status="created")
    find("draft", reference=reference, status="draft")
    find("carrier", reference=reference, carrier_name="loopback")
    find("created after", reference=reference, created_after="2020-01-01T00:00:00Z")
    find("created much later", reference=reference, created_after="2100-01-01T00:00:00Z")
    find("keyword", keyword=reference)
    note.fact(
        "part of a reference finds",
        len(desk.call("GET", "/v1/shipments", reference=reference[:6])["results"]) > 0,
    )
    for n in range(3):
        desk.draft(f"{reference}-{n}")
    page = desk.call("GET", "/v1/shipments", limit=2, offset=0)
    note.fact(
        "a page", (len(page["results"]), page["next"] is not None, page["previous"] is None, sorted(page))
    )
    newest = [item["reference"] for item in page["results"]]
    note.fact("newest first", newest == [f"{reference}-2", f"{reference}-1"])
    last = desk.send("GET", "/v1/shipments", limit=2, offset=10**6)
    note.answer("beyond the end", last)


def voiding(side: Courier) -> None:
    """Before any scan 200; again; after an injected scan 409; after a scan in the courier's own book 424."""
    note, desk = side.notes, side.desk
    label = desk.buy(fresh("K"))
    path = f"/v1/shipments/{label['id']}/cancel"
    note.answer("void", desk.send("POST", path, {}))
    note.fact("void leaves", desk.call("GET", f"/v1/shipments/{label['id']}")["status"])
    note.answer("void again", desk.send("POST", path, {}))
    note.answer("its tracker", desk.send("GET", f"/v1/trackers/{label['tracking_number']}"))
    injected = desk.buy(fresh("K"))
    desk.inject(injected["tracker_id"], ("in_transit", "hub"))
    note.answer("after an injected scan", desk.send("POST", f"/v1/shipments/{injected['id']}/cancel", {}))
    note.fact("after an injected scan: status", desk.call("GET", f"/v1/shipments/{injected['id']}")["status"])
    scanned = desk.buy(fresh("K"))
    side.van.scan(scanned["tracking_number"], "picked_up", "collected")
    note.answer("after a real scan", desk.send("POST", f"/v1/shipments/{scanned['id']}/cancel", {}))
    note.fact("after a real scan: status", desk.call("GET", f"/v1/shipments/{scanned['id']}")["status"])
    draft = desk.draft(fresh("K"))
    note.answer("void a draft", desk.send("POST", f"/v1/shipments/{draft['id']}/cancel", {}))
    note.fact("void a draft leaves", desk.call("GET", f"/v1/shipments/{draft['id']}")["status"])
    rate = draft["rates"][0]["id"]
    note.answer(
        "buy a voided draft",
        desk.send("POST", f"/v1/shipments/{draft['id']}/purchase", {"selected_rate_id": rate}),
    )


SCRIPTS = (
    rates,
    a_label_in_two_calls,
    a_label_in_one_call,
    drafts_that_are_refused,
    finding_shipments,
    voiding,
)
