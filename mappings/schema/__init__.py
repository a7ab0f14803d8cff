"""The keys of the mapping files. Every rule has a name, since `explain` and the audit trail quote it."""

from config.jsonschema import DIALECT, schema_of
from config.schema import Strict
from mappings.schema.conditions import LineModel, OfferWhenModel, ParcelWhenModel, WhenModel
from mappings.schema.content import ContentModel
from mappings.schema.goods import FeeModel, GoodsModel, RatesModel
from mappings.schema.guards import GuardsModel
from mappings.schema.listings import ListingRuleModel
from mappings.schema.messages import LetterModel, MessageDefaultsModel, MessageModel, MessagesModel
from mappings.schema.orders import (
    ISSUE,
    CourierModel,
    HoldModel,
    MergeModel,
    RouteModel,
    Statuses,
    WeightsModel,
)
from mappings.schema.people import PersonModel
from mappings.schema.prices import PriceModel, PromotionModel
from mappings.schema.returns import ReturnLineModel, ReturnModel, ReturnWhenModel
from mappings.schema.skus import OverrideModel, SkusModel
from mappings.schema.stock import (
    BufferModel,
    InboundModel,
    PriorityModel,
    ReserveModel,
    StockModel,
    SupplierModel,
    TrustModel,
)

SECTIONS = (
    "skus",
    "goods",
    "rates",
    "fees",
    "prices",
    "promotions",
    "stock",
    "inbound",
    "suppliers",
    "listings",
    "content",
    "guards",
    "holds",
    "routing",
    "couriers",
    "merging",
    "returns",
    "people",
    "messages",
    "weights",
    "statuses",
)


class MappingsModel(Strict):
    """mappings/*.yaml: each section stands in one of the files."""

    skus: SkusModel | None = None
    goods: GoodsModel | None = None
    rates: RatesModel | None = None
    fees: tuple[FeeModel, ...] | None = None
    prices: tuple[PriceModel, ...] | None = None
    promotions: tuple[PromotionModel, ...] | None = None
    stock: StockModel | None = None
    inbound: InboundModel | None = None
    suppliers: dict[str, SupplierModel] | None = None
    listings: tuple[ListingRuleModel, ...] | None = None
    content: ContentModel | None = None
    guards: GuardsModel | None = None
    holds: tuple[HoldModel, ...] | None = None
    routing: tuple[RouteModel, ...] | None = None
    couriers: tuple[CourierModel, ...] | None = None
    merging: tuple[MergeModel, ...] | None = None
    returns: tuple[ReturnModel, ...] | None = None
    people: tuple[PersonModel, ...] | None = None
    messages: MessagesModel | None = None
    weights: WeightsModel | None = None
    statuses: Statuses | None = None


def mappings_schema() -> dict[str, object]:
    """JSON Schema (2020-12) of every file of the mappings folder, for editors."""
    return {"$schema": DIALECT, **schema_of(MappingsModel), "title": "mappings/*.yaml"}


__all__ = [
    "ISSUE",
    "SECTIONS",
    "BufferModel",
    "ContentModel",
    "CourierModel",
    "FeeModel",
    "GoodsModel",
    "GuardsModel",
    "HoldModel",
    "InboundModel",
    "LetterModel",
    "LineModel",
    "ListingRuleModel",
    "MappingsModel",
    "MergeModel",
    "MessageDefaultsModel",
    "MessageModel",
    "MessagesModel",
    "OfferWhenModel",
    "OverrideModel",
    "ParcelWhenModel",
    "PersonModel",
    "PriceModel",
    "PriorityModel",
    "PromotionModel",
    "RatesModel",
    "ReserveModel",
    "ReturnLineModel",
    "ReturnModel",
    "ReturnWhenModel",
    "RouteModel",
    "SkusModel",
    "StockModel",
    "SupplierModel",
    "TrustModel",
    "WeightsModel",
    "WhenModel",
    "mappings_schema",
]
