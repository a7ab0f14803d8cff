"""Terms of prices as admins write them: `15% of price`, `10%` or `5 EUR`, `20% per day`, `daily_rate + 2%`.

As in `config.units`, a unit is always written, and the annotated types at the end are for pydantic models.
"""

import re
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator

from config.errors import shown
from config.units import (
    MONEY_PATTERN,
    PERCENT_PATTERN,
    BadUnit,
    clean_text,
    money,
    percent,
    read_by,
    text_like,
)
from sync.domain.floors import Margin, MarginOf, Part
from sync.domain.money import Money

_OF = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)\s*%\s*of\s+(price|cost)")
_PER_DAY = re.compile(r"(\S+\s*%)\s*(?:per|a|/)\s*day")
_RATE = re.compile(r"daily_rate(?:\s*\+\s*(\S+\s*%))?")
PART_ALLOWED = "a share or an amount: 10%, 5 EUR"
MARGIN_ALLOWED = "15% of price, 15% of cost, 5 EUR"
PER_DAY_ALLOWED = "a share per day: 20% per day"
RATE_ALLOWED = "daily_rate, daily_rate + 2%"
_MOST_OF_COST = 100


def part(text: str) -> Part:
    """`10%` or `5 EUR`, more than nothing. BadUnit otherwise."""
    clean = clean_text(text, PART_ALLOWED)
    shared = "%" in clean
    found = Part(percent(clean)) if shared else Part(amount=_money(clean, text, PART_ALLOWED))
    if not found.share and found.amount is None:
        raise BadUnit(f"{shown(text)} is nothing", "more than 0")
    return found


def margin(text: str) -> Margin:
    """`15% of price` (below 100 %), `150% of cost` or `5 EUR`. BadUnit otherwise."""
    clean = clean_text(text, MARGIN_ALLOWED)
    match = _OF.fullmatch(clean)
    if match is None and "%" in clean:
        raise BadUnit(f"{shown(text)} does not say of what", MARGIN_ALLOWED)
    if match is None:
        return Margin(MarginOf.AMOUNT, amount=_money(clean, text, MARGIN_ALLOWED))
    share, of = Decimal(match[1]) / 100, MarginOf(match[2])
    if of is MarginOf.PRICE and share >= 1:
        raise BadUnit(f"{shown(text)} is the whole price", "less than 100% of price")
    if share > _MOST_OF_COST:
        raise BadUnit(f"{shown(text)} is too much", f"at most {_MOST_OF_COST * 100}% of cost")
    return Margin(of, share=share)


def per_day(text: str) -> Decimal:
    """`20% per day` as 0.2, more than nothing. BadUnit otherwise."""
    match = _PER_DAY.fullmatch(clean_text(text, PER_DAY_ALLOWED))
    if match is None:
        raise BadUnit(f"{shown(text)} is not a share per day", PER_DAY_ALLOWED)
    found = percent(match[1])
    if not found:
        raise BadUnit(f"{shown(text)} lets no price move", "more than 0% per day")
    return found


def daily_rate(text: str) -> Decimal:
    """`daily_rate + 2%` as what is added to the rate: 0.02. BadUnit otherwise."""
    match = _RATE.fullmatch(clean_text(text, RATE_ALLOWED))
    if match is None:
        raise BadUnit(f"{shown(text)} is not a way to convert", RATE_ALLOWED)
    return percent(match[1]) if match[1] else Decimal(0)


def _money(clean: str, text: str, allowed: str) -> Money:
    try:
        found = money(clean)
    except BadUnit as error:
        raise BadUnit(error.what, allowed, error.hint) from None
    if not found.minor:
        raise BadUnit(f"{shown(text)} is nothing", "more than 0")
    return found


_PART_PATTERN = f"{PERCENT_PATTERN}|{MONEY_PATTERN}"
_MARGIN_PATTERN = rf"{PERCENT_PATTERN}\s*of\s+(price|cost)|{MONEY_PATTERN}"
_DAY_PATTERN = rf"{PERCENT_PATTERN}\s*(per|a|/)\s*day"
_RATE_PATTERN = rf"daily_rate(\s*\+\s*{PERCENT_PATTERN})?"
PartText = Annotated[
    Part, BeforeValidator(read_by(part, PART_ALLOWED)), text_like("10%", "5 EUR", pattern=_PART_PATTERN)
]
MarginText = Annotated[
    Margin,
    BeforeValidator(read_by(margin, MARGIN_ALLOWED)),
    text_like("15% of price", "15% of cost", "5 EUR", pattern=_MARGIN_PATTERN),
]
PerDay = Annotated[
    Decimal,
    BeforeValidator(read_by(per_day, PER_DAY_ALLOWED)),
    text_like("20% per day", pattern=_DAY_PATTERN),
]
DailyRate = Annotated[
    Decimal,
    BeforeValidator(read_by(daily_rate, RATE_ALLOWED)),
    text_like("daily_rate + 2%", pattern=_RATE_PATTERN),
]
