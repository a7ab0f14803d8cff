"""The `fields` parameter: which of a record's fields and relations an answer holds.

A plain name replaces the defaults; `+name`, `-name` and `*relation` change them. A relation comes only when it
is named; a name that does not exist is passed over in silence, as the real server does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Union

Relation = Callable[[], Union["Thing", list["Thing"], None]]


@dataclass(slots=True)
class Thing:
    """A record: its own fields, its relations, the fields that always come, and the relations that `*` brings."""

    own: dict[str, Any]
    relations: dict[str, Relation] = field(default_factory=dict)
    keys: tuple[str, ...] = ("id",)
    along: tuple[str, ...] = ()
    follows: dict[str, str] = field(default_factory=dict)
    """Relations that bring a field of the record itself along."""


@dataclass(slots=True)
class Wish:
    """What is wanted of a record."""

    whole: bool = False
    names: set[str] = field(default_factory=set)
    below: dict[str, "Wish"] = field(default_factory=dict)

    def add(self, path: str) -> None:
        """Want one more field or relation: `a`, `a.b`, `*a`, `*a.b`."""
        parts = path.removeprefix("*").removesuffix(".*").split(".")
        starred = path.startswith("*") or path.endswith(".*")
        spot = self
        for part in parts if starred else parts[:-1]:
            spot = spot.below.setdefault(part, Wish())
        if starred:
            spot.whole = True
        else:
            spot.names.add(parts[-1])

    def drop(self, path: str) -> None:
        """No longer want a field or relation of the first level."""
        self.names.discard(path)
        self.below.pop(path, None)


def wish(given: str | None, defaults: Sequence[str]) -> Wish:
    """What a `fields` parameter asks for, on top of the route's defaults where it does not replace them."""
    asked = [part.strip() for part in (given or "").split(",") if part.strip()]
    replaced = any(part[0] not in "+-*" and not part.endswith(".*") for part in asked)
    wanted = Wish()
    for path in () if replaced else defaults:
        wanted.add(path)
    for path in asked:
        if path[0] == "-":
            wanted.drop(path[1:])
        else:
            wanted.add(path.removeprefix("+"))
    return wanted


def render(thing: Thing, wanted: Wish) -> dict[str, Any]:
    """The record as the answer holds it."""
    named = wanted.names.union(thing.keys, (thing.follows.get(name, "") for name in wanted.below))
    shown = {name: value for name, value in thing.own.items() if wanted.whole or name in named}
    below = dict(wanted.below)
    for name in thing.relations:
        if name in wanted.names or (wanted.whole and name in thing.along):
            below.setdefault(name, Wish(whole=True))
    for name, inner in below.items():
        if name in thing.relations:
            found = thing.relations[name]()
            shown[name] = (
                [render(each, inner) for each in found]
                if isinstance(found, list)
                else None
                if found is None
                else render(found, inner)
            )
    return shown
