"""The number that goods come back under, told to the warehouse where it became known after our announcement.

A label is bought, and a buyer writes a number down, when they will; the dock searches by it. The announcement is made
again as it was: the warehouse knows it by its reference, and takes the number along.
"""

from connectors.contract import Operation
from sync.domain.outbox import OutboxState
from sync.flows.back.situation import Matter
from sync.flows.flow import FlowContext, FlowName
from sync.flows.wakes import Wakes
from sync.store import outbox
from sync.store.database import Tx

_NOT_THERE = frozenset({OutboxState.REJECTED, OutboxState.WITHDRAWN})


def known(matter: Matter) -> str | None:
    """The number of the one parcel that is expected; None where there is none, or several."""
    numbers = sorted(matter.custody.tracking)
    return numbers[0] if len(numbers) == 1 else None


async def tell(tx: Tx, ctx: FlowContext, matter: Matter, wakes: Wakes) -> None:
    """Each announcement of the case once more, if it was made without the number. Doing it twice changes nothing."""
    number = known(matter)
    if number is None or matter.case.order_id is None or matter.custody.complete:
        return
    mine = [
        row
        for row in await outbox.of_order(tx, matter.case.order_id)
        if row.operation == Operation.ANNOUNCE_RETURN.value
        and row.payload["case"] == matter.case.id
        and row.state not in _NOT_THERE
    ]
    numbered = {row.payload["reference"] for row in mine if row.payload.get("number") == number}
    for row in mine:
        if row.payload["reference"] in numbered:
            continue
        numbered.add(row.payload["reference"])
        await outbox.enqueue(
            tx,
            account_id=row.account_id,
            operation=row.operation,
            key=f"{row.key}:{number}",
            aggregate=row.aggregate,
            payload={**row.payload, "number": number},
            order_id=row.order_id,
            config_version=ctx.rulebook.version,
        )
        wakes.add(row.account_id, FlowName.OUTBOX)
