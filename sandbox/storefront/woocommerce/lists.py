"""Pages of records: filtered by what every list knows, sorted, cut, and counted in headers.

A page is an offset: records that come or go between two pages shift what follows. Past the end the list is empty;
what the headers then count depends on the generation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from sandbox.paging import PAGE_SHIFT
from sandbox.storefront.woocommerce.answers import not_one_of
from sandbox.storefront.woocommerce.calls import Body, Call, Reply, picked
from sandbox.storefront.woocommerce.moments import window

R = TypeVar("R")
MOST = 100
_ORDER = ["asc", "desc"]


@dataclass(frozen=True, slots=True)
class Listing(Generic[R]):
    """A kind of list. `posts` says that moments are compared and sorted on the shop's clock."""

    id: Callable[[R], int]
    created: Callable[[R], datetime]
    modified: Callable[[R], datetime]
    posts: bool
    sorts: dict[str, Callable[[R], Any]]

    def reply(self, call: Call, records: list[R], show: Callable[[R], Body], path: str) -> Reply:
        """The page that is asked for."""
        kept = self._sorted(call, self._filtered(call, records))
        number = call.query.number("page", 1, least=1)
        size = call.query.number("per_page", 10, least=1, most=MOST)
        begin = call.query.number("offset", (number - 1) * size)
        if begin:
            begin = max(0, begin + PAGE_SHIFT.get())
        page = kept[begin : begin + size]
        fields = call.query.many("_fields")
        body = [picked(show(record), fields, links=False) for record in page]
        return Reply(body, headers=self._headers(call, len(kept), number, size, path, empty=not page))

    def _filtered(self, call: Call, records: list[R]) -> list[R]:
        within = window(call.shop, call.query, posts=self.posts)
        kept = [each for each in records if within(self.created(each), self.modified(each))]
        include, exclude = call.query.ids("include"), call.query.ids("exclude") or []
        if include is not None:
            kept = [each for each in kept if self.id(each) in include]
        return [each for each in kept if self.id(each) not in exclude]

    def _sorted(self, call: Call, records: list[R]) -> list[R]:
        order, by = call.query.get("order") or "desc", call.query.get("orderby") or "date"
        names = ["date", "id", "include", "modified", *self.sorts]
        if order not in _ORDER:
            raise not_one_of("order", _ORDER)
        if by not in names:
            raise not_one_of("orderby", names)
        down = order == "desc"
        if by == "include":
            wanted = call.query.ids("include") or []
            return sorted(records, key=lambda each: wanted.index(self.id(each)) if wanted else 0)
        if by == "modified":
            first = sorted(records, key=self.id)
            return sorted(first, key=lambda each: self._clock(call, self.modified(each)), reverse=down)
        if by == "date":
            return sorted(
                records,
                key=lambda each: (self._clock(call, self.created(each)), self.id(each)),
                reverse=down,
            )
        key = self.sorts.get(by, self.id)
        return sorted(records, key=lambda each: (key(each), self.id(each)), reverse=down)

    def _clock(self, call: Call, moment: datetime) -> datetime:
        """A moment as it is sorted: 8.6 sorts on the shop's clock, so one hour of autumn is out of sequence."""
        return call.shop.local(moment) if self.posts else moment

    @staticmethod
    def _headers(call: Call, total: int, number: int, size: int, path: str, *, empty: bool) -> dict[str, str]:
        pages = -(-total // size)
        if empty and number > 1 and call.shop.rules.new:
            total = pages = 0
        found = {"x-wp-total": str(total), "x-wp-totalpages": str(pages)}
        pairs = [(name, value) for name, value in call.query.pairs if name != "page"]
        links = [
            f'<{call.api}/{path}?{urlencode([*pairs, ("page", page)])}>; rel="{name}"'
            for name, page in (("prev", number - 1), ("next", number + 1))
            if 1 <= page <= pages
        ]
        return {**found, "link": ", ".join(links)} if links else found
