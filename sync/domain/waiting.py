"""What waits for a person, who may answer it, and what an answer is.

One shape for everything: an order's hold, a question about a return, what a guard keeps back. A `HoldWanted`
(sync.domain.confirm) is the reason; `About` is the thing that waits; together they are one entry of the queue.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from sync.domain.ids import AccountId, OrderId
from sync.domain.money import Money

PERHAPS_SENT = "perhaps sent"
"""The rule of a write without an answer: a yes says that it happened, a no that it is to be sent again."""
LINK_LASTS = timedelta(days=7)
"""So long a link to a decision may be used, unless the deadline decides earlier."""

_OUR_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b ?")


def readable(rule: str) -> str:
    """A rule's name as people read it: of a line that it is about, the SKU, and not the id that we know it by."""
    return _OUR_ID.sub("", rule).strip()


class Topic(StrEnum):
    """What kind of thing waits."""

    ORDER = "order"
    RETURN = "return"
    """A request after the sale, or goods that nobody announced: its answer, its goods."""
    REFUND = "refund"
    """Money that must not move before somebody has spoken."""
    PURCHASE = "purchase"
    GUARD = "guard"
    """Changes that a guard keeps back at an account."""
    WRITE = "write"
    """Any other write that perhaps happened, where the vendor cannot be asked."""


class Word(StrEnum):
    """A decision."""

    APPROVED = "approved"
    REJECTED = "rejected"


class Via(StrEnum):
    """How a decision came."""

    TERMINAL = "terminal"
    LINK = "link"
    DEADLINE = "deadline"


class Language(StrEnum):
    """The languages that people are told in."""

    EN = "en"
    ZH = "zh"


OF_MONEY = frozenset({Topic.REFUND, Topic.PURCHASE})
"""What is always worth money: where nobody knows how much, it is beyond every limit."""


@dataclass(frozen=True, slots=True)
class About:
    """The thing that waits. `id` is ours; `subject` is how a person names it, such as shop/10042."""

    topic: Topic
    id: str
    subject: str
    account_id: AccountId | None = None
    order_id: OrderId | None = None
    """The order that it belongs to: what is written about it is erased with that order's buyer."""
    value: Money | None = None
    """What the decision is worth; `people` may have limits."""
    wakes: str = ""
    """The flow of the account that looks again when somebody has decided."""


@dataclass(frozen=True, slots=True)
class Decider:
    """A person who may decide."""

    name: str
    owns: frozenset[str] = frozenset()
    """Names that rules say as `owner`; the person's own name is always one."""
    decides: frozenset[Topic] = frozenset()
    up_to: tuple[Money, ...] = field(default=())
    """By currency, the most that a decision may be worth; none: no limit."""
    language: Language = Language.EN

    def refused(self, topic: Topic, owner: str, value: Money | None) -> str:
        """Why the person may not decide this; "" where they may.

        What nobody owns, everybody may decide whose topic it is. A value in a currency without a limit beside
        limits in others is beyond them: 50 yen say nothing of 50 euros. So is money of which nobody knows how much.
        """
        if topic not in self.decides:
            return f"{self.name} does not decide on {topic.value}s"
        if owner and owner != self.name and owner not in self.owns:
            return f"this is for {owner}"
        if not self.up_to:
            return ""
        if value is None:
            unknown = f"what it is worth is not known, and {self.name} has a limit"
            return unknown if topic in OF_MONEY else ""
        limit = next((one for one in self.up_to if one.currency == value.currency), None)
        if limit is None:
            return f"{self.name} has no limit in {value.currency}"
        return "" if value <= limit else f"{value} is more than {self.name} may decide ({limit})"
