"""Lists cut into what one request takes."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def in_portions(items: Sequence[T], size: int) -> list[list[T]]:
    """`items` in their order, at most `size` in each."""
    return [list(items[begin : begin + size]) for begin in range(0, len(items), size)]
