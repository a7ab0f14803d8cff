"""What a customer is told: the events, what is known of each, and which messages are due.

    planned ──► sending ──► done
       │  ▲        ├──────► refused     by the mail server, the gateway or the shop
       │  └────────┤ it surely did not take it
       │           └──────► unknown     perhaps told: never sent again but by a person's word
       └──► passed                      too late, no way to the customer, or wanted no longer

Nothing is an edge here. Whoever knows an order says what has happened so far (`Occurred`), as often as it likes;
`plan` answers with what is to be told of it and was not told yet. An event is told once by each way. What happened
before the shop went live, or before the message was in force, is not told at all.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

CHANNEL, MAIL, APPRISE = "channel", "mail", "apprise:"
"""The ways: through the shop, by mail, and through a gateway of a name (`apprise:sms`)."""


class Event(StrEnum):
    """What a customer may be told of."""

    SHIPPED = "shipped"
    """a parcel has left the warehouse or the supplier"""
    FIRST_SCAN = "first_scan"
    """a carrier has scanned a parcel for the first time"""
    DELIVERED = "delivered"
    """a parcel has arrived"""
    CANCELLED = "cancelled"
    """an order was stopped before anything left"""
    CANCEL_REFUSED = "cancel_refused"
    """an order could no longer be stopped"""
    RETURN_APPROVED = "return_approved"
    """goods may be sent back"""
    RETURN_REFUSED = "return_refused"
    """a request after the sale was refused"""
    RETURN_RECEIVED = "return_received"
    """goods that were sent back have arrived"""
    REFUNDED = "refunded"
    """money was given back"""
    EXCHANGE_SENT = "exchange_sent"
    """other goods have left for those that come back"""
    RESENT = "resent"
    """the same goods have left once more"""


class Fact(StrEnum):
    """What a message may name."""

    ORDER = "order"
    """the order's number as the shop shows it"""
    SHOP = "shop"
    """what the shop is called: `defaults.shops`, else the account's name"""
    NAME = "name"
    """the customer's name; a masked shop does not tell it"""
    TRACKING = "tracking"
    """the tracking number"""
    COURIER = "courier"
    """the carrier"""
    TRACKING_URL = "tracking_url"
    """the carrier's page about the parcel"""
    REQUEST = "request"
    """the number of the request after the sale"""
    AMOUNT = "amount"
    """money with its currency: 12.30 EUR"""
    REASON = "reason"
    """why, in the words of the rule or of the person who decided"""
    RETURN_ADDRESS = "return_address"
    """where goods are sent back to"""
    LABEL_URL = "label_url"
    """where the label for sending back can be had"""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of every event of a kind, and what of some of them only."""

    always: frozenset[Fact]
    sometimes: frozenset[Fact]

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All of them, in the order of `Fact`."""
        return tuple(fact for fact in Fact if fact in self.always | self.sometimes)


def _known(always: Collection[Fact] = (), sometimes: Collection[Fact] = ()) -> Known:
    return Known(frozenset({Fact.ORDER, Fact.SHOP, *always}), frozenset({Fact.NAME, *sometimes}))


_F = Fact
_PARCEL = (_F.COURIER, _F.TRACKING_URL)
FACTS: Mapping[Event, Known] = {
    Event.SHIPPED: _known((), (_F.TRACKING, *_PARCEL)),
    Event.FIRST_SCAN: _known((_F.TRACKING,), _PARCEL),
    Event.DELIVERED: _known((_F.TRACKING,), _PARCEL),
    Event.CANCELLED: _known((), (_F.REASON,)),
    Event.CANCEL_REFUSED: _known((), (_F.REASON,)),
    Event.RETURN_APPROVED: _known(
        (_F.REQUEST,), (_F.RETURN_ADDRESS, _F.LABEL_URL, _F.TRACKING, _F.COURIER, _F.REASON)
    ),
    Event.RETURN_REFUSED: _known((_F.REQUEST,), (_F.REASON,)),
    Event.RETURN_RECEIVED: _known((_F.REQUEST,), ()),
    Event.REFUNDED: _known((_F.AMOUNT,), (_F.REQUEST, _F.REASON)),
    Event.EXCHANGE_SENT: _known((_F.REQUEST,), (_F.TRACKING, *_PARCEL)),
    Event.RESENT: _known((_F.REQUEST,), (_F.TRACKING, *_PARCEL)),
}
"""What a message about each event may name."""
SAMPLE: Mapping[Fact, str] = {
    _F.ORDER: "10042",
    _F.SHOP: "shop",
    _F.NAME: "Li Lei",
    _F.TRACKING: "SF1400000000001",
    _F.COURIER: "SF Express",
    _F.TRACKING_URL: "https://track.example/SF1400000000001",
    _F.REQUEST: "R-17",
    _F.AMOUNT: "12.30 EUR",
    _F.REASON: "The goods were used.",
    _F.RETURN_ADDRESS: "Hauptstr. 1, 20095 Hamburg, DE",
    _F.LABEL_URL: "https://labels.example/R-17.pdf",
}
"""Invented values, for a look at a message before anything has happened."""


