"""What a run of the harness is made of."""

from collections import Counter

import pytest

from tests.crash.planning import AREAS, area, plan, steady
from tests.crash.steps import POSTGRESQL, SQLITE, Cut, Step

OPERATIONS = {
    "shop:main: read orders": "order intake",
    "commit: customer_order received": "order intake",
    "commit: reservation made": "order intake",
    "commit: customer_order accepted": "review",
    "commit: fulfilment planned": "fulfilment",
    "commit: issue raised": "review",
    "shop:medusa: set stock": "stock push",
    "commit: offer_quantity acknowledged": "stock push",
    "warehouse: shipment.out create": "fulfilment",
    "commit: outbox create_fulfilment sending": "fulfilment",
    "commit: outbox book done": "label",
    "courier: shipments purchase": "label",
    "warehouse: package write": "label",
    "shop:main: addFulfillmentToOrder": "shop told",
    "commit: parcel told": "shop told",
    "commit: outbox confirm_shipment done": "shop told",
    "supplier:acme: order": "drop-ship",
    "commit: outbox place_order done": "drop-ship",
    "commit: po_line despatched": "drop-ship",
    "commit: supplier_report read": "drop-ship",
    "warehouse: shipment.out cancel": "cancellation",
    "commit: outbox cancel_order done": "cancellation",
    "commit: tracking_event read": "tracking",
    "commit: customer_order cancel requested": "cancellation",
    "shop:shopify: read requests": "way back",
    "shop:shopify: returnApproveRequest": "way back",
    "shop:medusa: payments/#/refund": "way back",
    "warehouse: shipment.out.return create": "way back",
    "warehouse: read receipts": "way back",
    "commit: back_case judged": "way back",
    "commit: outbox refund sending": "way back",
    "commit: outbox return_label done": "way back",
    "commit: outbox announce_return done": "way back",
    "commit: outbox answer_request done": "way back",
    "commit: message sending": "customers told",
}
STEPS = [Step(operation, f"order {n}", 1) for operation in OPERATIONS for n in range(8)]


@pytest.mark.parametrize(("operation", "expected"), OPERATIONS.items())
def test_every_operation_belongs_to_one_part_of_the_work(operation: str, expected: str) -> None:
    assert area(operation) == expected


def test_points_are_spread_evenly_over_the_parts_of_the_work() -> None:
    points = plan(STEPS, 90, 1, SQLITE)
    shares = Counter(area(point.step.operation) for point in points)
    assert set(shares) == set(AREAS)
    assert min(shares.values()) >= 7
    assert {point.cut for point in points} == set(Cut)
    assert len({(point.step, point.cut) for point in points}) >= 85


def test_one_point_in_ten_runs_on_postgresql_and_one_in_ten_is_killed_again() -> None:
    points = plan(STEPS, 100, 1, "mixed")
    assert sum(point.database == POSTGRESQL for point in points) == 10
    assert sum(point.again for point in points) == 10
    assert not any(point.again and point.cut is Cut.AFTER_COMMIT for point in points)


def test_a_seed_always_plans_the_same_and_another_one_other_points() -> None:
    assert plan(STEPS, 50, 4, "mixed") == plan(list(STEPS), 50, 4, "mixed")
    assert plan(STEPS, 50, 4, "mixed") != plan(STEPS, 50, 5, "mixed")


def test_only_steps_that_every_run_reached_are_planned() -> None:
    sure, by_chance = Step("commit: outbox book done", "plain", 2), Step("shop:main: read orders", "plain", 2)
    alone = Step("commit: parcel told", "plain", 1)
    passed = Step("commit: customer_order sent", "plain", 1)
    numbered = Step("warehouse: shipment.out.return write", "sent back", 1)
    assert steady([[sure, by_chance, alone, passed, numbered], [sure, by_chance, passed, numbered]]) == [sure]
