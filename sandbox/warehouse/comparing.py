"""Whether as many units go on as came: the real system asks before it lets them differ."""

from collections import defaultdict
from collections.abc import Iterable

from sandbox.warehouse.names import record_name
from sandbox.warehouse.refusals import Warned
from sandbox.warehouse.rows import Move, Row
from sandbox.warehouse.store import Store


def compare_quantities(
    store: Store, row: Row, came: Iterable[Move], goes: Iterable[Move], skip: bool
) -> None:
    """Ask for a confirmation where a shipment's moves of both kinds differ in units of a product."""
    diff: defaultdict[int, float] = defaultdict(float)
    for sign, moves in ((-1, came), (1, goes)):
        for move in moves:
            diff[move.product or 0] += sign * move.units
    if not skip and any(diff.values()):
        named = ", ".join(
            f"{record_name(store, store.products.one(product))}: {units:g}\N{NO-BREAK SPACE}u"
            for product, units in diff.items()
            if units
        )
        raise Warned(f'The quantities of shipment "{record_name(store, row)}" are different by {named}.')
