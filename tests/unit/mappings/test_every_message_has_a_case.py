"""A message that loader or lint can say, and that no case shows, fails here: write the bad file that brings it."""

from pathlib import Path

import pytest

from tests.unit.mappings.messages import Message, messages

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "tests" / "unit"
MESSAGES = [one for room in ("config", "mappings") for one in messages(ROOT / room)]


def said() -> str:
    """All expected texts, and the tests of what no single file can show (a missing right, a foreign disk)."""
    rooms = [TESTS / "config", TESTS / "mappings"]
    cases = [path.read_text("utf-8") for room in rooms for path in (room / "cases").glob("*.txt")]
    tests = [path.read_text("utf-8") for room in rooms for path in room.glob("test_*.py")]
    return "\n".join([*cases, *tests])


SAID = said()


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.place)
def test_it_is_shown_by_a_case(message: Message) -> None:
    if message.pattern.search(SAID) is None:
        pytest.fail(f"no case shows this message: {message}", pytrace=False)


def test_the_messages_are_found() -> None:
    assert len(MESSAGES) > 150
    texts = {message.text for message in MESSAGES}
    assert "this column is missing" in texts
    assert "two rules are called …, the first in line …" in texts
    assert "a tab stands here; indent with spaces" in texts


def test_there_are_cases_enough() -> None:
    cases = [path for room in ("config", "mappings") for path in (TESTS / room / "cases").glob("*.txt")]
    assert len(cases) >= 60
