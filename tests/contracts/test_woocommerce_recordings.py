"""Every real answer of WooCommerce 11.0.1 and 8.6.1 that we hold is read, and means what the dialect page says."""

import json
import os
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from woocommerce_exchanges import SPECS, Exchange, deliveries, examples, exchanges

from connectors.contract import Feed
from connectors.storefronts.woocommerce import Options, parcels, payloads, shelf, translate, webhook_reader
from connectors.storefronts.woocommerce.orders import head_of
from connectors.transport import Secret, decode
from sync.domain.money import exponent, total
from sync.domain.orders import OrderStatus, RemoteOrder

if not SPECS.is_dir() and "CI" not in os.environ:
    pytest.skip("the recordings of real shops are not here", allow_module_level=True)

OPTIONS = Options(url="https://shop.example")
STATES = {"packed": OrderStatus.OPEN}
"""What a plugin of the recorded shop had made."""
READ: dict[str, type[Any]] = {
    r"orders": list[msgspec.Raw],
    r"orders/\d+": payloads.Order,
    r"orders/batch": payloads.Batch,
    r"orders/\d+/refunds": list[payloads.Refund],
    r"orders/\d+/refunds/\d+": payloads.Refund,
    r"orders/\d+/notes": list[payloads.Note],
    r"orders/\d+/notes/\d+": payloads.Note,
    r"products": list[payloads.Product],
    r"products/\d+": payloads.Product,
    r"products/batch": payloads.Batch,
    r"products/\d+/variations": list[payloads.Variation],
    r"products/\d+/variations/\d+": payloads.Variation,
    r"products/\d+/variations/batch": payloads.Batch,
    r"webhooks": list[payloads.Webhook],
    r"webhooks/\d+": payloads.Webhook,
}
OTHERS = re.compile(r"coupons|customers|duplicate|/wp-json/|products/(categories|attributes|tags)")
"""What we do not read: coupons by themselves, the shopper's own API, terms, and addresses that are not there."""
NOT_READ = {
    *("coupons", "customers", "data", "introduction", "payment-gateways", "reports", "settings"),
    *("product-attribute-terms", "product-attributes", "product-categories", "product-reviews"),
    *("product-shipping-classes", "product-tags", "tax-classes", "taxes", "system-status-tools"),
    *("shipping-methods", "shipping-zone-locations", "shipping-zone-methods", "shipping-zones"),
}
"""Official examples of resources that the connector asks nothing about."""
LISTS = {"orders", "products", "webhooks"}
ALL = list(exchanges())
OK = [one for one in ALL if one.status < 300 and one.whole]


def shape(one: Exchange) -> type[Any] | None:
    for pattern, found in READ.items():
        if re.fullmatch(pattern, one.place):
            made = one.method == "POST" and one.place.split("/")[-1] in {
                *LISTS,
                "refunds",
                "notes",
                "variations",
            }
            if not made:
                return found
            return {"orders": payloads.Order, "products": payloads.Product, "webhooks": payloads.Webhook,
                    "refunds": payloads.Refund, "notes": payloads.Note, "variations": payloads.Variation}[
                one.place.split("/")[-1]
            ]  # fmt: skip
    return None


def test_the_recordings_are_there() -> None:
    cases = {one.case for one in ALL}
    assert len(cases) > 320
    assert {"11.0.1", "8.6.1"} <= {case.split("__")[0] for case in cases}


def test_every_file_is_read_or_named_as_of_no_concern() -> None:
    read = {one.case for one in ALL} | {one["case"] for one in deliveries()}
    for folder in ("recorded", "zoo"):
        assert {path.stem for path in (SPECS / folder).iterdir()} <= read
    official = {path.stem.rsplit("-", 1)[0] for path in (SPECS / "json").iterdir()}
    assert official == {resource for resource, _ in OFFICIAL} | {"index"} | NOT_READ


