"""A missed goal is told as missed, a wrong result as wrong, and both in the last line or the exit code."""

import json

import pytest

from bench import machine
from bench.__main__ import main
from bench.report import Figure, Goal, Report, Sense, number


def report(*goals: Goal, faults: tuple[str, ...] = ()) -> Report:
    headline = Goal("time over the floor", 1.07, Sense.AT_MOST, 1.1)
    return Report("push", "a job", (Figure("time", "s", 9.6, 9.0),), headline, goals, faults=faults)


def test_the_last_line_says_name_ratio_goal_and_met() -> None:
    assert report().last_line == "push: ratio 1.07 (goal at most 1.10): met"


def test_one_goal_that_is_missed_misses_all() -> None:
    missed = report(Goal("refused calls", 1, Sense.EXACTLY, 0))
    assert missed.last_line == "push: ratio 1.07 (goal at most 1.10): not met"


def test_a_wrong_result_is_never_met() -> None:
    assert report(faults=("an offer is lost",)).last_line.endswith("not met")


@pytest.mark.parametrize(
    ("sense", "measured", "met"),
    [
        (Sense.AT_MOST, 1.1000001, False),
        (Sense.AT_MOST, 1.1, True),
        (Sense.AT_LEAST, 1.0999999, False),
        (Sense.EXACTLY, 1.1, True),
    ],
)
def test_a_value_is_never_rounded_to_fit(sense: Sense, measured: float, met: bool) -> None:
    assert Goal("any", measured, sense, 1.1).met is met


def test_json_has_the_machine_and_the_command() -> None:
    told = json.loads(json.dumps(report().as_json(machine.facts("15.1"), "python -m bench push")))
    assert told["machine"]["postgresql"] == "15.1"
    assert told["command"] == "python -m bench push"
    assert told["goals"][0]["met"] is True


def test_without_a_name_the_benchmarks_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert {"push", "unsent", "recompute", "plan"} <= set(listed)


def test_an_unknown_name_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["polish"]) == 2
    assert capsys.readouterr().err.startswith("there is no benchmark 'polish'; there are: ")


@pytest.mark.parametrize(
    ("value", "told"), [(None, "-"), (9.0, "9"), (1.1, "1.10"), (0.0195, "0.0195"), (12345.6, "12,346")]
)
def test_figures_are_told_as_a_person_reads_them(value: float | None, told: str) -> None:
    assert number(value) == told
