"""An order about which something has changed must be decided on again."""

from sync.flows.flow import FlowName
from sync.flows.wakes import Wakes
from sync.store import orders
from sync.store.database import Tx


async def ask_review(tx: Tx, order_id: str, wakes: Wakes) -> None:
    """The order must be decided on again, and its shop's review is woken after the commit."""
    await orders.ask_review(tx, [order_id])
    wakes.add(await orders.shop_of(tx, order_id), FlowName.REVIEW)
