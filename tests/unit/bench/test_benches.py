"""Each benchmark at a tiny scale: the installed program does the job, and the result is verified."""

import pytest

from bench import machine, plan, pull, push, recompute, unsent
from bench.places import Kind
from bench.process import serving
from bench.register import Databases, Wish
from bench.shop import Window

TINY = Wish(scale=0.001, databases=Databases.SQLITE, peers=False)


@pytest.mark.timeout(400)
def test_push_sends_each_changed_quantity_once_and_is_never_refused() -> None:
    report = push.measure(TINY, windows=(Window.SLIDING,))
    assert report.faults == ()
    assert {goal.what: goal.measured for goal in report.goals} == {
        "write calls, sqlite, sliding": 20,
        "refused calls, sqlite, sliding": 0,
    }
    assert report.last_line.startswith("push: ratio ")
    assert "(goal at most 1.10): " in report.last_line


@pytest.mark.timeout(400)
def test_unsent_finds_what_differs_and_recomputes_only_what_a_figure_moves() -> None:
    report = unsent.measure(TINY)
    assert report.faults == ()
    counts = {goal.what: goal.measured for goal in report.goals}
    assert counts[f"offers touched by one figure, {Kind.SQLITE}"] == 1
    assert report.last_line.startswith("unsent: ratio ")


@pytest.mark.timeout(400)
def test_pull_stores_binds_and_reserves_every_order_and_keeps_it_as_it_was_served() -> None:
    with serving("bench.order_shop", "250", cores=machine.cores().server) as ready:
        assert pull.intake(Kind.SQLITE, ready["url"], 250).faults == []


@pytest.mark.timeout(400)
def test_recompute_gives_every_offer_its_new_quantity_and_price_and_one_sku_touches_its_own_offers() -> None:
    report = recompute.measure(TINY)
    assert report.faults == ()
    counts = {goal.what: goal.measured for goal in report.goals}
    assert counts[f"offers touched by one SKU, {Kind.SQLITE}"] == 6
    assert report.last_line.startswith("recompute: ratio ")


@pytest.mark.timeout(400)
def test_plan_counts_what_is_unsent_and_what_other_rules_would_change_and_writes_nothing() -> None:
    report = plan.measure(TINY)
    assert report.faults == ()
    assert [goal.what for goal in report.goals] == [
        f"peak memory, {Kind.SQLITE}, 10 unsent, as stored, MB",
        f"peak memory, {Kind.SQLITE}, 1,200 by another folder, MB",
    ]
    assert report.last_line.startswith("plan: ratio ")
