"""Our yes or no to a return that is requested. Shopify takes one answer; the same once more is found to be given."""

from connectors.contract import Deadline, Done, Outcome, Refused, Rejected, RequestAnswer, Unknown
from connectors.storefronts.shopify import documents, payloads
from connectors.storefronts.shopify.refusals import refusal, refused_by
from connectors.storefronts.shopify.requests import Requests
from connectors.storefronts.shopify.shop import Shop
from connectors.transport import Uncertain

LONGEST_NOTE = 250
_APPROVED = frozenset({"OPEN", "CLOSED"})
_DECLINED = frozenset({"DECLINED", "CANCELED"})


class Answers:
    """Answers the requests of one shop."""

    def __init__(self, shop: Shop, requests: Requests) -> None:
        self._shop = shop
        self._requests = requests

    async def answer(self, answer: RequestAnswer, deadline: Deadline) -> Outcome[None]:
        """Done where it stands as answered already; Rejected where it was answered otherwise."""
        whole = await self._requests.whole(answer.external_id, deadline)
        if whole is None:
            return no_return(answer.external_id)
        if whole.record.status != "REQUESTED":
            return _answered(whole.record, answer)
        what = f"{'approving' if answer.approved else 'declining'} the return {whole.record.name}"
        document, variables = _mutation(answer, notify=self._shop.options.notify_buyers)
        try:
            reply = await self._shop.client.send(document, variables, deadline)
            result = next(iter(reply.read(dict[str, payloads.ReturnResult | None]).values()), None)
        except Uncertain as error:
            return Unknown(str(error))
        except Refused as error:
            return refusal(error.code, what)
        if result is None:
            return Unknown(f"{what}: the shop's answer is empty")
        return refused_by(result.user_errors, what) or Done(external_id=answer.external_id)


def no_return(id: str) -> Rejected:
    """The outcome where the shop has no such return."""
    return Rejected(f"the shop has no return {id}", code="NOT_FOUND")


def state_of(record: payloads.Return) -> str:
    """Its state as it may be shown."""
    return record.status.lower() if record.status.isascii() and len(record.status) < 20 else "decided"


def _mutation(answer: RequestAnswer, *, notify: bool) -> tuple[documents.Document, dict[str, object]]:
    said: dict[str, object] = {"id": answer.external_id, "notifyCustomer": notify}
    if answer.approved:
        return documents.APPROVE_RETURN, {"input": said}
    note = answer.reason[:LONGEST_NOTE]
    return documents.DECLINE_RETURN, {"input": said | {"declineReason": "OTHER", "declineNote": note}}


def _answered(record: payloads.Return, answer: RequestAnswer) -> Outcome[None]:
    if record.status in (_APPROVED if answer.approved else _DECLINED):
        return Done(external_id=record.id)
    return Rejected(f"the return is {state_of(record)} in the shop already", code="ALREADY_DECIDED")
