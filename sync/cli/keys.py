"""keys: the key that seals buyers' data: made, checked, and rotated."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from config import KeyMissing, Settings, master_key
from config.secrets import KEY_FILE
from sync.cli.office import (
    FINDINGS,
    ConfigOption,
    JsonOption,
    answered,
    err,
    folder_of,
    out,
    print_json,
    reading,
    run,
)
from sync.engine.clock import clock
from sync.engine.control import command
from sync.engine.opening import key_ring, open_store
from sync.engine.refusals import CommandRefused, StartRefused
from sync.engine.settings_file import read_settings
from sync.store import migrate, rotation
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
    sealed = migrate.check(settings.database.address) is Standing.CURRENT
    left = run(_left(settings)) if sealed else 0
    if as_json:
        print_json(
            {
                "source": source,
                "keys": sorted(ring.keys),
                "database": "fits" if sealed else "none yet",
                "left": left,
            }
        )
        return
    said = "it fits the database" if sealed else "there is no database yet"
    out.print(f"key from {source}, number {ring.sealing} seals; {said}", markup=False)
    if ring.old:
        step = "entrepot keys rotate" if left else "entrepot keys drop"
        out.print(f"a rotation is under way, {left} row(s) left; go on with: {step}", markup=False)


async def _left(settings: Settings) -> int:
    store = await open_store(settings, clock(), read_only=True)
    try:
        async with store.read() as tx:
            return await rotation.left(tx)
    finally:
        await store.close()


@group.command()
@answered
def rotate(
    to_stdout: Annotated[
        bool, typer.Option("--print", help="Print the keys with a new one added, and change nothing.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a new key and re-seal everything with it, beside a running daemon or without one.

    Stopped at any point, it goes on when it is run again. The old key still opens until `entrepot keys drop`.

    Example: entrepot keys rotate
    """
    folder = folder_of(config)
    if to_stdout:
        ring = key_ring(read_settings(folder))
        sys.stdout.write((ring if ring.old else ring.with_new_key()).text())
        return
    told = run(_rotate(folder, quiet=as_json))
    if as_json:
        print_json(told)
    else:
        out.print(f"{told['resealed']} row(s) re-sealed with key {told['key']}", markup=False)
        for row in told["shut"]:
            err.print(f"could not be opened, left as it is: {row}", markup=False)
        if not told["shut"]:
            out.print("the old key is no longer needed; take it out with: entrepot keys drop", markup=False)
    if told["shut"]:
        raise typer.Exit(FINDINGS)


async def _rotate(folder: Path, *, quiet: bool) -> dict[str, Any]:
    begun = await command(folder, "keys-begin")
    at, resealed, shut = begun["at"], 0, []
    columns = (TextColumn("re-sealing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, disable=quiet) as progress:
        bar = progress.add_task("", total=begun["left"])
        while at is not None:
            done = await command(folder, "keys-slice", at=at)
            at = done["at"]
            resealed += done["resealed"]
            shut += done["shut"]
            progress.advance(bar, done["resealed"] + len(done["shut"]))
    return {"key": begun["key"], "old": begun["old"], "resealed": resealed, "shut": shut}


@group.command()
@answered
def drop(
    to_stdout: Annotated[
        bool, typer.Option("--print", help="Print the keys without the old ones, and change nothing.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the old keys out of the key file. Refused while anything is still sealed with one of them.

    A backup from before the rotation needs the old key: keep it with the backup.

    Example: entrepot keys drop
    """
    folder = folder_of(config)
    if to_stdout:
        run(_refuse_while_needed(config))
        sys.stdout.write(key_ring(read_settings(folder)).without_old_keys().text())
        return
    told = run(command(folder, "keys-drop"))
    if as_json:
        print_json(told)
    else:
        dropped = ", ".join(str(number) for number in told["dropped"])
        out.print(f"dropped key {dropped}; key {told['key']} alone opens and seals now", markup=False)


async def _refuse_while_needed(config: Path | None) -> None:
    async with reading(config) as store, store.read() as tx:
        left = await rotation.left(tx)
    if left:
        raise CommandRefused(
            f"{left} row(s) are still sealed with an older key: run `entrepot keys rotate` first"
        )
