"""Notes on orders, once per key: each ends with a short reference made of it, and is looked for first."""

from hashlib import sha256

from connectors.contract import Deadline, Done, Outcome, Refused, Rejected, Reply, Unknown
from connectors.storefronts.vendure import documents, payloads
from connectors.storefronts.vendure.refusals import refusal
from connectors.storefronts.vendure.shop import Shop
from connectors.transport import Uncertain

PAGE = 100


def reference(key: str) -> str:
    """Ten hexadecimal digits: buyers may read public notes, and our keys are not for them."""
    return f"#{sha256(key.encode()).hexdigest()[:10]}"


class Notes:
    """Writes notes on one shop's orders."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def add(self, request: Reply, deadline: Deadline) -> Outcome[None]:
        """A note that only staff see where `private`, else one that the buyer's order history shows."""
        there = await self._is_there(request, deadline)
        if there is None:
            return Rejected(
                f"the shop has no order {request.order} (in this channel)", code="ENTITY_NOT_FOUND"
            )
        if there:
            return Done(external_id=request.order)
        note = f"{request.text} {reference(request.key)}"
        variables = {"input": {"id": request.order, "note": note, "isPublic": not request.private}}
        try:
            await self._shop.client.send(documents.ADD_NOTE, variables, deadline)
        except Uncertain as error:
            return Unknown(str(error))
        except Refused as error:
            return refusal(error.code, "note on the order")
        return Done(external_id=request.order)

    async def _is_there(self, request: Reply, deadline: Deadline) -> bool | None:
        """Whether the order's history has it; None where there is no such order."""
        skip = 0
        while True:
            options = {"sort": {"id": "DESC"}, "skip": skip, "take": PAGE}
            variables = {"id": request.order, "options": options}
            reply = await self._shop.client.send(documents.NOTES, variables, deadline)
            order = reply.read(payloads.HistoryData).order
            if order is None:
                return None
            entries = order.history.items
            if any(entry.note.endswith(reference(request.key)) for entry in entries):
                return True
            skip += PAGE
            if len(entries) < PAGE:
                return False
