"""What the tests of the documentation read: the pages, their blocks of example text, their headings."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def pages() -> list[Path]:
    """README.md and every page of docs/."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def read(path: Path) -> str:
    """A page's text."""
    return path.read_text("utf-8")


def blocks(text: str) -> Iterator[str]:
    """The indented examples of a page, each without its indentation."""
    for found in re.findall(r"(?:^ {4,}\S.*\n(?:\n(?= {4}))?)+", text, re.MULTILINE):
        lines = found.splitlines()
        margin = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
        yield "\n".join(line[margin:] for line in lines) + "\n"


def anchors(text: str) -> set[str]:
    """Where a link into a page may lead: its headings, in small letters, spaces as hyphens."""
    return {
        re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in _HEADING.findall(text)
    }
