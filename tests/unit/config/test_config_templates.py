"""The files that `init` writes can be loaded as they are, and their commented examples too."""

import re
from pathlib import Path

from config import load_settings
from config.templates import AccountAnswer, render
from mappings import load_mappings

ANSWERS = (
    AccountAnswer(
        "main", "vendure", "storefront", "env:MAIN", (("url", 'https://x/"a": b #c'), ("login", "00123"))
    ),
    AccountAnswer("wh", "tryton", "warehouse", "file:wh"),
    AccountAnswer(
        "post", "karrio", "courier", "file:post", (("carriers", {"loopback": {"services": ("fast",)}}),)
    ),
)
KINDS = {answer.name: answer.kind for answer in ANSWERS}


def written(folder: Path, files: dict[str, str]) -> Path:
    """The folder with these files in it."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def test_the_written_settings_are_what_was_answered(tmp_path: Path) -> None:
    folder = written(tmp_path, render("Asia/Shanghai", ANSWERS))
    settings = load_settings(folder / "entrepot.yaml", connectors=("vendure", "tryton", "karrio"))
    assert settings.timezone.key == "Asia/Shanghai"
    assert settings.accounts["main"].options.plain() == {"url": 'https://x/"a": b #c', "login": "00123"}
    assert settings.accounts["post"].options.plain() == {"carriers": {"loopback": {"services": ["fast"]}}}


def test_a_file_without_accounts_can_be_loaded_too(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, render("UTC", ())) / "entrepot.yaml")
    assert settings.accounts == {}


def test_the_written_mappings_decide_as_the_defaults_do(tmp_path: Path) -> None:
    folder = written(tmp_path, render("UTC", ANSWERS)) / "mappings"
    rulebook = load_mappings(folder, KINDS)
    assert rulebook.warnings == ()
    assert rulebook.skus == load_mappings(tmp_path / "none", KINDS).skus


def test_the_commented_examples_are_rules_that_work(tmp_path: Path) -> None:
    files = render("UTC", ANSWERS)
    shown = {
        name: re.sub(r"(\w+): \[\]\n  #", r"\1:\n  #", text).replace("\n  # - {", "\n  - {")
        for name, text in files.items()
    }
    shown["mappings/skus.yaml"] = (
        shown["mappings/skus.yaml"].replace("  - {", "    - {").replace("\n  #", "\n    #")
    )
    folder = written(tmp_path, shown) / "mappings"
    text = shown["mappings/couriers.yaml"].replace("CARRIER", "sf")
    (folder / "couriers.yaml").write_text(text, "utf-8")
    rulebook = load_mappings(folder, KINDS)
    assert len(rulebook.skus.overrides) == 4
    assert len(rulebook.hold_rules.rules) == 2
    assert len(rulebook.courier_rules.rules) == 2
