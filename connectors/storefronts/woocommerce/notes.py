"""Notes on orders, once per key: each ends with a short reference made of it, and is looked for first.

A note that is not private goes to the buyer by e-mail. The list of notes is whole, without pages; their text
comes back with HTML entities and without backslashes, so only the reference is compared.
"""

from collections.abc import Sequence

from connectors.contract import Deadline, Done, Outcome, Refused, Rejected, Reply, Unknown
from connectors.storefronts.woocommerce import payloads
from connectors.storefronts.woocommerce.client import get, make
from connectors.storefronts.woocommerce.refunds import mark
from connectors.storefronts.woocommerce.refusals import MISSING, no_order, refusal
from connectors.storefronts.woocommerce.shop import Shop
from connectors.transport import Uncertain


class Notes:
    """Writes notes on one shop's orders."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def add(self, request: Reply, deadline: Deadline) -> Outcome[None]:
        """A note that only staff see where `private`, else one that the buyer is sent."""
        text = f"{request.text} {mark(request.key)}"
        return await self.once(request.order, text, mark(request.key), deadline, private=request.private)

    async def once(
        self, order: str, text: str, reference: str, deadline: Deadline, *, private: bool
    ) -> Outcome[None]:
        """A note whose text holds `reference`, unless the order has one already."""
        try:
            if await self._is_there(order, reference, deadline):
                return Done(external_id=order)
            body = {"note": text, "customer_note": not private}
            asked = make("note", "orders", order, "notes", body=body)
            (await self._shop.client.send(asked, deadline)).read(payloads.Note)
        except Uncertain as error:
            return Unknown(str(error))
        except Refused as error:
            return refused(order, error, "note on the order")
        return Done(external_id=order)

    async def _is_there(self, order: str, reference: str, deadline: Deadline) -> bool:
        notes: Sequence[payloads.Note]
        asked = get("notes", "orders", order, "notes")
        notes = (await self._shop.client.send(asked, deadline)).read(list[payloads.Note])
        return any(reference in note.note for note in notes)


def refused(order: str, error: Refused, what: str) -> Rejected:
    """The outcome of a refusal."""
    return no_order(order) if error.code in MISSING else refusal(error.code, what)
