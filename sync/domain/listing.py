"""What a storefront lists: variants as read, and how they are bound to our SKUs."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class RemoteVariant:
    """One sellable listing as the storefront shows it now.

    `price` is in major units of `currency`, as the shop shows it (`price_includes_tax` says which way).
    `available` is what the shop would still sell, None where it does not track stock.
    """

    external_id: str
    product_external_id: str
    sku: str | None
    title: str
    gtin: str | None = None
    published: bool = True
    price: Decimal | None = None
    currency: str | None = None
    price_includes_tax: bool | None = None
    available: int | None = None
    location: str = ""
    product_title: str = ""
    description: str = ""
    pictures: tuple[str, ...] = ()
    updated_at: datetime | None = None
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class StockSeen:
    """A shop's own figure for one variant at one moment: the base of a compare-and-set write.

    `available` is what it would still sell; `committed` is what it holds for orders not yet fulfilled
    (None where the shop has no such figure).
    """

    available: int
    committed: int | None = None
    mark: str = ""
    """The connector's own note of what it had done itself by then (such as units it had fulfilled)."""
