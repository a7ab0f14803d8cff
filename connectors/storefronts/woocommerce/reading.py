"""Reading the shop's JSON, also where PHP and plugins have spoilt what says nothing of the record itself.

A WordPress shop is what its plugins make of it. What is read as what it means: PHP's warnings and a byte order
mark before the JSON, or markup after it; numbers that come as texts and texts that come as numbers; PHP's empty
array or `false` for "nothing", and a list with a gap in its numbers, which comes as an object. What is as described
is read at once; only what is not is looked at again.

Nothing is made up: what must be there and is not, or has another meaning, stays an error. An answer that breaks off
is never taken for a shorter one.
"""

import json
import re
import types
import typing
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeVar

import msgspec

from connectors.transport import decode as decode_strictly

T = TypeVar("T")
_BEGIN = re.compile(rb'\[\s*\{\s*"|\{\s*"|\[\s*\]\s*(?:<|\Z)')
"""Where JSON of the shop's begins; PHP's warnings name array keys in brackets too."""
_WHOLE = re.compile(r"\s*[+-]?\d{1,18}(\.0*)?\s*")
_NO_DATE = ("0000-", "-0001-")
"""MySQL's date for none, as it is and as PHP reckons it."""
_TRUE, _FALSE = ("yes", "true", "1"), ("no", "false", "0")
_UNFIT = object()


def decode(content: bytes | msgspec.Raw, *, type: type[T]) -> T:
    """The content in the shape of `type`. Raises msgspec.DecodeError (ValidationError where it is JSON at all)."""
    try:
        return decode_strictly(content, type=type)
    except msgspec.ValidationError as error:
        return _mended(content, type, error)
    except msgspec.DecodeError:
        alone = json_alone(bytes(content))
        if alone is None:
            raise
        return decode(alone, type=type)


def json_alone(body: bytes) -> bytes | None:
    """The JSON between what stands before and after it; None where there is none, or it is not whole."""
    begin = _BEGIN.search(body)
    if begin is None:
        return None
    text = body[begin.start() :].decode(errors="replace")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    rest = text[end:].strip()
    alone = text[:end].encode()
    return alone if rest[:1] in ("", "<") and alone != body else None


def _mended(content: bytes | msgspec.Raw, shape: type[T], error: msgspec.ValidationError) -> T:
    try:
        plain = msgspec.json.Decoder(float_hook=Decimal).decode(content)
        found = _as(plain, shape)
    except (msgspec.DecodeError, RecursionError):
        raise error from None
    if found is _UNFIT:
        raise error from None
    return typing.cast(T, found)


def _as(value: Any, shape: Any) -> Any:
    """The value as `shape` has it, or _UNFIT."""
    if shape is Any:
        return value
    origin = typing.get_origin(shape)
    if origin in (typing.Union, types.UnionType):
        return _as_one_of(value, typing.get_args(shape))
    if origin is list:
        return _as_list(value, typing.get_args(shape)[0])
    if origin is dict:
        return value if isinstance(value, dict) else {} if value == [] else _UNFIT
    if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
        return _as_record(value, shape)
    reader = _READERS.get(shape)
    return _UNFIT if reader is None else reader(value)


def _as_one_of(value: Any, shapes: tuple[Any, ...]) -> Any:
    for shape in shapes:
        found = _UNFIT if shape is types.NoneType else _as(value, shape)
        if found is not _UNFIT:
            return found
    return None if types.NoneType in shapes and _is_nothing(value) else _UNFIT


def _as_list(value: Any, shape: Any) -> Any:
    if isinstance(value, dict) and value and all(key.isdigit() for key in value):
        value = list(value.values())
    if not isinstance(value, list):
        return _UNFIT
    found = [_as(each, shape) for each in value]
    return _UNFIT if any(each is _UNFIT for each in found) else found


def _as_record(value: Any, shape: type[msgspec.Struct]) -> Any:
    if not isinstance(value, dict):
        return _UNFIT
    told: dict[str, Any] = {}
    for name, kind, required in _fields(shape):
        if name not in value:
            if required:
                return _UNFIT
            continue
        found = _as(value[name], kind)
        if found is not _UNFIT:
            told[name] = found
        elif required or not _is_nothing(value[name]):
            return _UNFIT
    return shape(**told)


@cache
def _fields(shape: type[msgspec.Struct]) -> tuple[tuple[str, Any, bool], ...]:
    return tuple((one.name, one.type, one.required) for one in msgspec.structs.fields(shape))


def _is_nothing(value: Any) -> bool:
    """PHP's ways to say that there is nothing; 0 is not one of them."""
    if isinstance(value, str):
        return not value.strip() or value.startswith(_NO_DATE)
    return value is None or value is False or value in ([], {})


def _whole(value: Any) -> Any:
    if isinstance(value, bool):
        return _UNFIT
    if isinstance(value, int):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else _UNFIT
    return int(Decimal(value.strip())) if isinstance(value, str) and _WHOLE.fullmatch(value) else _UNFIT


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return _UNFIT
    try:
        found = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        return _UNFIT
    return found if found.is_finite() else _UNFIT


def _fraction(value: Any) -> Any:
    found = _number(value)
    return found if found is _UNFIT else float(found)


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return _UNFIT
    return str(value) if isinstance(value, str | int | Decimal) else _UNFIT


def _switch(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    told = str(value).lower()
    return True if told in _TRUE else False if told in _FALSE else _UNFIT


def _date(value: Any) -> Any:
    if not isinstance(value, str) or _is_nothing(value):
        return _UNFIT
    try:
        return msgspec.convert(value, type=datetime)
    except msgspec.ValidationError:
        return _UNFIT


_READERS: dict[Any, Callable[[Any], Any]] = {
    int: _whole,
    float: _fraction,
    Decimal: _number,
    str: _text,
    bool: _switch,
    datetime: _date,
}
