"""Every defence that the threat model claims has the test that it names."""

import re

from doc_pages import DOCS, ROOT, read

NAMED = re.compile(r"`(test_\w+)`")


def test_every_test_that_the_threat_model_names_exists() -> None:
    named = NAMED.findall(read(DOCS / "explanation" / "threat-model.md"))
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    defined = set(re.findall(r"def (test_\w+)\(", code))
    assert [name for name in named if name not in defined] == []
    assert len(set(named)) > 50


def test_every_row_of_a_defence_names_its_test() -> None:
    rows = [
        line for line in read(DOCS / "explanation" / "threat-model.md").splitlines() if line.startswith("| ")
    ]
    bare = [row for row in rows if row != "| it tries | what holds | test |" and not NAMED.search(row)]
    assert bare == []
