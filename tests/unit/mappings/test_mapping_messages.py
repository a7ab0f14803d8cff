"""Every message about the mapping files, word by word: bad files stand beside what is said about them."""

import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config import ConfigError
from mappings import load_mappings

CASES = Path(__file__).parent / "cases"
ACCOUNTS = {
    "main": "storefront",
    "yen": "storefront",
    "wh": "warehouse",
    "wh2": "warehouse",
    "courier": "courier",
    "post": "courier",
    "acme": "supplier",
    "paper": "supplier",
}
ZONES = {"main": ZoneInfo("Europe/Berlin"), "yen": ZoneInfo("Asia/Tokyo")}
CARRIERS = {"courier": ["loopback", "sf"], "post": ["sf", "zto"]}


def said_about(folder: Path) -> str:
    """Problems, or the warnings where there is no problem, as a person reads them."""
    try:
        rulebook = load_mappings(
            folder,
            ACCOUNTS,
            carriers=CARRIERS,
            dropship=["acme"],
            label="mappings",
            zones=ZONES,
            ways=["mail", "apprise:sms"],
            speaking=["main"],
        )
    except ConfigError as error:
        return f"{error}\n"
    return "".join(f"warning: {warning}\n" for warning in rulebook.warnings)


@pytest.mark.parametrize("case", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_bad_file_is_told_with_line_column_key_and_mend(case: Path, tmp_path: Path) -> None:
    shutil.copy(case, tmp_path / "rules.yaml")
    assert said_about(tmp_path) == case.with_suffix(".txt").read_text("utf-8")


@pytest.mark.parametrize(
    "case", sorted(path for path in CASES.iterdir() if path.is_dir()), ids=lambda p: p.name
)
def test_bad_files_and_tables_are_told_together(case: Path) -> None:
    assert said_about(case) == case.with_suffix(".txt").read_text("utf-8")


def test_people_told_by_mail_need_a_mail_server(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("people:\n  - {name: a, decides: order, mail: env:A_MAIL}\n")
    with pytest.raises(ConfigError) as refused:
        load_mappings(tmp_path, ACCOUNTS, label="mappings", ways=["apprise:sms"])
    assert str(refused.value) == (
        "mappings/rules.yaml:2:37: people[0].mail: entrepot.yaml does not set up mail; "
        "allowed: mail: {host: …, from: …} there, or a chat here"
    )
    assert load_mappings(tmp_path, ACCOUNTS, ways=["mail"]).staff.people[0].address is not None
