"""From a return of the shop's to a request, and what there is left to book in of it. Pure.

What came back is told by *dispositions*: units of a line of a reverse fulfilment order that were restocked, not
restocked, need looking at, or never came. They are only ever added, so a receipt's totals are compared with their
sum.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.contract import BadAnswer, Rejected, RequestReceipt
from connectors.storefronts.shopify import payloads
from sync.domain.aftersales import RequestKind
from sync.domain.requests import InsteadLine, RemoteRequest, RequestLine, RequestState

RESTOCKED, NOT_RESTOCKED, MISSING = "RESTOCKED", "NOT_RESTOCKED", "MISSING"
OPEN = "OPEN"
_STATES = {
    "REQUESTED": RequestState.ASKED,
    OPEN: RequestState.OPEN,
    "CLOSED": RequestState.CLOSED,
    "DECLINED": RequestState.REFUSED,
    "CANCELED": RequestState.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Whole:
    """A return with all of its lines."""

    record: payloads.Return
    lines: Sequence[payloads.ReturnLine]
    instead: Sequence[payloads.ExchangeLine]
    places: Sequence[tuple[payloads.ReverseOrder, Sequence[payloads.ReverseLine]]]

    @property
    def coming(self) -> list[tuple[str, payloads.ReverseLine]]:
        """(reverse fulfilment order, line) of all units that shall come back."""
        return [
            (order.id, line) for order, lines in self.places if order.status != "CANCELED" for line in lines
        ]


def remote_request(whole: Whole, raw: bytes) -> RemoteRequest:
    """The return as it is now. Raises BadAnswer for a state that this version of the API does not have."""
    record = whole.record
    if record.status not in _STATES:
        raise BadAnswer("the return is in a state that is not known", sample=raw)
    lines = _lines(whole)
    state = _STATES[record.status]
    if state is RequestState.OPEN and _all_back(whole):
        state = RequestState.RECEIVED
    instead = tuple(line for each in whole.instead for line in _instead(each))
    return RemoteRequest(
        external_id=record.id,
        order=record.order.id,
        kind=RequestKind.EXCHANGE if instead else RequestKind.RETURN,
        state=state,
        lines=lines,
        asked_at=record.created_at,
        number=record.name,
        instead=instead,
        tracking=tuple(dict.fromkeys(_numbers(whole))),
        updated_at=record.order.updated_at,
        raw=raw,
    )


def _instead(line: payloads.ExchangeLine) -> Iterator[InsteadLine]:
    """The lines by which the other goods leave, once staff have processed the exchange; else their variant alone."""
    left = line.quantity
    for made in line.line_items or ():
        units = min(left, made.quantity)
        if units > 0:
            yield InsteadLine(line.variant_id, None, units, made.id)
        left -= units
    if left > 0:
        yield InsteadLine(line.variant_id, None, left)


def _lines(whole: Whole) -> tuple[RequestLine, ...]:
    """By order line. A reason is of the shop's own list; what the buyer wrote stays in the raw record."""
    units: dict[str, int] = {}
    reasons: dict[str, str] = {}
    for line in whole.lines:
        if line.fulfillment_line_item is None:
            continue
        id = line.fulfillment_line_item.line_item.id
        units[id] = units.get(id, 0) + line.quantity
        if line.return_reason_definition:
            reasons.setdefault(id, line.return_reason_definition.name)
    found: dict[str, tuple[int, int]] = {}
    for _, back in whole.coming:
        good, bad = found.get(line_of(back), (0, 0))
        came = booked(back) - booked(back, MISSING)
        restocked = booked(back, RESTOCKED)
        found[line_of(back)] = (good + restocked, bad + came - restocked)
    return tuple(
        RequestLine(id, quantity, reasons.get(id, ""), *found.get(id, (0, 0)))
        for id, quantity in units.items()
    )


def _all_back(whole: Whole) -> bool:
    """Whether all of it is booked, and some of it came."""
    lines = [line for _, line in whole.coming]
    came = sum(booked(line) - booked(line, MISSING) for line in lines)
    return came > 0 and all(booked(line) >= line.total_quantity for line in lines)


def _numbers(whole: Whole) -> Iterable[str]:
    for order, _ in whole.places:
        for parcel in order.reverse_deliveries.nodes:
            tracking = parcel.deliverable.tracking if parcel.deliverable else None
            if tracking and tracking.number:
                yield tracking.number


def line_of(line: payloads.ReverseLine) -> str:
    """The order line's id; "" where the shop names none."""
    return line.fulfillment_line_item.line_item.id if line.fulfillment_line_item else ""


def booked(line: payloads.ReverseLine, *types: str) -> int:
    """Units that were booked, of all types or of these."""
    return sum(each.quantity for each in line.dispositions if not types or each.type in types)


def to_book(whole: Whole, receipt: RequestReceipt) -> Mapping[str, list[tuple[str, str, int]]] | Rejected:
    """What a receipt's totals lack: by reverse fulfilment order (line, RESTOCKED or NOT_RESTOCKED, units).

    Goods that are not the shop's own, or no more, cannot be restocked: they are booked as not restocked.
    """
    wanted: dict[str, list[tuple[str, str, int]]] = {}
    for id, good, bad in receipt.lines:
        lines = [(place, line) for place, line in whole.coming if line_of(line) == id]
        if not lines and good + bad > 0:
            return Rejected(
                f"the return {whole.record.name} has no line {id}", code="NO_LINE", mendable=False
            )
        listed = all(
            line.fulfillment_line_item and line.fulfillment_line_item.line_item.variant for _, line in lines
        )
        sums = {RESTOCKED: good if listed else 0, NOT_RESTOCKED: bad if listed else good + bad}
        room = {line.id: max(0, line.total_quantity - booked(line)) for _, line in lines}
        for kind, total in sums.items():
            lacking = max(0, total - sum(booked(line, kind) for _, line in lines))
            for place, line in lines:
                units = min(lacking, room[line.id])
                if units:
                    wanted.setdefault(place, []).append((line.id, kind, units))
                    room[line.id] -= units
                    lacking -= units
            if lacking:
                return Rejected(
                    f"the return {whole.record.name}: {lacking} units of line {id} more came back than the shop "
                    "expects, or staff booked them otherwise",
                    code="TOO_MANY",
                )
    return wanted
