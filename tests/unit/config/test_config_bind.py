"""A connector's options are its own pydantic model; whatever pydantic finds is said in our words, with its place."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Literal

import pytest
from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, field_validator, model_validator

from config import ConfigError, Problem, bind, try_bind
from config.yaml import parse


class Inner(BaseModel):
    """A mapping inside."""

    model_config = ConfigDict(extra="forbid")
    on: bool = False
    size: int = 0


class Options(BaseModel):
    """One of everything."""

    model_config = ConfigDict(extra="forbid")
    link: AnyHttpUrl | None = None
    code: str | None = Field(None, pattern="^[A-Z]+$", min_length=2, max_length=4)
    ratio: float | None = Field(None, gt=0, lt=1)
    price: Decimal | None = Field(None, ge=1)
    day: date | None = None
    at: datetime | None = None
    opens: time | None = None
    kind: Literal["small", "large"] | None = None
    names: Annotated[list[str], Field(min_length=1, max_length=2)] = ["a"]
    inner: Inner = Inner()
    many: dict[str, Inner] = {}
    rows: list[Inner] = []
    maybe: bool | None = None
    either: bool | str = False
    even: int = 0
    low: int = 0
    high: int = 9

    @field_validator("even")
    @classmethod
    def _is_even(cls, value: int) -> int:
        if value % 2:
            raise ValueError("this number must be even")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> "Options":
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("link: shop", '1:7: link: "shop" does not fit; allowed: a URL such as https://shop.example.com'),
        ("link: ftp://x", "1:7: link: \"ftp://x\" does not fit; allowed: a URL such as https://shop.example.com"),
        ("code: ab", '1:7: code: "ab" does not fit; allowed: the form ^[A-Z]+$'),
        ("code: A", '1:7: code: "A" does not fit; allowed: at least 2 characters'),
        ("code: ABCDE", '1:7: code: "ABCDE" does not fit; allowed: at most 4 characters'),
        ("code: [A]", "1:7: code: a list does not fit; allowed: text"),
        ("ratio: half", '1:8: ratio: "half" does not fit; allowed: a number'),
        ("ratio: 0", '1:8: ratio: "0" does not fit; allowed: more than 0.0'),
        ("ratio: 1", '1:8: ratio: "1" does not fit; allowed: less than 1.0'),
        ("price: NaN", '1:8: price: "NaN" does not fit; allowed: a number'),
        ("price: 0.5", '1:8: price: "0.5" does not fit; allowed: at least 1'),
        ("day: soon", '1:6: day: "soon" does not fit; allowed: a date such as 2026-06-01'),
        ("at: soon", '1:5: at: "soon" does not fit; allowed: a time such as 2026-06-01 09:00'),
        ("opens: late", '1:8: opens: "late" does not fit; allowed: a time of day such as 16:00'),
        ("kind: smal", '1:7: kind: "smal" is not known here; allowed: small, large; did you mean small?'),
        ("names: []", "1:8: names: a list does not fit; allowed: at least 1"),
        ("names: [a, b, c]", "1:8: names: a list does not fit; allowed: at most 2"),
        ("names: a", '1:8: names: "a" does not fit; allowed: a list'),
        ("names:", "1:7: names: has no value; allowed: a list"),
        ("inner: 5", '1:8: inner: "5" does not fit; allowed: a mapping of keys and values'),
        ("rows: [{on: yes}]", '1:13: rows[0].on: "yes" is neither true nor false; allowed: true, false; '
         "did you mean true?"),
        ("inner: {on: [a]}", "1:13: inner.on: a list does not fit; allowed: true, false"),
        ("inner: {sise: 1}", '1:9: inner.sise: "sise" is not a key here; allowed: on, size; did you mean size?'),
        ("many: {a: {on: 1}}", '1:16: many.a.on: "1" is neither true nor false; allowed: true, false'),
        ("many: {a: {size: x}}", '1:18: many.a.size: "x" does not fit; allowed: a whole number'),
        ("rows: [{size: 1}, {size: 1.5}]", '1:26: rows[1].size: "1.5" does not fit; allowed: a whole number'),
        ("rows: [{size: 1}, {on: n}]", '1:24: rows[1].on: "n" is neither true nor false; allowed: true, false'),
        ("maybe: no", '1:8: maybe: "no" is neither true nor false; allowed: true, false; did you mean false?'),
        ("even: 3", "1:7: even: this number must be even"),
        ("{low: 5, high: 4}", "1:1: low is above high"),
    ],
)  # fmt: skip
def test_every_kind_of_error_is_told_in_our_words(text: str, said: str) -> None:
    node = parse(text, "x.yaml")
    assert node is not None
    with pytest.raises(ConfigError) as refusal:
        bind(Options, node)
    assert str(refusal.value) == f"x.yaml:{said}"


@pytest.mark.parametrize(("text", "value"), [("true", True), ("False", False), ("TRUE", True), ("~", None)])
def test_true_and_false_are_the_only_booleans(text: str, value: bool | None) -> None:
    node = parse(f"maybe: {text}", "x.yaml")
    assert node is not None
    assert bind(Options, node).maybe is value


def test_where_a_text_may_stand_too_yes_is_a_text() -> None:
    node = parse("either: maybe so", "x.yaml")
    assert node is not None
    assert bind(Options, node).either == "maybe so"


def test_problems_of_several_bindings_gather_in_one_list() -> None:
    problems: list[Problem] = []
    for text in ("even: 1", "even: 2", "even: x"):
        node = parse(text, f"{text[-1]}.yaml")
        assert node is not None
        try_bind(Options, node, problems)
    assert [problem.file for problem in problems] == ["1.yaml", "x.yaml"]


def test_problems_are_told_in_the_order_of_the_file_and_once() -> None:
    late, early = Problem("a", 9, 1, "k", "late"), Problem("a", 2, 1, "k", "early")
    assert ConfigError([late, early, late]).problems == (early, late)
