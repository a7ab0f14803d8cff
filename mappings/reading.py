"""What one load of the mapping files gathers, and how a section's rules and tables find their places."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import TypeVar

from config.errors import ConfigError, Problem, problem_at
from config.yaml import Located
from mappings.accounts import Accounts
from sync.domain.rules import RuleRef

Rows = TypeVar("Rows")


@dataclass(slots=True)
class Reading:
    """One load: the folder, its name in messages, the accounts, and what was found wrong so far."""

    folder: Path
    label: str
    accounts: Accounts
    zones: Mapping[str, tzinfo]
    """The zone of each account, for times that name none."""
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    tables: dict[str, object] = field(default_factory=dict)
    """The content of each table by its file's name: it decides, so it is a part of the version."""

    def table(self, name: str, place: Located, read: Callable[[Path, str], Rows]) -> Rows | None:
        """What `read(path, name in messages)` gives of a table beside the YAML; its problems are kept.

        One about the file as a whole is told at `place`, where the YAML names it; None is returned then.
        """
        try:
            return read(self.folder / name, f"{self.label}/{name}")
        except ConfigError as error:
            self.problems.extend(
                problem if problem.line else problem_at(place, place.path, f"{problem.file}: {problem.what}")
                for problem in error.problems
            )
            return None


def rule_at(section: Located, index: int, name: str) -> RuleRef:
    """Where the rule of that index stands. `section` is the located list of the rules."""
    place = section.find(index)
    return RuleRef(name, place.file, place.line)
