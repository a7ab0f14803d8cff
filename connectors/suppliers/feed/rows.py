"""Rows of CSV, TSV and JSON Lines as people and programs save them, one at a time, however long the file.

CRLF, BOM, tabs, blank lines and quoted line breaks are read. A file as a whole is refused (BadAnswer, with
the mend) where its encoding is not stated and cannot be seen, or where a quote is never closed; a row alone
is marked with its problem.
"""

import csv
import io
import json
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

import msgspec

from connectors.contract import BadAnswer
from connectors.suppliers.feed import header
from connectors.suppliers.feed.cells import Cell
from connectors.suppliers.feed.folder import plain_file
from connectors.suppliers.feed.formats import Column, FileForm, Form
from connectors.suppliers.feed.payloads import Row

_BOMS = (
    (BOM_UTF8, "utf-8"),
    (BOM_UTF32_LE, "utf-32-le"),
    (BOM_UTF32_BE, "utf-32-be"),
    (BOM_UTF16_LE, "utf-16-le"),
    (BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_DELIMITERS = (";", ",", "\t", "|")
_ASCII = "ascii"
_MOST_LINE = 1_000_000
_MOST_CELLS = 2000
_SAVE = "state `encoding:` (such as utf-8, gb18030, cp1252), or save the file as UTF-8 with BOM"


def form_of(name: str, form: FileForm) -> Form:
    """The stated format, else the one of the file's ending. Raises BadAnswer."""
    if form.format is not None:
        return form.format
    endings = {"csv": Form.CSV, "txt": Form.CSV, "tsv": Form.TSV, "tab": Form.TSV, "xlsx": Form.XLSX}
    endings |= {"jsonl": Form.JSONL, "ndjson": Form.JSONL}
    ending = name.rpartition(".")[2].lower()
    if ending not in endings:
        raise BadAnswer(f"{name}: the ending says no format: state `format: csv`, tsv, xlsx or jsonl")
    return endings[ending]


def text_rows(path: Path, name: str, form: FileForm, columns: Mapping[str, Column]) -> Iterator[Row]:
    """The rows of a CSV, TSV or JSON Lines file. Raises BadAnswer where the file cannot be used."""
    kind = form_of(name, form)
    with plain_file(path) as raw:
        json_lines = kind is Form.JSONL
        stated = form.encoding or ("utf-8" if json_lines else None)
        encoding = _encoding(raw, name, stated, table=not json_lines)
        stream = io.TextIOWrapper(raw, encoding, "strict", newline="")
        lines = _lines(stream, name)
        try:
            if kind is Form.JSONL:
                yield from _objects(lines, columns)
            else:
                yield from _table(lines, name, form, kind, columns)
        except UnicodeDecodeError as error:
            raise BadAnswer(f"{name}: {_undecodable(error, encoding)}") from None
        except csv.Error as error:
            raise BadAnswer(f"{name}: cannot be read as a table ({error}); is a quote left open?") from None


def _lines(stream: io.TextIOWrapper, name: str) -> Iterator[str]:
    """The lines, each no longer than a line can sensibly be: a file without line ends is read in no time."""
    number = 0
    while line := stream.readline(_MOST_LINE + 1):
        number += 1
        if len(line) > _MOST_LINE:
            raise BadAnswer(
                f"{name}: line {number} is longer than {_MOST_LINE:,} characters: is it the right file?"
            )
        yield line


def _encoding(raw: BinaryIO, name: str, stated: str | None, *, table: bool) -> str:
    start = raw.read(4)
    if not start:
        raise BadAnswer(f"{name}: the file is empty")
    for bom, found in _BOMS:
        if start.startswith(bom):
            raw.seek(len(bom))
            return found
    raw.seek(0)
    if table and start.lstrip()[:1] in (b"{", b"[", b"<"):
        raise BadAnswer(f"{name}: is JSON or a web page, and no table: is it the right file?")
    if stated is None and b"\x00" in start:
        raise BadAnswer(f"{name}: looks like UTF-16 without its mark: {_SAVE}")
    if stated == "utf-16":
        raise BadAnswer(f"{name}: has no BOM, so that utf-16 is ambiguous: state utf-16-le or utf-16-be")
    return stated or _ASCII


def _undecodable(error: UnicodeDecodeError, encoding: str) -> str:
    byte = f"byte 0x{error.object[error.start]:02X}"
    if encoding == _ASCII:
        return f"holds {byte}, which is not ASCII, and neither a BOM nor a stated encoding says what it is: {_SAVE}"
    return f"holds {byte}, which is not {encoding}: {_SAVE}"


def _table(
    stream: Iterator[str], name: str, form: FileForm, kind: Form, columns: Mapping[str, Column]
) -> Iterator[Row]:
    delimiter, top = _delimiter(stream, name, form, kind, columns)
    reader = csv.reader(chain(top, stream), delimiter=delimiter, strict=True)
    width = 0
    if form.header_line:
        names = _header_row(reader, form.header_line, name)
        where, width = header.places(names, columns, name), len(names)
    else:
        where = header.numbers(columns, name)
    line = reader.line_num
    for cells in reader:
        first, line = line + 1, reader.line_num
        if any(cell.strip() for cell in cells):
            yield row_of(first, cells, where, width)


def _header_row(reader: Iterator[list[str]], line: int, name: str) -> list[str]:
    found = next(islice(reader, line - 1, None), None)
    if found is None or not any(cell.strip() for cell in found):
        raise BadAnswer(f"{name}: line {line} should hold the column names, and is empty")
    return found


def row_of(line: int, cells: Sequence[Cell], where: Mapping[str, int], width: int) -> Row:
    """A row of a table; one that is shorter or longer than its header is marked."""
    if len(cells) > _MOST_CELLS:
        return Row(line, {}, b"", f"has {len(cells):,} cells: more than {_MOST_CELLS:,}")
    raw = msgspec.json.encode([str(cell) for cell in cells])
    problem = None
    if len(cells) <= max(where.values()) or (width and len(cells) < width):
        problem = f"has {len(cells)} cells where the header has {width or max(where.values()) + 1}"
    elif width and any(str(cell).strip() for cell in cells[width:]):
        problem = f"has {len(cells)} cells where the header has {width}: is a delimiter inside a value?"
    named = {ours: cells[at] for ours, at in where.items() if at < len(cells)}
    if problem is None and any(isinstance(cell, str) and "\x00" in cell for cell in named.values()):
        problem = "holds a NUL character"
    return Row(line, named, raw, problem)


def _delimiter(
    stream: Iterator[str], name: str, form: FileForm, kind: Form, columns: Mapping[str, Column]
) -> tuple[str, list[str]]:
    """The delimiter, and the lines that were read to find it."""
    if form.delimiter is not None:
        return ("\t" if form.delimiter == "tab" else form.delimiter), []
    if kind is Form.TSV:
        return "\t", []
    if not form.header_line:
        raise BadAnswer(
            f'{name}: without a header the delimiter must be stated: `delimiter: ";"`, "," or tab'
        )
    top = list(islice(stream, form.header_line))
    last = top[-1] if len(top) == form.header_line else ""
    fitting = [mark for mark in _DELIMITERS if header.fits(_split(last, mark), columns)]
    if len(fitting) == 1 or (fitting and len(columns) == 1):
        return fitting[0], top
    return max(_DELIMITERS, key=last.count), top


def _split(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _objects(stream: Iterator[str], columns: Mapping[str, Column]) -> Iterator[Row]:
    for line, text in enumerate(stream, 1):
        if not text.strip():
            continue
        raw = text.strip().encode()
        try:
            found = json.loads(text, parse_float=Decimal, parse_int=Decimal)
        except RecursionError:
            yield Row(line, {}, raw, "is nested too deeply")
            continue
        except (ValueError, ArithmeticError):
            yield Row(line, {}, raw, "is not JSON")
            continue
        if not isinstance(found, dict):
            yield Row(line, {}, raw, "is not a JSON object")
            continue
        cells = {ours: _cell(_under(found, column.column)) for ours, column in columns.items()}
        odd = next((columns[ours].column for ours, cell in cells.items() if cell is None), None)
        named = {ours: cell for ours, cell in cells.items() if cell is not None}
        yield Row(line, named, raw, f"{odd} is a list, an object or a flag" if odd else None)


def _under(found: dict[str, object], key: str) -> object:
    if key in found:
        return found[key]
    value: object = found
    for step in key.split("."):
        value = value.get(step, "") if isinstance(value, dict) else ""
    return value


def _cell(value: object) -> Cell | None:
    if value is None:
        return ""
    return value if isinstance(value, str) or (isinstance(value, Decimal) and value.is_finite()) else None
