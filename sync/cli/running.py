"""run, once, migrate: the daemon, a single round of it, and its database."""

from typing import Annotated, Any

import typer

from sync.cli.office import (
    FINDINGS,
    ConfigOption,
    JsonOption,
    answered,
    configured,
    err,
    folder_of,
    out,
    print_json,
    run,
)
from sync.engine import service
from sync.engine.clock import clock
from sync.engine.machine import machine_fault
from sync.engine.machine import told as told_of
from sync.engine.opening import open_store
from sync.engine.refusals import UNREACHABLE, StartRefused
from sync.engine.wiring import Configuration
from sync.flows.names import FlowName
from sync.store import migrate
from sync.store.migrate import DatabaseTooNew, Standing
from sync.store.postgres import refusals


def add_to(app: typer.Typer) -> None:
    """Put the commands of this group on the program."""
    app.command("run")(run_)
    app.command()(once)
    app.command("migrate")(migrate_)


@answered
def run_(config: ConfigOption = None) -> None:
    """Run the daemon until it is told to stop (SIGTERM lets running passes end; SIGHUP reads the files again).

    Example: entrepot run --config /etc/entrepot
    """
    raise typer.Exit(run(service.serve(folder_of(config))))


@answered
def once(
    account: Annotated[list[str] | None, typer.Option(help="Only this account; may be repeated.")] = None,
    flow: Annotated[list[FlowName] | None, typer.Option(help="Only this flow, due or not.")] = None,
    seconds: Annotated[float, typer.Option(help="Stop after so long.")] = 600.0,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run everything that is due, and what that wakes, then stop.

    Example: entrepot once --account shop --flow orders
    """
    names = set(configured(config).kinds)
    for name in account or []:
        if name not in names:
            raise StartRefused(
                f"there is no account {name!r}; there are: {', '.join(sorted(names)) or 'none'}"
            )
    report = run(service.once(folder_of(config), account or None, flow or None, seconds))
    if as_json:
        print_json(report)
    else:
        out.print(f"{report.passes} passes, {report.handled} records handled, {report.troubled} in trouble")
        for name, which in report.failed:
            err.print(f"failed: {which} of {name}; see: entrepot status")
        if report.waiting:
            err.print(f"could not start: {', '.join(report.waiting)}; see: entrepot issues")
        if report.unfinished:
            err.print(f"stopped after {seconds:.0f} s with work left")
    if report.waiting:
        raise typer.Exit(UNREACHABLE)
    if report.failed or report.unfinished:
        raise typer.Exit(FINDINGS)


@answered
def migrate_(
    only_check: Annotated[
        bool, typer.Option("--check", help="Say how the database stands; change nothing.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring the database to this program's version. A SQLite file is copied first, and `run`
    does the same by itself; on PostgreSQL make a backup first, for `run` refuses a database that is behind.

    Example: entrepot migrate --check
    """
    configuration = configured(config)
    database = configuration.settings.database
    try:
        standing = migrate.check(database.address)
    except DatabaseTooNew as error:
        raise StartRefused(str(error)) from None
    except refusals() as error:
        raise StartRefused(machine_fault(error, str(database)) or told_of(error), UNREACHABLE) from None
    if only_check:
        told: dict[str, Any] = {"database": str(database), "standing": standing, "head": migrate.head()}
    else:
        run(_migrated(configuration))
        told = {"database": str(database), "before": standing, "revision": migrate.current(database.address)}
    if as_json:
        print_json(told)
    else:
        out.print(
            ", ".join(f"{key}: {getattr(value, 'value', value)}" for key, value in told.items()), markup=False
        )
    if only_check and standing is Standing.BEHIND:
        raise typer.Exit(FINDINGS)


async def _migrated(configuration: Configuration) -> None:
    from sync.engine.lock import Lock

    lock = Lock(configuration.settings)
    lock.take()
    try:
        store = await open_store(configuration.settings, clock(), migrating=True)
        await store.close()
    finally:
        lock.release()
