"""Corner Shop as a Storefront of the contract."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    Broken,
    ConfirmShipment,
    Deadline,
    Done,
    Manifest,
    Outcome,
    Page,
    Refused,
    Rejected,
    Retry,
    SetQuantity,
    Throttled,
    ToldParcel,
    Unavailable,
    Unknown,
)
from connectors.transport import Setup, Uncertain
from entrepot_cornershop import MANIFEST, translate
from entrepot_cornershop.absent import Absent
from entrepot_cornershop.client import Client, decoded
from entrepot_cornershop.options import Options
from entrepot_cornershop.payloads import Named, Order, PageOf, Product, StockSet, StocksSet
from sync.domain.listing import RemoteVariant
from sync.domain.orders import RemoteOrder

R = TypeVar("R")
T = TypeVar("T")


class CornerShop(Absent):
    """One shop; what it has not is in `Absent`."""

    def __init__(self, setup: Setup) -> None:
        if not isinstance(setup.options, Options):
            raise TypeError("Corner Shop is opened with its own Options")
        self._client = Client(setup, setup.options, MANIFEST.limits)

    @property
    def manifest(self) -> Manifest:
        """What this connector declares."""
        return MANIFEST

    async def identity(self, deadline: Deadline) -> str:
        """The shop's own id, which outlives its name."""
        return "cornershop-" + decoded((await self._client.shop(deadline)).body, Named).id

    async def products(self, cursor: str | None, deadline: Deadline) -> Page[RemoteVariant]:
        """Products behind the last one that was read."""
        return await self._page("products", cursor, deadline, Product, translate.variant)

    async def orders(self, cursor: str | None, deadline: Deadline) -> Page[RemoteOrder]:
        """Orders behind the last one that was read."""
        return await self._page("orders", cursor, deadline, Order, translate.order)

    async def order(self, external_id: str, deadline: Deadline) -> RemoteOrder | None:
        """One order; None where the shop says that it has none."""
        answer = await self._client.order(external_id, deadline)
        return None if answer.status == 404 else translate.order(decoded(answer.body, Order), answer.body)

    async def set_quantities(
        self, batch: Sequence[SetQuantity], deadline: Deadline
    ) -> Mapping[str, Outcome[int]]:
        """What the shop sells from now on; one request for all."""
        try:
            answer = await self._client.set_stock(
                [{"id": each.variant, "stock": each.quantity} for each in batch], deadline
            )
            told = {each.id: each for each in decoded(answer.body, StocksSet).items}
        except BadAnswer as error:
            return {each.variant: Unknown(str(error)) for each in batch}
        except Unavailable as error:
            return {each.variant: Retry(str(error)) for each in batch}
        return {each.variant: _stock_set(told.get(each.variant)) for each in batch}

    async def confirm_shipment(
        self, request: ConfirmShipment, deadline: Deadline
    ) -> Outcome[tuple[str, ...]]:
        """One shipment for each parcel, each under a key of its own, so that all may be sent again."""
        made: list[str] = []
        for number, parcel in enumerate(request.parcels):
            try:
                made.append(await self._ship(request, number, parcel, deadline))
            except (Uncertain, BadAnswer) as error:
                return Unknown(str(error))
            except Refused as error:
                return Rejected(str(error), error.code, error.mendable)
            except (AuthRejected, Throttled, Unavailable) as error:
                if not made:
                    raise
                return Retry(f"{len(made)} of {len(request.parcels)} parcels are told: {error}")
        return Done(made[0] if made else None, tuple(made))

    async def find_shipment(self, request: ConfirmShipment, deadline: Deadline) -> Outcome[tuple[str, ...]]:
        """The shop takes our key: sending again is how it is found."""
        return Retry("send it again: the shop knows our key")

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.close()

    async def _ship(
        self, request: ConfirmShipment, number: int, parcel: ToldParcel, deadline: Deadline
    ) -> str:
        lines = [{"line": line, "quantity": units} for line, units in parcel.lines]
        told = {"tracking": parcel.tracking, "carrier": parcel.carrier, "lines": lines}
        answer = await self._client.ship(request.order, self.key(request, number), told, deadline)
        return decoded(answer.body, Named).id

    def key(self, request: ConfirmShipment, number: int) -> str:
        """The key of one parcel of a request."""
        return f"{request.key}/{number}"

    async def _page(
        self,
        listing: str,
        cursor: str | None,
        deadline: Deadline,
        shape: type[R],
        into: Callable[[R, bytes], T],
    ) -> Page[T]:
        answer = await self._client.page(listing, cursor or "0", deadline)
        rows = decoded(answer.body, PageOf).items
        records: list[T] = []
        broken: list[Broken] = []
        for row in rows:
            try:
                records.append(into(decoded(row, shape), bytes(row)))
            except BadAnswer as error:
                broken.append(Broken(None, str(error), bytes(row)))
        complete = self._client.is_last(rows)
        return Page(tuple(records), _last(rows) or cursor, complete, answer.begun_at, tuple(broken))


def _last(rows: Sequence[msgspec.Raw]) -> str | None:
    """The id of the last record that has one; those behind it are read again with the next page."""
    for row in reversed(rows):
        try:
            return decoded(row, Named).id
        except BadAnswer:
            continue
    if rows:
        raise BadAnswer("no record of the page has an id", sample=bytes(rows[0]))
    return None


def _stock_set(told: StockSet | None) -> Outcome[int]:
    if told is None:
        return Unknown("the shop's answer leaves it out")
    if told.error is not None or told.stock is None:
        return Rejected("the shop has no such product", code="not_found")
    return Done(told.id, told.stock)
