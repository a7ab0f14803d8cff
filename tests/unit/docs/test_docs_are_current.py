"""The reference is what the code says, and no link leads nowhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from doc_pages import ROOT, anchors, pages, read

LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")


def _check(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "docs/generate.py", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_reference_pages_are_those_that_the_code_gives() -> None:
    done = _check("--check")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_page_that_is_not_current_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT / "docs"), *sys.path])
    import generate

    assert generate.write(tmp_path) == list(generate.PAGES)
    assert generate.stale(tmp_path) == []
    (tmp_path / "metrics.md").write_text("# Metrics of last year\n", encoding="utf-8")
    (tmp_path / "commands.md").unlink()
    assert generate.stale(tmp_path) == ["metrics.md", "commands.md"]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(read(page)):
        path, _, anchor = target.partition("#")
        aim = page.parent / path if path else page
        assert aim.exists(), f"{page.relative_to(ROOT)}: there is no {target}"
        assert not anchor or anchor in anchors(read(aim)), f"{page.relative_to(ROOT)}: no heading {target}"


def test_the_index_leads_to_every_page() -> None:
    index = ROOT / "docs" / "index.md"
    linked = {(index.parent / target).resolve() for target in LINK.findall(read(index))}
    apart = {index, ROOT / "README.md"}
    missing = [
        str(page.relative_to(ROOT))
        for page in pages()
        if page not in apart and page.parent.name != "decisions" and page.resolve() not in linked
    ]
    assert missing == []
