"""What came back, told to the shop: received pieces are stocked again at the return's location, dismissed ones not.

Medusa counts a return's receipts badly: a second one takes the place of the first in the return's own figures. So
nothing is booked before all that is to come has come, and then once. What was booked, by staff too, is summed from
the order's confirmed changes, and only what is lacking is booked. A receipt is begun, filled and confirmed; one that
stopped on the way is ours by its note, and is dropped before another begins.
"""

from collections.abc import Mapping
from hashlib import sha256

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    Deadline,
    Done,
    Outcome,
    Refused,
    Rejected,
    RequestReceipt,
    Retry,
    Throttled,
    Unavailable,
    Unknown,
)
from connectors.storefronts.medusa import returned
from connectors.storefronts.medusa.answers import no_request
from connectors.storefronts.medusa.back import Tally, booked
from connectors.storefronts.medusa.client import Request, make, path
from connectors.storefronts.medusa.refusals import refusal
from connectors.storefronts.medusa.requests import Requests
from connectors.storefronts.medusa.returned import ACTIVE
from connectors.storefronts.medusa.shop import Shop
from connectors.transport import Safety, Uncertain

_WAITS = (AuthRejected, Throttled, Unavailable)


def lacking(
    receipt: RequestReceipt, back: returned.Return, done: Tally
) -> dict[str, tuple[int, int]] | Rejected:
    """By order line the pieces to receive and to dismiss."""
    wanted: dict[str, tuple[int, int]] = {}
    coming: dict[str, int] = {}
    for item in back.items or ():
        coming[item.item_id] = coming.get(item.item_id, 0) + item.quantity
    for line, good, bad in receipt.lines:
        if line not in coming:
            if good + bad:
                return Rejected(f"the return has no line {line}", code="NO_LINE", mendable=False)
            continue
        was_good, was_bad = done.get(line, (0, 0))
        more = (max(0, good - was_good), max(0, bad - was_bad))
        if sum(more) > coming[line] - was_good - was_bad:
            return Rejected(
                f"more pieces of line {line} came back than the shop expects, or staff booked them otherwise",
                code="TOO_MANY",
            )
        if sum(more):
            wanted[line] = more
    return wanted


class Receipts:
    """Books in what came back to one shop."""

    def __init__(self, shop: Shop, requests: Requests) -> None:
        self._shop = shop
        self._requests = requests

    async def receive(self, receipt: RequestReceipt, deadline: Deadline) -> Outcome[None]:
        """Done where the shop books as much as `receipt` says, or waits for the rest of it."""
        asked = await self._requests.asked(receipt.external_id, deadline)
        if asked is None:
            return no_request(receipt.external_id)
        back = asked.back
        if back is None:
            return Rejected("nothing comes back for this request by the shop's books", code="NO_RETURN")
        if not receipt.complete:
            return Done(external_id=receipt.external_id)
        async with self._shop.stock_moves:
            changes = await self._requests.changes(back.order_id, deadline)
            wanted = lacking(receipt, back, booked(changes, back.id))
            if isinstance(wanted, Rejected):
                return wanted
            if not wanted:
                return Done(external_id=receipt.external_id)
            if asked.cancelled:
                return Rejected(
                    "the request is cancelled in the shop: nothing can be received for it", code="NOT_OPEN"
                )
            for change in changes:
                if change.status in ACTIVE and change.internal_note != _note(back):
                    return Rejected(
                        "the order is being changed by staff: finish or drop that change first",
                        code="BEING_CHANGED",
                    )
            stale = any(change.status in ACTIVE for change in changes)
            return await self._book(receipt, back, wanted, stale=stale, deadline=deadline)

    async def _book(
        self,
        receipt: RequestReceipt,
        back: returned.Return,
        wanted: Mapping[str, tuple[int, int]],
        *,
        stale: bool,
        deadline: Deadline,
    ) -> Outcome[None]:
        what = "booking in what came back"
        if stale and not await self._drop(back, deadline):
            return Retry(f"{what}: an earlier attempt stands in the way")
        try:
            await self._fill(back, wanted, deadline)
        except (*_WAITS, BadAnswer, Uncertain) as error:
            await self._drop(back, deadline)
            return Retry(f"{what}: nothing is booked yet: {error}")
        except Refused as error:
            await self._drop(back, deadline)
            return Rejected(str(error)) if not error.code else refusal(error.code, what)
        try:
            await self._send("receive", back, ("receive", "confirm"), {}, deadline)
        except (*_WAITS, BadAnswer, Uncertain) as error:
            return Unknown(f"{what}: {error}")
        except Refused as error:
            await self._drop(back, deadline)
            return refusal(error.code, what)
        return Done(external_id=receipt.external_id)

    async def _fill(
        self, back: returned.Return, wanted: Mapping[str, tuple[int, int]], deadline: Deadline
    ) -> None:
        """Begin a receipt and put everything into it; nothing has changed until it is confirmed."""
        place = None if back.location_id else await self._shop.location(deadline)
        await self._send("begin_receipt", back, ("receive",), {"internal_note": _note(back)}, deadline)
        if place is not None:
            await self._send("place_return", back, (), {"location_id": place}, deadline)
        for way, which in (("receive-items", 0), ("dismiss-items", 1)):
            items = [{"id": line, "quantity": units[which]} for line, units in wanted.items() if units[which]]
            if items:
                await self._send("fill_receipt", back, (way,), {"items": items}, deadline)

    async def _send(
        self,
        operation: str,
        back: returned.Return,
        way: tuple[str, ...],
        body: Mapping[str, object],
        deadline: Deadline,
    ) -> None:
        await self._shop.client.send(make(operation, "returns", back.id, *way, body=body), deadline)

    async def _drop(self, back: returned.Return, deadline: Deadline) -> bool:
        """Should it fail, the next attempt drops it."""
        asked = Request("drop_receipt", "DELETE", path("returns", back.id, "receive"), Safety.ABSOLUTE)
        try:
            await self._shop.client.send(asked, deadline)
        except (AuthRejected, BadAnswer, Refused, Throttled, Unavailable):
            return False
        return True


def _note(back: returned.Return) -> str:
    return f"Entrepot {sha256(back.id.encode()).hexdigest()[:10]}"
