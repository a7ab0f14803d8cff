"""Karrio passes the conformance kit: the sandbox's always, the real one where `-m peers` asks for it."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest

from connectors.conformance import Bench, Check, Connector, Wire, checks_for
from connectors.contract import BookRequest, Deadline, Done, ManifestRequest, PickupRequest, RateRequest
from connectors.couriers.karrio import MANIFEST
from connectors.couriers.karrio.connector import KarrioCourier

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

    def open(self, wire: Wire, *, secret: str) -> Connector:
        return self.counter.connector(key=secret, wire=wire)

    async def arguments(self, method: str) -> tuple[object, ...]:
        request = asks(to=BUYER)
        if method == "rates":
            return (RateRequest(WAREHOUSE, BUYER, request.package, (CARRIER,)),)
        if method == "book":
            return (request,)
        courier: KarrioCourier = self.counter.connector()
        made = await courier.book(request, Deadline.after(30))
        assert isinstance(made, Done)
        assert made.echo is not None
        match method:
            case "find_bookings":
                return (request.reference,)
            case "label":
                return (made.echo,)
            case "void":
                return (made.external_id,)
            case "manifest_day":
                return (ManifestRequest("day-1", CARRIER, WAREHOUSE, (made.echo.external_id,)),)
            case "pickup":
                day, ready, closing = dt.date(2030, 3, 4), dt.time(9, 0), dt.time(17, 30)
                numbers = (made.echo.tracking,)
                return (PickupRequest(uuid.uuid4().hex, CARRIER, WAREHOUSE, day, ready, closing, numbers),)
            case "track":
                other = await courier.book(asks(to=BUYER), Deadline.after(30))
                assert isinstance(other, Done)
                assert other.echo is not None
                return ([(CARRIER, made.echo.tracking), (CARRIER, other.echo.tracking)],)
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


@pytest.mark.parametrize("check", checks_for(MANIFEST), ids=str)
async def test_kit(check: Check, counter: Counter) -> None:
    await check(KarrioBench(counter))
