"""Put listings up, take them down, and keep their content in step."""

from connectors.contract import Kind
from connectors.contract.lanes import Lane
from sync.flows.flow import FlowContext, FlowName, PassResult


class PushListingsFlow:
    """One shop's listings."""

    name = FlowName.PUSH_LISTINGS
    kinds = frozenset({Kind.STOREFRONT})
    lane = Lane.CONTENT
    observes = True

    async def run(self, ctx: FlowContext) -> PassResult:
        """Work out what is due by time, then send some batches of what is unsent."""
        return PassResult()
