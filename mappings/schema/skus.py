"""`skus:`: how listings are bound to SKUs."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from config.errors import shown
from config.schema import Strict, refused
from mappings.schema.parts import Count, SkuText

_STEP = re.compile(r"sku|gtin|table:[A-Za-z0-9][A-Za-z0-9._-]*\.csv")
_LISTING = re.compile(r"([a-z][a-z0-9_-]{0,31}):(.+)", re.DOTALL)


def _step(value: str) -> str:
    if not _STEP.fullmatch(value):
        raise refused(f"{shown(value)} is not a way to match", "sku, gtin, table:FILE.csv")
    return value


def _listing(value: str) -> str:
    match = _LISTING.fullmatch(value)
    if match is None or not match[2].removeprefix("sku=").strip():
        allowed = "account:EXTERNAL-ID, account:PRODUCT/VARIANT, account:sku=SHOP-SKU"
        raise refused(f"{shown(value)} does not name a listing", allowed)
    return value


Listing = Annotated[
    str,
    AfterValidator(_listing),
    WithJsonSchema(
        {"type": "string", "pattern": f"^{_LISTING.pattern}$", "examples": ["main:88", "main:sku=TEE-1"]}
    ),
]
Step = Annotated[
    str,
    AfterValidator(_step),
    WithJsonSchema(
        {"type": "string", "pattern": f"^({_STEP.pattern})$", "examples": ["sku", "gtin", "table:skus.csv"]}
    ),
]


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
