"""Says what is wrong with a client's document before anything is executed.

A document with a fault is answered with HTTP 400 by the servers. The messages are those of graphql-js.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.storefront.vendure.graphql.nodes import (
    Argument,
    Document,
    Field,
    Inline,
    Literal,
    Operation,
    Selection,
    Spread,
    TypeRef,
    Variable,
)
from sandbox.storefront.vendure.graphql.schema import FieldType, Kind, Parameter, Schema
from sandbox.storefront.vendure.graphql.tokens import Place
from sandbox.storefront.vendure.graphql.values import literal_fault

TYPENAME = FieldType("__typename", TypeRef("String", required=True), {})
CONDITION = {"if": Parameter("if", TypeRef("Boolean", required=True))}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and where."""

    message: str
    places: tuple[Place, ...]


@dataclass(slots=True)
class _Walk:
    """What one operation uses, gathered while walking it."""

    schema: Schema
    document: Document
    operation: Operation
    faults: list[Fault] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    inside: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def fault(self, message: str, *places: Place) -> None:
        self.faults.append(Fault(message, places))

    def operate(self) -> list[Fault]:
        root = self.schema.kinds.get(self.operation.kind.capitalize())
        if root is None:
            self.fault(
                f"The {self.operation.kind} operation is not supported by the schema.", self.operation.place
            )
            return self.faults
        for definition in self.operation.variables:
            if definition.type.base not in self.schema.kinds:
                self.fault(f'Unknown type "{definition.type.base}".', definition.place)
                return self.faults
        self.select(root, self.operation.selections)
        for definition in self.operation.variables:
            if definition.name not in self.used:
                self.fault(f'Variable "${definition.name}" is never used.', definition.place)
        return self.faults

    def select(self, parent: Kind, selections: tuple[Selection, ...]) -> None:
        for selection in selections:
            for directive in selection.directives:
                if directive.name not in ("skip", "include"):
                    self.fault(f'Unknown directive "@{directive.name}".', selection.place)
                else:
                    self.arguments(
                        f'Directive "@{directive.name}"', directive.arguments, CONDITION, selection.place
                    )
            if isinstance(selection, Field):
                self.field(parent, selection)
            elif isinstance(selection, Spread):
                self.spread(parent, selection)
            else:
                self.narrow(parent, selection.on or parent.name, selection.selections, selection.place)
        self.conflicts(parent, selections)

    def field(self, parent: Kind, node: Field) -> None:
        known = TYPENAME if node.name == "__typename" else parent.fields.get(node.name)
        if known is None:
            self.fault(f'Cannot query field "{node.name}" on type "{parent.name}".', node.place)
            return
        self.arguments(f"{parent.name}.{node.name}", node.arguments, known.parameters, node.place)
        kind = self.schema.kinds[known.type.base]
        if kind.leaf and node.selections is not None:
            self.fault(
                f'Field "{node.name}" must not have a selection since type "{known.type}" has no subfields.',
                node.place,
            )
        elif not kind.leaf and node.selections is None:
            self.fault(
                f'Field "{node.name}" of type "{known.type}" must have a selection of subfields. '
                f'Did you mean "{node.name} {{ ... }}"?',
                node.place,
            )
        elif node.selections is not None:
            self.select(kind, node.selections)

    def arguments(
        self, where: str, given: tuple[Argument, ...], known: dict[str, Parameter], place: Place
    ) -> None:
        for argument in given:
            parameter = known.get(argument.name)
            if parameter is None:
                self.fault(f'Unknown argument "{argument.name}" on field "{where}".', argument.place)
                continue
            if message := literal_fault(self.schema, parameter.type, argument.value):
                self.fault(message, argument.place)
            self.variables(parameter.type, argument.value, parameter.has_default)
        names = {argument.name for argument in given}
        for parameter in known.values():
            if parameter.compulsory and parameter.name not in names:
                field_name = where.rsplit(".", 1)[-1]
                self.fault(
                    f'Field "{field_name}" argument "{parameter.name}" of type "{parameter.type}" '
                    "is required, but it was not provided.",
                    place,
                )

    def variables(self, type_: TypeRef, value: Literal, has_default: bool = False) -> None:
        if isinstance(value, Variable):
            self.variable(type_, value, has_default)
        elif isinstance(value, list):
            for item in value:
                self.variables(type_.of or type_, item)
        elif isinstance(value, dict) and type_.base in self.schema.kinds:
            members = self.schema.kinds[type_.base].members
            for key, item in value.items():
                if key in members:
                    self.variables(members[key].type, item, members[key].has_default)

    def variable(self, type_: TypeRef, value: Variable, has_default: bool) -> None:
        self.used.add(value.name)
        definition = next((d for d in self.operation.variables if d.name == value.name), None)
        if definition is None:
            self.fault(f'Variable "${value.name}" is not defined.', value.place, self.operation.place)
            return
        wanted = type_
        if type_.required and not definition.type.required and (has_default or definition.has_default):
            wanted = type_.optional()
        if not _fits(definition.type, wanted):
            self.fault(
                f'Variable "${value.name}" of type "{definition.type}" used in position expecting type '
                f'"{type_}".',
                definition.place,
                value.place,
            )

    def spread(self, parent: Kind, node: Spread) -> None:
        fragment = self.document.fragments.get(node.name)
        if fragment is None:
            self.fault(f'Unknown fragment "{node.name}".', node.place)
        elif node.name in self.inside:
            self.fault(f'Cannot spread fragment "{node.name}" within itself.', node.place)
        else:
            self.seen.add(node.name)
            self.inside.append(node.name)
            self.narrow(parent, fragment.on, fragment.selections, node.place)
            self.inside.pop()

    def narrow(self, parent: Kind, on: str, selections: tuple[Selection, ...], place: Place) -> None:
        kind = self.schema.kinds.get(on)
        if kind is None:
            self.fault(f'Unknown type "{on}".', place)
        elif kind.form not in ("type", "interface", "union"):
            self.fault(f'Fragment cannot condition on non composite type "{on}".', place)
        elif not self.schema.possible(on) & self.schema.possible(parent.name):
            self.fault(
                f'Fragment cannot be spread here as objects of type "{parent.name}" can never be of type '
                f'"{on}".',
                place,
            )
        else:
            self.select(kind, selections)

    def conflicts(self, parent: Kind, selections: tuple[Selection, ...]) -> None:
        first: dict[tuple[str, str], Field] = {}
        for owner, node in self.flat(parent.name, selections, 0):
            earlier = first.setdefault((owner, node.key), node)
            if earlier.name != node.name:
                reason = f'"{earlier.name}" and "{node.name}" are different fields'
            elif _written(earlier) != _written(node):
                reason = "they have differing arguments"
            else:
                continue
            self.fault(
                f'Fields "{node.key}" conflict because {reason}. Use different aliases on the fields to '
                "fetch both if this was intentional.",
                earlier.place,
                node.place,
            )

    def flat(self, owner: str, selections: tuple[Selection, ...], depth: int) -> Iterator[tuple[str, Field]]:
        for selection in selections:
            if isinstance(selection, Field):
                yield owner, selection
            elif isinstance(selection, Inline):
                yield from self.flat(selection.on or owner, selection.selections, depth)
            elif (fragment := self.document.fragments.get(selection.name)) and depth < len(
                self.document.fragments
            ):
                yield from self.flat(fragment.on, fragment.selections, depth + 1)


def _written(node: Field) -> list[tuple[str, str]]:
    return sorted((argument.name, repr(_without_place(argument.value))) for argument in node.arguments)


def _without_place(value: Literal) -> object:
    if isinstance(value, Variable):
        return f"${value.name}"
    if isinstance(value, list):
        return [_without_place(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_place(item) for key, item in value.items()}
    return value


def _fits(given: TypeRef, wanted: TypeRef) -> bool:
    if wanted.required and not given.required:
        return False
    if wanted.of is not None:
        return given.of is not None and _fits(given.of, wanted.of)
    return given.of is None and given.name == wanted.name


def faults_of(schema: Schema, document: Document) -> list[Fault]:
    """Everything that is wrong with the document for this schema, in the order of the text."""
    faults: list[Fault] = []
    spread: set[str] = set()
    for operation in document.operations:
        walk = _Walk(schema, document, operation)
        faults += walk.operate()
        spread |= walk.seen
    if not faults:
        for fragment in document.fragments.values():
            if fragment.name not in spread:
                faults.append(Fault(f'Fragment "{fragment.name}" is never used.', (fragment.place,)))
    return faults
