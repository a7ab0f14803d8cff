"""What is held of the real Shopify, read where it lies: the official schema, and answers recorded from test shops."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from sandbox.storefront.vendure.graphql.nodes import Document, Field, Fragment, Inline, Selection
from sandbox.storefront.vendure.graphql.syntax import parse_document
from sandbox.storefront.vendure.graphql.tokens import SyntaxFault

_HERE = Path(__file__).resolve().parents[2]
SPECS = Path(os.environ.get("ENTREPOT_SPECS", _HERE.parent / "shared" / "specs")) / "shopify-admin-graphql"
HERE = SPECS.is_dir()
RECORDINGS = sorted((SPECS / "recorded").rglob("*.json")) if HERE else []


def schema_text() -> str:
    """The Admin API of 2026-07, as it introspects."""
    return (SPECS / "2026-07" / "schema.graphql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Said:
    """One recorded answer, with the document that asked for it where that was written down."""

    file: str
    place: str
    body: dict[str, Any] = field(repr=False)
    query: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.file}{self.place}"

    @property
    def data(self) -> dict[str, Any]:
        """Its data by the schema's own names: aliases are taken off."""
        data = self.body.get("data")
        if not isinstance(data, dict):
            return {}
        found = _parsed(self.query) if self.query else None
        if found is None or not found.operations:
            return data
        named: dict[str, Any] = _named(data, found.operations[0].selections, found.fragments)
        return named


@cache
def _parsed(query: str) -> Document | None:
    try:
        return parse_document(query)
    except SyntaxFault:
        return None


def _fields(selections: Sequence[Selection], fragments: Mapping[str, Fragment]) -> Iterator[Field]:
    for each in selections:
        if isinstance(each, Field):
            yield each
        elif isinstance(each, Inline):
            yield from _fields(each.selections, fragments)
        elif each.name in fragments:
            yield from _fields(fragments[each.name].selections, fragments)


def _named(value: Any, selections: Sequence[Selection], fragments: Mapping[str, Fragment]) -> Any:
    """A value with its aliases taken off; of a field that was asked for twice the first one stands."""
    if isinstance(value, list):
        return [_named(each, selections, fragments) for each in value]
    if not isinstance(value, dict):
        return value
    asked: dict[str, list[Field]] = {}
    for each in _fields(selections, fragments):
        asked.setdefault(each.key, []).append(each)
    named: dict[str, Any] = {}
    for key, inner in value.items():
        found = asked.get(key, [])
        below = [selection for each in found for selection in each.selections or ()]
        named.setdefault(found[0].name if found else key, _named(inner, below, fragments) if below else inner)
    return named


@cache
def recorded() -> tuple[Said, ...]:
    """Every recorded answer of GraphQL."""
    found: list[Said] = []
    for path in RECORDINGS:
        found += _answers(json.loads(path.read_text(encoding="utf-8")), path.name, "", None)
    return tuple(found)


def _answers(node: Any, file: str, place: str, query: str | None) -> Iterator[Said]:
    if isinstance(node, list):
        for number, each in enumerate(node):
            yield from _answers(each, file, f"{place}/{number}", query)
    if not isinstance(node, dict):
        return
    for name in ("query", "document"):
        text = node.get(name)
        if isinstance(text, str) and "{" in text:
            query = text
    if isinstance(node.get("data"), dict) or isinstance(node.get("errors"), list):
        yield Said(file, place, node, query)
        return
    for key, each in node.items():
        yield from _answers(each, file, f"{place}/{key}", query)
