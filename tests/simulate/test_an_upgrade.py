"""What the simulator calls an upgrade starts from the very form that the revision before leaves."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from config.database import postgresql_at, sqlite_at
from sync.store import migrate
from sync.store.migrate import Standing, _config, _connected
from tests.databases.fixtures import Place, database, found_server, migrated_file, postgresql
from tests.databases.servers import copied
from tests.simulate.upgrading import LAST, PREVIOUS, take_back

__all__ = ["database", "found_server", "migrated_file", "postgresql"]


def _form(address: Path | str) -> dict[str, tuple[list[str], list[str]]]:
    """By table: its columns and its indexes."""
    with _connected(address, "ro") as connection:
        look = sa.inspect(connection)
        return {
            table: (
                sorted(f"{column['name']} {column['type']}" for column in look.get_columns(table)),
                sorted(str(index["name"]) for index in look.get_indexes(table)),
            )
            for table in look.get_table_names()
        }


def _made_as(revision: str, address: Path | str) -> None:
    with _connected(address, "rwc") as connection:
        command.upgrade(_config(connection), revision)


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_what_was_taken_back_has_the_form_of_the_revision_before_and_goes_up_again(
    database: Place, tmp_path: Path
) -> None:
    address = database.address
    whole = _form(address)
    took = sqlite_at(address) if isinstance(address, Path) else postgresql_at(address, tmp_path)
    take_back(took)
    assert migrate.check(address) is Standing.BEHIND
    if database.server is None:
        before = tmp_path / "before.sqlite3"
        _made_as(PREVIOUS, before)
        assert _form(address) == _form(before)
    else:
        with copied(database.server, empty=True) as url:
            _made_as(PREVIOUS, url)
            assert _form(address) == _form(url)
    done = migrate.upgrade(address)
    assert (done.before, done.after) == (PREVIOUS, LAST)
    assert _form(address) == whole
