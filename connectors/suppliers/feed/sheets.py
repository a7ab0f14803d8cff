"""Rows of an XLSX, read one at a time; a file that would unpack to far more than it is, is refused unread."""

import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from config.errors import listed, near, shown
from connectors.contract import BadAnswer
from connectors.suppliers.feed import header
from connectors.suppliers.feed.cells import Cell
from connectors.suppliers.feed.formats import Column, FileForm
from connectors.suppliers.feed.payloads import Row
from connectors.suppliers.feed.rows import row_of

if TYPE_CHECKING:
    from openpyxl import Workbook

_MOST_PARTS = 2000
_MOST_RATIO = 200
_RATIO_COUNTS_FROM = 1_000_000
_MOST_COLUMNS = 500


class _Cell(Protocol):
    @property
    def value(self) -> object: ...

    @property
    def number_format(self) -> object: ...


def sheet_rows(
    path: Path, name: str, form: FileForm, columns: Mapping[str, Column], unpacked: int
) -> Iterator[Row]:
    """The rows of the sheet. `unpacked` is the most bytes that it may unpack to. Raises BadAnswer."""
    _refuse_bomb(path, name, unpacked)
    book = _open(path, name)
    try:
        yield from _rows(book, name, form, columns)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError, SyntaxError) as error:
        if isinstance(error, BadAnswer):
            raise
        raise BadAnswer(f"{name}: the workbook is damaged ({type(error).__name__})") from None
    finally:
        book.close()


def _refuse_bomb(path: Path, name: str, unpacked: int) -> None:
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > unpacked:
                raise BadAnswer(f"{name}: the workbook would unpack to more than {unpacked:,} bytes")
            for part in parts:
                ratio = part.file_size / max(1, part.compress_size)
                if part.file_size > _RATIO_COUNTS_FROM and ratio > _MOST_RATIO:
                    raise BadAnswer(f"{name}: the workbook unpacks to {ratio:.0f} times its size: not opened")
                if part.filename.endswith((".xml", ".rels")) and _declares(packed, part):
                    raise BadAnswer(f"{name}: the workbook declares XML entities: not opened")
    except zipfile.BadZipFile:
        raise BadAnswer(f"{name}: is no XLSX, or only a part of one") from None
    except (NotImplementedError, RuntimeError):
        raise BadAnswer(f"{name}: is encrypted or packed in a way that XLSX is not") from None


def _declares(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with packed.open(part) as stream:
        start = stream.read(4096).replace(b"\x00", b"").upper()
    return b"<!DOCTYPE" in start or b"<!ENTITY" in start


def _open(path: Path, name: str) -> "Workbook":
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles that it does not know, and we do not need
            return load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, SyntaxError) as error:
        raise BadAnswer(f"{name}: the workbook cannot be opened ({type(error).__name__})") from None


def _rows(book: "Workbook", name: str, form: FileForm, columns: Mapping[str, Column]) -> Iterator[Row]:
    sheet = book[_sheet(book.sheetnames, name, form)]
    where: dict[str, int] = {} if form.header_line else header.numbers(columns, name)
    empty = True
    for line, cells in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS), 1):
        if line < form.header_line:
            continue
        values = [_value(cell) for cell in cells]
        if line == form.header_line:
            where = header.places([str(value) for value in values], columns, name)
            continue
        if not where:
            break
        if any(value != "" for value in values):
            empty = False
            padded = [*values, *[""] * (max(where.values()) + 1 - len(values))]
            yield row_of(line, padded, where, 0)
    if empty and not where:
        raise BadAnswer(f"{name}: the file is empty")


def _sheet(names: Sequence[str], name: str, form: FileForm) -> str:
    if form.sheet is None:
        return names[0]
    if form.sheet not in names:
        hint = near(form.sheet, names)
        meant = f"; did you mean {shown(hint)}" if hint else ""
        raise BadAnswer(f"{name}: there is no sheet {shown(form.sheet)}; there are: {listed(names)}{meant}")
    return form.sheet


def _value(cell: _Cell) -> Cell:
    """A cell's value; a whole number that is shown with leading zeros keeps them."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        shape = str(cell.number_format or "")
        if value == int(value) and len(shape) > 1 and set(shape) == {"0"}:
            return f"{int(value):0{len(shape)}d}"
        return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    return str(value)
