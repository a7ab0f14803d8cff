"""What a call costs, and the bucket that it is paid from.

The costs are those that the recordings show: an object is 1, a mutation 10 with its first object in it, money and
errors nothing; a connection is 2 and so many times its records' own cost, the page size counting by its logarithm.
The bucket leaks: it is filled again at a steady rate, by the shop's clock.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.storefront.vendure.graphql.nodes import (
    Document,
    Field,
    Operation,
    Selection,
    Spread,
    Variable,
)
from sandbox.storefront.vendure.graphql.schema import Kind, Schema

FREE = frozenset({"MoneyBag", "MoneyV2", "PageInfo", "LocationAddress"})
MUTATION = 10
COUNT = 10
"""What a count of a whole list costs."""
CONNECTION = 2
DEAREST = 1000
"""The most that one call may cost."""


def weight(records: int) -> int:
    """How often a page of so many records counts: 1 once, 5 three times, 20 five times, 250 eleven times."""
    return 0 if records < 1 else max(1, math.floor(2 * math.log(records)))


@dataclass(slots=True)
class Bucket:
    """Points that can be spent now; `now` is the shop's clock in seconds."""

    now: Callable[[], float]
    most: float = 2000.0
    restore: float = 100.0
    refused: int = 0
    _level: float | None = None
    _at: float = 0.0

    def available(self) -> int:
        """Whole points that are there now."""
        moment = self.now()
        if self._level is None:
            self._level = self.most
        else:
            self._level = min(self.most, self._level + max(0.0, moment - self._at) * self.restore)
        self._at = moment
        return int(self._level)

    def spend(self, points: int) -> int:
        """Take points out; gives what is left."""
        left = self.available() - points
        self._level = max(0.0, float(left))
        return int(self._level)

    def set(self, most: float, restore: float) -> None:
        """Another plan's bucket, full."""
        self.most, self.restore, self._level = most, restore, None

    def shown(self, left: int) -> dict[str, Any]:
        """The bucket as answers tell it."""
        return {
            "maximumAvailable": _plain(self.most),
            "currentlyAvailable": left,
            "restoreRate": _plain(self.restore),
        }


def _plain(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value


@dataclass(slots=True)
class Meter:
    """Counts what an operation costs: before it runs from its page sizes, afterwards from its data."""

    schema: Schema
    document: Document
    variables: dict[str, Any]

    def requested(self, operation: Operation) -> int:
        """What it may cost at most."""
        return self._root(operation, None, known=False)

    def actual(self, operation: Operation, data: dict[str, Any] | None) -> int:
        """What it did cost."""
        return self._root(operation, data, known=True)

    def _root(self, operation: Operation, data: dict[str, Any] | None, *, known: bool) -> int:
        kind = self.schema.kinds[operation.kind.capitalize()]
        total = 0.0
        for node in self._fields(operation.selections):
            value = (data or {}).get(node.key)
            if operation.kind == "mutation":
                total += MUTATION + self._payload(kind, node, value, known)
            else:
                total += self._field(kind, node, value, known)
        return max(1, math.ceil(total)) if operation.kind == "query" else math.ceil(total)

    def _payload(self, parent: Kind, node: Field, value: Any, known: bool) -> float:
        """The payload and its first objects are in the price of the mutation."""
        kind = self.schema.kinds[parent.fields[node.name].type.base]
        total = 0.0
        for inner in self._fields(node.selections or ()):
            if inner.name in kind.fields and not kind.fields[inner.name].type.base.endswith("Error"):
                found = value.get(inner.key) if isinstance(value, dict) else None
                base = self.schema.kinds[kind.fields[inner.name].type.base]
                if base.leaf or (known and found is None):
                    continue
                total += self._children(base, inner, found, known)
        return total

    def _children(self, kind: Kind, node: Field, value: Any, known: bool) -> float:
        if isinstance(value, list):
            return max((self._children(kind, node, each, known) for each in value), default=0.0)
        kinds = [self.schema.kinds[name] for name in sorted(self.schema.possible(kind.name))]
        return max((self._of_kind(each, node, value, known) for each in kinds), default=0.0)

    def _of_kind(self, kind: Kind, node: Field, value: Any, known: bool) -> float:
        """What an object of this type costs below itself; of an interface's types the dearest counts."""
        return sum(
            self._field(kind, inner, _member(value, inner.key), known)
            for inner in self._fields(node.selections or (), kind)
        )

    def _field(self, parent: Kind, node: Field, value: Any, known: bool) -> float:
        declared = parent.fields.get(node.name)
        if declared is None:
            return 0.0
        kind = self.schema.kinds[declared.type.base]
        if kind.leaf or kind.name in FREE or kind.name.endswith("Error"):
            return 0.0
        if kind.name.endswith("Connection"):
            return self._connection(kind, node, value, known)
        if kind.name == "Count" and parent.name == "QueryRoot":
            return float(COUNT)
        if known and value is None:
            return 1.0
        return 1.0 + self._children(kind, node, value, known)

    def _connection(self, kind: Kind, node: Field, value: Any, known: bool) -> float:
        total = float(CONNECTION)
        for inner in self._fields(node.selections or ()):
            if inner.name not in ("nodes", "edges"):
                continue
            rows = _member(value, inner.key)
            if known and rows is None:
                continue
            each, selected = self._record(kind, inner)
            found = _records(rows, inner, selected) if known else [None]
            size = len(found) if known else self._size(node)
            costs = [1.0 + self._children(each, selected, row, known) for row in found]
            total += weight(size) * (sum(costs) / len(costs) if costs else 0.0)
        return total

    def _record(self, kind: Kind, inner: Field) -> tuple[Kind, Field]:
        base = self.schema.kinds[kind.fields[inner.name].type.base]
        if inner.name == "nodes":
            return base, inner
        node = next((f for f in self._fields(inner.selections or ()) if f.name == "node"), None)
        return self.schema.kinds[base.fields["node"].type.base], node or inner

    def _size(self, node: Field) -> int:
        for argument in node.arguments:
            if argument.name in ("first", "last"):
                value = argument.value
                found = self.variables.get(value.name) if isinstance(value, Variable) else value
                if isinstance(found, int):
                    return found
        return 0

    def _fields(self, selections: Iterable[Selection], kind: Kind | None = None) -> list[Field]:
        """The fields of a selection, as far as they apply to an object of this type."""
        found: dict[str, Field] = {}
        for selection in selections:
            if isinstance(selection, Field):
                found.setdefault(selection.key, selection)
                continue
            source = self.document.fragments[selection.name] if isinstance(selection, Spread) else selection
            if kind is not None and source.on and kind.name not in self.schema.possible(source.on):
                continue
            for each in self._fields(source.selections, kind):
                found.setdefault(each.key, each)
        return list(found.values())


def _member(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _records(rows: Any, inner: Field, selected: Field) -> list[Any]:
    if inner.name == "nodes":
        return list(rows)
    return [row.get(selected.key) if isinstance(row, dict) else None for row in rows]
