"""Money as the shop counts it: whole minor units, and JavaScript's floats and rounding in between.

A price is listed with or without tax; every other figure is derived from that and rounded once.
"""

import math
from dataclasses import dataclass


def rounded(value: float, quantity: int = 1) -> int:
    """So many times a value, rounded half up to whole minor units."""
    return math.floor(value * quantity + 0.5)


@dataclass(frozen=True, slots=True)
class Tariff:
    """How a shop lists its prices; `rate` is per cent."""

    includes_tax: bool
    rate: float

    def net(self, listed: float) -> float:
        """What is left of a listed amount without its tax."""
        return listed / (1 + self.rate / 100) if self.includes_tax else listed

    def gross(self, listed: float) -> float:
        """A listed amount with its tax."""
        return listed if self.includes_tax else listed * (1 + self.rate / 100)


def shared_out(total: int, weights: list[int]) -> list[int]:
    """Split a total by weights into whole parts that add up to it (largest remainder first)."""
    whole = sum(weights)
    if not whole:
        return [0 for _ in weights]
    exact = [total * weight / whole for weight in weights]
    parts = [math.floor(value) for value in exact]
    order = sorted(range(len(parts)), key=lambda i: exact[i] - parts[i], reverse=True)
    for index in order[: total - sum(parts)]:
        parts[index] += 1
    return parts
