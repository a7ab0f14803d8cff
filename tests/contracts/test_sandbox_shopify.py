"""The sandbox's Shopify held to the real one: to the official schema, and to what real shops answered.

Schema and recordings are read where they lie (`ENTREPOT_SPECS`); nothing of them is copied here. The sandbox's own
schema must be a part of the official one; every answer, with every field that it can have, must be valid against it;
what it refuses must be refused in the recorded words; and what its calls cost must be what they cost in the recordings.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    build_schema,
    is_abstract_type,
    is_required_argument,
    is_required_input_field,
    parse,
    validate,
)
from graphql.language import FieldNode, FragmentDefinitionNode, InlineFragmentNode, OperationDefinitionNode
from shopify_selections import arguments_of, selection

from sandbox.clock import SetClock
from sandbox.storefront.books import Terms
from sandbox.storefront.shopify.builder import BEGIN, Street, running
from sandbox.storefront.shopify.cost import Meter
from sandbox.storefront.shopify.once import without_keys
from sandbox.storefront.shopify.schema import SCHEMA
from sandbox.storefront.vendure.graphql.execution import VariableFault, variables_of
from sandbox.storefront.vendure.graphql.schema import LEAVES, Parameter
from sandbox.storefront.vendure.graphql.syntax import parse_document
from sandbox.storefront.vendure.graphql.tokens import SyntaxFault
from sandbox.storefront.vendure.graphql.validation import faults_of
from sandbox.storefront.vendure.graphql.values import plain

_HERE = Path(__file__).resolve().parents[2]
SPECS = Path(os.environ.get("ENTREPOT_SPECS", _HERE.parent / "shared" / "specs")) / "shopify-admin-graphql"
RECORDED = SPECS / "recorded" / "2026-04"
pytestmark = pytest.mark.skipif(
    not SPECS.is_dir() and "CI" not in os.environ, reason="the official schema is not here"
)


@cache
def official() -> GraphQLSchema:
    return build_schema((SPECS / "2026-07" / "schema.graphql").read_text(), assume_valid=True)


# --- the schema ---------------------------------------------------------------------------------------------

OWN = sorted(set(SCHEMA.kinds) - set(LEAVES) - {"Query"})
_FORMS = {
    "type": GraphQLObjectType,
    "interface": GraphQLInterfaceType,
    "union": GraphQLUnionType,
    "enum": GraphQLEnumType,
    "input": GraphQLInputObjectType,
    "scalar": GraphQLScalarType,
}


def _default(parameter: Parameter) -> Any:
    return plain(SCHEMA, parameter.type, parameter.default, {}) if parameter.has_default else Undefined


@pytest.mark.parametrize("name", OWN)
def test_each_type_is_a_part_of_the_official_one(name: str) -> None:
    own, real = SCHEMA.kinds[name], official().type_map[name]
    assert isinstance(real, _FORMS[own.form])
    if isinstance(real, GraphQLEnumType):
        assert own.values <= set(real.values)
    elif isinstance(real, GraphQLUnionType):
        assert own.options <= {each.name for each in real.types}
    elif isinstance(real, GraphQLInputObjectType):
        for member in own.members.values():
            assert str(member.type) == str(real.fields[member.name].type), member.name
            assert _default(member) == real.fields[member.name].default_value, member.name
        needed = {key for key, each in real.fields.items() if is_required_input_field(each)}
        assert needed <= set(own.members)
    elif isinstance(real, GraphQLObjectType | GraphQLInterfaceType):
        assert own.interfaces <= {each.name for each in real.interfaces}
        for each in own.fields.values():
            known = real.fields[each.name]
            assert str(each.type) == str(known.type), each.name
            for parameter in each.parameters.values():
                argument = known.args[parameter.name]
                assert str(parameter.type) == str(argument.type), (each.name, parameter.name)
                assert _default(parameter) == argument.default_value, (each.name, parameter.name)
            needed = {key for key, argument in known.args.items() if is_required_argument(argument)}
            assert needed <= set(each.parameters), each.name


def test_no_mutation_is_one_that_shopify_calls_deprecated() -> None:
    mutations = official().type_map["Mutation"]
    assert isinstance(mutations, GraphQLObjectType)
    assert not [name for name in SCHEMA.kinds["Mutation"].fields if mutations.fields[name].deprecation_reason]


# --- every answer -------------------------------------------------------------------------------------------

_SCALARS: dict[str, re.Pattern[str]] = {
    "DateTime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    "Decimal": re.compile(r"-?\d+\.\d+"),
    "Money": re.compile(r"\d+(\.\d+)?"),
    "URL": re.compile(r"https?://\S+"),
    "UnsignedInt64": re.compile(r"\d+"),
    "ID": re.compile(r"gid://shopify/\w+/\S+"),
}
_KINDS: dict[str, type | tuple[type, ...]] = {"Int": int, "Boolean": bool, "Float": (int, float)}


def _fits_scalar(name: str, value: Any, path: str) -> None:
    if name in _KINDS:
        assert isinstance(value, _KINDS[name]), path
        return
    assert isinstance(value, str), path
    if name in _SCALARS:
        assert _SCALARS[name].fullmatch(value), (path, value)


@dataclass
class Check:
    """Holds one answer to the official schema."""

    text: str
    fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)

    def run(self, body: dict[str, Any]) -> None:
        document = parse(self.text)
        assert validate(official(), document) == []
        (operation,) = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        root = official().get_root_type(operation.operation)
        assert root is not None
        if body.get("data") is not None:
            self.object(root, operation.selection_set.selections, body["data"], root.name)

    def object(self, kind: Any, selections: Any, value: dict[str, Any], path: str) -> None:
        if is_abstract_type(kind):
            kind = official().type_map[value["__typename"]]
        fields = self.fields(kind, selections)
        assert set(value) == set(fields), path
        for key, node in fields.items():
            if node.name.value == "__typename":
                assert value[key] == kind.name, path
                continue
            inner = node.selection_set.selections if node.selection_set else ()
            self.complete(kind.fields[node.name.value].type, inner, value[key], f"{path}.{key}")

    def fields(self, kind: Any, selections: Any) -> dict[str, FieldNode]:
        found: dict[str, FieldNode] = {}
        for each in selections:
            if isinstance(each, FieldNode):
                found[each.alias.value if each.alias else each.name.value] = each
            elif isinstance(each, InlineFragmentNode):
                on = each.type_condition.name.value if each.type_condition else kind.name
                named = {kind.name, *(interface.name for interface in kind.interfaces)}
                if on in named:
                    found |= self.fields(kind, each.selection_set.selections)
        return found

    def complete(self, kind: Any, selections: Any, value: Any, path: str) -> None:
        if isinstance(kind, GraphQLNonNull):
            assert value is not None, path
            kind = kind.of_type
        if value is None:
            return
        if isinstance(kind, GraphQLList):
            assert isinstance(value, list), path
            for number, each in enumerate(value):
                self.complete(kind.of_type, selections, each, f"{path}[{number}]")
        elif isinstance(kind, GraphQLEnumType):
            assert value in kind.values, (path, value)
        elif isinstance(kind, GraphQLScalarType):
            _fits_scalar(kind.name, value, path)
        else:
            self.object(kind, selections, value, path)


@dataclass
class Clerk:
    """Asks one shop for everything that a field can give, and holds each answer to the official schema."""

    street: Street
    clock: SetClock
    asked: set[tuple[str, str]] = field(default_factory=set)
    keys: int = 0

    def field(self, root: str, name: str, arguments: str = "", depth: int = 1) -> Any:
        """A root field with all that it can give; errors fail the test."""
        self.asked.add((root, name))
        declared = SCHEMA.kinds[root].fields[name]
        inner = selection(declared.type.base, depth)
        given = f"({arguments})" if arguments else arguments_of(root, name)
        self.keys += 1
        key = f'@idempotent(key: "{self.keys}")' if name in _KEYED else ""
        word = "mutation" if root == "Mutation" else "query"
        text = f"{word} {{ {name}{given} {key} {inner} }}"
        body = self.street.ask(text)
        assert "errors" not in body, (name, body["errors"])
        Check(text).run(body)
        return body["data"][name]

    def query(self, name: str, arguments: str = "", depth: int = 1) -> Any:
        return self.field("QueryRoot", name, arguments, depth)

    def do(self, name: str, arguments: str, depth: int = 1) -> Any:
        """A mutation that must take place."""
        made = self.field("Mutation", name, arguments, depth)
        assert made["userErrors"] == [], made["userErrors"]
        return made

    def refused(self, name: str, arguments: str) -> tuple[str, str, str | None]:
        """The mutation's name, and the message and code of the only user error."""
        made = self.field("Mutation", name, arguments)
        errors = made.get("orderCancelUserErrors") or made["userErrors"]
        assert errors, name
        return name, plainly(errors[0]["message"]), errors[0].get("code")

    def id(self, kind: str, number: int) -> str:
        return f'"gid://shopify/{kind}/{number}"'


