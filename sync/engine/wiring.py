"""From a configuration folder to a house that can work: rules and connectors, beside what `opening` opens.

Reading is pure and says everything that is wrong at once; opening touches the machine and says in one line
what to do where it refuses.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel

from config import (
    AccountSettings,
    ConfigError,
    Mode,
    Problem,
    Settings,
    bind_options,
    read_secret,
)
from config.errors import refuse_if
from connectors import registry
from connectors.contract import Kind
from connectors.registry import BadConnector, Connector, Entry
from connectors.transport import Memory, Secret, Setup, TokenBox, VendorClock
from mappings import Facts, Rulebook, load_mappings
from sync.domain.clock import Clock
from sync.domain.ids import AccountId
from sync.engine.house import House, Post
from sync.engine.notifying import missing_extra, missing_secrets, open_notifiers, ways_of
from sync.engine.refusals import StartRefused
from sync.engine.settings import intervals
from sync.engine.settings_file import FILE, read_settings
from sync.engine.tokens import StoreBox
from sync.flows.flow import AccountView, FlowName, Timing
from sync.flows.messages.reach import speaks
from sync.store import accounts, config_bundles
from sync.store.accounts import AccountRow, Configured, NameTaken
from sync.store.database import Store
from sync.telemetry.redact import mask_secret


@dataclass(frozen=True, slots=True)
class Configuration:
    """A folder, read and checked as a whole. Everything by account is by the account's name."""

    folder: Path
    settings: Settings = field(repr=False)
    rulebook: Rulebook = field(repr=False)
    entries: Mapping[str, Entry] = field(repr=False)
    options: Mapping[str, BaseModel] = field(repr=False)
    kinds: Mapping[str, str]

    @property
    def loopback_only(self) -> bool:
        """Whether every account is on this machine: only then may a test set the clock."""
        mail = self.settings.mail
        ways_here = not self.settings.apprise and (mail is None or mail.on_this_machine)
        return ways_here and all(_is_here(option) for option in self.options.values())


def _is_here(option: BaseModel) -> bool:
    """A folder of files is on this machine; everything else is where its address says."""
    url = getattr(option, "url", None)
    return _is_loopback(url) if url is not None else getattr(option, "folder", None) is not None


def _is_loopback(url: object) -> bool:
    host = urlsplit(str(url)).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name, and names such as 127.example.com lead anywhere
        return False


def read_configuration(folder: Path, facts: Facts | None = None) -> Configuration:
    """Read and check all files; with `facts`, beside what is stored. Raises ConfigError with every problem, or
    StartRefused.
    """
    settings = read_settings(folder)
    try:
        entries = {name: registry.find(one.connector) for name, one in settings.accounts.items()}
    except BadConnector as error:
        raise StartRefused(str(error)) from None
    options = _all_options(settings, entries)
    kinds = {name: entry.manifest.kind.value for name, entry in entries.items()}
    carriers = {name: tuple(getattr(option, "carriers", ())) for name, option in options.items()}
    sending = [name for name, one in settings.accounts.items() if one.dropship]
    zones = {name: one.timezone for name, one in settings.accounts.items()}
    refuse_if(missing_extra(settings))
    rulebook = load_mappings(
        settings.mappings,
        kinds,
        carriers=carriers,
        dropship=sending,
        label=settings.mappings.name,
        zones=zones,
        ways=ways_of(settings),
        speaking=[name for name, entry in entries.items() if speaks(entry.manifest)],
        facts=facts,
    )
    return Configuration(folder, settings, rulebook, entries, options, kinds)


def _all_options(settings: Settings, entries: Mapping[str, Entry]) -> dict[str, BaseModel]:
    options: dict[str, BaseModel] = {}
    problems: list[Problem] = []
    for name, account in settings.accounts.items():
        try:
            options[name] = bind_options(account, entries[name].options)
        except ConfigError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigError(problems)
    return options


async def open_connectors(
    configuration: Configuration, clock: Clock, tokens: Mapping[str, TokenBox]
) -> dict[str, Connector]:
    """A connector for every account; nothing is called yet. Raises ConfigError where a secret is missing.

    `tokens` are the boxes of those that have one, by the account's name.
    """
    problems: list[Problem] = []
    opened: dict[str, Connector] = {}
    for name, account in configuration.settings.accounts.items():
        try:
            opened[name] = open_one(configuration, name, account, clock, tokens=tokens.get(name))
        except ConfigError as error:
            problems.extend(error.problems)
    if problems:
        for connector in opened.values():
            await connector.close()
        raise ConfigError(problems)
    return opened


