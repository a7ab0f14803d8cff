"""The parts of `entrepot.yaml`: their keys, with their defaults."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from config.errors import shown
from config.places import COUNTRIES, USUAL_SLIPS
from config.times import ZONE_ALLOWED, zone
from config.units import BadUnit, Currency, Duration, duration

_LISTEN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})")
_LISTEN_ALLOWED = "HOST:PORT such as 127.0.0.1:9464, off"
_URL_ALLOWED = "an https:// address without query; http:// for this machine alone"
_COUNTRY_ALLOWED = "an ISO 3166-1 code of two letters: CN, DE, US"
_EVERY_ALLOWED = "a duration such as 1 day, 6 hours; or off"
_KEEP_ALLOWED = "a whole number from 1 to 10000"
_LEAST_BACKUP, _MOST_BACKUP = timedelta(seconds=1), timedelta(days=31)
_MOST_INTERVAL = timedelta(days=7)
_LEAST_INTERVAL = timedelta(milliseconds=50)
_LEAST_KEPT = timedelta(days=1)
FOR_EVER = "forever"
_KEPT_ALLOWED = f"a number with a unit: 90 days, 26 weeks, 2 years; or {FOR_EVER}"


class LogFormat(StrEnum):
    """How log lines look: `auto` is console on a terminal and JSON elsewhere."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


class Level(StrEnum):
    """The least serious line that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Mode(StrEnum):
    """Whether an account is written to. An account that is new to the store starts in `observe`."""

    OBSERVE = "observe"
    LIVE = "live"


class PersonalData(StrEnum):
    """Whether the shop gives buyers' data in plain, or only as the platform's tokens."""

    PLAIN = "plain"
    MASKED = "masked"


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the metrics are served; port 0 takes any free one."""

    host: str
    port: int


def refused(what: str, allowed: str = "", hint: str = "") -> PydanticCustomError:
    """An error of a validator, in the parts that a Problem has."""
    return PydanticCustomError("entrepot", "{what}", {"what": what, "allowed": allowed, "hint": hint})


def _one_text(value: object, allowed: str) -> str | None:
    """The text to read; None for a value that is read already, or is not there."""
    if isinstance(value, list | dict):
        raise refused("is a list or mapping where one value is meant", allowed)
    return value if isinstance(value, str) else None


def _zone(value: object) -> object:
    text = _one_text(value, ZONE_ALLOWED)
    if text is None:
        return value
    try:
        return zone(text)
    except BadUnit as error:
        raise refused(error.what, error.allowed, error.hint) from None


def _listen(value: object) -> object:
    text = _one_text(value, _LISTEN_ALLOWED)
    if text is None:
        return value
    if text == "off":
        return None
    match = _LISTEN.fullmatch(text)
    if match is None or int(match[2]) > 65535:
        raise refused(f"{shown(text)} is not an address to listen on", _LISTEN_ALLOWED)
    return Listen(match[1].strip("[]"), int(match[2]))


def _public_url(value: object) -> object:
    text = _one_text(value, _URL_ALLOWED)
    if text is None:
        return value
    parts = urlsplit(text.strip())
    here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if (parts.scheme != "https" and not (parts.scheme == "http" and here)) or not parts.hostname:
        raise refused(f"{shown(text)} is not an address that vendors may send to", _URL_ALLOWED)
    if parts.query or parts.fragment or parts.username:
        raise refused(f"{shown(text)} has more than host and path", _URL_ALLOWED)
    return text.strip().rstrip("/")


def _country(value: object) -> object:
    text = _one_text(value, _COUNTRY_ALLOWED)
    if text is None:
        return value
    code = text.strip().upper()
    if code not in COUNTRIES:
        raise refused(f"{shown(text)} is not a country", _COUNTRY_ALLOWED, USUAL_SLIPS.get(code, ""))
    return code


def _interval(value: timedelta) -> timedelta:
    if not _LEAST_INTERVAL <= value <= _MOST_INTERVAL:
        raise refused("this interval cannot be kept", "50 ms to 7 days")
    return value


