"""A list as a stream of entries: a good row, or a broken one; the second row about a code is broken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from config.errors import shown
from connectors.contract import BadAnswer, Broken
from connectors.suppliers.feed.formats import Column, FileForm, Form, ListOptions
from connectors.suppliers.feed.payloads import Row
from connectors.suppliers.feed.rows import form_of, text_rows
from connectors.suppliers.feed.sheets import sheet_rows
from connectors.suppliers.feed.translate import BadRow, Listed, broken, listed

UNPACKED_TIMES = 4
"""An XLSX may unpack to so many times the largest file."""


@dataclass(frozen=True, slots=True)
class Most:
    """The largest file in bytes, and the longest list in rows."""

    bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a list: `good`, or `bad` with the code where it could be read."""

    line: int
    good: Listed | None = None
    bad: Broken | None = None
    code: str | None = None


def mapped(columns: BaseModel) -> dict[str, Column]:
    """The columns that are mapped, by our names."""
    given = {name: getattr(columns, name) for name in type(columns).model_fields}
    return {name: column for name, column in given.items() if isinstance(column, Column)}


def file_rows(
    path: Path, name: str, form: FileForm, columns: Mapping[str, Column], most: Most
) -> Iterator[Row]:
    """The rows of a file in any form. Raises BadAnswer where the file as a whole cannot be used."""
    size = path.stat().st_size
    if size > most.bytes:
        raise BadAnswer(f"{name}: the file is larger than {most.bytes:,} bytes: raise `max_bytes`")
    if not size:
        raise BadAnswer(f"{name}: the file is empty")
    if form_of(name, form) is Form.XLSX:
        rows = sheet_rows(path, name, form, columns, most.bytes * UNPACKED_TIMES)
    else:
        rows = text_rows(path, name, form, columns)
    for number, row in enumerate(rows, 1):
        if number > most.rows:
            raise BadAnswer(f"{name}: the list has more than {most.rows:,} rows: raise `max_rows`")
        yield row


def entries(path: Path, name: str, options: ListOptions, zone: ZoneInfo, most: Most) -> Iterator[Entry]:
    """Every row of a list, in the order of the file."""
    lines: dict[str, int] = {}
    for row in file_rows(path, name, options, mapped(options.columns), most):
        try:
            good, bad = listed(row, options, zone), None
            code: str | None = good.offer.code
        except BadRow as error:
            good, bad, code = None, error, error.code
        if code is not None and code in lines:
            again = BadRow(f"code: {shown(code)} stands in line {lines[code]} already", code)
            yield Entry(row.line, bad=broken(row, again, name))
            continue
        if code is not None:
            lines[code] = row.line
        yield Entry(row.line, good, broken(row, bad, name) if bad is not None else None, code)
