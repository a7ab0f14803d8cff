"""Writes by the batch routes: one outcome for each item, told by its id.

The shop does what it can of a batch and answers item by item, with an `error` in place of each that failed. It
takes 100 items in total and refuses a larger batch whole (413), or fewer, where its admin or the web server
says so: then the batch is halved, and what was learnt holds from then on. Where one item makes the shop fail
inside (500), the batch is halved until that item stands alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    ConnectorError,
    Done,
    Outcome,
    Refused,
    Rejected,
    Retry,
    Throttled,
    Unavailable,
    Unknown,
)
from connectors.storefronts.woocommerce import payloads
from connectors.storefronts.woocommerce.client import ShopFailed, encode
from connectors.storefronts.woocommerce.reading import decode
from connectors.storefronts.woocommerce.refusals import MISSING, refusal
from connectors.transport import Uncertain

V = TypeVar("V")
_ITEMS_TOO_MANY = "woocommerce_rest_request_entity_too_large"
_TOO_LARGE = frozenset({_ITEMS_TOO_MANY, "too_large"})
_SMALLEST = 2_000
"""Bytes below which a body is not taken for too large: no server refuses those for their size."""


@dataclass(frozen=True, slots=True)
class Item:
    """One element of a batch, by the record's own `id`. Only items of one `group` go together."""

    key: str
    id: int
    body: Mapping[str, object] = field(repr=False)
    group: tuple[str, ...] = ("products",)


