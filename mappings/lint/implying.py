"""Whether one `when` takes everything that another one takes, by their keys alone.

"No" is said wherever it cannot be shown: two expressions are compared by their text.
"""

import unicodedata
from collections.abc import Callable, Collection
from decimal import Decimal

from pydantic import BaseModel

from sync.domain.money import Money

Bound = Money | Decimal | int
_FOLDED = frozenset({"tags", "channel_service"})
_PARTS: dict[str, Callable[[str, str], bool]] = {
    "postal_code_starts": str.startswith,
    "note_contains": lambda narrow, wide: wide in narrow,
}
"""Texts of which a longer one says more: (narrow, wide) -> whether the wide one holds with it."""


def implies(narrow: BaseModel | None, wide: BaseModel | None) -> bool:
    """Whether all that meets `narrow` meets `wide`, too. None is met by everything."""
    if wide is None:
        return True
    if narrow is None:
        return False
    return all(_key_implied(name, narrow, wide) for name in _said(wide))


def never(when: BaseModel) -> str:
    """Why nothing can meet it: two bounds that leave nothing between them. Empty where something may."""
    for name in _said(when):
        below = f"{name.partition('_')[0]}_below"
        if name.endswith(("_above", "_at_least")) and below in _said(when):
            least, most = getattr(when, name), getattr(when, below)
            if _at_least(least, most) or _other_currency(least, most):
                return f"{name} and {below} leave nothing between them"
    return ""


def _said(when: BaseModel) -> list[str]:
    return [name for name in type(when).model_fields if getattr(when, name) not in ((), None)]


def _key_implied(name: str, narrow: BaseModel, wide: BaseModel) -> bool:
    mine, others = getattr(narrow, name, None), getattr(wide, name)
    if name == "any_line":
        lines = [one for one in (mine, getattr(narrow, "all_lines", None)) if one is not None]
        return any(implies(one, others) for one in lines)
    if isinstance(others, BaseModel):
        return mine is not None and implies(mine, others)
    if isinstance(others, tuple):
        return isinstance(mine, tuple) and bool(mine) and _words_implied(name, mine, others)
    if name.endswith("_below"):
        return mine is not None and _at_least(others, mine)
    if name.endswith("_at_least"):
        above = getattr(narrow, f"{name.removesuffix('_at_least')}_above", None)
        return any(one is not None and _at_least(one, others) for one in (mine, above))
    if name.endswith("_above"):
        least = getattr(narrow, f"{name.removesuffix('_above')}_at_least", None)
        more = least is not None and _at_least(least, others) and not _at_least(others, least)
        return more or (mine is not None and _at_least(mine, others))
    return bool(mine == others)


def _words_implied(name: str, narrow: Collection[str], wide: Collection[str]) -> bool:
    """Lists are "or": each text of the narrow one has to lead to one of the wide one."""
    if name in _PARTS:
        fits = _PARTS[name]
        return all(any(fits(_fold(one), _fold(other)) for other in wide) for one in narrow)
    if name in _FOLDED:
        return {_fold(one) for one in narrow} <= {_fold(other) for other in wide}
    return set(narrow) <= set(wide)


def _at_least(one: Bound, other: Bound) -> bool:
    """Whether `one` is no less than `other`; amounts of two currencies say nothing about each other."""
    if isinstance(one, Money) and isinstance(other, Money):
        return one.currency == other.currency and one.minor >= other.minor
    if isinstance(one, Money) or isinstance(other, Money):
        return False
    return one >= other


def _other_currency(one: Bound, other: Bound) -> bool:
    return isinstance(one, Money) and isinstance(other, Money) and one.currency != other.currency


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
