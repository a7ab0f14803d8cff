"""JSON Schema as tables: what may be written, what holds where nothing is written, and what it means."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from pages.markdown import code, span, table

Schema = Mapping[str, Any]
AMOUNTS = {"15 seconds": "duration", "199 CNY": "money", "3 kg": "weight", "5%": "percentage"}
"""The first example of an amount in a schema, and what kind of amount it is."""
_FREE_TEXT = {"string", "number", "boolean"}
_DURATION = re.compile(r"P(?=\d|T)(\d+D)?(T[\d.HMS]+)?")


def plain(part: Schema) -> Schema:
    """The schema without the alternative `null`, which says only that the key may be left out."""
    options = [option for option in part.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) != 1:
        return part
    return {key: value for key, value in part.items() if key != "anyOf"} | options[0]


def part_name(part: Schema) -> str:
    """The name of the part that a schema refers to, if it is one."""
    return str(plain(part).get("$ref", "")).rpartition("/")[2]


def kind_of(part: Schema, parts: Mapping[str, Schema]) -> str:
    """What may be written, in words."""
    bare = plain(part)
    name = part_name(bare)
    if name:
        target = parts[name]
        return choices(target["enum"]) if "enum" in target else f"[{heading(name)}](#{anchor(name)})"
    if "enum" in bare:
        return choices(bare["enum"])
    if "const" in bare:
        return code(str(bare["const"]))
    if "anyOf" in bare:
        return _either(bare["anyOf"], parts)
    return _of_type(bare, parts)


def _of_type(bare: Schema, parts: Mapping[str, Schema]) -> str:
    types = bare.get("type", "object")
    words = set(types) if isinstance(types, list) else {types}
    if words == {"array"}:
        return f"list of {kind_of(bare.get('items', {}), parts)}"
    if words == {"object"}:
        inner = bare.get("additionalProperties")
        return f"mapping to {kind_of(inner, parts)}" if isinstance(inner, dict) else "mapping"
    if "examples" in bare:
        examples = [str(example) for example in bare["examples"]]
        return AMOUNTS.get(examples[0], "text") + ", such as " + ", ".join(map(code, examples))
    if words >= _FREE_TEXT or words == {"string"}:
        return "text"
    if words == {"boolean"}:
        return "`true` or `false`"
    return "whole number" + _bounds(bare)


def _bounds(bare: Schema) -> str:
    low, high = bare.get("minimum"), bare.get("maximum")
    if low is None:
        return ""
    return f", from {low}" + (f" to {high}" if high is not None else "")


def choices(values: Iterable[object]) -> str:
    return ", ".join(code(str(value)) for value in values)


def _either(options: Sequence[Schema], parts: Mapping[str, Schema]) -> str:
    """A value or a list of such values, as most of our keys are."""
    single = [option for option in options if option.get("type") != "array"]
    words = " or ".join(kind_of(option, parts) for option in single)
    return f"{words}, or a list" if len(single) < len(options) else words


def default_of(key: str, part: Schema, schema: Schema) -> str:
    """What holds where the key is left out."""
    if key in schema.get("required", ()):
        return "must be given"
    if part_name(part) and isinstance(part.get("default"), dict):
        return "see there"
    return _share(part) or written(part.get("default"))


def _share(part: Schema) -> str:
    """A share as it is written, `30% per day`: the schema has it as a fraction. Empty where it is none."""
    example, default = str(next(iter(plain(part).get("examples", ())), "")), part.get("default")
    if "%" not in example or not isinstance(default, str) or not default.replace(".", "").isdigit():
        return ""
    percent = f"{(Decimal(default) * 100).normalize():f}%"
    return code(percent + (" per day" if example.endswith("per day") else ""))


def written(value: object) -> str:
    """A default as one would write it in YAML."""
    if value is None or value in ("", [], {}):
        return "none"
    if isinstance(value, Mapping) and set(value) == {"host", "port"}:
        return code(f"{value['host']}:{value['port']}")
    if isinstance(value, bool):
        return code(str(value).lower())
    if isinstance(value, str) and _DURATION.fullmatch(value):
        return code(span(TypeAdapter(timedelta).validate_python(value).total_seconds()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return code("[" + ", ".join(map(str, value)) + "]")
    return code(str(value))


def keys_table(schema: Schema, parts: Mapping[str, Schema], *, leave_out: Iterable[str] = ()) -> str:
    """One row a key."""
    left_out = set(leave_out)
    return table(
        ("key", "value", "default", "meaning"),
        (
            (code(key), kind_of(part, parts), default_of(key, part, schema), part.get("description", ""))
            for key, part in schema.get("properties", {}).items()
            if key not in left_out
        ),
    )


def heading(name: str) -> str:
    """`karrio.Carrier` and `LineModel` as headings: what an admin would call them."""
    own = name.rpartition(".")[2].removesuffix("Model")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", own).lower()


def anchor(name: str) -> str:
    """Where a heading is found on its page."""
    return heading(name).replace(" ", "-")


def inner_parts(schema: Schema, parts: Mapping[str, Schema]) -> list[str]:
    """Names of the parts that a schema leads to, each once, in the order of their first mention."""
    found: list[str] = []
    queue = [schema]
    while queue:
        for name in _references(queue.pop(0)):
            if name not in found and "properties" in parts[name]:
                found.append(name)
                queue.append(parts[name])
    return found


def _references(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        if "$ref" in value:
            yield str(value["$ref"]).rpartition("/")[2]
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def part_section(name: str, parts: Mapping[str, Schema]) -> str:
    part = parts[name]
    return f"### {heading(name)}\n{part.get('description', '')}\n\n{keys_table(part, parts)}"
