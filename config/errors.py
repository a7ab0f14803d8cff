"""What is wrong in a file of the admin's, and where: one problem a line, all problems at once.

A problem names file, line, column and key, what is wrong, what is allowed, and a near miss where there
is one. It never carries a secret: values of keys that look like secrets are left out by whoever makes it.
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol


class Placed(Protocol):
    """Anything that has a place in a file."""

    @property
    def file(self) -> str: ...

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: `line` and `column` count from 1; 0 means the file as a whole.

    Its text is `file:line:column: key: what; allowed: …; did you mean …?`, parts without content left out.
    """

    file: str
    line: int
    column: int
    key: str
    what: str
    allowed: str = ""
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        head = f"{place}: {self.key}: " if self.key else f"{place}: "
        parts = [self.what]
        if self.allowed:
            parts.append(f"allowed: {self.allowed}")
        if self.hint:
            parts.append(f"did you mean {self.hint}?")
        return head + "; ".join(parts)


def problem_at(place: Placed, key: str, what: str, *, allowed: str = "", hint: str = "") -> Problem:
    """A problem at a place of a file."""
    return Problem(place.file, place.line, place.column, key, what, allowed, hint)


class ConfigError(Exception):
    """The configuration cannot be used. `problems` has all of them, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def refuse_if(problems: Sequence[Problem]) -> None:
    """Raise ConfigError where there is a problem."""
    if problems:
        raise ConfigError(problems)


def near(word: str, known: Iterable[str]) -> str:
    """The known word that `word` is most likely a slip of, or an empty text."""
    by_fold = {name.casefold(): name for name in sorted(known, reverse=True)}
    found = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else ""


def listed(words: Iterable[str], most: int = 24) -> str:
    """Words as a person reads them: `a, b, c`; a long list ends in the count of the rest."""
    names = list(words)
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def shown(text: str, most: int = 40) -> str:
    """A value as it stands in a message: quoted, one line, cut to `most` characters."""
    flat = "".join(char if char.isprintable() else "\ufffd" for char in text)
    return f'"{flat}"' if len(flat) <= most else f'"{flat[:most]}…"'