def test_every_answer_that_was_fine_is_read_in_its_shape() -> None:
    read = 0
    for one in OK:
        found = shape(one)
        if found is None:
            assert OTHERS.search(one.place), f"{one}: nobody reads it"
            continue
        try:
            decode(one.raw, type=found)
        except msgspec.MsgspecError as error:
            pytest.fail(f"{one}: {error}")
        read += 1
    assert read > 800


def test_every_item_of_a_recorded_batch_is_told_apart_by_its_id_and_its_error() -> None:
    seen = set()
    for one in OK:
        if not one.place.endswith("batch"):
            continue
        batch = decode(one.raw, type=payloads.Batch)
        for item in (*(batch.create or ()), *(batch.update or ()), *(batch.delete or ())):
            said = decode(item, type=payloads.Answered)
            assert said.id or said.error
            seen.add(said.error.code if said.error else "")
    assert {"", "product_invalid_sku", "woocommerce_rest_product_invalid_id"} <= seen


def test_every_refusal_has_a_code_that_can_be_shown() -> None:
    codes = set()
    for one in ALL:
        if one.status >= 400 and "/wc/store/" not in one.place:
            codes.add(decode(one.raw, type=payloads.Body).code)
    assert {"rest_invalid_param", "woocommerce_rest_cannot_create_order_refund", "rest_no_route"} <= codes


def translated() -> Iterator[tuple[Exchange, payloads.Order, RemoteOrder]]:
    """Every recorded order as it was at that moment, with the refunds that its case shows by then."""
    refunds: dict[tuple[str, int], tuple[payloads.Refund, ...]] = {}
    for one in OK:
        if re.fullmatch(r"orders/\d+/refunds", one.place) and one.method == "GET":
            order = int(one.place.split("/")[1])
            refunds[one.case, order] = tuple(decode(one.raw, type=list[payloads.Refund]))
    for one in OK:
        for row in _orders(one):
            record = decode(row, type=payloads.Order)
            listed = {head.id for head in record.refunds or ()}
            given = [each for each in refunds.get((one.case, record.id), ()) if each.id in listed]
            if len(given) < len(listed):
                given = [payloads.Refund(h.id, -h.total, h.reason) for h in record.refunds or ()]
            shipments = parcels.shipments(record)
            yield one, record, translate.order(record, given, bytes(row), STATES, shipments)


def _orders(one: Exchange) -> list[msgspec.Raw]:
    if one.place == "orders" and one.method == "GET":
        return decode(one.raw, type=list[msgspec.Raw])
    if re.fullmatch(r"orders(/\d+)?", one.place) and isinstance(one.body, dict):
        return [msgspec.Raw(one.raw)]
    return []


def test_the_money_of_every_recorded_order_adds_up_to_the_minor_unit() -> None:
    seen = 0
    for one, _, order in translated():
        parts = total((line.total for line in order.lines), order.currency) + order.shipping
        assert parts + order.adjustments == order.total, one
        seen += 1
    assert seen > 450


def test_what_rounding_leaves_over_is_no_more_than_the_dialect_page_says() -> None:
    """Nothing, but where tax exclusive prices are rounded at the subtotal: there a minor unit beside total_tax."""
    differing = set()
    for one, record, _ in translated():
        parts = (*(record.line_items or ()), *(record.shipping_lines or ()), *(record.fee_lines or ()))
        gross = sum((part.total + part.total_tax for part in parts), Decimal(0))
        net = sum((part.total for part in parts), Decimal(0))
        unit = Decimal(1).scaleb(-exponent(record.currency))
        if gross != record.total:
            differing.add(one.case.split("__")[1])
            assert abs(record.total - net - record.total_tax) <= unit, one
            assert one.store.get("tax_round_at_subtotal"), one
    assert any("subtotal" in case for case in differing)


def test_quantities_of_every_recorded_order_stay_between_0_and_what_was_ordered() -> None:
    for one, _, order in translated():
        for line in order.lines:
            assert 0 <= line.quantity <= line.ordered, one


