"""Every message about entrepot.yaml, word by word: a bad file stands beside what is said about it."""

from pathlib import Path

import pytest

from config import ConfigError, load_settings

CASES = Path(__file__).parent / "cases"
CONNECTORS = ("karrio", "tryton", "vendure")


@pytest.mark.parametrize("case", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_bad_file_is_told_with_line_column_key_and_mend(case: Path) -> None:
    with pytest.raises(ConfigError) as refusal:
        load_settings(case, connectors=CONNECTORS, file="entrepot.yaml")
    assert f"{refusal.value}\n" == case.with_suffix(".txt").read_text("utf-8")


def test_no_message_shows_a_secret() -> None:
    texts = [path.read_text("utf-8") for path in CASES.glob("*.txt")]
    assert texts
    assert not [text for text in texts if "hunter2" in text]
