"""What the tutorial asks its reader to type and to write works, and prints what the page shows."""

from pathlib import Path

import pytest

from tests import canaries
from tests.acceptance.tutorial import PAGE, File, Typed, follow, says, steps, terminal
from tests.acceptance.two_shops import free_port

pytestmark = pytest.mark.timeout(1500)


def page() -> str:
    """The page with ports that are free here."""
    text = PAGE.read_text("utf-8")
    for port in ("8480", "8481"):
        text = text.replace(port, str(free_port()))
    return text


def test_every_command_and_file_of_the_tutorial_does_what_the_page_says(tmp_path: Path) -> None:
    with terminal(tmp_path) as at:
        follow(page(), at)
    assert canaries.in_folder(tmp_path / "two-shops" / "entrepot-data") == []


def test_no_block_of_the_tutorial_is_passed_over() -> None:
    text = PAGE.read_text("utf-8")
    assert text.count("```") == 2 * sum(text.count(f"\n```{kind}\n") for kind in ("console", "yaml"))
    found = list(steps(text))
    assert sum(isinstance(step, File) for step in found) == text.count("# file: ")
    assert sum(isinstance(step, Typed) for step in found) == text.count("\n$ ")


@pytest.mark.parametrize(
    ("printed", "shown", "same"),
    [
        ("a  b\n", "a b", True),
        ("a\nb\nc\n", "a\n…\nc", True),
        ("a\nc\n", "a\n…\nc", True),
        ("a 12 b\n", "a … b", True),
        ("a 12 c\n", "a … b", False),
        ("a\nb\n", "a", False),
        ("", "a", False),
    ],
)
def test_what_is_printed_is_compared_line_by_line(printed: str, shown: str, same: bool) -> None:
    assert says(printed, shown) is same
