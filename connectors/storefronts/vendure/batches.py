"""Absolute writes in batches: one outcome for each item, though the shop knows only all or nothing.

Vendure rolls a whole batch back for one bad item (trap 5), so a refused batch is halved until the bad item
stands alone and all others are done. Batches are capped by items and by bytes (trap 3).
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    Done,
    Outcome,
    Refused,
    Rejected,
    Retry,
    Throttled,
    Unavailable,
    Unknown,
)
from connectors.storefronts.vendure.client import ShopFailed
from connectors.storefronts.vendure.refusals import refusal

V = TypeVar("V")
Input = Mapping[str, object]
"""One element of a mutation's `input`; its `id` is the item's key."""
Send = Callable[[Sequence[Input]], Awaitable[Mapping[str, V]]]
"""Sends inputs and gives what the shop says it now holds, by id."""


def portions(inputs: Sequence[Input], items: int, size: int) -> Iterator[list[Input]]:
    """`inputs` in their order, at most `items` and (but for a single one) `size` bytes of JSON each."""
    portion: list[Input] = []
    weight = 0
    for item in inputs:
        bytes_of = len(msgspec.json.encode(item)) + 1
        if portion and (len(portion) >= items or weight + bytes_of > size):
            yield portion
            portion, weight = [], 0
        portion.append(item)
        weight += bytes_of
    if portion:
        yield portion


async def write_all(
    inputs: Sequence[Input], send: Send[V], *, items: int, size: int, what: str, begun: bool = False
) -> dict[str, Outcome[V]]:
    """An outcome for each input, by its id.

    `what` names the attempt in a few words; `begun` says that part of the same request was sent before.

    Raises AuthRejected, Throttled or Unavailable only where nothing was sent. A portion that got no answer
    is Unknown, since the shop may hold its values now; what was not sent any more is Retry.
    """
    done: dict[str, Outcome[V]] = {}
    queue = list(portions(inputs, items, size))
    while queue:
        portion = queue.pop(0)
        try:
            echoes = await send(portion)
            done |= {_key(item): _echoed(echoes, _key(item), what) for item in portion}
        except ShopFailed as error:
            _divide(portion, queue, done, Retry(str(error)))
        except Refused as error:
            _divide(portion, queue, done, refusal(error.code, what))
        except (AuthRejected, Throttled) as error:
            if not done and not begun:
                raise
            after = error.retry_after if isinstance(error, Throttled) else None
            return done | _all([portion, *queue], Retry(str(error), after))
        except (Unavailable, BadAnswer) as error:
            done |= _all([portion], Unknown(str(error)))
            return done | _all(queue, Retry(str(error)))
    return done


def _key(item: Input) -> str:
    return str(item["id"])


def _echoed(echoes: Mapping[str, V], key: str, what: str) -> Outcome[V]:
    if key not in echoes:
        return Unknown(f"{what}: the shop's answer leaves it out")
    return Done(external_id=key, echo=echoes[key])


def _divide(
    portion: list[Input], queue: list[list[Input]], done: dict[str, Outcome[V]], alone: Rejected | Retry
) -> None:
    if len(portion) == 1:
        done[_key(portion[0])] = alone
        return
    middle = len(portion) // 2
    queue[:0] = [portion[:middle], portion[middle:]]


def _all(portions_left: Sequence[Sequence[Input]], outcome: Retry | Unknown) -> dict[str, Outcome[V]]:
    return {_key(item): outcome for portion in portions_left for item in portion}
