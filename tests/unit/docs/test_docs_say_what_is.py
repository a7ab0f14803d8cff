"""What the pages tell people to type, to write and to look for exists in the program."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from doc_pages import DOCS, ROOT, blocks, pages, read

from config import load_settings
from connectors import registry
from mappings import load_mappings
from mappings.schema import SECTIONS
from sync.cli.app import app
from sync.domain.tracking import TROUBLE

COMMAND = re.compile(r"(?<![\w/.-])entrepot(?: --?[\w-]+)* ([a-z]+)(?: ([a-z-]+))?")
OPTION = re.compile(r"--[a-z][a-z-]+")
KIND = re.compile(r'kind="([a-z]+\.[a-z_]+)"')
ALARM = re.compile(r'"(parcel\.[a-z]+)"')
ACCOUNTS = {
    "shop": "storefront",
    "hamburg": "warehouse",
    "chicago": "warehouse",
    "parcels": "courier",
}
TABLES = {"skus.csv": "account,listing,sku,pack\n", "weights.csv": "sku,weight\n"}


def _typed(text: str) -> Iterator[str]:
    """Command lines: `entrepot …` in code, and lines of examples that begin with it."""
    yield from re.findall(r"`(entrepot [^`]+)`", text)
    for block in blocks(text):
        yield from (line for line in block.replace("\\\n", " ").splitlines() if line.startswith("entrepot "))


def _command(line: str) -> Any:
    """The command that a line runs; a failed assertion where there is none."""
    found: Any = typer.main.get_command(app)
    for word in line.split()[1:]:
        if not hasattr(found, "commands") or (found.commands.get(word) is None and word.startswith("-")):
            break
        if found.commands.get(word) is None:
            assert found.invoke_without_command, f"there is no command: {line}"
            break
        found = found.commands[word]
    return found


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_of_a_page_exists_with_its_options(page: Path) -> None:
    for line in _typed(read(page)):
        command = _command(line)
        known = {name for one in command.params for name in one.opts} | {"--help", "--version", "--debug"}
        unknown = [option for option in OPTION.findall(line.partition("#")[0]) if option not in known]
        assert not unknown, f"{page.relative_to(ROOT)}: {line}: {unknown}"


def _rules() -> list[str]:
    texts = [read(DOCS / "how-to" / f"{page}.md") for page in ("bind-listings", "holds-and-routing")]
    return [block for text in texts for block in blocks(text) if block.partition(":")[0] in SECTIONS]


@pytest.mark.parametrize("block", _rules(), ids=lambda block: block.partition(":")[0])
def test_every_example_of_a_rule_is_taken_without_a_word(block: str, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(block, encoding="utf-8")
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert load_mappings(tmp_path, ACCOUNTS).warnings == ()


def test_the_example_of_a_table_is_read_without_a_word(tmp_path: Path) -> None:
    text = read(DOCS / "how-to" / "bind-listings.md")
    table = next(block for block in blocks(text) if block.startswith("account,listing"))
    (tmp_path / "skus.csv").write_text(table, encoding="utf-8")
    (tmp_path / "skus.yaml").write_text('skus: {match: ["table:skus.csv"]}\n', encoding="utf-8")
    assert load_mappings(tmp_path, ACCOUNTS).warnings == ()


def test_the_example_of_accounts_is_taken(tmp_path: Path) -> None:
    text = read(DOCS / "how-to" / "first-account.md")
    path = tmp_path / "entrepot.yaml"
    path.write_text(next(block for block in blocks(text) if block.startswith("accounts:")), encoding="utf-8")
    assert set(load_settings(path, connectors=registry.names()).accounts) == {"shop", "hamburg", "parcels"}


def test_every_kind_of_issue_is_explained_and_no_other() -> None:
    raised = {*KIND.findall(_code()), *ALARM.findall(read(ROOT / "sync" / "domain" / "following.py"))}
    raised |= {f"parcel.{status.value}" for status in TROUBLE}
    section = read(DOCS / "how-to" / "watch-it.md").partition("## Kinds of issues")[2]
    cells = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    assert {kind for cell in cells for kind in re.findall(r"`([a-z]+\.[a-z_]+)`", cell)} == raised


def _messages() -> list[str]:
    """What the runbook says that one sees: the first column of its tables, and what follows "You see"."""
    text = read(DOCS / "how-to" / "runbook.md")
    places = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    places += [seen.partition("\n- **")[0] for seen in text.split("**You see**")[1:]]
    said = [" ".join(quoted.split()) for place in places for quoted in re.findall(r"`([^`]+)`", place)]
    return [message for message in said if message.count(" ") > 2]


@cache
def _code() -> str:
    files = [path for room in ("sync", "config", "connectors") for path in (ROOT / room).rglob("*.py")]
    return "\n".join(path.read_text("utf-8") for path in files)


def test_the_runbook_quotes_enough_to_be_found_by() -> None:
    assert len(_messages()) > 15


@pytest.mark.parametrize("message", _messages(), ids=lambda message: message.partition("…")[0][:40] or "…")
def test_every_message_of_the_runbook_stands_in_the_code(message: str) -> None:
    parts = [part.strip(" ()") for part in message.split("…")]
    assert [part for part in parts if part not in _code()] == []
