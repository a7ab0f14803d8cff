"""run, once, check, migrate: the daemon and what surrounds its start."""

import sqlite3
from typing import Annotated, Any

import typer

from connectors.contract import AuthRejected, ConnectorError, Deadline
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
    print_table,
    run,
)
from sync.engine import service
from sync.engine.clock import clock
from sync.engine.wiring import UNREACHABLE, Configuration, StartRefused, key_ring, open_connectors, open_store
from sync.flows.flow import FlowName
from sync.store import migrate
from sync.store.migrate import DatabaseTooNew, Standing

OLDEST_SAFE_SQLITE = (3, 51, 3)


def add_to(app: typer.Typer) -> None:
    """Put the commands of this group on the program."""
    app.command("run")(run_)
    app.command()(once)
    app.command()(check)
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
def check(
    online: Annotated[bool, typer.Option("--online", help="Also ask every account who it is.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check files, key, database and, with --online, every account. Exit 1 on findings, 3 if one is unreachable.

    Example: entrepot check --online
    """
    configuration = configured(config)
    lines = [*_warnings(configuration), *_machine(configuration), *_degraded(configuration)]
    if online:
        lines += run(_ask_all(configuration))
    findings = [line for line in lines if line["level"] != "note"]
    if as_json:
        print_json({"ok": not findings, "accounts": configuration.kinds, "lines": lines})
    else:
        print_table(
            "check", ("", "about", "what"), ((line["level"], line["about"], line["what"]) for line in lines)
        )
        out.print("everything is in order" if not findings else f"{len(findings)} finding(s)")
    if any(line["level"] == "unreachable" for line in lines):
        raise typer.Exit(UNREACHABLE)
    if findings:
        raise typer.Exit(FINDINGS)


def _line(level: str, about: str, what: str) -> dict[str, str]:
    return {"level": level, "about": about, "what": what}


def _warnings(configuration: Configuration) -> list[dict[str, str]]:
    return [_line("finding", "mappings", str(problem)) for problem in configuration.rulebook.warnings]


def _machine(configuration: Configuration) -> list[dict[str, str]]:
    lines = []
    try:
        key_ring(configuration.settings)
    except StartRefused as error:
        lines.append(_line("finding", "key", str(error)))
    try:
        standing = migrate.check(configuration.settings.database)
        if standing is Standing.BEHIND:
            lines.append(
                _line("note", "database", "of an older version; `entrepot run` copies and migrates it")
            )
    except DatabaseTooNew as error:
        lines.append(_line("finding", "database", str(error)))
    if sqlite3.sqlite_version_info < OLDEST_SAFE_SQLITE:
        told = f"SQLite {sqlite3.sqlite_version}: versions before 3.51.3 have a rare fault with several writers; "
        lines.append(
            _line("note", "database", told + "Entrepot has one writer, so let nothing else write to the file")
        )
    return lines


def _degraded(configuration: Configuration) -> list[dict[str, str]]:
    return [
        _line("note", name, gap)
        for name, entry in configuration.entries.items()
        for gap in entry.manifest.gaps
    ]


async def _ask_all(configuration: Configuration) -> list[dict[str, str]]:
    opened = await open_connectors(configuration, clock())
    lines = []
    try:
        for name, connector in opened.items():
            lines.append(await _ask(name, connector))
    finally:
        for connector in opened.values():
            await connector.close()
    return lines


async def _ask(name: str, connector: Any) -> dict[str, str]:
    try:
        fingerprint = await connector.identity(Deadline.after(30))
    except AuthRejected as error:
        return _line("finding", name, f"{error}: renew the secret of this account")
    except ConnectorError as error:
        return _line("unreachable", name, f"{error}: check its URL, and whether it runs")
    return _line("note", name, f"answers; it is {fingerprint}")


@answered
def migrate_(
    only_check: Annotated[
        bool, typer.Option("--check", help="Say how the database stands; change nothing.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring the database to this program's version. The file is copied first. `run` does the same by itself.

    Example: entrepot migrate --check
    """
    configuration = configured(config)
    path = configuration.settings.database
    try:
        standing = migrate.check(path)
    except DatabaseTooNew as error:
        raise StartRefused(str(error)) from None
    if only_check:
        told: dict[str, Any] = {"database": path, "standing": standing, "head": migrate.head()}
    else:
        run(_migrated(configuration))
        told = {"database": path, "before": standing, "revision": migrate.current(path)}
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
        store = await open_store(configuration.settings, clock())
        await store.close()
    finally:
        lock.release()
