"""How results and errors are shown, and which exit code each error has."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path

import pytest
import typer

from config import ConfigError
from config.errors import Problem
from sync.cli import office
from sync.engine.refusals import CommandRefused, StartRefused

NOON = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Thing:
    at: datetime
    colour: Colour
    parts: tuple[Path, ...]
    by: dict[tuple[str, str], Decimal]


def test_a_value_becomes_json_that_people_and_programs_read() -> None:
    thing = Thing(NOON, Colour.RED, (Path("/a"),), {("shop", "orders"): Decimal("1.50")})
    assert office.plain(thing) == {
        "at": "2026-03-01T12:00:05+00:00",
        "colour": "red",
        "parts": ["/a"],
        "by": {"shop/orders": "1.50"},
    }


def test_bytes_are_never_shown() -> None:
    assert office.plain({"sealed": b"secret"}) == {"sealed": None}


def test_json_keeps_the_merchants_own_characters(capsys: pytest.CaptureFixture[str]) -> None:
    office.print_json({"title": "杯子"})
    printed = capsys.readouterr().out
    assert "杯子" in printed
    assert json.loads(printed) == {"title": "杯子"}


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s ago"),
        (59, "59 s ago"),
        (180, "3 min ago"),
        (7200, "2 h ago"),
        (200_000, "2 d ago"),
        (-5, "in 5 s"),
    ],
)
def test_ages_are_said_in_one_unit(seconds: float, said: str) -> None:
    assert office.ago(NOON - timedelta(seconds=seconds), NOON) == said


def test_what_never_was_is_never() -> None:
    assert office.ago(None, NOON) == "never"


def test_the_folder_is_what_was_given_before_the_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ENTREPOT_CONFIG", str(tmp_path / "named"))
    assert office.folder_of(tmp_path / "given") == tmp_path / "given"
    assert office.folder_of(None) == tmp_path / "named"


def test_without_both_it_is_this_folder_or_the_users_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ENTREPOT_CONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    here, own = tmp_path / "here", tmp_path / "home" / ".config" / "entrepot"
    here.mkdir()
    own.mkdir(parents=True)
    monkeypatch.chdir(here)
    assert office.folder_of(None) == here
    (own / "entrepot.yaml").touch()
    assert office.folder_of(None) == own
    (here / "entrepot.yaml").touch()
    assert office.folder_of(None) == here


@pytest.fixture
def plainly() -> Iterator[None]:
    before = office.debugging
    yield
    office.debugging = before


def ends(error: BaseException) -> int:
    @office.answered
    def command() -> None:
        raise error

    with pytest.raises(typer.Exit) as ended:
        command()
    return ended.value.exit_code


def test_bad_configuration_is_told_a_line_a_problem_and_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    problems = [Problem("a.yaml", 1, 2, "x", "is wrong"), Problem("a.yaml", 3, 4, "y", "is wrong too")]
    assert ends(ConfigError(problems)) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StartRefused("mend it"), 2),
        (StartRefused("mend it", 3), 3),
        (CommandRefused("mend it"), 2),
    ],
)
def test_a_refusal_is_one_line_with_its_exit_code(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends(error) == code
    assert capsys.readouterr().err == "mend it\n"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), typer.Abort()])
def test_an_interrupted_command_exits_130(error: BaseException) -> None:
    assert ends(error) == 130


def test_a_fault_of_ours_is_one_line_without_its_own_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert ends(ValueError("Canaria Zwitscher")) == 1
    told = capsys.readouterr().err
    assert told.startswith("a fault of the program: ValueError at ")
    assert told.endswith("see more with: entrepot --debug COMMAND\n")
    assert "Canaria" not in told


def test_a_fault_of_the_machine_says_what_to_do_and_exits_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert ends(sqlite3.OperationalError("database is locked")) == 3
    assert capsys.readouterr().err == "another program keeps the database locked: close it\n"


def test_a_file_that_cannot_be_written_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert ends(PermissionError(13, "Permission denied", "/etc/x.yaml")) == 3
    assert capsys.readouterr().err.startswith("/etc/x.yaml cannot be written: check the owner")


@pytest.mark.usefixtures("plainly")
def test_with_debug_the_error_itself_is_shown() -> None:
    office.debugging = True

    @office.answered
    def command() -> None:
        raise StartRefused("mend it")

    with pytest.raises(StartRefused):
        command()


def test_a_reader_that_goes_away_is_no_fault() -> None:
    @office.answered
    def command() -> None:
        raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(BrokenPipeError):
        command()


def test_a_table_without_rows_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    office.print_table("orders", ("shop", "number"), ())
    assert capsys.readouterr().out == "orders: none\n"


def test_a_table_shows_brackets_and_absences_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    office.print_table("t", ("a", "b"), [("[red]x[/red]", None)])
    assert "[red]x[/red]" in capsys.readouterr().out
