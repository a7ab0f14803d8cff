"""The kinds of value that the sections share: names of rules, SKUs, tables, expressions, lists of texts."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from config.errors import shown
from config.schema import Country, refused
from config.times import LOCAL_ALLOWED, local_time
from config.units import BadUnit
from mappings.expr import OFFER_NAMES, REQUEST_NAMES, compile_expr
from sync.domain.orders import PaymentStatus
from sync.domain.sku import normal_sku

_TABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.csv")


def _table(value: str) -> str:
    if not _TABLE.fullmatch(value):
        raise refused(f"{shown(value)} is not a table", "the name of a .csv file beside this one")
    return value


def _sku(value: str) -> str:
    found = normal_sku(value)
    if found is None:
        raise refused("a SKU cannot be blank")
    return found


def _expr(value: str) -> str:
    try:
        compile_expr(value)
    except BadUnit as error:
        raise refused(error.what, error.allowed, error.hint) from None
    return value


def _local_time(value: object) -> object:
    if value is None or isinstance(value, list | dict):
        what = "has no value" if value is None else "is a list or mapping where a time is meant"
        raise refused(what, LOCAL_ALLOWED)
    if not isinstance(value, str):
        return value
    try:
        return local_time(value)
    except BadUnit as error:
        raise refused(error.what, error.allowed, error.hint) from None


def _offer_expr(value: str) -> str:
    try:
        compile_expr(value, OFFER_NAMES)
    except BadUnit as error:
        raise refused(error.what, error.allowed, error.hint) from None
    return value


def _request_expr(value: str) -> str:
    try:
        compile_expr(value, REQUEST_NAMES)
    except BadUnit as error:
        raise refused(error.what, error.allowed, error.hint) from None
    return value


def _many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _loose(item: dict[str, object]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [item, {"type": "array", "items": item}]})


RuleName = Annotated[str, Field(min_length=1, max_length=80, description="Quoted by explain and audit.")]
SkuText = Annotated[str, AfterValidator(_sku)]
TableName = Annotated[
    str,
    AfterValidator(_table),
    WithJsonSchema({"type": "string", "pattern": f"^{_TABLE.pattern}$", "examples": ["goods.csv"]}),
]
Expression = Annotated[str, AfterValidator(_expr)]
OfferExpression = Annotated[str, AfterValidator(_offer_expr)]
RequestExpression = Annotated[str, AfterValidator(_request_expr)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Skus = Annotated[tuple[SkuText, ...], BeforeValidator(_many), _loose({"type": "string"})]
Words = Annotated[tuple[str, ...], BeforeValidator(_many), Field(min_length=1), _loose({"type": "string"})]
LocalTime = Annotated[
    datetime,
    BeforeValidator(_local_time),
    WithJsonSchema({"type": "string", "examples": ["2026-06-11 19:00", "2026-06-11"]}),
]
"""A time of day without a zone (its owner says which), or with an offset."""
Countries = Annotated[
    tuple[Country, ...],
    BeforeValidator(_many),
    _loose({"type": "string", "pattern": "^[A-Za-z]{2}$"}),
]
Payments = Annotated[
    tuple[PaymentStatus, ...],
    BeforeValidator(_many),
    _loose({"enum": [status.value for status in PaymentStatus]}),
]
