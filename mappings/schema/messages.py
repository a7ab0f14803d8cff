"""`messages:`: what customers are told, by which way, in which words."""

import re
from collections.abc import Mapping
from datetime import time, timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema

from config.errors import shown
from config.schema import Country, Strict, refused
from config.units import Duration
from mappings.schema.parts import Words
from sync.domain.messages import APPRISE, CHANNEL, MAIL, Event
from sync.domain.quiet import QuietHours

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_TIME_ALLOWED = 'a time of day in quotes, from "00:00" to "23:59"'
_QUIET_ALLOWED = '{from: "21:00", until: "08:00"}, or off'
OFF = "off"
_LEAST_LATE = timedelta(days=1)
_WAY = re.compile(rf"{CHANNEL}|{MAIL}|{APPRISE}[a-z][a-z0-9_-]{{0,31}}")
WAYS_ALLOWED = f"{CHANNEL}, {MAIL}, {APPRISE}NAME"


def _time(value: object) -> object:
    if not isinstance(value, str):
        raise refused("has no value" if value is None else "is not a time of day", _TIME_ALLOWED)
    found = _TIME.fullmatch(value.strip())
    if found is None:
        raise refused(f"{shown(value)} is not a time of day", _TIME_ALLOWED)
    return time(int(found[1]), int(found[2]))


def _text(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


def _ways(value: tuple[str, ...]) -> tuple[str, ...]:
    for way in value:
        if not _WAY.fullmatch(way):
            raise refused(f"{shown(way)} is no way to a customer", WAYS_ALLOWED)
    return value


def _late(value: timedelta) -> timedelta:
    if value < _LEAST_LATE:
        raise refused("quiet hours alone may take longer", "1 day or more")
    return value


TimeOfDay = Annotated[
    time, BeforeValidator(_time), WithJsonSchema({"type": "string", "pattern": f"^{_TIME.pattern}$"})
]


class QuietModel(Strict):
    """Customers are told nothing from one time of day until another one, where they are."""

    from_: TimeOfDay = Field(alias="from", description="From this time of day on.")
    until: TimeOfDay = Field(description="No longer at this one; an earlier one is of the next day.")

    @property
    def hours(self) -> QuietHours | None:
        """As they are kept; None where they are off."""
        return None if self.from_ == self.until else QuietHours(self.from_, self.until)


def _quiet(value: object) -> object:
    if isinstance(value, str):
        if value != OFF:
            raise refused(f"{shown(value)} are no quiet hours", _QUIET_ALLOWED)
        return QuietModel.model_validate({"from": "00:00", "until": "00:00"})
    return value


Quiet = Annotated[
    QuietModel,
    BeforeValidator(_quiet),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": OFF},
                {
                    "type": "object",
                    "properties": {
                        key: {"type": "string", "pattern": f"^{_TIME.pattern}$"} for key in ("from", "until")
                    },
                    "required": ["from", "until"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


class LetterModel(Strict):
    """A message in one language."""

    subject: str | None = Field(
        None, min_length=1, max_length=200, description="The subject; a mail needs it."
    )
    text: str = Field(min_length=1, max_length=10_000, description="The text, with places such as {order}.")


Letter = Annotated[
    LetterModel,
    BeforeValidator(_text),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "properties": {"subject": {"type": "string"}, "text": {"type": "string"}},
                    "required": ["text"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


class MessageModel(Strict):
    """What is told of one event. Every other key is a language (`en`, `zh`, `pt-BR`) with its text, or with
    `{subject: …, text: …}`.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Letter] = Field(init=False)

    when: Event = Field(description="The event that it tells of.")
    via: Annotated[Words, AfterValidator(_ways)] = Field(
        description="channel, mail, apprise:NAME; of several, the first that leads to the customer."
    )
    accounts: Words | None = Field(None, description="The shops that it is for; absent: all.")
    quiet_hours: Quiet | None = Field(None, description="Its own; off: it is told at night, too.")

    @property
    def letters(self) -> Mapping[str, LetterModel]:
        """Its texts by language, as the file writes them."""
        return self.__pydantic_extra__


class MessageDefaultsModel(Strict):
    """What holds for all messages."""

    language: str = Field("en", description="The language where the customer's is not known, or has no text.")
    by_country: dict[Country, str] = Field({}, description="The language of the customers of a country.")
    by_account: dict[str, str] = Field({}, description="The language of a shop's customers.")
    shops: dict[str, str] = Field({}, description="What {shop} says for a shop; absent: the account's name.")
    quiet_hours: Quiet | None = Field(None, description="When nobody is told anything; absent or off: never.")
    late_after: Annotated[Duration, AfterValidator(_late)] = Field(
        timedelta(days=3), description="What happened longer ago is not told any more, but noted."
    )


class MessagesModel(Strict):
    """What customers are told: messages by names of your own, and `defaults` for all of them."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, MessageModel] = Field(init=False)

    defaults: MessageDefaultsModel = MessageDefaultsModel()

    @property
    def named(self) -> Mapping[str, MessageModel]:
        """The messages by their names."""
        return self.__pydantic_extra__
