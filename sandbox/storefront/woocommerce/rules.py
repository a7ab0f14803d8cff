"""What a shop's administrator decided once: its generation, money, clock, taxes, gateways and extensions."""

from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo


class Generation(StrEnum):
    """Which WooCommerce the shop runs; their answers differ."""

    V11 = "11.0"
    V8 = "8.6"

    @property
    def version(self) -> str:
        """As orders and the user agent name it."""
        return f"{self.value}.1"


@dataclass(frozen=True, slots=True)
class Rate:
    """A tax rate; "" as country or state holds everywhere; `percent` of the price without tax."""

    id: int
    percent: Decimal
    name: str
    country: str = ""
    state: str = ""
    shipping: bool = True
    tax_class: str = ""
    priority: int = 1

    @property
    def code(self) -> str:
        """As tax lines name it: US-NY-NY TAX-1."""
        parts = [self.country, self.state, self.name.upper(), str(self.priority)]
        return "-".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Rules:
    """A shop's settings. `decimals` is the digits after the point of its amounts.

    `tracking` says whether the Shipment Tracking extension is installed; `gateways` are the payment methods that
    refund by API; `statuses` are those that plugins add. `tls` and `home` are explained in `server`.
    """

    generation: Generation = Generation.V11
    currency: str = "USD"
    decimals: int = 2
    zone: tzinfo = ZoneInfo("America/New_York")
    prices_include_tax: bool = False
    rates: tuple[Rate, ...] = ()
    round_at_subtotal: bool = False
    base: tuple[str, str] = ("US", "NY")
    tracking: bool = False
    gateways: frozenset[str] = frozenset()
    statuses: tuple[str, ...] = ()
    tls: bool = False
    home: str | None = None

    @property
    def new(self) -> bool:
        """Whether it is the newer generation."""
        return self.generation is Generation.V11

    @property
    def standard_rate(self) -> float:
        """Per cent of the ordinary tax, for the books that all shops share."""
        return float(sum((rate.percent for rate in self.rates if not rate.tax_class), Decimal(0)))
