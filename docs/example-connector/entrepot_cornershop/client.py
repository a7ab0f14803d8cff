"""The only place with URLs: each call of the shop's API, and its answer decoded."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from connectors.contract import BadAnswer, Deadline, Limits
from connectors.transport import Answer, Call, Safety, Setup, bearer, path_of
from entrepot_cornershop.options import Options

T = TypeVar("T")


class Client:
    """One account's way to its shop."""

    def __init__(self, setup: Setup, options: Options, limits: Limits) -> None:
        self._transport = setup.transport(options.url, limits, auth=bearer(setup.secret))
        self._size = options.page_items

    async def shop(self, deadline: Deadline) -> Answer:
        """The shop itself."""
        return await self._transport.send(Call("shop", "GET", "/shop", Safety.READ), deadline)

    async def page(self, listing: str, after: str, deadline: Deadline) -> Answer:
        """Records of `products` or `orders` behind an id, oldest first."""
        params = (("after", after), ("limit", str(self._size)))
        return await self._transport.send(
            Call(f"{listing}.page", "GET", f"/{listing}", Safety.READ, params), deadline
        )

    async def order(self, external_id: str, deadline: Deadline) -> Answer:
        """One order; 404 where there is none."""
        path = path_of("orders", external_id)
        return await self._transport.send(
            Call("order", "GET", path, Safety.READ, accept=frozenset({404})), deadline
        )

    async def set_stock(self, items: Sequence[dict[str, object]], deadline: Deadline) -> Answer:
        """Set what is sold of each product."""
        body = msgspec.json.encode({"items": items})
        return await self._transport.send(
            Call("stock.set", "PUT", "/stock", Safety.ABSOLUTE, body=body), deadline
        )

    async def ship(self, order: str, key: str, parcel: Mapping[str, object], deadline: Deadline) -> Answer:
        """Tell the shop of a parcel, once for each key."""
        call = Call(
            "shipment.add",
            "POST",
            path_of("orders", order, "shipments"),
            Safety.CREATING,
            headers={"Idempotency-Key": key},
            body=msgspec.json.encode(parcel),
        )
        return await self._transport.send(call, deadline)

    async def close(self) -> None:
        """Let the connections go."""
        await self._transport.close()

    def is_last(self, found: Sequence[object]) -> bool:
        """Whether a page of these records is the last one for now."""
        return len(found) < self._size


def decoded(body: bytes | msgspec.Raw, shape: type[T]) -> T:
    """JSON as a payload. Raises BadAnswer, which keeps what came and shows nothing of it."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.DecodeError:
        raise BadAnswer(f"the answer is not a {shape.__name__}", sample=bytes(body)) from None
