"""Connections: pages by keyset, as Shopify cuts them.

A cursor holds the sort value and the id of its record, so rows that come and go move no page. At most 250 records
a page, and no page beyond the 25,000th record of a list: more is for bulk operations.
"""

import base64
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.vendure.graphql.execution import FieldFault

LARGEST_PAGE = 250
DEEPEST = 25_000

Value = Callable[[Any], Any]
"""What a list is sorted by: text, a number or a moment of a record."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One record with its cursor."""

    cursor: str
    node: Any


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Where a page lies in its list."""

    start_cursor: str | None
    end_cursor: str | None
    has_next_page: bool
    has_previous_page: bool


@dataclass(frozen=True, slots=True)
class Connection:
    """A page of records."""

    edges: list[Edge]
    page_info: PageInfo

    @property
    def nodes(self) -> list[Any]:
        """The records alone."""
        return [edge.node for edge in self.edges]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _cursor(value: Any, id: int) -> str:
    text = json.dumps({"last_id": id, "last_value": _plain(value)}, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


def _read(cursor: str) -> tuple[Any, int]:
    try:
        found = json.loads(base64.b64decode(cursor, validate=True))
        return found["last_value"], int(found["last_id"])
    except (ValueError, KeyError, TypeError):
        raise FieldFault("Invalid cursor for current pagination sort.", "BAD_REQUEST") from None


def connection(
    call: Call,
    records: Sequence[Any],
    arguments: dict[str, Any],
    *,
    id: Callable[[Any], str] = lambda record: record.id,
    by: Value | None = None,
    in_order: bool = False,
) -> Connection:
    """The page that is asked for; sorted by `by` and then by id, both turned round by `reverse`.

    Records that are said to be in the order of their ids are not looked at beyond the page.
    """
    if in_order and by is None and not arguments.get("reverse"):
        return _by_id(call, records, arguments, lambda record: int(id(record)))
    rows = [((_plain(by(r)) if by else "", int(id(r))), r) for r in records]
    rows.sort(key=lambda row: row[0], reverse=bool(arguments.get("reverse")))
    if _whole(call, arguments):
        return _cut(rows, *_window(call, len(rows)))
    first, last = _size(arguments)
    start, end = 0, len(rows)
    if arguments.get("after"):
        start = _position(rows, _read(arguments["after"]), bool(arguments.get("reverse")), after=True)
    if arguments.get("before"):
        end = _position(rows, _read(arguments["before"]), bool(arguments.get("reverse")), after=False)
    _not_too_deep(start)
    if first is not None:
        end = min(end, start + first)
    elif last is not None:
        start = max(start, end - last)
    return _cut(rows, start, max(start, end))


def _by_id(
    call: Call, records: Sequence[Any], arguments: dict[str, Any], number: Callable[[Any], int]
) -> Connection:
    start, end = _window(call, len(records))
    if not _whole(call, arguments):
        first, last = _size(arguments)
        if arguments.get("after"):
            start = bisect_right(records, _read(arguments["after"])[1], key=number)
        if arguments.get("before"):
            end = bisect_left(records, _read(arguments["before"])[1], key=number)
        _not_too_deep(start)
        if first is not None:
            end = min(end, start + first)
        elif last is not None:
            start = max(start, end - last)
    page = [(("", number(record)), record) for record in records[start : max(start, end)]]
    return _page(page, further=end < len(records), earlier=start > 0)


def _whole(call: Call, arguments: dict[str, Any]) -> bool:
    return call.whole and arguments.get("first") is None and arguments.get("last") is None


def _window(call: Call, records: int) -> tuple[int, int]:
    """All records, but for the outermost connection of a piece of a bulk operation."""
    window, call.window = call.window or (0, records), None
    return window[0], min(window[1], records)


def _size(arguments: dict[str, Any]) -> tuple[int | None, int | None]:
    first, last = arguments.get("first"), arguments.get("last")
    if first is None and last is None:
        raise FieldFault("you must provide one of first or last", "BAD_REQUEST")
    if first is not None and last is not None:
        raise FieldFault("providing both first and last is not supported", "BAD_REQUEST")
    size = first if first is not None else last
    if size is not None and not 0 <= size <= LARGEST_PAGE:
        raise FieldFault(f"The page size must be between 0 and {LARGEST_PAGE}", "BAD_REQUEST")
    return first, last


def _position(rows: list[Any], at: tuple[Any, int], reverse: bool, *, after: bool) -> int:
    """How many rows lie before the cursor; with it, if what comes after it is wanted."""
    try:
        if reverse:
            return sum(1 for key, _ in rows if key > at or (after and key == at))
        return sum(1 for key, _ in rows if key < at or (after and key == at))
    except TypeError:
        raise FieldFault("Invalid cursor for current pagination sort.", "BAD_REQUEST") from None


def _not_too_deep(start: int) -> None:
    if start >= DEEPEST:
        raise FieldFault(f"Pagination is limited to {DEEPEST} records.", "BAD_REQUEST")


def _cut(rows: list[Any], start: int, end: int) -> Connection:
    return _page(rows[start:end], further=end < len(rows), earlier=start > 0)


def _page(rows: list[Any], *, further: bool, earlier: bool) -> Connection:
    edges = [Edge(_cursor(*key), record) for key, record in rows]
    ends = (edges[0].cursor, edges[-1].cursor) if edges else (None, None)
    return Connection(edges, PageInfo(ends[0], ends[1], further, earlier))


def first_of(records: Sequence[Any], arguments: dict[str, Any]) -> list[Any]:
    """The first so many of a plain list; all without a number."""
    first = arguments.get("first")
    return list(records if first is None else records[:first])
