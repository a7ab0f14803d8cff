"""Pages of the list queries: filter, sort, skip and take, as the real server understands them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.paging import PAGE_SHIFT
from sandbox.storefront.refusals import Rejected
from sandbox.storefront.vendure.graphql.execution import snake

Getter = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the items, and how many there are in all."""

    items: Sequence[Any]
    total_items: int


def page(items: Sequence[Any], options: dict[str, Any] | None, most: int, getters: dict[str, Getter]) -> Page:
    """One page of `items` (which come by id); asking for more than `most` is refused."""
    options = options or {}
    take, skip = options.get("take"), max(0, options.get("skip") or 0)
    if (take or 0) > most:
        raise Rejected(f"Cannot take more than {most} results from a list query")
    if filters := options.get("filter"):
        wanted = _test(filters, options.get("filterOperator") == "OR", getters)
        items = [item for item in items if wanted(item)]
    items = _sorted(items, options.get("sort") or {}, getters)
    if skip:
        skip = max(0, skip + PAGE_SHIFT.get())
    end = skip + (take or most)
    return Page(items[skip:end], len(items))


def _getter(name: str, getters: dict[str, Getter]) -> Getter:
    attribute = snake(name)
    return getters.get(name) or (lambda item: getattr(item, attribute))


def _sorted(items: Sequence[Any], sort: dict[str, str], getters: dict[str, Getter]) -> Sequence[Any]:
    wanted = {name: direction for name, direction in sort.items() if direction}
    if wanted == {"id": "ASC"}:
        return items
    for name, direction in reversed(wanted.items()):
        get = (lambda item: int(item.id)) if name == "id" else _getter(name, getters)
        items = sorted(items, key=lambda item: _key(get(item)), reverse=direction == "DESC")
    return items


def _key(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else 0)


def _test(filters: dict[str, Any], either: bool, getters: dict[str, Getter]) -> Callable[[Any], bool]:
    tests: list[Callable[[Any], bool]] = []
    for name, operators in filters.items():
        if operators is None:
            continue
        if name in ("_and", "_or"):
            inner = [_test(each, False, getters) for each in operators]
            tests.append(_any(inner) if name == "_or" else _all(inner))
        else:
            tests.append(_field_test(_getter(name, getters), operators))
    return _any(tests) if either else _all(tests)


def _all(tests: list[Callable[[Any], bool]]) -> Callable[[Any], bool]:
    if len(tests) == 1:
        return tests[0]
    return lambda item: all(test(item) for test in tests)


def _any(tests: list[Callable[[Any], bool]]) -> Callable[[Any], bool]:
    return lambda item: any(test(item) for test in tests)


def _field_test(get: Getter, operators: dict[str, Any]) -> Callable[[Any], bool]:
    checks = [_OPERATORS[name](value) for name, value in operators.items() if value is not None]
    if len(checks) == 1:
        only = checks[0]
        return lambda item: only(_comparable(get(item)))
    return lambda item: all(check(_comparable(get(item))) for check in checks)


def _comparable(value: Any) -> Any:
    if isinstance(value, list):
        return _Several(value)
    return value


class _Several(list[Any]):
    """A product has the SKUs of all its variants: a test holds when it holds for one of them."""


def _each(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def checked(value: Any) -> bool:
        if isinstance(value, _Several):
            return any(check(part) for part in value)
        return value is not None and check(value)

    return checked


def _contains(text: str) -> Callable[[Any], bool]:
    folded = text.lower()
    return _each(lambda value: folded in str(value).lower())


def _lacks(text: str) -> Callable[[Any], bool]:
    folded = text.lower()
    return _each(lambda value: folded not in str(value).lower())


def _within(values: list[Any]) -> Callable[[Any], bool]:
    known = set(values)
    return _each(lambda value: value in known)


def _outside(values: list[Any]) -> Callable[[Any], bool]:
    known = set(values)
    return _each(lambda value: value not in known)


def _between(ends: dict[str, Any]) -> Callable[[Any], bool]:
    return _each(lambda value: ends["start"] <= value <= ends["end"])


def _regex(text: str) -> Callable[[Any], bool]:
    pattern = re.compile(text)
    return _each(lambda value: bool(pattern.search(str(value))))


def _before(moment: datetime) -> Callable[[Any], bool]:
    return _each(lambda value: value < moment)


def _after(moment: datetime) -> Callable[[Any], bool]:
    return _each(lambda value: value > moment)


_OPERATORS: dict[str, Callable[[Any], Callable[[Any], bool]]] = {
    "eq": lambda wanted: _each(lambda value: value == wanted),
    "notEq": lambda wanted: _each(lambda value: value != wanted),
    "contains": _contains,
    "notContains": _lacks,
    "in": _within,
    "notIn": _outside,
    "regex": _regex,
    "isNull": lambda wanted: lambda value: (value is None) is wanted,
    "lt": lambda wanted: _each(lambda value: value < wanted),
    "lte": lambda wanted: _each(lambda value: value <= wanted),
    "gt": lambda wanted: _each(lambda value: value > wanted),
    "gte": lambda wanted: _each(lambda value: value >= wanted),
    "between": _between,
    "before": _before,
    "after": _after,
}
