"""Tests of whole flows take turns on the two databases."""

from collections import Counter

from tests.databases.turns import side_of


def test_about_half_of_the_tests_runs_on_each_database() -> None:
    sides = Counter(side_of(f"tests/integration/flows/test_a.py::test_{n}", {}) for n in range(1000))
    assert sides["sqlite"] + sides["postgresql"] == 1000
    assert 400 < sides["sqlite"] < 600


def test_a_test_has_its_turn_on_one_database_always() -> None:
    name = "tests/integration/flows/test_a.py::test_b"
    assert side_of(name, {"n": 1, "m": 2}) == side_of(name, {"m": 2, "n": 1})
    assert {side_of(name, {"n": n}) for n in range(20)} == {"sqlite", "postgresql"}, "each case by itself"
