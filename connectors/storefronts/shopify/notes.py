"""Notes on orders, once per key: each ends with a short reference made of it, and is looked for first.

An order has one note, which the buyer may have begun; ours are lines below it. Only staff see it.
"""

from hashlib import sha256

from connectors.contract import Deadline, Done, Outcome, Refused, Rejected, Reply, Unknown
from connectors.storefronts.shopify import documents, payloads
from connectors.storefronts.shopify.ids import is_gid
from connectors.storefronts.shopify.refusals import no_order, refusal, refused_by
from connectors.storefronts.shopify.shop import Shop
from connectors.transport import Uncertain

LONGEST = 5000
"""Characters that Shopify keeps of a note."""


def reference(key: str) -> str:
    """Ten hexadecimal digits, which tell nothing of the key."""
    return f"#{sha256(key.encode()).hexdigest()[:10]}"


class Notes:
    """Writes notes on one shop's orders."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def add(self, request: Reply, deadline: Deadline) -> Outcome[None]:
        """Add a line to the order's note, unless it is there."""
        if not is_gid(request.order, "Order"):
            return no_order(request.order)
        reply = await self._shop.client.send(documents.NOTE, {"id": request.order}, deadline)
        order = reply.read(payloads.NotedData).order
        if order is None:
            return no_order(request.order)
        mark = reference(request.key)
        before = order.note or ""
        if any(line.endswith(mark) for line in before.splitlines()):
            return Done(external_id=order.id)
        line = f"{' '.join(request.text.split())} {mark}"
        note = f"{before}\n{line}" if before.strip() else line
        if len(note) > LONGEST:
            return Rejected("the order's note has no room left", code="TOO_LONG")
        return await self._write(order.id, note, deadline)

    async def _write(self, order: str, note: str, deadline: Deadline) -> Outcome[None]:
        what = "note on the order"
        variables = {"input": {"id": order, "note": note}}
        try:
            reply = await self._shop.client.send(documents.ADD_NOTE, variables, deadline)
            result = reply.read(payloads.NoteWritten).order_update
        except Uncertain as error:
            return Unknown(str(error))
        except Refused as error:
            return refusal(error.code, what)
        if result is None:
            return Unknown(f"{what}: the shop's answer is empty")
        return refused_by(result.user_errors, what) or Done(external_id=order)