_KEYED = {"inventorySetQuantities", "inventoryActivate", "refundCreate"}
MAIN, SECOND = '"gid://shopify/Location/1"', '"gid://shopify/Location/2"'


@pytest.fixture
def clerk() -> Iterator[Clerk]:
    clock = SetClock(BEGIN)
    terms = Terms("EUR", 2, prices_include_tax=False, tax_rate=19, shipping_prices=(490, 990))
    with running(terms, clock=clock) as street:
        street.walk("levers", bucket=10**9, restore=1000)
        yield Clerk(street, clock)


def _trade(clerk: Clerk) -> None:
    """Goods, and an order in each of the states that orders come to."""
    street = clerk.street
    rows = [
        {"sku": f"A-{s}", "price": "12.50", "compare_at": "15.00", "units": {"1": 3, "2": 40}, "option": s}
        for s in "SM"
    ]
    street.walk("products", title="A", description="<p>Good</p>", variants=rows)
    street.goods("B", 100, "3.33")
    street.walk("coupons", code="THIRD", percent=33, free_shipping=True)
    buyer = {"phone": "+49301", "company": "ACME", "address2": "left", "province": "Berlin"}
    street.buy({"A-S": 2, "B": 7}, coupon="THIRD", buyer=buyer)
    street.buy({"A-S": 12, "B": 1})
    street.buy({"B": 3})
    street.buy({"B": 3}, pay=False)
    street.buy({"B": 4})
    street.buy({"B": 2})


