"""The program itself: its two names, its help, its refusals before anything runs."""

import json
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.acceptance.conftest import ROOT, entrepot

OURS = {"connectors", "sync", "mappings", "config", "sandbox", "daemon"}


def test_the_console_script_and_daemon_py_are_one_program() -> None:
    script = Path(sys.executable).with_name("entrepot")
    by_script = subprocess.run([script, "--version"], capture_output=True, text=True)
    by_file = subprocess.run(
        [sys.executable, "daemon.py", "--version"], capture_output=True, text=True, cwd=ROOT
    )
    assert by_script.stdout == by_file.stdout
    assert by_script.stdout.startswith("entrepot ")


def test_every_command_has_help_with_an_example() -> None:
    from typer.main import get_command

    from sync.cli.app import app

    def walk(command: object, path: tuple[str, ...]) -> None:
        children = getattr(command, "commands", {})
        for name, child in children.items():
            walk(child, (*path, name))
        if not children:
            text = getattr(command, "help", "") or ""
            assert "Example: entrepot" in text, " ".join(path)

    walk(get_command(app), ())


def test_a_folder_without_settings_names_init(tmp_path: Path) -> None:
    done = entrepot("run", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.strip() == f"there is no entrepot.yaml in {tmp_path}; make one with: entrepot init"


def test_without_a_key_run_refuses_and_names_the_command_that_makes_one(tmp_path: Path) -> None:
    assert entrepot("init", "--yes", folder=tmp_path).returncode == 0
    done = entrepot("run", folder=tmp_path)
    assert done.returncode == 2
    assert "run `entrepot keys new`" in done.stderr
    assert entrepot("keys", "new", folder=tmp_path).returncode == 0
    assert (tmp_path / "entrepot-data" / "keys").stat().st_mode & 0o077 == 0
    again = entrepot("keys", "new", folder=tmp_path)
    assert again.returncode == 2
    assert "there is a key already" in again.stderr


def test_init_writes_a_folder_that_check_accepts_and_never_overwrites(tmp_path: Path) -> None:
    account = "shop:vendure:url=https://shop.example.com,username=sync"
    done = entrepot("init", "--account", account, "--timezone", "Europe/Berlin", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "entrepot check --online" in done.stdout
    assert entrepot("keys", "new", folder=tmp_path).returncode == 0
    checked = entrepot("check", "--json", folder=tmp_path)
    assert checked.returncode == 0, checked.stdout
    assert json.loads(checked.stdout)["accounts"] == {"shop": "storefront"}
    again = entrepot("init", "--yes", folder=tmp_path)
    assert again.returncode == 2


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "timezone: Europe/Berlin\naccounts:\n  shop: {connector: vendur, url: https://x.example}\n",
            'entrepot.yaml:3:21: accounts.shop.connector: there is no connector "vendur"; '
            "allowed: feed, karrio, medusa, shopify, tryton, vendure, woocommerce; did you mean vendure?",
        ),
        ("timezone: Mars/Olympus\naccounts: {}\n", "entrepot.yaml:1:11: timezone:"),
        ("timezone: UTC\naccounts: {}\nschedule: {orders: 15}\n", "entrepot.yaml:3:20: schedule.orders:"),
        ("timezone: UTC\ntimezone: UTC\naccounts: {}\n", "entrepot.yaml:2:1: timezone:"),
    ],
)
def test_bad_settings_are_told_with_place_and_mend(tmp_path: Path, text: str, wanted: str) -> None:
    (tmp_path / "entrepot.yaml").write_text(text)
    done = entrepot("check", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0].startswith(wanted), done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_secret_is_told_by_its_name_and_place(tmp_path: Path) -> None:
    entrepot("init", "--account", "shop:vendure:url=https://shop.example.com", folder=tmp_path)
    entrepot("keys", "new", folder=tmp_path)
    done = entrepot("once", folder=tmp_path)
    assert done.returncode == 2
    assert "SHOP_SECRET" in done.stderr
    assert "entrepot.yaml:" in done.stderr


def test_the_wheel_carries_the_program_and_nothing_else(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        tops = {name.split("/")[0].removesuffix(".py") for name in names if ".dist-info" not in name}
        points = archive.read(next(n for n in names if n.endswith("entry_points.txt"))).decode()
    assert tops == OURS
    assert "entrepot = daemon:main" in points
    assert any(name.endswith(".graphql") for name in names)
    assert "sync/store/migrations/env.py" in names
    assert "config/defaults/entrepot.yaml" in names


def test_no_other_package_takes_our_top_level_names() -> None:
    from importlib.metadata import packages_distributions

    for name in OURS:
        assert set(packages_distributions().get(name, ["entrepot"])) == {"entrepot"}, name


def test_the_lock_holds_hashes_and_no_addresses() -> None:
    for file in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / file).read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text
    locked = (ROOT / "requirements.lock").read_text()
    for wanted in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]:
        name = wanted.split(">")[0].split("[")[0]
        assert f"\n{name}==" in f"\n{locked}" or f"\n{name}[" in f"\n{locked}", name
