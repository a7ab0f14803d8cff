"""Amounts with their units, as admins write them: `15 seconds`, `199 CNY`, `3 kg`, `5%`.

Units are always written: a bare number where a unit matters is refused, and the message says what is
allowed. Full-width digits of Chinese keyboards are read; decimal commas and thousands are refused, since
`1,999` is two different amounts in two countries. The annotated types at the end are for pydantic models
(a connector's options too).
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from config.errors import near, shown
from config.places import CURRENCIES
from sync.domain.money import Money, exponent

_NUMBER = r"(\d{1,15}(?:\.\d{1,9})?)"
_TERM = re.compile(_NUMBER + r"\s*([^\W\d]+)")
_DURATION = re.compile(rf"(?:{_NUMBER}\s*[^\W\d]+\s*)+")
_MONEY = re.compile(_NUMBER + r"\s*([A-Za-z]{3})")
_PERCENT = re.compile(_NUMBER + r"\s*%")
_UNITS = re.compile(r"(\d{1,9})(?:\s*units?)?")
_SECONDS = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), Decimal("0.001")),
    **dict.fromkeys(("s", "sec", "second", "seconds"), Decimal(1)),
    **dict.fromkeys(("min", "minute", "minutes"), Decimal(60)),
    **dict.fromkeys(("h", "hour", "hours"), Decimal(3600)),
    **dict.fromkeys(("day", "days"), Decimal(86400)),
    **dict.fromkeys(("week", "weeks"), Decimal(604800)),
    **dict.fromkeys(("year", "years"), Decimal(365 * 86400)),
}
_KILOGRAMS = {
    "mg": Decimal("0.000001"),
    "g": Decimal("0.001"),
    "kg": Decimal(1),
    "oz": Decimal("0.028349523125"),
    "lb": Decimal("0.45359237"),
}
_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "CNY or JPY", "元": "CNY", "₩": "KRW"}
DURATION_ALLOWED = "a number with a unit: 500 ms, 15 seconds, 10 minutes, 2 hours, 3 days"
MONEY_ALLOWED = "a number with an ISO 4217 currency: 199 CNY, 19.90 EUR"
WEIGHT_ALLOWED = "a number with a unit: 400 g, 3 kg, 12 oz, 2 lb"
PERCENT_ALLOWED = "a number with a percent sign: 5%, 2.5%"
UNITS_ALLOWED = "a whole number of units: 2, 2 units"
_MOST_DURATION = timedelta(days=3660)


class BadUnit(ValueError):
    """A text is not the amount that it should be: `what`, what is `allowed`, and a `hint`."""

    def __init__(self, what: str, allowed: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.allowed = allowed
        self.hint = hint


def duration(text: str) -> timedelta:
    """`1 hour 30 minutes` as a timedelta, above zero and at most ten years. BadUnit otherwise."""
    clean = clean_text(text, DURATION_ALLOWED)
    if not _DURATION.fullmatch(clean):
        raise BadUnit(f"{shown(text)} is not a duration", DURATION_ALLOWED)
    seconds = Decimal(0)
    for number, unit in _TERM.findall(clean):
        if unit.lower() not in _SECONDS:
            what = f"{shown(unit)} is not a unit of time"
            raise BadUnit(what, DURATION_ALLOWED, near(unit, _SECONDS))
        seconds += Decimal(number) * _SECONDS[unit.lower()]
    if seconds > Decimal(_MOST_DURATION.total_seconds()):
        raise BadUnit(f"{shown(text)} is too long", "at most ten years")
    span = timedelta(microseconds=int(seconds * 1_000_000))
    if not span:
        raise BadUnit(f"{shown(text)} is no time at all", "more than 0")
    return span


def money(text: str) -> Money:
    """`199 CNY` as Money, zero or more, with no more digits than the currency has. BadUnit otherwise."""
    clean = clean_text(text, MONEY_ALLOWED)
    match = _MONEY.fullmatch(clean)
    if match is None:
        hint = next((f"{code} instead of {sign}" for sign, code in _SYMBOLS.items() if sign in clean), "")
        raise BadUnit(f"{shown(text)} is not an amount of money", MONEY_ALLOWED, hint)
    amount, code = Decimal(match[1]), currency(match[2])
    found = Money.of(amount, code)
    if found.major != amount:
        raise BadUnit(f"{shown(text)} has too many decimals", f"{exponent(code)} decimals for {code}")
    return found


def currency(text: str) -> str:
    """An ISO 4217 code in capitals. BadUnit otherwise."""
    code = clean_text(text, "an ISO 4217 currency: CNY, EUR, USD").upper()
    if code not in CURRENCIES:
        hint = {"RMB": "CNY", "NTD": "TWD", "STG": "GBP"}.get(code) or near(code, CURRENCIES)
        raise BadUnit(f"{shown(text)} is not a currency", "an ISO 4217 currency: CNY, EUR, USD", hint)
    return code


def weight(text: str) -> Decimal:
    """`3 kg` in kilograms, above zero. BadUnit otherwise."""
    clean = clean_text(text, WEIGHT_ALLOWED)
    match = _TERM.fullmatch(clean)
    if match is None:
        raise BadUnit(f"{shown(text)} is not a weight", WEIGHT_ALLOWED)
    if match[2].lower() not in _KILOGRAMS:
        what = f"{shown(match[2])} is not a unit of weight"
        raise BadUnit(what, WEIGHT_ALLOWED, near(match[2], _KILOGRAMS))
    kilograms = Decimal(match[1]) * _KILOGRAMS[match[2].lower()]
    if not kilograms:
        raise BadUnit(f"{shown(text)} is no weight at all", "more than 0")
    return kilograms


def percent(text: str) -> Decimal:
    """`5%` as the fraction 0.05, from 0 to 100 percent. BadUnit otherwise."""
    match = _PERCENT.fullmatch(clean_text(text, PERCENT_ALLOWED))
    if match is None:
        raise BadUnit(f"{shown(text)} is not a percentage", PERCENT_ALLOWED)
    fraction = Decimal(match[1]) / 100
    if fraction > 1:
        raise BadUnit(f"{shown(text)} is too much", "0% to 100%")
    return fraction


def units(text: str) -> int:
    """`2` or `2 units`: a whole number of pieces, 0 or more. BadUnit otherwise."""
    match = _UNITS.fullmatch(clean_text(text, UNITS_ALLOWED))
    if match is None:
        raise BadUnit(f"{shown(text)} is not a number of units", UNITS_ALLOWED)
    return int(match[1])


def clean_text(text: str, allowed: str) -> str:
    """The text in plain digits and without outer white space. BadUnit where a number has a comma."""
    clean = unicodedata.normalize("NFKC", text).strip()
    if re.search(r"\d,\d", clean):
        raise BadUnit(f"{shown(text)} has a comma in its number; write 1999 or 19.90", allowed)
    return clean


def read_by(reader: Callable[[str], object], allowed: str) -> Callable[[object], object]:
    """A pydantic validator of a reader of this module; values that are read already pass."""

    def validate(value: object) -> object:
        if value is None or isinstance(value, list | dict):
            what = "has no value" if value is None else "is a list or mapping where one value is meant"
            raise PydanticCustomError("unit", "{what}", {"what": what, "allowed": allowed})
        if not isinstance(value, str):
            return value
        try:
            return reader(value)
        except BadUnit as error:
            context = {"what": error.what, "allowed": error.allowed, "hint": error.hint}
            raise PydanticCustomError("unit", "{what}", context) from None

    return validate


def text_like(*examples: str, pattern: str = "") -> WithJsonSchema:
    """The editors' schema of a text with such values; the pattern is of its whole, without outer white space."""
    shape = {"pattern": rf"^\s*({pattern})\s*$"} if pattern else {}
    return WithJsonSchema({"type": "string", **shape, "examples": list(examples)})


