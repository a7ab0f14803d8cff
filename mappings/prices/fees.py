"""`fees:` compiled: what a sale of one piece costs on a channel; every rule that matches is added."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mappings.offers_when import Offer, OfferWhen, compile_offer_when
from mappings.schema import FeeModel
from sync.domain.floors import ZERO
from sync.domain.money import Money


@dataclass(frozen=True, slots=True)
class Fee:
    """One rule: a share of the price as shown, an amount, or both; without tax."""

    name: str
    part: str
    """`fees` or `shipping`: the word of a floor's `cover` that counts it."""
    share: Decimal
    fixed: Money | None
    when: OfferWhen


@dataclass(frozen=True, slots=True)
class FeeRules:
    """The rules in their order."""

    rules: tuple[Fee, ...] = ()

    def of(self, offer: Offer, parts: Sequence[str]) -> Iterator[Fee]:
        """All that match a listing, of these parts."""
        return (fee for fee in self.rules if fee.part in parts and fee.when.matches(offer))


def compile_fees(models: Sequence[FeeModel]) -> FeeRules:
    """A pure function of the models."""
    return FeeRules(
        tuple(
            Fee(model.name, model.part, model.percent or ZERO, model.fixed, compile_offer_when(model.when))
            for model in models
        )
    )
