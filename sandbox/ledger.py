"""What really happened in the sandbox, in order: the only thing that the judge reads.

Systems write an entry when an effect has taken place in their books, never when they were asked for it.
Entries are never changed or removed. HTTP calls are only counted: by system, path and status.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.clock import Clock


@dataclass(frozen=True, slots=True)
class Entry:
    """One effect: where it happened, what kind it is, and its facts (values that JSON can hold)."""

    sequence: int
    at: datetime
    system: str
    kind: str
    facts: dict[str, Any]

    def plain(self) -> dict[str, Any]:
        """The entry as a JSON object."""
        return {
            "sequence": self.sequence,
            "at": self.at.isoformat(),
            "system": self.system,
            "kind": self.kind,
            "facts": self.facts,
        }


class Ledger:
    """An append-only list of entries, numbered from 1, and the counts of HTTP calls."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._entries: list[Entry] = []
        self._calls: Counter[tuple[str, str, int]] = Counter()

    def record(self, system: str, kind: str, **facts: Any) -> Entry:
        """Write down one effect of `system` and return its entry."""
        entry = Entry(len(self._entries) + 1, self._clock.now(), system, kind, facts)
        self._entries.append(entry)
        return entry

    def call(self, system: str, path: str, status: int) -> None:
        """Count one HTTP call that `system` answered with `status` (0: the connection was dropped)."""
        self._calls[system, path, status] += 1

    def entries(self, since: int = 0) -> list[Entry]:
        """The entries after the sequence number `since`, in order."""
        return self._entries[since:]

    def calls(self) -> dict[tuple[str, str, int], int]:
        """How many HTTP calls there were, by (system, path, status)."""
        return dict(self._calls)
