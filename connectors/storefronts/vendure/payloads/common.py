"""The frame of every answer, what unions hold, and the settings that figures need."""

from datetime import datetime

from msgspec import Raw, Struct, field

from connectors.transport import decode


class Camel(Struct, rename="camel", frozen=True):
    """GraphQL names are camelCase."""


class Extensions(Struct, frozen=True):
    """Vendure puts its error code here; errors of its database and libraries have none."""

    code: str = ""


class GraphError(Struct, frozen=True):
    """One entry of `errors`. `message` may hold data of a person: it is read by nobody."""

    path: list[str | int] | None = None
    extensions: Extensions = Extensions()


class Envelope(Struct, frozen=True):
    """A GraphQL answer: both parts may be there at once."""

    data: Raw = Raw(b"null")
    errors: list[GraphError] = []


class ServerConfig(Camel, frozen=True):
    """Set by the shop's programmers."""

    money_strategy_precision: int


class Settings(Camel, frozen=True):
    """Set by the shop's administrators, for every variant that inherits."""

    track_inventory: bool
    out_of_stock_threshold: int
    server_config: ServerConfig

    @property
    def precision(self) -> int:
        """Decimal digits of every money integer, whatever the currency."""
        return self.server_config.money_strategy_precision


class SettingsData(Camel, frozen=True):
    """The answer to `settings`."""

    global_settings: Settings


class Channel(Camel, frozen=True):
    """The channel that the account works in."""

    id: str
    token: str
    created_at: datetime
    default_currency_code: str
    default_language_code: str
    prices_include_tax: bool


class StockLocation(Camel, frozen=True):
    """A place that holds stock."""

    id: str
    name: str
    created_at: datetime


class Locations(Struct, frozen=True):
    """A page of them."""

    items: list[StockLocation]


class ShopData(Camel, frozen=True):
    """The answer to `shop`."""

    active_channel: Channel
    stock_locations: Locations


class Result(Camel, frozen=True):
    """A union's member: the thing made, or an ErrorResult."""

    kind: str = field(default="", name="__typename")
    error_code: str | None = None
    id: str = ""
    state: str = ""
    name: str = ""
    total: int = 0
    maximum_refundable: int | None = None


class RawItems(Struct, frozen=True):
    """A page whose records are decoded one by one."""

    items: list[Raw]


class Coded(Struct, frozen=True):
    """Anything that is known by its code."""

    code: str


def named(root: str, data: Raw) -> Result | None:
    """The union member under one root field of a mutation; None where the shop gave null."""
    fields = decode(data, type=dict[str, Result | None])
    return fields[root]
