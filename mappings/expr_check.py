"""What an expression or a formula may say: its names and functions with their types, and the check of its tree.

Every part must have a type; what has none is refused, and so no checked tree can fail when it is worked out.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from simpleeval import SimpleEval  # type: ignore[import-untyped]

from config.errors import listed, near, shown
from config.units import BadUnit

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
"""Of orders: `total` is in major units of `currency`, `weight` in kilograms, `lines` and `units` are counts."""

OFFER_NAMES: Mapping[str, Type] = {
    "account": Type.TEXT,
    "currency": Type.TEXT,
    "skus": Type.TEXTS,
    "tags": Type.TEXTS,
    "suppliers": Type.TEXTS,
    "cost": Type.NUMBER,
    "landed_cost": Type.NUMBER,
    "list_price": Type.NUMBER,
}
"""Of listings: `currency` is the shop's; the amounts are in the goods' currency, of one piece of the listing."""

REQUEST_NAMES: Mapping[str, Type] = {
    "type": Type.TEXT,
    "account": Type.TEXT,
    "country": Type.TEXT,
    "shipped": Type.FLAG,
    "days_since_delivery": Type.NUMBER,
    "reason": Type.TEXT,
    "currency": Type.TEXT,
    "value": Type.NUMBER,
    "units": Type.NUMBER,
    "skus": Type.TEXTS,
    "tags": Type.TEXTS,
    "customer_requests": Type.NUMBER,
    "customer_orders": Type.NUMBER,
}
"""Of requests after the sale: `value` is in major units of `currency`, tax included; days are whole ones."""

FORMULA_NAMES: Mapping[str, Type] = dict.fromkeys(("cost", "landed_cost", "list_price", "map"), Type.NUMBER)
"""Of one piece of the listing, in the goods' currency."""

Function = tuple[tuple[Type, ...], Type, Callable[..., object]]
FUNCTIONS: Mapping[str, Function] = {
    "starts": ((Type.TEXT, Type.TEXT), Type.FLAG, lambda text, part: text.startswith(part)),
    "ends": ((Type.TEXT, Type.TEXT), Type.FLAG, lambda text, part: text.endswith(part)),
    "lower": ((Type.TEXT,), Type.TEXT, lambda text: text.casefold()),
}
FORMULA_FUNCTIONS: Mapping[str, Function] = {
    "min": ((Type.NUMBER, Type.NUMBER), Type.NUMBER, min),
    "max": ((Type.NUMBER, Type.NUMBER), Type.NUMBER, max),
}
_SUMS = (ast.Add, ast.Sub, ast.Mult)
_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


@dataclass(frozen=True, slots=True)
class Language:
    """What one kind of expression may name and call."""

    names: Mapping[str, Type]
    functions: Mapping[str, Function]

    def allowed(self) -> str:
        sums = self.functions is FORMULA_FUNCTIONS
        words = "+ - * /, min, max" if sums else "and, or, not, in, comparisons, + - * /"
        return f"{words}, and the names {listed(self.names)}"

    def calls(self) -> str:
        sums = self.functions is FORMULA_FUNCTIONS
        return "min(a, b), max(a, b)" if sums else "starts(text, part), ends(text, part), lower(text)"

    def number(self) -> str:
        """The first name of a number, for examples."""
        return next(name for name, kind in self.names.items() if kind is Type.NUMBER)

    def evaluator(self) -> SimpleEval:
        functions = {name: function for name, (_, _, function) in self.functions.items()}
        return SimpleEval(functions=functions, names={})


@dataclass(frozen=True, slots=True)
class Checker:
    """Finds the type of every part; what has none is refused."""

    language: Language

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
        raise BadUnit(f"{_spoken(node)} cannot stand in a rule", self.language.allowed())

    def _all(self, nodes: list[ast.expr], wanted: Type, result: Type) -> Type:
        for node in nodes:
            found = self.type_of(node)
            if found is not wanted:
                raise BadUnit(f"{shown(ast.unparse(node))} is {found.value}", wanted.value)
        return result

    def _binary(self, node: ast.BinOp) -> Type:
        if isinstance(node.op, ast.Div | ast.Mod):
            if not (isinstance(node.right, ast.Constant) and node.right.value):
                raise BadUnit(
                    "a division needs a written number other than 0 behind it",
                    f"{self.language.number()} / 2",
                )
        elif not isinstance(node.op, _SUMS):
            raise BadUnit(f"{_spoken(node.op)} cannot stand in a rule", self.language.allowed())
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
        raise BadUnit(f"{shown(ast.unparse(node))} cannot stand in a rule", self.language.allowed())

    def _name(self, name: str) -> Type:
        names = self.language.names
        if name not in names:
            flags = {"true": "True", "false": "False"}
            hint = flags.get(name) or near(name, names)
            raise BadUnit(f"there is no name {shown(name)}", listed(names), hint)
        return names[name]

    def _call(self, node: ast.Call) -> Type:
        functions = self.language.functions
        if not isinstance(node.func, ast.Name) or node.func.id not in functions or node.keywords:
            raise BadUnit(f"{shown(ast.unparse(node.func))} cannot be called", self.language.calls())
        wanted, result, _ = functions[node.func.id]
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
