"""One `expr:` of a rule: checked when it is read, so that it can neither fail nor run away when it is used.

simpleeval evaluates it, after this module's own check of its tree: only comparisons, and/or/not, sums and
products of numbers, `in`, three text functions and the names below; every part has a known type and the
whole is true or false. No attributes, no calls on values, no powers, no loops, no growing of texts; length,
depth and size are capped. Numbers are Decimals; a division is by a written number that is not 0.
"""

import ast
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext
from enum import Enum

from simpleeval import SimpleEval  # type: ignore[import-untyped]

from config.errors import listed, near, shown
from config.units import BadUnit

MAX_SOURCE = 500
MAX_NODES = 150
MAX_DEPTH = 20
_MOST_NUMBER = 10**15


class Type(Enum):
    """What a part of an expression is."""

    NUMBER = "a number"
    TEXT = "a text"
    FLAG = "true or false"
    TEXTS = "a list of texts"
    NUMBERS = "a list of numbers"


NAMES: Mapping[str, Type] = {
    "account": Type.TEXT,
    "country": Type.TEXT,
    "postal_code": Type.TEXT,
    "currency": Type.TEXT,
    "total": Type.NUMBER,
    "lines": Type.NUMBER,
    "units": Type.NUMBER,
    "weight": Type.NUMBER,
    "service": Type.TEXT,
    "payment": Type.TEXT,
    "note": Type.TEXT,
    "tags": Type.TEXTS,
    "skus": Type.TEXTS,
    "shipped": Type.FLAG,
    "warehouse": Type.TEXT,
}
"""`total` is in major units of `currency`, `weight` in kilograms, `lines` and `units` are counts."""

FUNCTIONS: Mapping[str, tuple[tuple[Type, ...], Type, Callable[..., object]]] = {
    "starts": ((Type.TEXT, Type.TEXT), Type.FLAG, lambda text, part: text.startswith(part)),
    "ends": ((Type.TEXT, Type.TEXT), Type.FLAG, lambda text, part: text.endswith(part)),
    "lower": ((Type.TEXT,), Type.TEXT, lambda text: text.casefold()),
}
_SUMS = (ast.Add, ast.Sub, ast.Mult)
_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
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


def compile_expr(source: str) -> Expr:
    """The checked expression. BadUnit with what is wrong and what is allowed otherwise."""
    tree = _parsed(source)
    _measure(tree)
    found = _Checker().type_of(tree)
    if found is not Type.FLAG:
        raise BadUnit(
            f"this is {found.value}, and a condition must be true or false", "total > 100, not shipped"
        )
    functions = {name: function for name, (_, _, function) in FUNCTIONS.items()}
    used = frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return Expr(source, used & NAMES.keys(), _readied(tree), SimpleEval(functions=functions, names={}))


