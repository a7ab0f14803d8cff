"""Notes on orders: Medusa has only the order's metadata, which is written key by key.

The key is made of ours, so a repeat writes the same again and makes nothing new. The buyer's page may show
metadata: a note that only staff shall see is refused.
"""

from hashlib import sha256

from connectors.contract import Deadline, Done, Outcome, Refused, Rejected, Reply, Unknown
from connectors.storefronts.medusa import payloads
from connectors.storefronts.medusa.client import ShopFailed, put
from connectors.storefronts.medusa.refusals import no_order, refusal
from connectors.storefronts.medusa.shop import Shop


def name_of(key: str) -> str:
    """Under which name of the metadata the note stands."""
    return f"entrepot_note_{sha256(key.encode()).hexdigest()[:10]}"


class Notes:
    """Writes notes on one shop's orders."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def add(self, request: Reply, deadline: Deadline) -> Outcome[None]:
        """A note that the order's page may show."""
        if request.private:
            return Rejected(
                "Medusa has no place for a note that only staff see: the buyer's page may show metadata",
                code="UNSUPPORTED",
            )
        name = name_of(request.key)
        body = {"metadata": {name: request.text}}
        asked = put("note", "orders", request.order, body=body, params=[("fields", "id,metadata")])
        try:
            written = (await self._shop.client.send(asked, deadline)).read(payloads.NotedOrder).order
        except ShopFailed as error:
            return Unknown(str(error))
        except Refused as error:
            missing = error.code == "not_found"
            return no_order(request.order) if missing else refusal(error.code, "note on the order")
        if (written.metadata or {}).get(name) != request.text:
            return Unknown("the shop's answer leaves the note out")
        return Done(external_id=request.order)
