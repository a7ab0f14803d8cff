"""keys: the key that seals buyers' data."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from config import KeyMissing, Settings, master_key
from config.secrets import KEY_FILE
from sync.cli.office import ConfigOption, JsonOption, answered, folder_of, out, print_json, run
from sync.engine.clock import clock
from sync.engine.wiring import StartRefused, key_ring, open_store, read_settings
from sync.store import migrate
from sync.store.migrate import Standing
from sync.store.sealing import new_key

group = typer.Typer(help="The key that seals buyers' data.", no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Put the group on the program."""
    app.add_typer(group, name="keys")


@group.command()
@answered
def new(
    to_stdout: Annotated[bool, typer.Option("--print", help="Print it instead: for a secret store.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key and put it into the data folder (mode 0600). Keep a copy elsewhere: without it, data stay shut.

    Example: entrepot keys new
    """
    if to_stdout:
        sys.stdout.write(new_key())
        return
    path = make_key(read_settings(folder_of(config)))
    if as_json:
        print_json({"key": path})
    else:
        out.print(f"made {path}; copy it to a safe place that is not this machine", markup=False)


def make_key(settings: Settings) -> Path:
    """Put a new key into the data folder. Raises StartRefused where there is one already."""
    path = settings.data / KEY_FILE
    try:
        there = master_key(settings.data).source
    except KeyMissing:
        there = None
    if there is not None:
        raise StartRefused(
            f"there is a key already, in {there}; a second one would shut what the first has sealed"
        )
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(new_key())
    return path


@group.command()
@answered
def check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Say whether the key is there, and whether it is the one that sealed the database.

    Example: entrepot keys check
    """
    settings = read_settings(folder_of(config))
    ring = key_ring(settings)
    source = master_key(settings.data).source
    sealed = migrate.check(settings.database) is Standing.CURRENT
    if sealed:
        run(_opened(settings))
    if as_json:
        print_json(
            {"source": source, "keys": sorted(ring.keys), "database": "fits" if sealed else "none yet"}
        )
    else:
        said = "it fits the database" if sealed else "there is no database yet"
        out.print(f"key from {source}, number {ring.sealing} seals; {said}", markup=False)


async def _opened(settings: Settings) -> None:
    store = await open_store(settings, clock(), read_only=True)
    await store.close()
