"""What the Shopify connector really sends, variables and all, held to the official schema of 2026-07."""

import json
import os
from typing import Any

import httpx
import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    parse,
    type_from_ast,
)
from graphql.execution.values import get_variable_values

from connectors.conformance import Wire
from connectors.contract import Deadline, Refused
from connectors.storefronts.shopify import documents
from sandbox.storefront.shopify.builder import running
from tests.conformance.shopify.test_kit import ShopifyBench
from tests.contracts.shopify_schema import schema
from tests.contracts.shopify_specs import HERE

pytestmark = pytest.mark.skipif(not HERE and "CI" not in os.environ, reason="the official schema is not here")
Request = tuple[str, dict[str, Any]]
"""(document, variables)"""


class Written(httpx.AsyncHTTPTransport):
    """Real HTTP that keeps each request."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = (await request.aread()).decode()
        if body.startswith("{"):
            asked = json.loads(body)
            self.requests.append((asked["query"], asked["variables"]))
        return await super().handle_async_request(request)


async def everything() -> list[Request]:
    """The requests of every method of the connector on a healthy shop, once each."""
    with running() as street:
        bench = ShopifyBench(street)
        network = Written()
        connector = bench.open(Wire(network), secret=bench.secret)
        for method in bench.declared():
            arguments = await bench.given(method.name)
            bound = getattr(connector, method.name)
            try:
                await bound(*arguments, Deadline.after(30))
            except Refused as error:
                pytest.fail(f"{method.name} is refused: {error}")
        await connector.close()
    return network.requests


def wrong(official: GraphQLSchema, text: str, variables: dict[str, Any]) -> list[str]:
    """What the schema has against a request's variables."""
    operation = next(d for d in parse(text).definitions if isinstance(d, OperationDefinitionNode))
    given = get_variable_values(official, operation.variable_definitions, variables)
    found = [str(each) for each in given] if isinstance(given, list) else []
    for definition in operation.variable_definitions:
        kind = type_from_ast(official, definition.type)
        name = definition.variable.name.value
        found += [f"{name}{each}" for each in deprecated(kind, variables.get(name))]
    return found


def deprecated(kind: Any, value: Any) -> list[str]:
    """Deprecated input fields that a value uses."""
    if value is None:
        return []
    nullable = get_nullable_type(kind)
    if is_list_type(nullable):
        return [each for item in value for each in deprecated(nullable.of_type, item)]
    named = get_named_type(nullable)
    if not isinstance(named, GraphQLInputObjectType):
        return []
    found = []
    for name, inner in value.items():
        field = named.fields[name]
        found += [f".{name}"] if field.deprecation_reason else []
        found += [f".{name}{each}" for each in deprecated(field.type, inner)]
    return found


async def test_every_request_fits_and_names_nothing_deprecated() -> None:
    official = schema()
    requests = await everything()
    known = {document.text for document in documents.EVERY}
    assert {text for text, _ in requests} <= known
    assert len({text for text, _ in requests}) > 20
    assert [each for text, variables in requests for each in wrong(official, text, variables)] == []
