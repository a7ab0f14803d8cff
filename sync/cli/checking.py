"""check: what is wrong or degraded before the daemon starts, said by file, machine and account."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from config import ConfigError, PersonalData, read_secret
from config.secrets import Source
from connectors.contract import AuthRejected, ConnectorError, Deadline, Kind
from connectors.transport import TokenBox
from sync.cli.checking_rules import DAYS, Line, of_files, of_stored, placed
from sync.cli.office import (
    FINDINGS,
    ConfigOption,
    JsonOption,
    answered,
    configured,
    out,
    print_json,
    print_table,
    run,
)
from sync.engine.clock import clock
from sync.engine.machine import machine_fault, told
from sync.engine.opening import key_ring, open_store
from sync.engine.refusals import UNREACHABLE, StartRefused
from sync.engine.tokens import StoreBox
from sync.engine.wiring import Configuration, open_connectors
from sync.store import accounts, migrate
from sync.store.migrate import DatabaseTooNew, Standing
from sync.store.postgres import refusals

OLDEST_SAFE_SQLITE = (3, 51, 3)


def add_to(app: typer.Typer) -> None:
    """Put the command on the program."""
    app.command()(check)


@answered
def check(
    online: Annotated[bool, typer.Option("--online", help="Also ask every account who it is.")] = False,
    days: Annotated[
        int, typer.Option(min=0, help="Try the rules on orders of so many days; 0: on none.")
    ] = DAYS,
    seconds: Annotated[float, typer.Option(min=0.1, help="So long at most on orders, and on offers.")] = 30.0,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check files, key, database and, with --online, every account.

    The rules are tried on what is stored: a SKU, listing, carrier or tag that nobody has is a finding; a rule that
    matches nothing, or a table's row about a SKU that nobody has, is a warning. Exit 0 without findings, 1 with some,
    2 where the files cannot be used, 3 where an account cannot be reached.

    Example: entrepot check --online
    """
    try:
        configuration = configured(config)
    except ConfigError as error:
        if as_json:
            print_json(
                {"ok": False, "accounts": {}, "lines": [placed("finding", one) for one in error.problems]}
            )
        raise
    database, standing = _database(configuration)
    lines = [
        *of_files(configuration),
        *_key(configuration),
        *database,
        *_stored(config, configuration, standing, days=days, seconds=seconds, quiet=as_json),
        *_sqlite(configuration),
        *_secrets(configuration),
        *_people(configuration),
        *_webhooks(configuration),
        *_masked(configuration),
        *_degraded(configuration),
    ]
    if online:
        lines += run(_ask_all(configuration))
    findings = [line for line in lines if line["level"] not in ("note", "warning")]
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


def _line(level: str, about: str, what: str) -> Line:
    return {"level": level, "about": about, "what": what}


def _stored(
    given: Path | None,
    configuration: Configuration,
    standing: Standing | None,
    *,
    days: int,
    seconds: float,
    quiet: bool,
) -> list[Line]:
    """Beside a database that holds something; what is wrong with the key or the database is told already."""
    if not days or standing not in (Standing.CURRENT, Standing.AHEAD):
        return []
    try:
        return run(of_stored(given, configuration, days=days, seconds=seconds, quiet=quiet))
    except refusals() as error:
        named = str(configuration.settings.database)
        return [_line("finding", "stored data", machine_fault(error, named) or told(error))]


def _key(configuration: Configuration) -> list[Line]:
    try:
        key_ring(configuration.settings)
    except (StartRefused, ConfigError) as error:
        return [_line("finding", "key", str(error))]
    return []


def _database(configuration: Configuration) -> tuple[list[Line], Standing | None]:
    database = configuration.settings.database
    try:
        standing = migrate.check(database.address)
    except DatabaseTooNew as error:
        return [_line("finding", "database", str(error))], None
    except refusals() as error:
        return [_line("finding", "database", machine_fault(error, str(database)) or told(error))], None
    kind = "PostgreSQL" if database.path is None else "SQLite"
    lines = [_line("note", "database", f"{kind}, {_STANDINGS[standing]}: {database}")]
    if standing is Standing.BEHIND and database.path is None:
        said = "of an older version: make a backup of it, then run `entrepot migrate`; `run` waits for that"
        lines.append(_line("finding", "database", said))
    elif standing is Standing.BEHIND:
        lines.append(_line("note", "database", "of an older version; `entrepot run` copies and migrates it"))
    return lines, standing


