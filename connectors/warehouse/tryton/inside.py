"""Inside the walls: stocktakes as they were confirmed, and transfers between two warehouses."""

from datetime import timedelta

from connectors.contract import (
    ConnectorError,
    Count,
    Deadline,
    Done,
    Outcome,
    Page,
    TransferRequest,
    Unknown,
)
from connectors.transport import Setup
from connectors.warehouse.tryton import cursors, goods
from connectors.warehouse.tryton.client import Client
from connectors.warehouse.tryton.feed import LOOK_BACK, ChangeFeed, translated
from connectors.warehouse.tryton.once import FIELDS as STATE_FIELDS
from connectors.warehouse.tryton.once import Once
from connectors.warehouse.tryton.payloads import Incoming, Inventory, Json, decoded, wrapped_date
from connectors.warehouse.tryton.places import Places
from connectors.warehouse.tryton.translate import counts, refusal

TRANSFER = "stock.shipment.internal"
FIELDS = (
    *("state", "empty_quantity", "create_date", "write_date", "location.code", "location.name"),
    *("lines.product.code", "lines.quantity", "lines.expected_quantity"),
)


class Inside:
    """The counts and transfers of one warehouse."""

    def __init__(self, client: Client, places: Places, setup: Setup, size: int, overlap: timedelta) -> None:
        self._client = client
        self._places = places
        self._setup = setup
        self._size = size
        self._overlap = overlap

    async def counts(self, cursor: str | None, deadline: Deadline) -> Page[Count]:
        """The counted lines of each stocktake that was confirmed or touched since."""
        site = await self._places.site(deadline)
        domain: list[Json] = [
            ["company", "=", site.company],
            ["state", "=", "done"],
            ["location", "child_of", [site.warehouse], "parent"],
        ]
        feed = ChangeFeed("stock.inventory", domain, FIELDS, self._size, self._overlap)
        begun = self._setup.clock.now() - LOOK_BACK
        place = cursors.read_changes(cursor) or cursors.Changes.from_moment(begun)
        return translated(await feed.read(self._client, place, deadline), Inventory, counts)

    async def transfer(self, request: TransferRequest, deadline: Deadline) -> Outcome[None]:
        """From one warehouse's storage to another's, confirmed and assigned as far as the stock allows."""
        once = Once(self._client, TRANSFER, request.reference)
        made = await once.record(lambda: self._record(request, deadline), deadline)
        if not isinstance(made, Incoming):
            return made
        for state, action in (("draft", "wait"), ("waiting", "assign_try")):
            if made.state != state:
                continue
            try:
                answer = await self._client.act(TRANSFER, made.id, action, STATE_FIELDS, deadline)
                if answer.status >= 400:
                    return refusal(answer.status, answer.body, f"{once.what}: {action}")
                made = decoded(answer.body, Incoming)
            except ConnectorError:
                return Unknown(f"{once.what}: it is in Tryton, and {action} has not been answered")
        return Done(str(made.id))

    async def _record(self, request: TransferRequest, deadline: Deadline) -> dict[str, Json]:
        site = await self._places.site(deadline)
        source = await self._places.warehouse(request.source, deadline)
        target = await self._places.warehouse(request.target, deadline)
        way = goods.Way(site.company, source.storage_location, target.storage_location)
        day = wrapped_date(self._setup.clock.now().astimezone(self._setup.zone).date())
        return {
            "company": site.company,
            "reference": request.reference.strip(),
            "planned_date": day,
            "planned_start_date": day,
            "from_location": source.storage_location,
            "to_location": target.storage_location,
            "moves": await goods.moves(self._client, request.lines, way, deadline),
        }