def _parsed(source: str) -> ast.expr:
    if len(source) > MAX_SOURCE:
        raise BadUnit(f"the expression has {len(source)} characters", f"at most {MAX_SOURCE}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return ast.parse(source.strip(), mode="eval").body
    except SyntaxError as error:
        where = f" at character {error.offset}" if error.offset else ""
        raise BadUnit(f"this is not an expression{where}", _allowed_names()) from None
    except (ValueError, MemoryError, RecursionError):
        raise BadUnit("this is not an expression", _allowed_names()) from None


def _measure(tree: ast.expr) -> None:
    """Refuse what is too large or too deep, without recursion."""
    level: list[ast.AST] = [tree]
    depth = count = 0
    while level:
        depth, count = depth + 1, count + len(level)
        if depth > MAX_DEPTH or count > MAX_NODES:
            raise BadUnit("the expression is too complicated", "a few comparisons; split it into two rules")
        level = [child for node in level for child in ast.iter_child_nodes(node)]


def _allowed_names() -> str:
    return f"and, or, not, in, comparisons, + - * /, and the names {listed(NAMES)}"


class _Checker:
    """Finds the type of every part; what has none is refused."""

    def type_of(self, node: ast.expr) -> Type:
        match node:
            case ast.BoolOp(values=values):
                return self._all(values, Type.FLAG, Type.FLAG)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._all([operand], Type.FLAG, Type.FLAG)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._all([operand], Type.NUMBER, Type.NUMBER)
            case ast.BinOp():
                return self._binary(node)
            case ast.Compare(left=left, ops=ops, comparators=others):
                for operator, one, two in zip(ops, [left, *others], others, strict=False):
                    self._compare(operator, one, two)
                return Type.FLAG
            case ast.Constant():
                return self._constant(node)
            case ast.Name(id=name):
                return self._name(name)
            case ast.Call():
                return self._call(node)
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return self._list(items)
        raise BadUnit(f"{_spoken(node)} cannot stand in a rule", _allowed_names())

    def _all(self, nodes: list[ast.expr], wanted: Type, result: Type) -> Type:
        for node in nodes:
            found = self.type_of(node)
            if found is not wanted:
                raise BadUnit(f"{shown(ast.unparse(node))} is {found.value}", wanted.value)
        return result

    def _binary(self, node: ast.BinOp) -> Type:
        if isinstance(node.op, ast.Div | ast.Mod):
            if not (isinstance(node.right, ast.Constant) and node.right.value):
                raise BadUnit("a division needs a written number other than 0 behind it", "total / 2")
        elif not isinstance(node.op, _SUMS):
            raise BadUnit(f"{_spoken(node.op)} cannot stand in a rule", _allowed_names())
        return self._all([node.left, node.right], Type.NUMBER, Type.NUMBER)

    def _compare(self, operator: ast.cmpop, left: ast.expr, right: ast.expr) -> None:
        one, two = self.type_of(left), self.type_of(right)
        plain = (Type.NUMBER, Type.TEXT, Type.FLAG)
        if isinstance(operator, ast.Eq | ast.NotEq):
            fits = one is two and one in plain
        elif isinstance(operator, _ORDERS):
            fits = one is two is Type.NUMBER
        elif isinstance(operator, ast.In | ast.NotIn):
            pairs = ((Type.TEXT, Type.TEXT), (Type.TEXT, Type.TEXTS), (Type.NUMBER, Type.NUMBERS))
            fits = (one, two) in pairs
        else:
            raise BadUnit(f"{_spoken(operator)} cannot stand in a rule", "==, !=, <, <=, >, >=, in, not in")
        if not fits:
            what = f"{shown(ast.unparse(left))} is {one.value} and {shown(ast.unparse(right))} is {two.value}"
            raise BadUnit(f"{what}: they cannot be compared so", "numbers with numbers, texts with texts")

    def _constant(self, node: ast.Constant) -> Type:
        if isinstance(node.value, bool):
            return Type.FLAG
        if isinstance(node.value, str):
            return Type.TEXT
        if isinstance(node.value, int | float) and abs(node.value) <= _MOST_NUMBER:
            return Type.NUMBER
        raise BadUnit(f"{shown(ast.unparse(node))} cannot stand in a rule", _allowed_names())

    def _name(self, name: str) -> Type:
        if name not in NAMES:
            flags = {"true": "True", "false": "False"}
            hint = flags.get(name) or near(name, NAMES)
            raise BadUnit(f"there is no name {shown(name)}", listed(NAMES), hint)
        return NAMES[name]

    def _call(self, node: ast.Call) -> Type:
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords:
            allowed = "starts(text, part), ends(text, part), lower(text)"
            raise BadUnit(f"{shown(ast.unparse(node.func))} cannot be called", allowed)
        wanted, result, _ = FUNCTIONS[node.func.id]
        if tuple(self.type_of(argument) for argument in node.args) != wanted:
            takes = ", ".join(one.value for one in wanted)
            raise BadUnit(f"{node.func.id} is given something else than it takes", f"{node.func.id}({takes})")
        return result

    def _list(self, items: list[ast.expr]) -> Type:
        if items and all(isinstance(item, ast.Constant) for item in items):
            kinds = {self.type_of(item) for item in items}
            if kinds == {Type.TEXT}:
                return Type.TEXTS
            if kinds == {Type.NUMBER}:
                return Type.NUMBERS
        raise BadUnit("a list holds written texts, or written numbers", 'country in ["DE", "AT"]')


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


_SPOKEN = {
    "Attribute": "a dot (an attribute or a method)",
    "Pow": "a power (**)",
    "Lambda": "a lambda",
    "IfExp": "if … else",
    "Subscript": "an index [ ]",
    "JoinedStr": "a formatted text",
    "Dict": "a mapping",
    "Is": "`is`",
    "IsNot": "`is not`",
}


def _spoken(node: ast.AST) -> str:
    kind = type(node).__name__
    return "a loop" if kind.endswith("Comp") or kind == "GeneratorExp" else _SPOKEN.get(kind, f"a {kind}")
