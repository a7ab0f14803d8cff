"""Which rule of the admins' files decided: quoted by explain, plans, issues and the audit trail."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleRef:
    """A rule by its name, and the place where it stands: file as messages name it, line from 1.

    Stored terms hold the name alone: a line that moves is no change of an offer.
    """

    name: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.name} ({self.file}:{self.line})"
