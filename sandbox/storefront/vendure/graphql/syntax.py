"""Reads GraphQL text: documents that clients send, and the schema that the server holds.

`parse_document` gives operations and fragments; anything that is not valid GraphQL is a `SyntaxFault` that
says where. The token reader is shared with the schema's own parser.
"""

from sandbox.storefront.vendure.graphql.nodes import (
    Argument,
    Directive,
    Document,
    EnumWord,
    Field,
    Fragment,
    Inline,
    Literal,
    Operation,
    Selection,
    Spread,
    TypeRef,
    Variable,
    VariableDefinition,
)
from sandbox.storefront.vendure.graphql.tokens import SyntaxFault, Token, string_value, tokens


class Reader:
    """Walks over tokens; every `expect` that fails is a `SyntaxFault`."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._at = 0

    @property
    def token(self) -> Token:
        """The token that comes next."""
        return self._tokens[self._at]

    def take(self) -> Token:
        """The next token, consumed."""
        token = self._tokens[self._at]
        self._at += 1
        return token

    def accept(self, mark: str) -> bool:
        """Consume the mark or word if it comes next."""
        if self.token.text == mark and self.token.kind in ("mark", "name"):
            self._at += 1
            return True
        return False

    def expect(self, mark: str) -> Token:
        """Consume this mark or word."""
        if self.token.text == mark and self.token.kind in ("mark", "name"):
            return self.take()
        raise SyntaxFault(f'Expected "{mark}", found {self.token}.', self.token.place)

    def name(self) -> str:
        """Consume a name."""
        if self.token.kind != "name":
            raise SyntaxFault(f"Expected Name, found {self.token}.", self.token.place)
        return self.take().text

    def type(self) -> TypeRef:
        """Consume a type: `Name`, `[Type]`, either with `!`."""
        if self.accept("["):
            inner = self.type()
            self.expect("]")
            return TypeRef(of=inner, required=self.accept("!"))
        name = self.name()
        return TypeRef(name, required=self.accept("!"))

    def value(self) -> Literal:
        """Consume a value."""
        token = self.token
        if token.kind == "int":
            return int(self.take().text)
        if token.kind == "float":
            return float(self.take().text)
        if token.kind in ("string", "block"):
            return string_value(self.take())
        if token.kind == "name":
            word = self.take().text
            return {"true": True, "false": False, "null": None}.get(word, EnumWord(word))
        return self._compound(token)

    def _compound(self, token: Token) -> Literal:
        if self.accept("$"):
            return Variable(self.name(), token.place)
        if self.accept("["):
            items: list[Literal] = []
            while not self.accept("]"):
                items.append(self.value())
            return items
        if self.accept("{"):
            members: dict[str, Literal] = {}
            while not self.accept("}"):
                key = self.name()
                self.expect(":")
                members[key] = self.value()
            return members
        raise SyntaxFault(f"Unexpected {token}.", token.place)


def _arguments(reader: Reader) -> tuple[Argument, ...]:
    found: list[Argument] = []
    if reader.accept("("):
        while not reader.accept(")"):
            place = reader.token.place
            name = reader.name()
            reader.expect(":")
            found.append(Argument(name, reader.value(), place))
    return tuple(found)


def _directives(reader: Reader) -> tuple[Directive, ...]:
    found: list[Directive] = []
    while reader.accept("@"):
        name = reader.name()
        found.append(Directive(name, _arguments(reader)))
    return tuple(found)


def _selections(reader: Reader) -> tuple[Selection, ...]:
    reader.expect("{")
    found = [_selection(reader)]
    while not reader.accept("}"):
        found.append(_selection(reader))
    return tuple(found)


def _selection(reader: Reader) -> Selection:
    place = reader.token.place
    if reader.accept("..."):
        if reader.token.kind == "name" and reader.token.text != "on":
            return Spread(reader.name(), _directives(reader), place)
        on = reader.name() if reader.accept("on") else None
        directives = _directives(reader)
        return Inline(on, directives, _selections(reader), place)
    name, alias = reader.name(), None
    if reader.accept(":"):
        name, alias = reader.name(), name
    arguments, directives = _arguments(reader), _directives(reader)
    selections = _selections(reader) if reader.token.text == "{" else None
    return Field(name, alias, arguments, directives, selections, place)


def _variables(reader: Reader) -> tuple[VariableDefinition, ...]:
    found: list[VariableDefinition] = []
    if reader.accept("("):
        while not reader.accept(")"):
            place = reader.expect("$").place
            name = reader.name()
            reader.expect(":")
            type_ = reader.type()
            has_default = reader.accept("=")
            found.append(
                VariableDefinition(name, type_, reader.value() if has_default else None, has_default, place)
            )
    return tuple(found)


def parse_document(text: str) -> Document:
    """Read a client's document; raises `SyntaxFault`."""
    reader, document = Reader(text), Document()
    while reader.token.kind != "end":
        place = reader.token.place
        if reader.token.text == "{":
            document.operations.append(Operation("query", None, (), _selections(reader), place))
            continue
        kind = reader.token.text
        if kind in ("query", "mutation", "subscription"):
            reader.take()
            name = reader.name() if reader.token.kind == "name" else None
            variables = _variables(reader)
            _directives(reader)
            document.operations.append(Operation(kind, name, variables, _selections(reader), place))
        elif kind == "fragment":
            reader.take()
            name = reader.name()
            reader.expect("on")
            on = reader.name()
            _directives(reader)
            document.fragments[name] = Fragment(name, on, _selections(reader), place)
        else:
            raise SyntaxFault(f"Unexpected {reader.token}.", place)
    if not document.operations:
        raise SyntaxFault("Unexpected <EOF>.", reader.token.place)
    return document
