"""`stock:` and `suppliers:`: what is held back from the channels, and what of suppliers' stock counts."""

from datetime import timedelta
from decimal import Decimal
from typing import Literal

from pydantic import Field

from config.schema import Strict
from config.units import Duration, Percent, Units
from mappings.schema.parts import SkuText, TableName


class BufferModel(Strict):
    """Units held back from one channel."""

    units: Units = Field(0, validate_default=False)
    percent: Percent | None = Field(None, description="Share of the promise, rounded up.")
    use: Literal["larger", "sum"] = "larger"


class TrustModel(Strict):
    """How far a drop-ship supplier's stock is believed: a share of it, less some units, while it is fresh."""

    use: Percent = Field(
        Decimal(1), validate_default=False, description="The share of its stock that counts."
    )
    less: Units = Field(0, validate_default=False, description="Units that are taken off that share.")
    max_age: Duration = Field(
        timedelta(hours=24), validate_default=False, description="An older list counts nothing."
    )
    lag: Duration = Field(
        timedelta(minutes=15),
        validate_default=False,
        description="So much older than its reading a list may be: only then orders are off it.",
    )


class StockModel(Strict):
    """What is held back from the channels, and what of suppliers' stock counts."""

    buffer: BufferModel = BufferModel()
    by_account: dict[str, BufferModel] = Field({}, description="A shop's own buffer, whole.")
    safety_stock: Units = Field(0, description="Units of every SKU that no channel is promised.")
    safety_by_sku: dict[SkuText, Units] = Field({}, description="The same for single SKUs.")
    suppliers: dict[str, TrustModel] = Field({}, description="Drop-ship suppliers; others have the defaults.")


class SupplierModel(Strict):
    """What a supplier's own codes are with us. Its list's SKU column, where it has one, comes second."""

    codes: dict[str, SkuText] = Field({}, description="The supplier's code: our SKU.")
    other_codes: Literal["are_skus", "ignore"] = Field(
        "are_skus", description="Codes that neither `codes` nor the list gives a SKU."
    )


class InboundModel(Strict):
    """Goods that are on their way, from a table."""

    table: TableName = Field(description="A .csv file with the columns sku, units and arrives.")
