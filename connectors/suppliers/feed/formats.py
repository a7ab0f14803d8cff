"""What an admin says of the files to read: their form, their columns, and what their words mean."""

import codecs
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from config.units import Currency, Duration, Percent

UNKNOWN: Literal["unknown"] = "unknown"


class Strict(BaseModel):
    """Unknown keys are refused, and nothing changes after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Form(StrEnum):
    """How rows stand in a file."""

    CSV = "csv"
    TSV = "tsv"
    XLSX = "xlsx"
    JSONL = "jsonl"


class Verdict(StrEnum):
    """What a supplier says of an order's lines, or of a request to cancel."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    CANCEL_REFUSED = "cancel_refused"


class Measure(StrEnum):
    """What a quantity counts."""

    PIECES = "pieces"
    PACKS = "packs"


class CostFor(StrEnum):
    """What a cost is for."""

    PIECE = "piece"
    PACK = "pack"


class Negative(StrEnum):
    """What a stock below zero means."""

    REFUSE = "refuse"
    ZERO = "zero"


class Missing(StrEnum):
    """What is said of a code that the full list no longer has."""

    UNKNOWN = "unknown"
    ZERO = "zero"


class DatedBy(StrEnum):
    """Where a list's date comes from."""

    MTIME = "mtime"
    NAME = "name"
    COLUMN = "column"


Mark = Literal[".", ","]
Thousands = Literal[".", ",", "'", "space"]


class Column(Strict):
    """One column of the file; the marks overrule those of the whole file."""

    column: str = Field(min_length=1, description="Its name, or its number from 1 where there is no header.")
    decimal: Mark | None = Field(None, description="The decimal mark: . or ,")
    thousands: Thousands | None = Field(None, description="The thousands mark: . , ' or space")
    strip: tuple[str, ...] = Field((), description="Texts taken off both ends, such as a currency sign.")

    @field_validator("strip", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _two_marks(self) -> "Column":
        if self.thousands is not None and self.thousands == self.decimal:
            raise ValueError("thousands and decimal must be two different marks")
        return self


def _column(value: object) -> object:
    return {"column": str(value)} if isinstance(value, str | int) else value


Mapped = Annotated[Column, BeforeValidator(_column)]


class FileForm(Strict):
    """The form of a file."""

    format: Form | None = Field(None, description="csv, tsv, xlsx or jsonl; without it, by the ending.")
    encoding: str | None = Field(None, description="Such as utf-8, gb18030 or cp1252; a BOM overrules it.")
    delimiter: Literal[";", ",", "|", "tab"] | None = Field(
        None, description="; , | or tab; without it, the one with which the header holds all mapped columns."
    )
    decimal: Mark = Field(".", description="The decimal mark: . or ,")
    thousands: Thousands | None = Field(
        None, description="The thousands mark: . , ' or space; without it such numbers are refused."
    )
    sheet: str | None = Field(None, description="The sheet of an XLSX; without it, the first.")
    header_line: int = Field(1, ge=0, le=1000, description="The line of the column names; 0: there is none.")

    @field_validator("encoding")
    @classmethod
    def _a_known_encoding(cls, value: str | None) -> str | None:
        return None if value is None else text_encoding(value)

    @model_validator(mode="after")
    def _two_marks(self) -> "FileForm":
        if self.thousands == self.decimal:
            raise ValueError("thousands and decimal must be two different marks")
        return self


def text_encoding(value: str) -> str:
    """The name of an encoding of texts. Raises ValueError for any other codec, such as base64."""
    try:
        found = codecs.lookup(value)
    except LookupError:
        raise ValueError("is no encoding that this program knows; such as utf-8, gb18030, cp1252") from None
    if not getattr(found, "_is_text_encoding", True):
        raise ValueError("is no encoding of texts; such as utf-8, gb18030, cp1252")
    return found.name


class Guard(Strict):
    """When a list is held until a person accepts it."""

    fewer_rows: Percent = Field(Decimal("0.3"), description="Rows lost since the last list, such as 30%.")
    less_stock: Percent = Field(Decimal("0.5"), description="Codes with stock lost since the last list.")
    dated_by: DatedBy = Field(DatedBy.MTIME, description="mtime, name or column.")
    max_age: Duration | None = Field(None, description="An older list is held.")


class ListColumns(Strict):
    """The columns of a price and stock list."""

    code: Mapped
    cost: Mapped | None = None
    stock: Mapped | None = None
    unit: Mapped | None = None
    pack: Mapped | None = None
    price_per: Mapped | None = None
    currency: Mapped | None = None
    lead_days: Mapped | None = None
    sku: Mapped | None = None
    gtin: Mapped | None = None
    date: Mapped | None = None


class ListOptions(FileForm):
    """A supplier's price and stock list."""

    files: str = Field(min_length=1, description="A glob in the folder, or the path below the url.")
    changes: str | None = Field(None, min_length=1, description="A glob of files of changed rows only.")
    columns: ListColumns
    currency: Currency | None = Field(None, description="ISO code where no column names one.")
    currencies: dict[str, Currency] = Field(
        default_factory=dict, description="What the currency column says."
    )
    quantities: dict[str, Annotated[int, Field(ge=0)] | Literal["unknown"]] = Field(
        default_factory=dict, description="What words in the stock column mean, in numbers or unknown."
    )
    lead_times: dict[str, Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict, description="What words in the lead time column mean, in days."
    )
    units: dict[str, Annotated[int, Field(ge=1)]] = Field(
        default_factory=dict, description="Pieces in each unit of the unit column."
    )
    stock_in: Measure = Field(Measure.PIECES, description="pieces or packs.")
    cost_for: CostFor = Field(CostFor.PIECE, description="piece or pack.")
    negative: Negative = Field(Negative.REFUSE, description="Stock below 0: refuse the row, or zero.")
    missing: Missing = Field(Missing.UNKNOWN, description="A code that the list no longer has.")
    date_format: str | None = Field(None, description="Of the date column; default ISO 8601.")
    guard: Guard = Guard()

    @model_validator(mode="after")
    def _whole(self) -> "ListOptions":
        if self.columns.cost is not None and self.columns.currency is None and self.currency is None:
            raise ValueError("a cost needs a currency: add `currency: EUR`, or columns.currency")
        if self.columns.unit is not None and not self.units:
            raise ValueError("columns.unit needs `units`, such as {Stk: 1, Paar: 2}")
        if self.guard.dated_by is DatedBy.COLUMN and self.columns.date is None:
            raise ValueError("guard.dated_by: column needs columns.date")
        return self


class ReportColumns(Strict):
    """The columns of acknowledgements or despatch notes."""

    reference: Mapped
    code: Mapped
    quantity: Mapped
    status: Mapped | None = None
    reason: Mapped | None = None
    tracking: Mapped | None = None
    carrier: Mapped | None = None
    date: Mapped | None = None
    id: Mapped | None = None


class ReportOptions(FileForm):
    """What a supplier reports of our orders."""

    files: str = Field(min_length=1, description="A glob in the folder, or the path below the url.")
    columns: ReportColumns
    statuses: dict[str, Verdict] = Field(
        default_factory=lambda: {verdict.value: verdict for verdict in Verdict},
        description="What the words of the status column mean.",
    )
    date_format: str | None = Field(
        None, description="Of the date column, such as %d.%m.%Y; default ISO 8601."
    )
    quantity_in: Measure = Field(Measure.PIECES, description="pieces or packs.")
    done: str | None = Field(None, min_length=1, description="Where files are moved to when they are read.")
