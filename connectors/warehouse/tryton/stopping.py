"""Stopping a shipment while its goods are in the building.

Tryton itself cancels shipments that have left, and then books goods as back that are gone. So the state is
read before, the cancel is sent once, and the state is read again: a shipment that was cancelled and bears a
date of effect was done first, and a person must look where its goods are.
"""

from connectors.contract import CancelVerdict, Deadline, Done, Outcome, Rejected, Retry, Unknown
from connectors.transport import Uncertain
from connectors.warehouse.tryton.client import Client
from connectors.warehouse.tryton.payloads import Shipment, rows
from connectors.warehouse.tryton.translate import STOPPABLE, refusal

MODEL = "stock.shipment.out"
FIELDS = ("state", "effective_date")


async def cancel(client: Client, external_id: str, deadline: Deadline) -> Outcome[CancelVerdict]:
    """Done with what became of it. Rejected where Tryton lacks it or refuses; Unknown where it vanished."""
    before = await _state(client, external_id, deadline)
    if before is None:
        return Rejected(f"shipment {external_id}: Tryton does not have it", code="not_found")
    if before.state not in STOPPABLE:
        return _verdict(before)
    refused = await _send(client, before.id, deadline)
    after = await _state(client, external_id, deadline)
    if after is None:
        return Unknown(f"shipment {external_id}: it is no longer there after it was cancelled")
    if after.state in STOPPABLE:
        return refused or Retry(f"shipment {external_id}: Tryton did not cancel it")
    return _verdict(after)


async def _send(client: Client, record: int, deadline: Deadline) -> Rejected | None:
    """Never repeated blindly: a repeat could meet a shipment that has left meanwhile."""
    try:
        answer = await client.act(MODEL, record, "cancel", FIELDS, deadline, once=True)
    except Uncertain:
        return None
    if answer.status >= 400:
        return refusal(answer.status, answer.body, f"shipment {record}: cancel")
    return None


async def _state(client: Client, external_id: str, deadline: Deadline) -> Shipment | None:
    if not external_id.isdecimal():
        return None
    answer = await client.search(MODEL, [["id", "=", int(external_id)]], FIELDS, deadline)
    found = rows(answer.body, Shipment)
    return found[0] if found else None


def _verdict(shipment: Shipment) -> Outcome[CancelVerdict]:
    name = str(shipment.id)
    if shipment.state in ("shipped", "done"):
        return Done(name, CancelVerdict.TOO_LATE)
    if shipment.state != "cancelled":
        return Rejected(f"shipment {name} is in a state that is not known", code="unknown_state")
    if shipment.effective_date is None:
        return Done(name, CancelVerdict.STOPPED)
    reason = f"shipment {name} was done before it was cancelled: its goods may have left, though Tryton"
    return Rejected(f"{reason} has booked them as back; look where they are", code="cancelled_after_done")
