"""Rows of tables about SKUs that the stored data never saw: a slip, or goods that are still to come."""

from collections.abc import Iterator

from config.errors import Problem, shown
from mappings.known import Facts
from mappings.lint.stored import near_sku
from mappings.rulebook import Rulebook
from mappings.tabled import SkuTable

_SEVERAL = 5
"""So many SKUs of a table are named."""
_TODO = "mend what is a slip, and leave what is still to come"


def unseen_rows(book: Rulebook, facts: Facts) -> Iterator[Problem]:
    """One line a table, at the first such row. Where nothing is known to be unseen, nothing is said."""
    for table in book.tables if facts.unseen else ():
        rows = 0
        first: dict[str, None] = {}
        for sku in table.skus():
            if sku in facts.unseen:
                rows += 1
                if len(first) < _SEVERAL:
                    first[sku] = None
        if rows:
            yield _told(table, rows, list(first), facts)


def _told(table: SkuTable, rows: int, first: list[str], facts: Facts) -> Problem:
    lines = table.lines(first)
    head = "1 row names a SKU" if rows == 1 else f"{rows} rows name SKUs"
    named = ", ".join(f"{shown(sku)} (line {lines[sku]})" if sku in lines else shown(sku) for sku in first)
    such = ": " if rows == len(first) else ", such as "
    what = f"{head} that no warehouse, supplier or listing was ever seen with{such}{named}; {_TODO}"
    line, meant = lines.get(first[0], 0), near_sku(first[0], facts)
    hint = f"{meant} in line {line}" if meant and line else meant
    return Problem(table.file, line, 1, "sku", what, hint=hint)
