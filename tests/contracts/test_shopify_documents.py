"""Every document that the Shopify connector can send, held to the official schema of 2026-07."""

import os

import msgspec
import pytest
from graphql import (
    GraphQLSchema,
    NoDeprecatedCustomRule,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)

from connectors.storefronts.shopify.documents import EVERY, Document, catalogue_query
from connectors.storefronts.shopify.jsonl import Group
from connectors.storefronts.shopify.payloads import Medium, Product, VariantFields
from connectors.transport import Safety, decode
from tests.contracts.shopify_schema import Maker, roots_of, schema
from tests.contracts.shopify_shapes import INSIDE, ROOTS, SHAPES, read
from tests.contracts.shopify_specs import HERE

pytestmark = pytest.mark.skipif(not HERE and "CI" not in os.environ, reason="the official schema is not here")
IDEMPOTENT = {"inventorySetQuantities", "inventoryActivate", "refundCreate"}
"""Of the mutations that the connector uses, those whose description demands a key since 2026-04."""
BULK = [
    catalogue_query("gid://shopify/Location/1", None),
    catalogue_query("gid://shopify/Location/1", "gid://shopify/Publication/2"),
]


@pytest.fixture(scope="session")
def official() -> GraphQLSchema:
    return schema()


@pytest.mark.parametrize("document", EVERY, ids=lambda each: each.operation)
def test_it_is_valid_and_uses_nothing_deprecated(document: Document, official: GraphQLSchema) -> None:
    rules = [*specified_rules, NoDeprecatedCustomRule]
    assert [str(each) for each in validate(official, parse(document.text), rules)] == []


@pytest.mark.parametrize("query", BULK, ids=["status", "publication"])
def test_the_bulk_query_is_valid_and_uses_nothing_deprecated(query: str, official: GraphQLSchema) -> None:
    rules = [*specified_rules, NoDeprecatedCustomRule]
    assert [str(each) for each in validate(official, parse(query), rules)] == []


def test_no_operation_has_two_documents() -> None:
    names = [each.operation for each in EVERY]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("document", EVERY, ids=lambda each: each.operation)
def test_it_has_one_named_operation_and_a_write_one_root(document: Document) -> None:
    operations = [d for d in parse(document.text).definitions if isinstance(d, OperationDefinitionNode)]
    assert [operation.name is not None for operation in operations] == [True]
    assert document.safety is Safety.READ or len(roots_of(document)) == 1


@pytest.mark.parametrize("document", EVERY, ids=lambda each: each.operation)
def test_a_read_is_a_query_and_a_write_a_mutation(document: Document) -> None:
    (operation,) = (d for d in parse(document.text).definitions if isinstance(d, OperationDefinitionNode))
    is_query = operation.operation is OperationType.QUERY
    assert is_query is (document.safety is Safety.READ)


@pytest.mark.parametrize("document", EVERY, ids=lambda each: each.operation)
def test_mutations_that_demand_a_key_bear_one(document: Document) -> None:
    root = roots_of(document)[0]
    assert ("@idempotent(key: $key)" in document.text) is (root in IDEMPOTENT)


def test_the_schema_demands_a_key_where_we_think_so(official: GraphQLSchema) -> None:
    mutations = official.mutation_type
    assert mutations is not None
    used = {root for document in EVERY for root in roots_of(document)} & set(mutations.fields)
    wanted = {name for name in used if "@idempotent" in (mutations.fields[name].description or "")}
    assert wanted == IDEMPOTENT


def test_every_document_s_answer_has_a_shape() -> None:
    assert set(SHAPES) == {each.operation for each in EVERY}
    assert set(INSIDE) <= set(SHAPES)
    assert {root for document in EVERY for root in roots_of(document)} == set(ROOTS) | {"nodes"}


@pytest.mark.parametrize("most", [True, False], ids=["the most", "the least"])
@pytest.mark.parametrize("document", EVERY, ids=lambda each: each.operation)
def test_whatever_the_schema_lets_be_null_may_be_null(
    document: Document, most: bool, official: GraphQLSchema
) -> None:
    read(document, Maker(official, most=most).answer(document.text))


@pytest.mark.parametrize("most", [True, False], ids=["the most", "the least"])
def test_rows_of_the_bulk_operation_s_file_are_read_as_the_schema_lets_them_be(
    most: bool, official: GraphQLSchema
) -> None:
    data = Maker(official, most=True).answer(BULK[1])
    product = data["products"]["edges"][0]["node"]
    variant = product.pop("variants")["edges"][0]["node"]
    medium = product.pop("media")["edges"][0]["node"]
    if not most:
        variant |= {"sku": None, "barcode": None, "compareAtPrice": None}
        variant["inventoryItem"]["inventoryLevel"] = None
        medium["preview"] = None
    head = msgspec.json.encode(product)
    assert decode(head, type=Product).media.nodes == []
    decode(msgspec.json.encode(variant), type=VariantFields)
    decode(msgspec.json.encode(medium), type=Medium)
    assert Group(head, product["id"], 0).rows == []
