"""What a benchmark says: its figures with floor and peer, its goals, and whether the result was right."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from rich.table import Table


class Sense(StrEnum):
    """On which side of its limit a goal lies."""

    AT_MOST = "at most"
    AT_LEAST = "at least"
    EXACTLY = "exactly"


@dataclass(frozen=True, slots=True)
class Goal:
    """A measured value and its limit, in the unit that `what` names."""

    what: str
    measured: float
    sense: Sense
    limit: float

    @property
    def met(self) -> bool:
        """Whether the limit is kept; a value is never rounded to fit."""
        match self.sense:
            case Sense.AT_MOST:
                return self.measured <= self.limit
            case Sense.AT_LEAST:
                return self.measured >= self.limit
            case Sense.EXACTLY:
                return self.measured == self.limit


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table. `floor`: what no program could go below; `peer`: what the other one needed."""

    what: str
    unit: str
    ours: float
    floor: float | None = None
    peer: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One benchmark, done. `headline` is the goal of the last line; `faults` say what was not as it should."""

    name: str
    setting: str
    """The job in one sentence: sizes, what the floor is, what the peer is."""
    figures: tuple[Figure, ...]
    headline: Goal
    goals: tuple[Goal, ...] = ()
    verified: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    postgresql: str | None = None
    """The version of the server that took part."""

    @property
    def met(self) -> bool:
        """Whether every goal is met by a result that was right."""
        return not self.faults and all(goal.met for goal in (self.headline, *self.goals))

    @property
    def last_line(self) -> str:
        """Name, ratio, goal, and whether it was met."""
        goal = self.headline
        told = f"{self.name}: ratio {number(goal.measured)} (goal {goal.sense} {number(goal.limit)})"
        return f"{told}: {'met' if self.met else 'not met'}"

    def as_json(self, machine: Mapping[str, Any], command: str) -> dict[str, Any]:
        """Everything, for a program to read."""
        goals = [{**asdict(goal), "met": goal.met} for goal in (self.headline, *self.goals)]
        return {**asdict(self), "goals": goals, "met": self.met, "machine": dict(machine), "command": command}


def number(value: float | None) -> str:
    """A figure as a person reads it: whole where it is great, three digits that count where it is small."""
    if value is None:
        return "-"
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3g}"


def figures_table(report: Report) -> Table:
    """Ours, floor, peer, side by side."""
    table = Table(title=report.name, title_justify="left")
    for heading in ("figure", "unit", "ours", "floor", "peer", "ours/floor"):
        table.add_column(heading, justify="left" if heading in {"figure", "unit"} else "right")
    for one in report.figures:
        ratio = one.ours / one.floor if one.floor else None
        table.add_row(
            one.what, one.unit, number(one.ours), number(one.floor), number(one.peer), number(ratio)
        )
    return table


def goals_table(report: Report) -> Table:
    """Each goal, and whether it was met."""
    table = Table(title="goals", title_justify="left")
    for heading in ("goal", "measured", "limit", "result"):
        table.add_column(heading, justify="right" if heading == "measured" else "left")
    for goal in (report.headline, *report.goals):
        limit = f"{goal.sense} {number(goal.limit)}"
        table.add_row(goal.what, number(goal.measured), limit, "met" if goal.met else "NOT MET")
    return table