def _shipping(clerk: Clerk) -> None:
    group = "[{fulfillmentOrderId: %s}]"
    tracking = '{numbers: ["T1", "T2"], urls: ["https://t.example/1", "https://t.example/2"], company: "DHL"}'
    errands = clerk.query("fulfillmentOrders", "first: 50, includeClosed: true", 2)["nodes"]
    first = next(e["id"] for e in errands if e["orderId"].endswith("/1"))
    given = (
        f"fulfillment: {{trackingInfo: {tracking}, lineItemsByFulfillmentOrder: {group % json.dumps(first)}}}"
    )
    made = json.dumps(clerk.do("fulfillmentCreate", given, 2)["fulfillment"]["id"])
    event = f'fulfillmentEvent: {{fulfillmentId: {made}, status: DELIVERED, message: "at the door", city: "Berlin"}}'
    clerk.do("fulfillmentEventCreate", event)
    clerk.do("fulfillmentTrackingInfoUpdate", f'fulfillmentId: {made}, trackingInfoInput: {{number: "T3"}}')
    open_one = next(e for e in errands if e["orderId"].endswith("/3"))
    line = open_one["lineItems"]["nodes"][0]["id"]
    part = f'[{{fulfillmentOrderId: "{open_one["id"]}", fulfillmentOrderLineItems: [{{id: "{line}", quantity: 1}}]}}]'
    sent = clerk.do("fulfillmentCreate", f"fulfillment: {{lineItemsByFulfillmentOrder: {part}}}")[
        "fulfillment"
    ]["id"]
    clerk.do("fulfillmentCancel", f"id: {json.dumps(sent)}", 2)
    split = next(
        e for e in errands if e["orderId"].endswith("/2") and e["lineItems"]["nodes"][0]["sku"] == "A-S"
    )
    some = f'[{{id: "{split["lineItems"]["nodes"][0]["id"]}", quantity: 1}}]'
    move = f'id: "{split["id"]}", newLocationId: {MAIN}, fulfillmentOrderLineItems: {some}'
    clerk.do("fulfillmentOrderMove", move, 2)
    clerk.street.walk("hold", order="gid://shopify/Order/3", reason="OTHER")


