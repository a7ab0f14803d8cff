"""How the demo looks and what it writes, without a demo."""

import json
import re
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from connectors import registry
from mappings import load_mappings
from sync.cli.demo.play import Moment
from sync.cli.demo.settings import write_folder
from sync.cli.demo.view import LineView, LiveView, drawn, summary
from sync.engine.wiring import read_configuration
from sync.store.figures import Backlog, Figures

READY = {
    "accounts": {
        "main": {
            "connector": "vendure",
            "url": "http://127.0.0.1:9001",
            "username": "sync",
            "secret": "pässword",
            "currency": "EUR",
        },
        "warehouse": {
            "connector": "tryton",
            "url": "http://127.0.0.1:9002",
            "database": "world",
            "warehouse": "WH",
            "key": "k-1",
        },
        "courier": {"connector": "karrio", "url": "http://127.0.0.1:9003", "key": "k-2"},
    },
    "overrides": [{"listing": "main:66", "sku": "DUO-1"}],
}
TOLD: dict[str, Any] = {
    "orders_placed": 20,
    "orders_pulled": 20,
    "orders_sent": 18,
    "orders_held": 2,
    "parcels_told": 18,
    "parcels_delivered": 17,
    "stock_pushes": 99,
    "api_calls": 500,
    "throttled": 3,
    "oversold_units": 0,
    "lost_orders": 0,
    "duplicate_effects": 0,
    "flow_share": 1.0,
}


def figures() -> Figures:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    return Figures(
        at=now,
        accounts=(),
        flows=(),
        unsent={("main", "quantity"): Backlog(3, now)},
        rejected={},
        outbox={},
        orders={("main", "sent"): 4, ("main", "shipped"): 2, ("main", "pulled"): 1, ("yen", "held"): 1},
        holds={},
        issues={"order.held": 1},
        broken={},
        reserved_units=7,
        short_units=0,
        parcels={"in_transit": 5},
        parcels_troubled=0,
    )


def printed(what: Any) -> str:
    console = Console(file=StringIO(), width=120)
    console.print(what)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def test_the_folder_of_the_demo_is_one_that_the_daemon_takes_without_a_warning(tmp_path: Path) -> None:
    write_folder(tmp_path, READY)
    configuration = read_configuration(tmp_path)
    assert configuration.kinds == {"main": "storefront", "warehouse": "warehouse", "courier": "courier"}
    assert configuration.loopback_only
    assert load_mappings(tmp_path / "mappings", configuration.kinds).warnings == ()
    assert set(registry.names()) >= {"vendure", "tryton", "karrio"}


def test_its_secrets_and_key_are_private_and_not_in_the_settings(tmp_path: Path) -> None:
    write_folder(tmp_path, READY)
    private = [*(tmp_path / "secrets").iterdir(), tmp_path / "entrepot-data" / "keys"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in private)
    settings = (tmp_path / "entrepot.yaml").read_text("utf-8")
    assert "pässword" not in settings
    assert json.loads(settings)["accounts"]["main"]["secret"] == "file:main"


def test_the_picture_shows_shops_warehouse_parcels_and_the_latest_lines() -> None:
    books = {"warehouse": {"shipments": [{"state": "packed"}, {"state": "packed"}, {"state": "done"}]}}
    text = printed(drawn(Moment("business flows", 0.5, figures(), books, TOLD, ["main/1  pulled [x]"])))
    for said in ("business flows", "shipments packed", "parcels in transit", "units reserved", "order.held"):
        assert said in text
    row = next(line for line in text.splitlines() if line.startswith("main"))
    assert row.split()[:5] == ["main", "4", "2", "0", "1"]
    assert "main/1  pulled [x]" in text


def test_the_picture_counts_pushes_and_calls_while_they_happen() -> None:
    text = printed(drawn(Moment("business flows", 0.5, figures(), counts=TOLD)))
    assert re.search(r"quantities pushed +99", text)
    assert re.search(r"calls to the systems +500", text)


def test_before_anything_is_known_the_picture_is_the_phase_alone() -> None:
    assert "the sandbox world is being built" in printed(drawn(Moment("the sandbox world is being built")))


def test_without_a_terminal_a_phase_is_one_line_however_often_it_is_shown() -> None:
    console = Console(file=StringIO(), width=120)
    with LineView(console) as view:
        for left in (9, 8, 7):
            view.show(Moment(f"no more purchases; {left} orders are still on their way"))
        view.show(Moment("judged"))
    assert console.file.getvalue().splitlines() == ["no more purchases", "judged"]  # type: ignore[attr-defined]


def test_on_a_terminal_the_picture_is_drawn_in_place() -> None:
    console = Console(file=StringIO(), width=100, force_terminal=True, legacy_windows=False)
    with LiveView(console) as view:
        view.show(Moment("business flows", 0.2, figures()))
    assert "business flows" in console.file.getvalue()  # type: ignore[attr-defined]


def test_the_summary_says_what_flowed_and_that_the_promises_are_kept() -> None:
    text = printed(summary(TOLD, None))
    assert "orders placed" in text
    assert text.count("kept") == 4
    assert "BROKEN" not in text
    assert "entrepot demo --keep ./demo" in text


@pytest.mark.parametrize("promise", ["oversold_units", "lost_orders", "duplicate_effects"])
def test_a_broken_promise_is_called_broken(promise: str) -> None:
    assert printed(summary(TOLD | {promise: 1}, None)).count("BROKEN") == 1


def test_too_few_shipped_orders_break_the_promise_too() -> None:
    assert printed(summary(TOLD | {"flow_share": 0.89}, None)).count("BROKEN") == 1


def test_a_kept_folder_is_named_in_what_to_try_next() -> None:
    assert "entrepot issues --config demo-folder" in printed(summary(TOLD, "demo-folder"))
