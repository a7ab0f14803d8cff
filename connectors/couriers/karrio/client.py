"""The only place with Karrio's URLs: one method for each request, its safety, and the answer decoded.

An answer that does not fit its description is BadAnswer; for a creating request it is Uncertain, since
the deed is done. Statuses that carry a meaning (404, 409, 424…) come back as they are.
"""

from collections.abc import AsyncIterator, Mapping
from typing import TypeVar

import msgspec

from connectors.contract import BadAnswer, Deadline, Limits, Refused
from connectors.couriers.karrio.options import Options
from connectors.couriers.karrio.payloads import (
    Listing,
    LiveTracking,
    Manifested,
    PickupInfo,
    Rates,
    ShipmentInfo,
    TrackerInfo,
    UserAnswer,
)
from connectors.couriers.karrio.translate import complaint
from connectors.transport import Answer, Call, Safety, Setup, Uncertain, decode, path_of, token

T = TypeVar("T")
_PACE = ("account", "carrier")
_JUDGED = frozenset({400, 404, 409, 422, 424})
_IDENTITY = "{ user { date_joined } }"
REFERENCE_KEY = "entrepot"
"""The metadata key under which a pickup bears our reference."""


class Client:
    """The requests of one account."""

    def __init__(self, setup: Setup, options: Options, limits: Limits) -> None:
        self._account = setup.account
        self._page = limits.page_items
        self._transport = setup.transport(options.url, limits, auth=token(setup.secret))

    async def user_since(self, deadline: Deadline) -> str:
        """When the key's user was made, to the microsecond: it never changes, and no two are alike.

        Asked of GraphQL alone, a key that is refused reads as a fault of the server (500), so REST is asked first.
        """
        await self._send("identity", "GET", "/v1/connections?limit=1", Safety.READ, deadline, paced=False)
        body = {"query": _IDENTITY}
        answer = await self._send(
            "identity", "POST", "/graphql", Safety.READ, deadline, body=body, paced=False
        )
        user = self._read(answer, UserAnswer, "identity").data
        if user is None or user.user is None:
            raise BadAnswer(f"{self._account}: identity: Karrio names no user for this key")
        return user.user.date_joined

    async def rates(self, wanted: Mapping[str, object], deadline: Deadline) -> Answer:
        """Offers, without a draft."""
        return await self._send("rates", "POST", "/v1/proxy/rates", Safety.READ, deadline, body=wanted)

    async def shipments(self, reference: str, deadline: Deadline) -> tuple[ShipmentInfo, ...]:
        """All shipments of exactly this reference, oldest first; Karrio's own filter also finds parts."""
        found = [
            shipment
            async for raw in self._listed("/v1/shipments", {"reference": reference}, deadline)
            if (shipment := self._record(raw, ShipmentInfo, "shipments")).reference == reference
        ]
        return tuple(sorted(found, key=lambda each: each.created_at))

    async def shipment(self, external_id: str, deadline: Deadline) -> ShipmentInfo | None:
        """One shipment now; None where Karrio has none of this id."""
        path = path_of("v1", "shipments", external_id)
        answer = await self._send("shipment", "GET", path, Safety.READ, deadline)
        return None if answer.status == 404 else self.read_shipment(answer)

    async def draft(self, wanted: Mapping[str, object], deadline: Deadline) -> Answer:
        """Make a draft: nothing is bought by it."""
        return await self._send(
            "shipment.draft", "POST", "/v1/shipments", Safety.CREATING, deadline, body=wanted
        )

    async def rates_of(self, external_id: str, deadline: Deadline) -> Answer:
        """Have a draft's rates asked for again; the old ones are gone."""
        path = path_of("v1", "shipments", external_id, "rates")
        return await self._send("shipment.rates", "POST", path, Safety.ABSOLUTE, deadline, body={})

    async def buy(self, external_id: str, rate: str, deadline: Deadline) -> Answer:
        """Buy the label of a draft. A second time is 409."""
        path = path_of("v1", "shipments", external_id, "purchase")
        body = {"selected_rate_id": rate}
        return await self._send("shipment.buy", "POST", path, Safety.CREATING, deadline, body=body)

    async def cancel(self, external_id: str, deadline: Deadline) -> Answer:
        """Void a label, or throw a draft away. A second time is 202."""
        path = path_of("v1", "shipments", external_id, "cancel")
        return await self._send("shipment.cancel", "POST", path, Safety.ABSOLUTE, deadline, body={})

    async def label(self, path: str, deadline: Deadline) -> bytes:
        """The file at a label's address, which must be on the same host."""
        answer = await self._send("label", "GET", path, Safety.READ, deadline, paced=False)
        if answer.status != 200:
            raise Refused(
                f"{self._account}: label: Karrio has no such label ({answer.status})", mendable=False
            )
        return answer.body

    async def pickup_of(self, key: str, deadline: Deadline) -> PickupInfo | None:
        """The van that was ordered under this key and not called off."""
        wanted = {"metadata_key": REFERENCE_KEY, "metadata_value": key}
        async for raw in self._listed("/v1/pickups", wanted, deadline):
            pickup = self._record(raw, PickupInfo, "pickups")
            if (pickup.metadata or {}).get(REFERENCE_KEY) == key and pickup.status != "cancelled":
                return pickup
        return None

    async def pickup(self, wanted: Mapping[str, object], deadline: Deadline) -> Answer:
        """Order the van."""
        return await self._send("pickup", "POST", "/v1/pickups", Safety.CREATING, deadline, body=wanted)

    async def manifest(self, wanted: Mapping[str, object], deadline: Deadline) -> Answer:
        """Close the day. Not /v1/manifests, which answers 500."""
        path = "/v1/proxy/manifest"
        return await self._send("manifest", "POST", path, Safety.CREATING, deadline, body=wanted)

    async def watch(self, carrier: str, number: str, deadline: Deadline) -> Answer:
        """Have a number watched, and asked for at the carrier if that was not done within a minute."""
        body = {"carrier_name": carrier, "tracking_number": number}
        return await self._send("tracker.watch", "POST", "/v1/trackers", Safety.ABSOLUTE, deadline, body=body)

    async def ask_carrier(self, carrier: str, number: str, deadline: Deadline) -> Answer:
        """What the carrier says of a number at this moment; nothing is watched."""
        body = {"carrier_name": carrier, "tracking_number": number}
        return await self._send(
            "tracker.live", "POST", "/v1/proxy/tracking", Safety.READ, deadline, body=body
        )

    async def tracker(self, number: str, deadline: Deadline) -> Answer:
        """What is known of a watched number."""
        path = path_of("v1", "trackers", number)
        return await self._send("tracker", "GET", path, Safety.READ, deadline)

    async def close(self) -> None:
        """Let the connections go."""
        await self._transport.close()

    def read_shipment(self, answer: Answer, *, created: bool = False) -> ShipmentInfo:
        """A shipment's answer. `created` says that it answers a creating request."""
        return self._read(answer, ShipmentInfo, "shipment", created=created)

    def read_rates(self, answer: Answer) -> Rates:
        """The answer of `rates`."""
        return self._read(answer, Rates, "rates")

    def read_pickup(self, answer: Answer) -> PickupInfo:
        """The answer of `pickup`."""
        return self._read(answer, PickupInfo, "pickup", created=True)

    def read_manifest(self, answer: Answer) -> Manifested:
        """The answer of `manifest`."""
        return self._read(answer, Manifested, "manifest", created=True)

    def read_tracker(self, answer: Answer) -> TrackerInfo:
        """The answer of `watch` or `tracker`."""
        return self._read(answer, TrackerInfo, "tracker")

    def read_live(self, answer: Answer) -> TrackerInfo:
        """The answer of `ask_carrier`."""
        return self._read(answer, LiveTracking, "tracker.live").tracking

    async def _listed(
        self, path: str, wanted: Mapping[str, str], deadline: Deadline
    ) -> AsyncIterator[msgspec.Raw]:
        """Every record of a listing, newest first; a shift while reading shows a record twice, never none."""
        offset, seen = 0, set[bytes]()
        while True:
            params = [*wanted.items(), ("limit", str(self._page)), ("offset", str(offset))]
            call = Call(f"{path.rsplit('/', 1)[1]}.page", "GET", path, Safety.READ, params=params, pace=_PACE)
            listing = self._read(await self._transport.send(call, deadline), Listing, call.operation)
            for raw in listing.results:
                if bytes(raw) not in seen:
                    seen.add(bytes(raw))
                    yield raw
            offset += len(listing.results)
            if listing.next is None or not listing.results:
                return

    async def _send(
        self,
        operation: str,
        method: str,
        path: str,
        safety: Safety,
        deadline: Deadline,
        *,
        body: Mapping[str, object] | None = None,
        paced: bool = True,
    ) -> Answer:
        call = Call(
            operation,
            method,
            path,
            safety,
            body=None if body is None else msgspec.json.encode(body),
            pace=_PACE if paced else ("account",),
            accept=_JUDGED,
        )
        return await self._transport.send(call, deadline)

    def _read(self, answer: Answer, shape: type[T], operation: str, *, created: bool = False) -> T:
        label = f"{self._account}: {operation}"
        if answer.status in _JUDGED:
            code, field = complaint(answer.body)
            raise Refused(f"{label}: Karrio refused it ({told(answer.status, code, field)})", code=code)
        try:
            return decode(answer.body, type=shape)
        except msgspec.DecodeError as error:
            if created:
                raise Uncertain(f"{label}: the answer is not as described") from None
            raise BadAnswer(f"{label}: the answer is not as described: {error}", sample=answer.body) from None

    def _record(self, raw: msgspec.Raw, shape: type[T], operation: str) -> T:
        try:
            return decode(raw, type=shape)
        except msgspec.DecodeError as error:
            text = f"{self._account}: {operation}: a record is not as described: {error}"
            raise BadAnswer(text, sample=bytes(raw)) from None


def told(status: int, code: str, field: str) -> str:
    """An error answer in words that name no person: its status, its code, and the field at fault."""
    return ", ".join(part for part in (str(status), code, f"field {field}" if field else "") if part)
