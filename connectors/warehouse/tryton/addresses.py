"""The consignee as an address of the customer party: an equal one is used again, else one is made.

A shipment cannot carry an address of its own, and Tryton creates none inside another record. Since equal
addresses are found again, a crash between the address and its shipment leaves nothing to pile up.
"""

from connectors.contract import Deadline, Refused, Unavailable
from connectors.transport import Uncertain
from connectors.warehouse.tryton.client import Client
from connectors.warehouse.tryton.payloads import Domain, Json, PartyAddress, Ref, decoded, rows
from connectors.warehouse.tryton.translate import party_address, refusal, same_address
from sync.domain.people import Address

FIELDS = ("party_name", "attn", "street", "postal_code", "city", "country")


class Addresses:
    """The addresses of one party."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._countries: dict[str, int] = {}

    async def place(self, party: int, address: Address, deadline: Deadline) -> int:
        """Tryton's id of the address. Refused where there is nothing to write, or Tryton refuses it."""
        wanted = party_address(address, await self._country(address.country, deadline))
        if not {"street", "city", "postal_code"} & wanted.keys():
            raise Refused("the order has no address that a packer could use", code="no_address")
        known = await self._find(party, wanted, deadline)
        return known if known is not None else await self._make(party, wanted, deadline)

    async def _find(self, party: int, wanted: dict[str, Json], deadline: Deadline) -> int | None:
        """Among those with this name and city. `street` is computed: a search by it can match anything."""
        domain: Domain = [
            ["party", "=", party],
            ["party_name", "=", wanted.get("party_name")],
            ["city", "=", wanted.get("city")],
        ]
        answer = await self._client.search("party.address", domain, FIELDS, deadline)
        same = [known.id for known in rows(answer.body, PartyAddress) if same_address(known, wanted)]
        return min(same, default=None)

    async def _make(self, party: int, wanted: dict[str, Json], deadline: Deadline) -> int:
        try:
            answer = await self._client.create("party.address", {"party": party, **wanted}, ("id",), deadline)
        except Uncertain as error:
            raise Unavailable("no answer came about the delivery address") from error
        if answer.status >= 400:
            told = refusal(answer.status, answer.body, "the delivery address")
            raise Refused(told.reason, code=told.code)
        return decoded(answer.body, Ref).id

    async def _country(self, code: str | None, deadline: Deadline) -> int | None:
        """Tryton's id of a country; None where its list of countries was never imported."""
        if not code:
            return None
        wanted = code.upper()
        if wanted not in self._countries:
            answer = await self._client.search("country.country", [["code", "=", wanted]], ("id",), deadline)
            found = rows(answer.body, Ref)
            if not found:
                return None
            self._countries[wanted] = found[0].id
        return self._countries[wanted]
