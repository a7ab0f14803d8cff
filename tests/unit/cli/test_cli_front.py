"""The door: every command is listed, described and loaded only when it is wanted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from sync.cli.app import app
from sync.cli.front import PLACES

SCRIPT = Path(sys.executable).with_name("entrepot")
ROOT = Path(__file__).parents[3]


def commands() -> dict[str, object]:
    found = get_command(app)
    return dict(found.commands)  # type: ignore[attr-defined]


def test_every_listed_command_exists_under_its_name() -> None:
    assert list(commands()) == list(PLACES)


@pytest.mark.parametrize("name", PLACES)
def test_the_list_says_the_beginning_of_the_commands_own_help(name: str) -> None:
    _, said = PLACES[name]
    own = " ".join(str(getattr(commands()[name], "help", "")).split())
    assert own.startswith(said.rstrip("."))


@pytest.mark.parametrize("name", sorted({module for module, _ in PLACES.values()}))
def test_no_module_has_a_command_that_the_list_lacks(name: str) -> None:
    from importlib import import_module

    part = typer.Typer()
    import_module(f"sync.cli.{name}").add_to(part)
    named = {one.name or getattr(one.callback, "__name__", "") for one in part.registered_commands}
    named |= {str(one.name) for one in part.registered_groups}
    assert {n.rstrip("_") for n in named} == {n for n, (module, _) in PLACES.items() if module == name}


def test_help_needs_no_part_of_the_daemon() -> None:
    code = (
        "import sys\nfrom sync.cli.app import main\nsys.argv=['entrepot','--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('sqlalchemy','httpx','alembic','sync.engine','pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "explain" in done.stdout


def test_a_mistyped_command_is_met_with_the_nearest_one() -> None:
    done = subprocess.run([SCRIPT, "statsu"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "No such command 'statsu'. Did you mean 'status'?" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_there_is_completion_for_the_shell(shell: str) -> None:
    told = os.environ | {"_ENTREPOT_COMPLETE": f"source_{shell}"}
    done = subprocess.run([SCRIPT], env=told, capture_output=True, text=True)
    assert done.returncode == 0
    assert "_ENTREPOT_COMPLETE=complete_" in done.stdout


def test_a_begun_word_is_completed() -> None:
    told = {"_ENTREPOT_COMPLETE": "complete_bash", "COMP_WORDS": "entrepot ord", "COMP_CWORD": "1"}
    done = subprocess.run([SCRIPT], env=os.environ | told, capture_output=True, text=True)
    assert done.stdout.split() == ["orders"]
