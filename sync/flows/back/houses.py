"""Which warehouse goods come back to."""

from connectors.contract import Kind
from sync.domain.ids import AccountId
from sync.flows.flow import FlowContext
from sync.store.cases import StoredCase


def house_of(ctx: FlowContext, order: StoredCase) -> AccountId | None:
    """Where they left from, else the first live warehouse; None where there is none."""
    sent = {work.account_id for work in order.work if work.lines}
    houses = [one.id for one in ctx.of_kind(Kind.WAREHOUSE) if one.live]
    return next(iter((*(id for id in houses if id in sent), *houses)), None)
