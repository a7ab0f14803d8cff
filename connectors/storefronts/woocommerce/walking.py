"""Walks through records by their id, page by page, so that none is skipped when earlier ones vanish.

The shop can begin a list only at a row's number, and a row that leaves the list moves the later ones forward.
So each page begins a few rows back and must show a row that was given out before, or it goes further back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from connectors.storefronts.woocommerce import payloads
from connectors.storefronts.woocommerce.cursors import unread
from connectors.storefronts.woocommerce.reading import decode
from connectors.transport import Answer

T = TypeVar("T")

LOOK_BACK = 5
"""Rows read again with each page, to notice that rows moved forward."""

Fetch = Callable[[int, int], Awaitable[tuple[Sequence[msgspec.Raw], Answer]]]
"""Gives the rows from a number on, so many at most, by id."""


@dataclass(frozen=True, slots=True)
class Step:
    """The rows after a place, not given out before, and the place after them."""

    rows: Sequence[msgspec.Raw]
    skip: int
    last: int
    ended: bool
    answer: Answer


async def next_step(skip: int, last: int, take: int, fetch: Fetch) -> Step:
    """The rows after the first `skip`, of which `last` was the highest id (0: none yet)."""
    back = min(LOOK_BACK, take // 2, skip)
    while True:
        rows, answer = await fetch(skip - back, take)
        ids = [id_of(row) for row in rows]
        known = unread(ids, last) if rows else None
        if known is not None or back == skip:
            break
        back = min(back + take - 1, skip)
    highest = max((id for id in ids if id is not None), default=last)
    return Step(
        rows=rows[known or 0 :],
        skip=skip - back + len(rows),
        last=max(last, highest),
        ended=len(rows) < take,
        answer=answer,
    )


async def side_by_side(asked: Iterable[Awaitable[T]]) -> list[T]:
    """All answers in their order; the first error once all have ended. The transport bounds how many run."""
    answers = await asyncio.gather(*asked, return_exceptions=True)
    found: list[T] = []
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
        found.append(answer)
    return found


def id_of(record: msgspec.Raw) -> int | None:
    """None where it cannot be read."""
    try:
        return decode(record, type=payloads.Id).id
    except msgspec.ValidationError:
        return None
