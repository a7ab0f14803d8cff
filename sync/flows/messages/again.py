"""Which of an order's lines leave instead of others, or once more, and how their leaving is told."""

from sync.domain.aftersales import RequestKind
from sync.domain.messages import Event
from sync.flows.messages.happened import Again
from sync.store import order_lines
from sync.store.back import requests
from sync.store.cases import StoredCase
from sync.store.database import Tx

_TOLD_AS = {RequestKind.EXCHANGE: Event.EXCHANGE_SENT, RequestKind.RESEND: Event.RESENT}


async def sent_again(tx: Tx, order: StoredCase) -> dict[str, Again]:
    """By our line, as far as a parcel of the order has left."""
    if not any(parcel.left_at is not None for parcel in order.parcels):
        return {}
    found: dict[str, Again] = {}
    for one in await requests.sending_again(tx, order.row.id):
        told = Again(_TOLD_AS[one.kind], one.number or f"R{one.n}")
        theirs = {line.line for line in one.instead if line.line is not None}
        ours = order_lines.name_of(one.reference, "")
        for line in order.lines:
            if line.external_id in theirs or line.external_id.startswith(ours):
                found[line.id] = told
    return found
