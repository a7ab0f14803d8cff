"""`goods:`, `rates:` and `fees:`: what is known of our goods, of currencies, and of what a sale costs."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from config.schema import Strict, refused
from config.units import Currency, Duration, MoneyAmount, Percent
from mappings.schema.conditions import OfferWhenModel
from mappings.schema.parts import RuleName, TableName


class GoodsModel(Strict):
    """What is known of each SKU, from a table. An empty cell is not known, and is never taken for 0."""

    table: TableName = Field(
        description="A .csv file: sku, and any of cost, landed_cost, list_price, map, currency, tags (with | "
        "between), blocked (yes or no), expires (a date), title. Amounts are of one unit."
    )
    currency: Currency | None = Field(
        None, description="What amounts are in where their row says nothing else."
    )


class RatesModel(Strict):
    """Rates of exchange by date. One holds from the beginning of its day in the shop's zone to the next one."""

    table: TableName = Field(
        description="A .csv file with the columns date, from, to and rate: 1 from is so many to."
    )
    longest: Duration = Field(
        timedelta(days=7), validate_default=False, description="A rate that is older is not used."
    )


class FeeModel(Strict):
    """What a sale on a channel costs, without tax; every rule that matches is added."""

    name: RuleName
    when: OfferWhenModel | None = None
    percent: Percent | None = Field(None, description="Of the price that the shop shows.")
    fixed: MoneyAmount | None = Field(None, description="For each piece.")
    part: Literal["fees", "shipping"] = Field(
        "fees", alias="for", description="Which word of a floor's `cover` counts it."
    )

    @model_validator(mode="after")
    def _costs_something(self) -> Self:
        if self.percent is None and self.fixed is None:
            raise refused("this fee costs nothing", "percent: 12%, fixed: 0.30 EUR, or both")
        return self
