"""The accounts of `entrepot.yaml`: what every account has, and its connector's options kept for later."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from config.bind import try_bind
from config.errors import Placed, Problem, listed, near, problem_at, shown
from config.jsonschema import NAME_PATTERN
from config.schema import AccountModel, Mode, PersonalData, SenderModel
from config.secrets import SecretRef, secret_ref
from config.times import moment
from config.units import BadUnit
from config.yaml import Located, MapNode, ScalarNode
from sync.domain.people import Address

COMMON_KEYS = tuple(AccountModel.model_fields)
RESERVED_NAMES = frozenset({"all", "default", "first", "nearest_with_everything", "none", "unknown"})
"""Words of the mapping files that an account's name must not be confused with."""
_NAME = re.compile(NAME_PATTERN)
_IN_CLEAR = frozenset(
    {"password", "passwd", "token", "api_key", "apikey", "access_token", "client_secret", "private_key"}
)


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """One account. `options` are the connector's own keys, still located; `mapping` is the whole entry."""

    name: str
    connector: str
    secret: SecretRef | None
    webhook_secret: SecretRef | None
    """What the vendor signs its deliveries with; None: a secret of ours, told to it when it is subscribed."""
    mode: Mode | None
    """None: what the store says, and `observe` where the account is new to it."""
    cutover: datetime | None
    renamed_from: str | None
    currency: str | None
    personal_data: PersonalData
    timezone: ZoneInfo
    sender: Address | None
    dropship: bool
    """Whether a supplier sends to buyers."""
    options: MapNode = field(repr=False)
    mapping: MapNode = field(repr=False)

    @property
    def place(self) -> Placed:
        """Where the account stands, for problems that are found later."""
        return self.mapping


def read_accounts(
    node: Located, zone: ZoneInfo, connectors: Collection[str] | None, problems: list[Problem]
) -> dict[str, AccountSettings]:
    """Every account that could be read; what is wrong with the others is added to the problems."""
    if not isinstance(node, MapNode):
        return {}
    accounts: dict[str, AccountSettings] = {}
    for key, value in node:
        _check_name(key, problems)
        if not isinstance(value, MapNode):
            continue
        _check_clear(value, problems)
        _check_connector(value, connectors, problems)
        account = _account(key.text, value, zone, problems)
        if account is not None:
            accounts[key.text] = account
    _check_renames(node, accounts, problems)
    return accounts


def _account(name: str, node: MapNode, zone: ZoneInfo, problems: list[Problem]) -> AccountSettings | None:
    before = len(problems)
    model = try_bind(AccountModel, node.only(lambda key: key in COMMON_KEYS), problems)
    own = model.timezone or zone if model else zone
    secret, webhook_secret = (_secret(node, key, problems) for key in ("secret", "webhook_secret"))
    cutover = _cutover(node, own, problems)
    if model is None or len(problems) > before:
        return None
    return AccountSettings(
        name=name,
        connector=model.connector,
        secret=secret,
        webhook_secret=webhook_secret,
        mode=model.mode,
        cutover=cutover,
        renamed_from=model.renamed_from,
        currency=model.currency,
        personal_data=model.personal_data,
        timezone=own,
        sender=_address(model.sender) if model.sender else None,
        dropship=model.dropship,
        options=node.only(lambda key: key not in COMMON_KEYS),
        mapping=node,
    )


def _secret(node: MapNode, key: str, problems: list[Problem]) -> SecretRef | None:
    text = node.text(key)
    return None if text is None else secret_ref(node.find(key), text, problems)


def _cutover(node: MapNode, zone: ZoneInfo, problems: list[Problem]) -> datetime | None:
    text = node.text("cutover")
    if text is None:
        return None
    try:
        return moment(text, zone)
    except BadUnit as error:
        place = node.find("cutover")
        problems.append(problem_at(place, place.path, error.what, allowed=error.allowed))
        return None


def _address(model: SenderModel) -> Address:
    return Address(
        name=model.name,
        company=model.company,
        street=model.street,
        city=model.city,
        region=model.region,
        postal_code=model.postal_code,
        country=model.country,
        phone=model.phone,
        email=model.email,
    )


def _check_name(key: ScalarNode, problems: list[Problem]) -> None:
    if key.text in RESERVED_NAMES:
        what = f"{shown(key.text)} is a word of the mapping files and cannot name an account"
        problems.append(problem_at(key, key.path, what))
    elif not _NAME.match(key.text):
        allowed = "a small letter, then at most 31 of a-z, 0-9, - and _"
        problems.append(
            problem_at(key, key.path, f"{shown(key.text)} cannot name an account", allowed=allowed)
        )


def _check_clear(node: MapNode, problems: list[Problem]) -> None:
    """A secret under a name of its own would be mailed around with the file."""
    for key, value in node:
        if key.text.lower() in _IN_CLEAR and isinstance(value, ScalarNode):
            what = "a secret stands in this file in clear; put it in the environment or a file of mode 0600"
            problems.append(problem_at(key, key.path, what, allowed="secret: env:NAME, secret: file:NAME"))


def _check_connector(node: MapNode, connectors: Collection[str] | None, problems: list[Problem]) -> None:
    name = node.text("connector")
    if connectors is None or name is None or name in connectors:
        return
    place = node.find("connector")
    what = f"there is no connector {shown(name)}"
    hint = near(name, connectors)
    problems.append(problem_at(place, place.path, what, allowed=listed(sorted(connectors)), hint=hint))


def _check_renames(node: MapNode, accounts: dict[str, AccountSettings], problems: list[Problem]) -> None:
    taken: dict[str, str] = {}
    for account in accounts.values():
        former = account.renamed_from
        if former is None:
            continue
        place = account.mapping.find("renamed_from")
        if node.child(former) is not None:
            what = f"the account {shown(former)} still exists; a renamed account leaves its old name"
            problems.append(problem_at(place, place.path, what))
        elif former in taken:
            what = f"{shown(taken[former])} was renamed from {shown(former)} already"
            problems.append(problem_at(place, place.path, what))
        taken[former] = account.name
