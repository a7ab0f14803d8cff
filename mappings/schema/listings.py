"""`listings:`: when a listing is taken down and put back."""

from config.schema import Strict
from mappings.schema.conditions import OfferWhenModel
from mappings.schema.parts import RuleName


class ListingRuleModel(Strict):
    """When a listing is taken down and put back; the first rule that matches decides."""

    name: RuleName
    when: OfferWhenModel | None = None
