"""Connectors of other packages: built, installed beside the program, found, shown, tried; and refused in words."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.contract import CONTRACT

EXAMPLE = Path(__file__).parents[3] / "docs" / "example-connector"
INSTALL = ("-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation")
LIST = ("-m", "daemon", "connectors", "--json")


def run(*arguments: str, beside: Path, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """This Python with the packages of `beside` too."""
    paths = os.pathsep.join((str(beside), os.environ.get("PYTHONPATH", "")))
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=cwd, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example connector, built from its own pyproject.toml and installed into a folder, without a network."""
    folder = tmp_path_factory.mktemp("site")
    disable = ("--disable-pip-version-check", "--no-compile")
    done = run(*INSTALL, *disable, "--target", str(folder), str(EXAMPLE), beside=folder)
    assert done.returncode == 0, done.stderr
    return folder


def offer(folder: Path, package: str, name: str, module: str, text: str) -> None:
    """A package that offers a connector, as an installer leaves it."""
    (folder / f"{module}.py").write_text(text)
    told = folder / f"{package.replace('-', '_')}-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text(f"[entrepot.connectors]\n{name} = {module}\n")


def test_the_example_is_found_by_its_entry_point(installed: Path) -> None:
    done = run(*LIST, beside=installed)
    assert (done.returncode, done.stderr) == (0, "")
    (shown,) = [each for each in json.loads(done.stdout) if each["name"] == "cornershop"]
    assert (shown["kind"], shown["contract"]) == ("storefront", CONTRACT)
    assert shown["capabilities"] == ["confirm_shipment", "set_quantities"]
    assert shown["repeats"] == {"confirm_shipment": "vendor_key"}
    (pace,) = shown["limits"]["pace"]
    assert (pace["origin"], pace["source"]) == ("vendor's documents", "the shop's manual, page 3")
    assert shown["limits"]["sources"]["batch_items"]["where"] == "the shop's manual, page 4"
    assert shown["verified"] == [{"by": "documents only", "what": "its own test server: every operation"}]


def test_the_installed_example_passes_the_kit(installed: Path, tmp_path: Path) -> None:
    options = ("-q", "-p", "no:cacheprovider", "-c", str(EXAMPLE / "pyproject.toml"))
    done = run("-m", "pytest", *options, str(EXAMPLE / "tests"), beside=installed, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def test_a_package_that_cannot_be_used_is_told_and_stops_no_other(tmp_path: Path) -> None:
    offer(tmp_path, "acme-torn", "torn", "acme_torn", "raise OSError('half a file')\n")
    offer(tmp_path, "acme-bare", "bare", "acme_bare", "")
    done = run(*LIST, beside=tmp_path)
    assert done.returncode == 0
    assert {"vendure", "tryton", "karrio"} <= {each["name"] for each in json.loads(done.stdout)}
    assert "connector 'torn': acme_torn cannot be loaded: half a file" in done.stderr
    assert "connector 'bare': acme_bare has no MANIFEST" in done.stderr


def test_a_built_in_name_cannot_be_taken_over(tmp_path: Path) -> None:
    offer(tmp_path, "acme-vendure", "vendure", "acme_vendure", "raise SystemExit('loaded')\n")
    done = run(*LIST, beside=tmp_path)
    assert done.returncode == 0
    assert (
        "connector 'vendure' of acme-vendure is not used: the name is that of a built-in connector"
        in done.stderr
    )


def test_a_name_that_two_packages_offer_is_nobody_s(tmp_path: Path) -> None:
    offer(tmp_path, "acme-one", "corner", "acme_one", "")
    offer(tmp_path, "acme-two", "corner", "acme_two", "")
    done = run(*LIST, beside=tmp_path)
    assert (
        "connector 'corner' is offered by acme-one and acme-two: uninstall all but one of them" in done.stderr
    )


def test_a_connector_for_another_contract_is_told_with_both_versions(tmp_path: Path) -> None:
    text = (
        "from dataclasses import replace\n"
        "from connectors.couriers import karrio\n"
        "MANIFEST = replace(karrio.MANIFEST, name='later', contract=9)\n"
    )
    offer(tmp_path, "acme-later", "later", "acme_later", text)
    done = run(*LIST, beside=tmp_path)
    assert (
        f"connector 'later' was written for contract 9, this program has contract {CONTRACT}" in done.stderr
    )
