"""The tables of `goods:` and `rates:`: rows that cannot be read are left out, and told by file and line."""

import re
from array import array
from datetime import date
from decimal import Decimal
from pathlib import Path

from config.errors import Problem, shown
from config.units import BadUnit, currency
from mappings.goods import AMOUNTS, COLUMNS, SEPARATOR
from mappings.tables import BadRow, Row, gather, rows_of
from sync.domain.sku import normal_sku

MOST_TOLD = 50
"""Bad rows of one table that are told one by one."""
AMOUNT_ALLOWED = "an amount such as 12.50, or an empty cell where it is not known"
_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,9})?")
_FLAGS = {"yes": "yes", "true": "yes", "no": "", "false": "", "": ""}
_POSITIVE = ("list_price", "map")


def goods_table(
    path: Path, file: str, default: str | None, warnings: list[Problem], at: "array[int] | None" = None
) -> dict[str, str]:
    """`sku` and any of COLUMNS: a kept row (see GoodsTable) by SKU. `default` is the currency of other rows.

    `at` is given the rows' lines, in their order.
    """
    codes: dict[str, str] = {}

    def read(row: Row) -> tuple[str, str]:
        cells = row.cells
        sku = normal_sku(cells["sku"])
        if sku is None:
            raise BadRow("sku", "the cell is empty")
        kept = [_amount(cells.get(name, ""), name) for name in AMOUNTS]
        code = _currency(cells.get("currency", ""), "currency", codes) or default or ""
        if not code and any(kept):
            raise BadRow(
                "currency", "there is no currency", "EUR here, or for all rows: goods: {currency: EUR}"
            )
        kept += [code, _tags(cells.get("tags", "")), _flag(cells.get("blocked", ""))]
        return sku, SEPARATOR.join([*kept, _day(cells.get("expires", ""), "expires"), cells.get("title", "")])

    rows = rows_of(path, file, "utf-8", required=("sku",), optional=COLUMNS)
    bad: list[Problem] = []
    found = gather(rows, read, file, "sku", bad, at)
    warnings.extend(_first(bad, file))
    return found


def rate_table(
    path: Path, file: str, warnings: list[Problem], at: "array[int] | None" = None
) -> dict[tuple[str, str, date], Decimal]:
    """`date,from,to,rate`: by (from, to, date), how many `to` one `from` is. `at` as of `goods_table`."""
    codes: dict[str, str] = {}

    def read(row: Row) -> tuple[tuple[str, str, date], Decimal]:
        source, target = (_currency(row.cells[name], name, codes) for name in ("from", "to"))
        day, rate = _day(row.cells["date"], "date"), _amount(row.cells["rate"], "rate")
        for name, value in (("date", day), ("from", source), ("to", target), ("rate", rate)):
            if not value:
                raise BadRow(name, "the cell is empty")
        if source == target:
            raise BadRow("to", f"a rate from {source} to itself says nothing")
        if not Decimal(rate):
            raise BadRow("rate", "a rate cannot be 0")
        return (source, target, date.fromisoformat(day)), Decimal(rate)

    rows = rows_of(path, file, "utf-8", required=("date", "from", "to", "rate"))
    bad: list[Problem] = []
    found = gather(rows, read, file, "rate", bad, at)
    warnings.extend(_first(bad, file))
    return found


def _first(bad: list[Problem], file: str) -> list[Problem]:
    """A table that is wrong all through is told by its first rows and their number."""
    if len(bad) <= MOST_TOLD:
        return bad
    last = bad[MOST_TOLD]
    what = f"{len(bad) - MOST_TOLD} more rows from here on are left out"
    return [*bad[:MOST_TOLD], Problem(file, last.line, 1, "", what)]


def _amount(text: str, name: str) -> str:
    if not text:
        return ""
    if not _AMOUNT.fullmatch(text) or not text.isascii():
        what = f"{shown(text)} is not an amount"
        if re.fullmatch(r"[\d.]*,\d+", text):
            what = f"{shown(text)} has a comma in its number; write 1999 or 19.90"
        elif re.fullmatch(r"-[\d.]+", text):
            what = f"{shown(text)} is below 0"
        raise BadRow(name, what, AMOUNT_ALLOWED)
    if name in _POSITIVE and not Decimal(text):
        raise BadRow(name, "0 is no price", AMOUNT_ALLOWED)
    return text


def _currency(text: str, name: str, known: dict[str, str]) -> str:
    """The code; what was found once is not looked up again."""
    if text and text not in known:
        try:
            known[text] = currency(text)
        except BadUnit as error:
            hint = f"; did you mean {error.hint}?" if error.hint else ""
            raise BadRow(name, error.what, f"{error.allowed}{hint}") from None
    return known.get(text, "")


def _tags(text: str) -> str:
    return "|".join(tag.strip() for tag in text.split("|") if tag.strip())


def _flag(text: str) -> str:
    found = _FLAGS.get(text.lower())
    if found is None:
        raise BadRow("blocked", f"{shown(text)} is neither yes nor no", "yes, no, or an empty cell for no")
    return found


def _day(text: str, name: str) -> str:
    if not text:
        return ""
    try:
        found = date.fromisoformat(text if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else "")
    except ValueError:
        raise BadRow(name, f"{shown(text)} is not a date", "year, month and day: 2026-06-30") from None
    return found.isoformat()
