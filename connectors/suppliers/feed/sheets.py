"""Rows of an XLSX, read one at a time; a file that would unpack to far more than it is, is refused unread."""

import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from config.errors import listed, near, shown
from connectors.contract import BadAnswer
from connectors.suppliers.feed import header
from connectors.suppliers.feed.cells import Cell
from connectors.suppliers.feed.folder import plain_file
from connectors.suppliers.feed.formats import Column, FileForm
from connectors.suppliers.feed.payloads import Row
from connectors.suppliers.feed.rows import row_of

if TYPE_CHECKING:
    from openpyxl import Workbook

_MOST_PARTS = 2000
_MOST_RATIO = 200
_RATIO_COUNTS_FROM = 1_000_000
_MOST_COLUMNS = 500
_MOST_LINES = 1_048_576
"""As many as a sheet can have (ECMA-376); a file may claim any number, and openpyxl fills up what is missing."""
_MOST_PROLOG = 65_536
_MARKS = b"\xef\xbb\xbf\xff\xfe \t\r\n"
_ELEMENT = re.compile(rb"<[A-Za-z_:\x80-\xff]")
_PROLOG = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)


class _Cell(Protocol):
    @property
    def value(self) -> object: ...

    @property
    def number_format(self) -> object: ...


class _Sheet(Protocol):
    def iter_rows(
        self, min_row: int | None = None, max_row: int | None = None, *, max_col: int | None = None
    ) -> Iterable[Sequence[_Cell]]: ...


def sheet_rows(
    path: Path, name: str, form: FileForm, columns: Mapping[str, Column], unpacked: int
) -> Iterator[Row]:
    """The rows of the sheet. `unpacked` is the most bytes that it may unpack to. Raises BadAnswer."""
    with plain_file(path) as file:
        _refuse_bomb(file, name, unpacked)
        book = _open(file, name)
        try:
            yield from _rows(book, name, form, columns)
        except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError, SyntaxError) as error:
            raise BadAnswer(f"{name}: the workbook is damaged ({type(error).__name__})") from None
        finally:
            book.close()


def _refuse_bomb(file: BinaryIO, name: str, unpacked: int) -> None:
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > unpacked:
                raise BadAnswer(f"{name}: the workbook would unpack to more than {unpacked:,} bytes")
            for part in parts:
                ratio = part.file_size / max(1, part.compress_size)
                if part.file_size > _RATIO_COUNTS_FROM and ratio > _MOST_RATIO:
                    raise BadAnswer(f"{name}: the workbook unpacks to {ratio:.0f} times its size: not opened")
                if _declares(packed, part):
                    raise BadAnswer(f"{name}: the workbook declares XML entities: not opened")
    except zipfile.BadZipFile:
        raise BadAnswer(f"{name}: is no XLSX, or only a part of one") from None
    except (NotImplementedError, RuntimeError):
        raise BadAnswer(f"{name}: is encrypted or packed in a way that XLSX is not") from None


def _declares(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether a part is XML with a declaration before its first element, or with too much there to tell.

    Any part may be XML, whatever its name; UTF-16 reads like ASCII without its NULs.
    """
    with packed.open(part) as stream:
        start = stream.read(_MOST_PROLOG).replace(b"\x00", b"").lstrip(_MARKS)
    if not start.startswith(b"<"):
        return False
    return not _ELEMENT.match(_PROLOG.sub(b"", start, count=1))


def _open(file: BinaryIO, name: str) -> "Workbook":
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles that it does not know, and we do not need
            return load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, SyntaxError) as error:
        raise BadAnswer(f"{name}: the workbook cannot be opened ({type(error).__name__})") from None


def _rows(book: "Workbook", name: str, form: FileForm, columns: Mapping[str, Column]) -> Iterator[Row]:
    sheet = book[_sheet(book.sheetnames, name, form)]
    sheet.reset_dimensions()  # programs write a wrong size; what stands beyond it would be left out
    top = form.header_line
    names = _header(sheet, top, name) if top else []
    where = header.places(names, columns, name) if top else header.numbers(columns, name)
    width = max(len(names), *(place + 1 for place in where.values()))
    for line, cells in enumerate(sheet.iter_rows(min_row=top + 1, max_col=width), top + 1):
        if line > _MOST_LINES:
            raise BadAnswer(
                f"{name}: the sheet claims more than {_MOST_LINES:,} lines: it is damaged, or a trap"
            )
        values = [_value(cell) for cell in cells]
        if any(value != "" for value in values):
            yield row_of(line, values, where, 0)


def _header(sheet: _Sheet, line: int, name: str) -> list[str]:
    """The names of the columns, without the empty ones at the end."""
    cells = next(iter(sheet.iter_rows(min_row=line, max_row=line, max_col=_MOST_COLUMNS)), ())
    names = [str(_value(cell)) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise BadAnswer(f"{name}: line {line} should hold the column names, and is empty")
    return names


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
