"""The places that the account's options name for returned goods: looked up by code once, then kept.

A shelf inside the storage zone is in Tryton's own figure of that zone, and Tryton picks from all that lies under
its picking location. So such a shelf must lie beside the picking location, and its units are taken off the figure.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.contract import Deadline, Refused
from connectors.warehouse.tryton.client import Client
from connectors.warehouse.tryton.options import Options
from connectors.warehouse.tryton.payloads import rows
from connectors.warehouse.tryton.places import Places, Site
from connectors.warehouse.tryton.return_payloads import Spot
from connectors.warehouse.tryton.tallies import WASTE, Meaning, Shelves
from sync.domain.receipts import Condition

FIELDS = ("code", "type", "parent.id", "parent.parent.id", "parent.parent.parent.id")
"""As high as a shelf may lie under the storage zone."""


@dataclass(frozen=True, slots=True)
class Shelving:
    """What the shelves mean, and which of them hold units that the storage zone's figure includes."""

    shelves: Shelves
    counted: tuple[int, ...]


class Shelvings:
    """Looks the shelves up. Refused, mendable, where a code names no place that goods could be put away in."""

    def __init__(self, client: Client, places: Places, options: Options) -> None:
        self._client = client
        self._places = places
        self._meanings = {
            code: meaning
            for code, meaning in (
                (options.damaged_location, Meaning(Condition.DAMAGED)),
                (options.wrong_location, Meaning(Condition.WRONG)),
                (options.scrap_location, WASTE),
                (options.quarantine_location, Meaning()),
            )
            if code is not None
        }
        self._found: Shelving | None = None
        self._gate = asyncio.Lock()

    async def read(self, deadline: Deadline) -> Shelving:
        """The shelves of this account; none costs no call."""
        async with self._gate:
            if self._found is None:
                self._found = await self._find(deadline)
            return self._found

    async def _find(self, deadline: Deadline) -> Shelving:
        if not self._meanings:
            return Shelving(Shelves(), ())
        site = await self._places.site(deadline)
        domain = [["code", "in", sorted(self._meanings)]]
        answer = await self._client.search("stock.location", domain, FIELDS, deadline)
        found = rows(answer.body, Spot)
        spots = {code: _only(code, [spot for spot in found if spot.code == code]) for code in self._meanings}
        for code, spot in spots.items():
            _check(code, spot, site)
        named = {spot.id: self._meanings[code] for code, spot in spots.items()}
        inside = [spot for spot in spots.values() if site.storage in _above(spot)]
        return Shelving(
            Shelves(named), tuple(spot.id for spot in inside if not named.keys() & set(_above(spot)))
        )


def _only(code: str, found: list[Spot]) -> Spot:
    if len(found) != 1:
        raise Refused(f"Tryton has {len(found)} locations with the code {code}", code="no_shelf")
    return found[0]


def _check(code: str, spot: Spot, site: Site) -> None:
    if spot.type == "lost_found":
        return
    above = set(_above(spot))
    if spot.type != "storage" or site.storage not in above:
        where = "nor inside the warehouse's storage zone"
        raise Refused(f"the location {code} is neither a lost and found {where}", code="no_shelf")
    if site.picking in {spot.id, *above}:
        raise Refused(
            f"Tryton picks from the location {code}: give the warehouse a picking location beside it, "
            "or take a waste location",
            code="picked_from",
        )


def _above(spot: Spot) -> Iterator[int]:
    place = spot.parent
    while place is not None:
        yield place.id
        place = place.parent
