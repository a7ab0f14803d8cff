"""The daemon as operators use it: started, watched, explained, killed, stopped."""

import json
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from tests.acceptance.conftest import World, entrepot, until

pytestmark = pytest.mark.timeout(600)
SKU = "TEE-02"
QUIET = 150.0
"""What was being sent when the daemon died is looked up by then."""
BUYER = {
    "first_name": "Canaria",
    "last_name": "Zwitscher",
    "full_name": "Canaria Zwitscher",
    "street": "Vogelweg 77",
    "city": "Berlin",
    "postal_code": "10115",
    "country": "DE",
    "email": "canaria.zwitscher@example.com",
}
CANARIES = ("Canaria", "Zwitscher", "Vogelweg", "canaria.zwitscher")


def test_an_order_goes_through_and_nothing_personal_or_secret_shows(world: World) -> None:
    daemon = world.start()
    until("stock is pushed", lambda: world.glance("explain", SKU)["listings"][0]["acked"] is not None)
    lines = [{"sku": SKU, "quantity": 2}]
    number = world.act("/buy", shop="main", lines=lines, buyer=BUYER)["order"]
    until("the order is at the warehouse", lambda: world.state(number) == "sent")
    world.act("/warehouse/work", reference=f"main/{number}/1", until="packed")
    until("its label is bought", lambda: world.glance("orders", "show", number)["parcels"][0]["tracking"])
    tracking = world.told("orders", "show", number)["parcels"][0]["tracking"]
    until("the warehouse has the number", lambda: tracking in str(world.books()["warehouse"]["shipments"]))
    world.act("/warehouse/work", reference=f"main/{number}/1", until="done")
    until("the shop knows", lambda: world.glance("orders", "show", number)["parcels"][0]["told"])
    world.act("/courier/scan", tracking=tracking, status="delivered")
    until("the order is closed", lambda: world.glance("orders", "show", number)["closed_at"])
    shown = world.told("orders", "show", number)
    kinds = [event["kind"] for event in shown["timeline"]]
    assert [k for k in kinds if k in ("pulled", "sent", "booked", "told", "delivery_told")] == [
        "pulled",
        "sent",
        "booked",
        "told",
        "delivery_told",
    ]
    _one_id_follows_the_order(world, number)
    _no_canary(world, number)
    assert world.stop(daemon) == 0


def _one_id_follows_the_order(world: World, number: str) -> None:
    lines = [json.loads(line) for line in world.log().splitlines() if line.startswith("{")]
    said = {line["event"] for line in lines if line.get("order") == number}
    assert {"order pulled", "sent"} <= said


def _no_canary(world: World, number: str) -> None:
    texts = {"log": world.log(), "metrics": world.metrics()}
    shown = (("status",), ("orders", "show", number), ("orders", "list"), ("issues",), ("explain", SKU))
    for args in (*shown, ("status", "--json")):
        done = world.run(*args)
        texts[" ".join(args)] = done.stdout + done.stderr
    for file in (world.folder / "entrepot-data").glob("entrepot.sqlite3*"):
        if file.suffix != ".sock":
            texts[file.name] = file.read_bytes().decode("latin-1")
    secrets = [path.read_text() for path in (world.folder / "secrets").iterdir()]
    for where, text in texts.items():
        for word in (*CANARIES, *secrets):
            assert word not in text, f"a canary stands in {where}"
    personal = world.run("orders", "show", number, "--personal").stdout
    assert "Canaria" in personal, "who asks for it is shown it"


def test_a_killed_daemon_is_followed_by_one_that_doubles_nothing(world: World) -> None:
    daemon = world.start()
    until("stock is pushed", lambda: world.glance("explain", SKU)["listings"][0]["acked"] is not None)
    number = world.act("/buy", shop="main", lines=[{"sku": SKU, "quantity": 1}])["order"]
    until("the order is pulled", lambda: world.state(number) != "absent")
    daemon.send_signal(signal.SIGKILL)
    daemon.wait()
    world.keep_time()
    world.later(QUIET)
    again = world.start()
    until("the order is at the warehouse", lambda: world.state(number) == "sent")
    found = [one for one in world.books()["warehouse"]["shipments"] if number in one["reference"]]
    assert len(found) == 1
    assert world.stop(again) == 0