_WRITTEN = r"[0-9０-９]+([.．][0-9０-９]+)?"
PERCENT_PATTERN = rf"{_WRITTEN}\s*[%％]"
"""For editors, who know no other kind of text than one by a pattern (JSON Schema's, not Python's)."""
MONEY_PATTERN = rf"{_WRITTEN}\s*[A-Za-zＡ-Ｚ]{{3}}"
UNITS_PATTERN = r"[0-9０-９]+(\s*units?)?"
_TERM_PATTERN = rf"{_WRITTEN}\s*[A-Za-zＡ-Ｚａ-ｚ]+"
Duration = Annotated[
    timedelta,
    BeforeValidator(read_by(duration, DURATION_ALLOWED)),
    text_like("15 seconds", "2 hours", pattern=rf"({_TERM_PATTERN}\s*)+"),
]
MoneyAmount = Annotated[
    Money, BeforeValidator(read_by(money, MONEY_ALLOWED)), text_like("199 CNY", pattern=MONEY_PATTERN)
]
Currency = Annotated[
    str,
    BeforeValidator(read_by(currency, "an ISO 4217 currency: CNY, EUR, USD")),
    text_like("EUR", pattern="[A-Za-zＡ-Ｚ]{3}"),
]
Weight = Annotated[
    Decimal,
    BeforeValidator(read_by(weight, WEIGHT_ALLOWED)),
    text_like("3 kg", "400 g", pattern=_TERM_PATTERN),
]
Percent = Annotated[
    Decimal, BeforeValidator(read_by(percent, PERCENT_ALLOWED)), text_like("5%", pattern=PERCENT_PATTERN)
]
Units = Annotated[
    int,
    BeforeValidator(read_by(units, UNITS_ALLOWED)),
    WithJsonSchema({"type": ["integer", "string"], "minimum": 0, "pattern": rf"^\s*({UNITS_PATTERN})\s*$"}),
]
