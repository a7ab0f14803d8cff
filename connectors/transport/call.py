"""One request to a vendor and its answer, as connectors see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from urllib.parse import quote

from connectors.contract import Refused

Part = tuple[str | None, bytes] | tuple[str | None, bytes, str]
"""(file name or None for a plain field, content[, content type])"""
Files = Mapping[str, Part] | Sequence[tuple[str, Part]]
"""The parts of a multipart body by field name; a sequence where their order counts."""


class Safety(Enum):
    """What a repeat of the call would do."""

    READ = "read"
    """Nothing: it changes nothing at the vendor."""
    ABSOLUTE = "absolute"
    """Nothing more: it sets a value that it names."""
    CREATING = "creating"
    """Make another one: after an unknown outcome it must be looked up first."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `operation` (such as `orders.page`) is its name in metrics and messages.

    `path` is relative to the account's base URL, or absolute on the same host. `pace` names the rate
    limits that it counts against; names that the manifest has no rule for are not paced. `accept` are
    statuses outside 2xx that the connector wants to judge itself. An `anonymous` call carries no
    credentials (a log-in). Its text form holds neither parameters, headers nor body: they may be personal.
    """

    operation: str
    method: str
    path: str
    safety: Safety
    params: Sequence[tuple[str, str]] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    content_type: str = "application/json"
    files: Files | None = field(default=None, repr=False)
    pace: tuple[str, ...] = ("account",)
    accept: frozenset[int] = frozenset()
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `headers` have lower-case names; `begun_at` is our time just before the request left.

    `vendor_date` is the answer's Date header, the vendor's own clock, where it sent one.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    begun_at: datetime
    vendor_date: datetime | None


class Uncertain(Exception):
    """A creating call was sent and no usable answer came: it may or may not have happened."""


def path_of(*segments: str) -> str:
    """A path of these segments, each quoted whole, so that no id can lead elsewhere. Raises Refused."""
    return "/" + "/".join(segment(each) for each in segments)


def segment(text: str) -> str:
    """One segment of a path, quoted whole. Raises Refused for one that means another place in every path."""
    if text in ("", ".", ".."):
        raise Refused("an id is empty or a path of its own, and is not called", mendable=False)
    return quote(text, safe="")
