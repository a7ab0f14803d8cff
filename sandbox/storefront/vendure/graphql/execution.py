"""Executes a validated operation on plain objects.

Resolvers are plain functions `(value, arguments, context)`. A field without one reads the attribute of the
same name in snake case. A resolver that raises `FieldFault` makes its field null, and the nearest nullable
field above it where the field may not be null, as the specification says.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any

from sandbox.storefront.vendure.graphql.nodes import (
    Directive,
    Document,
    Field,
    Operation,
    Selection,
    Spread,
    TypeRef,
)
from sandbox.storefront.vendure.graphql.schema import Kind, Schema
from sandbox.storefront.vendure.graphql.tokens import Place
from sandbox.storefront.vendure.graphql.values import ABSENT, ValueFault, coerce, plain

Resolver = Callable[[Any, dict[str, Any], Any], Any]
"""Takes the object, the field's arguments (absent ones missing), and the request's context."""

Resolvers = dict[tuple[str, str], Resolver]


class FieldFault(Exception):
    """A field could not be resolved; `code` goes to extensions.code, None leaves the extensions out."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class VariableFault(Exception):
    """A variable's value does not fit; nothing was executed."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


class _Missing(Exception):
    """A non-null field below is null: the next nullable field takes it."""


@cache
def snake(name: str) -> str:
    """`orderPlacedAt` as `order_placed_at`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda m: "_" + m.group(1).lower(), name)


def stamp(moment: datetime) -> str:
    """A moment as the servers write it: UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def variables_of(schema: Schema, operation: Operation, given: dict[str, Any]) -> dict[str, Any]:
    """The operation's variables, checked and with defaults; raises `VariableFault`."""
    found: dict[str, Any] = {}
    for definition in operation.variables:
        name = definition.name
        if name not in given:
            if definition.has_default:
                found[name] = plain(schema, definition.type, definition.default, {})
            elif definition.type.required:
                raise VariableFault(
                    f'Variable "${name}" of required type "{definition.type}" was not provided.',
                    definition.place,
                )
            continue
        try:
            found[name] = coerce(schema, definition.type, given[name])
        except ValueFault as fault:
            where = f' at "{name}.{fault.path}"' if fault.path else ""
            raise VariableFault(
                f'Variable "${name}" got invalid value{where}; {fault}', definition.place
            ) from None
    return found


@dataclass(slots=True)
class Execution:
    """One run of one operation; `errors` gathers what went wrong."""

    schema: Schema
    resolvers: Resolvers
    document: Document
    variables: dict[str, Any]
    context: Any
    typename: Callable[[Any], str]
    errors: list[dict[str, Any]] = field(default_factory=list)
    _collected: dict[tuple[int, str], dict[str, list[Field]]] = field(default_factory=dict)

    def run(self, operation: Operation) -> dict[str, Any] | None:
        """The data of the answer; None where an error reached the top."""
        root = self.schema.kinds[operation.kind.capitalize()]
        try:
            return self._object(root, operation.selections, None, ())
        except _Missing:
            return None

    def _object(
        self, kind: Kind, selections: tuple[Selection, ...], value: Any, path: tuple[str | int, ...]
    ) -> dict[str, Any]:
        key = (id(selections), kind.name)
        fields = self._collected.get(key)
        if fields is None:
            fields = {}
            self._collect(kind.name, selections, fields)
            self._collected[key] = fields
        return {name: self._field(kind, nodes, value, (*path, name)) for name, nodes in fields.items()}

    def _collect(self, typename: str, selections: Iterable[Selection], found: dict[str, list[Field]]) -> None:
        for selection in selections:
            if not all(self._wanted(directive) for directive in selection.directives):
                continue
            if isinstance(selection, Field):
                found.setdefault(selection.key, []).append(selection)
                continue
            source = self.document.fragments[selection.name] if isinstance(selection, Spread) else selection
            if source.on is None or typename in self.schema.possible(source.on):
                self._collect(typename, source.selections, found)

    def _wanted(self, directive: Directive) -> bool:
        condition = plain(self.schema, TypeRef("Boolean"), directive.arguments[0].value, self.variables)
        return bool(condition) is (directive.name == "include")

    def _field(self, kind: Kind, nodes: list[Field], value: Any, path: tuple[str | int, ...]) -> Any:
        node = nodes[0]
        if node.name == "__typename":
            return kind.name
        declared = kind.fields[node.name]
        resolver = self.resolvers.get((kind.name, node.name))
        try:
            if resolver is None:
                found = getattr(value, snake(node.name))
            else:
                found = resolver(value, self._arguments(node, declared.parameters), self.context)
            return self._complete(declared.type, nodes, found, path)
        except FieldFault as fault:
            self._note(fault, node, path)
            if declared.type.required:
                raise _Missing from None
            return None
        except _Missing:
            if declared.type.required:
                raise
            return None

    def _note(self, fault: FieldFault, node: Field, path: tuple[str | int, ...]) -> None:
        line, column = node.place
        error: dict[str, Any] = {
            "message": str(fault),
            "locations": [{"line": line, "column": column}],
            "path": list(path),
        }
        if fault.code:
            error["extensions"] = {"code": fault.code}
        self.errors.append(error)

    def _arguments(self, node: Field, parameters: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        given = {argument.name: argument.value for argument in node.arguments}
        for name, parameter in parameters.items():
            if name in given:
                value = plain(self.schema, parameter.type, given[name], self.variables)
                if value is not ABSENT:
                    found[name] = value
                    continue
            if parameter.has_default:
                found[name] = plain(self.schema, parameter.type, parameter.default, {})
        return found

    def _complete(self, type_: TypeRef, nodes: list[Field], value: Any, path: tuple[str | int, ...]) -> Any:
        if value is None:
            if type_.required:
                raise FieldFault(
                    f"Cannot return null for non-nullable field {nodes[0].name}.", "INTERNAL_SERVER_ERROR"
                )
            return None
        if type_.of is not None:
            inner = type_.of
            return [self._complete(inner, nodes, item, (*path, i)) for i, item in enumerate(value)]
        kind = self.schema.kinds[type_.name]
        if kind.leaf:
            return self._leaf(kind, value)
        concrete = kind if kind.form == "type" else self.schema.kinds[self.typename(value)]
        if len(nodes) == 1:
            return self._object(concrete, nodes[0].selections or (), value, path)
        merged: dict[str, list[Field]] = {}
        for node in nodes:
            self._collect(concrete.name, node.selections or (), merged)
        return {name: self._field(concrete, ns, value, (*path, name)) for name, ns in merged.items()}

    @staticmethod
    def _leaf(kind: Kind, value: Any) -> Any:
        if isinstance(value, datetime):
            return stamp(value)
        if isinstance(value, Enum):
            return value.value
        return str(value) if kind.name == "ID" else value
