"""Absolute writes in batches: one outcome for each item, though the shop knows only all or nothing.

Medusa rolls a whole batch back for one bad item (trap 5), so a refused batch is halved until the bad item
stands alone and all others are done. Batches are capped by items and by bytes (trap 8), and one that the
shop still finds too large is halved as well.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

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
from connectors.storefronts.medusa.client import ShopFailed, encode
from connectors.storefronts.medusa.refusals import refusal

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Item:
    """One element of a batch. Only items of one `group` go together."""

    key: str
    body: Mapping[str, object] = field(repr=False)
    group: str = ""


Send = Callable[[Sequence[Item]], Awaitable[Mapping[str, V]]]
"""Sends items and gives what the shop says it now holds, by key."""


def portions(inputs: Sequence[Item], items: int, size: int) -> Iterator[list[Item]]:
    """`inputs` in their order, at most `items` and (but for a single one) `size` bytes of JSON each."""
    portion: list[Item] = []
    weight = 0
    for item in inputs:
        bytes_of = len(encode(item.body)) + 1
        full = len(portion) >= items or weight + bytes_of > size
        if portion and (full or portion[-1].group != item.group):
            yield portion
            portion, weight = [], 0
        portion.append(item)
        weight += bytes_of
    if portion:
        yield portion


async def write_all(
    inputs: Sequence[Item], send: Send[V], *, items: int, size: int, what: str
) -> dict[str, Outcome[V]]:
    """An outcome for each input, by its key. `what` names the attempt in a few words.

    Raises AuthRejected, Throttled or Unavailable only where nothing was sent. A portion that got no answer
    is Unknown, since the shop may hold its values now; what was not sent any more is Retry.
    """
    done: dict[str, Outcome[V]] = {}
    queue = list(portions(inputs, items, size))
    while queue:
        portion = queue.pop(0)
        try:
            echoes = await send(portion)
            done |= {item.key: _echoed(echoes, item.key, what) for item in portion}
        except ShopFailed as error:
            _divide(portion, queue, done, Retry(str(error)))
        except Refused as error:
            _divide(portion, queue, done, refusal(error.code, what))
        except (AuthRejected, Throttled) as error:
            if not done:
                raise
            after = error.retry_after if isinstance(error, Throttled) else None
            return done | _all([portion, *queue], Retry(str(error), after))
        except (Unavailable, BadAnswer) as error:
            done |= _all([portion], Unknown(str(error)))
            return done | _all(queue, Retry(str(error)))
    return done


def _echoed(echoes: Mapping[str, V], key: str, what: str) -> Outcome[V]:
    if key not in echoes:
        return Unknown(f"{what}: the shop's answer leaves it out")
    return Done(external_id=key, echo=echoes[key])


def _divide(
    portion: list[Item], queue: list[list[Item]], done: dict[str, Outcome[V]], alone: Rejected | Retry
) -> None:
    if len(portion) == 1:
        done[portion[0].key] = alone
        return
    middle = len(portion) // 2
    queue[:0] = [portion[:middle], portion[middle:]]


def _all(portions_left: Sequence[Sequence[Item]], outcome: Retry | Unknown) -> dict[str, Outcome[V]]:
    return {item.key: outcome for portion in portions_left for item in portion}
