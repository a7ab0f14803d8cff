"""A plain client of the pretend courier aggregator, for its tests, with a clock that the test moves."""

from datetime import UTC, datetime
from random import Random
from typing import Any

import httpx

from sandbox.clock import SetClock
from sandbox.courier.books import Courier
from sandbox.courier.karrio import app
from sandbox.ledger import Entry, Ledger

KEY = "key_1"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def who(name: str = "Ada Test", **more: Any) -> dict[str, Any]:
    return {
        "person_name": name,
        "address_line1": "Hauptstr. 1",
        "city": "Berlin",
        "postal_code": "10115",
        "country_code": "DE",
        **more,
    }


def parcel(weight: float = 0.8, **more: Any) -> dict[str, Any]:
    return {"weight": weight, "weight_unit": "KG", **more}


def order(reference: str = "R-1", **more: Any) -> dict[str, Any]:
    return {
        "shipper": who("Main WH"),
        "recipient": who(),
        "parcels": [parcel()],
        "carrier_ids": ["loop-1"],
        "reference": reference,
        **more,
    }


class Door:
    """The aggregator over HTTP, with one carrier account already open."""

    def __init__(self, *, connected: bool = True) -> None:
        self.clock = SetClock(START)
        self.ledger = Ledger(self.clock)
        self.courier = Courier(self.ledger, self.clock, Random(1))
        if connected:
            self.courier.connect("loopback", "loop-1")
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app(self.courier, key=KEY)),
            base_url="http://courier",
            headers={"Authorization": f"Token {KEY}"},
        )

    async def call(self, method: str, path: str, body: object = None, **query: Any) -> tuple[int, Any]:
        answer = await self.http.request(method, path, json=body, params=query or None)
        return answer.status_code, answer.json()

    async def ok(self, method: str, path: str, body: object = None, **query: Any) -> Any:
        status, answer = await self.call(method, path, body, **query)
        assert status < 300, answer
        return answer

    async def buy(self, reference: str = "R-1", **more: Any) -> dict[str, Any]:
        bought: dict[str, Any] = await self.ok(
            "POST", "/v1/shipments", order(reference, service="loopback_standard", **more)
        )
        return bought

    async def tracker(self, identifier: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.ok("GET", f"/v1/trackers/{identifier}")
        return found

    async def inject(self, tracker: str, *statuses: str, **more: Any) -> None:
        events = [
            {"date": "2026-03-02", "time": f"1{n}:00", "code": status.upper(), "status": status}
            for n, status in enumerate(statuses)
        ]
        await self.ok("POST", f"/v1/trackers/{tracker}/inject-events", {"events": events, **more})

    async def ask_again(self, tracking: str) -> dict[str, Any]:
        body = {"carrier_name": "loopback", "tracking_number": tracking}
        found: dict[str, Any] = await self.ok("POST", "/v1/trackers", body)
        return found

    def entries(self, *kinds: str) -> list[Entry]:
        return [entry for entry in self.ledger.entries() if entry.kind in kinds]


def messages(answer: dict[str, Any]) -> list[str]:
    return [error["message"] for error in answer["errors"]]
