"""The patches and their headers: read whole, or refused with the file's name and what to mend."""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
_KEYS = ("Law", "Test", "Why")
_CHANGED = re.compile(r"^\+\+\+ b/(.+)$", re.MULTILINE)


class BadHeader(ValueError):
    """A patch does not say what it breaks, what must notice, and why that matters."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One breach of a law. `tests` are pytest's node ids, `changes` the files that it touches."""

    name: str
    path: Path
    law: str
    tests: tuple[str, ...]
    why: str
    changes: tuple[str, ...]


def every(folder: Path = FOLDER) -> list[Patch]:
    """All patches by name. Raises BadHeader."""
    return [read(path) for path in sorted(folder.glob("*.patch"))]


def chosen(names: list[str]) -> list[Patch]:
    """Those of these names, with or without the ending; all where none is named. Raises LookupError."""
    known = {patch.name: patch for patch in every()}
    wanted = [name.removesuffix(".patch") for name in names] or list(known)
    strangers = [name for name in wanted if name not in known]
    if strangers:
        raise LookupError(f"there is no patch {', '.join(strangers)} in {FOLDER.relative_to(ROOT)}")
    return [known[name] for name in wanted]


def read(path: Path) -> Patch:
    """One patch with its header. Raises BadHeader."""
    text = path.read_text(encoding="utf-8")
    header, found, _ = text.partition("\ndiff --git ")
    if not found:
        raise BadHeader(f"{path.name}: there is no diff below its header")
    said: dict[str, list[str]] = {key: [] for key in _KEYS}
    for line in header.splitlines():
        key, colon, value = line.partition(":")
        if not line.strip():
            continue
        if not colon or key not in said or not value.strip():
            raise BadHeader(
                f"{path.name}: a header line is `Law:`, `Test:` or `Why:` with a text, not {line!r}"
            )
        said[key].append(value.strip())
    for key in _KEYS:
        if not said[key] or (key != "Test" and len(said[key]) > 1):
            raise BadHeader(f"{path.name}: the header needs {'a' if key == 'Test' else 'one'} line `{key}:`")
    return Patch(
        name=path.stem,
        path=path,
        law=said["Law"][0],
        tests=tuple(said["Test"]),
        why=said["Why"][0],
        changes=tuple(_CHANGED.findall(text)),
    )
