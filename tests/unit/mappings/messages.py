"""The messages that loader and lint can say, found in the code itself.

A message is the text that a call such as `problem_at(place, path, what)` is given: written there, put into a
variable before it, or returned by a function of the same file. Parts that vary match anything.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_WHAT = {
    "problem_at": 2,
    "refused": 0,
    "BadUnit": 0,
    "BadRow": 1,
    "Problem": 4,
    "BadDatabase": 0,
    "BadExpr": 0,
    "_tell": 2,
    "_problem": 2,
    "_too_much": 0,
    "_whole": 1,
    "_byte_problem": 3,
    "KeyMissing": 0,
}
"""Which argument of a call says what is wrong."""
_LEAST = 6
"""A template with fewer fixed characters says nothing by itself: another one is put into it."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: where it is said, and the pattern of its texts."""

    place: str
    text: str
    pattern: re.Pattern[str]

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


def messages(folder: Path) -> Iterator[Message]:
    """Every message of the Python files of a folder."""
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        file = _File(tree)
        for line, template in file.templates():
            fixed = "".join(part for part in template if part is not None)
            if len(fixed.strip()) >= _LEAST:
                pattern = ".+?".join(re.escape(part) for part in _joined(template))
                text = "…".join(_joined(template))
                yield Message(f"{path.relative_to(folder.parent)}:{line}", text, re.compile(pattern))


Template = tuple[str | None, ...]
"""Fixed parts, and None for each part that varies."""


def _joined(template: Template) -> list[str]:
    parts, current = [], ""
    for part in template:
        if part is None:
            parts.append(current)
            current = ""
        else:
            current += part
    return [*parts, current]


class _File:
    """One file: its functions, and what its calls are given."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._functions = {
            node.name: node
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        self._constants = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }

    def templates(self) -> Iterator[tuple[int, Template]]:
        """(line, template) of every text that says what is wrong."""
        for scope in [self._tree, *self._functions.values()]:
            for node in self._own(scope):
                if isinstance(node, ast.Call) and (given := _given(node)) is not None:
                    for template in self._texts(given, scope, 0):
                        yield node.lineno, template

    def _own(self, scope: ast.AST) -> Iterator[ast.AST]:
        """What stands in a function itself, and not in one inside it."""
        for child in ast.iter_child_nodes(scope):
            if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield child
                yield from self._own(child)

    def _texts(self, node: ast.expr, scope: ast.AST, depth: int) -> Iterator[Template]:
        match node:
            case ast.Constant(value=str(text)):
                yield (text,)
            case ast.JoinedStr(values=values):
                yield tuple(str(part.value) if isinstance(part, ast.Constant) else None for part in values)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                for one in self._texts(left, scope, depth):
                    for other in self._texts(right, scope, depth):
                        yield one + other
            case ast.IfExp(body=body, orelse=other):
                yield from self._texts(body, scope, depth)
                yield from self._texts(other, scope, depth)
            case ast.Name(id=name) if depth < 4:
                yield from self._named(name, scope, depth + 1)
            case ast.Call(func=ast.Name(id=name)) if name in self._functions and depth < 4:
                yield from self._returned(self._functions[name], depth + 1)
            case ast.Subscript(value=ast.Name(id=name)) if isinstance(self._constants.get(name), ast.Dict):
                table = self._constants[name]
                assert isinstance(table, ast.Dict)
                for value in table.values:
                    yield from self._texts(value, scope, depth + 1)

    def _named(self, name: str, scope: ast.AST, depth: int) -> Iterator[Template]:
        """What was put into the variable in this function, or what stands at the head of the file."""
        found = False
        for node in self._own(scope):
            if isinstance(node, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == name for target in node.targets
            ):
                found = True
                yield from self._texts(node.value, scope, depth)
            if isinstance(node, ast.NamedExpr) and node.target.id == name:
                found = True
                yield from self._texts(node.value, scope, depth)
            if (
                isinstance(node, ast.AugAssign)
                and isinstance(node.target, ast.Name)
                and node.target.id == name
            ):
                yield from self._texts(node.value, scope, depth)
        if not found and name in self._constants:
            yield from self._texts(self._constants[name], scope, depth)

    def _returned(self, function: ast.FunctionDef | ast.AsyncFunctionDef, depth: int) -> Iterator[Template]:
        for node in self._own(function):
            if isinstance(node, ast.Return) and node.value is not None:
                yield from self._texts(node.value, function, depth)


def _given(call: ast.Call) -> ast.expr | None:
    """The argument that says what is wrong; None where the call is none of those."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name not in _WHAT:
        return None
    for keyword in call.keywords:
        if keyword.arg == "what":
            return keyword.value
    at = _WHAT[name]
    return call.args[at] if len(call.args) > at else None
