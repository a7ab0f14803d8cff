"""A command imports what it needs, and no more: tests and operators start the program hundreds of times."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from config.templates import render
from sync.store import migrate
from sync.store.sealing import new_key

ROOT = Path(__file__).parents[3]
ENGINE = frozenset({"sync.engine.wiring", "sync.engine.service", "sync.engine.commands", "sync.flows.flow"})
CONNECTORS = frozenset({"connectors.contract", "connectors.registry", "connectors.transport", "httpx"})
RULES = frozenset({"mappings"})
DATABASE = frozenset({"sqlalchemy", "sync.store.database"})
OTHER_DATABASE = frozenset({"psycopg", "alembic"})
AT_USE = frozenset(
    {"openpyxl", "uvicorn", "starlette", "prometheus_client", "structlog", "watchfiles", "apscheduler"}
)
HEAVY = ENGINE | CONNECTORS | RULES | DATABASE | OTHER_DATABASE | AT_USE
_PROBE = """
import json, sys
from sync.cli.app import app
try:
    app(sys.argv[1:], prog_name="entrepot")
except SystemExit as end:
    assert not end.code, end.code
finally:
    sys.stderr.write(json.dumps(sorted(sys.modules)))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration with a key and an empty database of today's form."""
    made = tmp_path_factory.mktemp("imports")
    for path, text in render("UTC", []).items():
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).write_text(text, encoding="utf-8")
    key = made / "entrepot-data" / "keys"
    key.parent.mkdir(mode=0o700)
    key.touch(mode=0o600)
    key.write_text(new_key(), encoding="utf-8")
    migrate.upgrade(made / "entrepot-data" / "entrepot.sqlite3")
    return made


def imported(*args: str) -> set[str]:
    """The modules that a process has loaded once the command has ended well."""
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, *args], capture_output=True, text=True, timeout=60, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr))


@pytest.mark.parametrize("args", [("--help",), ("--version",)])
def test_the_front_needs_no_part_of_the_daemon(args: tuple[str, ...]) -> None:
    assert not imported(*args) & (HEAVY | {"pydantic", "config", "sync.cli.office"})


@pytest.mark.parametrize("name", ["accounts", "init", "schema", "paths"])
def test_the_help_of_a_simple_command_opens_neither_database_nor_rules(name: str) -> None:
    assert not imported(name, "--help") & HEAVY


def test_a_command_about_places_reads_the_settings_alone(folder: Path) -> None:
    assert not imported("paths", "--config", str(folder)) & HEAVY


@pytest.mark.parametrize("args", [("status",), ("issues",), ("orders", "list"), ("accounts", "list")])
def test_a_command_that_looks_into_the_database_needs_neither_engine_nor_vendors(
    args: tuple[str, ...], folder: Path
) -> None:
    loaded = imported(*args, "--config", str(folder))
    assert loaded >= DATABASE
    assert not loaded & (HEAVY - DATABASE)


def test_a_program_on_sqlite_loads_neither_another_driver_nor_alembic(folder: Path) -> None:
    loaded = imported("once", "--seconds", "1", "--config", str(folder))
    assert loaded >= ENGINE
    assert not loaded & OTHER_DATABASE
