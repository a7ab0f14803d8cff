"""Any order comes through with its money adding up, and any edits end where one reading at the end does.

The money is compared with what the shop answers over HTTP. Each class of order that is named below must occur in at
least two of a hundred examples.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import Deadline
from sandbox.clock import SetClock
from sandbox.storefront.woocommerce.builder import Street, running
from sandbox.storefront.woocommerce.rules import Rate
from sync.domain.money import Money, exponent
from sync.domain.orders import PaymentStatus, RemoteOrder

from .conftest import V8, V11, later, opened, read_all

VAT = (Rate(1, Decimal(19), "VAT"), Rate(2, Decimal(7), "VAT", tax_class="reduced-rate"))
SALES = (Rate(1, Decimal("8.875"), "NY TAX"), Rate(2, Decimal("1.5"), "CITY", priority=2))
SHOPS = {
    "untaxed": V11,
    "tax on top": replace(V11, rates=SALES),
    "tax on top, rounded at the subtotal": replace(V8, rates=SALES, round_at_subtotal=True),
    "tax inside": replace(V8, rates=VAT, prices_include_tax=True, currency="EUR"),
    "tax inside, rounded at the subtotal": replace(
        V11, rates=VAT, prices_include_tax=True, round_at_subtotal=True, currency="EUR"
    ),
    "yen": replace(V8, rates=VAT, prices_include_tax=True, currency="JPY", decimals=0),
    "dinars": replace(V11, rates=SALES, currency="KWD", decimals=3),
    "yen with digits": replace(V11, rates=SALES, currency="JPY", decimals=2),
    "dollars without cents": replace(V8, rates=SALES, decimals=0),
    "dollars with three digits": replace(V8, rates=VAT, prices_include_tax=True, decimals=3),
}
SETTINGS = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@dataclass
class Seen:
    """How often each class of order occurred."""

    whole: int = 0
    classes: Counter[str] = field(default_factory=Counter)


SEEN = Seen()


@pytest.fixture(scope="module")
def streets() -> Iterator[dict[str, Street]]:
    with ExitStack() as stack:
        found = {}
        for name, rules in SHOPS.items():
            clock = SetClock(datetime(2026, 3, 2, 12, tzinfo=UTC))
            found[name] = stack.enter_context(running(rules, clock=clock))
            for n, price in enumerate(("3.33", "19.99", "0.07", "1250", "7.77")):
                found[name].staff.add_product(f"P{n}", price=price, units=100_000)
        yield found


def amount(minor: int, currency: str) -> str:
    return str(Money(minor, currency).major)


LINES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(1, 5), st.booleans()),
    min_size=1,
    max_size=5,
    unique_by=lambda x: x[0],
)
"""(product, units, whether it is discounted)"""


@pytest.mark.parametrize("name", SHOPS)
@SETTINGS
@given(
    lines=LINES,
    shipping=st.one_of(st.just(0), st.integers(1, 2000)),
    fee=st.one_of(st.just(0), st.integers(-300, 900)),
    back=st.one_of(st.just(0), st.integers(1, 4)),
    by_lines=st.booleans(),
)
def test_the_money_of_any_order_adds_up_to_the_minor_unit(
    streets: dict[str, Street],
    name: str,
    lines: list[tuple[int, int, bool]],
    shipping: int,
    fee: int,
    back: int,
    by_lines: bool,
) -> None:
    street = streets[name]
    currency = street.shop.rules.currency
    id = bought(street, lines, shipping, fee)
    shown = street.staff.get(f"orders/{id}")
    units, money = refunded(street, shown, back, by_lines=by_lines) if back else (0, 0)
    order = asyncio.run(read(street, id))
    parts = sum(line.total.minor for line in order.lines) + order.shipping.minor + order.adjustments.minor
    assert parts == order.total.minor == Money.of(shown["total"], currency).minor
    assert sum(line.quantity for line in order.lines) == sum(each[1] for each in lines) - units
    assert sum(given.amount.minor for each in order.payments for given in each.refunds) == money
    if order.total.minor and 0 < money < order.total.minor:
        assert order.payment is PaymentStatus.PART_REFUNDED
    noted(name, lines, shipping, fee, units, money)


def bought(street: Street, lines: list[tuple[int, int, bool]], shipping: int, fee: int) -> int:
    currency, products = street.shop.rules.currency, {}
    rows: list[dict[str, Any]] = []
    for product, units, discounted in lines:
        found = products.setdefault(product, street.staff.find(f"P{product}"))
        row = {"product_id": found["id"], "quantity": units}
        if discounted:
            row |= {"subtotal": amount(1000, currency), "total": amount(333, currency)}
        rows.append(row)
    body: dict[str, Any] = {"line_items": rows, "set_paid": True}
    if shipping:
        body["shipping_lines"] = [{"method_id": "flat_rate", "total": amount(shipping, currency)}]
    if fee:
        body["fee_lines"] = [{"name": "Fee", "total": amount(fee, currency)}]
    return street.staff.buy({}, **body)


def refunded(street: Street, shown: dict[str, Any], back: int, *, by_lines: bool) -> tuple[int, int]:
    """Units and minor units that were given back."""
    currency = street.shop.rules.currency
    line = shown["line_items"][0]
    units = min(back, line["quantity"]) if by_lines else 0
    most = Money.of(shown["total"], currency).minor
    money = min(most, back * 10 ** exponent(currency))
    if money <= 0:
        return 0, 0
    body: dict[str, Any] = {"amount": amount(money, currency), "api_refund": False}
    if units:
        body["line_items"] = [{"id": line["id"], "quantity": units, "refund_total": 0}]
    street.staff.post(f"orders/{shown['id']}/refunds", body)
    if money == most and street.staff.get(f"orders/{shown['id']}")["status"] == "refunded":
        units = sum(each["quantity"] for each in shown["line_items"])
    return units, money


def noted(
    name: str, lines: list[tuple[int, int, bool]], shipping: int, fee: int, units: int, money: int
) -> None:
    SEEN.whole += 1
    SEEN.classes[name] += 1
    SEEN.classes["discounted"] += any(each[2] for each in lines)
    SEEN.classes["with shipping"] += shipping > 0
    SEEN.classes["with a surcharge"] += fee > 0
    SEEN.classes["with a negative fee"] += fee < 0
    SEEN.classes["part refunded by lines"] += units > 0
    SEEN.classes["part refunded by amount"] += money > 0 and not units


async def read(street: Street, id: int) -> RemoteOrder:
    shop = opened(street)
    order = await shop.order(str(id), Deadline.after(30))
    await shop.close()
    assert order is not None
    return order


def test_every_class_of_order_has_occurred() -> None:
    assert SEEN.whole
    wanted = {*SHOPS, "discounted", "with shipping", "with a surcharge", "with a negative fee"}
    wanted |= {"part refunded by lines", "part refunded by amount"}
    rare = {name for name in wanted if SEEN.classes[name] * 50 < SEEN.whole}
    assert not rare


ACTS = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(["place", "pay", "note", "units", "add", "refund", "cancel", "complete", "trash"]),
        st.sampled_from([0, 0, 1, 90, 4000]),
        st.booleans(),
    ),
    min_size=1,
    max_size=25,
)
"""(an order, what happens to it, seconds that pass before, whether the feed is read a page further after)"""


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(name=st.sampled_from(["tax on top", "tax inside"]), acts=ACTS)
def test_any_edits_end_in_the_state_that_one_reading_at_the_end_shows(
    streets: dict[str, Street], name: str, acts: list[tuple[int, str, int, bool]]
) -> None:
    asyncio.run(edited(streets[name], acts))


async def edited(street: Street, acts: list[tuple[int, str, int, bool]]) -> None:
    shop = opened(street, page_items=3)
    later(street, 10_000)
    start = opened(street, orders_from=street.shop.clock.now(), page_items=3)
    _, cursor = await read_all(start)
    await start.close()
    placed: dict[int, int] = {}
    told: dict[str, RemoteOrder] = {}
    for which, act, seconds, reads in acts:
        later(street, seconds)
        happen(street, placed, which, act)
        if reads:
            page = await shop.orders(cursor, Deadline.after(30))
            told |= {order.external_id: order for order in page.records}
            cursor = page.cursor or cursor
    later(street, 1)
    records, _ = await read_all(shop, cursor)
    told |= {order.external_id: order for order in records}
    for id in placed.values():
        shown = await shop.order(str(id), Deadline.after(30))
        assert shown is not None
        if street.staff.get(f"orders/{id}")["status"] != "trash":
            assert replace(told[str(id)], raw=b"") == replace(shown, raw=b"")
    await shop.close()


def happen(street: Street, placed: dict[int, int], which: int, act: str) -> None:
    if which not in placed:
        placed[which] = street.staff.buy({"P0": 3}, status="on-hold")
        return
    id = placed[which]
    shown = street.staff.get(f"orders/{id}")
    if shown["status"] == "trash":
        return
    match act:
        case "pay":
            street.staff.put(f"orders/{id}", {"set_paid": True})
        case "note":
            street.staff.put(f"orders/{id}", {"customer_note": f"note {shown['customer_note']}"[:200]})
        case "units" if shown["line_items"]:
            line = shown["line_items"][0]
            street.staff.put(
                f"orders/{id}", {"line_items": [{"id": line["id"], "quantity": line["quantity"] + 1}]}
            )
        case "add":
            street.staff.put(f"orders/{id}", {"line_items": [{"product_id": street.staff.find("P4")["id"]}]})
        case "refund" if Decimal(shown["total"]) - _given(shown) >= Decimal("0.5"):
            street.staff.post(f"orders/{id}/refunds", {"amount": "0.50", "api_refund": False})
        case "cancel" | "complete":
            street.staff.put(f"orders/{id}", {"status": "cancelled" if act == "cancel" else "completed"})
        case "trash":
            street.staff.delete(f"orders/{id}")


def _given(shown: dict[str, Any]) -> Decimal:
    return -sum((Decimal(each["total"]) for each in shown["refunds"]), Decimal(0))
