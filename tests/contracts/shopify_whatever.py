"""A shop that answers each document with whatever the official schema allows: nulls, empty lists, words of tomorrow.

Everything is drawn from one seed, so a failure is made again by its number.
"""

import json
from random import Random
from typing import Any

import httpx
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    is_abstract_type,
    parse,
)

TOMORROW = "A_WORD_OF_TOMORROW"
"""An enum's value that this version of the schema does not have."""
MOST_PAGES = 3
_MOMENTS = ("2026-03-01T10:00:00Z", "2026-03-01T10:00:01Z", "1970-01-01T00:00:00Z")
NOTHING = ("0.0",)
"""Every order's money adds up."""
ANYTHING = (*NOTHING * 90, "0.00", "12.5", "-3.25", "19.999", "0", "123456789.01")
_CURRENCIES = (*("EUR",) * 60, "JPY", TOMORROW)
_LIKELY = ("OPEN", "DRAFT", "REQUESTED", "SUCCESS", "PAID")
"""Words upon which the connector has something to do."""
_parsed: dict[str, DocumentNode] = {}


class Whatever(httpx.AsyncBaseTransport):
    """`amounts` is what things cost; `errs`: mutations are complained of. `asked` are the operations that came."""

    def __init__(
        self, schema: GraphQLSchema, seed: int, *, amounts: tuple[str, ...] = NOTHING, errs: bool = False
    ) -> None:
        self._schema = schema
        self.seed = seed
        self._random = Random(seed)
        self._amounts = amounts
        self._nulls = self._random.choice((0.05, 0.3, 0.7))
        self._errs = errs
        self._pages = 0
        self._fragments: dict[str, FragmentDefinitionNode] = {}
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        if request.method != "POST" or not body.startswith(b"{"):
            return httpx.Response(200, stream=httpx.ByteStream(b""))
        data = self.answer(json.loads(body)["query"])
        return httpx.Response(200, stream=httpx.ByteStream(json.dumps({"data": data}).encode()))

    def answer(self, text: str) -> dict[str, Any]:
        """The data of an answer to a document."""
        if text not in _parsed:
            _parsed[text] = parse(text)
        parts = _parsed[text].definitions
        self._fragments = {d.name.value: d for d in parts if isinstance(d, FragmentDefinitionNode)}
        operation = next(d for d in parts if isinstance(d, OperationDefinitionNode))
        self.asked.append(operation.name.value if operation.name else "")
        root = self._schema.get_root_type(operation.operation)
        assert root is not None
        return self._object(root, operation.selection_set)

    def _object(self, kind: GraphQLObjectType, selections: SelectionSetNode) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for each in selections.selections:
            if not isinstance(each, FieldNode):
                inner = each if isinstance(each, InlineFragmentNode) else self._fragments[_name(each)]
                condition = inner.type_condition
                names = {kind.name, *(interface.name for interface in kind.interfaces)}
                if condition is None or condition.name.value in names:
                    made |= self._object(kind, inner.selection_set)
                continue
            if any(d.name.value == "include" for d in each.directives) and self._rarely():
                continue
            key = each.alias.value if each.alias else each.name.value
            made[key] = self._value(kind, each, kind.fields[each.name.value].type)
        return made

    def _value(self, owner: GraphQLObjectType, node: FieldNode, declared: Any) -> Any:
        """Null where that is allowed, now and then; what is asked for at the root is there more often."""
        if isinstance(declared, GraphQLNonNull):
            return self._some(owner, node, declared.of_type)
        if self._random.random() < (0.05 if owner.name in ("QueryRoot", "Mutation") else self._nulls):
            return None
        return self._some(owner, node, declared)

    def _some(self, owner: GraphQLObjectType, node: FieldNode, kind: Any) -> Any:
        if isinstance(kind, GraphQLList):
            many = self._random.choice((0, 1, 1, 1, 2))
            if node.name.value.lower().endswith("usererrors") and not (self._errs and self._rarely()):
                many = 0
            return [self._value(owner, node, kind.of_type) for _ in range(many)]
        if isinstance(kind, GraphQLEnumType):
            return self._word(kind)
        if is_abstract_type(kind):
            kind = self._one_of(node, kind)
        if not isinstance(kind, GraphQLObjectType):
            return self._scalar(owner, node, kind.name)
        assert node.selection_set is not None
        if kind.name == "PageInfo":
            return self._page()
        return self._object(kind, node.selection_set)

    def _one_of(self, node: FieldNode, kind: Any) -> GraphQLObjectType:
        """Mostly a kind that the document has words for."""
        assert node.selection_set is not None
        inner = [each for each in node.selection_set.selections if isinstance(each, InlineFragmentNode)]
        named = {each.type_condition.name.value for each in inner if each.type_condition}
        possible = list(self._schema.get_possible_types(kind))
        meant = [each for each in possible if each.name in named]
        chosen: GraphQLObjectType = self._random.choice(possible if self._seldom() else meant or possible)
        return chosen

    def _word(self, kind: GraphQLEnumType) -> str:
        if kind.name == "CurrencyCode":
            return "EUR" if len(self._amounts) == 1 else self._random.choice(_CURRENCIES)
        likely = [each for each in _LIKELY if each in kind.values]
        if likely and self._random.random() < 0.5:
            return self._random.choice(likely)
        return self._random.choice([*kind.values, *kind.values, TOMORROW])

    def _page(self) -> dict[str, Any]:
        """A list ends after some pages."""
        more = self._rarely() and self._pages < MOST_PAGES
        self._pages += more
        return {"hasNextPage": more, "endCursor": f"c{self._pages}" if more else None}

    def _scalar(self, owner: GraphQLObjectType, node: FieldNode, kind: str) -> Any:
        match kind:
            case "ID":
                return f"gid://shopify/{owner.name}/{self._random.choice((1, 1, 2, 3))}"
            case "Int":
                return self._random.choice((0, 1, 1, 1, 1, 2, -1, 250))
            case "Float":
                return self._random.choice((0.0, 1.5))
            case "Boolean":
                return self._random.random() < 0.5
            case "DateTime":
                return self._random.choice(_MOMENTS)
            case "Decimal" | "Money":
                return self._random.choice(self._amounts)
            case "URL":
                return "https://files.example.com/x"
            case _:
                return self._random.choice(("", "text", "2", "available"))

    def _seldom(self) -> bool:
        return self._random.random() < 0.05

    def _rarely(self) -> bool:
        return self._random.random() < 0.3


def _name(spread: SelectionNode) -> str:
    assert isinstance(spread, FragmentSpreadNode)
    return spread.name.value