class MessageState(StrEnum):
    """Where one message stands."""

    PLANNED = "planned"
    SENDING = "sending"
    """It is on its way: until an answer is stored, nobody knows whether it was told."""
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """Perhaps told: a person decides."""
    PASSED = "passed"
    """Not told, for a reason that is noted."""

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it by itself."""
        return self in (MessageState.DONE, MessageState.REFUSED, MessageState.PASSED)


_S = MessageState
MOVES: Mapping[MessageState, frozenset[MessageState]] = {
    _S.PLANNED: frozenset({_S.PLANNED, _S.SENDING, _S.PASSED, _S.UNKNOWN}),
    _S.SENDING: frozenset({_S.DONE, _S.REFUSED, _S.PLANNED, _S.UNKNOWN}),
    _S.UNKNOWN: frozenset({_S.DONE, _S.PLANNED, _S.PASSED}),
    _S.REFUSED: frozenset({_S.PLANNED}),
    _S.DONE: frozenset(),
    _S.PASSED: frozenset(),
}
"""From each state, where a message may go. Out of `unknown` and `refused` only by a person's word; where the shop
recognises a repeat, out of `unknown` by itself."""


@dataclass(frozen=True, slots=True)
class Occurred:
    """Something that a customer may be told of: a level, said anew at every look.

    `subject` is our id of what it happened to (the parcel, the order, the request, the refund): of one event of one
    subject there is one telling. `at` is when it happened, aware. `facts` are the values of `FACTS[event]` but for
    order, shop and name; a value that is not known is left out.
    """

    event: Event
    subject: str
    at: datetime
    facts: Mapping[Fact, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What makes it one event."""
        return f"{self.event.value}:{self.subject}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One message of the rules: it tells an event by the first of its ways that leads to the customer."""

    name: str
    event: Event
    ways: tuple[str, ...]
    since: datetime
    """From when on it has been in force for this shop and these ways: what happened before is not told."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One message to store: to be told by `way`, or (`reason` is not empty) noted as not told, and why."""

    occurred: Occurred
    name: str
    way: str
    reason: str = ""

    @property
    def state(self) -> MessageState:
        """Where its row begins."""
        return MessageState.PASSED if self.reason else MessageState.PLANNED


def plan(
    occurred: Sequence[Occurred],
    wanted: Sequence[Wanted],
    told: Collection[tuple[str, str]],
    obstacles: Mapping[str, str],
    *,
    live_from: datetime,
    now: datetime,
    late_after: timedelta,
) -> tuple[Planned, ...]:
    """The messages that are due and not there yet.

    `told` are the (event key, way) of every message that is there, whatever became of it. `obstacles` says by way
    why it does not lead to this customer; a way that is not in it does. All times are aware.
    """
    known = set(told)
    planned: list[Planned] = []
    for one in occurred:
        for message in wanted:
            if message.event is not one.event or any((one.key, way) in known for way in message.ways):
                continue
            if one.at < max(live_from, message.since):
                continue
            due = _planned(one, message, obstacles, late=now - one.at > late_after)
            known.add((one.key, due.way))
            planned.append(due)
    return tuple(planned)


def _planned(one: Occurred, message: Wanted, obstacles: Mapping[str, str], *, late: bool) -> Planned:
    if late:
        return Planned(one, message.name, message.ways[0], LATE)
    way = next((way for way in message.ways if not obstacles.get(way)), None)
    if way is None:
        reasons = "; ".join(f"{way}: {obstacles[way]}" for way in message.ways)
        return Planned(one, message.name, message.ways[0], reasons)
    return Planned(one, message.name, way)


LATE = "it was known too late to be told"
"""Why a message was passed over whose moment is long gone."""
