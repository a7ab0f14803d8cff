"""Which of the shipments that a shop shows tell of parcels of ours; all others were sent by somebody else.

A parcel is known by the id that the shop gave when it was told, or by its number. Between these two there is a time
in which neither helps: our word is under way, the shop has acted on it (Medusa makes a fulfilment first and puts the
number on it by a second call), and we do not know that yet. Were such a shipment taken for somebody else's, units
that are being picked would be stopped, and a person told that goods left which nobody wanted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connectors.contract import Operation
from sync.domain.ids import OrderId
from sync.domain.orders import RemoteShipment
from sync.domain.outbox import OutboxState
from sync.domain.parcels import Packed, told_pieces
from sync.store import orders, outbox
from sync.store.cases import StoredCase
from sync.store.database import Tx
from sync.store.outbox import OutboxRow
from sync.store.parcels import Parcel

SHOWN = "shown"
"""In the payload of a word to the shop: the ids of the shipments that it showed when the word was decided."""


def telling(order_id: str) -> str:
    """The aggregate of the words to the shop about an order's parcels: it hears of one after another."""
    return f"tell:{order_id}"


@dataclass(frozen=True, slots=True)
class Said:
    """A word about a parcel that the shop may have heard, without our knowing; it showed `before` at that time."""

    parcel: str
    before: frozenset[str]


async def said(tx: Tx, case: StoredCase) -> list[Said]:
    """The words that are under way."""
    if not _unknown(case):
        return []
    rows = await outbox.open_of(tx, telling(OrderId(case.row.id)))
    return [Said(row.payload["parcel"], frozenset(row.payload[SHOWN])) for row in rows if _may_be_heard(row)]


def _may_be_heard(row: OutboxRow) -> bool:
    tells = row.operation == Operation.CONFIRM_SHIPMENT.value and SHOWN in row.payload
    return tells and (row.attempts > 0 or row.state is OutboxState.UNKNOWN)


def shipped_elsewhere(case: StoredCase, words: Iterable[Said] = ()) -> dict[str, int]:
    """Pieces per line (our id) in shipments that the shop shows and that are not ours."""
    by_external = {line.external_id: line.id for line in case.lines}
    pieces = dict.fromkeys(by_external.values(), 0)
    unknown = _unknown(case)
    ours = _heard(case, unknown, words)
    for shipment in unknown:
        for line, count in shipment.lines:
            if line in by_external and shipment.external_id not in ours:
                pieces[by_external[line]] += count
    return pieces


def parcel_of(case: StoredCase, shipment: RemoteShipment) -> Parcel | None:
    """The parcel of ours that a shop's shipment tells of: by its id, or by the tracking number."""
    for parcel in case.parcels:
        if parcel.told_external_id == shipment.external_id:
            return parcel
        if parcel.tracking and parcel.tracking == shipment.tracking:
            return parcel
    return None


def pieces_of(case: StoredCase, parcel: Parcel) -> tuple[tuple[str, int], ...]:
    """(the shop's line id, pieces) that this parcel completes and the shop still wants. It knows no line of ours."""
    lines = {line.id: line for line in case.lines if not line.external_id.startswith(orders.OUR_LINE)}
    components = {line.id: line.components for line in lines.values() if line.components}
    left = [one for one in case.parcels if one.left_at is not None and one.voided_at is None]
    left.sort(key=lambda one: (one.told_at is None, one.told_at or 0))
    told = told_pieces([Packed(one.id, one.lines) for one in left], components)
    earlier: dict[str, int] = {}
    for one in left:
        if one.id == parcel.id:
            break
        for line, count in told[one.id]:
            earlier[line] = earlier.get(line, 0) + count
    wanted = [
        (lines[line].external_id, min(count, lines[line].quantity - earlier.get(line, 0)))
        for line, count in told.get(parcel.id, ())
    ]
    return tuple((line, count) for line, count in wanted if count > 0)


def _unknown(case: StoredCase) -> list[RemoteShipment]:
    """Those that stand and bear neither an id nor a number of ours."""
    standing = (shipment for shipment in case.shipments if not shipment.cancelled)
    return [shipment for shipment in standing if parcel_of(case, shipment) is None]


def _heard(case: StoredCase, unknown: Iterable[RemoteShipment], words: Iterable[Said]) -> set[str]:
    """The ids of shipments that words under way made: new since then, of its parcel's pieces, unnumbered yet."""
    found: set[str] = set()
    parcels = {parcel.id: parcel for parcel in case.parcels if parcel.told_at is None}
    for word in words:
        parcel = parcels.get(word.parcel)
        if parcel is None:
            continue
        left = dict(pieces_of(case, parcel))
        for shipment in unknown:
            new = shipment.external_id not in (word.before | found)
            unnumbered = not shipment.tracking and not (shipment.shipped and parcel.tracking)
            if new and unnumbered and _inside(shipment, left):
                found.add(shipment.external_id)
                left = {line: units - dict(shipment.lines).get(line, 0) for line, units in left.items()}
    return found


def _inside(shipment: RemoteShipment, left: Mapping[str, int]) -> bool:
    return bool(shipment.lines) and all(units <= left.get(line, 0) for line, units in shipment.lines)
