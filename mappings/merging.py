"""Which parcels may share a label with others of the same recipient, and how long they wait for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from mappings.facts import OrderFacts
from mappings.schema import MergeModel
from mappings.when import When, compile_when
from sync.domain.merging import Patience


@dataclass(frozen=True, slots=True)
class MergeRules:
    """`merging:` compiled."""

    rules: tuple[tuple[When, Patience], ...] = field(default=(), repr=False)

    def first(self, facts: OrderFacts) -> Patience | None:
        """What the first rule that matches says; None where none does: the parcel has a label of its own."""
        return next((patience for when, patience in self.rules if when.matches(facts)), None)


def compile_merging(models: Sequence[MergeModel]) -> MergeRules:
    """A pure function of the models."""
    return MergeRules(
        tuple(
            (compile_when(model.when), Patience(model.within or timedelta(0), model.spare))
            for model in models
        )
    )
