"""Couriers behind Karrio: the desk where labels are bought, and the van whose scans nobody can forge.

The loopback courier keeps its own book, carrier.json; Karrio learns of a scan only when it asks the courier.
"""

import datetime as dt
import fcntl
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from tests.peers.books.people import ADA, Buyer
from tests.peers.tls import TRUSTED

SECONDS = 60.0
JOURNEY = (
    ("picked_up", "collected"),
    ("in_transit", "at the hub"),
    ("out_for_delivery", "on the van"),
    ("delivered", "handed over at the door"),
)
SENDER = Buyer("Main", "Warehouse", "wh@example.com", "Kai 1", "Hamburg", "20095", "DE", "+49 40 5550100")


class CourierRefused(Exception):
    """Karrio answered with an error status."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"{response.status_code} {response.text[:400]}")
        self.status = response.status_code


def address(who: Buyer) -> dict[str, str]:
    """A person and place as Karrio takes them."""
    return {
        "person_name": who.full_name,
        "address_line1": who.street,
        "city": who.city,
        "postal_code": who.postal_code,
        "country_code": who.country,
        "phone_number": who.phone,
    }


class Desk:
    """Karrio's API as a shipping clerk uses it."""

    def __init__(self, url: str, key: str, carrier_id: str = "loop-1") -> None:
        self.http = httpx.Client(
            base_url=url, timeout=SECONDS, verify=TRUSTED, headers={"Authorization": f"Token {key}"}
        )
        self.carrier_id = carrier_id

    def send(self, method: str, path: str, body: object = None, **query: Any) -> httpx.Response:
        """The bare answer."""
        return self.http.request(method, path, json=body, params=query)

    def call(self, method: str, path: str, body: object = None, **query: Any) -> Any:
        """The answer's JSON.

        Raises:
            CourierRefused: any status from 300 on.
        """
        response = self.send(method, path, body, **query)
        if response.status_code >= 300:
            raise CourierRefused(response)
        return response.json()

    def draft(self, reference: str, buyer: Buyer = ADA, kilograms: float = 0.8) -> dict[str, Any]:
        """An unbought shipment with its rates."""
        body = {
            "shipper": address(SENDER),
            "recipient": address(buyer),
            "parcels": [{"weight": kilograms, "weight_unit": "KG"}],
            "carrier_ids": [self.carrier_id],
            "reference": reference,
        }
        made: dict[str, Any] = self.call("POST", "/v1/shipments", body)
        return made

    def buy(self, reference: str, buyer: Buyer = ADA) -> dict[str, Any]:
        """A label at the lowest rate: the bought shipment with tracking_number, tracker_id and label_url."""
        shipment = self.draft(reference, buyer)
        rate = min(shipment["rates"], key=lambda r: r["total_charge"])["id"]
        path = f"/v1/shipments/{shipment['id']}/purchase"
        bought: dict[str, Any] = self.call("POST", path, {"selected_rate_id": rate})
        return bought

    def label(self, shipment: Mapping[str, Any]) -> bytes:
        return self.http.get(shipment["label_url"]).content

    def shipments(self, reference: str) -> list[dict[str, Any]]:
        """Every shipment with this reference, in any state."""
        found = self.call("GET", "/v1/shipments", reference=reference)["results"]
        return [s for s in found if s["reference"] == reference]

    def void(self, shipment: str) -> None:
        self.call("POST", f"/v1/shipments/{shipment}/cancel", {})

    def tracker(self, number: str) -> dict[str, Any]:
        """By tracker id or tracking number, as Karrio last knew it."""
        found: dict[str, Any] = self.call("GET", f"/v1/trackers/{number}")
        return found

    def follow(self, carrier: str, tracking: str) -> httpx.Response:
        """Ask Karrio to track a number; within a minute of the last fetch it answers from memory."""
        return self.send("POST", "/v1/trackers", {"carrier_name": carrier, "tracking_number": tracking})

    def inject(self, tracker: str, *scans: tuple[str, str], at: dt.datetime | None = None) -> None:
        """Scans written straight into Karrio's tracker, one call each; the courier's book stays behind."""
        moment = at or dt.datetime.now(dt.UTC)
        for n, (status, text) in enumerate(scans):
            when = moment + dt.timedelta(minutes=n + 1)  # after Karrio's own CREATED event
            event = {
                "date": f"{when:%Y-%m-%d}",
                "time": f"{when:%H:%M}",
                "code": status.upper(),
                "status": status,
                "description": text,
            }
            body = {"status": status, "delivered": status == "delivered", "events": [event]}
            self.call("POST", f"/v1/trackers/{tracker}/inject-events", body)


class Van:
    """The loopback courier's driver: appends scans to the courier's own book."""

    def __init__(self, carrier_json: Path) -> None:
        self._path = carrier_json

    def book(self) -> dict[str, Any]:
        """The courier's events by tracking number."""
        with self._path.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            file.seek(0)
            content: dict[str, Any] = json.loads(file.read() or "{}")
        return content

    def scan(self, tracking: str, status: str, text: str = "", at: dt.datetime | None = None) -> None:
        """One dated statement about a parcel that the courier knows."""
        moment = at or dt.datetime.now(dt.UTC)
        event = {
            "date": f"{moment:%Y-%m-%d}",
            "time": f"{moment:%H:%M}",
            "code": status.upper(),
            "status": status,
            "description": text or status,
        }
        with self._path.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            content = json.loads(file.read() or "{}")
            content[tracking].append(event)
            file.seek(0)
            file.truncate()
            json.dump(content, file, ensure_ascii=False, indent=1)

    def drive(self, tracking: str, journey: Sequence[tuple[str, str]] = JOURNEY) -> None:
        """Scans a minute apart, up to the door."""
        start = dt.datetime.now(dt.UTC)
        for n, (status, text) in enumerate(journey):
            self.scan(tracking, status, text, start + dt.timedelta(minutes=n))
