"""What a pydantic model expects at a place: its models, their keys, and where it wants true or false.

pydantic says where an error is (`("accounts", "main", "mode")`), not what stood around it; these look-ups
do, so that a message can offer the model's own keys.
"""

import types
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Expected = object
"""An annotation as pydantic keeps it."""


def members(expected: Expected) -> Iterator[Expected]:
    """The alternatives of an annotation: a union's parts, an Annotated's inside, else itself."""
    origin = get_origin(expected)
    if origin is Annotated:
        yield from members(get_args(expected)[0])
    elif origin in (Union, types.UnionType):
        for part in get_args(expected):
            yield from members(part)
    else:
        yield expected


def models(expected: Expected) -> list[type[BaseModel]]:
    """The models that may stand at this place."""
    return [part for part in members(expected) if isinstance(part, type) and issubclass(part, BaseModel)]


def fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The model's fields by the key that a file uses: the alias where there is one."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def under(expected: Expected, step: str | int) -> Expected | None:
    """What is expected one step deeper: under a model's key, in a list, under a mapping's key."""
    for part in members(expected):
        if isinstance(part, type) and issubclass(part, BaseModel):
            info = fields(part).get(str(step))
            if info is not None:
                return info.annotation
            if (named := _named(part)) is not None:
                return named
        origin = get_origin(part)
        inner: tuple[Expected, ...] = get_args(part)
        if isinstance(step, int) and origin in (list, tuple, set, frozenset) and inner:
            return inner[0]
        if isinstance(step, str) and origin is dict:
            return inner[1]
    return None


def _named(model: type[BaseModel]) -> Expected | None:
    """What a model expects under keys of the file's own choice; None where it has no such keys."""
    if model.model_config.get("extra") != "allow":
        return None
    inner: tuple[Expected, ...] = get_args(get_type_hints(model, include_extras=True)["__pydantic_extra__"])
    return inner[1]


def wants_flag(expected: Expected) -> bool:
    """Whether true or false is meant here, and nothing else could be."""
    parts = [part for part in members(expected) if part is not type(None)]
    return parts == [bool]


def wants_number(expected: Expected) -> bool:
    """Whether a number is meant here, and nothing else could be."""
    parts = [part for part in members(expected) if part is not type(None)]
    return bool(parts) and all(part in (int, float, Decimal) for part in parts)
