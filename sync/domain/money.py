"""Money: charged totals are integer minor units with a currency; unit prices are Decimal in major units.

Exponents are those of ISO 4217; a currency that is not listed here has two digits. Two totals agree when
they differ by no more than a stated tolerance, since shops round per line, per tax or per order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_EXPONENTS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXPONENT = {code: digits for digits, codes in _EXPONENTS.items() for code in codes.split()}


def exponent(currency: str) -> int:
    """The number of decimal digits of a currency's minor unit (ISO 4217): 2 for EUR, 0 for JPY, 3 for KWD."""
    return EXPONENT.get(currency, 2)


def price_text(amount: Decimal, currency: str) -> str:
    """A unit price as it is stored and compared: with its currency's digits, and more only where it has more."""
    try:
        whole = amount.quantize(Decimal(1).scaleb(-exponent(currency)))
    except InvalidOperation:  # more digits than a price has: kept as it is
        return format(amount, "f")
    return format(whole if whole == amount else amount.normalize(), "f")


class CurrencyMismatch(ValueError):
    """Amounts of two currencies were added or compared."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount that was or will be charged: `minor` units (cents, yen, fils) of `currency` (ISO 4217)."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal | str | int, currency: str) -> "Money":
        """From major units, rounded half up to the currency's minor unit."""
        scaled = Decimal(amount).scaleb(exponent(currency))
        return cls(int(scaled.quantize(Decimal(1), ROUND_HALF_UP)), currency)

    @classmethod
    def from_scaled(cls, units: int, precision: int, currency: str) -> "Money":
        """From a vendor's integer at its own precision: Vendure stores yen with two digits too."""
        return cls.of(Decimal(units).scaleb(-precision), currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units, with the currency's digits."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __str__(self) -> str:
        return f"{self.major} {self.currency}"

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be compared or added")


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum; zero of `currency` where there is none."""
    minor = 0
    for amount in amounts:
        if amount.currency != currency:
            raise CurrencyMismatch(f"{currency} and {amount.currency} cannot be compared or added")
        minor += amount.minor
    return Money(minor, currency)


def agree(one: Money, other: Money, *, parts: int) -> bool:
    """Whether two totals are one amount: equal within one minor unit for each rounded part."""
    return abs((one - other).minor) <= max(1, parts)


def split(amount: Money, weights: Sequence[int]) -> tuple[Money, ...]:
    """`amount` shared by `weights` without losing a minor unit; the largest remainders come first.

    With no weight at all, everything goes to the first share. An empty `weights` is a ValueError.
    """
    if not weights:
        raise ValueError("nothing to split between")
    whole = sum(weights)
    if whole == 0:
        return (amount, *(Money(0, amount.currency) for _ in weights[1:]))
    shares = [divmod(amount.minor * weight, whole) for weight in weights]
    left = amount.minor - sum(share for share, _ in shares)
    order = sorted(range(len(weights)), key=lambda i: (-shares[i][1], i))
    extra = set(order[:left])
    return tuple(Money(share + (i in extra), amount.currency) for i, (share, _) in enumerate(shares))
