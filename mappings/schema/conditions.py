"""`when:` in its kinds: of an order, of a parcel, of an offer. Keys are "and", lists are "or"."""

from typing import Self

from pydantic import Field, model_validator

from config.schema import Strict, Texts, refused
from config.units import MoneyAmount, Weight
from mappings.schema.parts import Count, Countries, Expression, OfferExpression, Payments, Skus

ITEM_KEYS = ("sku", "quantity_at_least", "supplier")


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


class OfferWhenModel(Strict):
    """A condition on an offer: one listing of our goods on one shop."""

    account: Texts = Field((), description="Shops by their account names.")
    sku: Skus = Field((), description="One of the listing's SKUs is one of these.")
    tags: Texts = Field((), description="One of its goods bears one of these tags.")
    supplier: Texts = Field((), description="Drop-ship suppliers, one of which lists one of its goods.")
    cost_above: MoneyAmount | None = Field(None, description="The cost of one piece, in the same currency.")
    cost_below: MoneyAmount | None = None
    expr: OfferExpression | None = Field(None, description="An expression for the rest.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any(getattr(self, name) not in ((), None) for name in type(self).model_fields):
            raise refused("this `when` has no condition; leave it out to match everything")
        return self
