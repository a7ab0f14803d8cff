"""Answers recorded from real test shops, read by the connector's own payloads: good ones, refusals and errors."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from connectors.contract import ConnectorError, Deadline, Rejected
from connectors.storefronts.shopify import MANIFEST, documents
from connectors.storefronts.shopify.client import Client
from connectors.storefronts.shopify.options import Options
from connectors.storefronts.shopify.payloads import Envelope, UserError
from connectors.storefronts.shopify.refusals import refused_by
from connectors.storefronts.shopify.sums import add_up
from connectors.transport import Uncertain, decode
from sync.domain.money import Money
from tests.contracts.shopify_shapes import ROOTS, loosened
from tests.contracts.shopify_specs import HERE, Said, recorded
from tests.unit.shopify import made
from tests.unit.shopify.scripted import Scripted, setup

pytestmark = pytest.mark.skipif(not HERE and "CI" not in os.environ, reason="the recordings are not here")
_PERSONAL = ("@example.com", "Lovelace")


def values(root: str) -> list[tuple[Said, Any]]:
    """Every recorded value of a root field."""
    found = ((said, said.data.get(root)) for said in recorded())
    return [(said, value) for said, value in found if value is not None]


@pytest.mark.parametrize("root", sorted(ROOTS))
def test_every_recorded_value_of_a_root_field_that_is_used_fits_its_payload(root: str) -> None:
    """A recording may have asked for less than we do; what it has must be as we read it."""
    shape = loosened(ROOTS[root])
    wrong = []
    for said, value in values(root):
        try:
            decode(msgspec.json.encode(value), type=shape)
        except msgspec.ValidationError as error:
            wrong.append(f"{said}: {error}")
    assert wrong == []


def test_recordings_of_the_connector_s_operations_were_read() -> None:
    read = Counter({root: len(values(root)) for root in ROOTS})
    print({root: count for root, count in read.most_common() if count})
    for root in (
        "order",
        "inventorySetQuantities",
        "fulfillmentCreate",
        "productVariantsBulkUpdate",
        "bulkOperation",
    ):
        assert read[root] > 0, f"no recording of {root} was read"
    assert read.total() > 100


def sold(value: Any) -> Iterator[dict[str, Any]]:
    """Recorded orders that say what their lines cost, with tax, wherever they stand in an answer.

    Those with a discount are left out, for the recordings do not say on which line it falls; so are pages of lines.
    """
    if isinstance(value, list):
        for each in value:
            yield from sold(each)
    if not isinstance(value, dict):
        return
    page = value.get("lineItems")
    lines = page.get("nodes") if isinstance(page, dict) and "pageInfo" not in page else None
    told = {"originalUnitPriceSet", "quantity", "taxLines"}
    if lines and "totalPriceSet" in value and all(told <= set(each) for each in lines):
        subtotal = value.get("subtotalPriceSet")
        goods = sum(price(each["originalUnitPriceSet"]) * each["quantity"] for each in lines)
        if subtotal is None or price(subtotal) == goods:
            yield value
    for each in value.values():
        yield from sold(each)


def price(bag: dict[str, Any]) -> Decimal:
    return Decimal(bag["shopMoney"]["amount"])


def as_asked(order: dict[str, Any]) -> Any:
    """The order as it would have come had all of our fields been asked for."""
    currency = order["totalPriceSet"]["shopMoney"]["currencyCode"]
    lines = []
    for number, each in enumerate(order["lineItems"]["nodes"]):
        total = price(each["originalUnitPriceSet"]) * each["quantity"]
        lines.append(made.line(number, str(total), currency=currency) | each)
    return made.order(
        str(price(order["totalPriceSet"])),
        *lines,
        currency=currency,
        totalTaxSet=order.get("totalTaxSet"),
        displayFinancialStatus=order.get("displayFinancialStatus"),
    )


def test_recorded_totals_are_made_of_the_lines_as_we_count_them() -> None:
    """Before an edit, within it and after it: units that it took off stay in the total."""
    read = edited = 0
    for said in recorded():
        for order in sold(said.data):
            whole = as_asked(order)
            assert add_up(whole).total == Money.of(price(order["totalPriceSet"]), whole.currency_code), said
            read += 1
            edited += any(
                each.get("currentQuantity", each["quantity"]) < each["quantity"]
                for each in order["lineItems"]["nodes"]
            )
    print(f"{read} orders, {edited} of them edited")
    assert (read > 3, edited > 0) == (True, True)


def complaints() -> list[tuple[str, list[Any]]]:
    """Recorded user errors of the operations that are used."""
    found = []
    for root in ROOTS:
        for said, value in values(root):
            for name in ("userErrors", "orderCancelUserErrors"):
                if isinstance(value, dict) and value.get(name):
                    found.append((f"{said} {root}", value[name]))
    return found


def test_recorded_complaints_become_outcomes_in_our_words() -> None:
    read = 0
    for place, errors in complaints():
        said = decode(msgspec.json.encode(errors), type=list[UserError])
        refused = refused_by(said, "the attempt")
        assert isinstance(refused, Rejected), place
        assert refused.reason.startswith("the attempt: "), place
        for error in errors:
            assert error["message"] not in refused.reason, place
        read += 1
    print(f"{read} complaints")
    assert read > 0


def faults() -> list[Said]:
    """Recorded answers with errors of GraphQL, each kind once."""
    kinds: dict[str, Said] = {}
    for said in recorded():
        errors = said.body.get("errors")
        if isinstance(errors, list) and errors:
            kinds.setdefault(json.dumps([errors[0].get("extensions"), errors[0].get("path")]), said)
    return list(kinds.values())


async def test_recorded_errors_are_errors_of_the_contract_and_quote_nothing() -> None:
    read = 0
    for said in faults():
        body = {name: value for name, value in said.body.items() if name in ("data", "errors", "extensions")}
        for document in (documents.SHOP, documents.REFUND):
            given = setup(Scripted([body]))
            assert isinstance(given.options, Options)
            client = Client(given, given.options, MANIFEST.limits)
            with pytest.raises((ConnectorError, Uncertain)) as told:
                await client.send(document, {}, Deadline.after(5))
            await client.close()
            assert said.body["errors"][0]["message"] not in str(told.value), said
        read += 1
    print(f"{read} kinds of errors")
    assert read > 0


def test_recorded_costs_fill_the_bucket() -> None:
    read = 0
    for said in recorded():
        if "extensions" not in said.body:
            continue
        envelope = decode(msgspec.json.encode({**said.body, "data": None}), type=Envelope)
        cost = envelope.extensions.cost if envelope.extensions else None
        if cost is None or cost.throttle_status is None:
            continue
        assert (cost.throttle_status.maximum_available, cost.throttle_status.restore_rate) == (2000, 100), (
            said
        )
        read += 1
    print(f"{read} costs")
    assert read > 0
