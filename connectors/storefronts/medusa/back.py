"""From the shop's returns, exchanges and claims to requests. Pure.

A request is read as what it asks for: a claim that replaces and takes goods back is an exchange, one that
takes none back a resend; one that refunds a return, or money alone. Medusa has no step of granting: what a customer
asked for waits for our answer until it is received or cancelled, what staff made is granted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.contract import BadAnswer
from connectors.storefronts.medusa import payloads, returned
from sync.domain.aftersales import RequestKind
from sync.domain.money import Money
from sync.domain.requests import InsteadLine, RemoteRequest, RequestLine, RequestState

EXCHANGE, CLAIM, RETURN = "oexc_", "claim_", "return_"
"""How the ids of each begin."""
PARTLY = "partially_received"
_DRAFT = "open"
_RECEIVED = "RECEIVE_RETURN_ITEM"
_DISMISSED = "RECEIVE_DAMAGED_RETURN_ITEM"
Tally = Mapping[str, tuple[int, int]]
"""By order line: pieces that are sold again, and pieces that are not."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request's records: a return, an exchange or a claim with its return, if it has one."""

    swap: returned.Swap | None
    back: returned.Return | None
    booked: Tally
    raw: bytes

    @property
    def id(self) -> str:
        """The request's id."""
        return self.swap.id if self.swap else self.back.id if self.back else ""

    @property
    def order(self) -> str:
        """The order's id."""
        return self.swap.order_id if self.swap else self.back.order_id if self.back else ""

    @property
    def draft(self) -> bool:
        """Whether staff still work it out: nobody has asked for anything yet."""
        back = self.back is not None and self.back.status != _DRAFT
        swap = self.swap
        return not (back or (swap is not None and (swap.outbound or swap.complained)))

    @property
    def cancelled(self) -> bool:
        """Whether it was taken back or refused."""
        swap = self.swap is not None and self.swap.canceled_at is not None
        return swap or (self.back is not None and self.back.status == "canceled")

    @property
    def kind(self) -> RequestKind:
        """What it asks for."""
        if self.swap is None:
            return RequestKind.RETURN
        inbound = self.back is not None and bool(self.back.items)
        if self.swap.id.startswith(CLAIM) and self.swap.type == "refund":
            return RequestKind.RETURN if inbound else RequestKind.REFUND_ONLY
        return RequestKind.EXCHANGE if inbound else RequestKind.RESEND


def remote_request(asked: Asked, order: payloads.Order | None) -> RemoteRequest:
    """The request as it is now; `order` is needed where goods go out. Raises BadAnswer for an unknown state."""
    swap, back = asked.swap, asked.back
    head = swap or back
    if head is None:
        raise BadAnswer("the request has no record")
    outbound = swap.outbound if swap else []
    return RemoteRequest(
        external_id=head.id,
        order=head.order_id,
        kind=asked.kind,
        state=_state(asked),
        lines=_lines(asked),
        asked_at=head.created_at,
        number="" if head.display_id is None else str(head.display_id),
        instead=tuple(
            InsteadLine(
                item.item.variant_id if item.item else None,
                (item.item.variant_sku or None) if item.item else None,
                item.quantity,
                item.item_id,
            )
            for item in outbound
        ),
        price=_price(asked, outbound, order),
        tracking=_numbers(back),
        updated_at=max(each.updated_at for each in (swap, back) if each is not None),
        raw=asked.raw,
    )


def _state(asked: Asked) -> RequestState:
    if asked.cancelled:
        return RequestState.WITHDRAWN
    status = asked.back.status if asked.back else "requested"
    if status == "received":
        return RequestState.RECEIVED
    if status not in ("requested", PARTLY, _DRAFT):
        raise BadAnswer("the return is in a state that is not known", sample=asked.raw)
    if status == PARTLY:
        return RequestState.RECEIVED if _all_back(asked) else RequestState.OPEN
    by_staff = asked.swap is not None or (asked.back is not None and asked.back.created_by is not None)
    return RequestState.OPEN if by_staff else RequestState.ASKED


def _all_back(asked: Asked) -> bool:
    items = (asked.back.items if asked.back else None) or ()
    return all(sum(asked.booked.get(item.item_id, (0, 0))) >= item.quantity for item in items)


def _lines(asked: Asked) -> tuple[RequestLine, ...]:
    units: dict[str, int] = {}
    reasons: dict[str, str] = {}
    for item in (asked.back.items if asked.back else None) or ():
        units[item.item_id] = units.get(item.item_id, 0) + item.quantity
        if item.reason:
            reasons.setdefault(item.item_id, item.reason.value)
    complained = asked.swap.complained if asked.swap else []
    for each in complained:
        if each.reason:
            reasons.setdefault(each.item_id, each.reason)
    if not units:
        for each in complained:
            units[each.item_id] = units.get(each.item_id, 0) + each.quantity
    return tuple(
        RequestLine(line, quantity, reasons.get(line, ""), *asked.booked.get(line, (0, 0)))
        for line, quantity in units.items()
    )


def _price(asked: Asked, outbound: Sequence[returned.SentItem], order: payloads.Order | None) -> Money | None:
    """What the goods that go out cost, as lines of the order: a claim's cost something too, unless staff say 0."""
    if not outbound or order is None or asked.swap is None:
        return None
    currency = order.currency_code.upper()
    lines = {line.id: line for line in order.items or ()}
    if any(item.item_id not in lines for item in outbound):
        return None
    parts = [lines[item.item_id] for item in outbound]
    if any(line.quantity != item.quantity for line, item in zip(parts, outbound, strict=True)):
        return None
    return Money.of(sum((line.total for line in parts), 0 * order.total), currency)


def _numbers(back: returned.Return | None) -> tuple[str, ...]:
    found = [
        label.tracking_number
        for parcel in (back.fulfillments if back else None) or ()
        if parcel.canceled_at is None
        for label in parcel.labels or ()
        if label.tracking_number
    ]
    return tuple(dict.fromkeys(found))


def shown(back: returned.Return) -> Tally:
    """What a return's own items say; right as long as all came in one receipt."""
    return {
        item.item_id: (item.received_quantity - item.damaged_quantity, item.damaged_quantity)
        for item in back.items or ()
        if item.received_quantity
    }


def booked(changes: Sequence[returned.Change], back: str) -> Tally:
    """What all receipts of a return brought together, by the confirmed changes of its order."""
    found: dict[str, tuple[int, int]] = {}
    for change in changes:
        if change.status != "confirmed" or change.return_id != back:
            continue
        for action in change.actions or ():
            line = action.details.reference_id if action.details else None
            if line is None or action.action not in (_RECEIVED, _DISMISSED):
                continue
            units = int((action.details.quantity if action.details else None) or 0)
            good, bad = found.get(line, (0, 0))
            found[line] = (good + units, bad) if action.action == _RECEIVED else (good, bad + units)
    return found