def _aftersales(clerk: Clerk) -> None:
    order = clerk.id("Order", 1)
    sold = clerk.query("order", f"id: {order}", 2)
    line = sold["lineItems"]["nodes"][0]["id"]
    part = sold["fulfillments"][0]["fulfillmentLineItems"]["nodes"][0]["id"]
    other = sold["fulfillments"][0]["fulfillmentLineItems"]["nodes"][1]["id"]
    ask = 'input: {{orderId: {0}, returnLineItems: [{{fulfillmentLineItemId: "{1}", quantity: 1, returnReason: {2}, customerNote: "torn"}}]}}'
    asked = clerk.do("returnRequest", ask.format(order, part, "DEFECTIVE"), 2)["return"]["id"]
    clerk.do("returnApproveRequest", f'input: {{id: "{asked}"}}', 2)
    (back,) = clerk.query("return", f'id: "{asked}"', 2)["reverseFulfillmentOrders"]["nodes"]
    (came,) = clerk.query("reverseFulfillmentOrder", f'id: "{back["id"]}"', 2)["lineItems"]["nodes"]
    row = f'{{reverseFulfillmentOrderLineItemId: "{came["id"]}", quantity: 1, locationId: {MAIN}, dispositionType: RESTOCKED}}'
    clerk.do("reverseFulfillmentOrderDispose", f"dispositionInputs: [{row}]", 2)
    clerk.query("reverseFulfillmentOrder", f'id: "{back["id"]}"', 3)
    clerk.do("returnClose", f'id: "{asked}"')
    sold_again = clerk.street.walk(
        "return",
        order=json.loads(order),
        lines=[{"sku": "A-S", "quantity": 1}],
        instead=[{"sku": "B", "quantity": 1}],
        tracking=["BACK-1"],
    )
    asked = sold_again["return"]
    clerk.do("returnApproveRequest", f'input: {{id: "{asked}"}}', 3)
    clerk.do("returnCancel", f'id: "{asked}"', 2)
    asked = clerk.do("returnRequest", ask.format(order, other, "OTHER"))["return"]["id"]
    clerk.do(
        "returnDeclineRequest", f'input: {{id: "{asked}", declineReason: FINAL_SALE, declineNote: "no"}}', 2
    )
    sale = sold["transactions"][0]["id"]
    money = f'transactions: [{{orderId: {order}, kind: REFUND, gateway: "x", amount: "9.00", parentId: "{sale}"}}]'
    row = f'refundLineItems: [{{lineItemId: "{line}", quantity: 1, restockType: RETURN, locationId: {MAIN}}}]'
    clerk.do("refundCreate", f'input: {{orderId: {order}, note: "sorry", {row}, {money}}}', 2)
    second = clerk.id("Order", 2)
    sale = clerk.query("order", f"id: {second}", 2)["transactions"][0]["id"]
    money = f'transactions: [{{orderId: {second}, kind: REFUND, gateway: "x", amount: "4.90", parentId: "{sale}"}}]'
    clerk.do("refundCreate", f"input: {{orderId: {second}, shipping: {{fullRefund: true}}, {money}}}", 2)
    edit = clerk.do("orderEditBegin", f"id: {second}", 2)["calculatedOrder"]
    units = (
        f'id: "{edit["id"]}", lineItemId: "{edit["lineItems"]["nodes"][1]["id"]}", quantity: 0, restock: true'
    )
    clerk.do("orderEditSetQuantity", units, 2)
    clerk.do("orderEditCommit", f'id: "{edit["id"]}"')
    clerk.do(
        "orderUpdate",
        f'input: {{id: {second}, note: "n", tags: ["t"], customAttributes: [{{key: "k", value: "v"}}]}}',
    )
    clerk.do("orderClose", f"input: {{id: {second}}}")
    cancel = "restock: true, reason: CUSTOMER, refundMethod: {originalPaymentMethodsRefund: true}"
    job = clerk.do("orderCancel", f"orderId: {clerk.id('Order', 5)}, {cancel}")["job"]["id"]
    clerk.clock.advance(1)
    clerk.query("job", f'id: "{job}"')


