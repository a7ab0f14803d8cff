"""Rows into offers and reports. Pure: a row that cannot be used says why, by column."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from config.errors import shown
from config.units import BadUnit, currency
from connectors.contract import Broken
from connectors.contract.supplier import SupplierOffer
from connectors.suppliers.feed import cells
from connectors.suppliers.feed.cells import BadCell, Cell
from connectors.suppliers.feed.formats import (
    UNKNOWN,
    Column,
    CostFor,
    ListOptions,
    Measure,
    Negative,
    ReportOptions,
    Verdict,
)
from connectors.suppliers.feed.payloads import Row

_FINEST = Decimal("0.000001")
_MOST_STOCK = 10**9
_MOST_PIECES = 10**6
T = TypeVar("T")


class BadRow(ValueError):
    """A row cannot be used; `code` is its article code or order reference where that could be read."""

    def __init__(self, why: str, code: str | None = None) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, slots=True)
class Listed:
    """One good row of a list: the offer, pieces in a pack, and the row's own date."""

    offer: SupplierOffer
    pieces: int
    dated: datetime | None


@dataclass(frozen=True, slots=True)
class Reported:
    """One good row of an acknowledgement or a despatch note; `code` is empty for the order as a whole."""

    reference: str
    code: str
    quantity: int
    verdict: Verdict
    reason: str | None
    tracking: str | None
    carrier: str | None
    at: datetime | None
    id: str


def broken(row: Row, error: BadRow, name: str) -> Broken:
    """The row as it came, by its code, else by its place."""
    return Broken(error.code or f"{name}:{row.line}", f"{name} line {row.line}: {error}", row.raw)


class _Cells:
    """The cells of one row, each read as its column says."""

    def __init__(self, row: Row, options: ListOptions | ReportOptions) -> None:
        self._row = row
        self._options = options
        self._there = {name for name, cell in row.cells.items() if cells.text(cell)}

    def has(self, name: str) -> bool:
        return name in self._there

    def cell(self, name: str) -> Cell:
        return self._row.cells.get(name, "")

    def code(self, name: str) -> str:
        try:
            return cells.code(self.cell(name))
        except BadCell as error:
            raise BadRow(f"{name}: {error}") from None

    def whole(self, name: str) -> int:
        return cells.whole(self.cell(name), self._column(name), self._options)

    def number(self, name: str) -> Decimal:
        return cells.number(self.cell(name), self._column(name), self._options)

    def text(self, name: str) -> str | None:
        return " ".join(cells.text(self.cell(name)).split()) or None

    def _column(self, name: str) -> Column:
        found: Column = getattr(self._options.columns, name)
        return found


def listed(row: Row, options: ListOptions, zone: ZoneInfo) -> Listed:
    """A row of a price and stock list. Raises BadRow."""
    found = _Cells(row, options)
    if row.problem is not None:
        code = cells.text(found.cell("code")) if row.cells else ""
        raise BadRow(row.problem, code or None)
    code = found.code("code")
    unit = _told("unit", code, lambda: _unit(found, options))
    pieces = _told("pack", code, lambda: unit * _pack(found, options))
    stock = _told("stock", code, lambda: _stock(found, options, pieces))
    per = _told("price_per", code, lambda: _price_per(found, options))
    cost = _told(
        "cost", code, lambda: _cost(found, options, per * (pieces if options.cost_for is CostFor.PACK else 1))
    )
    money = _told("currency", code, lambda: _currency(found, options))
    lead = _told("lead_days", code, lambda: _lead_days(found, options))
    gtin = _told("gtin", code, lambda: cells.gtin(found.cell("gtin")) if found.has("gtin") else None)
    sku = _told("sku", code, lambda: cells.code(found.cell("sku")) if found.has("sku") else gtin)
    dated = _told(
        "date",
        code,
        lambda: cells.moment(found.cell("date"), options.date_format, zone) if found.has("date") else None,
    )
    offer = SupplierOffer(code, cost, money if cost is not None else None, stock, lead, sku, row.raw)
    return Listed(offer, pieces, dated)


def _told(column: str, code: str, read: Callable[[], T]) -> T:
    """What is read, or of a bad cell in which column of which article it stands."""
    try:
        return read()
    except BadCell as error:
        raise BadRow(f"{column}: {error}", code) from None


def _unit(found: _Cells, options: ListOptions) -> int:
    if options.columns.unit is None:
        return 1
    return int(str(cells.by_word(found.cell("unit"), dict(options.units), "units")))


def _pack(found: _Cells, options: ListOptions) -> int:
    if options.columns.pack is None or not found.has("pack"):
        return 1
    pack = found.whole("pack")
    if not 1 <= pack <= _MOST_PIECES:
        raise BadCell(f"{pack} is no number of pieces in a pack")
    return pack


def _price_per(found: _Cells, options: ListOptions) -> Decimal:
    if options.columns.price_per is None or not found.has("price_per"):
        return Decimal(1)
    per = found.number("price_per")
    if per <= 0:
        raise BadCell(f"{shown(cells.text(found.cell('price_per')))} is not above 0")
    return per


