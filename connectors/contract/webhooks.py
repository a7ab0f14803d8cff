"""What a vendor sends us unasked. A delivery only says "look now": what it tells of is read again by its feed.

A connector that has webhooks offers a `WebhookReader`, which needs no network, and keeps its subscriptions at the
vendor. Deliveries of vendors that carry what no feed shows are kept whole (`carries`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connectors.contract.manifest import Feed
from connectors.contract.outcome import Deadline


class Forged(Exception):
    """A delivery that is not signed with our secret. The text tells nothing of it."""


class Unreadable(Exception):
    """A delivery that is signed, and that does not fit its description; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery whose signature holds.

    `id` is the vendor's own of this delivery, equal when it is sent again ("" where there is none: then its
    content tells it apart). `feeds` are to be looked at now; none for a ping. `subject` is the record's id at the
    vendor, where it is named. `sent_at` is the vendor's time, where it tells one.
    """

    id: str
    topic: str
    feeds: frozenset[Feed]
    subject: str = ""
    sent_at: datetime | None = None
    carries: bool = False


class WebhookReader(Protocol):
    """Reads deliveries of one account; it was made with the account's webhook secret."""

    def read(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Check the signature over the raw body in constant time, then read what it says.

        `headers` have lower-case names. Raises Forged, Unreadable.
        """
        ...


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as the vendor shows it."""

    external_id: str
    topic: str
    url: str
    active: bool
    failures: int | None = None
    """Deliveries in a row that the vendor counts as failed, where it tells."""


class Subscriptions(Protocol):
    """The part of a connector that keeps subscriptions (capability WEBHOOKS)."""

    async def webhooks(self, deadline: Deadline) -> Sequence[Subscription]:
        """All subscriptions of this account that we may see, ours and others'."""
        ...

    async def subscribe(self, url: str, secret: str, deadline: Deadline) -> Sequence[Subscription]:
        """See that every topic that we use is sent to `url`, signed with `secret`, and is active.

        Absolute: it creates what is missing, wakes what was disabled, renews what has another secret where the
        vendor tells, and leaves others' subscriptions alone. Returns ours, as they are then.
        """
        ...

    async def unsubscribe(self, url: str, deadline: Deadline) -> int:
        """Remove ours of this address; returns how many there were."""
        ...
