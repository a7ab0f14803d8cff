"""What a step is, how a daemon is killed at one, and what a point plans. Plain values; JSON between processes."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

SQLITE, POSTGRESQL = "sqlite", "postgresql"


class Cut(StrEnum):
    """Where at a step the process dies."""

    BEFORE_EFFECT = "before the effect"
    """The request arrived, and the vendor did nothing."""
    AFTER_EFFECT = "after the effect"
    """The vendor did it, and not a byte of its answer left."""
    IN_ANSWER = "in mid-answer"
    """Half of the answer left."""
    BEFORE_COMMIT = "before the commit"
    AFTER_COMMIT = "after the commit"

    @property
    def commits(self) -> bool:
        """Whether it is a kill at a commit, not at a call."""
        return self in (Cut.BEFORE_COMMIT, Cut.AFTER_COMMIT)


CALL_CUTS = (Cut.BEFORE_EFFECT, Cut.AFTER_EFFECT, Cut.IN_ANSWER)
COMMIT_CUTS = (Cut.BEFORE_COMMIT, Cut.AFTER_COMMIT)


@dataclass(frozen=True, order=True, slots=True)
class Step:
    """The n-th time (from 1) that an operation concerns a business key.

    The operation of a call is the vendor's system and what is asked of it; that of a commit is the table and
    what befell its row. The key is an order by its name in the script, or a SKU.
    """

    operation: str
    key: str
    n: int

    def __str__(self) -> str:
        return f"{self.operation} · {self.key} · {self.n}"


@dataclass(frozen=True, slots=True)
class Point:
    """One planned kill. `again`: killed once more at the first commit that concerns the same key afterwards."""

    step: Step
    cut: Cut
    database: str = SQLITE
    again: bool = False

    def __str__(self) -> str:
        more = ", again while recovering" if self.again else ""
        place = "" if self.database == SQLITE else f", {self.database}"
        return f"{self.cut}: {self.step}{more}{place}"

    @property
    def kills(self) -> int:
        """How often the daemon dies of it."""
        return 2 if self.again else 1

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)
