"""The search syntax of list queries: `updated_at:>='2026-03-01T10:00:00Z' AND -status:cancelled`.

Terms stand together or are joined by AND; OR joins alternatives; a minus or NOT turns a term round; brackets group.
Text is compared without regard to case, as the real server does it, and a trailing star stands for any end. A field
that a list does not know filters nothing, which is told in `extensions.search`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.storefront.shopify.names import number_in
from sandbox.storefront.vendure.graphql.execution import FieldFault

Getter = Callable[[Any], Any]
"""Gives what a record has in a field: a moment, a number, a text, or a list of these."""
Test = Callable[[Any], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<open>\()|(?P<close>\))|(?P<word>-?(?:[A-Za-z_]\w*:)?(?:<=|>=|<|>)?(?:"[^"]*"|'[^']*'|[^\s()"']+)))"""
)
_TERM = re.compile(r"(?P<minus>-?)(?:(?P<field>[A-Za-z_]\w*):)?(?P<sign><=|>=|<|>)?(?P<value>.*)", re.DOTALL)
_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<=": lambda a, b: bool(a <= b),
    ">=": lambda a, b: bool(a >= b),
    "<": lambda a, b: bool(a < b),
    ">": lambda a, b: bool(a > b),
    "": lambda a, b: bool(a == b),
}


@dataclass(slots=True)
class Query:
    """A query as a test of records, and what was wrong with it."""

    getters: Mapping[str, Getter]
    words: list[str]
    at: int = 0
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def either(self) -> Test:
        """Alternatives."""
        tests = [self.all_of()]
        while self._next() == "OR":
            self.at += 1
            tests.append(self.all_of())
        return tests[0] if len(tests) == 1 else lambda record: any(test(record) for test in tests)

    def all_of(self) -> Test:
        """Terms that all must hold."""
        tests: list[Test] = []
        while self._next() not in (None, ")", "OR"):
            if self._next() == "AND":
                self.at += 1
                continue
            tests.append(self._one())
        return lambda record: all(test(record) for test in tests)

    def _next(self) -> str | None:
        return self.words[self.at] if self.at < len(self.words) else None

    def _one(self) -> Test:
        word = self.words[self.at]
        self.at += 1
        if word == "NOT" and self._next() is not None:
            inner = self._one()
            return lambda record: not inner(record)
        if word == "(":
            test = self.either()
            self.at += self._next() == ")"
            return test
        return self._term(word)

    def _term(self, word: str) -> Test:
        match = _TERM.fullmatch(word)
        name, sign = (match["field"], match["sign"] or "") if match else (None, "")
        value = (match["value"] if match else word).strip("\"'")
        getter = self.getters.get(name or "default")
        if getter is None:
            if name:
                self.warnings.append({"field": name, "message": "Invalid search field for this query."})
            return lambda record: True
        holds = _holds(name or "default", getter, sign, value)
        return (lambda record: not holds(record)) if match and match["minus"] else holds


def _holds(name: str, getter: Getter, sign: str, value: str) -> Test:
    compare = _SIGNS[sign]

    def holds(record: Any) -> bool:
        found = getter(record)
        values = found if isinstance(found, list) else [found]
        return any(_fits(name, each, compare, value) for each in values if each is not None)

    if name.endswith("_at"):
        _moment(name, value)
    return holds


def _fits(name: str, found: Any, compare: Callable[[Any, Any], bool], value: str) -> bool:
    if isinstance(found, datetime):
        return compare(found.replace(microsecond=0), _moment(name, value))
    if isinstance(found, int) and not isinstance(found, bool):
        number = _number(value)
        return number is not None and compare(found, number)
    text, wanted = str(found).lower(), value.lower()
    if name == "default":
        return wanted.rstrip("*") in text
    if wanted.endswith("*"):
        return text.startswith(wanted[:-1])
    return compare(text, wanted)


def _moment(name: str, value: str) -> datetime:
    if value == "now":
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise FieldFault(f"Invalid timestamp for query filter `{name}`.", "BAD_REQUEST") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _number(value: str) -> int | None:
    text = number_in(value) if value.startswith("gid://") else value
    return int(text) if re.fullmatch(r"-?\d+", text) else None


def matching(
    text: str | None, records: list[Any], getters: Mapping[str, Getter], path: str
) -> tuple[list[Any], list[dict[str, Any]]]:
    """The records that a query holds for, and notes for `extensions.search`."""
    if not text or not text.strip():
        return records, []
    words = [match["open"] or match["close"] or match["word"] for match in _TOKEN.finditer(text)]
    query = Query(getters, words)
    test = query.either()
    found = [record for record in records if test(record)]
    if not query.warnings:
        return found, []
    return found, [{"path": [path], "query": text, "warnings": query.warnings}]
