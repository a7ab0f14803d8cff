"""The supplier: what can be bought or drop-shipped, orders to it, and what it despatched."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from connectors.contract.manifest import Manifest
from connectors.contract.outcome import Deadline, Outcome, Page
from sync.domain.people import Address


@dataclass(frozen=True, slots=True)
class SupplierOffer:
    """A supplier's price, stock and lead time for one of its article codes.

    `sku` is our SKU where the supplier's list names it, else None: then the code is looked up. A `stock` of None
    is not known, which is not 0.
    """

    code: str
    cost: Decimal | None
    currency: str | None
    stock: int | None
    lead_days: int | None = None
    sku: str | None = None
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """Order goods, to our warehouse or (drop-ship) to the buyer: once per `reference`.

    `lines` are (the supplier's article code, pieces).
    """

    reference: str
    lines: tuple[tuple[str, int], ...]
    ship_to: Address = field(repr=False)
    drop_ship: bool = False
    ship_by: datetime | None = None
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SupplierReport:
    """An acknowledgement or a despatch of some lines of one purchase order; `external_id` tells it from others.

    `refused` lines will not come; a supplier that takes some lines and refuses others says it in two reports.
    """

    external_id: str
    reference: str
    lines: tuple[tuple[str, int], ...]
    at: datetime
    refused: bool = False
    reason: str | None = None
    tracking: str | None = None
    carrier: str | None = None
    raw: bytes = field(default=b"", repr=False)


class Supplier(Protocol):
    """One supplier account."""

    @property
    def manifest(self) -> Manifest:
        """What this connector declares."""
        ...

    async def identity(self, deadline: Deadline) -> str: ...

    async def offers(self, cursor: str | None, deadline: Deadline) -> Page[SupplierOffer]: ...

    async def place_order(self, request: PlaceOrder, deadline: Deadline) -> Outcome[None]: ...

    async def find_orders(self, reference: str, deadline: Deadline) -> Sequence[str]: ...

    async def acknowledgements(self, cursor: str | None, deadline: Deadline) -> Page[SupplierReport]: ...

    async def despatches(self, cursor: str | None, deadline: Deadline) -> Page[SupplierReport]: ...

    async def cancel_order(self, reference: str, deadline: Deadline) -> Outcome[bool]: ...

    async def close(self) -> None: ...
