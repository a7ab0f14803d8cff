"""`listings:`: when a listing is taken down and put back."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from config.schema import Strict, refused
from config.units import Duration, Units
from mappings.schema.conditions import OfferWhenModel
from mappings.schema.parts import RuleName
from sync.domain.publishing import Cause

_WORDS = {"enum": [cause.value for cause in Cause]}
Causes = Annotated[
    tuple[Cause, ...],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [_WORDS, {"type": "array", "items": _WORDS, "minItems": 1}]}),
]


class ListingRuleModel(Strict):
    """When a listing is taken down and put back; the first rule that matches decides.

    Only what this rule took down itself is put back. What people take down stays down.
    """

    name: RuleName
    when: OfferWhenModel | None = None
    take_down: Causes = Field(
        description="at_zero: there is nothing to sell; expired: its goods are past their date in the shop's "
        "zone; blocked: its goods are blocked in the table of goods."
    )
    at_zero_for: Duration = Field(
        timedelta(minutes=10), validate_default=False, description="So long there must be nothing to sell."
    )
    put_back_at: Units = Field(
        1, validate_default=False, description="Pieces that there must be to sell again."
    )
    put_back_after: Duration = Field(
        timedelta(minutes=30), validate_default=False, description="So long there must be as many."
    )

    @field_validator("take_down")
    @classmethod
    def _each_once(cls, value: tuple[Cause, ...]) -> tuple[Cause, ...]:
        if twice := next((cause for cause in value if value.count(cause) > 1), None):
            raise refused(f"{twice} stands twice")
        return value

    @field_validator("put_back_at")
    @classmethod
    def _something_to_sell(cls, value: int) -> int:
        if value < 1:
            raise refused("a listing is not put back with nothing to sell", "1 unit or more")
        return value

    @model_validator(mode="after")
    def _of_use(self) -> Self:
        if Cause.AT_ZERO not in self.take_down:
            for key in ("at_zero_for", "put_back_at"):
                if key in self.model_fields_set:
                    raise refused(f"{key} does nothing where take_down does not name at_zero")
        return self