@dataclass(slots=True)
class Bounds:
    """How much one request may hold; lowered when the shop says so."""

    items: int
    size: int

    def refused(self, code: str, items: int, size: int) -> None:
        """A request of so many items and bytes was too large."""
        if code == _ITEMS_TOO_MANY:
            self.items = max(1, min(self.items, items // 2))
        else:
            self.size = max(_SMALLEST, min(self.size, size // 2))


Send = Callable[[tuple[str, ...], Sequence[Item]], Awaitable[Sequence[msgspec.Raw]]]
"""Sends items of one group and gives the shop's answers to them."""
Judge = Callable[[Item, msgspec.Raw], Outcome[V]]
"""Reads the answer to one item that the shop did; may raise msgspec.ValidationError."""


def portion(queue: Sequence[Item], bounds: Bounds) -> list[Item]:
    """The first items of `queue` that fit in one request: of one group, and at least one."""
    taken: list[Item] = []
    weight = 0
    for item in queue:
        weight += weight_of(item)
        full = len(taken) >= bounds.items or weight > bounds.size
        if taken and (full or taken[0].group != item.group):
            break
        taken.append(item)
    return taken


def weight_of(item: Item) -> int:
    """Its bytes in a body."""
    return len(encode(item.body)) + 1


async def write_all(
    inputs: Sequence[Item], send: Send, judge: Judge[V], *, bounds: Bounds, what: str
) -> dict[str, Outcome[V]]:
    """An outcome for each input, by its key; groups go side by side. `what` names the attempt in a few words.

    Raises AuthRejected, Throttled or Unavailable only where nothing was sent. A portion that got no answer is
    Unknown, since the shop may hold its values now; what was not sent any more is Retry.
    """
    groups: dict[tuple[str, ...], list[Item]] = {}
    for item in inputs:
        groups.setdefault(item.group, []).append(item)
    writing = (_write_group(group, send, judge, bounds, what) for group in groups.values())
    answers = await asyncio.gather(*writing, return_exceptions=True)
    done: dict[str, Outcome[V]] = {}
    unsent: list[tuple[list[Item], ConnectorError]] = []
    for group, answer in zip(groups.values(), answers, strict=True):
        if isinstance(answer, AuthRejected | Throttled):
            unsent.append((group, answer))
        elif isinstance(answer, BaseException):
            raise answer
        else:
            done |= answer
    if unsent and not done:
        raise unsent[0][1]
    for group, error in unsent:
        done |= _all(group, _again(error))
    return done


async def _write_group(
    inputs: Sequence[Item], send: Send, judge: Judge[V], bounds: Bounds, what: str
) -> dict[str, Outcome[V]]:
    """Of one group, portion after portion."""
    done: dict[str, Outcome[V]] = {}
    queue = list(inputs)
    limit = bounds
    while queue:
        some = portion(queue, limit)
        limit = bounds
        try:
            answers = await send(some[0].group, some)
            done |= outcomes(some, answers, judge, what)
            queue = queue[len(some) :]
        except ShopFailed as error:
            limit, queue = _divided(some, queue, limit, done, Retry(str(error)))
        except Refused as error:
            limit, queue = _refused(error.code, some, queue, bounds, done, what)
        except (AuthRejected, Throttled) as error:
            if not done:
                raise
            return done | _all(queue, _again(error))
        except (Unavailable, BadAnswer, Uncertain) as error:
            done |= _all(some, Unknown(str(error)))
            return done | _all(queue[len(some) :], Retry(str(error)))
    return done


def _refused(
    code: str, some: list[Item], queue: list[Item], bounds: Bounds, done: dict[str, Outcome[V]], what: str
) -> tuple[Bounds, list[Item]]:
    """The next portion's bounds and the queue, after the shop refused `some` as a whole."""
    if code in _TOO_LARGE and len(some) > 1:
        bounds.refused(code, len(some), sum(weight_of(item) for item in some))
        return Bounds(min(bounds.items, len(some) // 2), bounds.size), queue
    if code in MISSING:
        done |= _all(some, refusal(code, what))
        return bounds, queue[len(some) :]
    return _divided(some, queue, bounds, done, refusal(code, what))


def _again(error: ConnectorError) -> Retry:
    return Retry(str(error), error.retry_after if isinstance(error, Throttled) else None)


def _divided(
    some: Sequence[Item],
    queue: list[Item],
    limit: Bounds,
    done: dict[str, Outcome[V]],
    alone: Rejected | Retry,
) -> tuple[Bounds, list[Item]]:
    """The next portion's bounds and the queue: half of it, or without the one item that is to blame."""
    if len(some) == 1:
        done[some[0].key] = alone
        return limit, queue[1:]
    return Bounds(len(some) // 2, limit.size), queue


def outcomes(
    items: Sequence[Item], answers: Sequence[msgspec.Raw], judge: Judge[V], what: str
) -> dict[str, Outcome[V]]:
    """By id; only an answer without one (a create that failed) is told by its place."""
    by_id: dict[int, tuple[payloads.Answered, msgspec.Raw]] = {}
    by_place: dict[int, tuple[payloads.Answered, msgspec.Raw]] = {}
    for place, answer in enumerate(answers):
        try:
            said = decode(answer, type=payloads.Answered)
        except msgspec.ValidationError:
            continue
        if said.id:
            by_id[said.id] = (said, answer)
        by_place[place] = (said, answer)
    done: dict[str, Outcome[V]] = {}
    for place, item in enumerate(items):
        there = by_id.get(item.id) if item.id else by_place.get(place)
        done[item.key] = Unknown(f"{what}: the shop's answer leaves it out")
        if there is not None:
            done[item.key] = _judged(item, *there, judge, what)
    return done


def _judged(
    item: Item, said: payloads.Answered, answer: msgspec.Raw, judge: Judge[V], what: str
) -> Outcome[V]:
    if said.error is not None:
        return refusal(said.error.code, what)
    try:
        return judge(item, answer)
    except msgspec.ValidationError as error:
        return Unknown(f"{what}: the shop's answer is not as described: {error}")


def _all(items: Sequence[Item], outcome: Rejected | Retry | Unknown) -> dict[str, Outcome[V]]:
    return {item.key: outcome for item in items}


def done(item: Item, echo: V) -> Done[V]:
    """The outcome of an item that the shop did."""
    return Done(external_id=item.key, echo=echo)
