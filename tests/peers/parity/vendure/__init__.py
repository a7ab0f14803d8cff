"""Every trap of Vendure's dialect that the first connectors meet, as scripts for either side."""

from collections.abc import Callable

from tests.peers.parity.sides import Shop
from tests.peers.parity.vendure import access, aftersales, goods, orders

SCRIPTS: tuple[Callable[[Shop], None], ...] = (
    *access.SCRIPTS,
    *goods.SCRIPTS,
    *orders.SCRIPTS,
    *aftersales.SCRIPTS,
)
