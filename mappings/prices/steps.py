"""The steps from cost to price as `explain` tells them: JSON values whose `adds` sum up to the price."""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal

_DIGITS = Decimal("0.00000001")


def amount_text(amount: Decimal) -> str:
    """An amount or a share as terms hold it: plain digits, at most eight decimals, no idle zeros."""
    text = format(amount.quantize(_DIGITS, ROUND_HALF_EVEN), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


@dataclass(slots=True)
class Steps:
    """The steps of one price. What is not yet in the shop's currency adds nothing."""

    currency: str
    """The shop's."""
    listed: list[dict[str, object]] = field(default_factory=list)
    _total: Decimal = Decimal(0)

    def add(self, step: str, gives: Decimal, currency: str = "", **terms: object) -> None:
        """One step, what comes out of it, and what made it. A step that changes nothing may be left out."""
        found: dict[str, object] = {"step": step, **terms, "gives": amount_text(gives)}
        if currency and currency != self.currency:
            self.listed.append({**found, "currency": currency})
            return
        total = Decimal(amount_text(gives))
        adds, self._total = total - self._total, total
        self.listed.append({**found, "currency": self.currency, "adds": amount_text(adds)})
