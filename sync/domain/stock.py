"""The one formula of stock, with every term named, and what each channel may show of it.

    promise = on hand − reserved − safety stock − velocity guard + inbound counted + supplied

`on hand` is the warehouse's figure on its own basis; `reserved` are the units of open reservations that
this figure does not include yet; `supplied` is what drop-ship suppliers are believed to have free, never less
than nothing: a supplier that fails does not use up what the warehouses have. Shared strictly, the channels
together never show more than the promise. Who of them shows how much is the matter of sync.domain.allotment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sync.domain.ids import Sku
from sync.domain.supply import SupplierFigure


@dataclass(frozen=True, slots=True)
class Figure:
    """One warehouse's word on one SKU. `on_hand` is None while it is not known."""

    warehouse: str
    on_hand: int | None
    reserved: int


@dataclass(frozen=True, slots=True)
class Promise:
    """What may be sold of one SKU in all, with the terms that made it."""

    sku: Sku
    figures: tuple[Figure, ...]
    safety: int = 0
    velocity: int = 0
    inbound: int = 0
    suppliers: tuple[SupplierFigure, ...] = ()

    @property
    def known(self) -> bool:
        """Whether any warehouse has said how much is there, or a supplier lists it: absent is not zero."""
        return bool(self.suppliers) or any(figure.on_hand is not None for figure in self.figures)

    @property
    def on_hand(self) -> int:
        """Units on hand over all warehouses that have spoken."""
        return sum(figure.on_hand for figure in self.figures if figure.on_hand is not None)

    @property
    def reserved(self) -> int:
        """Units reserved and not in those figures yet."""
        return sum(figure.reserved for figure in self.figures)

    @property
    def supplied(self) -> int:
        """Units that drop-ship suppliers are believed to have free."""
        return sum(figure.free for figure in self.suppliers)

    @property
    def value(self) -> int:
        """The promise, never below 0."""
        return max(0, self._sum)

    @property
    def shortfall(self) -> int:
        """Units that are spoken for beyond what is there, 0 where there is a promise."""
        return max(0, -self._sum)

    @property
    def _sum(self) -> int:
        own = self.on_hand - self.reserved - self.safety - self.velocity + self.inbound
        return own + self.supplied


def velocity_guard(sold: int, window_seconds: float, delay_seconds: float) -> int:
    """Units likely to be sold unseen, rounded up; no sales, no guard.

    They are the units sold per second over the window × (poll interval + push lag).
    """
    if sold <= 0 or window_seconds <= 0:
        return 0
    return -int(-(sold * delay_seconds) // window_seconds)


@dataclass(frozen=True, slots=True)
class Claim:
    """A listing that sells a SKU: `units` of it in one piece. Only `open` ones get a share."""

    listing: str
    account: str
    units: int
    open: bool = True
    name: str = ""
    """Its name in the shop: of equals, the first by it gets the odd unit."""


def share_strictly(promise: int, claims: Sequence[Claim]) -> dict[str, int]:
    """Units of one SKU for each listing, their sum never above the promise; odd units to the first ones."""
    takers = [claim for claim in claims if claim.open]
    shares = dict.fromkeys((claim.listing for claim in claims), 0)
    if not takers:
        return shares
    each, odd = divmod(max(0, promise), len(takers))
    for place, claim in enumerate(takers):
        shares[claim.listing] = each + (place < odd)
    return shares


def pieces(components: Mapping[Sku, int], shares: Mapping[Sku, int], buffer: Mapping[Sku, int]) -> int:
    """Whole pieces of a listing that its components' shares allow, each less the channel's buffer."""
    return min(
        (max(0, shares[sku] - buffer.get(sku, 0)) // units for sku, units in components.items()),
        default=0,
    )


@dataclass(frozen=True, slots=True)
class Exposure:
    """Another listing that sells the same SKU: the most that it may be selling now, None if not known."""

    listing: str
    units: int
    ceiling: int | None
    account: str = ""


def raise_allowed(quantity: int, units: int, others: Sequence[Exposure], promise: int) -> bool:
    """Whether a listing may go up to `quantity` while the others may still sell what they last showed.

    This is what keeps the sum of all channels under the promise at every moment, and not only once every
    shop has answered.
    """
    exposed = 0
    for other in others:
        if other.ceiling is None:
            return False
        exposed += other.ceiling * other.units
    return exposed + quantity * units <= promise
