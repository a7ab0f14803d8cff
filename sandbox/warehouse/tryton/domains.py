"""Search conditions: nested lists of clauses, compiled to a test of one record.

A clause is [path, operator, value] or, for a path that starts at a reference, [path, operator, value, model].
A list of clauses means all of them, unless it starts with "OR". Names and operators are checked before any
record is looked at. As in the real system, a computed field can be searched only where it has a search, and
inactive records are left out unless the domain speaks of `active`. A condition on a stock figure is dropped
without a word when the context names no locations.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from operator import ge, gt, le, lt

from sandbox.warehouse.names import field_label, model_label, record_name
from sandbox.warehouse.rows import Row
from sandbox.warehouse.tryton.errors import Broken
from sandbox.warehouse.tryton.fields import Field, Kind, Look
from sandbox.warehouse.tryton.schema import MODELS

Test = Callable[[Row], bool]
Match = Callable[[object], bool]
_ORDERED = {"<": lt, "<=": le, ">": gt, ">=": ge}
_FIGURES = ("quantity", "forecast_quantity")
_RELATIONAL = ("where", "not where", "child_of", "parent_of")


def compile_domain(look: Look, model: str, domain: object) -> Test:
    """The test for a domain; raises Broken where the real server fails."""
    test = _compile(look, model, domain)
    if "active" in MODELS[model] and not _speaks_of_active(domain):
        return lambda row: bool(getattr(row, "active", True)) and test(row)
    return test


def is_clause(node: object) -> bool:
    """Whether a list is a single clause rather than a list of them."""
    return (
        isinstance(node, list)
        and len(node) >= 3
        and isinstance(node[0], str)
        and isinstance(node[1], str)
        and node[0] not in ("AND", "OR")
    )


def _speaks_of_active(node: object) -> bool:
    if is_clause(node):
        return isinstance(node, list) and node[0] == "active"
    return isinstance(node, list) and any(_speaks_of_active(part) for part in node)


def _compile(look: Look, model: str, node: object) -> Test:
    if not isinstance(node, list):
        raise Broken(f"invalid domain {node!r}")
    if is_clause(node):
        return _clause(look, model, node)
    anyone = bool(node) and node[0] == "OR"
    parts = [_compile(look, model, part) for part in node if part not in ("AND", "OR") and part != []]
    if not parts:
        return lambda _: True
    if anyone:
        return lambda row: any(part(row) for part in parts)
    return lambda row: all(part(row) for part in parts)


def _clause(look: Look, model: str, clause: list[object]) -> Test:
    path, operator, value = str(clause[0]), str(clause[1]), clause[2]
    name, _, rest = path.partition(".")
    field = MODELS[model].get(name)
    if field is None:
        raise Broken(repr(name))
    if field.attribute is None and field.inverse is None and not field.search:
        raise _unsearchable(model, name)
    if field.kind is Kind.MANY and field.search is False:
        raise _unsearchable(model, name)
    if field.kind is Kind.REFERENCE and rest:
        return _through_reference(look, field, rest, clause)
    if field.target and (rest or operator in _RELATIONAL):
        return _through_link(look, field, rest, operator, value)
    match = _match(look, field, operator, value)
    if name in _FIGURES and not look.zones():
        return lambda _: True
    return lambda row: match(field.read(look, row))


def _unsearchable(model: str, name: str) -> Broken:
    return Broken(f'Missing search function for field "{field_label(name)}" in "{model_label(model)}".')


def _through_reference(look: Look, field: Field, rest: str, clause: list[object]) -> Test:
    if len(clause) < 4:
        raise Broken("not enough values to unpack (expected 4, got 3)")
    target = str(clause[3])
    if target not in MODELS:
        raise Broken(repr(target))
    inner = _clause(look, target, [rest, clause[1], clause[2]])
    table = look.store.tables[target]

    def test(row: Row) -> bool:
        ref = field.read(look, row)
        if not isinstance(ref, tuple) or ref[0] != target:
            return False
        other = table.get(ref[1])
        return other is not None and inner(other)

    return test


def _through_link(look: Look, field: Field, rest: str, operator: str, value: object) -> Test:
    target = str(field.target)
    if not rest and operator in ("child_of", "parent_of"):
        return _in_tree(look, field, operator, value)
    inner = _clause(look, target, [rest, operator, value]) if rest else _compile(look, target, value)
    table = look.store.tables[target]

    def found(row: Row) -> bool:
        linked = field.read(look, row)
        ids = linked if isinstance(linked, list | tuple) else [linked]
        rows = (table.get(number) for number in ids if isinstance(number, int))
        return any(inner(other) for other in rows if other is not None)

    if operator == "not where" and not rest:
        return lambda row: not found(row)
    return found


def _in_tree(look: Look, field: Field, operator: str, value: object) -> Test:
    if field.target != "stock.location":
        raise Broken(repr(operator))
    roots = [number for number in (value if isinstance(value, list) else [value]) if isinstance(number, int)]
    if operator == "child_of":
        inside = {place for root in roots for place in look.store.within(root)}
    else:
        places = look.store.locations.rows
        inside = {number for number in places if any(root in look.store.within(number) for root in roots)}
    return lambda row: field.read(look, row) in inside


def _match(look: Look, field: Field, operator: str, value: object) -> Match:
    if field.kind in (Kind.ONE, Kind.MANY) and _is_text(value):
        return _by_name(look, field, operator, value)
    value = _comparable(field.kind, value)
    if operator in ("=", "!="):
        equal = _equal(field.kind, value)
        return equal if operator == "=" else lambda found: not equal(found)
    if operator in ("in", "not in"):
        if not isinstance(value, list | tuple):
            raise Broken(f"'{type(value).__name__}' object is not iterable")
        among = _among(field.kind, list(value))
        return among if operator == "in" else lambda found: not among(found)
    if operator in _ORDERED:
        return _compared(operator, value)
    if operator.removeprefix("not ") in ("like", "ilike"):
        return _like(field, operator, value)
    raise Broken(repr(operator))


def _is_text(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(part, str) for part in value)
    return isinstance(value, str)


def _by_name(look: Look, field: Field, operator: str, value: object) -> Match:
    table = look.store.tables[str(field.target)]
    inner = _match(look, MODELS[str(field.target)]["rec_name"], operator, value)

    def match(found: object) -> bool:
        ids = found if isinstance(found, list | tuple) else [found]
        rows = (table.get(number) for number in ids if isinstance(number, int))
        return any(inner(record_name(look.store, row)) for row in rows if row is not None)

    return match


def _comparable(kind: Kind, value: object) -> object:
    if isinstance(value, list):
        return [_comparable(kind, part) for part in value]
    if kind is Kind.REFERENCE and isinstance(value, str) and "," in value and "%" not in value:
        model, _, number = value.partition(",")
        return (model, int(number)) if number.isdigit() else value
    try:
        if kind is Kind.TIMESTAMP and isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if kind is Kind.DATE and isinstance(value, str):
            return date.fromisoformat(value)
    except ValueError as error:
        raise Broken(str(error)) from None
    return value


def _equal(kind: Kind, value: object) -> Match:
    if kind is Kind.BOOLEAN:
        return lambda found: bool(found) == bool(value)
    if kind is Kind.MANY:
        return lambda found: isinstance(found, list | tuple) and (value in found if value else not found)
    return lambda found: found == value


def _among(kind: Kind, values: list[object]) -> Match:
    if kind is Kind.MANY:
        return lambda found: isinstance(found, list | tuple) and any(part in found for part in values)
    allowed = set(values)
    return lambda found: found in allowed


def _compared(operator: str, value: object) -> Match:
    compare = _ORDERED[operator]

    def match(found: object) -> bool:
        if found is None or value is None:
            return False
        try:
            return bool(compare(found, value))  # type: ignore[arg-type]
        except TypeError as error:
            raise Broken(str(error)) from None

    return match


def _like(field: Field, operator: str, value: object) -> Match:
    pattern = _pattern(str(value), operator.endswith("ilike"))
    wanted = not operator.startswith("not ")

    def match(found: object) -> bool:
        if found is None:
            return not wanted
        text = f"{found[0]},{found[1]}" if isinstance(found, tuple) and len(found) == 2 else str(found)
        return (pattern.fullmatch(text) is not None) is wanted

    return match


@lru_cache(maxsize=256)
def _pattern(like: str, any_case: bool) -> re.Pattern[str]:
    parts = re.findall(r"\\.|.", like, re.DOTALL)
    source = "".join({"%": ".*", "_": "."}.get(part) or re.escape(part[-1]) for part in parts)
    return re.compile(source, re.DOTALL | (re.IGNORECASE if any_case else 0))
