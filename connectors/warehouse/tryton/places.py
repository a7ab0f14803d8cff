"""Which company, warehouse and customer of Tryton the account means: looked up by code once, then kept."""

import asyncio
from dataclasses import dataclass

from connectors.contract import Deadline, Refused
from connectors.warehouse.tryton.client import Client
from connectors.warehouse.tryton.options import Options
from connectors.warehouse.tryton.payloads import Company, Domain, Party, Warehouse, rows
from connectors.warehouse.tryton.translate import fingerprint

WAREHOUSE_FIELDS = ("storage_location", "output_location", "input_location", "picking_location")
PARTY_FIELDS = ("customer_location", "supplier_location")


@dataclass(frozen=True, slots=True)
class Site:
    """One warehouse of one company: Tryton's ids of it and of its zones."""

    company: int
    currency: int
    warehouse: int
    storage: int
    picking: int
    output: int
    input: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Customer:
    """The party that stands for all buyers, and the place that Tryton sends its goods to."""

    party: int
    location: int


class Places:
    """Looks codes up. Refused, mendable, where a code names nothing or several things."""

    def __init__(self, client: Client, options: Options) -> None:
        self._client = client
        self._options = options
        self._site: Site | None = None
        self._customer: Customer | None = None
        self._gate = asyncio.Lock()

    async def site(self, deadline: Deadline) -> Site:
        """The warehouse of this account."""
        async with self._gate:
            if self._site is None:
                self._site = await self._find_site(deadline)
            return self._site

    async def customer(self, deadline: Deadline) -> Customer:
        """The customer of this account."""
        async with self._gate:
            if self._customer is None:
                party = await self.party(self._options.customer, deadline)
                if party.customer_location is None:
                    raise Refused("the customer party has no customer location in Tryton", code="no_location")
                self._customer = Customer(party.id, party.customer_location)
            return self._customer

    async def warehouse(self, code: str, deadline: Deadline) -> Warehouse:
        """A warehouse by its code."""
        domain = [["code", "=", code], ["type", "=", "warehouse"]]
        answer = await self._client.search("stock.location", domain, WAREHOUSE_FIELDS, deadline)
        found = rows(answer.body, Warehouse)
        if len(found) != 1:
            raise Refused(f"Tryton has {len(found)} warehouses with the code {code}", code="no_warehouse")
        return found[0]

    async def party(self, code: str, deadline: Deadline) -> Party:
        """A party by its code."""
        answer = await self._client.search("party.party", [["code", "=", code]], PARTY_FIELDS, deadline)
        found = rows(answer.body, Party)
        if len(found) != 1:
            raise Refused(f"Tryton has {len(found)} parties with the code {code}", code="no_party")
        return found[0]

    async def _find_site(self, deadline: Deadline) -> Site:
        warehouse = await self.warehouse(self._options.warehouse, deadline)
        company = await self._company(deadline)
        return Site(
            company=company.id,
            currency=company.currency,
            warehouse=warehouse.id,
            storage=warehouse.storage_location,
            picking=warehouse.picking_location or warehouse.storage_location,
            output=warehouse.output_location,
            input=warehouse.input_location,
            fingerprint=fingerprint(self._options.database, company, warehouse),
        )

    async def _company(self, deadline: Deadline) -> Company:
        domain: Domain = [["id", "=", self._options.company]]
        answer = await self._client.search("company.company", domain, ("currency", "create_date"), deadline)
        found = rows(answer.body, Company)
        if not found:
            raise Refused(f"Tryton has no company {self._options.company}", code="no_company")
        return found[0]
