"""The judge reads exactly what was done: by a daemon that is wrong on purpose, and in hand-made ledgers."""

from collections.abc import AsyncIterator

import pytest

from sandbox.assortment import SCARCE, STEADY
from sandbox.fake_daemon import FakeDaemon, Misdeeds
from sandbox.judge import judge
from sandbox.ledger import Ledger
from sandbox.people import People
from sandbox.serving import Served, serve
from sandbox.world import build


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    world = build(seed=1)
    async with serve(world, People(world)) as served:
        yield served


@pytest.mark.parametrize(
    "misdeeds",
    [
        Misdeeds(),
        Misdeeds(lose=1),
        Misdeeds(double=2),
        Misdeeds(oversell=3),
        Misdeeds(refund_twice=2),
        Misdeeds(excess=300),
        Misdeeds(lose=2, double=1, oversell=1, refund_twice=1, excess=77),
    ],
    ids=str,
)
async def test_every_counter_reads_what_the_fake_daemon_did(served: Served, misdeeds: Misdeeds) -> None:
    right = 3
    scarce = SCARCE[0]
    async with FakeDaemon(served.ready()) as daemon:
        done = await daemon.run(
            right, misdeeds, sku=STEADY[0].sku, scarce=scarce.sku, scarce_units=scarce.units
        )
    ledger = served.world.ledger
    verdict = judge(ledger.entries(), done.held, ledger.calls())
    oversold_orders = 1 if misdeeds.oversell else 0
    refunded = misdeeds.refund_twice + bool(misdeeds.excess)
    shipped = right + misdeeds.double + refunded
    assert verdict.orders_placed == shipped + misdeeds.lose + oversold_orders
    assert verdict.requests_asked == verdict.orders_refunded == len(done.refunded) == refunded
    assert verdict.orders_sent == verdict.orders_shipped == done.sent == shipped
    assert verdict.orders_held == oversold_orders
    assert verdict.lost_orders == misdeeds.lose
    assert verdict.lost == sorted(f"main/{code}" for code in done.orders[: misdeeds.lose])
    assert verdict.oversold_units == misdeeds.oversell
    assert verdict.oversold == ({scarce.sku: misdeeds.oversell} if misdeeds.oversell else {})
    twice = list(done.refunded.items())[: misdeeds.refund_twice]
    too_much = list(done.refunded)[misdeeds.refund_twice :]
    assert verdict.duplicate_effects == misdeeds.double + refunded
    assert [(each.what, each.where, each.beyond) for each in verdict.duplicates] == [
        *[("units shipped twice", f"main/{code}", 2) for code in _doubled(done.orders, misdeeds)],
        *[("refunded beyond what was asked for", f"main/{code}", sum_ // 2) for code, sum_ in twice],
        *[("refunded beyond what was asked for", f"main/{code}", misdeeds.excess) for code in too_much],
    ]
    assert verdict.parcels_told == done.told == shipped
    assert done.parcels == shipped + misdeeds.double
    assert verdict.stock_pushes == done.pushes
    assert verdict.cancelled_shipped == 0
    assert verdict.throttled == 0
    assert verdict.api_calls == dict(done.calls)
    assert verdict.flow_share == shipped / verdict.orders_placed
    assert verdict.passed is (misdeeds == Misdeeds())


def _doubled(orders: list[str], misdeeds: Misdeeds) -> list[str]:
    return orders[misdeeds.lose : misdeeds.lose + misdeeds.double]


# --- by hand ----------------------------------------------------------------------------------------------

A, B = "A" * 16, "B" * 16


def begun(units: int = 10, ordered: int = 2) -> Ledger:
    """A ledger with ten units of X and order A for two of them."""
    ledger = Ledger()
    ledger.record("warehouse", "received", sku="X", quantity=units)
    placed(ledger, A, {"X": ordered})
    return ledger


def placed(ledger: Ledger, code: str, lines: dict[str, int], paid: int = 1000) -> None:
    ledger.record("shop:s", "order_placed", code=code, paid=paid, lines=lines)


def created(ledger: Ledger, shipment: int, units: float = 2, reference: str = f"s/{A}") -> None:
    facts = {"shipment": shipment, "reference": reference, "lines": {"X": units}}
    ledger.record("warehouse", "shipment_created", **facts)


def shipped(ledger: Ledger, shipment: int, units: float = 2, reference: str = f"s/{A}") -> None:
    facts = {"shipment": shipment, "reference": reference, "lines": {"X": units}, "tracking": []}
    ledger.record("warehouse", "shipment_shipped", **facts)


def test_an_order_in_two_part_shipments_is_shipped_once() -> None:
    ledger = begun()
    for shipment in (1, 2):
        created(ledger, shipment, 1)
        shipped(ledger, shipment, 1)
    verdict = judge(ledger.entries())
    assert (verdict.orders_sent, verdict.orders_shipped, verdict.duplicate_effects) == (1, 1, 0)


def test_the_vanished_rest_of_a_part_shipment_may_be_ordered_again() -> None:
    ledger = begun()
    created(ledger, 1, 2)
    shipped(ledger, 1, 1)
    created(ledger, 2, 1)
    assert judge(ledger.entries()).duplicate_effects == 0


def test_a_partly_shipped_order_is_lost() -> None:
    ledger = begun()
    created(ledger, 1)
    shipped(ledger, 1, 1)
    assert judge(ledger.entries()).lost == [f"s/{A}"]


def test_a_second_warehouse_order_counts_before_it_ships() -> None:
    ledger = begun()
    created(ledger, 1)
    created(ledger, 2)
    (found,) = judge(ledger.entries()).duplicates
    assert (found.what, found.where, found.beyond) == ("ordered twice at the warehouse", f"s/{A}", 2)


def test_a_second_warehouse_order_that_was_cancelled_does_not_count() -> None:
    ledger = begun()
    created(ledger, 1)
    created(ledger, 2)
    ledger.record("warehouse", "shipment_cancelled", shipment=2, reference=f"s/{A}", lines={"X": 2})
    assert judge(ledger.entries()).duplicate_effects == 0


def test_labels_beyond_one_a_parcel_count_unless_voided() -> None:
    ledger = begun()
    created(ledger, 1)
    ledger.record("warehouse", "shipment_packed", shipment=1, reference=f"s/{A}", parcels=2, lines={})
    for number in ("T1", "T2", "T3"):
        ledger.record("courier", "label_bought", shipment="sh", reference=f"s/{A}", tracking=number)
    (found,) = judge(ledger.entries()).duplicates
    assert (found.what, found.beyond) == ("label bought twice", 1)
    ledger.record("courier", "label_voided", tracking="T3")
    assert judge(ledger.entries()).duplicate_effects == 0


def test_a_label_for_the_way_back_is_not_a_second_one_for_the_way_out() -> None:
    ledger = begun()
    created(ledger, 1)
    ledger.record("courier", "label_bought", shipment="a", reference=f"s/{A}", tracking="T1")
    for number in ("T2", "T3"):
        assert judge(ledger.entries()).duplicate_effects == 0
        facts = {"shipment": number, "reference": f"s/{A}/R1", "tracking": number}
        ledger.record("courier", "label_bought", back=True, **facts)
    (found,) = judge(ledger.entries()).duplicates
    assert (found.what, found.beyond) == ("return label bought twice", 1)


def test_refunds_beyond_what_was_paid_count() -> None:
    ledger = begun()
    for number, amount in (("1", 600), ("2", 400), ("3", 1)):
        ledger.record("shop:s", "refunded", code=A, refund=number, amount=amount)
    (found,) = judge(ledger.entries()).duplicates
    assert (found.what, found.beyond) == ("refunded beyond what was paid", 1)


def asked(ledger: Ledger, request: str = "R1", units: int = 1, worth: int = 500, **instead: int) -> None:
    facts = {"code": A, "request": request, "lines": {"X": units}, "instead": instead, "worth": worth}
    ledger.record("shop:s", "back_asked", **facts)


def refunded(ledger: Ledger, amount: int, *, by_staff: bool = False) -> None:
    ledger.record("shop:s", "refunded", code=A, refund="r", amount=amount)
    if by_staff:
        ledger.record("shop:s", "refunded_by_staff", code=A, amount=amount)


def test_refunds_beyond_what_a_buyer_asked_for_count_and_those_of_staff_do_not() -> None:
    ledger = begun()
    asked(ledger)
    refunded(ledger, 504)
    assert judge(ledger.entries()).duplicate_effects == 0, "a cent each for price, tax, sending and discount"
    refunded(ledger, 300, by_staff=True)
    assert judge(ledger.entries()).duplicate_effects == 0
    refunded(ledger, 1)
    (found,) = judge(ledger.entries()).duplicates
    assert (found.what, found.beyond) == ("refunded beyond what was asked for", 5)


def test_each_request_of_an_order_has_its_own_money() -> None:
    ledger = begun()
    asked(ledger)
    asked(ledger, "R2")
    refunded(ledger, 1000)
    assert judge(ledger.entries()).duplicate_effects == 0


def test_goods_that_are_on_sale_again_and_were_not_paid_back_break_the_promise() -> None:
    ledger = begun()
    asked(ledger, units=2)
    for units in (1, 1):
        assert judge(ledger.entries()).unrefunded == []
        facts = {"reference": f"s/{A}/R1", "sku": "X", "document": 1}
        ledger.record("warehouse", "restocked", quantity=units, **facts)
    verdict = judge(ledger.entries())
    assert verdict.unrefunded == [f"s/{A}"]
    assert "goods came back and no money was given" in verdict.broken
    refunded(ledger, 1)
    assert judge(ledger.entries()).unrefunded_orders == 0


def test_what_goes_out_instead_is_no_second_shipment() -> None:
    ledger = begun(ordered=1)
    asked(ledger, X=1)
    for shipment in (1, 2, 3):
        created(ledger, shipment, 1)
        shipped(ledger, shipment, 1)
    (found,) = judge(ledger.entries()).duplicates
    assert (found.what, found.beyond) == ("units shipped twice", 1)


def test_a_parcel_that_is_announced_to_the_warehouse_twice_counts() -> None:
    ledger = begun()
    for reference in ("of nobody", "of nobody", f"s/{A}/R1", f"s/{A}/R2", f"s/{A}/R1 | T1"):
        assert judge(ledger.entries()).duplicate_effects == 0
        ledger.record("warehouse", "return_announced", document=1, reference=reference, lines={"X": 1})
    (found,) = judge(ledger.entries()).duplicates
    assert (found.what, found.where, found.beyond) == ("return announced twice", f"s/{A}/R1", 1)


def test_fulfilments_beyond_what_was_ordered_count_unless_cancelled() -> None:
    ledger = begun()
    for number in ("1", "2"):
        facts = {"code": A, "fulfilment": number, "tracking": "T", "lines": {"X": 2}}
        ledger.record("shop:s", "fulfilment_created", **facts)
    (found,) = judge(ledger.entries()).duplicates
    assert (found.what, found.beyond) == ("fulfilled twice at the shop", 2)
    ledger.record("shop:s", "fulfilment_moved", code=A, fulfilment="2", state="Cancelled", tracking="T")
    assert judge(ledger.entries()).duplicate_effects == 0


def test_units_sold_beyond_what_was_ever_received_are_oversold() -> None:
    ledger = begun(units=3)
    placed(ledger, B, {"X": 2})
    assert judge(ledger.entries()).oversold == {"X": 1}
    ledger.record("warehouse", "received", sku="X", quantity=1)
    assert judge(ledger.entries()).oversold_units == 0


def test_cancelled_units_are_not_oversold() -> None:
    ledger = begun(units=1)
    ledger.record("shop:s", "order_cancelled", code=A, lines={"X": 1})
    assert judge(ledger.entries()).oversold_units == 0


def test_a_cancelled_order_is_neither_lost_nor_expected_to_flow() -> None:
    ledger = begun()
    ledger.record("shop:s", "order_cancelled", code=A, lines={"X": 2})
    verdict = judge(ledger.entries())
    assert (verdict.orders_cancelled, verdict.lost_orders, verdict.flow_share) == (1, 0, 1.0)


def test_shipping_after_a_cancel_is_counted() -> None:
    ledger = begun()
    created(ledger, 1)
    ledger.record("shop:s", "order_cancelled", code=A, lines={"X": 2})
    shipped(ledger, 1)
    assert judge(ledger.entries()).cancelled_shipped == 1


def test_a_cancel_after_shipping_is_not_counted() -> None:
    ledger = begun()
    created(ledger, 1)
    shipped(ledger, 1)
    ledger.record("shop:s", "order_cancelled", code=A, lines={"X": 2})
    assert judge(ledger.entries()).cancelled_shipped == 0


def test_a_line_that_nobody_can_know_is_not_expected_to_flow_but_must_be_held() -> None:
    ledger = begun()
    placed(ledger, B, {"": 1, "X": 1})
    created(ledger, 1)
    shipped(ledger, 1)
    assert judge(ledger.entries()).lost == [f"s/{B}"]
    verdict = judge(ledger.entries(), held=[f"s/{B}"])
    assert (verdict.lost_orders, verdict.orders_held, verdict.flow_share) == (0, 1, 1.0)


def test_an_order_that_a_supplier_refuses_is_not_expected_to_flow_but_must_be_held() -> None:
    ledger = begun()
    created(ledger, 1)
    shipped(ledger, 1)
    placed(ledger, B, {"X": 1})
    ledger.record("supplier:acme", "refused", shipment="S1", reference=f"s/{B}/1", lines={"X": 1})
    assert judge(ledger.entries()).lost == [f"s/{B}"]
    verdict = judge(ledger.entries(), held=[f"s/{B}"])
    assert (verdict.lost_orders, verdict.orders_held, verdict.flow_share) == (0, 1, 1.0)


def test_holding_too_many_orders_fails_the_run() -> None:
    ledger = begun()
    verdict = judge(ledger.entries(), held=[f"s/{A}"])
    assert verdict.lost_orders == 0
    assert verdict.broken == ["too few of the orders that should flow were shipped"]


def test_throttled_calls_are_counted() -> None:
    ledger = Ledger()
    for status in (200, 429, 429):
        ledger.call("shop:s", "/admin-api", status)
    verdict = judge(ledger.entries(), calls=ledger.calls())
    assert (verdict.api_calls, verdict.throttled) == ({"shop:s": 3}, 2)
