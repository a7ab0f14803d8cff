"""The file of a bulk operation, gathered piece by piece: JSON lines, a connection's records as lines of their own."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
Line = tuple[int, str]
"""How deep a record stood, and its line."""


@dataclass(slots=True)
class Sheaf:
    """The lines of each root record with all below it."""

    blocks: list[list[Line]] = field(default_factory=list)

    def add(self, data: Row) -> int:
        """Take in the records of a piece of the data; how many roots they have."""
        before = len(self.blocks)
        for records in _connections(data):
            self.blocks += [list(_lines(record, None, 0)) for record in records]
        return len(self.blocks) - before

    def halve(self) -> None:
        """Keep the first half only."""
        del self.blocks[(len(self.blocks) + 1) // 2 :]

    def bound(self, grouped: bool) -> tuple[bytes, int]:
        """The file and its number of lines: grouped, children follow their parent; else all parents come first."""
        lines = [line for block in self.blocks for line in block]
        if not grouped:
            lines.sort(key=lambda line: line[0])
        return "".join(text for _, text in lines).encode(), len(lines)


def _records(value: Any) -> list[Row] | None:
    """The records of a connection in data; None for anything else."""
    if not isinstance(value, dict) or not value or set(value) - {"edges", "nodes", "pageInfo", "__typename"}:
        return None
    if "edges" in value:
        return [edge["node"] for edge in value["edges"]]
    return list(value["nodes"]) if "nodes" in value else None


def _connections(data: Row) -> Iterator[list[Row]]:
    for value in data.values():
        found = _records(value)
        if found is not None:
            yield found
        elif isinstance(value, dict):
            yield from _connections(value)


def _lines(record: Row, parent: str | None, depth: int) -> Iterator[Line]:
    """A record without its connections, then the records of these."""
    own: Row = {}
    below: list[Row] = []
    for name, value in record.items():
        found = _records(value)
        if found is None:
            own[name] = value
        else:
            below += found
    if parent is not None:
        own["__parentId"] = parent
    yield depth, json.dumps(own, ensure_ascii=False, separators=(",", ":")) + "\n"
    for each in below:
        yield from _lines(each, record.get("id"), depth + 1)
