"""A Corner Shop whose orders may be asked back: an honest one, and such that break one promise of requests each.

The shop itself knows no returns: each order is one, what was answered and booked stands on the bench's desk, and each
write is a call of the shop all the same, so that it can be throttled, refused or lost.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from entrepot_cornershop import MANIFEST
from entrepot_cornershop.connector import CornerShop

from connectors.contract import (
    Capability,
    ConfirmShipment,
    Deadline,
    Done,
    Feed,
    FeedOrder,
    Manifest,
    Outcome,
    Page,
    Rejected,
    RequestAnswer,
    RequestReceipt,
    ToldParcel,
)
from sync.domain.aftersales import RequestKind
from sync.domain.orders import RemoteOrder
from sync.domain.requests import RemoteRequest, RequestLine, RequestState

REQUESTING = replace(
    MANIFEST,
    capabilities=MANIFEST.capabilities
    | {Capability.REQUESTS, Capability.ANSWER_REQUEST, Capability.RECEIVE_REQUEST},
    feeds={**MANIFEST.feeds, Feed.REQUESTS: FeedOrder(order="keyset", overlap=timedelta(0))},
)
Key = tuple[str, str]
"""(order, line)"""


@dataclass
class Desk:
    """What the shop knows of its requests."""

    answers: dict[str, bool] = field(default_factory=dict)
    booked: dict[Key, tuple[int, int]] = field(default_factory=dict)
    told: dict[Key, tuple[int, int]] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)


class Requesting(CornerShop):
    """The honest one."""

    desk: Desk

    @property
    def manifest(self) -> Manifest:
        return REQUESTING

    async def requests(self, cursor: str | None, deadline: Deadline) -> Page[RemoteRequest]:  # type: ignore[override]
        page = await self.orders(cursor, deadline)
        told = tuple(self.told(order) for order in page.records)
        return Page(told, page.cursor, page.complete, page.begun_at, page.broken)

    async def request(  # type: ignore[override]
        self, kind: RequestKind, external_id: str, deadline: Deadline
    ) -> RemoteRequest | None:
        order = await self.order(external_id, deadline) if external_id.isdigit() else None
        return None if order is None else Requesting.told(self, order)

    async def answer_request(self, answer: RequestAnswer, deadline: Deadline) -> Outcome[None]:  # type: ignore[override]
        if await self.order(answer.external_id, deadline) is None:
            return Rejected("the shop has no such request")
        self.desk.answers[answer.external_id] = answer.approved
        return Done(answer.external_id)

    async def receive_request(self, receipt: RequestReceipt, deadline: Deadline) -> Outcome[None]:  # type: ignore[override]
        self.book(receipt)
        return await self.say(receipt, deadline)

    def book(self, receipt: RequestReceipt) -> None:
        """Levels: no more than the greatest that was told."""
        for line, good, bad in receipt.lines:
            was = self.desk.booked.get((receipt.external_id, line), (0, 0))
            self.desk.booked[receipt.external_id, line] = (max(was[0], good), max(was[1], bad))

    async def say(self, receipt: RequestReceipt, deadline: Deadline) -> Outcome[None]:
        """The call by which the shop hears of it."""
        parcel = ToldParcel("back", "shop", tuple((line, good) for line, good, _ in receipt.lines))
        key = f"receipt:{receipt.external_id}:{receipt.lines}"
        said = await self.confirm_shipment(ConfirmShipment(key, receipt.external_id, (parcel,)), deadline)
        return Done(receipt.external_id) if isinstance(said, Done) else said

    def told(self, order: RemoteOrder) -> RemoteRequest:
        """An order as the wish to send it back."""
        approved = self.desk.answers.get(order.external_id)
        states = {None: RequestState.ASKED, True: RequestState.OPEN, False: RequestState.REFUSED}
        lines = tuple(
            RequestLine(
                line.external_id,
                line.quantity,
                "",
                *self.desk.booked.get((order.external_id, line.external_id), (0, 0)),
            )
            for line in order.lines
        )
        return RemoteRequest(
            order.external_id, order.external_id, RequestKind.RETURN, states[approved], lines, order.placed_at
        )


class TellsHalf(Requesting):
    """Its feed leaves lines out that reading by the id shows."""

    def told(self, order: RemoteOrder) -> RemoteRequest:
        return replace(super().told(order), lines=())


class ForgetsTheNo(Requesting):
    async def answer_request(self, answer: RequestAnswer, deadline: Deadline) -> Outcome[None]:  # type: ignore[override]
        return await super().answer_request(replace(answer, approved=True), deadline)


class Adds(Requesting):
    """Takes a receipt for a difference, but for one that it is not sure of."""

    async def receive_request(self, receipt: RequestReceipt, deadline: Deadline) -> Outcome[None]:  # type: ignore[override]
        if receipt.external_id not in self.desk.unsure:
            self.add(receipt)
        self.desk.unsure.add(receipt.external_id)
        said = await self.say(receipt, deadline)
        if isinstance(said, Done):
            self.desk.unsure.discard(receipt.external_id)
        return said

    def add(self, receipt: RequestReceipt) -> None:
        for line, good, bad in receipt.lines:
            was = self.desk.booked.get((receipt.external_id, line), (0, 0))
            self.desk.booked[receipt.external_id, line] = (was[0] + good, was[1] + bad)


class Doubts(Requesting):
    """Books anew what it was not told to be booked."""

    async def receive_request(self, receipt: RequestReceipt, deadline: Deadline) -> Outcome[None]:  # type: ignore[override]
        for line, good, bad in receipt.lines:
            key = (receipt.external_id, line)
            was, told = self.desk.booked.get(key, (0, 0)), self.desk.told.get(key, (0, 0))
            more = (max(0, good - told[0]), max(0, bad - told[1]))
            self.desk.booked[key] = (was[0] + more[0], was[1] + more[1])
        said = await self.say(receipt, deadline)
        if isinstance(said, Done):
            for line, good, bad in receipt.lines:
                key = (receipt.external_id, line)
                was = self.desk.told.get(key, (0, 0))
                self.desk.told[key] = (max(was[0], good), max(was[1], bad))
        return said
