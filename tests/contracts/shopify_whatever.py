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
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    is_abstract_type,
    parse,
)

TOMORROW = "A_WORD_OF_TOMORROW"
"""An enum's value that this version of the schema does not have."""
MOST_PAGES = 3
_MOMENTS = ("2026-03-01T10:00:00Z", "2026-03-01T10:00:01Z", "1970-01-01T00:00:00Z")
_AMOUNTS = ("0.0", "0.00", "12.5", "-3.25", "19.999", "0", "123456789.01")
_CURRENCIES = ("EUR", "JPY", "KWD", TOMORROW)
_parsed: dict[str, DocumentNode] = {}


class Whatever(httpx.AsyncBaseTransport):
    """`worthless`: every amount is zero, so that every order's money adds up; `errs`: it complains, mutation by mutation.

    `asked` are the names of the operations that came.
    """

    def __init__(
        self, schema: GraphQLSchema, seed: int, *, worthless: bool = True, errs: bool = False
    ) -> None:
        self._schema = schema
        self._random = Random(seed)
        self._worthless = worthless
        self._errs = errs
        self._pages = 0
        self._numbers = 0
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
                inner = each if isinstance(each, InlineFragmentNode) else self._fragments[each.name.value]
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
        if self._random.random() < (0.1 if owner.name in ("QueryRoot", "Mutation") else 0.35):
            return None
        return self._some(owner, node, declared)

    def _some(self, owner: GraphQLObjectType, node: FieldNode, kind: Any) -> Any:
        if isinstance(kind, GraphQLList):
            many = self._random.choice((0, 1, 1, 2))
            if node.name.value.lower().endswith("usererrors") and not (self._errs and self._rarely()):
                many = 0
            return [self._value(owner, node, kind.of_type) for _ in range(many)]
        if isinstance(kind, GraphQLEnumType):
            return self._word(kind)
        if is_abstract_type(kind):
            kind = self._random.choice(self._schema.get_possible_types(kind))
        if not isinstance(kind, GraphQLObjectType):
            return self._scalar(owner, node, kind.name)
        assert node.selection_set is not None
        if kind.name == "PageInfo":
            return self._page()
        return self._object(kind, node.selection_set)

    def _word(self, kind: GraphQLEnumType) -> str:
        if kind.name == "CurrencyCode":
            return "EUR" if self._worthless else self._random.choice(_CURRENCIES)
        return self._random.choice([*kind.values, *kind.values, TOMORROW])

    def _page(self) -> dict[str, Any]:
        """A list ends after some pages."""
        more = self._rarely() and self._pages < MOST_PAGES
        self._pages += more
        return {"hasNextPage": more, "endCursor": f"c{self._pages}" if more else None}

    def _scalar(self, owner: GraphQLObjectType, node: FieldNode, kind: str) -> Any:
        self._numbers += 1
        match kind:
            case "ID":
                return f"gid://shopify/{owner.name}/{self._numbers}"
            case "Int":
                return self._random.choice((0, 1, 2, -1, 250))
            case "Float":
                return self._random.choice((0.0, 1.5))
            case "Boolean":
                return self._rarely()
            case "DateTime":
                return self._random.choice(_MOMENTS)
            case "Decimal" | "Money":
                return "0.0" if self._worthless else self._random.choice(_AMOUNTS)
            case "URL":
                return "https://files.example.com/x"
            case _:
                return self._random.choice(("", "text", "2", node.name.value))

    def _rarely(self) -> bool:
        return self._random.random() < 0.3
