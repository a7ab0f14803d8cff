"""State machines run in two ways: by hypothesis, which shrinks what it finds, and by walks of chance alone.

Hypothesis prefers short and lopsided runs, so that what takes many steps hardly occurs. A walk draws every step
alike; there each class of worlds that a test names must occur in at least 2 % of them, or the test fails.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test


def _marked(kind: Callable[..., Any], choices: dict[str, Iterable[Any]], function: Callable[..., Any]) -> Any:
    lists = {name: list(values) for name, values in choices.items()}
    found = kind(**{name: st.sampled_from(values) for name, values in lists.items()})(function)
    found.kind, found.choices = kind, lists
    return found


def step(**choices: Iterable[Any]) -> Callable[[Callable[..., Any]], Any]:
    """A rule whose arguments are each one of the values given."""
    return lambda function: _marked(rule, choices, function)


def start(**choices: Iterable[Any]) -> Callable[[Callable[..., Any]], Any]:
    """The first step of every run."""
    return lambda function: _marked(initialize, choices, function)


def law(function: Callable[..., Any]) -> Any:
    """What holds after every step."""
    found: Any = invariant()(function)
    found.kind, found.choices = invariant, {}
    return found


class Machine(RuleBasedStateMachine):
    """A world with steps and laws. `classes` collects what was remarkable about a run."""

    def __init__(self) -> None:
        super().__init__()
        self.classes: set[str] = set()


def holds(machine: type[Machine], classes: Iterable[str], *, walks: int = 300, steps: int = 60) -> None:
    """The laws of a machine hold on every run, and each class occurs on at least 2 % of the walks."""
    run_state_machine_as_test(
        machine, settings=settings(max_examples=60, stateful_step_count=30, deadline=None)
    )
    seen: Counter[str] = Counter()

    @settings(max_examples=walks, deadline=None)
    @given(st.integers(0, 2**64))
    def every(seed: int) -> None:
        seen.update({"all", *_walk(machine, Random(seed), steps)})

    every()
    rare = [name for name in classes if seen[name] < 0.02 * seen["all"]]
    assert not rare, (rare, seen)


def _walk(machine: type[Machine], chance: Random, steps: int) -> set[str]:
    walker = machine()
    marked = [getattr(walker, name) for name in dir(machine) if hasattr(getattr(machine, name), "kind")]
    by_kind: dict[Any, list[Any]] = {
        kind: [one for one in marked if one.kind is kind] for kind in (initialize, rule, invariant)
    }
    told: list[str] = []
    try:
        for one in (*by_kind[initialize], *(chance.choice(by_kind[rule]) for _ in range(steps))):
            arguments = {name: chance.choice(values) for name, values in one.choices.items()}
            told.append(f"{one.__name__}({arguments})")
            one(**arguments)
            for check in by_kind[invariant]:
                check()
    except BaseException as error:
        error.add_note("\n".join(told))
        raise
    return walker.classes
