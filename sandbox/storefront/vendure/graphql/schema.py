"""The types that a server knows, read from schema text (GraphQL SDL without descriptions' meaning).

`parse_schema` accepts `type`, `interface`, `union`, `enum`, `input`, `scalar` and `extend type`.
"""

from dataclasses import dataclass, field

from sandbox.storefront.vendure.graphql.nodes import Literal, TypeRef
from sandbox.storefront.vendure.graphql.syntax import Reader
from sandbox.storefront.vendure.graphql.tokens import SyntaxFault

LEAVES = {"ID": "scalar", "String": "scalar", "Int": "scalar", "Float": "scalar", "Boolean": "scalar"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument of a field, or a member of an input object."""

    name: str
    type: TypeRef
    default: Literal = None
    has_default: bool = False

    @property
    def compulsory(self) -> bool:
        """Whether a caller must give it."""
        return self.type.required and not self.has_default


@dataclass(frozen=True, slots=True)
class FieldType:
    """A field of an object or interface."""

    name: str
    type: TypeRef
    parameters: dict[str, Parameter]


@dataclass(slots=True)
class Kind:
    """One named type; `form` is type, interface, union, enum, input or scalar."""

    name: str
    form: str
    fields: dict[str, FieldType] = field(default_factory=dict)
    members: dict[str, Parameter] = field(default_factory=dict)
    values: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()
    interfaces: frozenset[str] = frozenset()

    @property
    def leaf(self) -> bool:
        """Whether a selection below it is impossible."""
        return self.form in ("scalar", "enum")


@dataclass(slots=True)
class Schema:
    """All named types; `possible` gives the object types that an abstract type stands for."""

    kinds: dict[str, Kind]

    def possible(self, name: str) -> frozenset[str]:
        """The names of the object types that a value of this type can have."""
        kind = self.kinds[name]
        if kind.form == "union":
            return kind.options
        if kind.form == "interface":
            return frozenset(other.name for other in self.kinds.values() if name in other.interfaces)
        return frozenset({name})


def _parameters(reader: Reader, close: str) -> dict[str, Parameter]:
    found: dict[str, Parameter] = {}
    while not reader.accept(close):
        name = reader.name()
        reader.expect(":")
        type_ = reader.type()
        has_default = reader.accept("=")
        found[name] = Parameter(name, type_, reader.value() if has_default else None, has_default)
    return found


def _fields(reader: Reader) -> dict[str, FieldType]:
    found: dict[str, FieldType] = {}
    reader.expect("{")
    while not reader.accept("}"):
        name = reader.name()
        parameters = _parameters(reader, ")") if reader.accept("(") else {}
        reader.expect(":")
        found[name] = FieldType(name, reader.type(), parameters)
    return found


def _object(reader: Reader, form: str, name: str) -> Kind:
    interfaces: set[str] = set()
    if reader.accept("implements"):
        interfaces.add(reader.name())
        while reader.accept("&"):
            interfaces.add(reader.name())
    return Kind(name, form, fields=_fields(reader), interfaces=frozenset(interfaces))


def _words(reader: Reader, name: str, form: str) -> Kind:
    if form == "scalar":
        return Kind(name, form)
    if form == "enum":
        reader.expect("{")
        values: set[str] = set()
        while not reader.accept("}"):
            values.add(reader.name())
        return Kind(name, form, values=frozenset(values))
    reader.expect("=")
    reader.accept("|")
    options = {reader.name()}
    while reader.accept("|"):
        options.add(reader.name())
    return Kind(name, form, options=frozenset(options))


def parse_schema(*texts: str) -> Schema:
    """Read the schema from its texts; a later `extend type` adds fields to an earlier type."""
    kinds = {name: Kind(name, form) for name, form in LEAVES.items()}
    for text in texts:
        reader = Reader(text)
        while reader.token.kind != "end":
            extends = reader.accept("extend")
            form, name = reader.name(), reader.name()
            if form in ("type", "interface"):
                kind = _object(reader, form, name)
                if extends:
                    kinds[name].fields.update(kind.fields)
                    continue
            elif form == "input":
                reader.expect("{")
                kind = Kind(name, form, members=_parameters(reader, "}"))
            elif form in ("union", "enum", "scalar"):
                kind = _words(reader, name, form)
            else:
                raise SyntaxFault(f"Unexpected {form}.", reader.token.place)
            kinds[name] = kind
    return Schema(kinds)
