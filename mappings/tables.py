"""CSV tables as people save them: a bad row is listed by file and line and left out, never guessed at.

UTF-8 with or without BOM and UTF-16 are read, other encodings where the YAML names them; comma, semicolon
and tab are told apart by the header line. What a spreadsheet did to a number (`6.9E+12`, `#REF!`) cannot be
undone, so that its row is refused.
"""

import csv
import io
import re
from array import array
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from config.errors import ConfigError, Problem, listed, near, shown
from config.text import decode, read_bytes
from config.units import BadUnit, weight
from mappings.skus import Components, ListingKey, listing_key
from sync.domain.sku import normal_sku

MAX_BYTES = 64 << 20
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+")
_CELL_ERRORS = frozenset({"#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#NV"})
if TYPE_CHECKING:
    from _csv import Reader
Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `line` counts from 1, the header included; cells without outer white space.

    `problem` says that it has other cells than its header, so that nobody can know which is which.
    """

    line: int
    cells: Mapping[str, str]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class BadRow(Exception):
    """A row cannot be used."""

    key: str
    what: str
    allowed: str = ""


def listing_table(
    path: Path,
    file: str,
    encoding: str,
    shops: Collection[str],
    warnings: list[Problem],
    overridden: Callable[[ListingKey], str] = lambda key: "",
) -> dict[ListingKey, Components]:
    """`account,listing,sku,pack`: what each listing is. `*` or nothing as account means every shop.

    `overridden` says where an override stands before a row, or an empty text: such a row is left out.
    """

    def read(row: Row) -> tuple[ListingKey, Components]:
        account = row.cells["account"] or "*"
        if account != "*" and account not in shops:
            raise BadRow("account", f"there is no shop {shown(account)}", listed(shops))
        sku = normal_sku(row.cells["sku"])
        if not row.cells["listing"] or sku is None:
            raise BadRow("listing" if sku else "sku", "the cell is empty")
        key = listing_key(account, row.cells["listing"])
        if place := overridden(key):
            raise BadRow("listing", f"the override in {place} says already what this listing is")
        return key, ((sku, _pack(row.cells.get("pack", ""))),)

    rows = rows_of(path, file, encoding, required=("account", "listing", "sku"), optional=("pack",))
    return gather(rows, read, file, "listing", warnings)


def weight_table(path: Path, file: str, warnings: list[Problem]) -> dict[str, Decimal]:
    """`sku,weight`: kilograms by SKU; each weight with its unit."""

    def read(row: Row) -> tuple[str, Decimal]:
        sku = normal_sku(row.cells["sku"])
        if sku is None:
            raise BadRow("sku", "the cell is empty")
        try:
            return sku, weight(row.cells["weight"])
        except BadUnit as error:
            raise BadRow("weight", error.what, error.allowed) from None

    return gather(rows_of(path, file, "utf-8", required=("sku", "weight")), read, file, "sku", warnings)


def _pack(text: str) -> int:
    if not text:
        return 1
    if not re.fullmatch(r"[1-9]\d{0,5}", text):
        raise BadRow("pack", f"{shown(text)} is not a number of units", "a whole number from 1")
    return int(text)


def gather(
    rows: Iterator[Row],
    read: Callable[[Row], tuple[Key, Value]],
    file: str,
    title: str,
    warnings: list[Problem],
    at: "array[int] | None" = None,
) -> dict[Key, Value]:
    """The good rows; of two rows about one thing the first stays. `at` is given their lines, in the same order."""
    found: dict[Key, Value] = {}
    lines: dict[Key, int] = {}
    for row in rows:
        try:
            _check_cells(row)
            key, value = read(row)
            if key in found:
                raise BadRow(title, f"line {lines[key]} is about the same {title} already")
        except BadRow as bad:
            what = f"{bad.what} (this row is left out)"
            warnings.append(Problem(file, row.line, 1, bad.key, what, bad.allowed))
            continue
        found[key], lines[key] = value, row.line
        if at is not None:
            at.append(row.line)
    return found


def _check_cells(row: Row) -> None:
    if row.problem:
        raise BadRow(
            "", row.problem, "as many cells as the header has; one with a comma in it stands in quotes"
        )
    for column, text in row.cells.items():
        if _SCIENTIFIC.fullmatch(text):
            what = f"{shown(text)} is a number that a spreadsheet has rounded"
            raise BadRow(column, what, "format the column as text and enter it again")
        if text.upper() in _CELL_ERRORS or text.startswith("="):
            raise BadRow(column, f"{shown(text)} is a spreadsheet's formula or error, not a value")


def rows_of(
    path: Path, file: str, encoding: str, *, required: tuple[str, ...], optional: tuple[str, ...] | None = ()
) -> Iterator[Row]:
    """The rows below the header; ConfigError where the table as a whole cannot be used.

    With None as `optional` any other column may stand there.
    """
    text = decode(read_bytes(path, file, MAX_BYTES), file, encoding)
    header_line = text.split("\n", 1)[0]
    if not header_line.strip():
        whole = "the table is empty" if not text.strip() else "the first line is empty"
        columns = ",".join(required + (optional or ()))
        raise ConfigError([Problem(file, 1, 1, "", whole, f"a header line: {columns}")])
    delimiter = max(",;\t", key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [name.strip().lower() for name in next(reader)]
    except csv.Error as error:
        raise _not_csv(error, 1, file) from None
    _check_header(header, file, required, tuple(header) if optional is None else optional)
    return _cells(reader, header, file)


def _check_header(header: list[str], file: str, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    known = required + optional
    problems = [
        Problem(file, 1, 1, name, "there is no such column", listed(known), near(name, known))
        for name in header
        if name not in known
    ]
    problems += [
        Problem(file, 1, 1, name, "this column is missing", listed(known))
        for name in required
        if name not in header
    ]
    problems += [
        Problem(file, 1, 1, name, "this column stands twice")
        for name in {name for name in header if header.count(name) > 1}
    ]
    if problems:
        raise ConfigError(problems)


def _cells(reader: "Reader", header: list[str], file: str) -> Iterator[Row]:
    line = reader.line_num
    try:
        for cells in reader:
            line, at = reader.line_num, line + 1
            if any(cell.strip() for cell in cells):
                stripped = [cell.strip() for cell in cells]
                named = dict(zip(header, stripped, strict=False))
                yield Row(at, named, _misfit(stripped, len(header)))
    except csv.Error as error:
        raise _not_csv(error, reader.line_num, file) from None


def _misfit(cells: list[str], width: int) -> str:
    """What is wrong with the number of cells, as where a file broke off or a comma stands in a text; else empty."""
    if len(cells) < width or any(cells[width:]):
        return f"this row has {len(cells)} cells, and the header {width}"
    return ""


def _not_csv(error: csv.Error, line: int, file: str) -> ConfigError:
    what = f"this is not CSV: {error}"
    return ConfigError([Problem(file, line, 1, "", what, 'cells with line ends in "quotes"')])
