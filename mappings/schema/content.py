"""`content:`: texts and pictures of which the catalogue is the owner."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator

from config.schema import Strict, Texts, refused
from mappings.schema.parts import TableName

ContentField = Literal["title", "description", "pictures"]
_WORDS = {"enum": ["title", "description", "pictures"]}
Fields = Annotated[
    tuple[ContentField, ...],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [_WORDS, {"type": "array", "items": _WORDS, "minItems": 1}]}),
]


class ContentModel(Strict):
    """Texts and pictures of listings, kept in step on the shops that are named.

    They are of listings that sell one piece of one SKU. A field that is not named, or whose cell is empty, stays
    the shop's own.
    """

    table: TableName = Field(
        description="A .csv file with the columns sku, the fields that are kept, and account where shops differ."
    )
    accounts: Texts = Field((), description="Shops by their account names; without it, all of them.")
    fields: Fields = Field(description="What the catalogue is the owner of.")

    @field_validator("fields")
    @classmethod
    def _each_once(cls, value: tuple[ContentField, ...]) -> tuple[ContentField, ...]:
        if twice := next((field for field in value if value.count(field) > 1), None):
            raise refused(f"{twice} stands twice")
        return value