def test_every_recorded_status_is_understood() -> None:
    assert {record.status for _, record, _ in translated()} >= {
        "pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "trash", "packed",
    }  # fmt: skip


def test_every_recorded_order_has_a_place_in_the_feed() -> None:
    for one in OK:
        for row in _orders(one):
            head = head_of(row)
            assert head is not None, one
            assert -12 * 3600 <= head.ahead <= 14 * 3600, one


def test_the_shop_s_own_time_is_as_far_from_gmt_as_its_zone() -> None:
    found = {head.ahead for one in OK for row in _orders(one) if (head := head_of(row)) is not None}
    assert {28_800, 20_700, 0, -18_000} <= found


def test_no_name_keeps_an_html_entity() -> None:
    for one, _, order in translated():
        for line in order.lines:
            assert not re.search(r"&(amp|quot|#\d+);", line.title), one


def test_every_recorded_product_and_variation_is_put_on_the_shelf() -> None:
    seen: set[str] = set()
    for one in OK:
        if shape(one) is payloads.Product and one.method != "DELETE":
            product = decode(one.raw, type=payloads.Product)
            told = shelf.of_product(product, one.raw, "USD", False)
            assert told.external_id == str(product.id)
            seen.add(product.type)
    assert {"simple", "variable", "grouped", "external"} <= seen


def test_a_variation_may_use_its_product_s_stock_in_both_generations() -> None:
    for version in ("11.0.1", "8.6.1"):
        case = f"{version}__product_variable_parent_managed_stock"
        product, variations = [one for one in OK if one.case == case][:2]
        whole = decode(product.raw, type=payloads.Product)
        rows = decode(variations.raw, type=list[payloads.Variation])
        shared = [row for row in rows if row.manage_stock == "parent"]
        assert shared
        assert {shelf.of_variation(row, whole, b"", None, None).available for row in shared} == {7}


OFFICIAL: list[tuple[str, Callable[[str], type[Any] | None]]] = [
    ("orders", lambda end: payloads.Batch if "batch" in end else payloads.Order),
    ("order-refunds", lambda end: payloads.Refund),
    ("order-notes", lambda end: payloads.Note),
    ("products", lambda end: payloads.Batch if "batch" in end else payloads.Product),
    ("product-variations", lambda end: payloads.Batch if "batch" in end else payloads.Variation),
    ("webhooks", lambda end: payloads.Batch if "batch" in end else payloads.Webhook),
    ("setting-options", lambda end: payloads.Batch if "batch" in end else payloads.Setting),
    ("system-status", lambda end: payloads.SystemStatus if end.endswith("system_status") else None),
]


@pytest.mark.parametrize(("resource", "shape_of"), OFFICIAL, ids=[name for name, _ in OFFICIAL])
def test_every_official_example_is_read(resource: str, shape_of: Callable[[str], type[Any] | None]) -> None:
    read = 0
    for name, endpoint, answer in examples(resource):
        found = shape_of(endpoint)
        if found is None:
            continue
        for one in answer if isinstance(answer, list) else [answer]:
            try:
                decode(json.dumps(one).encode(), type=found)
            except msgspec.ValidationError as error:
                pytest.fail(f"{name} ({endpoint}): {error}")
            read += 1
    assert read


def test_every_recorded_delivery_is_signed_with_the_secret_of_its_webhook_and_says_where_to_look() -> None:
    seen = set()
    for one in deliveries():
        headers = {name.lower(): value for name, value in one["headers"]}
        topic = headers.get("x-wc-webhook-topic", "")
        reader = webhook_reader(Secret(f"sec-{topic}"), OPTIONS)
        told = reader.read(headers, one["body"].encode())
        assert told.feeds == (frozenset() if not topic else {Feed(f"{topic.split('.')[0]}s")})
        seen.add(topic)
    assert {"", "order.created", "order.deleted", "product.updated"} <= seen
