"""The bench's depot as a Warehouse of the contract, as far as its manifest declares it."""

from decimal import Decimal
from typing import NoReturn

import msgspec

from connectors.contract import BadAnswer, Deadline, Manifest, Page, Refused
from connectors.transport import Call, Safety, Setup
from entrepot_benchdepot import MANIFEST, Options
from sync.domain.shipments import RemoteFulfilment, StockFigure


class Moved(msgspec.Struct):
    """The figures that moved since they were last told, by SKU."""

    items: dict[str, int]


class BenchDepot:
    """One warehouse. What is not declared is refused in words, before anything is called."""

    def __init__(self, setup: Setup) -> None:
        if not isinstance(setup.options, Options):
            raise TypeError("the bench's depot is opened with its own Options")
        self._transport = setup.transport(setup.options.url, MANIFEST.limits)

    @property
    def manifest(self) -> Manifest:
        """What this connector declares."""
        return MANIFEST

    async def identity(self, deadline: Deadline) -> str:
        """The depot's own id."""
        await self._transport.send(Call("shop", "GET", "/shop", Safety.READ), deadline)
        return "benchdepot"

    async def stock(self, cursor: str | None, deadline: Deadline) -> Page[StockFigure]:
        """What moved."""
        answer = await self._transport.send(Call("stock", "GET", "/depot/stock", Safety.READ), deadline)
        try:
            moved = msgspec.json.decode(answer.body, type=Moved).items
        except msgspec.DecodeError:
            raise BadAnswer("the answer is not of figures", sample=answer.body) from None
        figures = tuple(StockFigure(sku, sku, Decimal(units)) for sku, units in moved.items())
        return Page(figures, "end", True, answer.begun_at)

    async def fulfilments(self, cursor: str | None, deadline: Deadline) -> Page[RemoteFulfilment]:
        """Nothing is sent from here."""
        answer = await self._transport.send(Call("fulfilments", "GET", "/shop", Safety.READ), deadline)
        return Page((), "end", True, answer.begun_at)

    async def close(self) -> None:
        """Let the connections go."""
        await self._transport.close()

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        raise Refused(f"the bench's depot has no {name}", code="unsupported", mendable=False)
