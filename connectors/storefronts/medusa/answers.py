"""Our yes or no to a request.

Medusa has no step of granting: a yes changes nothing there, a no cancels the return, exchange or claim. It cancels
none of which something was received, nor one whose parcel back still stands: those parcels are cancelled first.
"""

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    Deadline,
    Done,
    Outcome,
    Refused,
    Rejected,
    RequestAnswer,
    Throttled,
    Unavailable,
    Unknown,
)
from connectors.storefronts.medusa.back import CLAIM, EXCHANGE, Asked
from connectors.storefronts.medusa.client import make
from connectors.storefronts.medusa.refusals import refusal
from connectors.storefronts.medusa.requests import Requests
from connectors.storefronts.medusa.shop import Shop
from connectors.transport import Uncertain


class Answers:
    """Answers the requests of one shop."""

    def __init__(self, shop: Shop, requests: Requests) -> None:
        self._shop = shop
        self._requests = requests

    async def answer(self, answer: RequestAnswer, deadline: Deadline) -> Outcome[None]:
        """Done where it stands so already; Rejected where it was decided otherwise."""
        asked = await self._requests.asked(answer.external_id, deadline)
        if asked is None:
            return no_request(answer.external_id)
        if answer.approved:
            if asked.cancelled:
                return Rejected("the request is cancelled in the shop already", code="ALREADY_DECIDED")
            return Done(external_id=answer.external_id)
        if asked.cancelled:
            return Done(external_id=answer.external_id)
        if any(sum(units) for units in asked.booked.values()):
            return Rejected(
                "goods were received for it: the shop cancels no such request", code="ALREADY_DECIDED"
            )
        async with self._shop.stock_moves:
            return await self._cancel(asked, deadline)

    async def _cancel(self, asked: Asked, deadline: Deadline) -> Outcome[None]:
        what = "refusing the request"
        begun = False
        try:
            for parcel in (asked.back.fulfillments if asked.back else None) or ():
                if parcel.canceled_at is None:
                    gone = make("cancel_parcel", "fulfillments", parcel.id, "cancel", body={})
                    await self._shop.client.send(gone, deadline)
                    begun = True
            await self._shop.client.send(
                make("refuse", _list_of(asked.id), asked.id, "cancel", body={}), deadline
            )
        except (Uncertain, BadAnswer) as error:
            return Unknown(f"{what}: {error}")
        except Refused as error:
            return refusal(error.code, what)
        except (AuthRejected, Throttled, Unavailable) as error:
            if not begun:
                raise
            return Unknown(f"{what}: begun, and not seen to end: {error}")
        return Done(external_id=asked.id)


def no_request(id: str) -> Rejected:
    """The outcome where the shop has no such request."""
    return Rejected(f"the shop has no request {id}", code="not_found")


def _list_of(id: str) -> str:
    return "claims" if id.startswith(CLAIM) else "exchanges" if id.startswith(EXCHANGE) else "returns"
