"""`listings:` compiled: the first rule that matches a listing says when it is taken down and put back."""

from collections.abc import Sequence
from dataclasses import dataclass

from mappings.offers_when import Offer, OfferWhen, compile_offer_when
from mappings.schema import ListingRuleModel
from sync.domain.publishing import StateRule

ListingRule = StateRule


@dataclass(frozen=True, slots=True)
class ListingRules:
    """The rules in their order."""

    rules: tuple[tuple[OfferWhen, ListingRule], ...] = ()

    def first(self, offer: Offer) -> ListingRule | None:
        """The rule that decides; None where none matches: its state is not ours."""
        return next((rule for when, rule in self.rules if when.matches(offer)), None)


def compile_listings(models: Sequence[ListingRuleModel]) -> ListingRules:
    """A pure function of the models."""
    return ListingRules(tuple((compile_offer_when(model.when), _rule(model)) for model in models))


def _rule(model: ListingRuleModel) -> ListingRule:
    return ListingRule(
        name=model.name,
        take_down=frozenset(model.take_down),
        at_zero_for=model.at_zero_for,
        put_back_at=model.put_back_at,
        put_back_after=model.put_back_after,
    )
