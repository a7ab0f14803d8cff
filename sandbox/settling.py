"""Says whether the world has come to rest: nothing more that could be shipped, no parcel under way.

Orders are served in the order in which they were placed, from what was received or restocked and is not shipped
yet; an order that the stock cannot cover is not waited for, nor one that holds a line which nobody can know.
"""

from collections import Counter
from collections.abc import Iterable

from sandbox.deeds import Deeds, names_of, read
from sandbox.fates import ENDED
from sandbox.ledger import Entry


def open_matters(entries: Iterable[Entry], held: Iterable[str] = ()) -> list[str]:
    """What is still to come: "order shop/code", "money shop/code" and "parcel number"; no orders named in `held`."""
    deeds = read(entries)
    holds = names_of(held)
    orders = [f"order {name}" for name in _shippable(deeds) if name not in holds]
    under_way = [t for t in sorted(deeds.handed_over) if deeds.last_scan.get(t) not in ENDED]
    orders += [f"money {name}" for name in _unpaid(deeds) if name not in holds]
    return orders + [f"parcel {tracking}" for tracking in under_way if tracking in deeds.labels]


def _unpaid(deeds: Deeds) -> list[str]:
    """Orders whose buyers wait for money, or for what they want instead."""
    found: list[str] = []
    for order in deeds.orders.values():
        rest = order.wanted + order.instead - order.shipped
        if order.asked and (rest if order.instead else not order.refunded):
            found.append(order.name)
    return found


def _shippable(deeds: Deeds) -> list[str]:
    left: Counter[str] = deeds.received + deeds.restocked
    left.subtract(_gone(deeds))
    found: list[str] = []
    for order in deeds.orders.values():
        rest = order.wanted - order.shipped
        if not rest or not order.should_flow:
            continue
        if all(left[sku] >= units for sku, units in rest.items()):
            left.subtract(rest)
            found.append(order.name)
    return found


def _gone(deeds: Deeds) -> Counter[str]:
    gone: Counter[str] = Counter(deeds.written_off)
    for shipment in deeds.shipments.values():
        if shipment.shipped is not None and not shipment.cancelled:
            gone.update(shipment.shipped)
    return gone
