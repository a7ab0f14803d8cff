"""What every command shares: where the configuration is, how results and errors are shown, exit codes.

It is imported by every command, and so imports neither the database nor the rules before one of them is used.

0 fine, 1 findings or a broken promise, 2 bad input, 3 a dependency cannot be reached, 130 interrupted.
"""

import asyncio
import functools
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from config import ConfigError
from sync.engine.clock import clock
from sync.engine.refusals import UNREACHABLE, CommandRefused, StartRefused
from sync.engine.settings_file import read_settings

if TYPE_CHECKING:
    from sync.engine.wiring import Configuration
    from sync.store.database import Store

P = ParamSpec("P")
T = TypeVar("T")

FINDINGS, BAD_INPUT, INTERRUPTED = 1, 2, 130
VARIABLE = "ENTREPOT_CONFIG"
debugging = False

_WIDE = 140
"""For output that is not a terminal: tables keep their lines."""

out = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else _WIDE)
err = Console(stderr=True, soft_wrap=True, highlight=False)

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help=f"The configuration folder. Default: ${VARIABLE}, else this folder.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def folder_of(given: Path | None) -> Path:
    """The configuration folder: as given, as the variable says, here, or in the user's own place."""
    if given is not None:
        return given.expanduser().resolve()
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser().resolve()
    here = Path.cwd()
    home = Path.home() / ".config" / "entrepot"
    return home if not (here / "entrepot.yaml").exists() and (home / "entrepot.yaml").exists() else here


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run one coroutine to its end."""
    return asyncio.run(work)


def answered(command: Callable[P, None]) -> Callable[P, None]:
    """Turn what a command may raise into one clear text on standard error and an exit code."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ConfigError as error:
            _fail(str(error), BAD_INPUT, error)
        except StartRefused as error:
            _fail(str(error), error.exit_code, error)
        except CommandRefused as error:
            _fail(str(error), BAD_INPUT, error)
        except (KeyboardInterrupt, typer.Abort):
            raise typer.Exit(INTERRUPTED) from None
        except (typer.Exit, BrokenPipeError):
            raise
        except Exception as error:
            _fail(*_unforeseen(error), error)

    return wrapped


def _unforeseen(error: Exception) -> tuple[str, int]:
    """What to say of an error that nobody foresaw. Its own words are not shown: they may hold a buyer's name."""
    from sync.engine.machine import machine_fault, told

    named = error.filename if isinstance(error, OSError) and error.filename else "the database"
    machine = machine_fault(error, str(named))
    if machine is not None:
        return machine, UNREACHABLE
    return f"a fault of the program: {told(error)}; see more with: entrepot --debug COMMAND", FINDINGS


def _fail(text: str, code: int, error: Exception) -> None:
    if debugging:
        raise error
    err.print(text, markup=False)
    raise typer.Exit(code) from None


def configured(given: Path | None) -> "Configuration":
    """Read the configuration that a command is about."""
    from sync.engine.wiring import read_configuration

    return read_configuration(folder_of(given))


@asynccontextmanager
async def reading(given: Path | None) -> AsyncIterator["Store"]:
    """The database, to read only: beside a running daemon, or without one."""
    from sync.engine.opening import open_store

    store = await open_store(read_settings(folder_of(given)), clock(), read_only=True)
    try:
        yield store
    finally:
        await store.close()


def plain(value: object) -> Any:
    """A value as JSON holds it: times in ISO form, enums by their value, dataclasses as objects."""
    if is_dataclass(value) and not isinstance(value, type):
        return {key: plain(item) for key, item in asdict(value).items()}
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal | Path):
        return str(value)
    if isinstance(value, bytes):
        return None
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value


def _key(key: object) -> str:
    return "/".join(str(part) for part in key) if isinstance(key, tuple) else str(key)


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")


def print_table(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """A table; a title alone where there is no row."""
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=place == 0)  # names are copied: they stay whole
    for row in rows:
        table.add_row(*("" if cell is None else _text(cell) for cell in row))
    out.print(table if table.row_count else f"{title}: none")


def _text(cell: object) -> str:
    from rich.markup import escape

    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return escape(str(cell))


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago, or in how long, in one unit."""
    if moment is None:
        return "never"
    seconds = (now - moment).total_seconds()
    if seconds < 0:
        return f"in {_span(-seconds)}"
    return f"{_span(seconds)} ago"


def _span(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
