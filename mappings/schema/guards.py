"""`guards:`: limits that stop a mass change until a person approves."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from config.errors import shown
from config.schema import Strict, refused
from config.units import PERCENT_PATTERN, UNITS_PATTERN, BadUnit, Duration, MoneyAmount, percent, units
from sync.domain.guards import Guards

OFF = "off"
_SHARE_ALLOWED = f"a percentage such as 30%, or {OFF}"
_MOVE_ALLOWED = f"a percentage a day such as 30% per day, or {OFF}"
_FROM_ALLOWED = "a number of offers from 1 on: 20 offers"
_A_DAY = ("per day", "a day", "/day", "/ day")
_NO = ("false", "no", "none", "never", "0")
_DEFAULTS = Guards()


def _text(value: object, allowed: str) -> str | None:
    """The text to read; None for a value that is read already."""
    if value is None or isinstance(value, list | dict):
        what = "has no value" if value is None else "is a list or mapping where one value is meant"
        raise refused(what, allowed)
    return value.strip() if isinstance(value, str) else None


def _share(value: object) -> object:
    text = _text(value, _SHARE_ALLOWED)
    return value if text is None else _percent_or_off(text, text, _SHARE_ALLOWED)


def _move(value: object) -> object:
    text = _text(value, _MOVE_ALLOWED)
    if text is None:
        return value
    unit = next((unit for unit in _A_DAY if text.endswith(unit)), "")
    if text.endswith("%"):
        raise refused(f"{shown(text)} does not say in what time", _MOVE_ALLOWED, f"{text} per day")
    return _percent_or_off(text.removesuffix(unit).strip(), text, _MOVE_ALLOWED)


def _percent_or_off(text: str, whole: str, allowed: str) -> Decimal | None:
    if text == OFF:
        return None
    try:
        share = percent(text)
    except BadUnit as error:
        hint = OFF if text in _NO else error.hint
        raise refused(error.what.replace(shown(text), shown(whole)), allowed, hint) from None
    if not share:
        raise refused(f"{shown(whole)} would let nothing pass", allowed)
    return share


def _from(value: object) -> object:
    text = _text(value, _FROM_ALLOWED)
    if text is None:
        return value
    try:
        least = units(text.removesuffix("offers").removesuffix("offer").strip())
    except BadUnit:
        least = 0
    if least < 1:
        raise refused(f"{shown(text)} is not a number of offers", _FROM_ALLOWED)
    return least


def _examples(*examples: str, pattern: str) -> WithJsonSchema:
    """An editor may take `off` for false."""
    shape = rf"^\s*({pattern}|{OFF})\s*$"
    return WithJsonSchema({"type": ["string", "boolean"], "pattern": shape, "examples": list(examples)})


Share = Annotated[Decimal | None, BeforeValidator(_share), _examples("30%", OFF, pattern=PERCENT_PATTERN)]
Move = Annotated[
    Decimal | None,
    BeforeValidator(_move),
    _examples("30% per day", OFF, pattern=rf"{PERCENT_PATTERN}\s*(per day|a day|/ ?day)"),
]
Least = Annotated[
    int,
    BeforeValidator(_from),
    WithJsonSchema(
        {
            "type": ["integer", "string"],
            "pattern": rf"^\s*{UNITS_PATTERN}(\s*offers?)?\s*$",
            "examples": ["20 offers"],
        }
    ),
]


class RefundsModel(Strict):
    """Automatic refunds of one shop within an hour; what a person decided is not counted out."""

    count: Annotated[int, Field(ge=0, le=100_000)] = Field(
        _DEFAULTS.refunds, validate_default=False, description="So many."
    )
    value: MoneyAmount | None = Field(None, description="Their sum; other currencies have the number alone.")


class GuardsModel(Strict):
    """What waits for a person before it is sent. All are on with these values; `off` switches one off."""

    price_move: Move = Field(
        _DEFAULTS.price_move,
        validate_default=False,
        description="Of one price a day, where its rule says nothing else.",
    )
    prices_changing: Share = Field(
        _DEFAULTS.prices_changing, validate_default=False, description="Of a shop's prices within an hour."
    )
    quantities_changing: Share = Field(
        _DEFAULTS.quantities_changing,
        validate_default=False,
        description="Of a shop's offers within an hour; never counted is what orders cause, and less to sell "
        "that no changed rule made.",
    )
    going_to_zero: Share = Field(
        _DEFAULTS.going_to_zero,
        validate_default=False,
        description="Of a shop's offers within an hour; what orders cause never counts.",
    )
    going_down: Share = Field(
        _DEFAULTS.going_down, validate_default=False, description="Of a shop's listings within an hour."
    )
    figures_to_zero: Share = Field(
        _DEFAULTS.figures_to_zero,
        validate_default=False,
        description="Of a warehouse's or supplier's figures in one reading.",
    )
    refunds: RefundsModel = RefundsModel()
    from_: Least = Field(
        _DEFAULTS.least,
        alias="from",
        validate_default=False,
        description="A share guards nothing below so many.",
    )
    approval_lasts: Duration = Field(
        timedelta(hours=2), validate_default=False, description="So long what a person approves may pass."
    )
