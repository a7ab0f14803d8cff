"""Promotions of which only so many pieces are sold at the lower price."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CappedPromotion:
    """A promotion in force whose pieces are counted, on all its shops together."""

    name: str
    since: datetime
    """When it began on the first of its shops, aware UTC."""
    accounts: frozenset[str]
    """The shops that it is for, by account name."""
    units: int
    """Pieces of all its listings together that are sold at its price."""
