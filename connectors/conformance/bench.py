"""What an author fills in: how to open the connector, and the levers of the server behind it.

One bench is one connector on one server, a sandbox or the real one. What it says of the server's books it
reads from the server by a client of its own, never through the connector.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from connectors.conformance.methods import FILLED, Form, Method, declared, key_field
from connectors.conformance.wire import Act, Wire, throttling
from connectors.contract import Courier, Deadline, Manifest, Storefront, Supplier, Warehouse

Connector = Storefront | Warehouse | Courier | Supplier
Bound = Callable[..., Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Opened:
    """An open connector and the line that it talks over."""

    connector: Connector
    wire: Wire
    seconds: float

    async def call(self, method: str, *arguments: object, seconds: float | None = None) -> object:
        """Call one method of the contract by its name, with a deadline."""
        bound: Bound = getattr(self.connector, method)
        return await bound(*arguments, Deadline.after(self.seconds if seconds is None else seconds))


class Bench(ABC):
    """One connector on one server; the server may be shared by all checks.

    `secret` is what the account is opened with, and `personal` are texts of buyers that stand in the
    server's records and in the requests of this bench: neither may show anywhere. `missing` is an id of
    the vendor's form that the vendor does not have. `many` records take more than two pages of the
    connector that `open` gives, so give it small pages. `seconds` is the time for one call.
    """

    manifest: Manifest
    secret: str
    personal: tuple[str, ...] = ()
    missing: str = "987654321"
    many: int = 7
    seconds: float = 30.0
    feeds: tuple[str, ...] = ()
    """Feeds that `fill` can fill besides those that every bench of the kind must."""
    unplayed: frozenset[str] = frozenset()
    """Declared methods that this server, a sandbox, does not play; the real one must be tried too."""

    @abstractmethod
    def open(self, wire: Wire, *, secret: str) -> Connector:
        """The connector over this line (`Setup(http=wire, …)`), with this secret and small pages."""

    @abstractmethod
    async def arguments(self, method: str) -> tuple[object, ...]:
        """Fresh arguments of a declared method, less the deadline, for which the server is ready.

        Each call gives new ones: another order, another reference. A batch has two items or more. Feeds and
        `identity` are not asked for.
        """

    async def fill(self, feed: str, number: int) -> Sequence[str]:
        """Make so many new records that the feed shows; gives the key of each, as `key` tells it."""
        raise NotImplementedError(f"this bench fills no feed {feed}")

    async def effects(self, method: str, arguments: tuple[object, ...]) -> int | None:
        """How often the server's books show what this creating call asked for: 0, 1, or too many.

        None where no book shows it, which only an operation of the repeat `none` can afford.
        """
        raise NotImplementedError(f"this bench counts no effect of {method}")

    async def quantity(self, variant: str) -> int:
        """What the shop would sell of a variant, by its own books."""
        raise NotImplementedError("this bench reads no quantity")

    async def shift(self, feed: str) -> None:
        """Let the feed's pages shift while they are being read: by default a record is added."""
        await self.fill(feed, 1)

    async def asked(self, request: str) -> Mapping[str, int]:
        """Pieces by order line that a request after the sale is about, by the shop's own books (REQUESTS)."""
        raise NotImplementedError("this bench reads no requests")

    async def booked(self, request: str) -> Mapping[str, tuple[int, int]]:
        """By order line, the pieces that the shop's books show as back: sold again, and not (RECEIVE_REQUEST)."""
        raise NotImplementedError("this bench reads no receipts")

    def key(self, feed: str, record: object) -> str:
        """The key of a record of the feed."""
        return str(getattr(record, key_field(feed)))

    def mark(self, feed: str, key: str) -> str:
        """A text that stands in this one JSON record of the vendor's answer: by default the key."""
        return key

    def throttled(self, after: float | None) -> Act:
        """How this vendor asks for a pause of so many seconds, or for one without a figure."""
        return throttling(after)

    def wire(self) -> Wire:
        """A new line to the server."""
        return Wire()

    def declared(self) -> tuple[Method, ...]:
        """The declared methods that can be tried on this server."""
        return tuple(each for each in declared(self.manifest) if each.name not in self.unplayed)

    def reads(self) -> list[Method]:
        """Those that change nothing."""
        return [each for each in self.declared() if each.form in (Form.READ, Form.FEED)]

    def writes(self) -> list[Method]:
        """Those that change something."""
        return [each for each in self.declared() if each.form not in (Form.READ, Form.FEED)]

    def filled(self) -> tuple[str, ...]:
        """All feeds that this bench can fill."""
        there = {each.name for each in self.declared()}
        return tuple(each for each in (*FILLED[self.manifest.kind], *self.feeds) if each in there)

    @asynccontextmanager
    async def opened(self, *, secret: str | None = None) -> AsyncIterator[Opened]:
        """An open connector on a line of its own, closed afterwards."""
        wire = self.wire()
        connector = self.open(wire, secret=self.secret if secret is None else secret)
        try:
            yield Opened(connector, wire, self.seconds)
        finally:
            await connector.close()
            await wire.aclose()

    async def given(self, method: str) -> tuple[object, ...]:
        """The arguments of any method, feeds and `identity` included."""
        if method == "identity":
            return ()
        if method in _FEEDS:
            return (None,)
        return await self.arguments(method)


_FEEDS = frozenset(
    {
        "products", "orders", "requests", "messages", "stock", "fulfilments", "receipts",
        "return_receipts", "counts", "offers", "acknowledgements", "despatches",
    }
)  # fmt: skip
