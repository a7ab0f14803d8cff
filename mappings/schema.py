"""The keys of the mapping files. Every rule has a name, since `explain` and the audit trail quote it."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from config.errors import shown
from config.jsonschema import DIALECT, schema_of
from config.schema import Country, Strict, Texts, refused
from config.units import BadUnit, Duration, MoneyAmount, Percent, Units, Weight
from mappings.expr import compile_expr
from sync.domain.orders import PaymentStatus
from sync.domain.shipments import FulfilmentState
from sync.domain.sku import normal_sku

SECTIONS = ("skus", "stock", "suppliers", "holds", "routing", "couriers", "weights", "statuses")
ISSUE = "issue"
_STEP = re.compile(r"sku|gtin|table:[A-Za-z0-9][A-Za-z0-9._-]*\.csv")
_TABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.csv")
_LISTING = re.compile(r"([a-z][a-z0-9_-]{0,31}):(.+)", re.DOTALL)
ITEM_KEYS = ("sku", "quantity_at_least", "supplier")


def _step(value: str) -> str:
    if not _STEP.fullmatch(value):
        raise refused(f"{shown(value)} is not a way to match", "sku, gtin, table:FILE.csv")
    return value


def _table(value: str) -> str:
    if not _TABLE.fullmatch(value):
        raise refused(f"{shown(value)} is not a table", "the name of a .csv file beside this one")
    return value


def _listing(value: str) -> str:
    match = _LISTING.fullmatch(value)
    if match is None or not match[2].removeprefix("sku=").strip():
        allowed = "account:EXTERNAL-ID, account:PRODUCT/VARIANT, account:sku=SHOP-SKU"
        raise refused(f"{shown(value)} does not name a listing", allowed)
    return value


def _sku(value: str) -> str:
    found = normal_sku(value)
    if found is None:
        raise refused("a SKU cannot be blank")
    return found


def _expr(value: str) -> str:
    try:
        compile_expr(value)
    except BadUnit as error:
        raise refused(error.what, error.allowed, error.hint) from None
    return value


def _many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _loose(item: dict[str, object]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [item, {"type": "array", "items": item}]})


RuleName = Annotated[str, Field(min_length=1, max_length=80, description="Quoted by explain and audit.")]
SkuText = Annotated[str, AfterValidator(_sku)]
Listing = Annotated[str, AfterValidator(_listing)]
Step = Annotated[str, AfterValidator(_step)]
TableName = Annotated[str, AfterValidator(_table)]
Expression = Annotated[str, AfterValidator(_expr)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Skus = Annotated[tuple[SkuText, ...], BeforeValidator(_many), _loose({"type": "string"})]
Words = Annotated[tuple[str, ...], BeforeValidator(_many), Field(min_length=1), _loose({"type": "string"})]
Countries = Annotated[tuple[Country, ...], BeforeValidator(_many), _loose({"type": "string"})]
Payments = Annotated[
    tuple[PaymentStatus, ...],
    BeforeValidator(_many),
    _loose({"enum": [status.value for status in PaymentStatus]}),
]


class LineModel(Strict):
    """A condition on lines; all its keys must hold for one and the same line."""

    sku: Skus = ()
    quantity_at_least: Count | None = None
    supplier: Texts = Field((), description="Drop-ship suppliers, one of which lists the SKU.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.sku and self.quantity_at_least is None and not self.supplier:
            raise refused("this condition is empty", "sku, quantity_at_least, supplier")
        return self


class WhenModel(Strict):
    """Keys are "and", lists are "or"."""

    account: Texts = Field((), description="Shops by their account names.")
    country: Countries = Field((), description="Where it goes; ISO 3166-1 codes.")
    postal_code_starts: Texts = ()
    total_above: MoneyAmount | None = None
    total_at_least: MoneyAmount | None = None
    total_below: MoneyAmount | None = None
    channel_service: Texts = Field((), description="The shipping method that the buyer chose.")
    payment: Payments = ()
    note_contains: Texts = ()
    tags: Texts = ()
    weight_above: Weight | None = None
    weight_below: Weight | None = None
    lines_at_least: Count | None = None
    any_line: LineModel | None = Field(None, description="At least one line is so.")
    all_lines: LineModel | None = Field(None, description="Every line is so.")
    shipped: bool | None = None
    expr: Expression | None = Field(None, description="An expression for the rest.")

    @model_validator(mode="before")
    @classmethod
    def _items_need_a_word(cls, value: object) -> object:
        found = [key for key in ITEM_KEYS if isinstance(value, dict) and key in value]
        if found:
            what = f"{found[0]} is a condition on lines: say which ones"
            raise refused(what, f"any_line: {{{found[0]}: …}}, all_lines: {{{found[0]}: …}}")
        return value

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any(getattr(self, name) not in ((), None) for name in type(self).model_fields):
            raise refused("this `when` has no condition; leave it out to match everything")
        return self


class ParcelWhenModel(WhenModel):
    """As for orders; lines and weight are the parcel's."""

    warehouse: Texts = Field((), description="The warehouse that it leaves from.")


class OverrideModel(Strict):
    """One listing that is bound by hand: to a SKU, to several, or to nothing."""

    listing: Listing
    sku: SkuText | None = None
    pack: Count | None = Field(None, description="Units of the SKU in one unit of the listing.")
    bundle: dict[SkuText, Count] | None = Field(None, description="SKUs and their units in one listing unit.")
    ignore: bool = Field(False, description="true: neither stock nor orders of this listing are ours.")

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        said = [self.sku is not None, self.bundle is not None, self.ignore]
        if sum(said) != 1:
            raise refused("an override says exactly one thing", "sku, bundle, ignore: true")
        if self.pack is not None and self.sku is None:
            raise refused("pack stands beside sku only", "sku, pack")
        if self.bundle == {}:
            raise refused("the bundle is empty", 'bundle: {"SKU": units}')
        return self


class SkusModel(Strict):
    """How listings are bound to SKUs: overrides first, then the ways of `match` in their order."""

    match: tuple[Step, ...] = Field(("sku",), min_length=1)
    overrides: tuple[OverrideModel, ...] = ()
    table_encoding: Literal["utf-8", "gbk", "gb18030", "big5", "cp1252", "shift_jis"] = "utf-8"


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


class HoldModel(Strict):
    """An order that matches waits for a person, or until it no longer matches."""

    name: RuleName
    when: WhenModel | None = None
    release: Literal["automatic", "manual"] = "manual"
    owner: str | None = Field(None, min_length=1, description="Who looks at it.")
    within: Duration | None = Field(None, description="How soon.")
    keep_stock: bool = Field(True, description="true: parked, the units stay reserved; false: locked.")


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


class MappingsModel(Strict):
    """mappings/*.yaml: each section stands in one of the files."""

    skus: SkusModel | None = None
    stock: StockModel | None = None
    suppliers: dict[str, SupplierModel] | None = None
    holds: tuple[HoldModel, ...] | None = None
    routing: tuple[RouteModel, ...] | None = None
    couriers: tuple[CourierModel, ...] | None = None
    weights: WeightsModel | None = None
    statuses: Statuses | None = None


def mappings_schema() -> dict[str, object]:
    """JSON Schema (2020-12) of every file of the mappings folder, for editors."""
    return {"$schema": DIALECT, **schema_of(MappingsModel), "title": "mappings/*.yaml"}
