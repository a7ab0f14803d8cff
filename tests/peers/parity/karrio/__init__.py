"""Every trap of Karrio's dialect that the first connectors meet, as scripts for either side."""

from collections.abc import Callable

from tests.peers.parity.karrio import labels, office, tracking
from tests.peers.parity.sides import Courier

SCRIPTS: tuple[Callable[[Courier], None], ...] = (
    *office.SCRIPTS,
    *labels.SCRIPTS,
    *tracking.SCRIPTS,
)
