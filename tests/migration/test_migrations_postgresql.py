"""The same migrations on PostgreSQL: the declared schema, one migration at a time, and nothing newer spoilt."""

import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from sync.store import migrate
from sync.store.migrate import DatabaseTooNew, Standing, Upgrade
from sync.store.postgres import MIGRATION_LOCK, url_of
from sync.store.tables import METADATA
from tests.databases.servers import Server, copied

_COLUMNS = (
    "SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length "
    "FROM information_schema.columns WHERE table_schema = 'public' AND table_name != 'alembic_version'"
)
_CONSTRAINTS = (
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text != 'alembic_version'"
)
_INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename != 'alembic_version'"


def _schema(engine: sa.Engine) -> set[tuple[object, ...]]:
    """Columns, constraints and indexes (each with its WHERE) in PostgreSQL's own words."""
    with engine.connect() as connection:
        return {
            tuple(row)
            for query in (_COLUMNS, _CONSTRAINTS, _INDEXES)
            for row in connection.exec_driver_sql(query)
        }


def _can_be_compared(what: object, name: str | None, *_: object) -> bool:
    """Alembic cannot read an index by an expression back; `_schema` compares it by its text."""
    return name != "ix_offer_quantity_unsent"


@pytest.fixture
def empty(postgresql: Server) -> Iterator[str]:
    with copied(postgresql, empty=True) as url:
        yield url


@pytest.fixture
def migrated(postgresql: Server) -> Iterator[str]:
    with copied(postgresql) as url:
        yield url


def test_the_migrated_schema_is_the_declared_one(migrated: str, empty: str) -> None:
    engine, declared = sa.create_engine(url_of(migrated)), sa.create_engine(url_of(empty))
    METADATA.create_all(declared)
    assert _schema(engine) == _schema(declared)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "compare_server_default": True, "include_object": _can_be_compared},
        )
        assert compare_metadata(context, METADATA) == []
    engine.dispose()
    declared.dispose()


def test_the_comparison_sees_a_where_that_is_missing(migrated: str) -> None:
    engine = sa.create_engine(url_of(migrated))
    before = _schema(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX ix_offer_quantity_unsent")
        connection.exec_driver_sql(
            "CREATE INDEX ix_offer_quantity_unsent ON offer_quantity (account_id, changed_at)"
        )
    assert _schema(engine) != before
    engine.dispose()


def test_an_empty_database_is_filled(empty: str) -> None:
    assert migrate.check(empty) is Standing.ABSENT
    assert migrate.upgrade(empty) == Upgrade(None, migrate.head(), None)
    assert (migrate.check(empty), migrate.current(empty)) == (Standing.CURRENT, migrate.head())
    assert migrate.upgrade(empty).before == migrate.head()


def test_one_program_migrates_and_the_others_wait_for_it(empty: str) -> None:
    """Each finds the work of the one before, and none fails."""
    said = f"from sync.store import migrate; print(migrate.upgrade({empty!r}).after)"
    with psycopg.connect(empty) as holder:
        holder.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
        programs = [
            subprocess.Popen([sys.executable, "-c", said], stdout=subprocess.PIPE, text=True)
            for _ in range(3)
        ]
        while _waiting(empty) != 3:
            assert all(program.poll() is None for program in programs)
        holder.commit()
    assert [program.communicate(timeout=60)[0].strip() for program in programs] == [migrate.head()] * 3


def _waiting(url: str) -> int:
    """How many wait for an advisory lock of this database."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ).fetchone()
    return int(row[0]) if row else 0


def _set_revision(url: str, revision: str, least: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s", (revision,))
        connection.execute("UPDATE meta SET value = %s WHERE name = 'min_code_revision'", (least,))


def test_an_older_program_refuses_a_database_that_it_would_spoil(migrated: str) -> None:
    _set_revision(migrated, "9999", "9990")
    for call in (migrate.check, migrate.upgrade):
        with pytest.raises(DatabaseTooNew, match=r"revision 9999.*install the newer version again"):
            call(migrated)
    assert migrate.current(migrated) == "9999"


def test_an_older_program_works_on_a_database_that_only_grew(migrated: str) -> None:
    _set_revision(migrated, "9999", migrate.head())
    assert migrate.check(migrated) is Standing.AHEAD
    assert migrate.upgrade(migrated).after == "9999"


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty: str) -> None:
    with psycopg.connect(empty) as connection:
        connection.execute("CREATE TABLE parcel (in_the_way TEXT)")
    assert migrate.check(empty) is Standing.BEHIND
    with pytest.raises(sa.exc.ProgrammingError, match="already exists"):
        migrate.upgrade(empty)
    with psycopg.connect(empty) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert tables == [("parcel",)]