def _backup_every(value: object) -> object:
    text = _one_text(value, _EVERY_ALLOWED)
    if text is None:
        return value
    if text == "off":
        return None
    try:
        every = duration(text)
    except BadUnit as error:
        raise refused(error.what, _EVERY_ALLOWED, error.hint) from None
    if not _LEAST_BACKUP <= every <= _MOST_BACKUP:
        raise refused("backups cannot be made so often or so seldom", "1 second to 31 days, off")
    return every


def _keep(value: object) -> object:
    text = _one_text(value, _KEEP_ALLOWED)
    if text is None:
        return value
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 10_000:
        raise refused(f"{shown(text)} is not a number of backups", _KEEP_ALLOWED)
    return int(text)


def _kept(value: object) -> object:
    text = _one_text(value, _KEPT_ALLOWED)
    if text is None:
        return value
    if text.strip().lower() == FOR_EVER:
        return None
    try:
        span = duration(text)
    except BadUnit as error:
        raise refused(error.what, _KEPT_ALLOWED, error.hint) from None
    if span < _LEAST_KEPT:
        raise refused(f"{shown(text)} is too short to work with", "1 day or more")
    return span


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


Zone = Annotated[
    ZoneInfo, BeforeValidator(_zone), WithJsonSchema({"type": "string", "examples": ["Asia/Shanghai", "UTC"]})
]
Country = Annotated[
    str, BeforeValidator(_country), WithJsonSchema({"type": "string", "pattern": "^[A-Za-z]{2}$"})
]
Interval = Annotated[Duration, AfterValidator(_interval)]
Kept = Annotated[
    timedelta | None,
    BeforeValidator(_kept),
    WithJsonSchema({"type": "string", "examples": ["90 days", "2 years", FOR_EVER]}),
]
Texts = Annotated[
    tuple[str, ...],
    BeforeValidator(_one_or_more),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


class Strict(BaseModel):
    """A mapping that knows all its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class MetricsModel(Strict):
    """Prometheus metrics, /healthz and /readyz."""

    listen: Annotated[
        Listen | None,
        BeforeValidator(_listen),
        WithJsonSchema({"type": "string", "examples": ["127.0.0.1:9464"]}),
    ] = Field(default=Listen("127.0.0.1", 9464), description="HOST:PORT, or off.", validate_default=False)


class WebhooksModel(Strict):
    """Where vendors tell us that something has changed. Nothing listens unless `listen` is set."""

    listen: Annotated[
        Listen | None,
        BeforeValidator(_listen),
        WithJsonSchema({"type": "string", "examples": ["127.0.0.1:9465"]}),
    ] = Field(default=None, description="HOST:PORT, or off (the default).")
    url: Annotated[str | None, BeforeValidator(_public_url)] = Field(
        None, description="What vendors reach it by, such as https://hooks.example.com; https, no query."
    )


class LogModel(Strict):
    """What the daemon writes to standard error."""

    format: LogFormat = Field(LogFormat.AUTO, description="auto is console on a terminal, JSON elsewhere.")
    level: Level = Field(Level.INFO, description="The least serious line that is written.")


def _every(seconds: float, description: str) -> timedelta:
    field: timedelta = Field(timedelta(seconds=seconds), description=description)
    return field


class ScheduleModel(Strict):
    """How often each flow looks; a command or a webhook can only make it look sooner."""

    orders: Interval = _every(15, "New orders of each shop.")
    review: Interval = _every(5, "Orders about which something changed are decided again.")
    open_orders: Interval = _every(60, "Every open order again, by its id: cancels and changes.")
    requests: Interval = _every(30, "Returns, exchanges and other requests after the sale.")
    way_back: Interval = _every(10, "Requests after the sale about which something changed.")
    push_stock: Interval = _every(5, "Quantities that the shops do not yet show.")
    stock: Interval = _every(15, "What changed in the warehouse's stock.")
    offers: Interval = _every(60, "The suppliers' price and stock lists.")
    full_stock: Interval = _every(900, "The warehouse's whole stock.")
    outbox: Interval = _every(2, "Writes that wait to be sent or looked up.")
    fulfilment: Interval = _every(10, "How far the warehouse is with each order.")
    acknowledgements: Interval = _every(30, "What suppliers accept and refuse.")
    despatches: Interval = _every(30, "What suppliers have sent.")
    return_receipts: Interval = _every(30, "What came back to the warehouse.")
    labels: Interval = _every(10, "Tracking numbers for packed parcels.")
    voids: Interval = _every(30, "Labels that are not needed are given back.")
    deliveries: Interval = _every(30, "The shops are told which parcels arrived.")
    tracking: Interval = _every(120, "Where the parcels are.")
    messages: Interval = _every(10, "Customers are told what `messages` in the mappings say.")
    push_prices: Interval = _every(
        15, "Prices that the shops do not yet show, and promotions that start or end."
    )
    push_listings: Interval = _every(30, "Listings to take down, to put back, or to bring in step.")
    catalogue: Interval = _every(600, "The shops' listings, and what they are bound to.")

    def intervals(self) -> dict[str, timedelta]:
        """Every flow's interval by its name."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class BackupModel(Strict):
    """The daemon's own backups, in the data folder's backups/."""

    every: Annotated[
        timedelta | None,
        BeforeValidator(_backup_every),
        WithJsonSchema({"type": "string", "examples": ["1 day", "6 hours", "off"]}),
    ] = Field(timedelta(days=1), description="How often; off makes none.")
    keep: Annotated[int, BeforeValidator(_keep), WithJsonSchema({"type": "integer", "minimum": 1})] = Field(
        7, description="How many are kept; older ones are removed."
    )


class ParcelsModel(Strict):
    """When a person hears of a parcel that does not move."""

    unscanned_after: Duration = Field(timedelta(hours=20), description="Told as shipped, no scan since.")
    stuck_after: Duration = Field(timedelta(hours=72), description="Scanned, no further scan since.")


class RetentionModel(Strict):
    """How long data of people are kept once an order is closed. A year has 365 days; `forever` keeps them."""

    personal_data: Kept = Field(
        timedelta(days=730), description="Buyer, address and note of a closed order, and what finds them."
    )
    raw_payloads: Kept = Field(timedelta(days=90), description="The shop's own record of a closed order.")
    broken_records: Kept = Field(
        timedelta(days=90), description="Records that could not be read, since they were last seen."
    )
    deliveries: Kept = Field(timedelta(days=30), description="What vendors pushed, since it was worked on.")


class SenderModel(Strict):
    """The address that labels carry as the sender's."""

    name: str = Field(description="The sender's name as labels show it.")
    company: str | None = Field(None, description="The company, where labels show both.")
    street: Texts = Field(description="Street and number; a list for several lines.")
    city: str
    region: str | None = Field(None, description="State or province, where the country uses it.")
    postal_code: str | None = None
    country: Country = Field(description="ISO 3166-1 code of two letters.")
    phone: str | None = None
    email: str | None = None


class AccountModel(Strict):
    """The keys that every account may have; the others are its connector's options."""

    connector: str = Field(description="The connector's name, such as vendure, tryton or karrio.")
    secret: str | None = Field(None, description="env:NAME or file:NAME; never the secret itself.")
    webhook_secret: str | None = Field(
        None,
        description="env:NAME or file:NAME: what the vendor signs its deliveries with; absent: one of ours.",
    )
    mode: Mode | None = Field(None, description="observe writes to no vendor; absent: what the store says.")
    cutover: str | None = Field(None, description="Orders from before this moment are history.")
    renamed_from: str | None = Field(None, description="The account's former name.")
    currency: Currency | None = Field(None, description="ISO 4217 code.")
    personal_data: PersonalData = Field(PersonalData.PLAIN, description="masked: the shop gives tokens only.")
    timezone: Zone | None = Field(None, description="The account's zone for its business days.")
    sender: SenderModel | None = Field(None, description="A warehouse's address for labels.")
    dropship: bool = Field(False, description="true: this supplier sends to buyers, and its stock is sold.")
