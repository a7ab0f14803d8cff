"""Make a shop ask what it should: prices by the admins' rules, promotions at their minute."""

from connectors.contract import Kind
from connectors.contract.lanes import Lane
from sync.flows.flow import FlowContext, FlowName, PassResult


class PushPricesFlow:
    """One shop's prices."""

    name = FlowName.PUSH_PRICES
    kinds = frozenset({Kind.STOREFRONT})
    lane = Lane.CONTENT
    observes = True

    async def run(self, ctx: FlowContext) -> PassResult:
        """Work out what is due by time, then send some batches of what is unsent."""
        return PassResult()
