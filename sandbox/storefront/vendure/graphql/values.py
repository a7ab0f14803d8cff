"""Turns what a client gave (literals and JSON variables) into plain values of the schema's input types.

A value that does not fit is a `ValueFault` with the words of the reference implementation, graphql-js.
"""

import json
import math
from datetime import UTC, datetime
from typing import Any

from sandbox.storefront.vendure.graphql.nodes import EnumWord, Literal, TypeRef, Variable
from sandbox.storefront.vendure.graphql.schema import Schema

ABSENT = object()
"""A variable that the client did not give, or an argument left out."""

LARGEST_INT = 2**31 - 1
LARGEST_MONEY = 2**53 - 1


class ValueFault(Exception):
    """A value does not fit its type; `path` leads to it, as `take` or `filter.code`."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.path = path


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _integer(name: str, value: object, largest: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueFault(f"{name} cannot represent non-integer value: {_shown(value)}")
    if isinstance(value, float) and not value.is_integer():
        raise ValueFault(f"{name} cannot represent non-integer value: {_shown(value)}")
    if abs(value) > largest:
        raise ValueFault(f"{name} cannot represent non 32-bit signed integer value: {_shown(value)}")
    return int(value)


def _moment(value: object) -> datetime:
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is not None and "T" in value and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    raise ValueFault(f"DateTime cannot represent an invalid date-time-string {value}.")


def _scalar(name: str, value: object) -> object:
    if name == "ID":
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise ValueFault(f"ID cannot represent value: {_shown(value)}")
    if name == "String":
        if isinstance(value, str):
            return value
        raise ValueFault(f"String cannot represent a non string value: {_shown(value)}")
    if name == "Boolean":
        if isinstance(value, bool):
            return value
        raise ValueFault(f"Boolean cannot represent a non boolean value: {_shown(value)}")
    if name in ("Int", "Money"):
        return _integer(name, value, LARGEST_INT if name == "Int" else LARGEST_MONEY)
    if name == "Float":
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return value
        raise ValueFault(f"Float cannot represent non numeric value: {_shown(value)}")
    return _moment(value) if name == "DateTime" else value


def coerce(schema: Schema, type_: TypeRef, value: object) -> Any:
    """A JSON value as the type wants it, or `ValueFault`; missing members take their defaults."""
    if value is None:
        if type_.required:
            raise ValueFault(f'Expected non-nullable type "{type_}" not to be null.')
        return None
    if type_.of is not None:
        return _coerce_list(schema, type_.of, value)
    kind = schema.kinds[type_.name]
    if kind.form == "scalar":
        return _scalar(kind.name, value)
    if kind.form == "enum":
        if isinstance(value, str) and value in kind.values:
            return value
        raise ValueFault(f'Value "{value}" does not exist in "{kind.name}" enum.')
    if not isinstance(value, dict):
        raise ValueFault(f'Expected type "{kind.name}" to be an object.')
    return _coerce_object(schema, type_.name, value)


def _coerce_list(schema: Schema, inner: TypeRef, value: object) -> list[Any]:
    items = value if isinstance(value, list) else [value]
    found: list[Any] = []
    for index, item in enumerate(items):
        try:
            found.append(coerce(schema, inner, item))
        except ValueFault as fault:
            raise ValueFault(str(fault), f"[{index}]{_joined(fault.path)}") from None
    return found


def _joined(path: str) -> str:
    return f".{path}" if path and not path.startswith("[") else path


def _coerce_object(schema: Schema, name: str, value: dict[str, object]) -> dict[str, Any]:
    members = schema.kinds[name].members
    for key in value:
        if key not in members:
            raise ValueFault(f'Field "{key}" is not defined by type "{name}".')
    found: dict[str, Any] = {}
    for key, member in members.items():
        if value.get(key, ABSENT) is ABSENT:
            if member.has_default:
                found[key] = plain(schema, member.type, member.default, {})
            elif member.type.required:
                raise ValueFault(f'Field "{key}" of required type "{member.type}" was not provided.')
            continue
        try:
            found[key] = coerce(schema, member.type, value[key])
        except ValueFault as fault:
            raise ValueFault(str(fault), f"{key}{_joined(fault.path)}") from None
    return found


def _json(literal: Literal, variables: dict[str, Any]) -> object:
    if isinstance(literal, Variable):
        return variables.get(literal.name, ABSENT)
    if isinstance(literal, list):
        items = (_json(item, variables) for item in literal)
        return [None if item is ABSENT else item for item in items]
    if isinstance(literal, dict):
        pairs = ((key, _json(item, variables)) for key, item in literal.items())
        return {key: item for key, item in pairs if item is not ABSENT}
    return literal.name if isinstance(literal, EnumWord) else literal


def _already(type_: TypeRef, value: object) -> bool:
    return type_.base == "DateTime" and isinstance(value, datetime)


def plain(schema: Schema, type_: TypeRef, literal: Literal, variables: dict[str, Any]) -> Any:
    """A literal as the type wants it, its variables filled in; `ABSENT` for a variable that was not given."""
    if isinstance(literal, Variable):
        value = variables.get(literal.name, ABSENT)
        if value is ABSENT or value is None:
            return value
        return value
    return _recoerce(schema, type_, _json(literal, variables))


def _recoerce(schema: Schema, type_: TypeRef, value: object) -> Any:
    """As `coerce`, but variables inside the literal are coerced already (a moment stays a moment).

    Members come in the schema's order, whatever the client's: so the real server applies several sort keys.
    """
    if _already(type_, value):
        return value
    if type_.of is not None and isinstance(value, list):
        return [_recoerce(schema, type_.of, item) for item in value]
    if isinstance(value, dict) and type_.of is None and schema.kinds[type_.name].form == "input":
        ready: dict[str, Any] = {}
        for key, member in schema.kinds[type_.name].members.items():
            if key in value:
                ready[key] = _recoerce(schema, member.type, value[key])
            elif member.has_default:
                ready[key] = plain(schema, member.type, member.default, {})
        return ready
    return coerce(schema, type_, value)


def literal_fault(schema: Schema, type_: TypeRef, literal: Literal) -> str | None:
    """What is wrong with a literal for a type, or None; variables inside it are not judged here."""
    if isinstance(literal, Variable):
        return None
    if literal is None:
        return f'Expected value of type "{type_}", found null.' if type_.required else None
    if type_.of is not None:
        items = literal if isinstance(literal, list) else [literal]
        faults = (literal_fault(schema, type_.of, item) for item in items)
        return next((fault for fault in faults if fault), None)
    kind = schema.kinds[type_.name]
    if kind.form == "input":
        return _object_fault(schema, type_.name, literal)
    if kind.form == "enum":
        if isinstance(literal, EnumWord) and literal.name in kind.values:
            return None
        shown = literal.name if isinstance(literal, EnumWord) else _shown(literal)
        return f'Value "{shown}" does not exist in "{kind.name}" enum.'
    if kind.name == "JSON":
        return None
    if isinstance(literal, EnumWord | list | dict):
        return f"{kind.name} cannot represent value: {_shown(_json(literal, {}))}"
    try:
        _scalar(kind.name, literal)
    except ValueFault as fault:
        return str(fault)
    return None


def _object_fault(schema: Schema, name: str, literal: Literal) -> str | None:
    if not isinstance(literal, dict):
        return f'Expected value of type "{name}", found {_shown(_json(literal, {}))}.'
    members = schema.kinds[name].members
    for key, value in literal.items():
        if key not in members:
            return f'Field "{key}" is not defined by type "{name}".'
        if fault := literal_fault(schema, members[key].type, value):
            return fault
    missing = next((m for m in members.values() if m.compulsory and m.name not in literal), None)
    if missing:
        return f'Field "{name}.{missing.name}" of required type "{missing.type}" was not provided.'
    return None
