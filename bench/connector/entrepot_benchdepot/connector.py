"""The bench's depot as a Warehouse of the contract, as far as its manifest declares it."""

from decimal import Decimal

import msgspec
from entrepot_benchsystem import BenchSystem

from connectors.contract import BadAnswer, Deadline, Page
from connectors.transport import Call, Safety, Setup
from entrepot_benchdepot import MANIFEST
from sync.domain.shipments import RemoteFulfilment, StockFigure


class Moved(msgspec.Struct):
    """The figures that moved since they were last told, by SKU."""

    items: dict[str, int]


class BenchDepot(BenchSystem):
    """One warehouse. What is not declared is refused in words, before anything is called."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup, MANIFEST)

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
