"""An `expr:` or a formula of a rule: checked when it is read, so that it can neither fail nor run away later.

simpleeval evaluates it, after our own check of its tree (expr_check): only comparisons, and/or/not, sums and
products of numbers, `in`, a few functions and the names of its kind; every part has a known type. The whole
of an `expr:` is true or false, the whole of a formula a number. No attributes, no calls on values, no powers,
no loops, no growing of texts; length, depth and size are capped. Numbers are Decimals; a division is by a
written number that is not 0.
"""

import ast
import re
import unicodedata
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext

from simpleeval import SimpleEval  # type: ignore[import-untyped]

from config.errors import shown
from config.units import BadUnit
from mappings.expr_check import (
    FORMULA_FUNCTIONS,
    FORMULA_NAMES,
    FUNCTIONS,
    NAMES,
    OFFER_NAMES,
    REQUEST_NAMES,
    Checker,
    Language,
    Type,
)

MAX_SOURCE = 500
MAX_NODES = 150
MAX_DEPTH = 20


_QUIET = Context(prec=28, traps=[])
"""Arithmetic that never raises: an impossible result is NaN, and compares as false."""


@dataclass(frozen=True, slots=True)
class Expr:
    """A checked expression. Evaluating it never raises."""

    source: str
    names: frozenset[str]
    """The names that it uses."""
    _tree: ast.expr = field(repr=False, compare=False)
    _evaluator: SimpleEval = field(repr=False, compare=False)

    def holds(self, names: Mapping[str, object]) -> bool:
        """Its verdict on the facts, which are one value for each of NAMES, of the type stated there."""
        self._evaluator.names = names
        with localcontext(_QUIET):
            return bool(self._evaluator.eval(self.source, previously_parsed=self._tree))


@dataclass(frozen=True, slots=True)
class Formula:
    """A checked sum of numbers. Working it out never raises."""

    source: str
    names: frozenset[str]
    """The names that it uses: each must be known for it to have a value."""
    _tree: ast.expr = field(repr=False, compare=False)
    _evaluator: SimpleEval = field(repr=False, compare=False)

    def value(self, names: Mapping[str, Decimal]) -> Decimal | None:
        """What it comes to; `names` has at least those that it uses. None: no finite number."""
        self._evaluator.names = names
        with localcontext(_QUIET):
            found = self._evaluator.eval(self.source, previously_parsed=self._tree)
        return found if isinstance(found, Decimal) and found.is_finite() else None


def compile_expr(source: str, names: Mapping[str, Type] = NAMES) -> Expr:
    """The checked condition on these names. BadUnit with what is wrong and what is allowed otherwise."""
    language = Language(names, FUNCTIONS)
    tree = _checked(source, language)
    found = Checker(language).type_of(tree)
    if found is not Type.FLAG:
        example = "total > 100, not shipped" if names is NAMES else 'cost > 100, "summer" in tags'
        raise BadUnit(f"this is {found.value}, and a condition must be true or false", example)
    return Expr(source, _used(tree, names), _readied(tree), language.evaluator())


def compile_formula(source: str, names: Mapping[str, Type] = FORMULA_NAMES) -> Formula:
    """The checked formula over these names. BadUnit with what is wrong and what is allowed otherwise."""
    language = Language(names, FORMULA_FUNCTIONS)
    clean = unicodedata.normalize("NFKC", source[: MAX_SOURCE + 1])
    if re.search(r"\d,\d", clean):
        raise BadUnit(f"{shown(source)} has a comma in its number; write 1.6", language.allowed())
    if "%" in clean:
        raise BadUnit(f"{shown(source)} has a percent sign", language.allowed(), "* 1.15 for 15% more")
    tree = _checked(source, language)
    found = Checker(language).type_of(tree)
    if found is not Type.NUMBER:
        raise BadUnit(f"this is {found.value}, and a price must be a number", "landed_cost * 1.6")
    return Formula(source, _used(tree, names), _readied(tree), language.evaluator())


def _used(tree: ast.expr, names: Mapping[str, Type]) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name)) & names.keys()


def _checked(source: str, language: Language) -> ast.expr:
    tree = _parsed(source, language)
    _measure(tree)
    return tree


def _parsed(source: str, language: Language) -> ast.expr:
    if len(source) > MAX_SOURCE:
        raise BadUnit(f"the expression has {len(source)} characters", f"at most {MAX_SOURCE}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return ast.parse(source.strip(), mode="eval").body
    except SyntaxError as error:
        where = f" at character {error.offset}" if error.offset else ""
        raise BadUnit(f"this is not an expression{where}", language.allowed()) from None
    except (ValueError, MemoryError, RecursionError):
        raise BadUnit("this is not an expression", language.allowed()) from None


def _measure(tree: ast.expr) -> None:
    """Refuse what is too large or too deep, without recursion."""
    level: list[ast.AST] = [tree]
    depth = count = 0
    while level:
        depth, count = depth + 1, count + len(level)
        if depth > MAX_DEPTH or count > MAX_NODES:
            raise BadUnit("the expression is too complicated", "a few comparisons; split it into two rules")
        level = [child for node in level for child in ast.iter_child_nodes(node)]


class _Constants(ast.NodeTransformer):
    """Numbers become Decimals, and lists of constants one constant."""

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Constant):
            return _constant(_exact(node.value))
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return _constant(
                tuple(_exact(item.value) for item in node.elts if isinstance(item, ast.Constant))
            )
        return self.generic_visit(node)


def _readied(tree: ast.expr) -> ast.expr:
    ready = _Constants().visit(tree)
    if not isinstance(ready, ast.expr):
        raise TypeError("an expression stays one")
    return ast.fix_missing_locations(ready)


def _constant(value: object) -> ast.Constant:
    """A constant node of a kind that Python's own parser never makes: simpleeval hands on what it holds."""
    node = ast.Constant(None)
    node.value = value  # type: ignore[assignment]
    return node


def _exact(value: object) -> object:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal(repr(value)) if number else value


__all__ = [
    "FORMULA_NAMES",
    "FUNCTIONS",
    "MAX_SOURCE",
    "NAMES",
    "OFFER_NAMES",
    "REQUEST_NAMES",
    "Expr",
    "Formula",
    "Type",
    "compile_expr",
    "compile_formula",
]
