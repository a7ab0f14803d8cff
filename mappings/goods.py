"""What is known of our goods: one row of text a SKU, so that two hundred thousand cost little memory.

An amount of a listing is the sum over its components, each times its units. Where one of them is not known,
the sum is not known, and it says what is missing: absent is not zero.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from mappings.facts import OfferFacts
from sync.domain.rules import RuleRef
from sync.domain.sku import normal_sku

COLUMNS = ("cost", "landed_cost", "list_price", "map", "currency", "tags", "blocked", "expires", "title")
"""Of a row, in the order in which it keeps them; an empty text is an empty cell."""
AMOUNTS = COLUMNS[:4]
SEPARATOR = "\x00"
"""Between the cells of a kept row: no table can hold one."""
_INDEX = {name: index for index, name in enumerate(COLUMNS)}


@dataclass(frozen=True, slots=True)
class Goods:
    """One SKU. Amounts are of one unit, in major units of `currency`; None is not known."""

    sku: str
    cost: Decimal | None = None
    landed_cost: Decimal | None = None
    list_price: Decimal | None = None
    map: Decimal | None = None
    currency: str = ""
    """Empty where the row has no amount."""
    tags: tuple[str, ...] = ()
    blocked: bool = False
    expires: date | None = None
    """The last day on which it may be sold."""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """What one piece of a listing costs: a sum for each currency, or what is missing."""

    sums: Mapping[str, Decimal] = field(default_factory=dict)
    missing: str = ""
    from_suppliers: bool = False
    """Whether a supplier's cost stands in for one of the table's."""

    @property
    def single(self) -> tuple[Decimal, str] | None:
        """The sum with its currency; None where it is not known, or of several currencies."""
        if self.missing or len(self.sums) != 1:
            return None
        ((currency, value),) = self.sums.items()
        return value, currency


@dataclass(frozen=True, slots=True)
class GoodsTable:
    """`goods:` as it is asked for. Without a table nothing is known of any SKU."""

    file: str = ""
    """The table's file; empty without one."""
    rows: Mapping[str, str] = field(default_factory=dict, repr=False)
    """By SKU: the cells of COLUMNS, joined by SEPARATOR."""
    shown: str = ""
    """The file as messages name it."""
    lines: Sequence[int] = field(default=(), repr=False, compare=False)
    """Of the rows, in their order."""

    def get(self, sku: str) -> Goods | None:
        """What is known of a SKU; None where the table does not have it."""
        key = normal_sku(sku) or sku
        row = self.rows.get(key)
        if row is None:
            return None
        cost, landed_cost, list_price, map_, currency, tags, blocked, expires, title = row.split(SEPARATOR)
        return Goods(
            key,
            _decimal(cost),
            _decimal(landed_cost),
            _decimal(list_price),
            _decimal(map_),
            currency,
            tuple(tags.split("|")) if tags else (),
            blocked == "yes",
            date.fromisoformat(expires) if expires else None,
            title,
        )

    def tags(self, facts: OfferFacts) -> tuple[str, ...]:
        """The tags of all goods of a listing."""
        found: list[str] = []
        for sku, _ in facts.components:
            row = self.rows.get(sku)
            tags = row.split(SEPARATOR)[_INDEX["tags"]] if row is not None else ""
            found += tags.split("|") if tags else []
        return tuple(dict.fromkeys(found))

    def amount(self, name: str, facts: OfferFacts) -> Amount:
        """One of AMOUNTS, of one piece of the listing. A supplier's cost stands in for a cost that is absent."""
        sums: dict[str, Decimal] = {}
        lent = False
        for sku, units in facts.components:
            found = self._own(name, sku)
            if found is None and name == "cost":
                found = facts.supplier_costs.get(sku)
                lent = True
            if found is None:
                return Amount(missing=self._missing(name, sku))
            value, currency = found
            sums[currency] = sums.get(currency, Decimal(0)) + value * units
        return Amount(sums, "" if sums else "the listing is bound to no SKU", lent)

    def places(self, name: str, skus: Collection[str]) -> tuple[RuleRef, ...]:
        """Where the rows of these SKUs stand that have one of AMOUNTS, by line."""
        wanted = {sku for sku in skus if name in AMOUNTS and self._own(name, sku) is not None}
        if not wanted:
            return ()
        at = zip(self.rows, self.lines, strict=False)
        return tuple(RuleRef(sku, self.shown, line) for sku, line in at if sku in wanted)

    def digest(self) -> str:
        """SHA-256 of all rows (hexadecimal): what of the table enters the version."""
        found = hashlib.sha256()
        for sku in sorted(self.rows):
            found.update(f"{sku}{SEPARATOR}{self.rows[sku]}\n".encode())
        return found.hexdigest()

    def unknown(self, skus: Collection[str]) -> list[str]:
        """Those that the table does not have."""
        return [sku for sku in skus if sku not in self.rows]

    def _own(self, name: str, sku: str) -> tuple[Decimal, str] | None:
        row = self.rows.get(sku)
        if row is None:
            return None
        cells = row.split(SEPARATOR, 5)
        text = cells[_INDEX[name]]
        return (Decimal(text), cells[4]) if text else None

    def _missing(self, name: str, sku: str) -> str:
        if not self.file:
            what = f"no {name} of {sku} is known: `goods` names no table"
        elif sku not in self.rows:
            what = f"no {name} of {sku} is known: it is not in {self.file}"
        else:
            what = f"no {name} of {sku} is known: its cell in {self.file} is empty"
        return f"{what}, and no supplier names a cost" if name == "cost" else what


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None
