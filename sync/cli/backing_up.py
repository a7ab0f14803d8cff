"""backup, restore, adopt: copies of the database, and what to do with one."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC
from pathlib import Path
from typing import Annotated, Any

import typer

from sync.cli.office import (
    ConfigOption,
    JsonOption,
    answered,
    configured,
    err,
    folder_of,
    out,
    print_json,
    print_table,
    run,
)
from sync.engine import backing_up, restoring
from sync.engine.clock import clock
from sync.engine.machine import machine_fault, told
from sync.engine.refusals import UNREACHABLE, StartRefused
from sync.engine.restoring import Restored
from sync.engine.settings_file import read_settings
from sync.store import backup as files
from sync.store.backup import BadBackup, Manifest, NoDatabase, Progress, TargetExists
from sync.store.postgres import refusals
from sync.store.postgres_backup import ToolFailed, ToolMissing
from sync.store.reopening import Reopened

DryOption = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")]
_SAID = {
    "writes_unknown": "writes that are looked up before they are sent",
    "writes_held": "writes that wait for a person",
    "messages_unknown": "messages to customers that may have been told",
    "quantities_unknown": "quantities of the shops that are read again",
    "prices_unknown": "prices of the shops that are sent again",
    "states_unknown": "listings of which it is read again whether they are up",
    "contents_unknown": "texts and pictures of the shops that are sent again",
    "figures_unconfirmed": "warehouse figures that raise no shop until they are read again",
    "cursors_kept": "feeds that are read again from where the copy had read",
    "cursors_dropped": "feeds that are read again from their start",
    "leases_dropped": "leases that are ended",
    "orders_to_read": "open orders that are read again",
    "fulfilments_to_read": "open fulfilments that are read again",
    "parcels_to_track": "parcels that are tracked again",
    "generation": "generation of this database",
}


def add_to(app: typer.Typer) -> None:
    """Put the commands of this group on the program."""
    app.command()(backup)
    app.command()(restore)
    app.command()(adopt)


@answered
def backup(
    file: Annotated[
        Path | None,
        typer.Argument(help="Where to. Default: a name with the time in the data folder's backups/."),
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option(min=1, help="Then remove all but so many of the youngest backups of that folder."),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy the database, beside a running daemon or without one, and verify the copy. The key is not in it.

    Example: entrepot backup /mnt/backup/entrepot.sqlite3 --keep 14
    """
    settings = read_settings(folder_of(config))
    now = clock().now()
    target = backing_up.usual_target(settings, now) if file is None else file.expanduser().absolute()
    try:
        with _bar(shown=not as_json) as progress:
            made = backing_up.make(settings, target, now, progress)
        removed = files.prune(target.parent, keep, made.instance) if keep else []
    except (BadBackup, NoDatabase, TargetExists) as error:
        raise StartRefused(str(error)) from None
    except (ToolFailed, ToolMissing) as error:
        raise StartRefused(str(error), UNREACHABLE) from None
    except refusals() as error:
        why = machine_fault(error, str(target.parent)) or f"no backup was made: {told(error)}"
        raise StartRefused(why, UNREACHABLE) from None
    if as_json:
        print_json({"file": target, "manifest": _manifest(made), "removed": removed})
    else:
        _say_made(target, made, removed)


def _manifest(made: Manifest) -> dict[str, Any]:
    return {name: getattr(made, name) for name in made.__struct_fields__}


def _say_made(target: Path, made: Manifest, removed: list[Path]) -> None:
    orders, writes = made.counts["customer_order"], made.counts["outbox"]
    out.print(
        f"backed up to {target}: {made.bytes} bytes, {orders} orders, {writes} writes, verified", markup=False
    )
    keys = ", ".join(name for name in made.keys if name.isdigit()) or "none yet"
    out.print(f"it can be opened with the sealing key(s) {keys} only: keep a copy of the key elsewhere")
    for path in removed:
        out.print(f"removed {path}", markup=False)


@contextmanager
def _bar(*, shown: bool) -> Iterator[Progress | None]:
    """A progress bar where a person looks on."""
    if not shown or not err.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, DownloadColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = ("copying", BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Bar(*columns, console=err, transient=True) as bar:
        task = bar.add_task("copying", total=None)
        yield lambda done, whole: bar.update(task, completed=done, total=whole or None)


@answered
def restore(
    file: Annotated[Path, typer.Argument(help="The backup; a copy that an upgrade made is good, too.")],
    dry_run: DryOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a backup in the database's place, and have everything since looked up. The daemon must be stopped.

    Example: entrepot restore backups/entrepot-20260301T020000Z.sqlite3 --dry-run
    """
    source = file.expanduser().absolute()
    done = run(restoring.restore(configured(config), source, clock(), who=getpass.getuser(), dry_run=dry_run))
    _say_restored(done, as_json=as_json)


@answered
def adopt(dry_run: DryOption = False, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Let a database that was copied or moved here work here: what it may not know of is looked up first.

    Example: entrepot adopt --dry-run
    """
    done = run(restoring.adopt(configured(config), clock(), who=getpass.getuser(), dry_run=dry_run))
    _say_restored(done, as_json=as_json)


def _say_restored(done: Restored, *, as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    what = (
        f"{done.file} is the database now" if done.file is not None else f"{done.database} belongs here now"
    )
    if done.dry_run:
        what = f"{done.file or done.database} can be used; nothing was changed"
    out.print(what, markup=False)
    if done.made_at is not None:
        out.print(f"made at {done.made_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")
    if done.revision != done.migrated_to:
        out.print(f"migrated from revision {done.revision} to {done.migrated_to}")
    if done.kept is not None:
        would = "would be" if done.dry_run else "is"
        out.print(f"what was there before {would} kept as {done.kept}", markup=False)
    if done.done is None:
        out.print("what changes in it is only known once it is done")
        return
    rows = [(getattr(done.done, field.name), _SAID[field.name]) for field in fields(Reopened)]
    print_table("what changes" if done.dry_run else "what was changed", ("", ""), rows)
    if not done.dry_run:
        out.print("start the daemon: entrepot run; then look at: entrepot issues")
