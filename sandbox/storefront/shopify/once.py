"""What makes a repeated mutation count once: `@idempotent(key:)`, remembered with what was asked under the key.

The engine knows no directive of its own, so the keys are taken out of the document before it is checked.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.storefront.vendure.graphql.execution import FieldFault
from sandbox.storefront.vendure.graphql.nodes import Document, Field, Literal, Operation, Selection, Variable

REQUIRED = frozenset({"inventorySetQuantities", "inventoryActivate", "refundCreate"})
"""Mutations that are refused without a key."""


class Mismatch(Exception):
    """A key was used before for something else."""


@dataclass(slots=True)
class Memory:
    """Answers by mutation and key."""

    answers: dict[tuple[str, str], tuple[str, Any]] = field(default_factory=dict)

    def earlier(self, mutation: str, key: str, arguments: dict[str, Any]) -> Any:
        """The answer that this key had before, None for a new key; raises Mismatch."""
        known = self.answers.get((mutation, key))
        if known is None:
            return None
        asked, answer = known
        if asked != _written(arguments):
            raise Mismatch
        return answer

    def keep(self, mutation: str, key: str, arguments: dict[str, Any], answer: Any) -> None:
        """Remember an answer."""
        self.answers[mutation, key] = (_written(arguments), answer)


def _written(arguments: dict[str, Any]) -> str:
    return json.dumps(arguments, sort_keys=True, default=str)


def demanded(mutation: str, key: str | None) -> str:
    """The key, or what the server says without one."""
    if key is None:
        raise FieldFault(
            "The @idempotent directive is required for this mutation but was not provided.", "BAD_REQUEST"
        )
    if not key.strip():
        raise FieldFault("The idempotency key cannot be blank.", "BAD_REQUEST")
    return key


@dataclass(frozen=True, slots=True)
class Keyed:
    """A document without its keys; `keys` are (mutation, literal) in the order of the text."""

    document: Document
    keys: tuple[tuple[str, Literal], ...]

    @property
    def variables(self) -> frozenset[str]:
        """Variables that a key is given by."""
        return frozenset(key.name for _, key in self.keys if isinstance(key, Variable))

    def filled(self, variables: dict[str, Any]) -> dict[str, list[str]]:
        """The keys themselves, by mutation."""
        found: dict[str, list[str]] = {}
        for mutation, literal in self.keys:
            value = variables.get(literal.name) if isinstance(literal, Variable) else literal
            found.setdefault(mutation, []).append(str(value or ""))
        return found


def without_keys(document: Document) -> Keyed:
    """Take the keys out of a document's mutations."""
    keys: list[tuple[str, Literal]] = []
    operations = [_stripped(operation, keys) for operation in document.operations]
    return Keyed(Document(operations, document.fragments), tuple(keys))


def _stripped(operation: Operation, keys: list[tuple[str, Literal]]) -> Operation:
    if operation.kind != "mutation":
        return operation
    return replace(operation, selections=tuple(_clean(each, keys) for each in operation.selections))


def _clean(selection: Selection, keys: list[tuple[str, Literal]]) -> Selection:
    if not isinstance(selection, Field):
        return selection
    for directive in selection.directives:
        if directive.name == "idempotent":
            key = next((a.value for a in directive.arguments if a.name == "key"), "")
            keys.append((selection.name, key))
    kept = tuple(directive for directive in selection.directives if directive.name != "idempotent")
    return replace(selection, directives=kept)