def _goods(clerk: Clerk) -> None:
    picture = '[{originalSource: "https://example.com/a.jpg", alt: "a", mediaContentType: IMAGE}]'
    made = clerk.do(
        "productCreate",
        f'product: {{title: "C", productOptions: [{{name: "Size", values: [{{name: "S"}}]}}]}}, media: {picture}',
        2,
    )
    product = json.dumps(made["product"]["id"])
    clerk.clock.advance(1)
    clerk.do(
        "productUpdate", f'product: {{id: {product}, status: ACTIVE, tags: ["x"], seo: {{title: "C"}}}}', 2
    )
    size = 'optionValues: [{optionName: "Size", name: "M"}]'
    variant = f'{{{size}, price: "4.50", inventoryItem: {{sku: "C-M", tracked: true}}, inventoryQuantities: [{{locationId: {MAIN}, availableQuantity: 3}}]}}'
    new = clerk.do("productVariantsBulkCreate", f"productId: {product}, variants: [{variant}]", 2)
    row = (
        f'{{id: "{new["productVariants"][0]["id"]}", price: "5.00", compareAtPrice: "6.00", barcode: "400"}}'
    )
    clerk.do("productVariantsBulkUpdate", f"productId: {product}, variants: [{row}]", 2)
    place = 'input: [{publicationId: "gid://shopify/Publication/1"}]'
    clerk.do("publishablePublish", f"id: {product}, {place}")
    clerk.do("publishableUnpublish", f"id: {product}, {place}")
    default = 'productOptions: [{name: "Title", values: [{name: "Default Title"}]}]'
    only = (
        'variants: [{optionValues: [{optionName: "Title", name: "Default Title"}], sku: "D", price: "1.00"}]'
    )
    made = clerk.do("productSet", f'identifier: {{handle: "d"}}, input: {{title: "D", {default}, {only}}}', 2)
    clerk.do("productDelete", f'input: {{id: "{made["product"]["id"]}"}}')
    clerk.do("stagedUploadsCreate", 'input: [{resource: IMAGE, filename: "a.jpg", mimeType: "image/jpeg"}]')


def _stock(clerk: Clerk) -> None:
    item = clerk.id("InventoryItem", 3)
    row = f"{{inventoryItemId: {item}, locationId: {MAIN}, quantity: 55, changeFromQuantity: null}}"
    given = f'input: {{name: "available", reason: "correction", referenceDocumentUri: "erp://stock/1", quantities: [{row}]}}'
    clerk.do("inventorySetQuantities", given, 2)
    clerk.do("inventoryActivate", f"inventoryItemId: {item}, locationId: {SECOND}, available: 2", 2)
    clerk.do("inventoryItemUpdate", f"id: {item}, input: {{tracked: true}}", 2)


def _apart(clerk: Clerk) -> None:
    query = json.dumps("{ products { edges { node { id } } } }")
    first = clerk.do("bulkOperationRunQuery", f"query: {query}")["bulkOperation"]["id"]
    clerk.clock.advance(1)
    second = clerk.do("bulkOperationRunQuery", f"query: {query}, groupObjects: true")["bulkOperation"]["id"]
    clerk.do("bulkOperationCancel", f'id: "{second}"')
    clerk.query("bulkOperation", f'id: "{first}"')
    hook = 'topic: ORDERS_CREATE, webhookSubscription: {uri: "https://example.com/h", includeFields: ["id"]}'
    made = clerk.do("webhookSubscriptionCreate", hook)["webhookSubscription"]["id"]
    clerk.do(
        "webhookSubscriptionUpdate", f'id: "{made}", webhookSubscription: {{uri: "https://example.com/i"}}'
    )
    clerk.query("webhookSubscription", f'id: "{made}"')
    clerk.query("webhookSubscriptions", "first: 5")
    clerk.do("webhookSubscriptionDelete", f'id: "{made}"')


_ONE = {
    "product": "Product",
    "productVariant": "ProductVariant",
    "inventoryItem": "InventoryItem",
    "location": "Location",
    "order": "Order",
    "fulfillment": "Fulfillment",
    "fulfillmentOrder": "FulfillmentOrder",
    "refund": "Refund",
    "return": "Return",
}