def _stock(found: _Cells, options: ListOptions, pieces: int) -> int | None:
    if options.columns.stock is None or not found.has("stock"):
        return None
    cell = found.cell("stock")
    if isinstance(cell, str) and cells.word(cell) in {cells.word(key) for key in options.quantities}:
        meaning = cells.by_word(cell, dict(options.quantities), "quantities")
        return None if meaning == UNKNOWN else int(str(meaning))
    try:
        stock = found.whole("stock")
    except BadCell as error:
        cells.refuse_spoilt(cells.text(cell))
        if isinstance(cell, str) and not cells.is_like_a_number(cells.text(cell)):
            cells.by_word(cell, dict(options.quantities), "quantities")
        raise error from None
    if stock < 0 and options.negative is Negative.ZERO:
        return 0
    if not 0 <= stock <= _MOST_STOCK:
        raise BadCell(f"{stock} is no stock" + (" (see `negative`)" if stock < 0 else ""))
    return stock * pieces if options.stock_in is Measure.PACKS else stock


def _cost(found: _Cells, options: ListOptions, divisor: Decimal) -> Decimal | None:
    """The cost of one piece: what the cell says, divided."""
    if options.columns.cost is None or not found.has("cost"):
        return None
    cost = found.number("cost")
    if cost < 0:
        raise BadCell(f"{shown(cells.text(found.cell('cost')))} is below 0")
    return _short(cost if divisor == 1 else (cost / divisor).quantize(_FINEST, ROUND_HALF_UP))


def _short(cost: Decimal) -> Decimal:
    """Without zeros at the end, and without an exponent: one number is always written in one way."""
    return Decimal(format(cost.normalize(), "f"))


def _currency(found: _Cells, options: ListOptions) -> str | None:
    if options.columns.currency is None or not found.has("currency"):
        if options.currency is None and found.has("cost"):
            raise BadCell("the cell is empty, and no `currency` is stated for the list")
        return options.currency
    cell = found.cell("currency")
    if cells.word(cell) in {cells.word(key) for key in options.currencies}:
        return str(cells.by_word(cell, dict(options.currencies), "currencies"))
    try:
        return currency(cells.text(cell))
    except BadUnit as error:
        raise BadCell(f"{error.what}: add it to `currencies`") from None


def _lead_days(found: _Cells, options: ListOptions) -> int | None:
    if options.columns.lead_days is None or not found.has("lead_days"):
        return None
    cell = found.cell("lead_days")
    if isinstance(cell, str) and cells.word(cell) in {cells.word(key) for key in options.lead_times}:
        return int(str(cells.by_word(cell, dict(options.lead_times), "lead_times")))
    try:
        days = found.whole("lead_days")
    except BadCell:
        days = int(str(cells.by_word(cell, dict(options.lead_times), "lead_times")))
    if not 0 <= days <= 3650:
        raise BadCell(f"{days} is no number of days")
    return days


def reported(row: Row, options: ReportOptions, zone: ZoneInfo) -> Reported:
    """A row of an acknowledgement or a despatch note, its quantity as written. Raises BadRow."""
    found = _Cells(row, options)
    if row.problem is not None:
        raise BadRow(row.problem)
    reference, step = found.code("reference"), "status"
    try:
        verdict = Verdict.ACCEPTED
        if options.columns.status is not None:
            verdict = Verdict(str(cells.by_word(found.cell("status"), dict(options.statuses), "statuses")))
        answers = verdict in (Verdict.CANCELLED, Verdict.CANCEL_REFUSED) and not found.has("code")
        step = "quantity"
        quantity = 0 if answers else _quantity(found)
        step = "date"
        at = cells.moment(found.cell("date"), options.date_format, zone) if found.has("date") else None
    except BadCell as error:
        raise BadRow(f"{step}: {error}", reference) from None
    try:
        code = "" if answers else found.code("code")
    except BadRow as error:
        raise BadRow(str(error), reference) from None
    texts = [found.text(name) for name in ("reason", "tracking", "carrier", "id")]
    return Reported(reference, code, quantity, verdict, texts[0], texts[1], texts[2], at, texts[3] or "")


def _quantity(found: _Cells) -> int:
    quantity = found.whole("quantity")
    if not 0 < quantity <= _MOST_STOCK:
        raise BadCell(f"{quantity} is no quantity")
    return quantity


def row_mark(row: Listed) -> str:
    """A hash of what the offer says, and not of how the file writes it."""
    offer = row.offer
    said = (offer.code, str(offer.cost), offer.currency, offer.stock, offer.lead_days, offer.sku, row.pieces)
    return sha256(msgspec.json.encode(said)).hexdigest()[:16]


def report_id(kind: str, first: Reported, lines: tuple[tuple[str, int], ...]) -> str:
    """A hash of what a report says: the same said twice is the same report."""
    said = (
        kind,
        first.reference,
        first.verdict.value,
        first.id,
        first.tracking or "",
        first.at.isoformat() if first.at and not first.tracking else "",
        sorted(lines),
    )
    return sha256(msgspec.json.encode(said)).hexdigest()[:24]
