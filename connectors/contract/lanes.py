"""Which calls go first when an account's pace is short: the declared order in which work is shed.

The engine sets the lane of a pass; everything that the pass calls inherits it through the context.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum


class Lane(IntEnum):
    """The lowest number is served first."""

    ORDERS = 0
    """order intake, and stock going down"""
    ANSWERS = 1
    """cancellations and refunds"""
    SHIPMENTS = 2
    STOCK_UP = 3
    PRICES = 4
    CONTENT = 5
    ANALYSIS = 6


_lane: ContextVar[Lane] = ContextVar("lane", default=Lane.ORDERS)


def current_lane() -> Lane:
    """The lane of the work that is running now."""
    return _lane.get()


@contextmanager
def in_lane(lane: Lane) -> Iterator[None]:
    """Run the body in a lane."""
    token = _lane.set(lane)
    try:
        yield
    finally:
        _lane.reset(token)
