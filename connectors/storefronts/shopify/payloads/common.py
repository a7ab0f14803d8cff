"""The frame of every answer: data, errors, cost, pages, and what a mutation complains of."""

from decimal import Decimal
from typing import Generic, TypeVar

from msgspec import Raw, Struct

from connectors.transport import decode
from sync.domain.money import Money

T = TypeVar("T")
MOST_MONEY = 10**15
"""Major units: no shop takes as much, in no currency."""


class Camel(Struct, rename="camel", frozen=True):
    """GraphQL names are camelCase."""


class Throttle(Camel, frozen=True):
    """The bucket of points as Shopify sees it after this answer; `restore_rate` is points a second."""

    maximum_available: float
    currently_available: float
    restore_rate: float


class Cost(Camel, frozen=True):
    """What this request was charged."""

    requested_query_cost: float | None = None
    actual_query_cost: float | None = None
    throttle_status: Throttle | None = None


class Extensions(Struct, frozen=True):
    """Beside `data`."""

    cost: Cost | None = None


class ErrorExtensions(Camel, frozen=True):
    """Shopify's code of one error, and the access scope that it misses."""

    code: str | None = None
    required_access: str | None = None


class GraphError(Struct, frozen=True):
    """One entry of `errors`. `message` may hold data of a person: it is read by nobody."""

    path: list[str | int] | None = None
    extensions: ErrorExtensions | None = None

    @property
    def code(self) -> str:
        """Its code; "" where there is none."""
        return (self.extensions.code if self.extensions else None) or ""

    @property
    def depth(self) -> int:
        """How deep it struck: below 2, the operation itself was refused; 0 where its document was, as a whole."""
        path = self.path or []
        if path and str(path[0]).partition(" ")[0] in ("query", "mutation"):
            return 0
        return len(path)


class Envelope(Struct, frozen=True):
    """A GraphQL answer: both parts may be there at once. `errors` is a text or names where no GraphQL answered."""

    data: Raw = Raw(b"null")
    errors: list[GraphError] | str | dict[str, Raw] | None = None
    extensions: Extensions | None = None

    @property
    def faults(self) -> list[GraphError]:
        """The errors; a bare text is one without a code."""
        if isinstance(self.errors, str | dict):
            return [GraphError()]
        return self.errors or []


class UserError(Struct, frozen=True):
    """Why a mutation refused an item. `message` is compared with known ones and shown to nobody."""

    field: list[str] | None = None
    code: str | None = None
    message: str = ""

    def __repr__(self) -> str:
        return f"UserError({self.field!r}, {self.code!r})"

    def index(self, below: str) -> int | None:
        """The number behind `below` in its field's path, such as 1 in input.quantities.1.quantity."""
        path = self.field or []
        place = path.index(below) + 1 if below in path else len(path)
        return int(path[place]) if place < len(path) and path[place].isdigit() else None


class PageInfo(Camel, frozen=True):
    """Where a connection goes on."""

    has_next_page: bool
    end_cursor: str | None = None


class Nodes(Camel, Generic[T], frozen=True):
    """A page of a connection."""

    nodes: list[T]
    page_info: PageInfo = PageInfo(has_next_page=False)


class Amount(Camel, frozen=True):
    """Money in major units; the amount is a decimal in a text."""

    amount: Decimal
    currency_code: str

    def __post_init__(self) -> None:
        if not (self.amount.is_finite() and abs(self.amount) < MOST_MONEY):
            raise ValueError("no amount of money")

    @property
    def money(self) -> Money:
        """In minor units."""
        return Money.of(self.amount, self.currency_code)


class Bag(Camel, frozen=True):
    """One amount in the shop's currency."""

    shop_money: Amount

    @property
    def money(self) -> Money:
        """In minor units of the shop's currency."""
        return self.shop_money.money


class Id(Struct, frozen=True):
    """Anything by its global id."""

    id: str


class Shop(Camel, frozen=True):
    """What the shop is."""

    id: str
    name: str
    myshopify_domain: str
    currency_code: str
    taxes_included: bool


class Location(Camel, frozen=True):
    """A place that holds stock."""

    id: str
    name: str
    is_active: bool
    created_at: str


class ShopData(Struct, frozen=True):
    """The answer to `shop`."""

    shop: Shop
    locations: Nodes[Location]


class LocationsData(Struct, frozen=True):
    """The answer to `locations`."""

    locations: Nodes[Location]


class Catalog(Struct, frozen=True):
    """What a publication shows, by its title."""

    title: str


class Publication(Struct, frozen=True):
    """A sales channel, as products are put on it."""

    id: str
    catalog: Catalog | None = None

    @property
    def name(self) -> str:
        """As people know it."""
        return self.catalog.title if self.catalog else self.id


class PublicationsData(Struct, frozen=True):
    """The answer to `publications`."""

    publications: Nodes[Publication]


class NodesData(Struct, frozen=True):
    """The answer to a question after several ids: null for one that the shop does not know."""

    nodes: list[Raw]


def root(data: Raw, name: str) -> Raw:
    """The root field of this name, as it came; KeyError where it is left out."""
    return decode(data, type=dict[str, Raw])[name]
