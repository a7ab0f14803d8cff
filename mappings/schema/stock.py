"""`stock:`, `inbound:` and `suppliers:`: who may show how much, and what of suppliers' stock counts."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from config.schema import Strict, refused
from config.units import Duration, Percent, Units
from mappings.schema.parts import LocalTime, RuleName, Skus, SkuText, TableName, Words

REST = "shared"
"""The key of `share` for what is shared by all alike."""


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


class PriorityModel(Strict):
    """Scarce units go to the first channels; each takes what it can show."""

    order: Words = Field(description="Shops, the first one first; those that are left out come last.")
    when_below: Units = Field(description="Fewer common units of a SKU than this go by priority.")


class ReserveModel(Strict):
    """Units that one channel alone may sell: of the stock for some time, or of goods on their way."""

    name: RuleName
    for_: str = Field(alias="for", description="The shop.")
    sku: Skus = Field(min_length=1, description="The units are kept of each of these SKUs.")
    units: Units = Field(description="What the shop sells of the SKU from `from` on is taken off them.")
    from_: LocalTime | None = Field(None, alias="from", description="In the shop's zone.")
    until: LocalTime | None = Field(
        None, description="In the shop's zone; absent: until the rule is deleted."
    )
    against: Literal["stock", "inbound"] = Field(
        "stock", description="inbound: a pre-sale of goods on their way."
    )
    ship_by: LocalTime | None = Field(
        None, description="Of a pre-sale: goods that arrive later do not count, and then it ends."
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.against == "stock" and self.from_ is None:
            raise refused("a reserve of stock needs `from`: what is sold since then is taken off it")
        if self.against == "stock" and self.ship_by is not None:
            raise refused("ship_by stands in a pre-sale only", "against: inbound beside it")
        if self.against == "inbound" and self.ship_by is None:
            raise refused("a pre-sale needs `ship_by`: only goods that arrive before it count")
        for name, end in (("until", self.until), ("ship_by", self.ship_by)):
            if _ends_first(self.from_, end):
                raise refused(f"`{name}` is not after `from`")
        return self


def _ends_first(begin: datetime | None, end: datetime | None) -> bool:
    """False where one of them names an offset and the other none: the shop's zone decides then."""
    if begin is None or end is None or (begin.tzinfo is None) != (end.tzinfo is None):
        return False
    return end <= begin


class StockModel(Strict):
    """Who may show how much of the stock, what is held back, and what of suppliers' stock counts."""

    mode: Literal["strict", "shared"] = Field(
        "strict", description="strict: all shops together show no more than there is; shared: each of them."
    )
    buffer: BufferModel = BufferModel()
    by_account: dict[str, BufferModel] = Field({}, description="A shop's own buffer, whole.")
    safety_stock: Units = Field(0, description="Units of every SKU that no channel is promised.")
    safety_by_sku: dict[SkuText, Units] = Field({}, description="The same for single SKUs.")
    suppliers: dict[str, TrustModel] = Field({}, description="Drop-ship suppliers; others have the defaults.")
    share: dict[str, Percent] = Field(
        {}, description="Each shop's percent of the promise; `shared`, or what is left, is for all alike."
    )
    cap: dict[str, Units] = Field({}, description="The most that a shop shows of a listing.")
    least_shown: dict[str, Units] = Field({}, description="A shop shows less than this of a listing as 0.")
    priority: PriorityModel | None = None
    reserve: tuple[ReserveModel, ...] = Field((), description="Units that one shop alone may sell.")


class SupplierModel(Strict):
    """What a supplier's own codes are with us. Its list's SKU column, where it has one, comes second."""

    codes: dict[str, SkuText] = Field({}, description="The supplier's code: our SKU.")
    other_codes: Literal["are_skus", "ignore"] = Field(
        "are_skus", description="Codes that neither `codes` nor the list gives a SKU."
    )


class InboundModel(Strict):
    """Goods that are on their way, from a table."""

    table: TableName = Field(description="A .csv file with the columns sku, units and arrives.")
