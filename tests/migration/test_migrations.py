"""The migrated schema is the declared one, and a program never spoils a database newer than itself."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from sync.store import migrate
from sync.store.migrate import DatabaseTooNew, Standing
from sync.store.tables import METADATA


def _schema(engine: sa.Engine) -> dict[str, set[str]]:
    """Columns, keys and indexes of every table, each index with its WHERE, in SQLite's own words."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT type, tbl_name, sql FROM sqlite_master "
            "WHERE sql IS NOT NULL AND name != 'alembic_version'"
        ).all()
        found: dict[str, set[str]] = {}
        for kind, table, sql in rows:
            words = {" ".join(sql.replace(f"{table}.", "").split())} if kind == "index" else set()
            found.setdefault(table, set()).update(words)
        for table, facts in found.items():
            facts.update(str(tuple(c)) for c in connection.exec_driver_sql(f"PRAGMA table_xinfo('{table}')"))
            for key in connection.exec_driver_sql(f"PRAGMA foreign_key_list('{table}')").mappings():
                facts.add(f"{key['from']} -> {key['table']}.{key['to']}")
            for index in connection.exec_driver_sql(f"PRAGMA index_list('{table}')").mappings():
                columns = connection.exec_driver_sql(f"PRAGMA index_info('{index['name']}')").all()
                facts.add(f"{index['unique']} {index['partial']} {[column[2] for column in columns]}")
    return found


def _can_be_compared(what: object, name: str | None, *_: object) -> bool:
    """Alembic cannot read an index by an expression back; `_schema` compares it by its text."""
    return name != "ix_offer_quantity_unsent"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "entrepot.sqlite3"


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_the_migrated_schema_is_the_declared_one(file: Path) -> None:
    migrate.upgrade(file)
    migrated = sa.create_engine(f"sqlite:///{file}")
    declared = sa.create_engine("sqlite://")
    with declared.begin() as connection:
        METADATA.create_all(connection)
        wanted = _schema(declared)
    assert _schema(migrated) == wanted
    with migrated.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "compare_server_default": True, "include_object": _can_be_compared},
        )
        assert compare_metadata(context, METADATA) == []
    migrated.dispose()
    declared.dispose()


def test_the_comparison_sees_a_where_that_is_missing(file: Path) -> None:
    """The comparison above can fail: an index without its condition is another index."""
    migrate.upgrade(file)
    engine = sa.create_engine(f"sqlite:///{file}")
    before = _schema(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX ix_offer_quantity_unsent")
        connection.exec_driver_sql(
            "CREATE INDEX ix_offer_quantity_unsent ON offer_quantity (account_id, changed_at)"
        )
    assert _schema(engine) != before
    engine.dispose()


def test_a_new_file_is_made_with_its_folder_for_its_owner_alone(file: Path) -> None:
    assert migrate.check(file) is Standing.ABSENT
    done = migrate.upgrade(f"sqlite:///{file}")
    assert (done.before, done.after, done.copy) == (None, migrate.head(), None)
    assert migrate.current(file) == migrate.head()
    assert migrate.check(file) is Standing.CURRENT
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_a_second_upgrade_does_nothing(file: Path) -> None:
    migrate.upgrade(file)
    assert migrate.upgrade(file).copy is None
    assert list(file.parent.glob("*before*")) == []


def _set_revision(file: Path, revision: str, least: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        connection.execute("UPDATE meta SET value = ? WHERE name = 'min_code_revision'", (least,))
    connection.close()


def test_an_older_program_refuses_a_database_that_it_would_spoil(file: Path) -> None:
    migrate.upgrade(file)
    _set_revision(file, "9999", "9990")
    for call in (migrate.check, migrate.upgrade):
        with pytest.raises(DatabaseTooNew, match=r"revision 9999.*install the newer version again"):
            call(file)
    assert migrate.current(file) == "9999"


def test_an_older_program_works_on_a_database_that_only_grew(file: Path) -> None:
    migrate.upgrade(file)
    _set_revision(file, "9999", migrate.head())
    assert migrate.check(file) is Standing.AHEAD
    assert migrate.upgrade(file).after == "9999"


def test_before_an_upgrade_the_file_is_copied(file: Path) -> None:
    """Whatever stands in it: here a table that is not ours, in a file without a revision."""
    file.parent.mkdir()
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE keepsake (note TEXT)")
    connection.execute("INSERT INTO keepsake VALUES ('still here')")
    connection.commit()
    connection.close()
    done = migrate.upgrade(file)
    assert done.copy is not None
    assert done.copy.stat().st_mode & 0o777 == 0o600
    kept = sqlite3.connect(done.copy)
    assert kept.execute("SELECT note FROM keepsake").fetchall() == [("still here",)]
    assert kept.execute("SELECT count(*) FROM sqlite_master WHERE name = 'account'").fetchone() == (0,)
    kept.close()
    assert migrate.check(file) is Standing.CURRENT


def test_a_migration_that_fails_leaves_the_file_as_it_was(file: Path) -> None:
    file.parent.mkdir()
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE parcel (in_the_way TEXT)")
    connection.commit()
    connection.close()
    with pytest.raises(sa.exc.OperationalError, match="already exists"):
        migrate.upgrade(file)
    connection = sqlite3.connect(file)
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    connection.close()
    assert [name for (name,) in tables if name != "alembic_version"] == ["parcel"]


def test_the_known_revisions_are_those_that_alembic_walks() -> None:
    scripts = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    assert list(migrate.known()) == [script.revision for script in scripts.walk_revisions()][::-1]
    assert migrate.head() == scripts.get_current_head()


def test_orders_that_were_held_before_are_in_the_queue(file: Path) -> None:
    file.parent.mkdir()
    with migrate._connected(file, "rwc") as connection:
        command.upgrade(migrate._config(connection), "0007")
    before = sqlite3.connect(file)
    before.execute(
        "INSERT INTO account (id, name, connector, kind, created_at) VALUES ('a', 'shop', 'vendure', 'storefront', 1)"
    )
    before.execute(
        "INSERT INTO customer_order (id, account_id, external_id, number, placed_at, pulled_at, currency, "
        "total_minor) VALUES ('o', 'a', 'x', '1001', 1, 1, 'EUR', 1990)"
    )
    before.execute(
        "INSERT INTO hold (id, order_id, rule, opened_at, keep_stock) VALUES ('h', 'o', 'rule large', 1, 1)"
    )
    before.commit()
    before.close()
    assert migrate.upgrade(file).before == "0007"
    after = sqlite3.connect(file)
    kept = "topic, about, order_id, account_id, subject, wakes, rule, keep_stock, value_minor, value_currency, word"
    found = after.execute(f"SELECT {kept} FROM hold").fetchall()
    after.close()
    assert found == [("order", "o", "o", "a", "shop/1001", "review", "rule large", 1, 1990, "EUR", "")]