_STANDINGS = {
    Standing.ABSENT: "empty as yet",
    Standing.BEHIND: "behind this program",
    Standing.CURRENT: "in order",
    Standing.AHEAD: "of a newer version that this program can work with",
}


def _sqlite(configuration: Configuration) -> list[Line]:
    if configuration.settings.database.path is None:
        return []
    if sqlite3.sqlite_version_info >= OLDEST_SAFE_SQLITE:
        return []
    said = f"SQLite {sqlite3.sqlite_version}: versions before 3.51.3 have a rare fault with several writers; "
    return [
        _line("note", "database", said + "Entrepot has one writer, so let nothing else write to the file")
    ]


def _secrets(configuration: Configuration) -> list[Line]:
    """A variable may be set for the service alone, so its absence here is no finding; a file is the same file."""
    named = [(name, account.secret) for name, account in configuration.settings.accounts.items()]
    named += [(one.decider.name, one.address) for one in configuration.rulebook.staff.people]
    lines = []
    for name, secret in named:
        if secret is None:
            continue
        try:
            read_secret(secret, configuration.settings.secrets)
        except ConfigError as error:
            level = "note" if secret.source is Source.ENV else "finding"
            lines.append(_line(level, name, str(error)))
    return lines


def _people(configuration: Configuration) -> list[Line]:
    """Chats and mails that nobody can be told by, for want of an address for links."""
    settings = configuration.settings
    told = any(one.address is not None for one in configuration.rulebook.staff.people)
    if not told or (settings.webhooks is not None and settings.webhooks_url is not None):
        return []
    said = "`people` names chats or mails, but links need an address: "
    said += "set webhooks: {listen: …, url: …} in entrepot.yaml"
    return [_line("finding", "people", said)]


def _webhooks(configuration: Configuration) -> list[Line]:
    """Accounts whose vendor signs its deliveries with what we have not been told."""
    if configuration.settings.webhooks is None:
        return []
    said = "it signs its webhooks with {}: name it as webhook_secret, or every delivery of it is refused"
    return [
        _line("finding", name, said.format(entry.signed_with))
        for name, entry in configuration.entries.items()
        if entry.signed_with and configuration.settings.accounts[name].webhook_secret is None
    ]


def _masked(configuration: Configuration) -> list[Line]:
    """What cannot be done for a shop whose buyers only the platform knows."""
    said = (
        "personal_data: masked; no buyer, address, mail or telephone is stored. No courier of ours can label "
        "its parcels and no warehouse is given an address: labels come from the platform"
    )
    return [
        _line("note", name, said)
        for name, account in configuration.settings.accounts.items()
        if account.personal_data is PersonalData.MASKED and configuration.kinds[name] == Kind.STOREFRONT.value
    ]


def _degraded(configuration: Configuration) -> list[Line]:
    return [
        _line("note", name, gap)
        for name, entry in configuration.entries.items()
        for gap in entry.manifest.gaps
    ]


async def _ask_all(configuration: Configuration) -> list[Line]:
    lines = []
    async with _tokens(configuration) as tokens:
        opened = await open_connectors(configuration, clock(), tokens)
        try:
            for name, connector in opened.items():
                by_yes = configuration.entries[name].code_grant is not None
                lines.append(await _ask(name, connector, by_yes=by_yes))
        finally:
            for connector in opened.values():
                await connector.close()
    return lines


@asynccontextmanager
async def _tokens(configuration: Configuration) -> AsyncIterator[dict[str, TokenBox]]:
    """What `connect` and the daemon have kept, to look into. None without a database that can be read."""
    try:
        store = await open_store(configuration.settings, clock(), read_only=True)
    except StartRefused:
        yield {}
        return
    try:
        async with store.read() as tx:
            rows = await accounts.list_all(tx)
        yield {row.name: StoreBox(store, row.id, ours=False) for row in rows}
    finally:
        await store.close()


async def _ask(name: str, connector: Any, *, by_yes: bool) -> Line:
    try:
        fingerprint = await connector.identity(Deadline.after(30))
    except AuthRejected as error:
        more = f", or, where its app is let in by a yes: entrepot connect {name}" if by_yes else ""
        return _line("finding", name, f"{error}: renew the secret of this account{more}")
    except ConnectorError as error:
        return _line("unreachable", name, f"{error}: check its URL, and whether it runs")
    return _line("note", name, f"answers; it is {fingerprint}")
