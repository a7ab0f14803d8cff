"""Requests after the sale as storefronts tell them: returns, exchanges, claims, cancellations, wishes for money.

A request is told as the whole of its present state, as an order is, never as a difference. Vendors' own kinds are
read as what they ask for: a claim that sends goods once more and wants none back is a resend, one that wants them
back an exchange.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sync.domain.aftersales import RequestKind
from sync.domain.money import Money


class RequestState(StrEnum):
    """How far the shop is with a request."""

    ASKED = "asked"
    """It waits for an answer."""
    OPEN = "open"
    """It was granted, in the shop itself or by us; goods and money may be under way."""
    RECEIVED = "received"
    """The shop books all its goods as back."""
    REFUSED = "refused"
    CLOSED = "closed"
    """Settled in the shop."""
    WITHDRAWN = "withdrawn"
    """Taken back by the buyer, or cancelled in the shop."""

    @property
    def ended(self) -> bool:
        """Whether the shop expects nothing more of it."""
        return self in (RequestState.REFUSED, RequestState.CLOSED, RequestState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class RequestLine:
    """Pieces of one order line that are asked about. Figures are levels: so many in all."""

    line: str
    """The order line's external id."""
    units: int
    reason: str = ""
    """Of the shop's own list; what the buyer wrote is in the raw record alone."""
    received: int = 0
    """Pieces that the shop books as back, good ones."""
    dismissed: int = 0
    """Pieces that the shop books as back and not to be sold."""
    allowance: int = 0
    """Money without goods that is asked for the line: minor units of the order's currency, tax included."""


@dataclass(frozen=True, slots=True)
class InsteadLine:
    """Pieces of a listing that the buyer wants instead, or once more."""

    variant: str | None
    """The listing's external id."""
    sku: str | None
    units: int
    line: str | None = None
    """The order line's external id, where the shop puts it on the order itself."""


@dataclass(frozen=True, slots=True)
class RemoteRequest:
    """One request as the shop tells it now."""

    external_id: str
    order: str
    """The order's external id."""
    kind: RequestKind
    state: RequestState
    lines: tuple[RequestLine, ...]
    asked_at: datetime
    number: str = ""
    """What people call it, where the shop has such a name."""
    instead: tuple[InsteadLine, ...] = ()
    price: Money | None = None
    """What the goods instead cost the buyer, tax included; None where there are none, or the shop does not say."""
    tracking: tuple[str, ...] = ()
    """The numbers that its parcels come back under, where the shop knows them."""
    answer_by: datetime | None = None
    """When the platform decides by itself."""
    updated_at: datetime | None = None
    raw: bytes = field(default=b"", repr=False)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Each of the shop's reasons once, in the order of the lines."""
        return tuple(dict.fromkeys(line.reason for line in self.lines if line.reason))
