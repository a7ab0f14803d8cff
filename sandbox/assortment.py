"""What the pretend merchants sell: the physical goods, and how each shop lists them.

The goods are the same for every seed. Their SKUs are chosen to be awkward where real ones are.
"""

from collections.abc import Iterator
from dataclasses import dataclass

SHOPS = ("main", "yen", "dinar")
"""The shops that sell; they share one stock."""

NO_SKU = ""


@dataclass(frozen=True, slots=True)
class Good:
    """A physical thing: its SKU at the warehouse, its price in euro cents, and the units there at first."""

    sku: str
    name: str
    cents: int
    units: int
    shops: tuple[str, ...] = SHOPS

    @property
    def scarce(self) -> bool:
        """Whether the run should sell it out."""
        return self.units <= 4


@dataclass(frozen=True, slots=True)
class ExtraListing:
    """A second or odd listing: `physical` is what it sells, None when nobody could know."""

    shop: str
    sku: str
    name: str
    cents: int
    physical: str | None


BULK = tuple(
    Good(f"BULK-{n:03d}", f"Assorted part {n:03d}", 100 + n, 4 if n <= 150 else 60, ("main",))
    for n in range(1, 401)
)
"""What the order of 400 lines is made of."""

SHORT = Good("SHORT-1", "Lamp that breaks in storage", 2900, 40)
"""Most of its units turn out to be broken after an order was placed."""

RESTOCKED = 40
"""Units of `SHORT` that arrive later."""

PENNY = Good("PENNY-1", "Sticker", 1, 500)
DUO = Good("DUO-1", "Mug with two listings", 990, 300)
TWINS = (
    Good("AB-1", "Pen, capital", 450, 200),
    Good("ab-1", "Pen, small", 460, 200),
    Good("00123", "Cable, two noughts", 700, 200),
    Good("0123", "Cable, one nought", 710, 200),
)
REGULAR = tuple(
    Good(f"TEE-{n:02d}", f"T-shirt {n:02d}", 1500 + 10 * n, 2 + n % 2 if n % 5 > 2 else 250)
    for n in range(1, 61)
)
STEADY = tuple(good for good in REGULAR if not good.scarce)
SCARCE = tuple(good for good in REGULAR if good.scarce)

GOODS = (*REGULAR, *TWINS, PENNY, DUO, SHORT, *BULK)
EXTRA = (
    ExtraListing("main", "DUO-1-GIFT", "Mug in a gift box", 1290, "DUO-1"),
    ExtraListing("main", NO_SKU, "Gift wrapping without a SKU", 300, None),
)


def ballast(count: int) -> Iterator[Good]:
    """So many more goods that fill a catalogue; only the shop `main` lists them."""
    return (
        Good(f"SKU-{n:06d}", f"Thing {n:06d}", 500 + n % 5000, 10, ("main",)) for n in range(1, count + 1)
    )
