"""Reads single cells: numbers with stated marks, dates, codes. What does not fit is refused, never guessed at.

A cell is text, or a number that its file typed itself (XLSX, JSON); a typed one needs no marks. What a
spreadsheet did to a number (`6.9E+12`, `#REF!`) cannot be undone.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from config.errors import listed, near, shown
from connectors.suppliers.feed.formats import Column, FileForm

Cell = str | Decimal | datetime

_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+")
_ERRORS = frozenset({"#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#NV"})
_SPACES = dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u2007\u3000\t"), " ")
_FULL_WIDTH = {0xFF01 + n: chr(0x21 + n) for n in range(94)} | {0x2019: "'", 0x2212: "-"}
_MOST_DIGITS = 18
_MOST_CODE = 200


class BadCell(ValueError):
    """A cell cannot be used: the text says why, and what to do where that is known."""


def text(cell: Cell) -> str:
    """The cell as text without outer white space; a typed number without an exponent or a lost point."""
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, Decimal):
        exact = abs(cell.adjusted()) < _MOST_DIGITS and cell == cell.to_integral_value()
        return str(int(cell)) if exact and _exponent(cell) <= 0 else str(cell)
    return cell.strip() if cell.isascii() else cell.translate(_SPACES).strip()


def word(cell: Cell) -> str:
    """A cell as it is compared with words: without regard to capitals and inner white space."""
    return " ".join(text(cell).casefold().split())


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 1


def code(cell: Cell) -> str:
    """An article code, SKU or reference, leading zeros kept. Raises BadCell."""
    found = text(cell)
    if not found:
        raise BadCell("the cell is empty")
    refuse_spoilt(found)
    if len(found) > _MOST_CODE or not found.isprintable():
        raise BadCell(f"{shown(found)} is no code: too long, or with signs that cannot be printed")
    return found


def gtin(cell: Cell) -> str:
    """A GTIN of 8, 12, 13 or 14 digits with its check digit (GS1 General Specifications, 7.9)."""
    found = code(cell)
    if not re.fullmatch(r"[0-9]{8}|[0-9]{12,14}", found):
        raise BadCell(f"{shown(found)} is no GTIN: it has 8, 12, 13 or 14 digits")
    digits = [int(digit) for digit in reversed(found)]
    if (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10:
        raise BadCell(f"{shown(found)} is no GTIN: its check digit is wrong")
    return found


def number(cell: Cell, column: Column, form: FileForm) -> Decimal:
    """The number in a cell that is not empty, by the column's marks, else the file's. Raises BadCell."""
    if isinstance(cell, Decimal):
        return _sane(cell, str(cell))
    decimal = column.decimal or form.decimal
    thousands = column.thousands or (form.thousands if form.thousands != decimal else None)
    found = text(cell)
    found = _bare(found if found.isascii() else found.translate(_FULL_WIDTH), column)
    refuse_spoilt(found)
    whole, fraction = _halves(found, decimal, thousands)
    return _sane(Decimal(f"{whole}.{fraction or '0'}"), found)


def is_like_a_number(found: str) -> bool:
    """Whether it has nothing but digits and marks."""
    return bool(re.fullmatch(r"[+-]?[0-9][0-9.,' ]*", found))


def whole(cell: Cell, column: Column, form: FileForm) -> int:
    """A number without a fraction (12, or 12.0), of any sign."""
    found = number(cell, column, form)
    if found != found.to_integral_value():
        raise BadCell(f"{shown(text(cell))} is not a whole number")
    return int(found)


def moment(cell: Cell, date_format: str | None, zone: ZoneInfo) -> datetime:
    """A time in UTC; one without a zone is in `zone`, a day alone is its beginning."""
    if isinstance(cell, datetime):
        at = cell
    else:
        found = text(cell)
        try:
            at = (
                datetime.strptime(found, date_format)  # noqa: DTZ007 - the zone follows
                if date_format
                else datetime.fromisoformat(found)
            )
        except ValueError:
            allowed = date_format or "2026-06-01 or 2026-06-01T09:00"
            raise BadCell(f"{shown(found)} is not a date of the form {allowed}") from None
    try:
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise BadCell("the date is out of range") from None


def by_word(cell: Cell, table: dict[str, object], option: str) -> object:
    """What a word means by the admin's table. Raises BadCell that names the option."""
    meanings = {word(key): meaning for key, meaning in table.items()}
    found = word(cell)
    if found in meanings:
        return meanings[found]
    hint = near(found, meanings)
    slip = f"; did you mean {shown(hint)}" if hint else ""
    said = f"there are: {listed(table)}" if table else "the table is empty"
    raise BadCell(f"{shown(text(cell))} stands in no table: add it to `{option}` ({said}){slip}")


def day_in(name: str, zone: ZoneInfo) -> datetime | None:
    """The date in a file's name, such as stock_2026-01-31_0915.csv, as UTC; None where there is none."""
    match = re.search(
        r"(?<!\d)(20\d\d)-?([01]\d)-?([0-3]\d)(?:[-_T ]?([0-2]\d)[-:]?([0-5]\d)(?:[-:]?([0-5]\d))?)?(?!\d)",
        name,
    )
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
    return at.astimezone(UTC)


def _bare(found: str, column: Column) -> str:
    for mark in column.strip:
        found = found.removeprefix(mark).removesuffix(mark).strip()
    return found


def refuse_spoilt(found: str) -> None:
    """Raises BadCell for what a spreadsheet did to a value."""
    if _SCIENTIFIC.fullmatch(found):
        what = f"{shown(found)} is a number that a spreadsheet has rounded"
        raise BadCell(f"{what}: format the column as text and enter it again")
    if found.upper() in _ERRORS or found.startswith("="):
        raise BadCell(f"{shown(found)} is a spreadsheet's formula or error, not a value")


def _halves(found: str, decimal: str, thousands: str | None) -> tuple[str, str]:
    """(whole with sign, fraction) as plain digits."""
    group = {None: "", "space": " "}.get(thousands, thousands)
    grouped = rf"|[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{3}})+" if group else ""
    match = re.fullmatch(rf"([+-]?)([0-9]+{grouped})(?:{re.escape(decimal)}([0-9]+))?", found)
    if match is None:
        raise BadCell(_why_not(found, decimal, thousands))
    whole = match[2].replace(group, "") if group else match[2]
    if len(whole) + len(match[3] or "") > _MOST_DIGITS:
        raise BadCell(f"{shown(found)} has more than {_MOST_DIGITS} digits")
    return match[1] + whole, match[3] or ""


def _why_not(found: str, decimal: str, thousands: str | None) -> str:
    if not found:
        return "the cell is empty"
    marks = (
        f"decimal {decimal!r}, thousands {thousands!r}" if thousands else f"decimal {decimal!r}, no thousands"
    )
    if is_like_a_number(found):
        return f"{shown(found)} does not fit the stated marks ({marks}): set `decimal` and `thousands`"
    return f"{shown(found)} is not a number"


def _sane(value: Decimal, found: str) -> Decimal:
    if not value.is_finite() or abs(value) >= Decimal(10) ** _MOST_DIGITS:
        raise BadCell(f"{shown(found)} is not a number that can be used")
    return value
