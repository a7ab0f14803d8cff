"""What came back, told to the shop: pieces that are sold again are restocked in its books, others are not.

Shopify has no key for it, so each call looks at what is booked and books what is lacking. One request may name lines
of one reverse fulfilment order only. When nothing more is expected the return is closed; no money moves by it, and
goods wanted instead are not made part of the order.
"""

from collections.abc import Mapping

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    Deadline,
    Done,
    Outcome,
    Refused,
    Rejected,
    RequestReceipt,
    Throttled,
    Unavailable,
    Unknown,
)
from connectors.storefronts.shopify import documents, payloads
from connectors.storefronts.shopify.answers import no_return, state_of
from connectors.storefronts.shopify.refusals import refusal, refused_by
from connectors.storefronts.shopify.requests import Requests
from connectors.storefronts.shopify.returns import OPEN, RESTOCKED, to_book
from connectors.storefronts.shopify.shop import Shop
from connectors.transport import Uncertain

MOST_AT_ONCE = 250


class Receipts:
    """Books in what came back to one shop."""

    def __init__(self, shop: Shop, requests: Requests) -> None:
        self._shop = shop
        self._requests = requests

    async def receive(self, receipt: RequestReceipt, deadline: Deadline) -> Outcome[None]:
        """Done where the shop books as much as `receipt` says, and is closed where that is complete."""
        whole = await self._requests.whole(receipt.external_id, deadline)
        if whole is None:
            return no_return(receipt.external_id)
        wanted = to_book(whole, receipt)
        if isinstance(wanted, Rejected):
            return wanted
        record = whole.record
        if record.status != OPEN and (wanted or record.status != "CLOSED"):
            return Rejected(
                f"the return {record.name} is {state_of(record)} in the shop: nothing can be booked in for it",
                code="NOT_OPEN",
            )
        restocks = any(kind == RESTOCKED for rows in wanted.values() for _, kind, _ in rows)
        try:
            place = await self._shop.location(deadline) if restocks else ""
        except Refused as error:
            return Rejected(str(error), code=error.code)
        return await self._step_by_step(receipt, record, wanted, place, deadline)

    async def _step_by_step(
        self,
        receipt: RequestReceipt,
        record: payloads.Return,
        wanted: Mapping[str, list[tuple[str, str, int]]],
        place: str,
        deadline: Deadline,
    ) -> Outcome[None]:
        what = f"booking in the return {record.name}"
        begun = False
        try:
            for rows in wanted.values():
                refused = await self._book(rows, place, what, deadline)
                if refused is not None:
                    return refused
                begun = True
            if receipt.complete and record.status == OPEN:
                return await self._close(record, deadline)
        except (Uncertain, BadAnswer) as error:
            return Unknown(f"{what}: {error}")
        except Refused as error:
            return refusal(error.code, what)
        except (AuthRejected, Throttled, Unavailable) as error:
            if not begun:
                raise
            return Unknown(f"{what}: begun, and not seen to end: {error}")
        return Done(external_id=record.id)

    async def _book(
        self, rows: list[tuple[str, str, int]], place: str, what: str, deadline: Deadline
    ) -> Rejected | None:
        inputs: list[dict[str, object]] = [
            {"reverseFulfillmentOrderLineItemId": line, "quantity": units, "dispositionType": kind}
            | ({"locationId": place} if kind == RESTOCKED else {})
            for line, kind, units in rows
        ]
        for begin in range(0, len(inputs), MOST_AT_ONCE):
            some = inputs[begin : begin + MOST_AT_ONCE]
            reply = await self._shop.client.send(documents.DISPOSE, {"inputs": some}, deadline)
            result = reply.read(payloads.Disposed).reverse_fulfillment_order_dispose
            if result is None:
                raise Uncertain("the shop's answer is empty")
            refused = refused_by(result.user_errors, what)
            if refused is not None:
                return refused
        return None

    async def _close(self, record: payloads.Return, deadline: Deadline) -> Outcome[None]:
        what = f"closing the return {record.name}"
        reply = await self._shop.client.send(documents.CLOSE_RETURN, {"id": record.id}, deadline)
        result = reply.read(payloads.ReturnClosed).return_close
        if result is None:
            raise Uncertain(f"{what}: the shop's answer is empty")
        return refused_by(result.user_errors, what) or Done(external_id=record.id)
