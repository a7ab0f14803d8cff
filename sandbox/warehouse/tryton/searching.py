"""Finding records: which to look at, whether they match, in what order, and which page of them.

The order of changes and the indexes narrow the search where a domain asks for ids, for indexed values or for
what changed since a moment, so that a table of hundreds of thousands of records can be polled.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import attrgetter, itemgetter

from sandbox.warehouse.names import record_name
from sandbox.warehouse.rows import Row
from sandbox.warehouse.store import BACK, INTERNAL, OUT
from sandbox.warehouse.tables import Table
from sandbox.warehouse.tryton.domains import compile_domain, is_clause
from sandbox.warehouse.tryton.errors import Broken
from sandbox.warehouse.tryton.fields import Kind, Look
from sandbox.warehouse.tryton.schema import MODELS

Ids = set[int]
_BY_ID = [["id", "ASC"]]
_DATES = ("write_date", "create_date", "last_modified_at")
_DEFAULT_ORDER = {
    "stock.move": [["id", "DESC"]],
    "product.product": [["code", "ASC"], ["id", "ASC"]],
    "stock.location": [["name", "ASC"], ["id", "ASC"]],
    "party.party": [["name", "ASC"], ["id", "ASC"]],
    "product.template": [["name", "ASC"], ["id", "ASC"]],
    "stock.inventory": [["date", "DESC"], ["id", "ASC"]],
    OUT: [["planned_or_effective", "ASC"], ["id", "ASC"]],
    BACK: [["planned_or_effective", "ASC"], ["id", "ASC"]],
    INTERNAL: [["planned_or_effective", "ASC"], ["id", "ASC"]],
}


@dataclass(frozen=True, slots=True)
class Page:
    """So many records (null: all) from the offset on."""

    offset: int = 0
    limit: int | None = None


def search(look: Look, model: str, domain: object, order: object, page: Page) -> list[Row]:
    """One page of the matching records."""
    table = look.store.tables[model]
    ordering = _ordering(model, order)
    test = compile_domain(look, model, domain)
    candidates = narrowed(look, model, table, domain)
    end = None if page.limit is None else page.offset + page.limit
    if candidates is not None:
        found = [row for number in candidates if (row := table.get(number)) is not None and test(row)]
        return sort(look, model, found, ordering)[page.offset : end]
    rows = _whole(look, model, table, ordering)
    first = bisect_left(rows, _lowest_id(domain), key=lambda row: row.id) if ordering == _BY_ID else 0
    matching = (row for row in islice(rows, first, None) if test(row))
    return list(islice(matching, page.offset, end))


def count(look: Look, model: str, domain: object) -> int:
    """How many records match."""
    test = compile_domain(look, model, domain)
    table = look.store.tables[model]
    candidates = narrowed(look, model, table, domain)
    if candidates is None:
        return sum(map(test, table.rows.values()))
    return sum(1 for number in candidates if (row := table.get(number)) is not None and test(row))


def _lowest_id(domain: object) -> int:
    clauses = [domain] if is_clause(domain) else domain
    if not isinstance(clauses, list) or "OR" in clauses:
        return 0
    bounds = [
        part[2]
        for part in clauses
        if is_clause(part) and part[0] == "id" and part[1] in (">", ">=") and isinstance(part[2], int)
    ]
    return max(bounds, default=0)


def _ordering(model: str, order: object) -> list[list[str]]:
    if not order:
        return _DEFAULT_ORDER.get(model, [["id", "ASC"]])
    if not isinstance(order, list):
        raise Broken(f"invalid order {order!r}")
    return [[str(entry[0]), str(entry[1] if len(entry) > 1 else "ASC")] for entry in order]


def _whole(look: Look, model: str, table: Table[Row], ordering: list[list[str]]) -> list[Row]:
    key = f"{model} {ordering}"
    known = look.warehouse.sorted_tables.get(key)
    if known is None or known[0] != table.version:
        known = (table.version, sort(look, model, list(table.rows.values()), ordering))
        look.warehouse.sorted_tables[key] = known
    return known[1]


def sort(look: Look, model: str, rows: list[Row], ordering: list[list[str]]) -> list[Row]:
    """The rows by several keys; nulls come last upwards and first downwards, as in PostgreSQL."""
    for path, direction in reversed(ordering):
        down = direction.upper().startswith("DESC")
        key = _sort_key(look, model, path)
        keyed = [(key(row), row) for row in rows]
        filled = [pair for pair in keyed if pair[0] is not None]
        rest = [row for value, row in keyed if value is None]
        filled.sort(key=itemgetter(0), reverse=down)
        named = [row for _, row in filled]
        rows = rest + named if down and "NULLS LAST" not in direction.upper() else named + rest
    return rows


class _Key:
    def __init__(self, look: Look, model: str, path: str) -> None:
        self.look, self.model = look, model
        self.name, _, self.rest = path.partition(".")
        if self.name not in MODELS[model]:
            raise Broken(repr(self.name))
        self.field = MODELS[model][self.name]

    def __call__(self, row: Row) -> object:
        value = self.field.read(self.look, row)
        if self.field.kind is not Kind.ONE or not isinstance(value, int):
            return value
        other = self.look.store.tables[str(self.field.target)].one(value)
        if self.rest:
            return _Key(self.look, str(self.field.target), self.rest)(other)
        return record_name(self.look.store, other)


class _Planned:
    def __call__(self, row: Row) -> object:
        return getattr(row, "effective_date", None) or getattr(row, "planned_date", None)


def _sort_key(look: Look, model: str, path: str) -> Callable[[Row], object]:
    field = MODELS[model].get(path)
    if field is not None and field.attribute and field.kind is not Kind.ONE and path != "effective_date":
        return attrgetter(field.attribute)
    if path == "planned_or_effective" or (path == "effective_date" and model in (OUT, BACK, INTERNAL)):
        return _Planned()
    return _Key(look, model, path)


def narrowed(look: Look, model: str, table: Table[Row], node: object) -> Ids | None:
    """Ids among which all matches are, or null when the whole table has to be looked at."""
    if not isinstance(node, list):
        return None
    if is_clause(node):
        return _narrow_clause(model, table, node)
    parts = [narrowed(look, model, table, part) for part in node if isinstance(part, list) and part]
    if node and node[0] == "OR":
        return None if not parts or None in parts else set().union(*[part for part in parts if part])
    known = [part for part in parts if part is not None]
    return set.intersection(*known) if known else None


def _narrow_clause(model: str, table: Table[Row], clause: list[object]) -> Ids | None:
    name, operator, value = clause[0], clause[1], clause[2]
    if name == "id" and operator in ("=", "in"):
        numbers = value if isinstance(value, list) else [value]
        return {number for number in numbers if isinstance(number, int)}
    if name in _DATES and operator in (">", ">=") and isinstance(value, datetime):
        return _since(table, value)
    if isinstance(name, str) and operator in ("=", "in") and table.indexed(name) and value is not None:
        return _from_index(model, table, name, value)
    return None


def _since(table: Table[Row], moment: datetime) -> Ids:
    found: Ids = set()
    for row in table.newest_changes():
        if row.last_modified_at < moment:
            break
        found.add(row.id)
    return found


def _from_index(model: str, table: Table[Row], name: str, value: object) -> Ids | None:
    values = value if isinstance(value, list) else [value]
    kind = MODELS[model][name].kind
    keys: list[object] = []
    for entry in values:
        if kind is Kind.REFERENCE and isinstance(entry, str):
            target, _, number = entry.partition(",")
            keys.append((target, int(number)) if number.isdigit() else None)
        elif entry is None or (kind is Kind.ONE and not isinstance(entry, int)):
            return None
        else:
            keys.append(entry)
    return {row.id for key in keys for row in table.by(name, key)}
