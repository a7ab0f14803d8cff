"""The bench's shop as a Storefront of the contract, as far as its manifest declares it."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec
from entrepot_benchsystem import BenchSystem

from connectors.contract import (
    BadAnswer,
    Deadline,
    Done,
    Outcome,
    Page,
    Rejected,
    Retry,
    SetQuantity,
    Unavailable,
    Unknown,
)
from connectors.transport import Answer, Call, Safety, Setup
from entrepot_benchshop import MANIFEST, WRITES
from sync.domain.listing import RemoteVariant, StockSeen
from sync.domain.orders import RemoteOrder

T = TypeVar("T")


class Stocks(msgspec.Struct):
    """What is sold, by id."""

    items: dict[str, int]


class BenchShop(BenchSystem):
    """One shop. What is not declared is refused in words, before anything is called."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup, MANIFEST)

    async def products(self, cursor: str | None, deadline: Deadline) -> Page[RemoteVariant]:
        """Nothing new: the listings are in the database already."""
        answer = await self._transport.send(Call("products", "GET", "/shop", Safety.READ), deadline)
        return Page((), "end", True, answer.begun_at)

    async def orders(self, cursor: str | None, deadline: Deadline) -> Page[RemoteOrder]:
        """Nobody buys."""
        answer = await self._transport.send(Call("orders", "GET", "/shop", Safety.READ), deadline)
        return Page((), "end", True, answer.begun_at)

    async def order(self, external_id: str, deadline: Deadline) -> RemoteOrder | None:
        """Nobody bought."""
        return None

    async def quantities(
        self, variants: Sequence[str], deadline: Deadline
    ) -> Mapping[str, Outcome[StockSeen]]:
        """What the shop sells of each now; one request for all."""
        told = await self._stocks("stock.read", "/stock/read", variants, (), deadline)
        return {
            one: Done(one, StockSeen(told[one])) if one in told else Rejected("no such variant", "not_found")
            for one in variants
        }

    async def set_quantities(
        self, batch: Sequence[SetQuantity], deadline: Deadline
    ) -> Mapping[str, Outcome[int]]:
        """What the shop sells from now on; one request for all."""
        wanted = {each.variant: each.quantity for each in batch}
        try:
            told = await self._stocks("stock.set", "/stock", wanted, (WRITES,), deadline)
        except BadAnswer as error:
            return dict.fromkeys(wanted, Unknown(str(error)))
        except Unavailable as error:
            return dict.fromkeys(wanted, Retry(str(error)))
        return {one: Done(one, told[one]) if one in told else Unknown("left out") for one in wanted}

    async def _stocks(
        self, operation: str, path: str, items: object, pace: tuple[str, ...], deadline: Deadline
    ) -> Mapping[str, int]:
        body = msgspec.json.encode({"items": items})
        call = Call(operation, "POST", path, Safety.ABSOLUTE, body=body, pace=pace)
        return _decoded(await self._transport.send(call, deadline), Stocks).items


def _decoded(answer: Answer, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.body, type=shape)
    except msgspec.DecodeError:
        raise BadAnswer(f"the answer is not a {shape.__name__}", sample=answer.body) from None
