"""The official schema by graphql-core, and the least and the most that an answer to a document may hold by it."""

from functools import cache
from typing import Any

from graphql import (
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
    SelectionSetNode,
    build_schema,
    get_named_type,
    is_abstract_type,
    parse,
)

from connectors.storefronts.shopify.documents import Document
from tests.contracts.shopify_specs import schema_text

_SCALARS: dict[str, Any] = {
    "ID": "gid://shopify/Thing/1",
    "Int": 1,
    "Float": 1.0,
    "Boolean": True,
    "Decimal": "1.00",
    "Money": "1.00",
    "DateTime": "2026-03-01T10:00:00Z",
    "URL": "https://shop.example/x",
    "UnsignedInt64": "1",
}
Fragments = dict[str, FragmentDefinitionNode]


@cache
def schema() -> GraphQLSchema:
    """The Admin API of 2026-07."""
    return build_schema(schema_text(), assume_valid=True)


def roots_of(document: Document) -> list[str]:
    """The root fields of a document."""
    operation = _operation(document.text)
    return [each.name.value for each in operation.selection_set.selections if isinstance(each, FieldNode)]


def _operation(text: str) -> OperationDefinitionNode:
    return next(d for d in parse(text).definitions if isinstance(d, OperationDefinitionNode))


class Maker:
    """Makes an answer to a document as the schema allows it: the least (all null that may be), or the most."""

    def __init__(self, schema: GraphQLSchema, *, most: bool) -> None:
        self._schema = schema
        self._most = most

    def answer(self, text: str) -> dict[str, Any]:
        """The data of an answer."""
        definitions = parse(text).definitions
        fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
        operation = _operation(text)
        root = self._schema.get_root_type(operation.operation)
        assert root is not None
        return self._object(root, operation.selection_set, fragments)

    def _object(
        self, kind: GraphQLObjectType, selections: SelectionSetNode, fragments: Fragments
    ) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for each in selections.selections:
            if isinstance(each, FieldNode):
                if (
                    each.directives
                    and any(d.name.value == "include" for d in each.directives)
                    and not self._most
                ):
                    continue
                declared = kind.fields[each.name.value].type
                made[each.alias.value if each.alias else each.name.value] = self._value(
                    declared, each, fragments
                )
                continue
            inner = fragments[each.name.value] if isinstance(each, FragmentSpreadNode) else each
            assert isinstance(inner, FragmentDefinitionNode | InlineFragmentNode)
            wanted = inner.type_condition.name.value if inner.type_condition else kind.name
            if wanted == kind.name or wanted in {each.name for each in kind.interfaces}:
                made |= self._object(kind, inner.selection_set, fragments)
        return made

    def _value(self, kind: Any, node: FieldNode, fragments: Fragments) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self._some(kind.of_type, node, fragments)
        return self._some(kind, node, fragments) if self._most else None

    def _some(self, kind: Any, node: FieldNode, fragments: Fragments) -> Any:
        if isinstance(kind, GraphQLList):
            if not self._most:
                return []
            return [self._value(kind.of_type, node, fragments) for _ in range(1)]
        if isinstance(kind, GraphQLEnumType):
            return next(iter(kind.values))
        if isinstance(kind, GraphQLObjectType):
            assert node.selection_set is not None
            return self._object(kind, node.selection_set, fragments)
        if is_abstract_type(kind):
            return self._any_of(kind, node, fragments)
        return _SCALARS.get(get_named_type(kind).name, "text")

    def _any_of(self, kind: Any, node: FieldNode, fragments: Fragments) -> dict[str, Any]:
        """One of the kinds that the document names, or that there are."""
        assert node.selection_set is not None
        conditions = [
            each.type_condition.name.value
            for each in node.selection_set.selections
            if isinstance(each, InlineFragmentNode) and each.type_condition
        ]
        possible = {each.name: each for each in self._schema.get_possible_types(kind)}
        chosen = next(
            (possible[name] for name in conditions if name in possible), next(iter(possible.values()))
        )
        return self._object(chosen, node.selection_set, fragments)
