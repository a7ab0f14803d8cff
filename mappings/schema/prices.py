"""`prices:` and `promotions:`: what a listing costs on each channel, and when it costs less."""

from config.schema import Strict
from mappings.schema.conditions import OfferWhenModel
from mappings.schema.parts import RuleName


class PriceModel(Strict):
    """How the price of a listing is made; the first rule that matches decides."""

    name: RuleName
    when: OfferWhenModel | None = None


class PromotionModel(Strict):
    """A price for some time; the first rule that matches and is in force decides."""

    name: RuleName
    when: OfferWhenModel | None = None
