"""Query parameters of lists: `limit`, `offset`, `order`, and filters such as `sku[]` and `updated_at[$gte]`."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sandbox.storefront.medusa.answers import fault, invalid

T = TypeVar("T")
Getters = Mapping[str, Callable[[T], Any]]

_COMMON = {"limit", "offset", "order", "fields", "with_deleted"}
_COMPARED = {
    "$gt": lambda value, bound: value > bound,
    "$gte": lambda value, bound: value >= bound,
    "$lt": lambda value, bound: value < bound,
    "$lte": lambda value, bound: value <= bound,
}
_PART = re.compile(r"(\w+)(?:\[(\$?\w*)\])?(?:\[\d*\])?")


@dataclass(frozen=True, slots=True)
class Query:
    """The pairs of a query string, as they came."""

    pairs: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str | None:
        """The last value of a plain parameter."""
        return next((value for key, value in reversed(self.pairs) if key == name), None)

    def number(self, name: str, default: int) -> int:
        """A whole number; anything else is refused."""
        given = self.get(name)
        if given is None:
            return default
        if not given.isdigit():
            raise invalid(f"Invalid request: Expected type: 'number' for field '{name}', got: '{given}'")
        return int(given)

    def filters(self) -> list[tuple[str, str, str]]:
        """(field, operator, value) of every parameter that is not common to all lists; "" means equal."""
        found = []
        for key, value in self.pairs:
            match = _PART.fullmatch(key)
            name, operator = (match[1], match[2] or "") if match else (key, "")
            if name not in _COMMON:
                found.append((name, operator if operator.startswith("$") else "", value))
        return found


@dataclass(frozen=True, slots=True)
class Listing:
    """A kind of list: its default page, the fields to filter by, and whether unknown parameters are refused."""

    limit: int
    getters: Getters[Any]
    strict: bool = True
    oldest_first: bool = True

    def page(self, records: Iterable[T], query: Query) -> tuple[list[T], dict[str, int]]:
        """The records of the page that is asked for, and its count, offset and limit."""
        kept = [record for record in records if self._fits(record, query)]
        ordered = self._ordered(kept, query.get("order"))
        limit, offset = query.number("limit", self.limit), query.number("offset", 0)
        facts = {"count": len(ordered), "offset": offset, "limit": limit}
        return ordered[offset : offset + limit], facts

    def check(self, query: Query) -> None:
        """Refuse parameters that this list does not know, where it minds."""
        unknown = [name for name, _, _ in query.filters() if name not in self.getters]
        if unknown and self.strict:
            raise invalid(f"Invalid request: Unrecognized fields: '{', '.join(dict.fromkeys(unknown))}'")

    def _fits(self, record: Any, query: Query) -> bool:
        chosen: dict[str, set[str]] = {}
        for name, operator, value in query.filters():
            if name not in self.getters:
                continue
            if operator in ("", "$in", "$eq"):
                chosen.setdefault(name, set()).add(value)
            elif not self._compares(self.getters[name](record), operator, value):
                return False
        return all(str(self.getters[name](record)) in values for name, values in chosen.items())

    @staticmethod
    def _compares(value: Any, operator: str, given: str) -> bool:
        """A moment that cannot be read filters nothing, as the real server has it."""
        try:
            bound = datetime.fromisoformat(given)
        except ValueError:
            return True
        compare = _COMPARED.get(operator)
        bound = bound if bound.tzinfo else bound.replace(tzinfo=UTC)
        return compare is None or (isinstance(value, datetime) and bool(compare(value, bound)))

    def _ordered(self, records: list[T], order: str | None) -> list[T]:
        if order is None:
            return records if self.oldest_first else list(reversed(records))
        getter = self.getters.get(order.removeprefix("-"))
        if getter is None:
            raise fault()
        return sorted(records, key=getter, reverse=order.startswith("-"))
