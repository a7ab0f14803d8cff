"""Every trap of Tryton's dialect that the first connectors meet, as scripts for either side."""

from collections.abc import Callable

from tests.peers.parity.sides import Warehouse
from tests.peers.parity.tryton import outbound, reading, returns, steps, stock

SCRIPTS: tuple[Callable[[Warehouse], None], ...] = (
    *reading.SCRIPTS,
    *stock.SCRIPTS,
    *outbound.SCRIPTS,
    *steps.SCRIPTS,
    *returns.SCRIPTS,
)
