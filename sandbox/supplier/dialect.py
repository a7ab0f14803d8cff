"""How a supplier writes its files: each does it in its own way, and some do it badly.

The writing and reading here is the sandbox's own: it shares nothing with the connector that it is tried with.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.supplier.records import Good, Said

LIST_FIELDS = ("code", "sku", "name", "cost", "currency", "stock", "pack", "lead_days")
SAID_FIELDS = ("reference", "code", "quantity", "status", "reason", "tracking", "carrier", "date")


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way of writing. `form` is csv or jsonl; `words` maps a stock to the text that stands for it."""

    form: str = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    line_end: str = "\r\n"
    bom: bool = False
    plenty: int = 0
    """From so many pieces on, only `N+` is told; 0: the true figure always is."""
    done_marker: str = ".done"
    headings: Mapping[str, str] = field(default_factory=dict)

    @property
    def ending(self) -> str:
        """Of file names."""
        return self.form

    def price_list(self, goods: Iterable[Good], currency: str, bad: Iterable[str] = ()) -> bytes:
        """The price and stock list; rows of the codes in `bad` are spoilt."""
        spoilt = set(bad)
        return self._table(LIST_FIELDS, [self._row(good, currency, good.code in spoilt) for good in goods])

    def papers(self, said: Iterable[Said]) -> bytes:
        """An acknowledgement or a despatch note."""
        rows = [
            {
                "reference": one.reference,
                "code": one.code,
                "quantity": str(one.quantity) if one.quantity else "",
                "status": one.status,
                "reason": one.reason,
                "tracking": one.tracking,
                "carrier": one.carrier,
                "date": one.at.isoformat(),
            }
            for one in said
        ]
        return self._table(SAID_FIELDS, rows)

    def heading(self, name: str) -> str:
        """What the file calls a column."""
        return self.headings.get(name, name)

    def options(self) -> dict[str, Any]:
        """How an administrator would describe the file."""
        marks: dict[str, Any] = {"decimal": self.decimal}
        if self.thousands:
            marks["thousands"] = {" ": "space"}.get(self.thousands, self.thousands)
        if self.form == "csv":
            marks["delimiter"] = {"\t": "tab"}.get(self.delimiter, self.delimiter)
        return {"format": self.form, "encoding": self.encoding, **marks}

    def columns(self, names: Iterable[str]) -> dict[str, str]:
        """Our names and the file's."""
        return {name: self.heading(name) for name in names}

    def _row(self, good: Good, currency: str, spoilt: bool) -> dict[str, str]:
        told = f"{self.plenty}+" if self.plenty and good.stock >= self.plenty else str(good.stock)
        return {
            "code": good.code,
            "sku": good.sku,
            "name": good.name,
            "cost": self._money(good.cents),
            "currency": currency,
            "stock": "#REF!" if spoilt else told,
            "pack": str(good.pack),
            "lead_days": str(good.lead_days),
        }

    def _money(self, cents: int) -> str:
        whole = f"{cents // 100:,}".replace(",", self.thousands)
        return f"{whole}{self.decimal}{cents % 100:02d}"

    def _table(self, fields: Iterable[str], rows: Iterable[Mapping[str, str]]) -> bytes:
        names = list(fields)
        if self.form == "jsonl":
            lines = [
                json.dumps({self.heading(name): row[name] for name in names}, ensure_ascii=False)
                for row in rows
            ]
        else:
            lines = [self.delimiter.join(self.heading(name) for name in names)]
            lines += [self.delimiter.join(self._quoted(row[name]) for name in names) for row in rows]
        text = "".join(line + self.line_end for line in lines)
        return ("\ufeff" + text if self.bom else text).encode(self.encoding)

    def _quoted(self, text: str) -> str:
        if any(sign in text for sign in (self.delimiter, '"', "\n", "\r")):
            return '"' + text.replace('"', '""') + '"'
        return text


PLAIN = Dialect()
GERMAN = Dialect(
    encoding="cp1252",
    delimiter=";",
    decimal=",",
    thousands=".",
    plenty=100,
    headings={"code": "Artikel-Nr.", "cost": "Preis €", "stock": "Bestand", "name": "Bezeichnung"},
)
CHINESE = Dialect(
    encoding="gb18030",
    delimiter="\t",
    headings={"code": "货号", "cost": "单价", "stock": "库存", "name": "品名", "currency": "币种"},
)
LINES = Dialect(form="jsonl", line_end="\n")
