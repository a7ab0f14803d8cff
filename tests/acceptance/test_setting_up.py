"""From an empty folder to one that can run: init asks or is told, and never asks twice."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.acceptance.conftest import ROOT, World, entrepot

SHOP = "shop:vendure:url=https://shop.example.com,username=sync"


def answered(folder: Path, answers: str) -> "subprocess.CompletedProcess[str]":
    """`init` as a person answers it at the keyboard."""
    return subprocess.run(
        [sys.executable, "-m", "daemon", "init", "--config", str(folder)],
        input=answers,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"TZ": "UTC"},
    )


def test_init_asks_for_zone_accounts_and_key(tmp_path: Path) -> None:
    answers = ["Europe/Berlin", "vendur", "vendure", "shop", "https://shop.example.com", "sync", "", "y"]
    done = answered(tmp_path, "\n".join(answers) + "\n")
    assert done.returncode == 0, done.stderr
    assert "there is no connector vendur" in done.stdout.replace("'", "")
    checked = entrepot("check", "--json", folder=tmp_path)
    assert json.loads(checked.stdout)["accounts"] == {"shop": "storefront"}, checked.stderr
    assert checked.returncode == 0, "the key has been made"
    assert "timezone: Europe/Berlin" in (tmp_path / "entrepot.yaml").read_text()


def test_init_that_is_not_answered_to_its_end_exits_130_and_writes_nothing(tmp_path: Path) -> None:
    done = answered(tmp_path, "Europe/Berlin\n")
    assert done.returncode == 130
    assert list(tmp_path.iterdir()) == []


def test_init_as_json_tells_what_it_wrote_and_what_comes_next(tmp_path: Path) -> None:
    done = entrepot("init", "--account", SHOP, "--json", folder=tmp_path)
    told = json.loads(done.stdout)
    assert str(tmp_path / "entrepot.yaml") in told["written"]
    assert told["key"] is None
    assert told["next"][:3] == ["entrepot keys new", "export SHOP_SECRET=…", "entrepot check --online"]


def test_init_with_a_key_makes_it_private_and_does_not_ask_for_it_again(tmp_path: Path) -> None:
    done = entrepot("init", "--yes", "--key", folder=tmp_path)
    key = tmp_path / "entrepot-data" / "keys"
    assert f"made {key}; copy it to a safe place" in done.stdout
    assert key.stat().st_mode & 0o077 == 0
    assert "entrepot keys new" not in done.stdout


def test_init_ends_in_asking_the_accounts_when_their_secrets_are_there(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = world.ready["accounts"]["main"]
    monkeypatch.setenv("SHOP_SECRET", str(shop["password"]))
    account = f"shop:vendure:url={shop['url']},username={shop['username']}"
    done = entrepot("init", "--account", account, "--key", folder=tmp_path / "new")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "answers; it is " in done.stdout
    monkeypatch.setenv("SHOP_SECRET", "wrong")
    again = entrepot("init", "--account", account, "--key", folder=tmp_path / "wrong")
    assert again.returncode == 1
    assert "renew the secret of this account" in again.stdout


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ("shop", "--account 'shop' is not name:connector:key=value,…"),
        (
            "shop:shopware",
            "there is no connector 'shopware'; "
            "there are: feed, karrio, medusa, shopify, tryton, vendure, woocommerce",
        ),
        ("shop:vendure:url", "'url' is not key=value"),
    ],
)
def test_an_account_that_init_cannot_read_is_told(tmp_path: Path, account: str, said: str) -> None:
    done = entrepot("init", "--account", account, folder=tmp_path)
    assert (done.returncode, done.stderr.strip()) == (2, said)
    assert list(tmp_path.iterdir()) == []


def test_a_secret_of_the_environment_that_is_not_set_here_is_noted_and_no_finding(tmp_path: Path) -> None:
    entrepot("init", "--account", SHOP, "--key", folder=tmp_path)
    done = entrepot("check", folder=tmp_path)
    assert done.returncode == 0
    assert "the environment variable SHOP_SECRET is not set" in done.stdout
    assert done.stdout.rstrip().endswith("everything is in order")


def test_a_shop_that_signs_with_a_secret_of_its_own_wants_it_named(tmp_path: Path) -> None:
    entrepot("init", "--account", "shop:shopify:url=my-shop.myshopify.com,client_id=1", folder=tmp_path)
    entrepot("keys", "new", folder=tmp_path)
    settings = tmp_path / "entrepot.yaml"
    before = settings.read_text("utf-8")
    settings.write_text(before + "\nwebhooks:\n  listen: 127.0.0.1:9465\n", encoding="utf-8")
    told = json.loads(entrepot("check", "--json", folder=tmp_path).stdout)["lines"]
    findings = [line for line in told if line["level"] == "finding"]
    assert [line["about"] for line in findings] == ["shop"]
    assert "it signs its webhooks with the app's client secret: name it as webhook_secret" in str(findings)


def test_the_schemas_are_written_and_take_what_init_writes(tmp_path: Path) -> None:
    import yaml

    done = entrepot("init", "--account", SHOP, folder=tmp_path)
    assert done.returncode == 0
    folder = tmp_path / ".schemas"
    written = subprocess.run(
        [sys.executable, "-m", "daemon", "schema", "--write", str(folder)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert written.returncode == 0, written.stderr
    schema = json.loads((folder / "entrepot.schema.json").read_text())
    jsonschema.validate(yaml.safe_load((tmp_path / "entrepot.yaml").read_text()), schema)
    assert set(json.loads(entrepot("schema").stdout)) == {"entrepot.schema.json", "mappings.schema.json"}


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = entrepot("init", "--yes", folder=tmp_path / "file" / "below")
    assert done.returncode in (1, 3)
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_connectors_tell_what_they_can_do_and_how_they_were_verified() -> None:
    told = {one["name"]: one for one in json.loads(entrepot("connectors", "--json").stdout)}
    assert set(told) == {"vendure", "medusa", "shopify", "woocommerce", "tryton", "karrio", "feed"}
    assert all(one["capabilities"] and one["verified"] and one["limits"] for one in told.values())
    text = entrepot("connectors").stdout
    assert all(name in text for name in told)


def test_every_metric_is_listed_with_its_meaning() -> None:
    told = json.loads(entrepot("metrics", "--json").stdout)
    assert all(one["meaning"] for one in told)
    text = entrepot("metrics").stdout
    assert all(one["name"] in text for one in told)


def test_a_key_is_printed_for_a_secret_store_and_written_nowhere(tmp_path: Path) -> None:
    first, second = (entrepot("keys", "new", "--print", folder=tmp_path).stdout for _ in range(2))
    assert first
    assert first != second
    assert list(tmp_path.iterdir()) == []
