"""`holds:`, `routing:`, `couriers:`, `merging:`, `weights:` and `statuses:`: what happens to orders and parcels."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, WithJsonSchema, model_validator

from config.schema import Strict, refused
from config.units import Duration, Weight
from mappings.schema.conditions import ParcelWhenModel, WhenModel
from mappings.schema.parts import RuleName, SkuText, TableName, Words
from sync.domain.shipments import FulfilmentState

ISSUE = "issue"


class HoldModel(Strict):
    """An order that matches waits for a person, or until it no longer matches."""

    name: RuleName
    when: WhenModel | None = None
    release: Literal["automatic", "manual"] = "manual"
    owner: str | None = Field(None, min_length=1, description="Who looks at it.")
    within: Duration | None = Field(None, description="How soon.")
    at_deadline: Literal["approve", "refuse"] | None = Field(
        None, description="What is decided when nobody did within that time; else it is told, and waits on."
    )
    keep_stock: bool = Field(True, description="true: parked, the units stay reserved; false: locked.")

    @model_validator(mode="after")
    def _has_a_deadline(self) -> Self:
        if self.at_deadline is not None and self.within is None:
            raise refused("at_deadline needs within: without a time nothing is ever due", "within: 4 hours")
        return self


class RouteModel(Strict):
    """Which warehouse or drop-ship supplier fulfils; the first rule that matches decides."""

    name: RuleName
    when: WhenModel | None = None
    to: str = Field(description="An account, first, or nearest_with_everything.", min_length=1)
    otherwise: Literal["split", "hold"] = Field("hold", description="When no single one has everything.")


class CourierModel(Strict):
    """Which courier takes a parcel; the first rule that matches decides."""

    name: RuleName
    when: ParcelWhenModel | None = None
    use: Words = Field(description="account:carrier, a carrier, an account, or first; tried in this order.")
    service: str = ""


class MergeModel(Strict):
    """Which parcels may share a label with other orders' for the same recipient; the first rule decides."""

    name: RuleName
    when: ParcelWhenModel | None = None
    within: Duration | None = Field(
        None, description="So long a packed parcel waits for others that are under way; absent: not at all."
    )
    spare: Duration = Field(
        timedelta(hours=1),
        validate_default=False,
        description="So long before the earliest ship-by of all of them nothing waits any more.",
    )


class WeightsModel(Strict):
    """What a unit weighs, for parcels that nobody has weighed."""

    default: Weight | None = Field(None, description="A unit of any SKU that is not listed.")
    by_sku: dict[SkuText, Weight] = Field({}, description="Single SKUs.")
    table: TableName | None = Field(None, description="A .csv file with the columns sku and weight.")


_STATE = {"enum": [*(state.value for state in FulfilmentState), ISSUE]}
Statuses = Annotated[
    dict[str, object],
    WithJsonSchema(
        {
            "type": "object",
            "properties": {"unknown": {"const": ISSUE}},
            "additionalProperties": {"type": "object", "additionalProperties": _STATE},
        }
    ),
]
"""Warehouse account -> vendor's status text -> fulfilment state or `issue`; `unknown: issue` beside them."""