def test_a_held_order_is_released_by_a_persons_word(world: World) -> None:
    (world.folder / "mappings" / "holds.yaml").write_text(
        "holds:\n  - {name: look first, when: {lines_at_least: 1}, release: manual, owner: ops, within: 2 hours}\n"
    )
    daemon = world.start()
    until("stock is pushed", lambda: world.glance("explain", SKU)["listings"][0]["acked"] is not None)
    number = world.act("/buy", shop="main", lines=[{"sku": SKU, "quantity": 1}])["order"]
    until("the order is held", lambda: world.state(number) == "held")
    held = world.told("issues", "--kind", "order.held")
    assert [one["subject"] for one in held] == [f"main/{number}"]
    assert world.run("orders", "release", number).returncode == 0
    until("the order is at the warehouse", lambda: world.state(number) == "sent")
    assert world.told("issues", "--kind", "order.held") == []
    assert world.stop(daemon) == 0


def test_an_account_that_only_observes_writes_to_no_vendor(world: World) -> None:
    path = world.folder / "entrepot.yaml"
    path.write_text(path.read_text().replace('"mode": "live"', '"mode": "observe"'))
    before = world.saleable("main", SKU)
    daemon = world.start()
    until(
        "it shows what it would push",
        lambda: world.glance("explain", SKU)["listings"][0]["desired"] is not None,
    )
    number = world.act("/buy", shop="main", lines=[{"sku": SKU, "quantity": 1}])["order"]
    until("the order is pulled", lambda: world.state(number) == "history")
    assert world.saleable("main", SKU) == before - 1
    assert world.books()["warehouse"]["shipments"] == []
    ordered = time.time()
    until(
        "a second has passed: what came in the second of going live is new",
        lambda: time.time() >= ordered + 1,
    )
    for name in ("main", "warehouse", "courier"):
        assert world.run("accounts", "live", name).returncode == 0
    until(
        "the live shop is pushed to",
        lambda: (
            world.glance("explain", SKU)["listings"][-1]["live"] is False
            and next(o for o in world.glance("explain", SKU)["listings"] if o["account"] == "main")["acked"]
            is not None
        ),
    )
    assert world.state(number) == "history", "what was before stays history"
    later = world.act("/buy", shop="main", lines=[{"sku": SKU, "quantity": 2}])["order"]
    until("an order placed since is sent", lambda: world.state(later) == "sent")
    assert world.stop(daemon) == 0


def test_once_does_what_is_due_and_ends(world: World) -> None:
    done = world.run("once")
    assert done.returncode == 0, done.stderr
    assert "records handled" in done.stdout
    assert world.told("explain", SKU)["listings"][0]["desired"] is not None


def test_check_online_tells_who_answers_and_who_does_not(world: World) -> None:
    assert world.run("check", "--online").returncode == 0
    path = world.folder / "entrepot.yaml"
    document = json.loads(path.read_text())
    document["accounts"]["courier"]["url"] = "http://127.0.0.1:9"
    path.write_text(json.dumps(document))
    done = world.run("check", "--online")
    assert done.returncode == 3
    assert "check its URL" in done.stdout
    (world.folder / "secrets" / "warehouse").write_text("wrong-key")
    document["accounts"]["courier"]["url"] = world.ready["accounts"]["courier"]["url"]
    path.write_text(json.dumps(document))
    done = world.run("check", "--online")
    assert done.returncode == 1
    assert "renew the secret of this account" in done.stdout


def test_a_database_of_another_key_is_refused(world: World) -> None:
    assert world.run("once", "--flow", "catalogue").returncode == 0
    (world.folder / "entrepot-data" / "keys").write_text(entrepot("keys", "new", "--print").stdout)
    done = world.run("run")
    assert done.returncode == 2
    assert "is not the one that sealed this database; restore the right key file" in done.stderr


def test_the_database_is_private(world: World) -> None:
    assert world.run("once", "--flow", "catalogue").returncode == 0
    path = world.folder / "entrepot-data" / "entrepot.sqlite3"
    assert path.stat().st_mode & 0o077 == 0
    assert sqlite3.connect(f"file:{path}?mode=ro", uri=True).execute("PRAGMA journal_mode").fetchone() == (
        "wal",
    )


def test_the_metrics_port_that_is_taken_is_told(world: World, tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        path = world.folder / "entrepot.yaml"
        port = taken.getsockname()[1]
        path.write_text(path.read_text().replace('"listen": "127.0.0.1:0"', f'"listen": "127.0.0.1:{port}"'))
        done = world.run("run")
    assert done.returncode == 2
    assert f"the metrics address 127.0.0.1:{port} cannot be used (Address already in use)" in done.stderr
