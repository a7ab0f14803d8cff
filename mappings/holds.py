"""Holds by rule: every rule that matches applies. The holds that the daemon makes by itself are not here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from mappings.facts import OrderFacts
from mappings.schema import HoldModel
from mappings.when import When, compile_when
from sync.domain.waiting import Word

WORDS = {"approve": Word.APPROVED, "refuse": Word.REJECTED}
"""What admins write of a deadline, and what it means."""


class Release(StrEnum):
    """How a hold ends: by itself when its rule no longer matches, or by a person."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class HoldRule:
    """One rule. `keep_stock` true parks the order (its units stay reserved), false locks it."""

    name: str
    release: Release
    owner: str | None
    within: timedelta | None
    keep_stock: bool
    at_deadline: Word | None = None
    """What is decided when nobody did `within` that time."""
    when: When = field(default=When(), repr=False)


@dataclass(frozen=True, slots=True)
class HoldRules:
    """`holds:` compiled."""

    rules: tuple[HoldRule, ...] = ()

    def matching(self, facts: OrderFacts) -> tuple[HoldRule, ...]:
        """Every rule that holds this order, in the order of the file."""
        return tuple(rule for rule in self.rules if rule.when.matches(facts))


def compile_holds(models: Sequence[HoldModel]) -> HoldRules:
    """A pure function of the models."""
    return HoldRules(
        tuple(
            HoldRule(
                name=model.name,
                release=Release(model.release),
                owner=model.owner,
                within=model.within,
                keep_stock=model.keep_stock,
                at_deadline=None if model.at_deadline is None else WORDS[model.at_deadline],
                when=compile_when(model.when),
            )
            for model in models
        )
    )