def _reads(clerk: Clerk) -> None:
    for name, kind in _ONE.items():
        for number in range(1, 8):
            clerk.query(name, f"id: {clerk.id(kind, number)}", 2)
    clerk.query("inventoryLevel", 'id: "gid://shopify/InventoryLevel/1?inventory_item_id=1"', 2)
    for name in ("products", "productVariants", "inventoryItems", "locations", "orders", "fulfillmentOrders"):
        clerk.query(name, "first: 3")
    for name in ("publications", "bulkOperations"):
        clerk.query(name, "first: 5")
    for name in ("productsCount", "productVariantsCount", "ordersCount", "webhookSubscriptionsCount"):
        clerk.query(name)
    for name in ("shop", "currentAppInstallation", "currentBulkOperation"):
        clerk.query(name)


def _nodes(clerk: Clerk) -> None:
    ids = [f"gid://shopify/{kind}/1" for kind in sorted(SCHEMA.possible("Node"))]
    text = f"{{ nodes(ids: {json.dumps(ids)}) {{ __typename id }} }}"
    body = clerk.street.ask(text)
    Check(text).run(body)
    assert sum(each is not None for each in body["data"]["nodes"]) >= 12
    text = f"{{ node(id: {clerk.id('Order', 1)}) {{ __typename id }} }}"
    Check(text).run(clerk.street.ask(text))
    clerk.asked |= {("QueryRoot", "nodes"), ("QueryRoot", "node")}


def test_every_answer_of_every_operation_is_valid_against_the_official_schema(clerk: Clerk) -> None:
    _trade(clerk)
    for work in (_shipping, _aftersales, _goods, _stock, _apart, _reads, _nodes):
        work(clerk)
    everything = {(root, name) for root in ("QueryRoot", "Mutation") for name in SCHEMA.kinds[root].fields}
    assert clerk.asked == everything


# --- the recordings -----------------------------------------------------------------------------------------


def plainly(message: str) -> str:
    """A message without what differs from shop to shop: numbers, names in quotes, names of places."""
    text = re.sub(r"\d[\d.]*", "#", re.sub(r"'[^']*'", "'…'", message))
    return re.sub(r"stocked at .+? because", "stocked at … because", text)


@cache
def recorded() -> frozenset[tuple[str, str, str | None]]:
    """(mutation, message, code) of every user error that was recorded."""
    found: set[tuple[str, str, str | None]] = set()

    def look(value: Any, name: str) -> None:
        if isinstance(value, dict):
            for key in ("userErrors", "orderCancelUserErrors"):
                for error in value.get(key) or ():
                    found.add((name, plainly(error["message"]), error.get("code")))
            for key, each in value.items():
                look(each, key)
        elif isinstance(value, list):
            for each in value:
                look(each, name)

    for path in sorted(RECORDED.rglob("*.json")):
        look(json.loads(path.read_text()), "")
    return frozenset(found)


def _stock_refusals(clerk: Clerk) -> Iterator[tuple[str, str]]:
    good = {"inventoryItemId": clerk.id("InventoryItem", 3), "locationId": MAIN, "quantity": "5"}
    nowhere = '"gid://shopify/InventoryItem/999"'
    for change in (
        {"inventoryItemId": nowhere},
        {"locationId": '"gid://shopify/Location/999"'},
        {"quantity": "-1"},
        {"quantity": "1000000001"},
        {"quantity": "-1000000001"},
    ):
        row = ", ".join(f"{key}: {value}" for key, value in (good | change).items())
        yield "inventorySetQuantities", _quantities(f"{{{row}, changeFromQuantity: null}}")
    row = ", ".join(f"{key}: {value}" for key, value in good.items())
    yield "inventorySetQuantities", _quantities(f"{{{row}, changeFromQuantity: null}}", name="damaged")
    yield "inventorySetQuantities", _quantities(", ".join([f"{{{row}, changeFromQuantity: null}}"] * 2))
    place = f"inventoryItemId: {good['inventoryItemId']}, locationId: {SECOND}"
    yield "inventoryActivate", f"{place}, available: 1, onHand: 1"
    yield "inventoryActivate", f"{place}, onHand: 1000000001"


