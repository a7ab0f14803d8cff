"""One statement, compiled for either database."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from sync.store.dialect import database_now, upsert
from sync.store.tables import meta


def _sql(statement: sa.ClauseElement, dialect: sa.Dialect) -> str:
    return " ".join(str(statement.compile(dialect=dialect)).split())


def test_leases_ask_each_database_for_its_own_clock() -> None:
    query = sa.select(database_now())
    assert "julianday('now')" in _sql(query, sqlite.dialect())
    assert "clock_timestamp()" in _sql(query, postgresql.dialect())


def test_insert_or_update_is_the_same_clause_on_both() -> None:
    row = upsert(meta).values(name="a", value="b")
    update = row.on_conflict_do_update(
        index_elements=[meta.c.name],
        set_={"value": row.excluded.value},
        where=meta.c.value.is_distinct_from(row.excluded.value),
    )
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        sql = _sql(update, dialect)
        assert "ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE" in sql
        assert "ON CONFLICT (name) DO NOTHING" in _sql(
            row.on_conflict_do_nothing(index_elements=[meta.c.name]), dialect
        )
