"""What SQLite and PostgreSQL say differently: the database's own clock, insert-or-update, and marks in SQL.

Both are ordinary SQLAlchemy constructs, so that a statement is written once and compiled for whichever
database runs it.
"""

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, Insert
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class database_now(FunctionElement[int]):  # noqa: N801  (an SQL function)
    """Microseconds since 1970 on the database's clock, the only clock of leases."""

    type = sa.BigInteger()
    inherit_cache = True
    name = "database_now"


def _sqlite_now(element: database_now, compiler: SQLCompiler, **kw: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000000.0 AS INTEGER)"


def _postgresql_now(element: database_now, compiler: SQLCompiler, **kw: Any) -> str:
    return "CAST(extract(epoch from clock_timestamp()) * 1000000 AS BIGINT)"


_register: Callable[..., Callable[[Callable[..., str]], Callable[..., str]]] = compiles
_register(database_now, "sqlite")(_sqlite_now)
_register(database_now, "postgresql")(_postgresql_now)


class json_text(FunctionElement[str]):  # noqa: N801  (an SQL function)
    """One value of a JSON object in a text column, as text; null where the text is empty or has no such key."""

    type = sa.Text()
    inherit_cache = True
    name = "json_text"

    def __init__(self, column: sa.ColumnElement[str], key: str) -> None:
        super().__init__(sa.func.nullif(column, ""), sa.literal(key, sa.Text))


def _sqlite_json(element: json_text, compiler: SQLCompiler, **kw: Any) -> str:
    column, key = element.clauses
    return f"json_extract({compiler.process(column, **kw)}, '$.' || {compiler.process(key, **kw)})"


def _postgresql_json(element: json_text, compiler: SQLCompiler, **kw: Any) -> str:
    column, key = element.clauses
    return f"(CAST({compiler.process(column, **kw)} AS json) ->> {compiler.process(key, **kw)})"


_register(json_text, "sqlite")(_sqlite_json)
_register(json_text, "postgresql")(_postgresql_json)


class _Values(sa.types.TypeDecorator[list[Any]]):
    """A PostgreSQL array of any collection; members of an enumeration of texts go as what they say."""

    impl = ARRAY
    cache_ok = True

    def process_bind_param(self, value: Iterable[Any] | None, dialect: sa.Dialect) -> list[Any] | None:
        """The driver wants one list of one type."""
        return None if value is None else [str(one) if isinstance(one, str) else one for one in value]


_ANY_OF = {operators.in_op: "= ANY", operators.not_in_op: "<> ALL"}


def _postgresql_binary(element: sa.BinaryExpression[Any], compiler: SQLCompiler, **kw: Any) -> str:
    """`IN` with a list of values as one array, not as a mark for each.

    A statement is then one text, whatever the list's length: written once by SQLAlchemy, read once by the driver
    and by the server. With a mark for each, a page of orders spent more on that than on its rows.
    """
    left, right, said = element.left, element.right, _ANY_OF.get(element.operator)
    if said and isinstance(right, sa.BindParameter) and right.expanding and _can_be_an_array(left):
        array = right._clone(maintain_key=True)
        array.expanding, array.type = False, _Values(left.type)
        return f"{compiler.process(left, **kw)} {said} ({compiler.process(array, **kw)})"
    usual: Callable[..., str] = compiler.visit_binary
    return usual(element, **kw)


def _can_be_an_array(element: sa.ColumnElement[Any]) -> bool:
    """Not of rows, and not where nobody said of what type the values are."""
    return not isinstance(element.type, (sa.types.TupleType, sa.types.NullType))


_register(sa.BinaryExpression, "postgresql")(_postgresql_binary)


def upsert(table: sa.Table) -> Insert:
    """An INSERT with `on_conflict_do_update` and `on_conflict_do_nothing`, for either database.

    The two share the clause's form. SQLite's compiler reads PostgreSQL's construct, but not the other way
    round.
    """
    return insert_or(table)


def marked(sql: str, dialect: str) -> str:
    """Driver SQL with `?` marks as the dialect's driver takes it; a `?` or `%` in quotes stays what it is."""
    if dialect == "sqlite":
        return sql
    parts = sql.replace("%", "%%").split("'")
    return "'".join(part if at % 2 else part.replace("?", "%s") for at, part in enumerate(parts))