def open_one(
    configuration: Configuration,
    name: str,
    account: AccountSettings,
    clock: Clock,
    vendor_clock: VendorClock | None = None,
    tokens: TokenBox | None = None,
) -> Connector:
    """The connector of one account; what its answers tell of the vendor's clock is noted in `vendor_clock`.

    `tokens` is where its token lies between two processes; without one it is forgotten.
    """
    secret = secret_of(configuration.settings, account)
    if secret:
        mask_secret(secret)
    setup = Setup(
        name,
        configuration.options[name],
        Secret(secret),
        clock,
        account.timezone,
        vendor_clock=vendor_clock or VendorClock(),
        tokens=tokens or Memory(),
    )
    return configuration.entries[name].open(setup)


def timing_of(settings: Settings) -> Timing:
    """What flows need of the schedule."""
    return Timing(
        intervals=intervals(settings.schedule),
        full_stock_seconds=settings.schedule["full_stock"].total_seconds(),
        stuck_after_seconds=settings.stuck_after.total_seconds(),
        unscanned_after_seconds=settings.unscanned_after.total_seconds(),
    )


async def wire(configuration: Configuration, store: Store, clock: Clock, before: House | None) -> House:
    """Make the house of a configuration; connectors whose settings did not change are kept open.

    Raises ConfigError where a secret is missing, StartRefused where a name is taken; nothing is stored then.
    """
    settings = configuration.settings
    _refuse_missing_secrets(configuration)
    rows = await _reconcile(configuration, store)
    posts: dict[AccountId, Post] = {}
    for name, account in settings.accounts.items():
        row = rows[name]
        face = _face(configuration, account, store)
        kept = before.posts.get(row.id) if before is not None else None
        view = view_of(row, account, Kind(configuration.kinds[name]))
        if kept is not None and kept.face == face:
            posts[row.id] = replace(kept, view=view)
            continue
        vendor_clock = VendorClock()
        connector = open_one(configuration, name, account, clock, vendor_clock, StoreBox(store, row.id))
        posts[row.id] = Post(view, connector, configuration.entries[name].manifest, face, vendor_clock)
    async with store.write() as tx:
        rulebook = configuration.rulebook
        await config_bundles.keep(tx, rulebook.version, rulebook.canonical)
    return House(posts, rulebook, timing_of(settings), open_notifiers(settings))


def _refuse_missing_secrets(configuration: Configuration) -> None:
    """Before anything is stored or opened: a configuration is taken over whole, or not at all."""
    problems = missing_secrets(configuration.settings)
    settings = configuration.settings
    of_accounts = [ref for one in settings.accounts.values() for ref in (one.secret, one.webhook_secret)]
    of_people = [one.address for one in configuration.rulebook.staff.people]
    for ref in (*of_accounts, *of_people):
        try:
            if ref is not None:
                read_secret(ref, settings.secrets)
        except ConfigError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigError(problems)


def secret_of(settings: Settings, account: AccountSettings) -> str:
    """An account's secret; "" where it has none. Raises ConfigError where it cannot be had."""
    return read_secret(account.secret, settings.secrets) if account.secret else ""


async def _reconcile(configuration: Configuration, store: Store) -> dict[str, AccountRow]:
    wishes = [
        Configured(
            name,
            account.connector,
            configuration.kinds[name],
            account.personal_data.value,
            account.renamed_from,
        )
        for name, account in configuration.settings.accounts.items()
    ]
    try:
        async with store.write() as tx:
            rows = await accounts.reconcile(tx, wishes)
            for name, account in configuration.settings.accounts.items():
                if account.mode is Mode.LIVE:
                    await accounts.go_live(tx, rows[name].id, who=FILE, live_from=account.cutover)
            return {row.name: row for row in await accounts.list_all(tx)}
    except NameTaken as error:
        raise StartRefused(str(error)) from None


def view_of(row: AccountRow, account: AccountSettings, kind: Kind) -> AccountView:
    """The account as flows see it."""
    return AccountView(
        id=row.id,
        name=row.name,
        connector=account.connector,
        kind=kind,
        live_from=row.live_from,
        personal_data=account.personal_data.value,
        currency=account.currency,
        timezone=account.timezone,
        sender=account.sender,
        dropship=account.dropship and kind is Kind.SUPPLIER,
    )


def _face(configuration: Configuration, account: AccountSettings, store: Store) -> str:
    """What a connector was opened with: another face, and it is opened anew."""
    secret = secret_of(configuration.settings, account)
    facts = (account.connector, configuration.options[account.name].model_dump_json(), str(account.timezone))
    digest = hashlib.sha256(repr(facts).encode()).hexdigest()
    return f"{digest}:{store.sealer.blind('credential', secret).hex()}"


def shortest_interval(timing: Timing) -> float:
    """The shortest interval of the schedule, in seconds."""
    return min(timing.intervals[flow] for flow in FlowName)
