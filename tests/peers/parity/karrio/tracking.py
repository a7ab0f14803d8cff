"""Scans, injected or told by the courier, and the trackers that follow them."""

import datetime as dt
from typing import Any

from tests.peers.parity.sides import Courier, fresh


def scans_injected(side: Courier) -> None:
    """Only a top-level status moves the tracker; only delivered:true sets the flag."""
    note, desk = side.notes, side.desk
    tracker = desk.buy(fresh("K"))["tracker_id"]
    path = f"/v1/trackers/{tracker}"
    now = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)

    def inject(step: str, scan: str, minute: int, **more: Any) -> None:
        when = now + dt.timedelta(minutes=minute)
        event = {
            "date": f"{when:%Y-%m-%d}",
            "time": f"{when:%H:%M}",
            "code": scan.upper(),
            "status": scan,
            "description": scan,
        }
        note.answer(step, desk.send("POST", f"{path}/inject-events", {"events": [event], **more}))
        after = desk.call("GET", path)
        statuses = sorted(str(e["status"]) for e in after["events"])
        note.fact(f"{step}: leaves", (after["status"], after["delivered"], statuses))

    inject("events alone", "picked_up", 1)
    inject("with a status", "in_transit", 2, status="in_transit")
    inject("delivered without the flag", "delivered", 3, status="delivered")
    inject("delivered with the flag", "delivered", 4, status="delivered", delivered=True)
    note.answer("read", desk.send("GET", path))
    note.answer(
        "unknown tracker", desk.send("POST", "/v1/trackers/trk_nothing/inject-events", {"events": []})
    )
    other = desk.buy(fresh("K"))["tracker_id"]
    desk.inject(other, ("in_transit", "hub"))
    note.fact(
        "the first in_transit is rewritten", sorted(str(e["status"]) for e in desk.tracker(other)["events"])
    )
    for status in (
        "on_hold",
        "delivery_failed",
        "return_to_sender",
        "ready_for_pickup",
        "delivery_delayed",
        "out_for_delivery",
    ):
        desk.inject(other, (status, status))
        note.fact(f"{status} stays", desk.tracker(other)["status"])
    odd = desk.send("POST", f"/v1/trackers/{other}/inject-events", {"events": [], "status": "lost_at_sea"})
    note.answer("unknown status", odd)


def scans_of_the_courier(side: Courier) -> None:
    """The courier's own book: seen by proxy tracking at once, by a tracker only after a fetch."""
    note, desk = side.notes, side.desk
    label = desk.buy(fresh("K"))
    number = label["tracking_number"]
    ask = {"tracking_number": number, "carrier_name": "loopback"}
    first = desk.send("POST", "/v1/proxy/tracking", ask)
    note.answer("before any scan", first)
    side.van.scan(number, "picked_up", "collected")
    second = desk.send("POST", "/v1/proxy/tracking", ask)
    note.answer("after a scan", second)
    note.fact("after a scan", [e["status"] for e in second.json()["tracking"]["events"]])
    followed = desk.follow("loopback", number)
    note.answer("followed within a minute", followed)
    note.fact(
        "followed within a minute",
        (followed.json()["status"], [e["status"] for e in followed.json()["events"]]),
    )
    side.van.scan(number, "delivered", "at the door")
    third = desk.send("POST", "/v1/proxy/tracking", ask)
    note.answer("after delivery", third)
    note.fact("after delivery", (third.json()["tracking"]["status"], third.json()["tracking"]["delivered"]))
    unknown = {"tracking_number": fresh("NONE"), "carrier_name": "loopback"}
    note.answer("unknown number", desk.send("POST", "/v1/proxy/tracking", unknown))
    note.answer("unknown carrier", desk.send("POST", "/v1/proxy/tracking", {**ask, "carrier_name": "nobody"}))
    note.answer("no number", desk.send("POST", "/v1/proxy/tracking", {"carrier_name": "loopback"}))


def following(side: Courier) -> None:
    """Trackers are made by hand too; an unknown number is 404; lists have filters."""
    note, desk = side.notes, side.desk
    label = desk.buy(fresh("K"))
    again = desk.follow("loopback", label["tracking_number"])
    note.answer("a known number", again)
    note.fact("the same tracker", again.json()["id"] == label["tracker_id"])
    note.answer("an unknown number", desk.follow("loopback", fresh("NONE")))
    note.answer("an unknown carrier", desk.follow("nobody", label["tracking_number"]))
    note.answer("nothing", desk.send("POST", "/v1/trackers", {}))
    note.answer("read an unknown tracker", desk.send("GET", "/v1/trackers/trk_nothing"))
    found = desk.send("GET", "/v1/trackers", tracking_number=label["tracking_number"])
    note.answer("by number", found)
    note.fact("by number", [t["id"] == label["tracker_id"] for t in found.json()["results"]])
    narrow = desk.call("GET", "/v1/trackers", tracking_number=label["tracking_number"], status="delivered")
    note.fact("by number and another status", len(narrow["results"]))
    note.fact("a page", sorted(desk.call("GET", "/v1/trackers", limit=1)))
    note.answer("archived", desk.send("DELETE", f"/v1/trackers/{label['tracker_id']}"))
    note.status("read it then", desk.send("GET", f"/v1/trackers/{label['tracker_id']}"))


SCRIPTS = (
    scans_injected,
    scans_of_the_courier,
    following,
)