def _quantities(rows: str, name: str = "available") -> str:
    return f'input: {{name: "{name}", reason: "correction", quantities: [{rows}]}}'


def _goods_refusals(clerk: Clerk) -> Iterator[tuple[str, str]]:
    product = f"productId: {clerk.id('Product', 2)}"
    for change in ('price: "-1.00"', 'compareAtPrice: "1000000000000000000"'):
        yield (
            "productVariantsBulkUpdate",
            f"{product}, variants: [{{id: {clerk.id('ProductVariant', 3)}, {change}}}]",
        )
    yield "productCreate", 'product: {title: ""}'
    yield "productCreate", 'product: {title: "B", handle: "b"}'


def _shipping_refusals(clerk: Clerk) -> Iterator[tuple[str, str]]:
    errands = clerk.query("fulfillmentOrders", "first: 50", 2)["nodes"]
    of_two = [e["id"] for e in errands if e["orderId"].endswith("/2")]
    of_three = next(e for e in errands if e["orderId"].endswith("/3"))
    line = of_three["lineItems"]["nodes"][0]["id"]
    create = "fulfillment: {lineItemsByFulfillmentOrder: [%s]}"
    one = "{fulfillmentOrderId: %s}"
    part = "{fulfillmentOrderId: %s, fulfillmentOrderLineItems: [{id: %s, quantity: %d}]}"
    yield "fulfillmentCreate", create % (one % '"gid://shopify/FulfillmentOrder/999"')
    yield "fulfillmentCreate", create % ", ".join(one % json.dumps(id) for id in of_two)
    yield "fulfillmentCreate", create % ", ".join(one % json.dumps(id) for id in (of_two[0], of_three["id"]))
    yield "fulfillmentCreate", create % (part % (json.dumps(of_three["id"]), json.dumps(line), 0))
    yield "fulfillmentCreate", create % (part % (json.dumps(of_three["id"]), json.dumps(line), 99))
    strange = '"gid://shopify/FulfillmentOrderLineItem/999"'
    yield "fulfillmentCreate", create % (part % (json.dumps(of_three["id"]), strange, 1))
    unknown = 'fulfillmentId: "gid://shopify/Fulfillment/999", status: DELIVERED'
    yield "fulfillmentEventCreate", f"fulfillmentEvent: {{{unknown}}}"
    moved = f'id: "{of_three["id"]}", newLocationId: '
    yield "fulfillmentOrderMove", f'{moved}"gid://shopify/Location/999"'
    yield "fulfillmentOrderMove", f"{moved}{MAIN}"


def _order_refusals(clerk: Clerk) -> Iterator[tuple[str, str]]:
    clerk.street.buy({"B": 1})
    sent = clerk.query("order", f"id: {clerk.id('Order', 7)}", 2)
    errand = sent["fulfillmentOrders"]["nodes"][0]["id"]
    clerk.do(
        "fulfillmentCreate",
        f'fulfillment: {{lineItemsByFulfillmentOrder: [{{fulfillmentOrderId: "{errand}"}}]}}',
    )
    sent = clerk.query("order", f"id: {clerk.id('Order', 7)}", 2)
    part = sent["fulfillments"][0]["fulfillmentLineItems"]["nodes"][0]["id"]
    order = clerk.id("Order", 7)
    yield "orderCancel", f"orderId: {order}, restock: true, reason: OTHER"
    yield (
        "returnRequest",
        f'input: {{orderId: {order}, returnLineItems: [{{fulfillmentLineItemId: "{part}", quantity: 1}}]}}',
    )


