"""Karrio passes the conformance kit: the sandbox's always, the real one where `-m peers` asks for it."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest

from connectors.conformance import Bench, Check, Connector, Wire, checks_for
from connectors.contract import (
    Booking,
    BookRequest,
    Deadline,
    Done,
    ManifestRequest,
    PickupRequest,
    RateRequest,
)
from connectors.couriers.karrio import MANIFEST

from .conftest import ADA, CARRIER, WAREHOUSE, Counter, asks

BUYER = replace(ADA, name="Wilhelmina Canary")


class KarrioBench(Bench):
    """One counter, with its clerk."""

    manifest = MANIFEST
    personal = ("Wilhelmina Canary", "Hauptstr. 1")
    missing = "not-yet"

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.secret = counter.key
        self._standing: tuple[str, Booking] | None = None

    def open(self, wire: Wire, *, secret: str) -> Connector:
        return self.counter.connector(key=secret, wire=wire)

    async def _booked(self) -> tuple[str, Booking]:
        """A new booking with its reference."""
        courier, request = self.counter.connector(), asks(to=BUYER)
        made = await courier.book(request, Deadline.after(30))
        assert isinstance(made, Done)
        assert made.echo is not None
        return request.reference, made.echo

    async def _seen(self) -> tuple[str, Booking]:
        """One for whoever leaves it as it is: Karrio is slow in selling labels."""
        self._standing = self._standing or await self._booked()
        return self._standing

    async def arguments(self, method: str) -> tuple[object, ...]:
        match method:
            case "rates":
                return (RateRequest(WAREHOUSE, BUYER, asks(to=BUYER).package, (CARRIER,)),)
            case "book":
                return (asks(to=BUYER),)
            case "find_bookings":
                return ((await self._seen())[0],)
            case "label":
                return ((await self._seen())[1],)
        _, made = await self._booked()
        match method:
            case "void":
                return (made.external_id,)
            case "manifest_day":
                return (ManifestRequest("day-1", CARRIER, WAREHOUSE, (made.external_id,)),)
            case "pickup":
                day, ready, closing = dt.date(2030, 3, 4), dt.time(9, 0), dt.time(17, 30)
                numbers = (made.tracking,)
                return (PickupRequest(uuid.uuid4().hex, CARRIER, WAREHOUSE, day, ready, closing, numbers),)
            case "track":
                _, other = await self._seen()
                return ([(CARRIER, made.tracking), (CARRIER, other.tracking)],)
        raise AssertionError(method)

    async def effects(self, method: str, arguments: tuple[object, ...]) -> int | None:
        """Karrio keeps no book of the manifests that carriers make."""
        (request,) = arguments
        match request:
            case BookRequest():
                bought = self.counter.desk.shipments(request.reference)
                return sum(each["status"] not in ("draft", "cancelled") for each in bought)
            case PickupRequest():
                pickups = self.counter.desk.call("GET", "/v1/pickups", limit=1000)["results"]
                return sum(request.key in str(each.get("metadata")) for each in pickups)
        return None


@pytest.fixture(scope="session")
def bench(running: Counter) -> KarrioBench:
    return KarrioBench(running)


@pytest.mark.parametrize("check", checks_for(MANIFEST), ids=str)
async def test_kit(check: Check, bench: KarrioBench, counter: Counter) -> None:
    await check(bench)
