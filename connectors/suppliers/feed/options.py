"""What an admin can set for a supplier by files in entrepot.yaml."""

import re
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from pathlib import Path, PurePosixPath

from pydantic import Field, field_validator, model_validator

from config.units import Duration
from connectors.suppliers.feed.formats import ListOptions, ReportOptions, Strict, text_encoding

FIELDS = (
    "reference",
    "line",
    "code",
    "pieces",
    "packs",
    "drop_ship",
    "ship_by",
    "name",
    "company",
    "street",
    "street_1",
    "street_2",
    "city",
    "region",
    "postal_code",
    "country",
    "phone",
    "email",
    "note",
)
"""What can stand in an order file."""
LINE_FIELDS = frozenset({"line", "code", "pieces", "packs"})
_NOT_BY_DEFAULT = frozenset({"packs", "street_1", "street_2"})


class OrderForm(StrEnum):
    """The form of an order file."""

    CSV = "csv"
    JSON = "json"


class Method(StrEnum):
    """How an order goes over HTTPS."""

    PUT = "put"
    POST = "post"


class OrderOptions(Strict):
    """How purchase orders are written."""

    folder: str = Field("orders", min_length=1, description="Inside the folder, or a path below the url.")
    format: OrderForm = Field(OrderForm.CSV, description="csv or json.")
    columns: dict[str, str] = Field(
        default_factory=dict, description="The file's column: our field, or =TEXT for a fixed text."
    )
    head: dict[str, str] = Field(default_factory=dict, description="JSON only: keys of the document.")
    lines_key: str = Field("lines", min_length=1, description="JSON only: the key of the list of lines.")
    encoding: str = Field("utf-8", description="Such as utf-8 or cp1252.")
    delimiter: str = Field(",", pattern=r"^([,;|]|tab)$", description=", ; | or tab.")
    prefix: str = Field("", pattern=r"^[A-Za-z0-9_-]{0,40}$", description="What file names begin with.")
    cancellations: str | None = Field(None, min_length=1, description="The folder of cancellation files.")
    method: Method = Field(Method.PUT, description="Over HTTPS: put or post.")
    lookup: str | None = Field(None, description="Over HTTPS with post: where an order is found again.")

    @field_validator("encoding")
    @classmethod
    def _a_known_encoding(cls, value: str) -> str:
        return text_encoding(value)

    @field_validator("columns", "head")
    @classmethod
    def _known_fields(cls, value: dict[str, str]) -> dict[str, str]:
        for field in value.values():
            if field not in FIELDS and not field.startswith("="):
                raise ValueError(f"{field!r} is no field of an order; there are: {', '.join(FIELDS)}, =TEXT")
        return value

    @model_validator(mode="after")
    def _whole(self) -> "OrderOptions":
        if self.head and self.format is OrderForm.CSV:
            raise ValueError("head is for the format json")
        if any(field in LINE_FIELDS for field in self.head.values()):
            raise ValueError(
                f"head holds no fields of a line ({', '.join(sorted(LINE_FIELDS))}): use columns"
            )
        if self.columns and not {"pieces", "packs"} & set(self.columns.values()):
            raise ValueError("columns must hold pieces or packs")
        if "reference" not in {*self.template.values(), *(self.document.values() if self._is_json else ())}:
            raise ValueError(
                "columns must hold reference (or head, with json): else nobody can answer the order"
            )
        if self.method is Method.POST and "{reference}" not in (self.lookup or ""):
            raise ValueError("method: post needs a lookup that holds {reference}, to find an order again")
        return self

    @property
    def _is_json(self) -> bool:
        return self.format is OrderForm.JSON

    @property
    def template(self) -> dict[str, str]:
        """The columns of a CSV, or the keys of a JSON line."""
        if self.columns:
            return self.columns
        fields = FIELDS if self.format is OrderForm.CSV else ("line", "code", "pieces")
        return {field: field for field in fields if field not in _NOT_BY_DEFAULT}

    @property
    def document(self) -> dict[str, str]:
        """The keys of a JSON document."""
        if self.head:
            return self.head
        own = ("reference", "drop_ship", "ship_by", "note")
        address = set(FIELDS) - LINE_FIELDS - set(own) - _NOT_BY_DEFAULT
        return {key: key for key in own} | {f"ship_to.{key}": key for key in FIELDS if key in address}

    @property
    def needs_packs(self) -> bool:
        """Whether pack sizes must be known."""
        return "packs" in self.template.values()


class Options(Strict):
    """A supplier's folder or address, and its files. The secret stands elsewhere."""

    folder: Path | None = Field(default=None, description="The folder of the files, as an absolute path.")
    url: str | None = Field(default=None, description="The address that all paths are relative to.")
    username: str | None = Field(
        default=None, description="For Basic; without it the secret is a Bearer token."
    )
    state: Path | None = Field(default=None, description="Our own folder; default .entrepot in the folder.")
    settle: Duration = Field(
        default=timedelta(seconds=30), description="How long a file must be unchanged before it is read."
    )
    done_marker: str | None = Field(
        default=None,
        pattern=r"^[.A-Za-z0-9_-]{1,20}$",
        description="The ending of the file that says: complete.",
    )
    page_items: int = Field(default=500, ge=1, le=5000, description="Records a page.")
    max_bytes: int = Field(default=50_000_000, ge=1000, le=2_000_000_000, description="The largest file.")
    max_rows: int = Field(default=300_000, ge=1, le=5_000_000, description="The longest list.")
    list: ListOptions
    acknowledgements: ReportOptions | None = None
    despatches: ReportOptions | None = None
    orders: OrderOptions | None = None

    @field_validator("folder", "state")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_absolute():
            raise ValueError("must be an absolute path, such as /srv/feeds/acme")
        return value

    @field_validator("url")
    @classmethod
    def _an_http_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with https:// (or http:// inside your own network)")
        return value.rstrip("/") if value else value

    @model_validator(mode="after")
    def _one_place(self) -> "Options":
        if (self.folder is None) == (self.url is None):
            raise ValueError("say either folder or url")
        if self.url is not None and self.state is None:
            raise ValueError("url needs `state`, a folder of ours such as /var/lib/entrepot/acme")
        for path in self._paths():
            _inside(path)
        for name in ("acknowledgements", "despatches"):
            report: ReportOptions | None = getattr(self, name)
            if report is None or report.done is None:
                continue
            if self.url is not None:
                raise ValueError(f"{name}.done is for a folder")
            if PurePosixPath(report.done) == PurePosixPath(report.files).parent:
                raise ValueError(f"{name}.done must be another folder than that of {name}.files")
        if self.url is not None and self.list.changes:
            raise ValueError("list.changes is for a folder")
        return self

    def _paths(self) -> Sequence[str]:
        found = [self.list.files, self.list.changes]
        for report in (self.acknowledgements, self.despatches):
            found += [report.files, report.done] if report is not None else []
        if self.orders is not None:
            found += [self.orders.folder, self.orders.cancellations]
        paths = [path for path in found if path is not None]
        if self.url is not None and any(re.search(r"[*\[\]]", path) for path in paths):
            raise ValueError("over HTTPS a path has no * [ ]: name one document")
        return paths

    @property
    def marks(self) -> Path:
        """Our own folder."""
        if self.state is not None:
            return self.state
        assert self.folder is not None  # noqa: S101 - `_one_place` saw to it
        return self.folder / ".entrepot"


def _inside(path: str) -> None:
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\\" in path or "**" in path or "\x00" in path:
        raise ValueError(f"{path!r} must be a path inside the folder, without .. and **")
