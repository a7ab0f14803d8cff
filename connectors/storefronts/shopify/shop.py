"""What all parts of the connector share: the way to the shop, its few facts, and its places by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.contract import BadAnswer, Deadline, Refused
from connectors.storefronts.shopify import documents, payloads
from connectors.storefronts.shopify.client import Client
from connectors.storefronts.shopify.ids import is_gid
from connectors.storefronts.shopify.options import Options
from connectors.transport import Answer

LARGEST_PAGE = 250
NOWHERE = "gid://shopify/Publication/0"
"""Stands for a publication where none is asked about: the variable must hold an id all the same."""


@dataclass(frozen=True, slots=True)
class Places:
    """The ids of our locations and publications; the first location is the one that is written."""

    locations: tuple[str, ...]
    publications: tuple[str, ...]
    all_ours: bool
    """No location is named in the options: whatever the shop assigns is ours."""

    @property
    def location(self) -> str:
        """Where quantities are read and written."""
        return self.locations[0]

    @property
    def publication(self) -> str | None:
        """The publication by which a product is seen as up."""
        return self.publications[0] if self.publications else None

    def variables(self) -> dict[str, object]:
        """As the catalogue's documents want them."""
        return {
            "location": self.location,
            "publication": self.publication or NOWHERE,
            "byPublication": self.publication is not None,
        }


class Shop:
    """One account's shop."""

    def __init__(self, client: Client, options: Options) -> None:
        self.client = client
        self.options = options
        self._facts: payloads.ShopData | None = None
        self._places: Places | None = None
        self._names: dict[str, str] = {}

    async def facts(self, deadline: Deadline, *, fresh: bool = False) -> payloads.Shop:
        """Its currency and tax setting; read once, for they change with the shop's set-up only."""
        return (await self._set_up(deadline, fresh=fresh)).shop

    async def _set_up(self, deadline: Deadline, *, fresh: bool = False) -> payloads.ShopData:
        if self._facts is None or fresh:
            reply = await self.client.send(documents.SHOP, {"first": LARGEST_PAGE}, deadline)
            self._facts = reply.read(payloads.ShopData)
            self._places = None
        return self._facts

    async def places(self, deadline: Deadline) -> Places:
        """Our locations and publications by their ids. Raises Refused for one that the shop has not."""
        if self._places is None:
            found = await self._locations(deadline)
            named = tuple(_chosen(found, name, "location") for name in self.options.locations)
            ours = named or (_oldest(found),)
            self._names = {place.id: place.name for place in found}
            self._places = Places(ours, await self._publications(deadline), not named)
        return self._places

    async def location(self, deadline: Deadline, wanted: str = "") -> str:
        """The id of the location to write: `wanted` (an id or a name), or the first of ours. Raises Refused."""
        places = await self.places(deadline)
        if not wanted:
            return places.location
        id = next((id for id, name in self._names.items() if wanted in (id, name)), None)
        if id is None or not (places.all_ours or id in places.locations):
            raise Refused(f"location {wanted!r} is not one of ours: name it in the locations option")
        return id

    async def _locations(self, deadline: Deadline) -> list[payloads.Location]:
        page = (await self._set_up(deadline)).locations
        found = list(page.nodes)
        after = going_on(page.page_info, None)
        while after is not None:
            variables = {"first": LARGEST_PAGE, "after": after}
            page = (
                (await self.client.send(documents.LOCATIONS, variables, deadline))
                .read(payloads.LocationsData)
                .locations
            )
            found += page.nodes
            after = going_on(page.page_info, after)
        return [place for place in found if place.is_active]

    async def _publications(self, deadline: Deadline) -> tuple[str, ...]:
        if all(is_gid(name, "Publication") for name in self.options.publications):
            return self.options.publications
        found: list[payloads.Publication] = []
        after: str | None = None
        while True:
            variables = {"first": LARGEST_PAGE, "after": after}
            reply = await self.client.send(documents.PUBLICATIONS, variables, deadline)
            page = reply.read(payloads.PublicationsData).publications
            found += page.nodes
            after = going_on(page.page_info, after)
            if after is None:
                break
        return tuple(_chosen(found, name, "publication") for name in self.options.publications)

    def horizon(self, answer: Answer) -> datetime:
        """What had happened by then can be seen by now: the shop's clock less the overlap."""
        return shop_time(answer) - self.options.overlap


def shop_time(answer: Answer) -> datetime:
    """The shop's clock when it answered, or ours from just before where it sends none."""
    return answer.vendor_date or answer.begun_at - timedelta(seconds=1)


def going_on(page: payloads.PageInfo, after: str | None) -> str | None:
    """Where a connection goes on; None at its end. Raises BadAnswer for one that stays where it was."""
    if not page.has_next_page:
        return None
    if page.end_cursor is None or page.end_cursor == after:
        raise BadAnswer("a list of the shop says that it goes on, and not where")
    return page.end_cursor


def _chosen(found: Sequence[payloads.Location | payloads.Publication], name: str, what: str) -> str:
    kind = what.capitalize()
    for place in found:
        if name in (place.id, place.name) and is_gid(place.id, kind):
            return place.id
    known = ", ".join(sorted(repr(place.name) for place in found)[:20]) or "none that the app may see"
    raise Refused(f"the shop has no active {what} {name!r}: correct the {what}s option; there are: {known}")


def _oldest(found: Sequence[payloads.Location]) -> str:
    if not found:
        raise Refused("the shop shows no active location: the app lacks the access scope read_locations")
    return min(found, key=lambda place: (place.created_at, len(place.id), place.id)).id
