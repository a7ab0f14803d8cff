"""Formulas of prices: what they come to, and that a hostile one costs neither time nor memory."""

import resource
import time
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from config.units import BadUnit
from mappings.expr import FORMULA_NAMES, MAX_SOURCE, OFFER_NAMES, Type, compile_expr, compile_formula

VALUES = {name: Decimal(value) for name, value in zip(FORMULA_NAMES, ("8", "10", "30", "15"), strict=True)}

HOSTILE = [
    "cost ** 1000000000000000",
    "9**9**9**9",
    "cost << 10",
    "1e400",
    "9" * 400,
    "1000000000000001 * cost",
    "(" * 240 + "cost" + ")" * 240,
    "-" * 400 + "cost",
    "cost" + " + cost" * 200,
    "x" * 10_000_000,
    "cost # " + "x" * MAX_SOURCE,
    "cost.__class__",
    "cost.quantize(1)",
    "__import__('os').system('true')",
    "max(*[cost])",
    "max(cost, cost, cost)",
    "max(cost, default=1)",
    "min()",
    "min",
    "sum([cost])",
    "[cost]",
    "cost if cost > 1 else map",
    "(lambda: cost)()",
    "(y := cost)",
    "'1' * 1000000000",
    "f'{cost:>1000000000}'",
    "cost / 0",
    "cost / map",
    "cost // 2",
    "cost % 2",
    "cost > 1",
    "not cost",
    "True",
    "1j * cost",
    "1,6",
    "cost * 1,6",
    "cost * 1，6",
    "15%",
    "None",
    "",
    "\x00",
    "\ud800",
    "cost\nimport os",
]


@pytest.mark.parametrize("source", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_formula_is_refused_at_once(source: str) -> None:
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(BadUnit) as refusal:
        compile_formula(source)
    assert refusal.value.what
    assert time.process_time() - began < 1, "a refusal is no work"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000, "a refusal needs no memory"


@pytest.mark.parametrize(
    ("source", "comes_to"),
    [
        ("landed_cost * 1.6", "16"),
        ("0.1 + 0.2", "0.3"),
        ("-cost + list_price", "22"),
        ("landed_cost / 4", "2.5"),
        ("max(cost, min(map, list_price))", "15"),
        ("(cost + 2) * 1.5 - 0.01", "14.99"),
    ],
)
def test_a_formula_comes_to_what_it_says(source: str, comes_to: str) -> None:
    assert compile_formula(source).value(VALUES) == Decimal(comes_to)


def test_the_names_it_uses_are_known() -> None:
    assert compile_formula("max(landed_cost, map) + 1").names == {"landed_cost", "map"}


def test_the_largest_that_may_be_written_is_no_work() -> None:
    began = time.process_time()
    source = "*".join(["999999999999999"] * 15)
    found = compile_formula(source).value(VALUES)
    assert found is not None
    assert found > 10**200
    assert time.process_time() - began < 1


numbers = st.sampled_from([*FORMULA_NAMES, "7", "0.25", "999999999999999", "0.000000001"])


def _deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    sums = st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda parts: f"({' '.join(parts)})")
    chosen = st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(lambda p: f"{p[0]}({p[1]}, {p[2]})")
    return sums | chosen | inner.map(lambda part: f"(-{part})") | inner.map(lambda part: f"({part} / 7)")


@given(
    st.recursive(numbers, _deeper, max_leaves=15),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.integers(0, 10**30).map(Decimal),
)
def test_a_checked_formula_never_fails_on_any_facts(source: str, cost: Decimal, map_: Decimal) -> None:
    try:
        formula = compile_formula(source)
    except BadUnit as refusal:
        assume("characters" in refusal.what or "complicated" in refusal.what)
        return
    found = formula.value({**VALUES, "cost": cost, "map": map_})
    assert found is None or found.is_finite()


@given(st.text(alphabet="costmapinxlde_ ()[]*/+-.,0123456789%'\"<>=:{}@~^&|\n\t\\", max_size=80))
def test_any_text_is_a_formula_or_refused(source: str) -> None:
    try:
        found = compile_formula(source).value(VALUES)
    except BadUnit as refusal:
        assert refusal.what
    else:
        assert found is None or found.is_finite()


@pytest.mark.parametrize(
    "source", ["total > 1", "note == ''", "cost", "skus", "map > 1", "landed_cost ** 2 > 1"]
)
def test_a_condition_of_listings_knows_its_own_names_alone(source: str) -> None:
    with pytest.raises(BadUnit):
        compile_expr(source, OFFER_NAMES)


def test_names_of_listings_are_texts_numbers_and_lists() -> None:
    facts: dict[Type, object] = {Type.TEXT: "x", Type.TEXTS: ("x",), Type.NUMBER: Decimal(1)}
    names = {name: facts[kind] for name, kind in OFFER_NAMES.items()}
    assert compile_expr("'x' in skus and 'x' in tags and cost <= landed_cost", OFFER_NAMES).holds(names)
