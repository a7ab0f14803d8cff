"""Validate a located value against a pydantic model, and say every error with its place in the file.

`bind` is used for our own files and for every connector's options. Scalars come as text and pydantic's
lax mode types them; only true and false are taken as booleans (YAML 1.1's yes, no, on, off are told so).
A value is quoted in a message only where its key does not look like a secret.
"""

import re
from collections.abc import Collection, Iterator
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.errors import ConfigError, Problem, listed, near, problem_at, shown
from config.shape import Expected, fields, members, models, under, wants_flag, wants_number
from config.yaml import ListNode, Located, MapNode, ScalarNode

M = TypeVar("M", bound=BaseModel)

SENSITIVE = re.compile(r"pass|secret|token|key|credential|database|url", re.IGNORECASE)
"""Keys whose values no message shows (a database's URL may hold a password)."""
_FLAGS = {"true", "True", "TRUE", "false", "False", "FALSE"}
_OCTAL = re.compile(r"0+[1-9]\d*")
_UNDERSCORED = re.compile(r"\d+(_\d+)+(\.\d+)?")
_ENDLESS = re.compile(r"[+-]?\.?(inf|infinity|nan)", re.IGNORECASE)
_QUOTED = re.compile(r"'([^']*)'")


def bind(model: type[M], node: Located, *, also: Collection[str] = ()) -> M:
    """The model's instance, or ConfigError with every problem.

    `also` are keys that are allowed elsewhere beside this mapping's own: a slip of one of them is hinted at.
    """
    problems: list[Problem] = []
    bound = try_bind(model, node, problems, also=also)
    if bound is None:
        raise ConfigError(problems)
    return bound


def try_bind(
    model: type[M], node: Located, problems: list[Problem], *, also: Collection[str] = ()
) -> M | None:
    """As `bind`, but the problems are added to the list, and None is returned where there were any."""
    found = list(_trap_problems(model, node))
    bound: M | None = None
    try:
        bound = model.model_validate(node.plain())
    except ValidationError as error:
        told = {problem.key for problem in found}
        details = error.errors(include_url=False)
        found += [p for p in (_problem(one, model, node, also) for one in details) if p.key not in told]
    problems += found
    return None if found else bound


def _trap_problems(expected: Expected, node: Located) -> Iterator[Problem]:
    """What one program reads as this and another one as that: yes and no, 0123, 1_000, .inf."""
    if isinstance(node, MapNode):
        for key, value in node:
            inner = under(expected, key.text)
            if inner is not None:
                yield from _trap_problems(inner, value)
    elif isinstance(node, ListNode):
        for index, item in enumerate(node.items):
            inner = under(expected, index)
            if inner is not None:
                yield from _trap_problems(inner, item)
    elif isinstance(node, ScalarNode) and not node.null:
        if wants_flag(expected) and node.text not in _FLAGS:
            hint = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(node.text.lower(), "")
            what = f"{_value(node)} is neither true nor false"
            yield problem_at(node, node.path, what, allowed="true, false", hint=hint)
        elif wants_number(expected):
            yield from _number_problems(expected, node)


def _number_problems(expected: Expected, node: ScalarNode) -> Iterator[Problem]:
    text = node.text.strip()
    if _OCTAL.fullmatch(text):
        what = f"{_value(node)} begins with a 0, and programs do not agree what number that is"
        yield problem_at(node, node.path, what, hint=text.lstrip("0"))
    elif _UNDERSCORED.fullmatch(text):
        what = f"{_value(node)} has an underscore in its number"
        yield problem_at(node, node.path, what, hint=text.replace("_", ""))
    elif _ENDLESS.fullmatch(text):
        allowed = "a whole number" if int in members(expected) else "a number"
        yield problem_at(node, node.path, f"{_value(node)} does not fit", allowed=allowed)


def _problem(error: ErrorDetails, model: type[BaseModel], root: Located, also: Collection[str]) -> Problem:
    steps = list(error["loc"])
    if error["type"] == "extra_forbidden":
        return _unknown_key(steps, model, root, also)
    if error["type"] == "missing":
        node = _locate(root, steps[:-1])
        name = str(steps[-1])
        key = f"{node.path}.{name}" if node.path else name
        return problem_at(node, key, "this key is missing", allowed=_inside(model, steps))
    node = _locate(root, steps)
    context = error.get("ctx") or {}
    what, allowed = _said(error, node)
    return problem_at(
        node,
        node.path,
        str(context.get("what", what)),
        allowed=str(context.get("allowed", allowed)),
        hint=str(context.get("hint", "")) or _hint(error, node, allowed),
    )


