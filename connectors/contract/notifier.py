"""A way to customers besides their shop: mail, or a gateway for short messages and chats."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from connectors.contract.outcome import Deadline, Outcome


class Needs(StrEnum):
    """What must be known of a customer before a way leads to them."""

    MAIL = "mail"
    PHONE = "phone"
    NOTHING = "nothing"
    """It leads to one place for all, such as a chat of our own people."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one customer, ready to be given away. Its text form says nothing of the customer."""

    key: str
    """Made of our ids: the same for every try."""
    at: datetime
    """When it is sent, aware."""
    text: str = field(repr=False)
    subject: str = field(default="", repr=False)
    language: str = ""
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    """Empty where it is not known."""


class Notifier(Protocol):
    """One way. What it raises is about the way itself, and nothing was told then:

    Unavailable where it cannot be reached, AuthRejected where it refuses us. Everything about one notice is its
    outcome: Done, Rejected (this customer cannot be told so), Retry (it surely was not taken, and may be later),
    Unknown (perhaps taken: it must not be sent again by itself).
    """

    @property
    def needs(self) -> Needs: ...

    async def send(self, notice: Notice, deadline: Deadline) -> Outcome[None]: ...

    async def close(self) -> None: ...
