"""Texts with places to fill: `{tracking}`, or `{name|customer}` with what stands there where nothing is known.

A place is a plain name and nothing else: no attribute, index, call or format, so that a text can show what it is
given and no more. `{{` and `}}` are the signs themselves. What is put in is plain text of one line: no value can
begin a new line, and so none can add a header to a mail.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NAME = re.compile(r"[a-z_]{1,40}")
_LONGEST_VALUE = 500


class BadTemplate(ValueError):
    """A text is no template: `what`, and what is `allowed`."""

    def __init__(self, what: str, allowed: str) -> None:
        super().__init__(what)
        self.what = what
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value goes; `otherwise` is what stands there without one (None: nothing is said of that)."""

    name: str
    otherwise: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """Fixed text and places, in their order."""

    parts: tuple[str | Place, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """The places alone."""
        return tuple(part for part in self.parts if isinstance(part, Place))

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with these values by name. A value that is absent or blank gives what stands there otherwise."""
        return "".join(part if isinstance(part, str) else _filled(part, values) for part in self.parts)


def parse(text: str) -> Template:
    """The template that a text is. Raises BadTemplate at the first thing that is wrong."""
    parts: list[str | Place] = []
    fixed, at = "", 0
    for found in _PIECE.finditer(text):
        fixed += text[at : found.start()]
        at = found.end()
        if found[0] in ("{{", "}}"):
            fixed += found[0][0]
            continue
        if found[1] is None:
            raise BadTemplate(
                f"a {found[0]} stands alone", "{name of a value}; {{ and }} for the signs themselves"
            )
        parts += [fixed, _place(found[1])]
        fixed = ""
    parts.append(fixed + text[at:])
    return Template(tuple(part for part in parts if part != ""))


def _place(inside: str) -> Place:
    name, bar, otherwise = inside.partition("|")
    if not _NAME.fullmatch(name.strip()):
        raise BadTemplate(
            f"{{{inside[:40]}}} is not a place for a value",
            "{name of a value}, {name of a value|text without it}",
        )
    return Place(name.strip(), otherwise if bar else None)


def _filled(place: Place, values: Mapping[str, str]) -> str:
    value = one_line(values.get(place.name, ""))
    return value or (place.otherwise or "")


def one_line(value: str) -> str:
    """A value as it may stand in a text: one line, without control characters, 500 characters at most."""
    return " ".join("".join(_printable(value)).split())[:_LONGEST_VALUE]


def _printable(value: str) -> Iterator[str]:
    for sign in value:
        kind = unicodedata.category(sign)
        if kind in ("Zl", "Zp", "Cc"):
            yield " "
        elif kind not in ("Cs", "Co", "Cn") and sign not in _DIRECTIONS:
            yield sign


_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Signs that turn the direction of what stands behind them, in somebody else's text too."""