def _locate(root: Located, steps: list[str | int]) -> Located:
    """The value at pydantic's path; names that it adds itself (of unions, of keys) lead nowhere."""
    node = root
    for step in steps:
        child = node.child(step)
        node = node if child is None else child
    return node


def _unknown_key(
    steps: list[str | int], model: type[BaseModel], root: Located, also: Collection[str]
) -> Problem:
    parent = _locate(root, steps[:-1])
    name = str(steps[-1])
    known = [key for one in _models_at(model, steps[:-1]) for key in fields(one)]
    place = parent.key(name) if isinstance(parent, MapNode) else None
    path = place.path if place else name
    return problem_at(
        place or parent,
        path,
        f"{shown(name)} is not a key here",
        allowed=listed(known),
        hint=near(name, {*known, *(also if len(steps) == 1 else ())}),
    )


def _models_at(model: type[BaseModel], steps: list[str | int]) -> list[type[BaseModel]]:
    expected: Expected | None = model
    for step in steps:
        deeper = under(expected, step) if expected is not None else None
        expected = deeper if deeper is not None else expected
    return models(expected)


def _inside(model: type[BaseModel], steps: list[str | int]) -> str:
    """What a missing key may be, where its model names a few values."""
    name = str(steps[-1])
    for one in _models_at(model, steps[:-1]):
        info = fields(one).get(name)
        if info is not None and info.examples:
            return listed(str(example) for example in info.examples)
    return ""


def _value(node: Located) -> str:
    """The value as a message may show it."""
    if not isinstance(node, ScalarNode):
        return "a list" if isinstance(node, ListNode) else "a mapping"
    if node.null:
        return "no value"
    return "this value" if SENSITIVE.search(node.path.rpartition(".")[2]) else shown(node.text)


def _said(error: ErrorDetails, node: Located) -> tuple[str, str]:
    """(what is wrong, what is allowed) for pydantic's own errors."""
    kind, context, value = error["type"], error.get("ctx") or {}, _value(node)
    if isinstance(node, ScalarNode) and node.null:
        return "has no value", _wanted(kind, context)
    if kind in ("enum", "literal_error"):
        return f"{value} is not known here", listed(_QUOTED.findall(str(context.get("expected", ""))))
    if kind == "value_error":
        return str(context.get("error", "is not valid")), ""
    wanted = _wanted(kind, context)
    return (f"{value} does not fit", wanted) if wanted else (f"{value}: {_plain(error['msg'])}", "")


_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "bool_type": "true, false",
    "bool_parsing": "true, false",
    "dict_type": "a mapping of keys and values",
    "model_type": "a mapping of keys and values",
    "model_attributes_type": "a mapping of keys and values",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "too_short": "at least {min_length}",
    "too_long": "at most {max_length}",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "the form {pattern}",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "url_parsing": "a URL such as https://shop.example.com",
    "url_scheme": "a URL such as https://shop.example.com",
    "url_type": "a URL such as https://shop.example.com",
    "date_from_datetime_parsing": "a date such as 2026-06-01",
    "datetime_from_date_parsing": "a time such as 2026-06-01 09:00",
    "datetime_parsing": "a time such as 2026-06-01 09:00",
    "time_parsing": "a time of day such as 16:00",
}


def _wanted(kind: str, context: dict[str, object]) -> str:
    if kind == "string_too_short" and context.get("min_length") == 1:
        return "a text that is not empty"
    if kind in ("enum", "literal_error"):
        return listed(_QUOTED.findall(str(context.get("expected", ""))))
    template = _WANTED.get(kind, "")
    return template.format(**context) if template else ""


def _plain(message: str) -> str:
    return message[:1].lower() + message[1:]


def _hint(error: ErrorDetails, node: Located, allowed: str) -> str:
    if error["type"] not in ("enum", "literal_error") or not isinstance(node, ScalarNode) or node.null:
        return ""
    return near(node.text, allowed.split(", "))
