"""Every trap of Medusa's dialect that the first connectors meet, as scripts for either side."""

from collections.abc import Callable

from tests.peers.parity.medusa import access, back, goods, money, orders, parcels, stock
from tests.peers.parity.medusa.side import MedusaSide

SCRIPTS: tuple[Callable[[MedusaSide], None], ...] = (
    *access.SCRIPTS,
    *goods.SCRIPTS,
    *stock.SCRIPTS,
    *orders.SCRIPTS,
    *parcels.SCRIPTS,
    *money.SCRIPTS,
    *back.SCRIPTS,
)
