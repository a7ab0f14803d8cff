"""`goods:`, `rates:` and `fees:`: what is known of our goods, of currencies, and of what a sale costs."""

from pydantic import Field

from config.schema import Strict
from mappings.schema.parts import RuleName, TableName


class GoodsModel(Strict):
    """What is known of each SKU, from a table."""

    table: TableName | None = Field(None, description="A .csv file with a column sku and any of the others.")


class RatesModel(Strict):
    """Rates of exchange by date."""

    table: TableName | None = Field(None, description="A .csv file with the columns date, from, to and rate.")


class FeeModel(Strict):
    """What a sale on a channel costs; every rule that matches is added."""

    name: RuleName
