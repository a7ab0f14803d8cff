"""The demo keeps its promise, with and without faults, and leaves nothing behind."""

import json

import pytest

from tests.acceptance.conftest import entrepot

pytestmark = [pytest.mark.xdist_group("acceptance"), pytest.mark.timeout(400)]
PROMISED = (
    "orders_placed",
    "orders_pulled",
    "orders_sent",
    "orders_held",
    "parcels_told",
    "parcels_delivered",
    "stock_pushes",
    "oversold_units",
    "lost_orders",
    "duplicate_effects",
    "api_calls",
    "throttled",
)


def test_the_demo_keeps_its_promise() -> None:
    done = entrepot("demo", "--seconds", "8", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 0, told["broken"]
    assert set(PROMISED) <= set(told)
    assert (told["oversold_units"], told["lost_orders"], told["duplicate_effects"]) == (0, 0, 0)
    assert told["flow_share"] >= 0.9
    assert told["orders_pulled"] == told["orders_placed"] > 10
    assert told["parcels_delivered"] > 5


def test_the_demo_keeps_its_promise_under_faults() -> None:
    done = entrepot("demo", "--seconds", "8", "--json", "--faults", "--seed", "3", timeout=380)
    told = json.loads(done.stdout)
    assert done.returncode == 0, told["broken"]
    assert (told["oversold_units"], told["lost_orders"], told["duplicate_effects"]) == (0, 0, 0)


def test_a_demo_without_a_terminal_ends_in_a_summary_and_what_to_try_next() -> None:
    done = entrepot("demo", "--seconds", "3")
    assert done.returncode == 0, done.stderr
    assert "the judge, by the sandbox's own books" in done.stdout
    assert "try next" in done.stdout
