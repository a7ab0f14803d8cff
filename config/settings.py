"""`entrepot.yaml`: what runs, where its data lie, how often each flow looks, and the accounts.

`load_settings` reads, checks and resolves the whole file, or raises ConfigError with every problem. Keys of
an account that are not common to all accounts are its connector's options: they stay located and are bound
by `bind_options` against the connector's own model, so that their problems name file and line too.
"""

import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from config.accounts import COMMON_KEYS, AccountSettings, read_accounts
from config.bind import bind, try_bind
from config.database import BadDatabase, Database, check_url, is_postgresql, postgresql_at, sqlite_at
from config.errors import ConfigError, Problem, problem_at, refuse_if, shown
from config.file_schema import FileModel
from config.schema import Level, Listen, LogFormat, RetentionModel
from config.secrets import SecretRef
from config.ways import MailSettings, gateways, mail_settings
from config.yaml import Located, MapNode, load

M = TypeVar("M", bound=BaseModel)
DATABASE_FILE = "entrepot.sqlite3"


@dataclass(frozen=True, slots=True)
class BackupPlan:
    """The daemon's own backups: how often (None: none are made), and how many are kept."""

    every: timedelta | None
    keep: int


@dataclass(frozen=True, slots=True)
class Settings:
    """`entrepot.yaml`, checked. All paths are absolute; `accounts` keeps the order of the file."""

    file: Path
    timezone: ZoneInfo
    data: Path
    """The folder of the database, the keys and the backups."""
    database: Database
    """The SQLite file, or the PostgreSQL database."""
    secrets: Path
    """The folder that `file:NAME` secrets lie in."""
    mappings: Path
    """The folder of the mapping files."""
    metrics: Listen | None
    """None where metrics are off."""
    webhooks: Listen | None
    """Where vendors' deliveries are taken in; None where nothing listens for them."""
    webhooks_url: str | None
    """What vendors reach that by."""
    log_format: LogFormat
    log_level: Level
    schedule: dict[str, timedelta]
    """How often each flow looks, by its name (`full_stock` beside them)."""
    unscanned_after: timedelta
    """A parcel told as shipped and not scanned for so long is an issue."""
    stuck_after: timedelta
    """A parcel on its way without a scan for so long is an issue."""
    retention: RetentionModel
    """How long data of people are kept."""
    backup: BackupPlan
    mail: MailSettings | None
    """The mail server; None where nobody is told anything by mail."""
    apprise: dict[str, SecretRef]
    """The gateways by name: where the URL of each lies."""
    accounts: dict[str, AccountSettings]


def load_settings(
    path: Path, *, connectors: Collection[str] | None = None, file: str | None = None
) -> Settings:
    """Read `entrepot.yaml`. `connectors` are the known connectors' names; `file` is its name in messages."""
    name = file or str(path)
    root = load(path, name)
    if root is None:
        what = "the file is empty; `entrepot init` writes one to start from"
        raise ConfigError([Problem(name, 0, 0, "", what)])
    problems: list[Problem] = []
    model = try_bind(FileModel, root, problems)
    zone = model.timezone if model else ZoneInfo("UTC")
    accounts = read_accounts(root.find("accounts"), zone, connectors, problems) if _has_accounts(root) else {}
    _check_database(root, problems)
    folder = path.resolve().parent
    given = model.mail if model else None
    mail = mail_settings(given, root.find("mail"), folder, problems) if given else None
    named = gateways(root.child("apprise"), problems)
    refuse_if(problems)
    if model is None:
        raise ConfigError(problems)
    return _settled(path.resolve(), model, accounts, mail, named)


def bind_options(account: AccountSettings, model: type[M]) -> M:
    """The account's connector options as the connector's own model, or ConfigError."""
    keys = set(model.model_fields)
    options = account.mapping.only(lambda key: key in keys or key not in COMMON_KEYS)
    return bind(model, options, also=COMMON_KEYS)


def _has_accounts(root: Located) -> bool:
    return isinstance(root, MapNode) and isinstance(root.child("accounts"), MapNode)


def _check_database(root: Located, problems: list[Problem]) -> None:
    """A path or a URL. The message never shows a URL that may hold a password."""
    url = root.text("database") if isinstance(root, MapNode) else None
    if url is None:
        return
    node = root.find("database")
    try:
        if is_postgresql(url):
            check_url(url)
        elif not url.startswith("sqlite://") or not url.removeprefix("sqlite:///").strip("/"):
            raise BadDatabase("this is not a database" if "@" in url else f"{shown(url)} is not a database")
    except BadDatabase as error:
        problems.append(problem_at(node, "database", error.what, allowed=error.allowed))


def _settled(
    file: Path,
    model: FileModel,
    accounts: dict[str, AccountSettings],
    mail: MailSettings | None,
    apprise: dict[str, SecretRef],
) -> Settings:
    folder = file.parent
    data = _under(folder, model.data)
    database = sqlite_at(data / DATABASE_FILE)
    if model.database is not None and is_postgresql(model.database):
        database = postgresql_at(model.database, data)
    elif model.database is not None:
        database = sqlite_at(_under(folder, model.database.removeprefix("sqlite:///")))
    return Settings(
        file=file,
        timezone=model.timezone,
        data=data,
        database=database,
        secrets=_named(folder, model.secrets),
        mappings=_named(folder, model.mappings),
        metrics=model.metrics.listen,
        webhooks=model.webhooks.listen,
        webhooks_url=model.webhooks.url,
        log_format=model.log.format,
        log_level=model.log.level,
        schedule=model.schedule.intervals(),
        unscanned_after=model.parcels.unscanned_after,
        stuck_after=model.parcels.stuck_after,
        retention=model.retention,
        backup=BackupPlan(model.backup.every, model.backup.keep),
        mail=mail,
        apprise=apprise,
        accounts=accounts,
    )


def _named(folder: Path, text: str) -> Path:
    """As it is written: a link may be turned to another folder while the daemon runs."""
    return Path(os.path.normpath(folder / Path(text).expanduser()))


def _under(folder: Path, text: str) -> Path:
    return (folder / Path(text).expanduser()).resolve()