def _returned_refusals(clerk: Clerk) -> Iterator[tuple[str, str]]:
    asked = []
    for _ in range(2):
        order = clerk.street.buy({"B": 1})
        errand = clerk.query("order", f"id: {json.dumps(order)}", 2)["fulfillmentOrders"]["nodes"][0]["id"]
        sent = f'{{lineItemsByFulfillmentOrder: [{{fulfillmentOrderId: "{errand}"}}]}}'
        clerk.do("fulfillmentCreate", f"fulfillment: {sent}")
        made = clerk.street.walk("return", order=order, lines=[{"sku": "B", "quantity": 1}])["return"]
        clerk.do("returnApproveRequest", f'input: {{id: "{made}"}}')
        back = clerk.query("return", f'id: "{made}"', 2)["reverseFulfillmentOrders"]["nodes"][0]["id"]
        lines = clerk.query("reverseFulfillmentOrder", f'id: "{back}"', 2)["lineItems"]["nodes"]
        asked.append(lines[0]["id"])
    row = (
        "{{reverseFulfillmentOrderLineItemId: {0}, quantity: 1, dispositionType: RESTOCKED, locationId: {1}}}"
    )
    good = row.format(json.dumps(asked[0]), MAIN)
    for rows in (
        "",
        row.format('"gid://shopify/ReverseFulfillmentOrderLineItem/999"', MAIN),
        f"{good}, {row.format(json.dumps(asked[1]), MAIN)}",
        row.format(json.dumps(asked[0]), '"gid://shopify/Location/999"'),
    ):
        yield "reverseFulfillmentOrderDispose", f"dispositionInputs: [{rows}]"


def _apart_refusals(clerk: Clerk) -> Iterator[tuple[str, str]]:
    for uri in ("http://example.com/h", "https://one.myshopify.com/h", "ftp://example.com/h"):
        yield "webhookSubscriptionCreate", f'topic: ORDERS_CREATE, webhookSubscription: {{uri: "{uri}"}}'
    yield "bulkOperationRunQuery", 'query: "{ shop { name } }"'
    query = json.dumps("{ products { edges { node { id } } } }")
    done = clerk.do("bulkOperationRunQuery", f"query: {query}")["bulkOperation"]["id"]
    clerk.clock.advance(1)
    yield "bulkOperationCancel", f'id: "{done}"'


@pytest.mark.parametrize(
    "refusals",
    [
        *(_stock_refusals, _goods_refusals, _shipping_refusals, _order_refusals, _returned_refusals),
        _apart_refusals,
    ],
    ids=lambda each: each.__name__.strip("_"),
)
def test_what_is_refused_is_refused_in_the_recorded_words(clerk: Clerk, refusals: Any) -> None:
    _trade(clerk)
    words = {(message, code) for _, message, code in recorded()}
    for name, arguments in refusals(clerk):
        _, message, code = clerk.refused(name, arguments)
        assert (message, code) in words or (message, None) in words, (name, message, code)


def _exchanges(value: Any) -> Iterator[tuple[str, dict[str, Any], int]]:
    """(document, variables, requested cost) of everything that was recorded with its document."""
    if isinstance(value, dict):
        text, answer = value.get("query") or value.get("document"), value.get("response")
        if isinstance(text, str) and isinstance(answer, dict):
            body = answer.get("payload") or answer.get("body") or answer
            cost = (body.get("extensions") or {}).get("cost") if isinstance(body, dict) else None
            if cost:
                yield text, value.get("variables") or {}, cost["requestedQueryCost"]
        for each in value.values():
            yield from _exchanges(each)
    elif isinstance(value, list):
        for each in value:
            yield from _exchanges(each)


def test_calls_cost_what_they_cost_in_the_recordings() -> None:
    ours: dict[str, int] = {}
    theirs: dict[str, set[int]] = {}
    for path in sorted(RECORDED.rglob("*.json")):
        for text, given, cost in _exchanges(json.loads(path.read_text())):
            try:
                keyed = without_keys(parse_document(text))
                operation = keyed.document.operations[0]
                variables = variables_of(SCHEMA, operation, given)
            except (SyntaxFault, VariableFault, KeyError):
                continue
            if [f for f in faults_of(SCHEMA, keyed.document) if "never used" not in f.message]:
                continue
            sizes = {name: value for name, value in given.items() if isinstance(value, int)}
            key = f"{text} {json.dumps(sizes, sort_keys=True)}"
            ours[key] = Meter(SCHEMA, keyed.document, variables).requested(operation)
            theirs.setdefault(key, set()).add(cost)
    assert len(ours) > 100
    assert not [f"{cost} for {theirs[key]}: {key}" for key, cost in ours.items() if cost not in theirs[key]]
