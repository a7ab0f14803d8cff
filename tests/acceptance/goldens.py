"""Whole outputs of commands beside the texts that are expected, with what differs from run to run masked.

`ENTREPOT_GOLDEN=write` writes the texts anew: read the difference before you keep it.
"""

import os
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
_MASKS = (
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+00:00)?"), "<time>"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "<rules>"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<mark>"),
    (re.compile(r"rules \([0-9a-f]{8}\)"), "rules (<rules>)"),
    (re.compile(r"now \([0-9a-f]{8}\)"), "now (<rules>)"),
    (re.compile(r"; \d+ went out within the last hour"), ""),
)


def masked(text: str, folder: Path) -> str:
    """The text with times, ids and the test's own folder masked, and no white space at line ends."""
    found = text.replace(str(folder.parent), "<folder>")
    for pattern, mask in _MASKS:
        found = pattern.sub(mask, found)
    return "\n".join(line.rstrip() for line in found.splitlines()).strip("\n") + "\n"


def golden(name: str, text: str, folder: Path) -> None:
    """Compare an output with its text."""
    path, found = FOLDER / f"{name}.txt", masked(text, folder)
    if os.environ.get("ENTREPOT_GOLDEN") == "write":
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text("utf-8")
