"""`people:` who may decide what waits, and where they are told."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from config.schema import Strict, refused
from config.units import MoneyAmount
from mappings.schema.parts import RuleName, Words
from sync.domain.chats import ChatForm
from sync.domain.money import Money
from sync.domain.waiting import Language, Topic


def _many(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


def _loose(item: dict[str, object]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [item, {"type": "array", "items": item}]})


Topics = Annotated[
    tuple[Topic, ...],
    BeforeValidator(_many),
    Field(min_length=1),
    _loose({"enum": [topic.value for topic in Topic]}),
]
Limits = Annotated[tuple[MoneyAmount, ...], BeforeValidator(_many), _loose({"type": "string"})]


class ChatModel(Strict):
    """An incoming webhook of a chat, made there for this person or their room."""

    url: str = Field(
        description="env:NAME or file:NAME: the address is a secret, since whoever has it can write."
    )
    form: ChatForm = Field(
        ChatForm.TEXT,
        validate_default=False,
        description="What the chat reads. text: Slack, Mattermost, Rocket.Chat, Google Chat.",
    )
    inside: bool = Field(
        False, description="true: the chat runs in your own network, where its address may lead."
    )


class PersonModel(Strict):
    """A person, or a room of them, who decides by link; the terminal decides everything."""

    name: RuleName
    owns: Words = Field((), description="Names that rules say as owner. The person's own name is one.")
    decides: Topics = Field(description="What kinds of things.")
    up_to: Limits = Field((), description="The most a decision may be worth, by currency; absent: no limit.")
    language: Language = Field(
        Language.EN, validate_default=False, description="Of the message and the page."
    )
    chat: ChatModel | None = Field(None, description="The chat in which the person is told.")
    mail: str | None = Field(
        None,
        description="env:NAME or file:NAME: the address that the person is told at, where there is no chat.",
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.chat is not None and self.mail is not None:
            raise refused("a person is told in one place, so that nothing is said twice", "chat, or mail")
        return self

    @model_validator(mode="after")
    def _one_limit_a_currency(self) -> Self:
        limits: list[Money] = list(self.up_to)
        currencies = [limit.currency for limit in limits]
        twice = next((one for one in currencies if currencies.count(one) > 1), None)
        if twice is not None:
            raise refused(f"there are two limits in {twice}", "one amount for each currency")
        return self
