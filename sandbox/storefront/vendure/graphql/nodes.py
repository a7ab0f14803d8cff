"""What a GraphQL document is made of, once it is read."""

from dataclasses import dataclass, field

from sandbox.storefront.vendure.graphql.tokens import Place


@dataclass(frozen=True, slots=True)
class Variable:
    """A `$name` where a value is expected."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class EnumWord:
    """A bare word where a value is expected."""

    name: str


@dataclass(frozen=True, slots=True)
class TypeRef:
    """A use of a type: a name or a list of something, nullable or not."""

    name: str = ""
    of: "TypeRef | None" = None
    required: bool = False

    def __str__(self) -> str:
        inner = f"[{self.of}]" if self.of else self.name
        return f"{inner}!" if self.required else inner

    @property
    def base(self) -> str:
        """The name of the innermost type."""
        return self.of.base if self.of else self.name

    def optional(self) -> "TypeRef":
        """The same type, nullable."""
        return TypeRef(self.name, self.of, False)


Literal = None | bool | int | float | str | EnumWord | Variable | list["Literal"] | dict[str, "Literal"]


@dataclass(frozen=True, slots=True)
class Argument:
    """One `name: value`, in a field or a directive."""

    name: str
    value: Literal
    place: Place


@dataclass(frozen=True, slots=True)
class Directive:
    """One `@name(...)`."""

    name: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One field with its alias, arguments and selection."""

    name: str
    alias: str | None
    arguments: tuple[Argument, ...]
    directives: tuple[Directive, ...]
    selections: tuple["Selection", ...] | None
    place: Place

    @property
    def key(self) -> str:
        """The name under which the answer carries the field."""
        return self.alias or self.name


@dataclass(frozen=True, slots=True)
class Spread:
    """A `...Name`."""

    name: str
    directives: tuple[Directive, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Inline:
    """A `... on Type { }`; without a type it is the surrounding one."""

    on: str | None
    directives: tuple[Directive, ...]
    selections: tuple["Selection", ...]
    place: Place


Selection = Field | Spread | Inline


@dataclass(frozen=True, slots=True)
class VariableDefinition:
    """A `$name: Type = default` of an operation."""

    name: str
    type: TypeRef
    default: Literal
    has_default: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Operation:
    """One query or mutation."""

    kind: str
    name: str | None
    variables: tuple[VariableDefinition, ...]
    selections: tuple[Selection, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Fragment:
    """One named fragment."""

    name: str
    on: str
    selections: tuple[Selection, ...]
    place: Place


@dataclass(slots=True)
class Document:
    """All that one text holds."""

    operations: list[Operation] = field(default_factory=list)
    fragments: dict[str, Fragment] = field(default_factory=dict)
